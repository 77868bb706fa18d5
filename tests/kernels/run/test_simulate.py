"""Whole runs on the shipped machines: the result contract, conservation, folding, determinism, bounds."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from tests.calling import calls

from bankside.arch.causes import CAUSES
from bankside.arch.events import N_EVENT
from bankside.arch.machine.machine import Machine, load_machine
from bankside.arch.spec import ConfigError, names
from bankside.arch.technology.energy import PARTS
from bankside.kernels.catalog.catalog import build
from bankside.kernels.operators import Kernel
from bankside.kernels.run.outcome import Outcome
from bankside.kernels.run.simulate import simulate

MACHINES = names("machines")
FORMATS = {"upmem": {"format": "int8"}}  # its processors have no other
SMALL = ("decode-attention", {"heads": 8, "kv_heads": 2, "head_dim": 64, "context": 509, "batch": 3})


def run(
    machine: str, kernel: str, *, fold: bool = True, overrides: tuple[str, ...] = (), **options: Any
) -> dict[str, Any]:
    options = FORMATS.get(machine, {}) | options
    return simulate(build(kernel, **options), load_machine(machine, overrides), fold=fold).to_dict()


def without_provenance(document: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in document.items() if key != "provenance"})


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("kernel", "options"),
    [
        ("gemv", {"m": 1000, "k": 777}),
        ("gemm", {"m": 33, "n": 250, "k": 129}),
        SMALL,
        ("softmax", {"rows": 17, "cols": 1001}),
    ],
)
def test_every_machine_keeps_the_result_contract(machine: str, kernel: str, options: dict[str, Any]) -> None:
    result = run(machine, kernel, **options)
    assert result["schema"] == "bankside/result/1"
    assert list(result["cycle_stack"]) == list(CAUSES)
    assert sum(result["cycle_stack"].values()) == result["cycles"]["count"]
    assert sum(result["stack_fs"].values()) == result["time_fs"]
    assert 0.0 < result["bound"]["fraction"] <= 1.0
    assert list(result["energy"]["parts_j"]) == list(PARTS)
    assert 0.0 <= result["energy"]["core_j"] <= result["energy"]["total_j"]
    assert all(joule >= 0.0 for joule in result["energy"]["parts_j"].values())
    assert result["energy"]["total_j"] == pytest.approx(sum(result["energy"]["parts_j"].values()), rel=1e-12)
    assert sum(op["time_s"] for op in result["ops"]) == pytest.approx(result["time_s"], rel=1e-12)
    for level in result["bandwidth"].values():
        assert 0.0 <= level["utilisation"] <= 1.0 + 1e-12
    assert result["thermal"]["density_w_per_mm2"]["max"] >= result["thermal"]["density_w_per_mm2"]["mean"] > 0


@pytest.mark.parametrize("machine", MACHINES)
def test_t1_operands_cross_the_tap_at_least_once(machine: str) -> None:
    kernel = build("gemv", m=1000, k=777, **FORMATS.get(machine, {}))
    dram = run(machine, "gemv", m=1000, k=777)["bandwidth"]["dram"]
    assert dram["bytes_read"] >= dram["bytes_useful"] >= kernel.weights_bytes
    options = SMALL[1]
    kernel = build(SMALL[0], **options, **FORMATS.get(machine, {}))
    dram = run(machine, SMALL[0], **options)["bandwidth"]["dram"]
    assert dram["bytes_read"] >= kernel.kv_bytes


@pytest.mark.parametrize(
    "machine", ["attacc-bank", "hbm-pim", "hybrid-3d", "base-die", "xpu-a100", "hbf-pnm", "upmem"]
)
@pytest.mark.parametrize(("kernel", "options"), [("gemv", {"m": 1000, "k": 300}), SMALL])
def test_t7_folding_changes_no_number(machine: str, kernel: str, options: dict[str, Any]) -> None:
    folded = run(machine, kernel, **options)
    assert without_provenance(folded) == without_provenance(run(machine, kernel, fold=False, **options))


def test_s2_same_input_same_bytes() -> None:
    first, second = (run("hybrid-3d", "gemm", m=40, n=300, k=500) for _ in range(2))
    assert without_provenance(first) == without_provenance(second)


def test_taps_outward_lose_bandwidth_and_pay_more_energy() -> None:
    """The idea of the house: nothing but the tap of the same device changes."""
    peaks, per_bit = [], []
    for tap in ("bank", "bank_group", "vault", "host"):
        result = run("attacc-bank", "gemv", m=4096, k=4096, overrides=(f"cores.pe.tap=hbm.{tap}",))
        dram, parts = result["bandwidth"]["dram"], result["energy"]["parts_j"]
        peaks.append(dram["peak_Bps"])
        moved = sum(parts[part] for part in ("activation", "array_to_bank", "bank_to_tsv", "tsv", "phy"))
        per_bit.append(moved / dram["bytes_read"] / 8)
    assert peaks == sorted(peaks, reverse=True)
    assert all(inner < outer for inner, outer in pairwise(per_bit))


def test_h_duty_scales_power_and_temperature_only() -> None:
    """Clocks, leakage, standby and refreshes go on while nothing runs."""
    kernel, machine = build("gemv", m=8192, k=8192), load_machine("hybrid-3d")
    full, half = simulate(kernel, machine), simulate(kernel, machine, duty=0.5)
    assert half.time_s == full.time_s
    parts, cooler = full.document["energy"]["parts_j"], half.document["energy"]["parts_j"]
    assert {**parts, "static": 0.0} == {**cooler, "static": 0.0}
    assert 0.7 * parts["static"] < cooler["static"] < parts["static"]
    moving_w = (full.energy_j - parts["static"] - parts["clock"] - parts["refresh"]) / full.time_s
    standing_w = (cooler["static"] + cooler["clock"] + cooler["refresh"]) / full.time_s
    assert standing_w > 1 and parts["refresh"] > 0
    assert half.document["power_w"] == pytest.approx(moving_w / 2 + standing_w)
    with pytest.raises(ConfigError, match="duty must be above 0 and at most 1, not 0"):
        simulate(kernel, machine, duty=0.0)


def test_a_problem_beyond_the_stack_is_refused_with_the_stacks_it_needs() -> None:
    kernel = build("decode-step", model="llama-3-70b", context=1024, batch=1)
    with pytest.raises(ConfigError, match=r"needs 13\d\.\d+ GiB in memory hbm of hybrid-3d.*--stacks \d+"):
        simulate(kernel, load_machine("hybrid-3d"))


def test_a_network_that_joins_fewer_packages_than_would_hold_the_problem_says_so() -> None:
    told = r"in 1 stack\(s\): 10 stacks would hold it, and are not joined\. .* 8 links cannot be joined to 9 others"
    with pytest.raises(ConfigError, match=told):
        simulate(build("gemv", m=65536, k=16384), load_machine("sram-lpu", ["path.host.network.radix=8"]))


@pytest.mark.parametrize("machine", ["lp5x-pim", "aim"])
def test_what_no_memory_holds_is_refused_before_anything_is_tried(machine: str) -> None:
    """A trial of 4 TiB in banks takes minutes."""
    kernel, on = build("gemv", m=2**20, k=2**21), load_machine(machine)
    assert calls(lambda: refused(kernel, on)) < 2000


def refused(kernel: Kernel, machine: Machine) -> None:
    with pytest.raises(ConfigError, match="holds"):
        simulate(kernel, machine)


def test_packages_that_each_hold_too_much_are_told_how_many_would_do() -> None:
    """Not the number that runs already: what a package needs is its share of what all of them hold."""
    kernel = build("decode-step", model="llama-3-70b", context=8192, batch=64)
    told = (
        r"needs 145\.\d+ GiB in memory hbm of each of 2 packages of xpu-h100, .*shard it with --stacks 20\."
    )
    with pytest.raises(ConfigError, match=told):
        simulate(kernel, load_machine("xpu-h100", stacks=10), parallel="tp")


def test_no_more_stacks_are_advised_than_a_run_takes() -> None:
    with pytest.raises(ConfigError, match=r"\b268221 stacks would hold it, and 4096 are the most\.$"):
        simulate(build("softmax", rows=64, cols=9_000_000_000_000), load_machine("hybrid-3d"))


def test_a_run_beyond_what_femtoseconds_count_is_refused() -> None:
    machine = load_machine("hybrid-3d", ["cores.pe.clock=1 MHz"])
    with pytest.raises(ConfigError, match=r"gemm takes .* s or more on hybrid-3d; 1000 s are the most"):
        simulate(build("gemm", m=36_000, n=36_000, k=36_000), machine)


LAUNCHES = """
from dataclasses import replace
import bankside as bs
machine = bs.machine("hybrid-3d", overrides=["cores.pe.launch=1 s"])
kernel = bs.kernel("gemv", m=64, k=64)
phase = kernel.phases[0]
for count in (4000, 5000, 10**4, 10**6):
    try:
        result = bs.simulate(replace(kernel, phases=(replace(phase, count=count),)), machine)
        print(count, result.document["time_fs"] == sum(result.document["stack_fs"].values()) > 0)
    except bs.ConfigError as error:
        print(count, error)
