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
from bankside.arch.dram.channel.pim.program import BANK, COLUMN, COMMAND, COUNT, FENCE, ROW
from bankside.arch.dram.channel.pim.refresh import (
    close_all,
    next_due,
    refresh_all,
    refresh_falls_due,
    refresh_slot,
)
from bankside.arch.dram.channel.pim.runs import go_on, long_run
from bankside.arch.dram.channel.pim.window import (
    FAR,
    admit,
    column_time,
    do_row,
    learn,
    take_out,
    time_of,
)
from bankside.arch.dram.device.commands import ACT, ACT_AB, PRE, PRE_AB, WRA
from bankside.arch.jit import hot_kernel

NOTHING, ROW_COMMAND, COLUMN_COMMAND = range(3)

SINGLE, WHOLE = 0, 1
"""What older commands of a look are about: one of the banks of a slice, or all of it."""


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
            if did == COLUMN_COMMAND and long_run(w, program):
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
def _is_held(w: Any, command: int, bank: int) -> bool:
    """Whether an older command is about a single bank of the slice that this is about, or about the slice it is in."""
    return bool(w["held"][WHOLE if command <= WRA else SINGLE][w["slice"][bank]] == w["look"])


@hot_kernel
def _is_row(command: int) -> bool:
    return command in (ACT, ACT_AB, PRE, PRE_AB)


@hot_kernel
def _choose(std: Any, st: Any, w: Any, program: Any, slot: int, taken: int) -> tuple[int, int, int]:
    """The first entry that is ready: its place (-1: none) and packed time; else the slot at which one will be.

    Commands of the kind whose bus is `taken` in this slot are not looked at.
    """
    learn(std, st, w, program)
    w["look"] += 1
    soonest = FAR
    behind = False
    before, bank_before, row_before = -1, -1, -1
    k = 0
    while k < w["n"]:
        at = w["start"] + k
        entry = w["order"][at]
        command, bank, row = program[entry, COMMAND], program[entry, BANK], program[entry, ROW]
        if command != before or bank != bank_before or row != row_before:
            before, bank_before, row_before = command, bank, row
            what = w["what"][at]
            hits = row >= 0 and what == command
            first = row < 0 or hits or (w["claimed"][bank] < w["look"] and not _is_held(w, command, bank))
            if row >= 0:
                w["claimed"][bank] = w["look"]
                w["held"][SINGLE if command <= WRA else WHOLE][w["slice"][bank]] = w["look"]
            kind = ROW_COMMAND if _is_row(what) else COLUMN_COMMAND
            if (
                first
                and kind != taken
                and (not behind or kind == ROW_COMMAND)
                and (k == 0 or hits or w["hits"][bank] == 0)
            ):
                target = w["target"][at]
                is_row = kind == ROW_COMMAND
                when = time_of(std, st, what, target) if is_row else column_time(std, st, w, what, target)
                if when >> 5 <= slot:
                    return k, when, soonest
                soonest = min(soonest, when >> 5)
        k = _last_alike(w, program, entry, k)
        if w["fence"][w["start"] + k]:
            behind = True
            before = -1
        k += 1
    return -1, 0, soonest


@hot_kernel
def _last_alike(w: Any, program: Any, entry: int, k: int) -> int:
    """Place of the last command of the window up to which those from place `k` on are of one entry, and no fence is
    between them: they have come in order, and leave so."""
    count, every = program[entry, COUNT], program[entry, FENCE]
    if 0 < every < count:
        return k
    come = w["within"] if entry == w["admitted"] else count
    return int(k + program[entry, COLUMN] + come - 1 - w["column"][w["start"] + k])


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
    k, when, soonest = _choose(std, st, w, program, slot, taken)
    if k < 0:
        return NOTHING, soonest
    what, target = w["what"][w["start"] + k], w["target"][w["start"] + k]
    kind = ROW_COMMAND if _is_row(what) else COLUMN_COMMAND
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
