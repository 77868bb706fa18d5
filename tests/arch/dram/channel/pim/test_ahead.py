"""The look-ahead controller jumps from event to event and issues exactly what a clock-by-clock queue issues."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.pim_ticks import Ahead, Entry, Ticks

from bankside.arch.dram.channel.pim.program import NO_ROW, Entries, PimProgram, merged
from bankside.arch.dram.channel.pim.run import AHEAD, Controller, run_programs, trace_lines
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.spec import load

STANDARD = compile_standard(load("attacc-hbm3-5200", "devices", DeviceSpec).spec, "bank_group")

TIMING = {
    "A>A": 63, "A>R": 19, "A>W": 0, "A>P": 45, "P>A": 19, "R>P": 8, "W>P": 0, "A>A near": 0, "A>A far": 0,
    "R>R near": 6, "R>R far": 6, "W>W near": 0, "W>W far": 0, "R>W": 0, "W>R": 0, "F>A": 456,
    "M>M near": 4, "M>M far": 2,
}  # fmt: skip
NAMES = {
    "ACT_AB": "A", "PRE_AB": "P", "MAC": "R", "PIM_WR": "M", "PIM_RD": "M", "PREA": "C", "REF": "F",
}  # fmt: skip


@st.composite
def runs(draw: st.DrawFn) -> list[Entry]:
    """Runs of columns at slices, moves to banks of any group, and fences."""
    entries: list[Entry] = []
    for _ in range(draw(st.integers(1, 14))):
        count, fence = draw(st.integers(1, 20)), draw(st.booleans())
        if draw(st.booleans()):
            unit, row = draw(st.integers(0, 3)), draw(st.integers(0, 2))
            entries += [Entry("R", unit, row, i, fence and i == count - 1) for i in range(count)]
        else:
            groups = [draw(st.integers(0, 7)) for _ in range(2)]
            entries += [
                Entry("M", 4 * groups[i % 2], None, i, fence and i == count - 1) for i in range(count)
            ]
    return entries


def program_of(entries: list[Entry]) -> Entries:
    program = PimProgram()
    for entry in entries:
        command = MAC if entry.kind == "R" else PIM_RD if entry.column % 2 else PIM_WR
        program.add(command, entry.unit, NO_ROW if entry.row is None else entry.row, [entry.column])
        if entry.fence:
            program.fence()
    return program.entries()


def steps(trace: Any) -> list[tuple[int, str, int]]:
    """A trace by the names of the slow queue, in its order of row and column commands within a clock."""
    return sorted((slot, NAMES[name], bank) for slot, name, bank, *_ in trace_lines(trace))


@settings(max_examples=60, deadline=None)
@given(runs(), st.sampled_from([1, 2, 8, 33]))
def test_every_command_comes_in_the_clock_of_the_slow_queue(entries: list[Entry], depth: int) -> None:
    single = program_of(entries)
    slow = sorted(Ahead(Ticks(TIMING, [0] * 4), entries, depth, 4, 5070).run())
    for program in (single, merged(single)):
        done = run_programs(STANDARD, [program], Controller(AHEAD, depth), trace=9000)
        assert steps(done.trace) == slow


def test_a_long_program_keeps_step_through_refreshes() -> None:
    entries = [
        Entry("R", i // 32 % 4, i // 128, i % 32, i % 128 == 127)
        if i % 9
        else Entry("M", 4 * (i % 8), None, i, False)
        for i in range(3000)
    ]
    done = run_programs(STANDARD, [program_of(entries)], Controller(AHEAD, 33), trace=9000)
    assert done.counts["refresh"] >= 3
    slow = Ahead(Ticks(TIMING, [0] * 4), entries, 33, 4, 5070)
    assert steps(done.trace) == sorted(slow.run())
