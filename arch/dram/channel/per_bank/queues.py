"""Queues of a per-bank controller: transactions of the channel by age, then a short command queue for each bank.

A transaction waits among the reads or in the write buffer until its bank's command queue has room. Reads of a burst
that is already being read wait with it; reads of a burst whose write waits get their data from the write.
"""

from typing import Any

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.channel.first_ready.idle import ROUND
from bankside.arch.dram.channel.first_ready.queues import (
    AT_BANK,
    COLUMN,
    FILTER,
    ID,
    NEVER_SLOT,
    NEWER,
    NONE,
    OP,
    ROOM,
    ROW,
    TRACE_ROWS,
    filter_index,
)
from bankside.arch.dram.channel.sources import FIELDS
from bankside.arch.dram.device.standard import MAX_BANK
from bankside.arch.jit import flat_kernel

MAX_TRANSACTION = 128
BANK_DEPTH = 8
MAX_WAITING = 2 * MAX_TRANSACTION + BANK_DEPTH * MAX_BANK

MERGED, MERGED_ACCEPTED = 8, 9
"""Columns of an entry after those of other queues: reads that wait with it, sum of their slots of acceptance."""

(SIZE, WRITES, HITS, READ_AT, WRITE_AT, CLOSES, ROW_PLACE, COLUMN_PLACE) = range(8)
"""Columns of a bank: commands queued and how many of them are writes, column commands since its row was opened,
positions of the first read and the first write to the open row that may go, whether its row may be closed for the
first command, its places among the banks that want a row command and among those that want a column command."""

(HEAD, TAIL, MOVE_PLACE) = range(3)
"""Columns of the transactions that wait for a bank: oldest, youngest, place among the banks with room for one."""

ROW_WANTS = ("row_bank", "row_at", "row_opens", "row_group", "row_rank")
"""Of the wanted row commands, each by itself, so that several are compared at once: bank, when the bank alone allows
it, 1 to open a row and 0 to close one, group node, rank (NONE where there is no such command)."""

COLUMN_WANTS = ("column_bank", "read_when", "write_when", "column_group", "column_rank")
"""The same of the wanted column commands: bank, when the bank alone allows its read and its write (never, where it has
none), group node, rank."""

_SCALARS = (
    "n_spare", "served", "in_flight", "limit",
    "unified", "closing",  # one queue for reads and writes; column commands close their row
    "draining",  # writes of the buffer still to move before reads are served again
    "turn",  # bank that issued last; the next one is asked first
    "queued", "queued_writes",  # commands in all bank queues, and how many of them are writes
    "n_hit",  # banks with a hit in the run at hand
    "n_row", "n_column",  # banks that want a row, a column command
    "column_floor", "row_floor",  # slots before which no bank has a column, a row command
    "row_future", "column_future",  # when last asked: slot of the first that had to wait
    "rows_ready", "closes_ready", "columns_ready",  # how many could have their command, or close their row
    "column_outside",  # the same for columns, by the rules outside the bank groups
    "refreshes", "refresh_node",
    "accounted", "busy_until",
    "last_read", "last_write", "latency", "forwarded", "coalesced", "merged",
    "open_banks", "open_since", "open_slots",
    "n_return", "first_return",
    "tracing", "traced", "slot", "offer",
)  # fmt: skip

BANKED = np.dtype(
    [
        *((name, np.int64) for name in _SCALARS),
        ("bank", np.int64, (MAX_BANK, 8)),
        *((name, np.int64, ROOM) for name in (*ROW_WANTS, *COLUMN_WANTS)),
        ("commands", np.int64, (MAX_BANK, BANK_DEPTH)),
        ("waiting", np.int64, (2, MAX_BANK, 4)),
        ("movable", np.int64, (2, MAX_BANK)),
        *((name, np.int64, 2) for name in ("n_movable", "size", "depth")),
        ("hit_at", np.int64, MAX_BANK),  # slot of a bank's last hit of a run
        ("hit_banks", np.int64, MAX_BANK),  # banks with a hit in the run at hand
        ("row_wants", np.int64, MAX_BANK),  # banks of a rank that want a row command
        ("column_wants", np.int64, MAX_BANK),  # the same for columns
        ("cut", np.int64, MAX_BANK),  # 1 + request whose row a refresh closed before its column command came
        ("late", np.int64, MAX_BANK),  # slots that activation limits held the open row back
        ("entry", np.int64, (MAX_WAITING, 10)),
        ("spare", np.int64, MAX_WAITING),
        ("filter", np.int64, (2, FILTER)),  # pending reads and writes by address
        ("of", np.int64, MAX_WAITING),  # source of an entry
        *FIELDS,
        ("return_slot", np.int64, MAX_WAITING),
        ("counts", np.int64, 32),
        ("causes", np.int64, N_CAUSE),
        ("trace", np.int64, (TRACE_ROWS, 5)),
        *ROUND,
    ]
)


def new_banked(depth: int = 32, unified: bool = False, closing: bool = False) -> np.ndarray[Any, Any]:
    """Empty queues of `depth` transactions each; BANKED, shape (1,)."""
    queue = np.zeros(1, BANKED)
    q = queue[0]
    for column in (READ_AT, WRITE_AT, ROW_PLACE, COLUMN_PLACE):
        q["bank"][:, column] = NONE
    q["waiting"] = q["hit_at"] = q["row_rank"] = q["column_rank"] = NONE
    q["spare"] = np.arange(MAX_WAITING)
    q["n_spare"] = MAX_WAITING
    q["depth"] = depth
    q["offer"] = NEVER_SLOT
    q["unified"], q["closing"] = unified, closing
    return queue


