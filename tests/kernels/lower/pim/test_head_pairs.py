"""Attention with its softmax in the stack: a run is the program of the unit, and waits for what the unit leaves out."""

from math import ceil
from typing import Any

import numpy as np
import pytest
from tests.kernels.lower.pim.test_lower import run

from bankside.arch.dram.channel.pim.run import AHEAD, Controller, run_programs
from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.lower.pim.attention_commands import Shape, attention_program
from bankside.kernels.lower.pim.placement import PLACEMENTS, place
from bankside.kernels.run.simulate import simulate
from bankside.unit import pim
from bankside.validation.runs import ATTACC, FOLDER

MACHINE = str(FOLDER / ATTACC)
PAIRS = "bank lanes + hub softmax, heads in pairs"


def slots(*overrides: str, heads: int = 16, tokens: int = 1025, **options: Any) -> int:
    """Slots of a run on a cool stack."""
    kernel = build("decode-attention", heads=heads, head_dim=128, context=tokens, format="fp16", **options)
    machine = load_machine(MACHINE, overrides)
    standard = machine.memories["hbm"].standard
    assert standard is not None
    return round(simulate(kernel, machine, duty=1e-3).to_dict()["time_fs"] / standard.slot_fs)


def softmax_slots(rows: int, tokens: int, *overrides: str) -> int:
    core = load_machine(MACHINE, overrides).cores["softmax"]
    standard = core.memory.standard
    assert standard is not None and core.spec.nonlinear is not None
    cycles = core.spec.nonlinear.cycles(np.array([[rows], [tokens], [1]]), work="softmax")
    return ceil(int(cycles.interval[0] + cycles.last[0]) * core.period_fs / standard.slot_fs)


@pytest.mark.parametrize("name", ["BA", "BG"])
@pytest.mark.parametrize("power", [True, False])
def test_a_run_has_the_cycles_of_the_unit(name: str, power: bool) -> None:
    settings = (
        f"cores.pe.tap=hbm.{PLACEMENTS[name]}",
        f"memories.hbm.device.pim.limits.power={str(power).lower()}",
    )
    standard = load_machine(MACHINE, settings).memories["hbm"].standard
    assert standard is not None
    entries, _ = attention_program(standard, place(standard, name), Shape(1025, 128), 1)
    done = run_programs(standard, [entries], Controller(AHEAD, 33))
    unit = pim.run_case({"pim_type": name, "L": 1025, "nhead": 3, "power_constraint": power})
    assert done.command_slots == unit["cycles"]
    # the next move would come two slots later anyway
    assert slots(*settings) == done.slots + softmax_slots(16, 1025) - 2


def test_a_slow_softmax_is_waited_for_by_the_heads_that_are_alone() -> None:
    slow = "cores.softmax.nonlinear.lanes=64"
    longer = softmax_slots(16, 1025, slow) - softmax_slots(16, 1025)
    assert longer > 200
    assert slots(slow) - slots() == longer
    # beside columns of another head half of the rounds hide it
    assert slots(slow, heads=32) - slots(heads=32) < 2 * longer


def test_keys_and_values_are_read_once_on_the_shipped_machines() -> None:
    for machine in ("attacc-bank", "attacc-bg"):
        done = run(machine, "decode-attention", heads=80, head_dim=128, context=2048, format="fp16")
        assert done["mapping"]["operators"][0]["unit"] == PAIRS
        assert (
            done["bandwidth"]["dram"]["bytes_read"]
            == done["bandwidth"]["dram"]["bytes_useful"]
            == 80 * 2 * 2048 * 256
        )
        assert done["bound"]["time_s"] < done["time_s"]


def test_queries_that_share_keys_take_their_multiplications() -> None:
    options: dict[str, Any] = {"kv_heads": 80, "head_dim": 128, "context": 2048, "format": "fp16"}
    one, many = (run("attacc-bank", "decode-attention", heads=80 * group, **options) for group in (1, 12))
    assert one["bandwidth"]["dram"]["bytes_read"] == many["bandwidth"]["dram"]["bytes_read"]
    assert many["mapping"]["operators"][0]["unit"] == PAIRS
    assert many["bound"]["time_s"] <= many["time_s"]
    assert many["stack_fs"]["compute"] > one["stack_fs"]["compute"] == 0


def test_what_does_not_fit_runs_as_products() -> None:
    shape: dict[str, Any] = {"head_dim": 128, "format": "fp16"}
    for overrides, options in (
        (["cores.pe.sram.size=256 B"], {"heads": 80, "context": 2048}),
        ([], {"heads": 8, "context": 2048}),  # tokens of a head lie in several channels
    ):
        done = run("attacc-bank", "decode-attention", *overrides, **shape, **options)
        assert done["mapping"]["operators"][0]["unit"] == "bank lanes + hub softmax"
    many = run("attacc-bank", "prefill-attention", heads=80, context=32, **shape)
    assert many["mapping"]["operators"][0]["unit"] == "bank lanes + hub softmax"


def test_equal_channels_are_folded() -> None:
    kernel, machine = (
        build("decode-attention", heads=17, head_dim=64, context=300, format="fp16"),
        load_machine(MACHINE),
    )
    folded, single = (simulate(kernel, machine, fold=fold).to_dict() for fold in (True, False))
    assert {**folded, "provenance": 0} == {**single, "provenance": 0}
