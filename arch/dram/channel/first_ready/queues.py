"""Request queues of a controller: entries linked per bank in order of age, each bank's oldest hit and miss.

Two queues, of reads and of writes, hold `depth` entries each. A request whose row has just been opened for it
leaves its queue and is its bank's `active` entry until its column command. Links are entry numbers; NONE ends.
"""

from typing import Any

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.channel.first_ready.idle import ROUND
from bankside.arch.dram.channel.sources import FIELDS
from bankside.arch.dram.device.standard import MAX_BANK
from bankside.arch.jit import flat_kernel

NONE = -1
CLOSED = -1

NEVER_SLOT = 1 << 57
"""A slot that never comes; it survives packing with a cause."""

STALE = -1
"""Packed time of a best candidate that must be looked for again."""

MAX_ENTRY = 512

RING = 4096
"""Requests among which the oldest is found at once; a power of two."""

TRACE_ROWS = 1024
TRACE_FIELDS = ("slot", "command", "bank", "row", "column")
"""Commands that are written down before the run pauses for them to be taken away."""

FILTER = 4096
"""Counters of the address filter; a power of two."""

(ID, OP, AT_BANK, ROW, COLUMN, ACCEPTED, OLDER, NEWER) = range(8)
"""Columns of an entry: request, READ or WRITE, where, slot of acceptance, neighbours in age in its bank."""

(HEAD, TAIL, HIT, MISS, PLACE, NEED, NEED_PLACE) = range(7)
"""Columns of a bank's line in one queue: oldest and youngest entry, oldest hit and miss, its place among the occupied
banks, the entry that needs a row command, the bank's place among those with such an entry."""

NEEDS = ("need_bank", "need_at", "need_opens", "need_id", "need_group", "need_rank")
"""Of the banks that need a row command, each by itself, so that several are compared at once: bank, when the bank alone
allows it, 1 for an activation and 0 for a precharge, request, group node, rank (NONE where there is no such bank)."""

AT_ONCE = 8
"""Banks that are compared at once; a divisor of MAX_BANK."""

ROOM = MAX_BANK + AT_ONCE
"""Places of such a column: were they a power of two, what is kept of a bank would fall on few lines of the cache."""

_SCALARS = (
    "n_spare", "n_active",
    "n_hit",  # banks with a hit in the run at hand
    "served",  # requests whose column command was issued, or that needed none
    "in_flight",  # reads accepted and not returned
    "keep_hits", "closing",  # no precharge past an older hit; column commands close their row
    "writing",  # 1 while the write queue is served
    "refreshes", "refresh_node",  # refreshes that wait, and the node of the first
    "opening", "opening_until",  # entry whose activation lacks its second half, and the slot it must come by
    "synced",  # entry whose column command follows its CAS
    "column_entry", "column_at", "row_entry", "row_at", "active_entry", "active_at",  # best candidates
    "column_kept", "row_kept", "active_kept",  # 1: found before the bus was taken; not known to hold in its own slot
    "accounted", "busy_until",  # slots charged to a cause; end of the last burst, at command time
    "last_read", "last_write", "latency", "forwarded", "coalesced", "merged",
    "open_banks", "open_since", "open_slots",
    "n_return", "first_return", "limit",
    "tracing", "traced",  # whether commands are written down; how many are, waiting to be taken away
    "slot", "offer",  # where a run goes on
)  # fmt: skip

QUEUE = np.dtype(
    [
        ("entry", np.int64, (MAX_ENTRY, 8)),
        ("line", np.int64, (2, MAX_BANK, 8)),
        ("spare", np.int64, MAX_ENTRY),
        ("ring", np.int64, RING),  # entries by request, to find the oldest
        *((name, np.int64, 2) for name in ("first", "n_occupied", "n_need", "size", "depth")),
        *((name, np.int64, (2, ROOM)) for name in NEEDS),
        ("occupied", np.int64, (2, MAX_BANK)),
        ("waiting", np.int64, (2, MAX_BANK)),  # by rank
        ("of", np.int64, MAX_ENTRY),  # source of an entry
        *FIELDS,
        ("late", np.int64, MAX_BANK),  # slots that activation limits held the open row back
        ("active", np.int64, MAX_BANK),
        ("actives", np.int64, MAX_BANK),
        ("hit_at", np.int64, MAX_BANK),  # slot of a bank's last hit of a run
        ("hit_banks", np.int64, MAX_BANK),  # banks with a hit in the run at hand
        ("active_place", np.int64, MAX_BANK),
        ("filter", np.int64, FILTER),
        ("return_slot", np.int64, MAX_ENTRY),
        ("counts", np.int64, 32),
        ("causes", np.int64, N_CAUSE),
        ("trace", np.int64, (TRACE_ROWS, 5)),
        *ROUND,
        *((name, np.int64) for name in _SCALARS),
    ]
)