@flat_kernel
def queue_of(q: Any, op: int) -> int:
    """The queue in which transactions of a kind wait."""
    return 0 if q["unified"] != 0 else op


@flat_kernel
def nothing_wanted(q: Any) -> bool:
    """Whether no command is wanted: writes that are only buffered keep no one waiting."""
    return bool(q["size"][0] + q["queued"] + q["draining"] == 0)


@flat_kernel
def same_burst(q: Any, entry: int, op: int, row: int, column: int) -> bool:
    """Whether an entry of a bank is a read (or write) of this burst."""
    line = q["entry"][natural(entry)]
    return bool(line[COLUMN] == column and line[ROW] == row and line[OP] == op)


@flat_kernel
def find_pending(q: Any, op: int, bank: int, row: int, column: int) -> int:
    """Entry of the read (or write) of this burst that has not been issued, or NONE."""
    if q["filter"][op, filter_index(bank, row, column)] == 0:
        return NONE
    return _search_pending(q, op, bank, row, column)


@flat_kernel
def _search_pending(q: Any, op: int, bank: int, row: int, column: int) -> int:
    for k in range(q["bank"][bank, SIZE]):
        if same_burst(q, q["commands"][bank, k], op, row, column):
            return int(q["commands"][bank, k])
    entry = q["waiting"][queue_of(q, op), bank, HEAD]
    while entry != NONE and not same_burst(q, entry, op, row, column):
        entry = q["entry"][entry, NEWER]
    return int(entry)


@flat_kernel
def note_pending(q: Any, entry: int, change: int) -> None:
    """Count an entry in (1) or out of (-1) the address filter."""
    line = q["entry"][natural(entry)]
    q["filter"][line[OP], filter_index(line[AT_BANK], line[ROW], line[COLUMN])] += change


@flat_kernel
def let_wait(q: Any, entry: int) -> None:
    """Append a transaction to those that wait for its bank."""
    entry = natural(entry)
    bank = natural(q["entry"][entry, AT_BANK])
    where = natural(queue_of(q, q["entry"][entry, OP]))
    line = q["waiting"][where, bank]
    q["entry"][entry, NEWER] = NONE
    if line[HEAD] == NONE:
        line[HEAD] = entry
    else:
        q["entry"][natural(line[TAIL]), NEWER] = entry
    line[TAIL] = entry
    q["size"][where] += 1
    mark_movable(q, where, bank)


@flat_kernel
def mark_movable(q: Any, where: int, bank: int) -> None:
    """Put a bank on or off the list of those with a transaction waiting and room for it."""
    where, bank = natural(where), natural(bank)
    line = q["waiting"][where, bank]
    movable = line[HEAD] != NONE and q["bank"][bank, SIZE] < BANK_DEPTH
    if movable != (line[MOVE_PLACE] != NONE):
        _turn_movable(q, where, bank, movable)


@flat_kernel
def _turn_movable(q: Any, where: int, bank: int, movable: bool) -> None:
    line = q["waiting"][where, bank]
    if movable:
        line[MOVE_PLACE] = q["n_movable"][where]
        q["movable"][where, q["n_movable"][where]] = bank
        q["n_movable"][where] += 1
    else:
        q["n_movable"][where] -= 1
        last = q["movable"][where, q["n_movable"][where]]
        q["movable"][where, line[MOVE_PLACE]] = last
        q["waiting"][where, last, MOVE_PLACE] = line[MOVE_PLACE]
        line[MOVE_PLACE] = NONE


@flat_kernel
def next_to_move(q: Any, where: int) -> int:
    """Oldest transaction whose bank has room, or NONE."""
    if q["n_movable"][where] == 0:
        return NONE
    where = natural(where)
    best = natural(q["waiting"][where, natural(q["movable"][where, 0]), HEAD])
    for k in range(1, q["n_movable"][where]):
        entry = natural(q["waiting"][where, natural(q["movable"][where, k]), HEAD])
        if q["entry"][entry, ID] < q["entry"][best, ID]:
            best = entry
    return best


@flat_kernel
def to_bank(q: Any, where: int, entry: int) -> None:
    """Move a bank's oldest transaction to its command queue."""
    entry, where = natural(entry), natural(where)
    bank = natural(q["entry"][entry, AT_BANK])
    line = q["bank"][bank]
    q["waiting"][where, bank, HEAD] = q["entry"][entry, NEWER]
    q["size"][where] -= 1
    q["commands"][bank, natural(line[SIZE])] = entry
    line[SIZE] += 1
    line[WRITES] += q["entry"][entry, OP]
    q["queued"] += 1
    q["queued_writes"] += q["entry"][entry, OP]
    if line[SIZE] == BANK_DEPTH:
        mark_movable(q, 1 - where, bank)
    if line[SIZE] == BANK_DEPTH or q["waiting"][where, bank, HEAD] == NONE:
        mark_movable(q, where, bank)


@flat_kernel
def take_command(q: Any, bank: int, position: int) -> None:
    """Take a command out of a bank's queue."""
    bank, position = natural(bank), natural(position)
    line, commands = q["bank"][bank], q["commands"][bank]
    write = q["entry"][natural(commands[position]), OP]
    line[WRITES] -= write
    q["queued_writes"] -= write
    line[SIZE] -= 1
    for k in range(position, line[SIZE]):
        commands[k] = commands[k + 1]
    q["queued"] -= 1
    if line[SIZE] == BANK_DEPTH - 1:
        mark_movable(q, 0, bank)
        mark_movable(q, 1, bank)
