"""Placements against the plain memory: the trend of Table 4 of Ma & Patterson, from runs."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

TO_THE_TAP = ("activation", "array_to_bank", "bank_to_tsv", "tsv", "phy")


def document(machine: str) -> dict[str, Any]:
    return simulate(build("gemv", m=4096, k=4096), load_machine(machine)).to_dict()


def test_nearer_taps_gain_bandwidth_for_the_same_power() -> None:
    """PIM 5 to 10 times the bandwidth of a watt, beside 1.09 times of the base die, as the parts of AttAcc have it."""
    bank, buffer = document("attacc-bank"), document("attacc-buffer")
    gains = []
    for done in (bank, buffer):
        spent = sum(done["energy"]["parts_j"][part] for part in TO_THE_TAP)
        moved = done["bandwidth"]["dram"]
        gains.append(
            done["placement"]["pins_j_per_bit"] * 8 * (moved["bytes_read"] + moved["bytes_written"]) / spent
        )
    assert 4.5 < gains[0] < 10
    assert 1.0 < gains[1] < 1.2
    assert (
        bank["placement"]["pins_Bps"]
        == buffer["placement"]["pins_Bps"]
        == buffer["bandwidth"]["dram"]["peak_Bps"]
    )
    assert bank["bandwidth"]["dram"]["peak_Bps"] / bank["placement"]["pins_Bps"] > 5


def test_shards_are_banks_and_vaults() -> None:
    bank, buffer = (document(name)["placement"] for name in ("attacc-bank", "attacc-buffer"))
    machine = load_machine("attacc-bank")
    standard = machine.memories["hbm"].standard
    assert standard is not None
    assert bank["shards"] == machine.memories["hbm"].channels * standard.banks
    assert buffer["shards"] == machine.memories["hbm"].channels
    assert bank["shard_bytes"] == machine.memories["hbm"].capacity_bytes // bank["shards"]
    assert bank["capacity_lost"] == machine.memories["hbm"].lost > 0 == buffer["capacity_lost"]
    assert bank["mac_area_ratio"] > 10 and bank["mac_energy_ratio"] > 2
    assert buffer["mac_area_ratio"] == 1 == buffer["mac_energy_ratio"]


def test_headroom_is_what_is_left_below_doubled_refresh() -> None:
    done = document("xpu-a100")
    assert done["placement"]["headroom_c"] == pytest.approx(85 - done["thermal"]["peak_c"]["dram"])
    assert done["placement"]["shards"] == 1


@pytest.mark.parametrize(
    ("machine", "kernel", "options", "where", "of_pins"),
    [
        ("hbm-pim", "gemv", {"m": 4096, "k": 4096}, ("PIM", "hbm.bank_pair"), 4),
        ("hbm-pim", "gemv", {"m": 4096, "k": 4096, "batch": 64}, ("host", "hbm.host"), 1),
        ("hbm-pim", "softmax", {"rows": 32, "cols": 4096}, ("PIM", "hbm.bank_pair"), 4),
        ("attacc-gpu", "gemv", {"m": 4096, "k": 4096}, ("host", "hbm.host"), 1),
        ("base-die", "gemv", {"m": 4096, "k": 4096}, ("PNM", "hbm.base"), 1),
    ],
)
def test_a_run_is_placed_where_its_multiplications_are(
    machine: str, kernel: str, options: dict[str, int], where: tuple[str, str], of_pins: float
) -> None:
    """And its peak is of that tap, of the memory that is used alone: so many times that of its pins."""
    on = load_machine(machine)
    done = simulate(build(kernel, **options), on).to_dict()
    assert (done["machine"]["placement"], done["machine"]["tap"]) == where
    memory = next(core.memory for core in on.cores.values() if core.spec.tap == where[1])
    pins = memory.channel_peak("vault") * memory.channels
    assert done["bandwidth"]["dram"]["peak_Bps"] == pytest.approx(of_pins * pins)
    assert done["placement"]["pins_Bps"] == pytest.approx(pins)
