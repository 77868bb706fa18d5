"""The window of a PIM controller: entries of the program that it may choose from, and what each needs next.

PIM commands go to a slice of the banks in lock step (`standard`: the banks of `member[s * slice_banks ...]`). A
slice is locked to a row once ACT_AB has opened it in every bank; single banks that ordinary commands have opened
in it are closed one by one. All pseudo-channels do the same one after the other; the first decides when.
"""

from typing import Any

import numpy as np

from bankside.arch import events as names
from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.bank import (
    CLOSED,
    NEVER,
    aligned_on,
    column_why_on,
    earliest_why_on,
    issue_on,
    note_wait_on,
    woken,
)
from bankside.arch.dram.channel.pim.controller import CONTROLLERS, DEFAULT, MAX_DEPTH, Controller
from bankside.arch.dram.device.commands import ACT, ACT_AB, MAC, PIM_RD, PIM_WR, PRE, PRE_AB, RD, WR
from bankside.arch.dram.device.session import BANK, COLUMN, COMMAND, COUNT, FENCE, ROW
from bankside.arch.dram.device.standard import MAX_BANK, OFF
from bankside.arch.events import N_EVENT
from bankside.arch.jit import hot_kernel

ACTIVATE = names.ACTIVATE

ROOM = 4 * MAX_DEPTH

FAR = 1 << 60
"""A slot after everything."""

MIXED = -2
"""Row of a slice whose banks do not all have the same one open."""

TRACE_FIELDS = ("slot", "command", "bank", "row", "column")

WINDOW = np.dtype(
    [
        ("order", np.int64, ROOM),  # commands from `start` on, oldest first: their entry in the program
        ("column", np.int64, ROOM),  # and their column
        ("fence", np.int64, ROOM),  # 1: nothing behind goes before this entry or one ahead of it
        (
            "what",
            np.int64,
            ROOM,
        ),  # command that an entry needs next, and the bank it goes to, as `learn` found
        ("target", np.int64, ROOM),
        ("known", np.int64),  # entries of the window of which that is known; 0 after rows have changed
        ("hits", np.int64, MAX_BANK),  # known entries that hit the open row of the bank that they name
        ("start", np.int64),
        ("n", np.int64),
        ("admitted", np.int64),  # entries that have entered the window so far
        ("within", np.int64),  # commands of the next one that have
        ("paced", np.int64, 2),  # packed times before which no MAC and no move may come
        ("controller", np.int64),  # FENCED or AHEAD
        ("depth", np.int64),  # commands to choose from
        ("fence_slots", np.int64),  # slots from a fence to the next column
        ("lapse", np.int64),  # slots after which a refresh that could not be done is given up
        ("slice", np.int64, MAX_BANK),  # slice that a bank is in
        ("first", np.int64, MAX_BANK),  # first bank of the slice that a bank is in
        ("slice_row", np.int64, MAX_BANK),  # row that a slice is locked to, CLOSED or MIXED
        ("opening", np.int64, MAX_BANK),  # 1 while ACT_AB has opened a part of the slice
        ("hit", np.int64, MAX_BANK),  # banks (first banks of slices) that an entry hits, in the current look
        ("fences", np.int64),  # fences in the window
        ("quiet", np.int64),  # no row command can come before this slot, as long as it is not set to 0
        ("look", np.int64),  # looks at the whole window so far
        ("claimed", np.int64, MAX_BANK),  # last look in which an older entry was about a bank
        ("held", np.int64, (2, MAX_BANK)),  # and about one bank of a slice, or about all of it
        ("next_precharge", np.int64),  # bank that the search for idle rows starts at
        ("waiting", np.int64),  # refreshes that are due
        ("hurried", np.int64),  # runs of commands so far that a refresh has cut short
        ("lapses", np.int64),  # slot at which the waiting refresh is given up
        ("last_column", np.int64),  # slot of the last column command
        ("causes", np.int64, N_CAUSE),  # slots by cause, of the program that runs
        ("events", np.int64, N_EVENT),  # counts by event, of the program that runs
        ("begin", np.int64),  # slot at which commands go on
        ("last_command", np.int64),  # slot of the last command of a program
        ("mode", np.int64),  # 1 where the last column command was about modes
        ("data_end", np.int64),  # slot at which the data of everything issued so far has ended
        ("end", np.int64),  # and what is done with them
        ("rest", np.int64),  # cause of what is done after the data
        ("traced", np.int64),
    ]
)


def new_window(packed: Any, controller: Controller = DEFAULT) -> np.ndarray[Any, Any]:
    """An empty window over the precharged banks of a channel; WINDOW, shape (1,)."""
    window = np.zeros(1, WINDOW)
    fields, std = window[0], packed[0]
    fields["controller"], fields["depth"] = CONTROLLERS.index(controller.kind), controller.depth
    fields["fence_slots"] = controller.fence
    fields["lapse"] = FAR
    if controller.ranks and std["refresh_mode"] != OFF:
        fields["lapse"] = std["refresh_interval"] // controller.ranks
    size, banks = int(std["slice_banks"]), int(std["banks"])
    fields["slice_row"] = CLOSED
    fields["slice"][:banks] = std["position"][:banks] // size
    fields["first"][:banks] = std["member"][fields["slice"][:banks] * size]
    return window


