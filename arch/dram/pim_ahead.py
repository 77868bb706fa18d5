"""In-order scheduling of a PIM program with rows opened ahead: what a controller of commands for units does.

Of the entries before the next fence, the first that is ready goes, whichever kind its next command is; behind
the fence only row commands may go ahead, and only those of the oldest entry of a bank. A command that hits no
row does not pass entries that still hit the row of its bank. Where the command bus is split, a row and a column
command may share a slot. A refresh stops everything but columns that run beside its precharge. The controller of
AttAcc's simulator schedules so (hbm3_pim_controller.cpp, pim_scheduler.cpp).
"""

from typing import Any

from bankside.arch.dram.bank import CLOSED
from bankside.arch.dram.commands import ACT, ACT_AB, PRE, PRE_AB
from bankside.arch.dram.pim_charge import close_account, do_column
from bankside.arch.dram.pim_program import BANK, COMMAND, ROW
from bankside.arch.dram.pim_refresh import (
    FAR,
    close_all,
    next_due,
    refresh_all,
    refresh_falls_due,
    refresh_slot,
)
from bankside.arch.dram.pim_window import admit, do_row, learn, take_out, time_of
from bankside.arch.jit import kernel

NOTHING, ROW_COMMAND, COLUMN_COMMAND = range(3)


@kernel
def run_ahead(
    packed: Any,
    state: Any,
    window: Any,
    program: Any,
    depth: int,
    lapse: int,
    trace: Any,
    causes: Any,
    events: Any,
) -> int:
    """Serve a whole program; parameters and result as those of `pim_fenced.run_fenced`, whose window fills as
    fast as it empties."""
    w = window[0]
    slot = w["end"]
    w["admitted"] = 0
    w["last_column"] = slot
    last = slot
    split = packed[0]["single_bus"] == 0
    while w["n"] > 0 or w["admitted"] < program.shape[1]:
        admit(window, program, depth, depth)
        refresh_falls_due(packed, state, window, slot, lapse)
        if w["waiting"]:
            did, soonest = _step_refresh(packed, state, window, slot, trace, events)
            beside = True
        else:
            did, soonest = _step(packed, state, window, program, slot, NOTHING, trace, causes, events)
            beside = did != NOTHING
        if split and beside:
            done = ROW_COMMAND if w["waiting"] and did == NOTHING else did
            other, found = _step(packed, state, window, program, slot, done, trace, causes, events)
            soonest = min(soonest, found)
            did = max(did, other)
        if did != NOTHING:
            last = slot
            soonest = slot + 1
        slot = max(slot + 1, min(soonest, next_due(packed, state, window)))
    close_account(window, causes)
    return int(last + 1)


@kernel
def _any_open(packed: Any, state: Any) -> bool:
    found = False
    for bank in range(packed[0]["banks"]):
        found = found or state[0]["row"][bank] != CLOSED
    return found


@kernel
def _step_refresh(
    packed: Any, state: Any, window: Any, slot: int, trace: Any, events: Any
) -> tuple[int, int]:
    """Precharge all for the refresh that waits, or refresh; what was done, and when the next step can come."""
    is_open = _any_open(packed, state)
    when = refresh_slot(packed, state, is_open, slot)
    if when > slot:
        return NOTHING, when
    if is_open:
        close_all(packed, state, window, trace, slot)
    else:
        refresh_all(packed, state, window, trace, slot, events)
    return ROW_COMMAND, slot + 1


@kernel
def _is_row(command: int) -> bool:
    return command in (ACT, ACT_AB, PRE, PRE_AB)


@kernel
def _choose(packed: Any, state: Any, window: Any, program: Any, slot: int) -> tuple[int, int, int]:
    """The first entry that is ready: its place (-1: none) and packed time; else the slot at which one will be."""
    w = window[0]
    learn(packed, state, window, program)
    for bank in range(packed[0]["banks"]):
        w["claimed"][bank] = 0
    soonest = FAR
    behind = False
    before, bank_before, row_before = -1, -1, -1
    for k in range(w["n"]):
        at = w["start"] + k
        entry = w["order"][at]
        command, bank, row = program[COMMAND, entry], program[BANK, entry], program[ROW, entry]
        if command != before or bank != bank_before or row != row_before:
            before, bank_before, row_before = command, bank, row
            what = w["what"][at]
            hits = row >= 0 and what == command
            first = row < 0 or hits or w["claimed"][bank] == 0
            if row >= 0:
                w["claimed"][bank] = 1
            if first and (not behind or _is_row(what)) and (k == 0 or hits or w["hits"][bank] == 0):
                when = time_of(packed, state, what, w["target"][at])
                if when >> 5 <= slot:
                    return k, when, soonest
                soonest = min(soonest, when >> 5)
        if w["fence"][at]:
            behind = True
            before = -1
    return -1, 0, soonest


@kernel
def _step(
    packed: Any,
    state: Any,
    window: Any,
    program: Any,
    slot: int,
    done: int,
    trace: Any,
    causes: Any,
    events: Any,
) -> tuple[int, int]:
    """Issue what is ready first, if it is not of the kind already `done` in this slot; when to look again."""
    w = window[0]
    k, when, soonest = _choose(packed, state, window, program, slot)
    if k < 0:
        return NOTHING, soonest
    what, target = w["what"][w["start"] + k], w["target"][w["start"] + k]
    kind = ROW_COMMAND if _is_row(what) else COLUMN_COMMAND
    if kind == done:
        return NOTHING, slot + 1
    entry = w["order"][w["start"] + k]
    if kind == ROW_COMMAND:
        do_row(packed, state, window, trace, what, target, program[ROW, entry], slot, when, events)
    else:
        do_column(packed, state, window, program, trace, entry, slot, when, causes, events)
        if program[ROW, entry] >= 0:
            w["hits"][program[BANK, entry]] -= 1
        w["known"] -= 1
        take_out(window, k)
    return kind, slot + 1
