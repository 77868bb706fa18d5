"""First-ready scheduling of a PIM program up to the next fence, as the host of an HBM-PIM does it.

One command a slot: the oldest column that is ready, else the oldest activation, else the precharge of a row that
nothing before the next fence hits. So a row is closed while registers are written between two runs of columns
in it, unless a column is due in the meantime. A refresh closes rows as they come free and does not hold up
columns. Samsung's PIMSimulator schedules so (src/CommandQueue.cpp: process_refresh, process_command,
process_precharge, one queue per rank, one transaction entering a slot).
"""

from typing import Any

from bankside.arch.dram.banks.bank import CLOSED
from bankside.arch.dram.channel.pim.columns import do_column
from bankside.arch.dram.channel.pim.program import BANK, COMMAND, ROW
from bankside.arch.dram.channel.pim.refresh import next_due, refresh_all, refresh_falls_due, refresh_slot
from bankside.arch.dram.channel.pim.runs import go_on, long_run
from bankside.arch.dram.channel.pim.window import (
    FAR,
    admit,
    as_one,
    column_time,
    do_row,
    needed,
    own_banks,
    take_out,
    time_of,
)
from bankside.arch.dram.device.commands import ACT, ACT_AB, PRE, PRE_AB
from bankside.arch.jit import hot_kernel


@hot_kernel
def run_fenced(packed: Any, state: Any, window: Any, program: Any, stop: int, trace: Any) -> int:
    """Serve a program from slot `begin` of the window on; returns the slot after the last command.

    Parameters
    ----------
    packed, state, window : numpy.ndarray
        STANDARD, STATE and WINDOW of the channel, each of shape (1,); the slots by cause in the window grow by
        end - the end before.
    program : numpy.ndarray
        int64, shape (n, 8): see `program`; one command enters the window a slot.
    stop : int
        Entries of the program up to which it is served: when so many have come into the window, `begin` is the slot at
        which it goes on.
    trace : numpy.ndarray
        int64, shape (m, 5): the first m commands are written down.
    """
    std, st, w = packed[0], state[0], window[0]
    slot = w["begin"]
    last = slot - 1
    depth = w["depth"]
    total = program.shape[0]
    while (w["n"] > 0 or w["admitted"] < total) and w["admitted"] < stop:
        refresh_falls_due(packed, state, w, slot)
        following = _act(std, st, w, program, slot, trace)
        if following <= slot:
            last = slot
            following = slot + 1
        came = admit(w, program, depth, 1)
        if came:
            following = slot + 1
        if last == slot and long_run(w, program):
            last = slot = go_on(std, st, w, program, trace, slot)
            following = slot + 1
        slot = max(slot + 1, min(following, next_due(std, st, w)))
    w["begin"] = slot
    return int(last + 1)


@hot_kernel
def _act(std: Any, st: Any, w: Any, program: Any, slot: int, trace: Any) -> int:
    """Issue what is to be issued at `slot`; returns `slot` then, else the first slot at which something can be."""
    soonest, closed = FAR, False
    if w["waiting"]:
        soonest, closed = _step_refresh(std, st, w, slot, trace)
        if soonest <= slot:
            return slot
    found = _step_column(std, st, w, program, slot, trace)
    if found <= slot:
        return slot
    soonest = min(soonest, found)
    if closed or w["waiting"] > 1:
        return int(soonest)  # no row is opened any more before the refresh
    if slot < w["quiet"]:
        return int(min(soonest, w["quiet"]))
    found = _step_activate(std, st, w, program, slot, trace)
    if found <= slot:
        return slot
    idle = _step_precharge(std, st, w, program, slot, trace)
    if idle <= slot:
        return slot
    w["quiet"] = min(found, idle)
    return int(min(soonest, w["quiet"]))


@hot_kernel
def _step_refresh(std: Any, st: Any, w: Any, slot: int, trace: Any) -> tuple[int, bool]:
    """A precharge for the refresh that waits, or the refresh; when one of them can come, and whether all rows are
    closed."""
    soonest = FAR
    closed = True
    for bank in range(own_banks(std)):
        if st["row"][bank] != CLOSED:
            closed = False
            command = PRE_AB if as_one(w, bank) else PRE
            when = time_of(std, st, command, bank)
            if when >> 5 <= slot:
                do_row(std, st, w, trace, command, bank, CLOSED, slot, when)
                return slot, False
            soonest = min(soonest, when >> 5)
    if closed:
        soonest = refresh_slot(std, st, False, slot)
        if soonest <= slot:
            refresh_all(std, st, w, trace, slot)
    return int(soonest), closed


