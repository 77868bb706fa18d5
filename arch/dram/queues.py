"""Request queues of a controller: entries linked per bank in order of age, each bank's oldest hit and miss.

Two queues, of reads and of writes, hold `depth` entries each. A request whose row has just been opened for it
leaves its queue and is its bank's `active` entry until its column command. Links are entry numbers; NONE ends.
"""

from typing import Any

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.standard import MAX_BANK
from bankside.arch.jit import kernel

NONE = -1
CLOSED = -1

NEVER_SLOT = 1 << 57
"""A slot that never comes; it survives packing with a cause."""

STALE = -1
"""Packed time of a best candidate that must be looked for again."""

MAX_ENTRY = 512

TRACE_ROWS = 1024
TRACE_FIELDS = ("slot", "command", "bank", "row", "column")
"""Commands that are written down before the run pauses for them to be taken away."""

FILTER = 4096
"""Counters of the address filter; a power of two."""

_PER_ENTRY = ("id", "op", "bank", "row", "column", "accept", "older", "newer", "before", "behind", "spare")
_PER_BANK = ("head", "tail", "hit", "miss", "occupied", "place", "need", "need_at")
_SCALARS = (
    "n_spare", "n_active",
    "next_id",  # requests accepted so far
    "served",  # requests whose column command was issued, or that needed none
    "in_flight",  # reads accepted and not returned
    "keep_hits", "closing",  # no precharge past an older hit; column commands close their row
    "writing",  # 1 while the write queue is served
    "refreshes", "refresh_node",  # refreshes that wait, and the node of the first
    "opening", "opening_until",  # entry whose activation lacks its second half, and the slot it must come by
    "synced", "synced_until",  # entry whose column command follows its CAS; slot until which the data clock runs
    "column_entry", "column_at", "row_entry", "row_at", "active_entry", "active_at",  # best candidates
    "accounted", "busy_until",  # slots charged to a cause; end of the last burst, at command time
    "last_read", "last_write", "latency", "forwarded", "coalesced", "merged",
    "open_banks", "open_since", "open_slots",
    "n_return", "first_return", "limit",
    "tracing", "traced",  # whether commands are written down; how many are, waiting to be taken away
    "slot", "offer",  # where a run goes on
)  # fmt: skip

QUEUE = np.dtype(
    [
        *((name, np.int64, MAX_ENTRY) for name in _PER_ENTRY),
        *((name, np.int64, (2, MAX_BANK)) for name in _PER_BANK),
        *((name, np.int64, 2) for name in ("n_occupied", "front", "back", "size", "depth")),
        ("waiting", np.int64, (2, MAX_BANK)),  # by pseudo-channel
        ("act_above", np.int64, MAX_BANK),  # by rank: packed times set outside bank and group
        ("pre_above", np.int64, MAX_BANK),
        ("active", np.int64, MAX_BANK),
        ("actives", np.int64, MAX_BANK),
        ("active_place", np.int64, MAX_BANK),
        ("filter", np.int64, FILTER),
        ("return_slot", np.int64, MAX_ENTRY),
        ("counts", np.int64, 32),
        ("causes", np.int64, N_CAUSE),
        ("trace", np.int64, (TRACE_ROWS, 5)),
        *((name, np.int64) for name in _SCALARS),
    ]
)


def new_queue(depth: int = 32, keep_hits: bool = False, closing: bool = False) -> np.ndarray[Any, Any]:
    """Empty queues of `depth` entries each; QUEUE, shape (1,)."""
    queue = np.zeros(1, QUEUE)
    q = queue[0]
    for name in ("head", "tail", "hit", "miss", "need", "front", "back", "active", "opening", "synced"):
        q[name] = NONE
    for name in ("column_at", "row_at", "active_at"):
        q[name] = STALE
    q["spare"] = np.arange(MAX_ENTRY)
    q["n_spare"] = MAX_ENTRY
    q["depth"] = depth
    q["keep_hits"] = keep_hits
    q["closing"] = closing
    return queue


@kernel
def filter_index(bank: int, row: int, column: int) -> int:
    """Counter of the address filter for a burst; bursts near each other have different ones."""
    return (bank ^ (column << 4) ^ (column >> 3) ^ (row << 7) ^ (row >> 5)) & (FILTER - 1)


@kernel
def new_entry(q: Any, request: int, op: int, bank: int, row: int, column: int, accept: int) -> int:
    """Take a spare entry for a request accepted at slot `accept`."""
    q["n_spare"] -= 1
    entry = q["spare"][q["n_spare"]]
    q["id"][entry] = request
    q["op"][entry] = op
    q["bank"][entry] = bank
    q["row"][entry] = row
    q["column"][entry] = column
    q["accept"][entry] = accept
    return entry


