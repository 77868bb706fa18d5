"""Weights in flash, keys and values in DRAM: who reads what, handovers, and what the latency of a page costs."""

from typing import Any

import pytest

from bankside.arch import events as ev
from bankside.arch.machine.machine import Machine, load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.mappers import core_for
from bankside.kernels.mapping.plan import plan
from bankside.kernels.operators import Attention, MatMul
from bankside.kernels.run.outcome import Outcome
from bankside.kernels.run.phases import lower, run_phases
from bankside.kernels.run.simulate import simulate

LAYER = {"model": "llama-3-8b", "context": 512, "batch": 2}


def machine_with(*overrides: str) -> Machine:
    return load_machine("hbf-pnm", overrides)


def outcome(kernel: str, machine: Machine, **options: Any) -> Outcome:
    built = build(kernel, **options)
    return run_phases(machine, lower(machine, built, plan(machine, built), fold=True))


def test_products_with_weights_go_to_flash_and_attention_to_dram() -> None:
    machine = machine_with()
    for _, op in build("layer", **LAYER).operators():
        core = core_for(machine, op)
        if isinstance(op, MatMul):
            assert core.name == "stream", op.label
        else:
            assert core.name == "pe", op.label
        assert not isinstance(op, Attention) or core.memory.name == "hbm"


def test_weights_are_read_from_flash_once_and_nothing_is_written_to_it() -> None:
    kernel, machine = build("layer", **LAYER), machine_with()
    out = outcome("layer", machine, **LAYER)
    flash = out.events["memory.hbf"]
    weights = sum(op.weights_bytes for _, op in kernel.operators() if isinstance(op, MatMul))
    stripe = machine.memories["hbf"].channels * machine.memories["hbf"].burst_bytes
    products = sum(isinstance(op, MatMul) for _, op in kernel.operators())
    assert weights <= flash[ev.BYTES_VAULT] <= weights + products * stripe
    assert flash[ev.PAGE_PROGRAM] == 0
    pages = flash[ev.BYTES_VAULT] / 16384
    assert pages <= flash[ev.PAGE_READ] <= pages + machine.memories["hbf"].channels
    assert out.events["memory.hbm"][ev.COLUMN_WRITE] > 0


def test_keys_and_values_and_the_result_are_written_to_dram() -> None:
    written = simulate(build("layer", **LAYER), machine_with()).to_dict()["bandwidth"]["dram"][
        "bytes_written"
    ]
    cache, result = 2 * 2 * 8 * 128 * 2, 2 * 4096 * 2
    assert cache + result <= written <= cache + result + 2**14


def test_a_gemv_waits_one_page_and_then_for_the_bus() -> None:
    machine = machine_with()
    stack = simulate(build("gemv", m=4096, k=4096), machine).to_dict()["stack_fs"]
    weights_fs = 4096 * 4096 * 2 / 1.6384e12 * 1e15
    assert stack["flash"] == 15_000_000_000
    assert stack["dram_data"] == pytest.approx(weights_fs, rel=0.002)


@pytest.mark.parametrize("read_us", [1, 3, 10, 28])
def test_latency_is_paid_once_while_there_are_planes_enough(read_us: int) -> None:
    """96 planes give 1.6 TB/s up to 15.36 us; beyond, the planes set the time."""
    machine = machine_with(f"memories.hbf.flash.page.read={read_us} us")
    time_s = simulate(build("gemv", m=8192, k=8192), machine).time_s
    bytes_per_s = min(1.6384e12, 16 * 96 * 16384 / (read_us * 1e-6))
    assert time_s == pytest.approx(read_us * 1e-6 + 8192 * 8192 * 2 / bytes_per_s, rel=0.05)


def test_without_read_ahead_every_tile_waits() -> None:
    ahead = simulate(build("gemv", m=8192, k=8192), machine_with()).time_s
    alone = simulate(
        build("gemv", m=8192, k=8192), machine_with("memories.hbf.flash.read_ahead=stream")
    ).time_s
    assert alone > 1.1 * ahead


def test_energy_a_bit_is_the_published_one() -> None:
    for device, pj_bit in (("hbf", 20.0), ("hbf-6pj", 6.1)):
        machine = machine_with(f"memories.hbf.flash={device}")
        parts = simulate(build("gemv", m=8192, k=8192), machine).to_dict()["energy"]["parts_j"]
        moved = parts["activation"] + parts["bank_to_tsv"] + parts["tsv"] + parts["link"]
        assert moved / (8192 * 8192 * 16) == pytest.approx(pj_bit * 1e-12, rel=0.01)


def test_two_stacks_of_each_gather_over_the_package() -> None:
    options = {"m": 4096, "k": 4096}
    one = simulate(build("gemv", **options), load_machine("hbf-pnm")).to_dict()
    two = simulate(build("gemv", **options), load_machine("hbf-pnm", stacks=2)).to_dict()
    assert two["bandwidth"]["link"]["bytes_read"] > one["bandwidth"]["link"]["bytes_read"] == 0
    assert two["stack_fs"]["link_latency"] > 0
    assert two["stack_fs"]["dram_data"] == pytest.approx(one["stack_fs"]["dram_data"] / 2, rel=0.01)


def test_activations_in_flash_are_refused_in_a_sentence() -> None:
    with pytest.raises(
        ConfigError, match="--set primary=stream: core 'stream' taps flash; activations lie in"
    ):
        machine_with("primary=stream")


def test_a_flash_memory_cannot_be_tapped_in_a_dram_die() -> None:
    with pytest.raises(ConfigError, match="taps a DRAM die, but 'hbf' has none"):
        machine_with("cores.stream.tap=hbf.bank")