def new_queue(depth: int = 32, keep_hits: bool = False, closing: bool = False) -> np.ndarray[Any, Any]:
    """Empty queues of `depth` entries each; QUEUE, shape (1,)."""
    queue = np.zeros(1, QUEUE)
    q = queue[0]
    for name in ("line", "active", "hit_at", "opening", "synced", "ring", "need_rank"):
        q[name] = NONE
    for name in ("column_at", "row_at", "active_at"):
        q[name] = STALE
    q["spare"] = np.arange(MAX_ENTRY)
    q["n_spare"] = MAX_ENTRY
    q["depth"] = depth
    q["offer"] = NEVER_SLOT
    q["keep_hits"] = keep_hits
    q["closing"] = closing
    return queue


@flat_kernel
def nothing_waits(q: Any) -> bool:
    """Whether no request waits for a command: refreshes alone may go on."""
    return bool(q["size"][0] + q["size"][1] + q["n_active"] == 0)


@flat_kernel
def filter_index(bank: int, row: int, column: int) -> int:
    """Counter of the address filter for a burst; bursts near each other have different ones."""
    return (bank ^ (column << 6) ^ (column >> 6) ^ (row << 7) ^ (row >> 5)) & (FILTER - 1)


@flat_kernel
def new_entry(q: Any, request: int, op: int, bank: int, row: int, column: int, accept: int) -> int:
    """Take a spare entry for a request accepted at slot `accept`."""
    q["n_spare"] -= 1
    entry = natural(q["spare"][natural(q["n_spare"])])
    line = q["entry"][entry]
    line[ID] = request
    line[OP] = op
    line[AT_BANK] = bank
    line[ROW] = row
    line[COLUMN] = column
    line[ACCEPTED] = accept
    q["of"][entry] = q["loading"]
    return entry


@flat_kernel
def release(q: Any, entry: int) -> None:
    """Give an entry back."""
    q["spare"][natural(q["n_spare"])] = entry
    q["n_spare"] += 1


@flat_kernel
def push(std: Any, q: Any, entry: int, open_row: int) -> None:
    """Append `entry` to its queue and to its bank's list; `open_row` of its bank makes it a hit or a miss."""
    entry = natural(entry)
    op = natural(q["entry"][entry, OP])
    bank = natural(q["entry"][entry, AT_BANK])
    last = q["line"][op, bank, TAIL]
    q["entry"][entry, OLDER] = last
    q["entry"][entry, NEWER] = NONE
    if last == NONE:
        q["line"][op, bank, HEAD] = entry
        at = q["n_occupied"][op]
        q["occupied"][op, at] = bank
        q["line"][op, bank, PLACE] = at
        q["n_occupied"][op] = at + 1
    else:
        q["entry"][last, NEWER] = entry
    q["line"][op, bank, TAIL] = entry
    if open_row != CLOSED:
        if q["entry"][entry, ROW] == open_row:
            if q["line"][op, bank, HIT] == NONE:
                q["line"][op, bank, HIT] = entry
        elif q["line"][op, bank, MISS] == NONE:
            q["line"][op, bank, MISS] = entry
    q["ring"][q["entry"][entry, ID] & (RING - 1)] = entry
    q["size"][op] += 1
    q["waiting"][op, std["path"][bank, 2] - std["path"][0, 2]] += 1