def stagger(packed: Any, state: Any, window: Any) -> None:
    """Put the first refresh at the turn of its rank, where ranks take turns."""
    if window[0]["lapse"] < FAR:
        state[0]["refresh_due"] = window[0]["lapse"]


@hot_kernel
def _move(w: Any, source: int, place: int) -> None:
    """Copy an entry of the window to another place."""
    w["order"][place] = w["order"][source]
    w["column"][place] = w["column"][source]
    w["fence"][place] = w["fence"][source]
    w["what"][place] = w["what"][source]
    w["target"][place] = w["target"][source]


@hot_kernel
def take_out(w: Any, k: int) -> None:
    """Remove entry `k` of the window; its fence stays behind with the entries ahead of it."""
    start = w["start"]
    if w["fence"][start + k]:
        if k > 0:
            w["fences"] -= w["fence"][start + k - 1]
            w["fence"][start + k - 1] = 1
        else:
            w["fences"] -= 1
    for j in range(start + k, start, -1):
        _move(w, j - 1, j)
    w["start"] = start + 1
    w["n"] -= 1


@hot_kernel
def admit(w: Any, program: Any, depth: int, most: int) -> bool:
    """Let up to `most` further entries in while the window holds less than `depth`; whether any came."""
    came = False
    while most > 0 and w["n"] < depth and w["admitted"] < program.shape[0]:
        if w["start"] + w["n"] == ROOM:
            for j in range(w["n"]):
                _move(w, w["start"] + j, j)
            w["start"] = 0
        at = w["start"] + w["n"]
        entry, within = w["admitted"], w["within"]
        w["order"][at] = entry
        w["column"][at] = program[entry, COLUMN] + within
        within += 1
        every = program[entry, FENCE]
        last = within >= program[entry, COUNT]
        w["fence"][at] = 1 if every > 0 and (last or within % every == 0) else 0
        if w["fences"] <= 1:  # it may stand before the next fence, or be all that is left behind it
            w["quiet"] = 0
        w["fences"] += w["fence"][at]
        w["n"] += 1
        w["within"] = 0 if last else within
        w["admitted"] += 1 if last else 0
        most -= 1
        came = True
    return came


@hot_kernel
def needed(std: Any, st: Any, w: Any, program: Any, entry: int) -> tuple[int, int]:
    """The command that an entry needs next, and the bank it goes to: its own once the row is open."""
    command, bank, row = program[entry, COMMAND], program[entry, BANK], program[entry, ROW]
    if row < 0:
        return command, bank
    s = w["slice"][bank]
    locked = w["slice_row"][s]
    if command <= WR:
        found = st["row"][bank]
        if found == row:
            return command, bank
        if as_one(w, bank):
            return PRE_AB, bank
        return (ACT if found == CLOSED else PRE), bank
    if locked == row:
        return command, bank
    if locked == CLOSED:
        return ACT_AB, w["first"][bank]
    if locked != MIXED:
        return PRE_AB, w["first"][bank]
    return _needed_of_mixed(std, st, w, s, row)


@hot_kernel
def _needed_of_mixed(std: Any, st: Any, w: Any, s: int, row: int) -> tuple[int, int]:
    """What a slice with different rows needs: the next stage of its activation, or a single bank closed."""
    first = s * std["slice_banks"]
    closed = -1
    for i in range(first, first + std["slice_banks"]):
        bank = std["member"][i]
        if st["row"][bank] == CLOSED:
            closed = bank if closed < 0 else closed
        elif not w["opening"][s]:
            return PRE, bank
        elif st["row"][bank] != row:
            return PRE_AB, bank
    return ACT_AB, closed


@hot_kernel
def learn(std: Any, st: Any, w: Any, program: Any) -> None:
    """Find out what every entry needs, and how many hit the row of each bank."""
    if w["known"] == 0:
        for bank in range(std["banks"]):
            w["hits"][bank] = 0
    before, what, target = -1, 0, 0
    for k in range(w["known"], w["n"]):
        entry, at = w["order"][w["start"] + k], w["start"] + k
        if entry != before:
            before, (what, target) = entry, needed(std, st, w, program, entry)
        w["what"][at], w["target"][at] = what, target
        if program[entry, ROW] >= 0 and what == program[entry, COMMAND]:
            w["hits"][program[entry, BANK]] += 1
    w["known"] = w["n"]


@hot_kernel
def as_one(w: Any, bank: int) -> bool:
    """Whether the rows of the slice that a bank is in are opened and closed together."""
    s = w["slice"][bank]
    return bool(w["slice_row"][s] >= 0 or w["opening"][s])


