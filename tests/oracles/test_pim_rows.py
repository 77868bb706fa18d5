"""All-bank bandwidth is banks x column / tCCD without limits, and each limit lowers it by its own closed form."""

import itertools
from fractions import Fraction
from typing import Any

import pytest
from tests.oracles.pim_rows import opening_slots, row_bytes_per_slot, row_period_slots

from bankside.arch.dram.channel.pim.program import PimProgram
from bankside.arch.dram.channel.pim.run import AHEAD, Controller, run_programs, trace_lines
from bankside.arch.dram.device.commands import MAC
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.peak import peak_bytes_per_s
from bankside.arch.dram.device.sections import Limits, PowerLimit
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.spec import load
from bankside.arch.spec.timing import Duration

NONE: dict[str, Any] = {"tRRD": False, "tFAW": False, "t32AW": False, "power": False}

# hbm2-pim: an activation holds the row bus two clocks and its latencies count from the second
OPEN, COLUMN, CLOSE = 14 + 1, 4, 5 + 14 - 1


def device(name: str, **limits: Any) -> DeviceSpec:
    """A shipped device with exactly these limits on."""
    spec = load(name, "devices", DeviceSpec).spec
    assert spec.pim is not None
    pim = spec.pim.model_copy(update={"limits": Limits(**(NONE | limits)), "mode": "mixed"})
    return spec.model_copy(update={"pim": pim})


def measured_period(spec: DeviceSpec, scope: str, columns: int, rows: int = 12, more: int = 1) -> Fraction:
    """Slots that each of the last `more` rows takes in a stream of rows of one slice."""
    standard = compile_standard(spec, scope)
    ends = []
    for count in (rows - more, rows):
        program = PimProgram()
        for row in range(count):
            program.add(MAC, int(standard.packed[0]["member"][0]), row, range(columns))
        ends.append(
            run_programs(standard, [program.entries()], Controller(AHEAD), refresh=False).command_slots
        )
    return Fraction(ends[1] - ends[0], more)


def test_without_limits_every_bank_gives_a_column_each_tccd() -> None:
    spec = device("hbm2-pim")
    standard = compile_standard(spec, "bank")
    program = PimProgram()
    program.add(MAC, int(standard.packed[0]["member"][0]), 7, range(32))
    done = run_programs(standard, [program.entries()], Controller(AHEAD), trace=128, refresh=False)
    slots = [slot for slot, name, bank, *_ in trace_lines(done.trace) if name == "MAC" and bank < 16]
    assert [b - a for a, b in itertools.pairwise(slots)] == [4] * 31
    both = standard.pseudo_channels  # which do the same in lock step
    assert done.counts == {"activate": 16 * both, "column_read": 512 * both, "bytes_bank": 512 * 32 * both}
    per_slot = Fraction(16 * 32, 4) * standard.pseudo_channels
    assert peak_bytes_per_s(standard, "bank") == float(per_slot * 10**9)


@pytest.mark.parametrize("columns", [1, 5, 32])
@pytest.mark.parametrize(
    ("limits", "spread"),
    [
        ({}, 0),
        ({"tRRD": True}, 15 * 4),
        ({"tFAW": True}, 3 * 16),
        ({"tRRD": True, "tFAW": True}, 15 * 4),
        ({"power": PowerLimit(window="100 ns", activates=8)}, 100),
        ({"power": PowerLimit(window="30 ns", activates=2)}, 7 * 30),
    ],
)
def test_staged_activations_add_their_spread(limits: dict[str, Any], spread: int, columns: int) -> None:
    spec = device("hbm2-pim", **limits)
    assert opening_slots(spec, "bank")[-1] == spread
    way = spread + max(OPEN + (columns - 1) * COLUMN + 5, 33 + 1) + 13
    power = limits.get("power")
    paced = 16 // power.activates * round(power.window * 1e9) if power else 0
    assert (
        measured_period(spec, "bank", columns) == row_period_slots(spec, "bank", columns) == max(way, paced)
    )


def test_an_average_power_window_paces_whole_rows() -> None:
    spec = device("hbm2-pim", power=PowerLimit(window="1 us", activates=16))
    assert measured_period(spec, "bank", 32) == row_period_slots(spec, "bank", 32) == 1000
    assert row_bytes_per_slot(spec, "bank", 32) == Fraction(16 * 32 * 32, 1000)


@pytest.mark.parametrize(("power", "interval"), [(False, 4), (True, 6)])
def test_a_power_limit_on_columns_stretches_the_mac_interval(power: bool, interval: int) -> None:
    spec = device("attacc-hbm3-5200", power=power)
    expected = 19 + 31 * interval + 8 + 19
    assert measured_period(spec, "bank", 32) == row_period_slots(spec, "bank", 32) == expected


@pytest.mark.parametrize("limit", ["tRRD", "tFAW", "power"])
def test_a_limit_never_raises_bandwidth(limit: str) -> None:
    value = PowerLimit(window="200 ns", activates=4) if limit == "power" else True
    free, held = device("hbm2-pim"), device("hbm2-pim", **{limit: value})
    for columns in (1, 8, 32):
        assert row_bytes_per_slot(held, "bank", columns) <= row_bytes_per_slot(free, "bank", columns)
    assert row_bytes_per_slot(held, "bank", 1) < row_bytes_per_slot(free, "bank", 1)


def with_t32aw(slots: int, **limits: Any) -> DeviceSpec:
    """hbm2-pim with a window of 32 activations, which GDDR6 has and HBM2 lacks."""
    spec = device("hbm2-pim", t32AW=True, **limits)
    window = spec.constraints[0].model_copy(
        update={"level": "pseudo_channel", "preceding": ("ACT",), "following": ("ACT",), "latency": ("t32AW",),
                "window": 32, "sibling": False}
    )  # fmt: skip
    timings = {**spec.timings, "t32AW": Duration(cycle=float(slots), s=None)}
    return spec.model_copy(update={"timings": timings, "constraints": (*spec.constraints, window)})


@pytest.mark.parametrize("slots", [100, 401, 1000])
@pytest.mark.parametrize("columns", [1, 8, 32])
def test_t32aw_paces_every_two_rows_of_sixteen_banks(slots: int, columns: int) -> None:
    free = row_period_slots(device("hbm2-pim"), "bank", columns)
    spec = with_t32aw(slots)
    expected = max(free, Fraction(slots, 2))
    assert row_period_slots(spec, "bank", columns) == expected
    assert measured_period(spec, "bank", columns, more=2) == expected


@pytest.mark.parametrize("slots", [500, 1000])
def test_t32aw_and_trrd_hold_together(slots: int) -> None:
    """The 33rd activation is the first of the row after next, and both spread alike: their gap is the window."""
    spec = with_t32aw(slots, tRRD=True)
    expected = max(row_period_slots(device("hbm2-pim", tRRD=True), "bank", 1), Fraction(slots, 2))
    assert row_period_slots(spec, "bank", 1) == measured_period(spec, "bank", 1, more=2) == expected


def test_t32aw_paces_four_rows_of_half_the_banks() -> None:
    spec = with_t32aw(900)
    assert row_period_slots(spec, "bank_pair", 1) == Fraction(900, 4)
    assert measured_period(spec, "bank_pair", 1, rows=16, more=4) == Fraction(900, 4)


def test_t32aw_off_is_no_limit() -> None:
    spec = with_t32aw(100_000)
    assert spec.pim is not None
    off = spec.model_copy(update={"pim": spec.pim.model_copy(update={"limits": Limits(**NONE)})})
    assert measured_period(off, "bank", 8) == measured_period(device("hbm2-pim"), "bank", 8)
