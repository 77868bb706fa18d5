"""Runs that are gone through at one pace do what they do command by command, as whoever writes them down does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.channel.pim.program import FENCE, NO_ROW, PimProgram
from bankside.arch.dram.channel.pim.run import AHEAD, FENCED, Controller, run_programs
from bankside.arch.dram.channel.pim.runs import long_run
from bankside.arch.dram.channel.pim.window import new_window
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR, RD, WR

DEVICES = (
    ("gddr6-aim", "bank"),
    ("hbm2-pim", "bank_pair"),
    ("hbm3-attacc", "bank_group"),
    ("lpddr5-pim", "bank_pair"),
)
ROOM = 1 << 16

runs = st.tuples(
    st.sampled_from([RD, WR, MAC, MAC, PIM_WR, PIM_WR, PIM_RD]),
    st.sampled_from([0, 1, 5]),
    st.sampled_from([NO_ROW, 0, 0, 1]),
    st.sampled_from([1, 3, 8, 30, 60, 300]),
    st.sampled_from([0, 1, 3, 8, 999]),  # commands from fence to fence
    st.sampled_from([0, 0, 7 * 32 + 1, 200 * 32 + 1]),
)


def program_of(drawn):
    program = PimProgram()
    for command, bank, row, count, fence, gap in drawn:
        of_registers = command in (PIM_WR, PIM_RD)
        row = row if of_registers else max(row, 0)
        program.add(command, bank, row, range(count), gap=gap if of_registers or command == MAC else 0)
        program.blocks[-1][-1, FENCE] = min(fence, count)
    return program.entries()


@given(
    drawn=st.lists(runs, min_size=1, max_size=12),
    on=st.sampled_from(DEVICES),
    kind=st.sampled_from([AHEAD, FENCED]),
    depth=st.sampled_from([1, 4, 32, 64]),
    fence=st.sampled_from([0, 0, 5]),
    refresh=st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_a_pace_changes_nothing(drawn, on, kind, depth, fence, refresh):
    standard, entries = compiled(on[0], (), on[1]), program_of(drawn)
    paced, one_by_one = (
        run_programs(standard, [entries] * 2, Controller(kind, depth, 0, fence), trace=trace, refresh=refresh)
        for trace in (0, ROOM)
    )
    assert len(one_by_one.trace) < ROOM
    assert (paced.slots, paced.command_slots) == (one_by_one.slots, one_by_one.command_slots)
    assert (paced.counts, paced.causes_slot) == (one_by_one.counts, one_by_one.causes_slot)


@pytest.mark.parametrize("kind", [AHEAD, FENCED])
def test_the_commands_of_a_long_run_are_equally_far_apart(kind):
    standard, program = compiled("hbm3-attacc", ("refresh.mode=off",), "bank"), PimProgram()
    program.add(PIM_WR, 0, NO_ROW, range(500))
    outcome = run_programs(standard, [program.entries()], Controller(kind, 32), trace=ROOM)
    written = outcome.trace[outcome.trace[:, 1] == PIM_WR]
    apart = np.diff(written[written[:, 2] == 0, 0])
    assert len(apart) == 499
    assert len(set(apart[5:].tolist())) == 1


@pytest.mark.parametrize("refresh", [True, False])
@pytest.mark.parametrize("kind", [AHEAD, FENCED])
def test_rows_of_two_slices_in_turn_go_on_at_one_pace(kind, refresh):
    """The next slice's row is opened ahead; its columns wait until those of the oldest run are through."""
    standard, program = compiled("lpddr5-pim", (), "bank_pair"), PimProgram()
    for turn in range(8):
        program.add(PIM_WR, 1, NO_ROW, range(8))
        program.fence()
        for row in range(4):
            for bank in (0, 1):
                program.add(MAC, bank, 4 * turn + row, range(64))
        program.fence()
        program.add(PIM_RD, 0, NO_ROW, range(64))
        program.fence()
    paced, one_by_one = (
        run_programs(standard, [program.entries()], Controller(kind, 32), trace=trace, refresh=refresh)
        for trace in (0, ROOM)
    )
    assert paced.slots == one_by_one.slots
    assert (paced.counts, paced.causes_slot) == (one_by_one.counts, one_by_one.causes_slot)


@pytest.mark.parametrize("kind", [FENCED, AHEAD])
def test_no_run_is_looked_for_where_nothing_waits(kind):
    standard = compiled("hbm2-pim", (), "bank_pair")
    window = new_window(standard.packed, Controller(kind, 64))
    program = program_of([(MAC, 0, 0, 300, 0, 0)])
    window[0]["n"] = 1
    assert long_run(window[0], program)
    window[0]["n"] = 0  # and what stands in its place is an entry of a longer program
    window[0]["order"][:] = len(program)
    assert not long_run(window[0], program)