@hot_kernel
def _step_column(std: Any, st: Any, w: Any, program: Any, slot: int, trace: Any) -> int:
    """The oldest column that is ready before the fence; else when the first will be."""
    soonest = FAR
    before, bank_before, row_before = -1, -1, -1
    for k in range(w["n"]):
        entry = w["order"][w["start"] + k]
        command, bank, row = program[entry, COMMAND], program[entry, BANK], program[entry, ROW]
        fenced = w["fence"][w["start"] + k] != 0
        same = command == before and bank == bank_before and row == row_before
        if not same and (k == 0 or not fenced):
            what, _ = needed(std, st, w, program, entry)
            if what == command:
                when = column_time(std, st, w, command, bank)
                if when >> 5 > slot:
                    soonest = min(soonest, when >> 5)
                elif _repeats(w, program, k):
                    command = -1  # it waits, another column of its row need not
                else:
                    do_column(std, st, w, program, trace, k, slot, when, 1, -1)
                    _take_column(w, program, k, bank, row)
                    return slot
            before, bank_before, row_before = command, bank, row
        if fenced:
            break
    return int(soonest)


@hot_kernel
def _take_column(w: Any, program: Any, k: int, bank: int, row: int) -> None:
    """Take an issued entry out; row commands have to be looked for anew unless its row goes on being hit."""
    fenced = w["fence"][w["start"] + k]
    take_out(w, k)
    if k > 0 or fenced or w["n"] == 0:
        w["quiet"] = 0
        return
    head = w["order"][w["start"]]
    if w["fence"][w["start"]] or program[head, BANK] != bank or program[head, ROW] != row:
        w["quiet"] = 0


@hot_kernel
def _repeats(w: Any, program: Any, k: int) -> bool:
    """Whether an older entry of the window is about the same column."""
    entry = w["order"][w["start"] + k]
    for j in range(k):
        older = w["order"][w["start"] + j]
        if (
            program[older, BANK] == program[entry, BANK]
            and program[older, ROW] == program[entry, ROW]
            and w["column"][w["start"] + j] == w["column"][w["start"] + k]
        ):
            return True
    return False


@hot_kernel
def _step_activate(std: Any, st: Any, w: Any, program: Any, slot: int, trace: Any) -> int:
    """The oldest activation that an entry before the fence needs; past the fence when only it is left before it."""
    soonest = FAR
    bank_before, row_before = -1, -1
    for k in range(w["n"]):
        entry = w["order"][w["start"] + k]
        if k > 0 and w["fence"][w["start"] + k]:
            break
        bank, row = program[entry, BANK], program[entry, ROW]
        if bank == bank_before and row == row_before:
            continue
        bank_before, row_before = bank, row
        what, target = needed(std, st, w, program, entry)
        if what in (ACT, ACT_AB):
            when = time_of(std, st, what, target)
            if when >> 5 <= slot:
                do_row(std, st, w, trace, what, target, row, slot, when)
                return slot
            soonest = min(soonest, when >> 5)
    return int(soonest)


@hot_kernel
def _mark_hits(std: Any, st: Any, w: Any, program: Any) -> None:
    """Mark the open banks that entries up to the next fence hit; a locked slice by its first bank."""
    for bank in range(std["banks"]):
        w["hit"][bank] = 0
    for k in range(w["n"]):
        entry = w["order"][w["start"] + k]
        bank, row = program[entry, BANK], program[entry, ROW]
        if row >= 0 and st["row"][bank] == row:
            w["hit"][w["first"][bank] if as_one(w, bank) else bank] = 1
        if w["fence"][w["start"] + k]:
            break


@hot_kernel
def _step_precharge(std: Any, st: Any, w: Any, program: Any, slot: int, trace: Any) -> int:
    """Close a row that nothing hits before the fence, the banks in turn; else when one can be closed."""
    soonest = FAR
    _mark_hits(std, st, w, program)
    bank, banks = w["next_precharge"], own_banks(std)
    for _ in range(banks):
        if st["row"][bank] != CLOSED and w["hit"][bank] == 0:
            together = as_one(w, bank)
            if not together or bank == w["first"][bank]:
                command = PRE_AB if together else PRE
                when = time_of(std, st, command, bank)
                if when >> 5 <= slot:
                    do_row(std, st, w, trace, command, bank, CLOSED, slot, when)
                    w["next_precharge"] = bank
                    return slot
                soonest = min(soonest, when >> 5)
        bank += 1
        if bank == banks:
            bank = 0
    return int(soonest)