@flat_kernel
def remove(std: Any, q: Any, entry: int, open_row: int) -> None:
    """Take `entry` out of its queue and its bank's list; the bank's oldest hit or miss moves on."""
    entry = natural(entry)
    op = natural(q["entry"][entry, OP])
    bank = natural(q["entry"][entry, AT_BANK])
    older = q["entry"][entry, OLDER]
    newer = q["entry"][entry, NEWER]
    if older == NONE:
        q["line"][op, bank, HEAD] = newer
    else:
        q["entry"][older, NEWER] = newer
    if newer == NONE:
        q["line"][op, bank, TAIL] = older
    else:
        q["entry"][newer, OLDER] = older
    if q["line"][op, bank, HEAD] == NONE:
        _vacate(q, op, bank)
    elif q["line"][op, bank, HIT] == entry:
        q["line"][op, bank, HIT] = _next_of(q, newer, open_row, True)
    elif q["line"][op, bank, MISS] == entry:
        q["line"][op, bank, MISS] = _next_of(q, newer, open_row, False)
    at = q["entry"][entry, ID] & (RING - 1)
    if q["ring"][at] == entry:
        q["ring"][at] = NONE
    q["size"][op] -= 1
    q["waiting"][op, std["path"][bank, 2] - std["path"][0, 2]] -= 1


@flat_kernel
def oldest(q: Any, op: int) -> int:
    """Oldest entry of a queue, or NONE."""
    first = q["first"][op]
    if q["next_id"] - first > RING:
        return _oldest_head(q, op)
    while first < q["next_id"]:
        entry = q["ring"][first & (RING - 1)]
        if entry != NONE and q["entry"][natural(entry), OP] == op:
            break
        first += 1
    q["first"][op] = first
    return q["ring"][first & (RING - 1)] if first < q["next_id"] else NONE


@flat_kernel
def _oldest_head(q: Any, op: int) -> int:
    """`oldest`, where a request has been passed by more others than the ring holds."""
    best = NONE
    for k in range(q["n_occupied"][op]):
        entry = q["line"][op, q["occupied"][op, k], HEAD]
        if best == NONE or q["entry"][entry, ID] < q["entry"][best, ID]:
            best = entry
    return best


@flat_kernel
def _vacate(q: Any, op: int, bank: int) -> None:
    q["line"][op, bank, HIT] = NONE
    q["line"][op, bank, MISS] = NONE
    q["n_occupied"][op] -= 1
    last = q["occupied"][op, q["n_occupied"][op]]
    at = q["line"][op, bank, PLACE]
    q["occupied"][op, at] = last
    q["line"][op, last, PLACE] = at


@flat_kernel
def _next_of(q: Any, entry: int, open_row: int, hit: bool) -> int:
    """First of `entry` and its successors in the bank that is a hit (or a miss)."""
    while entry != NONE and (q["entry"][entry, ROW] == open_row) != hit:
        entry = q["entry"][entry, NEWER]
    return entry


@flat_kernel
def sort_bank(q: Any, bank: int, open_row: int) -> None:
    """Find a bank's oldest hits and misses after a row was opened."""
    for op in range(2):
        first = q["line"][op, bank, HEAD]
        if first != NONE:
            q["line"][op, bank, HIT] = _next_of(q, first, open_row, True)
            q["line"][op, bank, MISS] = _next_of(q, first, open_row, False)


@flat_kernel
def unsort_bank(q: Any, bank: int) -> None:
    """Forget a bank's oldest hits and misses after its row was closed."""
    for op in range(2):
        q["line"][op, bank, HIT] = NONE
        q["line"][op, bank, MISS] = NONE


@flat_kernel
def activate_entry(q: Any, entry: int) -> None:
    """Make `entry`, taken out of its queue, the active entry of its bank."""
    bank = q["entry"][entry, AT_BANK]
    q["active"][bank] = entry
    q["actives"][q["n_active"]] = entry
    q["active_place"][bank] = q["n_active"]
    q["n_active"] += 1


@flat_kernel
def retire_active(q: Any, entry: int) -> None:
    """The active entry of a bank has had its column command."""
    bank = q["entry"][entry, AT_BANK]
    q["active"][bank] = NONE
    q["n_active"] -= 1
    last = q["actives"][q["n_active"]]
    at = q["active_place"][bank]
    q["actives"][at] = last
    q["active_place"][q["entry"][last, AT_BANK]] = at