@kernel
def release(q: Any, entry: int) -> None:
    """Give an entry back."""
    q["spare"][q["n_spare"]] = entry
    q["n_spare"] += 1


@kernel
def push(std: Any, q: Any, entry: int, open_row: int) -> None:
    """Append `entry` to its queue and to its bank's list; `open_row` of its bank makes it a hit or a miss."""
    op = q["op"][entry]
    bank = q["bank"][entry]
    last = q["tail"][op, bank]
    q["older"][entry] = last
    q["newer"][entry] = NONE
    if last == NONE:
        q["head"][op, bank] = entry
        at = q["n_occupied"][op]
        q["occupied"][op, at] = bank
        q["place"][op, bank] = at
        q["n_occupied"][op] = at + 1
    else:
        q["newer"][last] = entry
    q["tail"][op, bank] = entry
    if open_row != CLOSED:
        if q["row"][entry] == open_row:
            if q["hit"][op, bank] == NONE:
                q["hit"][op, bank] = entry
        elif q["miss"][op, bank] == NONE:
            q["miss"][op, bank] = entry
    last = q["back"][op]
    q["before"][entry] = last
    q["behind"][entry] = NONE
    if last == NONE:
        q["front"][op] = entry
    else:
        q["behind"][last] = entry
    q["back"][op] = entry
    q["size"][op] += 1
    q["waiting"][op, std["path"][bank, 3] - std["path"][0, 3]] += 1


@kernel
def remove(std: Any, q: Any, entry: int, open_row: int) -> None:
    """Take `entry` out of its queue and its bank's list; the bank's oldest hit or miss moves on."""
    op = q["op"][entry]
    bank = q["bank"][entry]
    older = q["older"][entry]
    newer = q["newer"][entry]
    if older == NONE:
        q["head"][op, bank] = newer
    else:
        q["newer"][older] = newer
    if newer == NONE:
        q["tail"][op, bank] = older
    else:
        q["older"][newer] = older
    if q["head"][op, bank] == NONE:
        _vacate(q, op, bank)
    elif q["hit"][op, bank] == entry:
        q["hit"][op, bank] = _next_of(q, newer, open_row, True)
    elif q["miss"][op, bank] == entry:
        q["miss"][op, bank] = _next_of(q, newer, open_row, False)
    before = q["before"][entry]
    behind = q["behind"][entry]
    if before == NONE:
        q["front"][op] = behind
    else:
        q["behind"][before] = behind
    if behind == NONE:
        q["back"][op] = before
    else:
        q["before"][behind] = before
    q["size"][op] -= 1
    q["waiting"][op, std["path"][bank, 3] - std["path"][0, 3]] -= 1


@kernel
def _vacate(q: Any, op: int, bank: int) -> None:
    q["hit"][op, bank] = NONE
    q["miss"][op, bank] = NONE
    q["n_occupied"][op] -= 1
    last = q["occupied"][op, q["n_occupied"][op]]
    at = q["place"][op, bank]
    q["occupied"][op, at] = last
    q["place"][op, last] = at


@kernel
def _next_of(q: Any, entry: int, open_row: int, hit: bool) -> int:
    """First of `entry` and its successors in the bank that is a hit (or a miss)."""
    while entry != NONE and (q["row"][entry] == open_row) != hit:
        entry = q["newer"][entry]
    return entry


@kernel
def sort_bank(q: Any, bank: int, open_row: int) -> None:
    """Find a bank's oldest hits and misses again after its row was opened or closed."""
    for op in range(2):
        first = q["head"][op, bank]
        if first != NONE:
            if open_row == CLOSED:
                q["hit"][op, bank] = NONE
                q["miss"][op, bank] = NONE
            else:
                q["hit"][op, bank] = _next_of(q, first, open_row, True)
                q["miss"][op, bank] = _next_of(q, first, open_row, False)


@kernel
def activate_entry(q: Any, entry: int) -> None:
    """Make `entry`, taken out of its queue, the active entry of its bank."""
    bank = q["bank"][entry]
    q["active"][bank] = entry
    q["actives"][q["n_active"]] = entry
    q["active_place"][bank] = q["n_active"]
    q["n_active"] += 1


@kernel
def retire_active(q: Any, entry: int) -> None:
    """The active entry of a bank has had its column command."""
    bank = q["bank"][entry]
    q["active"][bank] = NONE
    q["n_active"] -= 1
    last = q["actives"][q["n_active"]]
    at = q["active_place"][bank]
    q["actives"][at] = last
    q["active_place"][q["bank"][last]] = at
