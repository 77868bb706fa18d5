"""PIM programs: every command legal, every entry served once and in the order of its fences, every slot charged."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.arch.dram.pim_trace import singles, timing, violations

from bankside.arch.dram.channel.pim.program import (
    BANK,
    COLUMN,
    FENCE,
    NO_ROW,
    ROW,
    Entries,
    PimProgram,
    commands,
    merged,
)
from bankside.arch.dram.channel.pim.run import AHEAD, FENCED, Controller, run_programs, trace_lines
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR, RD, WR
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.sections import Limits
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import ConfigError, load
from bankside.kernels.lower.pim.elementwise_commands import elementwise_program
from bankside.kernels.lower.pim.host import host_programs
from bankside.unit.pim import gemv_program

COLUMN_NAMES = {"RD", "WR", "MAC", "PIM_WR", "PIM_RD"}
CONTROLLERS = (Controller(FENCED), Controller(FENCED, 4, 2), Controller(AHEAD, 33), Controller(AHEAD, 1))


def device(scope: str, name: str = "hbm2-pim", **limits: Any) -> Standard:
    """hbm2-pim with these limits on."""
    spec = load(name, "devices", DeviceSpec).spec
    assert spec.pim is not None
    off = {"tRRD": False, "tFAW": False, "t32AW": False, "power": False}
    pim = spec.pim.model_copy(update={"limits": Limits(**(off | limits))})
    return compile_standard(spec.model_copy(update={"pim": pim}), scope)


PAIRS = device("bank_pair")
STAGED = device("bank_pair", tFAW=True)
ONE_BY_ONE = device("bank_pair", tRRD=True, tFAW=True)


@st.composite
def programs(draw: st.DrawFn) -> Entries:
    """Runs of columns at single banks or at slices, register moves, and fences."""
    program = PimProgram()
    for _ in range(draw(st.integers(1, 12))):
        command = draw(st.sampled_from([RD, WR, MAC, MAC, PIM_WR, PIM_RD]))
        bank = draw(st.integers(0, 15)) if command in (RD, WR) else draw(st.integers(0, 1))
        row = NO_ROW if command == PIM_RD else draw(st.integers(0, 3))
        first = draw(st.integers(0, 24))
        program.add(command, bank, row, range(first, first + draw(st.integers(1, 8))))
        if draw(st.booleans()) or command not in (RD, WR):
            program.fence()
    return program.entries()


@settings(max_examples=60, deadline=None)
@given(programs(), st.sampled_from(CONTROLLERS), st.sampled_from([PAIRS, STAGED, ONE_BY_ONE]))
def test_d1_every_command_is_legal_and_every_entry_served(
    entries: Entries, controller: Controller, standard: Standard
) -> None:
    done = run_programs(standard, [entries], controller, trace=2000, modes=False)
    limits = standard.spec.pim.limits if standard.spec.pim else Limits()
    assert violations(standard, done.trace, rrd=limits.tRRD, faw=limits.tFAW) == []
    columns = [line for line in trace_lines(done.trace) if line[1] in COLUMN_NAMES]
    served, twins = ([line for line in columns if line[2] // 16 == pc] for pc in (0, 1))
    assert [line[1:2] + line[3:] for line in twins] == [line[1:2] + line[3:] for line in served]
    assert len(served) == commands(entries)
    assert sum(done.causes_slot.values()) == done.slots
    _assert_fences(entries, served)


def _assert_fences(entries: Entries, served: list[tuple[int, str, int, int, int]]) -> None:
    """Each group between fences is served whole before the next."""
    single = singles(entries)
    ends = [*(np.flatnonzero(single[:, FENCE]) + 1), len(single)]
    start = 0
    for end in ends:
        wanted = sorted(map(tuple, single[start:end, [BANK, ROW, COLUMN]].tolist()))
        assert sorted((b, r, c) for _, _, b, r, c in served[start:end]) == wanted
        start = end


@pytest.mark.parametrize("standard", [PAIRS, STAGED, ONE_BY_ONE])
def test_microkernels_are_legal_under_every_limit(standard: Standard) -> None:
    limits = standard.spec.pim.limits if standard.spec.pim else Limits()
    for program in (
        gemv_program(standard, 512, 1024, 16, 2),
        elementwise_program(standard, 2, (1 << 16) * 2 // 512, 8).entries,
        elementwise_program(standard, 1, (1 << 16) * 2 // 512, 8).entries,
    ):
        done = run_programs(standard, [program], Controller(), trace=1 << 14)
        assert violations(standard, done.trace, rrd=limits.tRRD, faw=limits.tFAW) == []
        assert sum(done.causes_slot.values()) == done.slots


@pytest.mark.parametrize(
    "name", ["tCCD_L", "tRCDRD", "tRCDWR", "tRP", "tRAS", "tRTP", "tWR", "tWTR_L", "tRTW"]
)
def test_a_gemv_is_as_fast_as_each_rule_lets_it(name: str) -> None:
    done = run_programs(PAIRS, [gemv_program(PAIRS, 512, 1024, 16, 2)], Controller(), trace=1 << 14)
    longer = timing(PAIRS)
    longer[name] += 1
    assert violations(PAIRS, done.trace, timings=longer)


def test_host_streams_are_legal_and_refreshed() -> None:
    programs_ = host_programs(PAIRS, [1 << 20, 1 << 20], 1 << 19, 16)
    done = run_programs(PAIRS, programs_, Controller(), trace=1 << 15, modes=False)
    assert violations(PAIRS, done.trace) == []
    due = done.slots // 3900
    assert due - 1 <= done.counts["refresh"] <= due  # the last may find rows open to the end


def test_limits_only_slow_a_program_down() -> None:
    program = gemv_program(PAIRS, 512, 1024, 16, 2)
    slots = [run_programs(s, [program], Controller()).slots for s in (PAIRS, STAGED, ONE_BY_ONE)]
    assert slots == sorted(slots)
    assert slots[0] < slots[1]


def test_refresh_off_is_never_slower() -> None:
    program = gemv_program(PAIRS, 4096, 4096, 64, 2)
    on = run_programs(PAIRS, [program], Controller())
    off = run_programs(PAIRS, [program], Controller(), refresh=False)
    assert off.slots < on.slots
    assert "dram_refresh" not in off.causes_slot


def test_equal_channels_take_equal_time() -> None:
    program = gemv_program(PAIRS, 4096, 1024, 64, 2)
    one, other = (run_programs(PAIRS, [program], Controller(), trace=9999) for _ in range(2))
    assert one.slots == other.slots
    assert np.array_equal(one.trace, other.trace)


def test_a_window_too_deep_is_refused() -> None:
    with pytest.raises(ConfigError, match="1 to 128 entries, not 129"):
        run_programs(PAIRS, [], Controller(depth=129))


def test_a_row_command_is_no_entry() -> None:
    with pytest.raises(ValueError, match="ACT is no column command"):
        PimProgram().add(0, 0, 0, [0])


def test_a_run_goes_to_consecutive_columns() -> None:
    with pytest.raises(ValueError, match=r"consecutive columns, not \[0, 2\]\."):
        PimProgram().add(MAC, 0, 0, [0, 2])


@settings(max_examples=60, deadline=None)
@given(programs())
def test_a_program_of_runs_is_that_of_its_commands(entries: Entries) -> None:
    assert np.array_equal(singles(merged(singles(entries))), singles(entries))
    one, other = (
        run_programs(PAIRS, [program], Controller(AHEAD), trace=2000)
        for program in (entries, singles(entries))
    )
    assert np.array_equal(one.trace, other.trace)
