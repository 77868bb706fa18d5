"""In-order scheduling of a PIM program with rows opened ahead: what a controller of commands for units does.

Of the entries before the next fence, the first that is ready goes, whichever kind its next command is; behind
the fence only row commands may go ahead, and only those of the oldest entry of a bank. A command that hits no
row does not pass entries that still hit the row of its bank. Where the command bus is split, a row and a column
command may share a slot. A refresh stops everything but columns that run beside its precharge. The controller of
AttAcc's simulator schedules so (hbm3_pim_controller.cpp, pim_scheduler.cpp).
"""

from typing import Any

from bankside.arch.dram.banks.bank import CLOSED
from bankside.arch.dram.channel.pim.columns import do_column
from bankside.arch.dram.channel.pim.look import COLUMN_COMMAND, NOTHING, ROW_COMMAND, is_row, look
from bankside.arch.dram.channel.pim.program import BANK, ROW
from bankside.arch.dram.channel.pim.refresh import (
    close_all,
    next_due,
    refresh_all,
    refresh_falls_due,
    refresh_slot,
)
from bankside.arch.dram.channel.pim.runs import go_on, long_run
from bankside.arch.dram.channel.pim.window import admit, do_row, take_out
from bankside.arch.jit import hot_kernel


@hot_kernel
def run_ahead(packed: Any, state: Any, window: Any, program: Any, stop: int, trace: Any) -> int:
    """Serve a program; parameters and result as those of `fenced.run_fenced`, but the window fills as fast as it
    empties."""
    std, st, w = packed[0], state[0], window[0]
    slot = w["begin"]
    last = slot - 1
    depth = w["depth"]
    split = std["single_bus"] == 0
    while (w["n"] > 0 or w["admitted"] < program.shape[0]) and w["admitted"] < stop:
        admit(w, program, depth, depth)
        refresh_falls_due(packed, state, w, slot)
        if w["waiting"]:
            did, soonest = _step_refresh(std, st, w, slot, trace)
            beside = True
        else:
            did, soonest = _step(std, st, w, program, slot, NOTHING, NOTHING, trace)
            beside = did != NOTHING
        if split and beside:
            done = ROW_COMMAND if w["waiting"] and did == NOTHING else did
            other, found = _step(std, st, w, program, slot, done, did, trace)
            soonest = min(soonest, found)
            did = max(did, other)
        if did != NOTHING:
            last = slot
            if long_run(w, program):
                admit(w, program, depth, depth)
                last = slot = go_on(std, st, w, program, trace, slot)
            soonest = slot + 1
        slot = max(slot + 1, min(soonest, next_due(std, st, w)))
    w["begin"] = slot
    return int(last + 1)


@hot_kernel
def _any_open(std: Any, st: Any) -> bool:
    found = False
    for bank in range(std["banks"]):
        found = found or st["row"][bank] != CLOSED
    return found


@hot_kernel
def _step_refresh(std: Any, st: Any, w: Any, slot: int, trace: Any) -> tuple[int, int]:
    """Precharge all for the refresh that waits, or refresh; what was done, and when the next step can come."""
    is_open = _any_open(std, st)
    when = refresh_slot(std, st, is_open, slot)
    if when > slot:
        return NOTHING, when
    if is_open:
        close_all(std, st, w, trace, slot)
    else:
        refresh_all(std, st, w, trace, slot)
    return ROW_COMMAND, slot + 1


@hot_kernel
def _step(
    std: Any,
    st: Any,
    w: Any,
    program: Any,
    slot: int,
    done: int,
    taken: int,
    trace: Any,
) -> tuple[int, int]:
    """Issue what is ready first, if it is not of the kind already `done` in this slot; when to look again, unless
    something has been (`taken`: its kind), and the bus of its kind is."""
    k, when, oldest, rows, columns, _ = look(std, st, w, program, slot, taken)
    if k < 0:
        return NOTHING, min(oldest, min(rows, columns)) >> 5
    what, target = w["what"][w["start"] + k], w["target"][w["start"] + k]
    kind = ROW_COMMAND if is_row(what) else COLUMN_COMMAND
    if kind == done:
        return NOTHING, slot + 1
    entry = w["order"][w["start"] + k]
    if kind == ROW_COMMAND:
        do_row(std, st, w, trace, what, target, program[entry, ROW], slot, when)
    else:
        do_column(std, st, w, program, trace, k, slot, when, 1, -1)
        if program[entry, ROW] >= 0:
            w["hits"][program[entry, BANK]] -= 1
        w["known"] -= 1
        take_out(w, k)
    return kind, slot + 1