@hot_kernel
def time_of(std: Any, st: Any, command: int, bank: int) -> int:
    """Earliest time of a command by rules and buses, packed with its cause.

    Where the banks of a slice are opened together, a column looks at one of them.
    """
    at_once = std["stage"] == std["slice_banks"]
    if command in (RD, WR) or (at_once and command in (MAC, PIM_WR, PIM_RD)):
        return int(column_why_on(std, st, command, bank))
    return int(earliest_why_on(std, st, command, bank))


@hot_kernel
def column_time(std: Any, st: Any, w: Any, command: int, bank: int) -> int:
    """`time_of` of a column command, not before the pace of what takes its data, either."""
    when = time_of(std, st, command, bank)
    if command == MAC:
        when = max(when, w["paced"][0])
    elif command in (PIM_WR, PIM_RD):
        when = max(when, w["paced"][1])
    return int(woken(std, st, command, aligned_on(std, command, when)))


@hot_kernel
def own_banks(std: Any) -> int:
    """Banks of the first pseudo-channel, which are those that a program names."""
    return int(std["banks"] // std["n_pseudo_channel"])


@hot_kernel
def twin_slot(std: Any, st: Any, command: int, bank: int, slot: int) -> int:
    """First slot from `slot` on for a command in a further pseudo-channel."""
    when = aligned_on(std, command, max(slot << 5, earliest_why_on(std, st, command, bank)))
    return int(when >> 5)


@hot_kernel
def do_row(
    std: Any,
    st: Any,
    w: Any,
    trace: Any,
    command: int,
    bank: int,
    row: int,
    slot: int,
    when: int,
) -> None:
    """Issue ACT, PRE, ACT_AB or PRE_AB, ready at the packed time `when`, and keep the state of slices."""
    w["quiet"] = w["known"] = 0
    if command in (ACT, ACT_AB):
        seen = ACT if command == ACT else ACT_AB
        note_wait_on(std, st, seen, bank, slot, when & 31, min(w["last_column"], slot))
        if command == ACT_AB:
            first = w["first"][bank]
            st["wait"][first], st["wait_cause"][first] = (
                slot - st["wanted"][bank],
                when & 31,
            )
        w["events"][ACTIVATE] += std["span"][command] * std["n_pseudo_channel"]
    issue_on(std, st, command, bank, slot, row)
    record(w, trace, slot, command, bank, row, -1)
    for c in range(1, std["n_pseudo_channel"]):
        twin = bank + c * own_banks(std)
        later = twin_slot(std, st, command, twin, slot)
        issue_on(std, st, command, twin, later, row)
        record(w, trace, later, command, twin, row, -1)
    s, size = w["slice"][bank], std["slice_banks"]
    same, open_banks = True, 0
    for i in range(s * size, (s + 1) * size):
        found = st["row"][std["member"][i]]
        open_banks += found != CLOSED
        same = same and found == row
    if open_banks == 0:
        w["slice_row"][s], w["opening"][s] = CLOSED, 0
    elif command == ACT_AB:
        w["slice_row"][s] = row if same else MIXED
        w["opening"][s] = 1
    else:
        w["slice_row"][s] = MIXED


@hot_kernel
def resume(std: Any, st: Any, w: Any, begin: int) -> None:
    """Go on from slot `begin` with the rows as others have left them."""
    w["n"] = w["admitted"] = w["within"] = w["fences"] = w["start"] = 0
    w["paced"][:] = NEVER
    w["begin"] = w["data_end"] = w["end"] = w["last_column"] = begin
    w["last_command"] = begin - 1
    w["mode"] = 0
    w["causes"][:] = 0
    w["events"][:] = 0
    relearn(std, st, w)


@hot_kernel
def relearn(std: Any, st: Any, w: Any) -> None:
    """Take note of rows that others have opened or closed."""
    w["known"] = w["quiet"] = 0
    size = std["slice_banks"]
    for s in range(std["slices"] * std["n_pseudo_channel"]):
        same, closed = True, True
        for i in range(s * size, (s + 1) * size):
            row = st["row"][std["member"][i]]
            same = same and row == w["slice_row"][s]
            closed = closed and row == CLOSED
        if closed:
            w["slice_row"][s] = CLOSED
        if closed or not same:
            w["opening"][s] = 0
        if not (closed or same):
            w["slice_row"][s] = MIXED


@hot_kernel
def all_closed(std: Any, w: Any) -> None:
    """Every slice is precharged, after a refresh or a precharge of all banks."""
    w["quiet"] = 0
    w["known"] = 0
    for s in range(std["slices"] * std["n_pseudo_channel"]):
        w["slice_row"][s] = CLOSED
        w["opening"][s] = 0


@hot_kernel
def record(w: Any, trace: Any, slot: int, command: int, bank: int, row: int, column: int) -> None:
    """Write a command down while there is room (`trace`: int64, shape (n, 5))."""
    at = w["traced"]
    if at < trace.shape[0]:
        trace[at, 0] = slot
        trace[at, 1] = command
        trace[at, 2] = bank
        trace[at, 3] = row
        trace[at, 4] = column
        w["traced"] = at + 1
