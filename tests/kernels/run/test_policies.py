"""Kernels under the policies of channels: every DRAM machine runs on each, and hosts of HBM reach what is measured."""

from functools import cache
from typing import Any

import numpy as np
import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError, names
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

DRAM = [
    name
    for name in names("machines")
    if any(memory.standard is not None for memory in load_machine(name).memories.values())
]
FORMATS = {"upmem": {"format": "int8"}}
QUEUED = ("frfcfs", "frfcfs-rowhit", "per-bank")
CLOSED = "memories.hbm.controller.page=closed"
WIDE = {"m": 28672, "k": 8192}


def under(machine: str, policy: str) -> list[str]:
    """Settings that put every DRAM of a machine under a policy."""
    memories = load_machine(machine).memories.items()
    return [f"memories.{name}.controller.policy={policy}" for name, memory in memories if memory.standard]


def run(machine: str, settings: list[str], fold: bool = True, **options: Any) -> dict[str, Any]:
    kernel = build("gemv", **FORMATS.get(machine, {}) | options)
    return simulate(kernel, load_machine(machine, settings), fold=fold).to_dict()


@cache
def in_order(machine: str) -> dict[str, Any]:
    """What a small product takes under the default."""
    return run(machine, under(machine, "in-order"), m=512, k=512)


@pytest.mark.parametrize("policy", QUEUED)
@pytest.mark.parametrize("machine", DRAM)
def test_every_dram_machine_runs_under_every_policy(machine: str, policy: str) -> None:
    queued, plain = run(machine, under(machine, policy), m=512, k=512), in_order(machine)
    assert sum(queued["stack_fs"].values()) == queued["time_fs"]
    assert queued["bandwidth"]["dram"]["bytes_read"] == plain["bandwidth"]["dram"]["bytes_read"]
    assert 0.85 < queued["time_fs"] / plain["time_fs"] < 1.6
    assert queued["bound"]["fraction"] <= 1.0


@pytest.mark.parametrize("policy", QUEUED)
def test_closed_pages_activate_a_row_for_every_column(policy: str) -> None:
    sets = under("xpu-a100", policy)
    kept, closed = (run("xpu-a100", [*sets, *more], m=512, k=512) for more in ([], [CLOSED]))
    bursts = kept["bandwidth"]["dram"]["bytes_read"] // 32
    device = load_machine("xpu-a100").memories["hbm"].spec.device
    assert device is not None and device.energy is not None and device.burst.bytes == 32
    rows = [each["energy"]["parts_j"]["activation"] / device.energy.activate for each in (kept, closed)]
    assert round(rows[1]) >= bursts > 4 * round(rows[0])
    assert closed["time_fs"] > kept["time_fs"]


def test_closed_pages_are_refused_where_rows_have_to_stay_open() -> None:
    with pytest.raises(ConfigError, match="in-order keeps rows open"):
        load_machine("xpu-a100", [CLOSED])
    with pytest.raises(ConfigError, match="PIM commands need rows to stay open"):
        load_machine("attacc-bank", [*under("attacc-bank", "frfcfs"), CLOSED])


@pytest.mark.parametrize("policy", QUEUED)
def test_folded_equals_unfolded(policy: str) -> None:
    one, other = (run("hmc-vault", under("hmc-vault", policy), fold, m=100, k=300) for fold in (True, False))
    for document in (one, other):
        document.pop("provenance")
    assert one == other


def test_a_memory_bound_gemv_reaches_what_is_measured_on_a_gpu() -> None:
    """Memory-bound kernels reach 90 % of the pins' bandwidth (llm_kernel_facts-231); refreshes take 9 %."""
    result = run("xpu-h100", [], **WIDE)
    assert 0.85 < result["bandwidth"]["dram"]["utilisation"] < 0.93


def test_refresh_bank_by_bank_is_not_slower_than_of_all_banks() -> None:
    each, every = (
        run("xpu-h100", [f"memories.hbm.device.refresh.mode={mode}"], **WIDE)
        for mode in ("per_bank", "all_bank")
    )
    assert each["time_fs"] <= every["time_fs"]
    assert each["cycle_stack"]["dram_refresh"] < every["cycle_stack"]["dram_refresh"]


@pytest.mark.parametrize("policy", ("in-order", *QUEUED))
@pytest.mark.parametrize("machine", ["base-die", "attacc-bank", "hbm-pim"])
def test_6_runs_charge_refreshes_no_more_than_they_last(machine: str, policy: str) -> None:
    """Of random products, with refreshes of all banks and bank by bank where the device has them; and of every channel
    alike, as all begin at once: what is charged is at most what its own take, each node's after the other."""
    rng = np.random.default_rng(len(machine) + len(policy))
    (name,), core = load_machine(machine).memories, load_machine(machine).primary
    started = (
        [f"cores.{core.name}.launch=0 s"] if core.in_dram_die else []
    )  # short products begin with refreshes
    found = 0
    for mode in ("all_bank", "per_bank"):
        sets = [*under(machine, policy), f"memories.{name}.device.refresh.mode={mode}", *started]
        try:
            memory = load_machine(machine, sets).memories[name]
        except ConfigError:
            assert mode == "per_bank"
            continue
        standard = memory.standard
        assert standard is not None and standard.spec.energy is not None
        refresh, banks = standard.spec.refresh, standard.banks * (mode == "per_bank")
        lasts_s = standard.timings_ck["tRFCpb" if banks else refresh.cycle] / standard.spec.clock
        for m, k in rng.integers(1, 8000, (2, 2)).tolist():
            result = run(machine, sets, m=m, k=k)
            each_j = standard.spec.energy.refresh / max(1, banks) * memory.channels
            refreshes = round(result["energy"]["parts_j"]["refresh"] / each_j) * (
                1 if banks else standard.refresh_nodes
            )
            assert result["stack_fs"]["dram_refresh"] <= refreshes * lasts_s * 1e15 + 1
            found += result["stack_fs"]["dram_refresh"]
    assert found > 0
