"""A look tells what is ready first, and else when each kind of command will be."""

import numpy as np
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.banks.bank import new_state
from bankside.arch.dram.channel.pim.controller import AHEAD, Controller
from bankside.arch.dram.channel.pim.look import (
    COLUMN_COMMAND,
    NO_TIME,
    NOTHING,
    NOTHING_YET,
    ROW_COMMAND,
    look,
)
from bankside.arch.dram.channel.pim.program import NO_ROW, PimProgram
from bankside.arch.dram.channel.pim.window import admit, new_window
from bankside.arch.dram.device.commands import MAC, PIM_WR


def window_of(*added):
    """A window with what runs add to a program: command, row, columns and whether a fence follows."""
    standard, program = compiled("hbm3-attacc", (), "bank_group"), PimProgram()
    heads = [int(standard.packed[0]["member"][s * standard.packed[0]["slice_banks"]]) for s in range(4)]
    for s, (command, row, count, fence) in enumerate(added):
        program.add(command, heads[s], row, range(count))
        if fence:
            program.fence()
    window, entries = new_window(standard.packed, Controller(AHEAD, 32)), program.entries()
    admit(window[0], entries, 32, 32)
    return standard.packed[0], new_state(standard.packed)[0], window[0], entries


def test_what_is_ready_first_is_the_oldest_of_its_kind():
    arguments = window_of((PIM_WR, NO_ROW, 10, False), (MAC, 3, 9, False), (PIM_WR, NO_ROW, 9, False))
    assert look(*arguments, 0, NOTHING)[0] == 0
    assert look(*arguments, 0, COLUMN_COMMAND)[0] == 10
    assert look(*arguments, 0, ROW_COMMAND)[0] == 0


def test_runs_are_told_apart_up_to_the_next_fence():
    moves = [(PIM_WR, NO_ROW, 5, False)] * 3
    for fence, others in ((False, 2), (True, 1)):
        arguments = window_of(moves[0], (*moves[1][:3], fence), moves[2])
        place, _, oldest, rows, columns, runs = look(*arguments, NOTHING_YET, NOTHING)
        assert (place, runs, rows) == (-1, others, NO_TIME)
        assert oldest < NO_TIME and columns < NO_TIME
        assert look(*arguments, NOTHING_YET, COLUMN_COMMAND)[2:] == (NO_TIME,) * 3 + (0,)


def test_a_run_that_has_partly_come_and_partly_gone_is_one():
    arguments = window_of((PIM_WR, NO_ROW, 20, False), (MAC, 3, 300, False))
    window = arguments[2]
    assert (window["n"], window["within"]) == (32, 12)
    place, _, _, rows, _, runs = look(*arguments, NOTHING_YET, NOTHING)
    assert (place, runs) == (-1, 0)
    assert rows < NO_TIME
    assert np.count_nonzero(window["order"][:32] == 1) == 12