"""


@pytest.mark.parametrize("optimised", ["", "1"])
def test_sums_of_launches_and_phases_are_refused_where_they_wrap_with_and_without_asserts(
    optimised: str,
) -> None:
    env = os.environ | {"PYTHONOPTIMIZE": optimised, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHES], env=env, capture_output=True, text=True, check=True
    )
    fits, *refused = done.stdout.splitlines()
    assert fits == "4000 True"
    assert len(refused) == 3
    for line in refused:
        assert "gemv on hybrid-3d: The phases take" in line
        assert "4,612 s (2^62 fs) are the most that can be counted" in line


def test_events_that_do_not_fit_are_refused() -> None:
    zero = np.zeros(N_EVENT, dtype=np.int64)
    for row, times in ((1 << 40, 1 << 23), (-1, 1), ((1 << 62) + 1, 1)):
        with pytest.raises(ConfigError, match=r"memory\.hbm counts more than 2"):
            Outcome().count("memory.hbm", zero + row, times)
    outcome = Outcome()
    outcome.count("memory.hbm", zero + (1 << 40), 1 << 22)
    with pytest.raises(ConfigError, match=r"memory\.hbm counts more than 2"):
        outcome.count("memory.hbm", zero + 1, 1)


def test_a_core_without_the_format_uses_its_own_of_that_width_and_says_so() -> None:
    result = run("sram-lpu", "gemv", m=64, k=64, format="bf16")
    assert any("has no bf16; it computes in fp16" in sentence for sentence in result["warnings"])
    with pytest.raises(ConfigError, match="none of them has the 32 bits of fp32"):
        run("hbm-pim", "gemv", m=64, k=64, format="fp32")


@pytest.mark.parametrize("machine", ["hbm-pim", "hybrid-3d", "xpu-h100"])
def test_a_layer_appends_its_keys_and_values_to_the_cache(machine: str) -> None:
    written = run(machine, "layer", model="llama-3-8b", context=64, batch=3)["bandwidth"]["dram"][
        "bytes_written"
    ]
    cache = 3 * 2 * 8 * 128 * 2  # sequences, keys and values, heads, elements, bytes
    result = 3 * 4096 * 2
    assert cache + result <= written <= cache + result + 2**14  # whole stripes


@pytest.mark.parametrize("stacks", [0, 99_999_999])
def test_impossible_numbers_of_stacks_are_refused_in_a_sentence(stacks: int) -> None:
    with pytest.raises(ConfigError, match="number of stacks must be a whole number from 1 to 4096, not"):
        load_machine("hybrid-3d", (), stacks)


@pytest.mark.parametrize(("free_byte", "loop", "crowded"), [(2**20, "m", False), (2**16, "n", True)])
def test_copies_for_rows_fit_beside_all_tensors_of_the_kernel(
    free_byte: int, loop: str, crowded: bool
) -> None:
    """Weights of 8 KiB go to 16 nodes: 120 KiB, whatever else of the model the memory holds."""
    kernel, machine = build("gemm", m=65536, n=64, k=64, format="bf16"), load_machine("hybrid-3d")
    idle_byte = machine.primary.memory.capacity_bytes - kernel.capacity_bytes - free_byte
    result = simulate(replace(kernel, idle_bytes=int(idle_byte)), machine).document
    assert result["mapping"]["operators"][0]["split"][loop] == 16
    assert any("the copies of its operands" in warning for warning in result["warnings"]) == crowded


def test_t7_nodes_are_alike_only_where_their_channels_are() -> None:
    """17 rows over 15 nodes of 16 channels give two nodes a row more, whose channels lie at other cores too."""
    machine = load_machine("attacc-buffer", (), 15)
    kernel = build("layer", model="gpt2", context=200, batch=17, stage="decode")
    folded, single = (simulate(kernel, machine, fold=fold).to_dict() for fold in (True, False))
    assert without_provenance(folded) == without_provenance(single)


def test_a_limit_of_power_slows_the_clock_until_it_holds() -> None:
    kernel = build("gemm", m=2048, n=2048, k=2048)
    free, held = (
        simulate(kernel, load_machine("xpu-h100", [f"power_limit={limit}"])) for limit in ("null", "400 W")
    )
    assert free.document["power_limit"] == {"limit_w": None, "clock_share": 1.0}
    assert free.document["power_w"] > 400 >= held.document["power_w"] > 380
    share = held.document["power_limit"]["clock_share"]
    assert 0.4 < share < 0.9 and held.time_s > free.time_s and held.energy_j < free.energy_j
    assert held.document["cycles"]["clock_hz"] == pytest.approx(1830e6 * share)
    slowed = f"The limit of 400 W slows the core sm from 1830 to {1830 * share:.0f} MHz."
    assert slowed in held.document["warnings"]
    assert held.document["bound"]["time_s"] == free.document["bound"]["time_s"]


def test_a_limit_below_what_the_slowest_clock_draws_is_refused() -> None:
    machine = load_machine("xpu-h100", ["power_limit=60 W"])
    with pytest.raises(
        ConfigError, match=r"power_limit: A package of xpu-h100 draws .* below the limit of 60 W"
    ):
        simulate(build("gemm", m=2048, n=2048, k=2048), machine)


def test_rows_that_a_softmax_unit_cannot_add_up_are_told() -> None:
    heads: dict[str, Any] = {"heads": 8, "kv_heads": 8, "head_dim": 64, "context": 4096}
    ita = ("cores.pe.nonlinear.softmax=ita",)
    runs = (
        run("base-die", "decode-attention", overrides=ita, **heads),
        run("base-die", "decode-attention", overrides=ita, **heads, window=2048),
        run("base-die", "softmax", overrides=ita, rows=16, cols=2049),
        run("base-die", "softmax", overrides=ita, rows=16, cols=2048),
        run("base-die", "decode-attention", **heads),
    )
    sentence = "longer than the 2048 that the sums of pe.nonlinear hold"
    told = [any(sentence in each for each in found["warnings"]) for found in runs]
    assert told == [True, False, True, False, False]


@pytest.mark.parametrize(("kernel", "options"), [("gemv", {"m": 1000, "k": 777}), SMALL])
def test_a_run_of_more_operations_than_are_kept_is_refused(
    kernel: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bankside.arch.engine.program.MOST_OPS", 2)
    said = (
        f"{kernel} on base-die: The run has [0-9]+ tile operations or more, .* 2 are the most that are kept"
    )
    with pytest.raises(ConfigError, match=said):
        run("base-die", kernel, **options)
