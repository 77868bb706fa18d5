"""The fenced controller jumps from event to event and issues exactly what a clock-by-clock queue issues."""

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.oracles.pim_ticks import Entry, Fenced, Ticks

from bankside.arch.dram.channel.pim.program import Entries, PimProgram
from bankside.arch.dram.channel.pim.run import FENCED, Controller, run_programs, trace_lines
from bankside.arch.dram.device.commands import MAC, PIM_WR, RD, WR
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.spec import load

STANDARD = compile_standard(load("pimsimulator-hbm2-2m-16b-x64", "devices", DeviceSpec).spec, "bank_pair")

# clocks, formed as the device file forms them
TIMING = {
    "A>A": 47, "A>R": 14, "A>W": 10, "A>P": 33, "P>A": 14, "R>P": 2 + 5 - 4, "W>P": 8 + 2 + 16,
    "A>A near": 6, "A>A far": 4, "R>R near": 4, "R>R far": 2, "W>W near": 4, "W>W far": 2,
    "R>W": 20 + 2 + 1 - 8, "W>R": 8 + 2 + 9, "F>A": 350,
}  # fmt: skip
NAMES = {
    "ACT": "A",
    "ACT_AB": "A",
    "PRE": "P",
    "PRE_AB": "P",
    "RD": "R",
    "MAC": "R",
    "WR": "W",
    "PIM_WR": "W",
}


GROUPS = [unit // 4 for unit in range(16)]


def steps(trace: Any) -> list[tuple[int, str, int]]:
    """A trace by the names of the slow queue; a refresh is F."""
    return [(slot, NAMES.get(name, "F"), bank) for slot, name, bank, *_ in trace_lines(trace)]


@st.composite
def runs(draw: st.DrawFn) -> tuple[bool, list[Entry]]:
    """Runs of columns at banks, or at slices, with fences; every column of a row at most once in a run."""
    pim = draw(st.booleans())
    entries: list[Entry] = []
    for _ in range(draw(st.integers(1, 10))):
        kind = draw(st.sampled_from("RRW"))
        unit = draw(st.integers(0, 1 if pim else 15))
        row, first = draw(st.integers(0, 2)), draw(st.integers(0, 24))
        count = draw(st.integers(1, 12))
        fence = draw(st.booleans())
        entries += [Entry(kind, unit, row, (first + i) % 32, fence and i == count - 1) for i in range(count)]
    return pim, entries


def program_of(pim: bool, entries: list[Entry]) -> Entries:
    """The same entries as a program; slice s is named by its first bank."""
    program = PimProgram()
    names = {"R": MAC, "W": PIM_WR} if pim else {"R": RD, "W": WR}
    for entry in entries:
        assert entry.row is not None
        program.add(names[entry.kind], entry.unit, entry.row, [entry.column])
        if entry.fence:
            program.fence()
    return program.entries()


COLUMNS = [("R", 0), ("W", 0), ("W", 1), *(("R", column) for column in range(2, 7))]
ONE_OF_A_RUN_WAITS = [Entry(kind, 0, 0, column, False) for kind, column in COLUMNS]


@settings(max_examples=60, deadline=None)
@given(runs(), st.sampled_from([1, 3, 64]), st.sampled_from([0, 1, 2]))
@example((False, ONE_OF_A_RUN_WAITS), 3, 0)
def test_every_command_comes_in_the_clock_of_the_slow_queue(
    run: tuple[bool, list[Entry]], depth: int, ranks: int
) -> None:
    pim, entries = run
    done = run_programs(
        STANDARD, [program_of(pim, entries)], Controller(FENCED, depth, ranks), trace=5000, modes=False
    )
    groups = [0, 0] if pim else GROUPS
    share = 3900 // max(ranks, 1)
    slow = Fenced(Ticks(TIMING, groups), entries, depth, share, 3900, share if ranks else 1 << 40)
    assert steps(done.trace) == slow.run()


@pytest.mark.parametrize(("ranks", "refreshes"), [(0, 3), (2, 1)])
def test_a_long_stream_keeps_step_through_refreshes(ranks: int, refreshes: int) -> None:
    entries = [
        Entry("R", (i % 4) + 4 * (i // 4 % 4), i // 512, i // 16 % 32, i % 100 == 99) for i in range(6000)
    ]
    done = run_programs(
        STANDARD, [program_of(False, entries)], Controller(FENCED, 64, ranks), trace=20000, modes=False
    )
    share = 3900 // max(ranks, 1)
    slow = Fenced(Ticks(TIMING, GROUPS), entries, 64, share, 3900, share if ranks else 1 << 40)
    assert (
        done.counts["refresh"] == refreshes
    )  # with two ranks those lapse that find rows open until the turn
    assert steps(done.trace) == slow.run()
