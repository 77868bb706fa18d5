"""Queues of a per-bank controller: transactions of the channel in order, then a short command queue for each bank.

A transaction waits in the read queue or the write buffer until its bank's command queue has room. Reads of a burst
that is already being read wait with it; reads of a burst whose write waits get their data from the write.
"""

from typing import Any

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.queues import (
    AT_BANK,
    COLUMN,
    FILTER,
    INBOX,
    NONE,
    OP,
    ROW,
    TRACE_ROWS,
    filter_index,
)
from bankside.arch.dram.standard import MAX_BANK
from bankside.arch.jit import kernel

MAX_TRANSACTION = 128
BANK_DEPTH = 8
MAX_WAITING = 2 * MAX_TRANSACTION + BANK_DEPTH * MAX_BANK

MERGED, MERGED_ACCEPTED = 6, 7
"""Columns of an entry after ID..ACCEPTED: reads that wait with it, and the sum of their slots of acceptance."""

(SIZE, HITS, READ_AT, WRITE_AT, CLOSES) = range(5)
"""Columns of a bank: commands queued, column commands since its row was opened, positions of the first read and the
first write to the open row that may go, whether its row may be closed for the first command."""

_SCALARS = (
    "n_spare", "loaded", "next_id", "served", "in_flight", "limit",
    "unified", "closing",  # one queue for reads and writes; column commands close their row
    "draining",  # writes of the buffer still to move before reads are served again
    "turn",  # bank that issued last; the next one is asked first
    "queued",  # commands in all bank queues
    "reads_ready", "writes_ready",  # banks with a first read, a first write
    "column_floor", "row_floor",  # slots before which no bank has a column, a row command
    "refreshes", "refresh_node",
    "accounted", "busy_until",
    "last_read", "last_write", "latency", "forwarded", "coalesced", "merged", "freed",
    "open_banks", "open_since", "open_slots",
    "n_return", "first_return",
    "tracing", "traced", "slot", "offer",
)  # fmt: skip

BANKED = np.dtype(
    [
        *((name, np.int64) for name in _SCALARS),
        ("bank", np.int64, (MAX_BANK, 8)),
        ("commands", np.int64, (MAX_BANK, BANK_DEPTH)),
        ("entry", np.int64, (MAX_WAITING, 8)),
        ("spare", np.int64, MAX_WAITING),
        ("waiting", np.int64, (2, MAX_TRANSACTION)),  # transactions, oldest first
        ("size", np.int64, 2),
        ("depth", np.int64, 2),
        ("filter", np.int64, (2, FILTER)),  # pending reads and writes by address
        ("inbox", np.int64, (INBOX, 5)),
        ("return_slot", np.int64, MAX_WAITING),
        ("counts", np.int64, 32),
        ("causes", np.int64, N_CAUSE),
        ("trace", np.int64, (TRACE_ROWS, 5)),
    ]
)


def new_banked(depth: int = 32, unified: bool = False, closing: bool = False) -> np.ndarray[Any, Any]:
    """Empty queues of `depth` transactions each; BANKED, shape (1,)."""
    queue = np.zeros(1, BANKED)
    q = queue[0]
    q["bank"][:, READ_AT] = q["bank"][:, WRITE_AT] = NONE
    q["spare"] = np.arange(MAX_WAITING)
    q["n_spare"] = MAX_WAITING
    q["depth"] = depth
    q["unified"], q["closing"] = unified, closing
    return queue


@kernel
def same_burst(q: Any, entry: int, op: int, bank: int, row: int, column: int) -> bool:
    """Whether an entry is a read (or write) of this burst."""
    line = q["entry"][entry]
    return bool(line[COLUMN] == column and line[ROW] == row and line[AT_BANK] == bank and line[OP] == op)


@kernel
def find_pending(q: Any, op: int, bank: int, row: int, column: int) -> int:
    """Entry of the read (or write) of this burst that has not been issued, or NONE."""
    if q["filter"][op, filter_index(bank, row, column)] == 0:
        return NONE
    for k in range(q["bank"][bank, SIZE]):
        entry = q["commands"][bank, k]
        if same_burst(q, entry, op, bank, row, column):
            return int(entry)
    where = 0 if q["unified"] != 0 else op
    for k in range(q["size"][where]):
        entry = q["waiting"][where, k]
        if same_burst(q, entry, op, bank, row, column):
            return int(entry)
    return NONE


@kernel
def note_pending(q: Any, entry: int, change: int) -> None:
    """Count an entry in (1) or out of (-1) the address filter."""
    line = q["entry"][entry]
    q["filter"][line[OP], filter_index(line[AT_BANK], line[ROW], line[COLUMN])] += change


@kernel
def depends(q: Any, bank: int, position: int) -> bool:
    """Whether a write of a bank's queue comes after a read of the same burst there."""
    line = q["entry"][q["commands"][bank, position]]
    found = False
    for k in range(position):
        found = found or same_burst(q, q["commands"][bank, k], 0, bank, line[ROW], line[COLUMN])
    return found


@kernel
def judge(q: Any, bank: int, open_row: int) -> None:
    """Find what a bank with an open row may do: its first read and write of that row, and whether it may close.

    The row may be closed for the first command only, when no queued command uses it or four have already.
    """
    line = q["bank"][bank]
    read, write = NONE, NONE
    size = line[SIZE]
    for k in range(size):
        entry = q["commands"][bank, k]
        if q["entry"][entry, ROW] == open_row:
            if q["entry"][entry, OP] == 0:
                if read == NONE:
                    read = k
            elif write == NONE and (read == NONE or not depends(q, bank, k)):
                write = k
            if read != NONE and write != NONE:
                break
    q["reads_ready"] += (1 if read != NONE else 0) - (1 if line[READ_AT] != NONE else 0)
    q["writes_ready"] += (1 if write != NONE else 0) - (1 if line[WRITE_AT] != NONE else 0)
    line[READ_AT], line[WRITE_AT] = read, write
    missing = size > 0 and q["entry"][q["commands"][bank, 0], ROW] != open_row
    line[CLOSES] = 1 if missing and ((read == NONE and write == NONE) or line[HITS] >= VICTIM_HITS) else 0


VICTIM_HITS = 4
"""Column commands after which a row may be closed although others of the queue still use it."""


@kernel
def forget_row(q: Any, bank: int) -> None:
    """The bank's row was closed."""
    line = q["bank"][bank]
    q["reads_ready"] -= 1 if line[READ_AT] != NONE else 0
    q["writes_ready"] -= 1 if line[WRITE_AT] != NONE else 0
    line[READ_AT] = line[WRITE_AT] = NONE
    line[CLOSES] = line[HITS] = 0


@kernel
def take_command(q: Any, bank: int, position: int) -> None:
    """Take a command out of a bank's queue."""
    size = q["bank"][bank, SIZE] - 1
    for k in range(position, size):
        q["commands"][bank, k] = q["commands"][bank, k + 1]
    q["bank"][bank, SIZE] = size
    q["queued"] -= 1


@kernel
def take_transaction(q: Any, where: int, position: int) -> None:
    """Take a transaction out of its queue."""
    size = q["size"][where] - 1
    for k in range(position, size):
        q["waiting"][where, k] = q["waiting"][where, k + 1]
    q["size"][where] = size
