"""Sources that a queued controller serves at once: who has how much left, whose requests come next, what it cost.

Each has a place. Streams that are there together hand their requests over in turn, in blocks; when one comes, what has
been handed over and not accepted is given back, and the next in turn goes on. A request array is served alone.
"""

from typing import Any

import numpy as np

from bankside.arch import events as names
from bankside.arch.causes import DRAM_COMMAND, DRAM_DATA, N_CAUSE, SYNC
from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.channel.charge import charge
from bankside.arch.dram.channel.gather import gathered
from bankside.arch.dram.channel.source import (
    ARRAYS,
    BEFORE,
    COUNT,
    FIRST,
    GAP,
    GATHER,
    KNOWN,
    LIMIT,
    N_ARRAY,
    PLACES,
    READ,
    REQUESTS,
    RUN,
    STRIDE,
)  # fmt: skip
from bankside.arch.dram.device.address import decode
from bankside.arch.dram.device.commands import ACT, RD, RDA, REF, REFSB, WR, WRA
from bankside.arch.jit import flat_kernel, kernel

ACTIVATE, COLUMN_READ, COLUMN_WRITE = names.ACTIVATE, names.COLUMN_READ, names.COLUMN_WRITE
REFRESH, REFRESH_BANK = names.REFRESH, names.REFRESH_BANK
BYTES_BANK, BYTES_BANK_GROUP, BYTES_VAULT = names.BYTES_BANK, names.BYTES_BANK_GROUP, names.BYTES_VAULT

MAX_SOURCE = 64
"""Sources at once."""

INBOX = 512
"""Requests that are handed over at once; a power of two."""

BLOCK = 64
"""Requests that a stream hands over before the next one's turn."""

(KIND, _, _, _, _, ARRIVAL, LOADED, LEFT, USED, RUN_OF, PLACES_OF) = range(11)
"""Columns of a source, between KIND and ARRIVAL the words of a stream: slot of arrival, requests handed over, requests
that are not done, 1 while its place is taken, the further words of a gather."""

NOBODY = -1

NO_ROOM, NOT_ALONE, NOT_FOLLOWED = -1, -2, -3
"""What `enter` and `follow` return when a source cannot be taken in."""

FAILURES = (
    "more sources than a channel takes at once.",
    "a request array is served alone, and another source is there.",
    "the next piece of a request array does not begin where the one before ends.",
)
"""In their order, as sentences."""

FIELDS = (
    ("source", np.int64, (MAX_SOURCE, 16)),
    ("source_end", np.int64, MAX_SOURCE),  # end of the last data so far
    ("source_causes", np.int64, (MAX_SOURCE, N_CAUSE)),  # the channel's causes at the arrival
    ("told", np.int64, 32),  # commands by number that events have been told of
    ("unloaded", np.int64),  # requests of all sources that are not handed over
    ("loading", np.int64),  # source of the requests in the inbox
    ("short", np.int64),  # 1 where the next requests of an array are in words that have not come
    ("mine", np.int64),  # source that is waited for
    ("done", np.int64),  # 1 once it has nothing left
    ("inbox", np.int64, (INBOX, 5)),  # op, bank, row, column, first slot of the requests that come next
    ("loaded", np.int64),  # requests handed over so far
    ("next_id", np.int64),  # requests accepted so far
)
"""Fields of a queue."""


@kernel
def array_there(q: Any) -> bool:
    """Whether a request array is being served, which whoever comes would have to hand over and cannot."""
    for s in range(MAX_SOURCE):
        line = q["source"][s]
        if line[USED] == 1 and line[LEFT] > 0 and line[KIND] == REQUESTS:
            return True
    return False


@kernel
def enter(q: Any, work: Any, arrival: int) -> int:
    """Take a source in that arrives at slot `arrival`, before which all is done; returns its place.

    Returns
    -------
    int
        NO_ROOM or NOT_ALONE where it cannot be.
    """
    place, alone = NO_ROOM, work[0] == REQUESTS
    for s in range(MAX_SOURCE):
        line = q["source"][s]
        if line[USED] == 0:
            place = s if place < 0 else place
        elif line[LEFT] > 0 and alone:
            return NOT_ALONE
    if place < 0:
        return NO_ROOM
    count = work[KNOWN] if alone else max(0, work[COUNT])
    line = q["source"][place]
    line[KIND], line[COUNT], line[ARRIVAL], line[LOADED], line[LEFT], line[USED] = (
        work[0], count, arrival, 0, count, 1,
    )  # fmt: skip
    if not alone:
        line[FIRST], line[STRIDE], line[GAP] = work[FIRST], work[STRIDE], work[GAP]
    if work[0] == GATHER:
        line[RUN_OF], line[PLACES_OF] = work[RUN], work[PLACES]
    q["limit"] = work[LIMIT] if alone else 0
    charge_until(q, arrival)
    q["source_end"][place] = arrival
    q["source_causes"][place, :] = q["causes"]
    back = q["loaded"] - q["next_id"]
    if back > 0:
        q["source"][q["loading"], LOADED] -= back
        q["loaded"] = q["next_id"]
    q["unloaded"] += count + back
    return place


@kernel
def follow(q: Any, place: int, work: Any) -> bool:
    """Take the words that a source goes on with; False where an array's do not begin where those before ended."""
    if q["short"] == 0:
        return True
    line = q["source"][place]
    if work[BEFORE] != line[LOADED] or work.shape[0] == ARRAYS:
        return False
    more = work[KNOWN] - line[COUNT]
    line[COUNT] += more
    line[LEFT] += more
    q["unloaded"] += more
    q["short"] = 0
    return True


@kernel
def charge_until(q: Any, arrival: int) -> None:
    """Charge the slots before an arrival: the command that is next waits, if any does; else nothing is asked for."""
    waits = False
    for s in range(MAX_SOURCE):
        waits = waits or (q["source"][s, USED] == 1 and q["source"][s, LEFT] > 0)
    if not waits:
        charge(q, min(arrival, q["last_read"]), 0)
    charge(q, arrival, ((arrival + 1) << 5) + (DRAM_COMMAND if waits else SYNC))


@kernel
def load(std: Any, address: Any, q: Any, work: Any) -> None:
    """Hand over the next requests of the source whose turn it is; nothing is left of those before."""
    s = q["loading"]
    for _ in range(MAX_SOURCE):
        s = (s + 1) % MAX_SOURCE
        if q["source"][s, USED] == 1 and q["source"][s, LOADED] < q["source"][s, COUNT]:
            break
    line = q["source"][s]
    first, count = line[LOADED], line[COUNT]
    n = min(INBOX if q["unloaded"] == count - first else BLOCK, count - first)
    if line[KIND] == REQUESTS:
        here = (work.shape[0] - ARRAYS) // N_ARRAY
        n = min(n, work[BEFORE] + here - first)
        q["short"] = 1 if work[BEFORE] + here == first + n < count else 0
        _load_array(std, q, work, first, n, here)
    else:
        for k in range(n):
            request = q["inbox"][(q["loaded"] + k) & (INBOX - 1)]
            at = line[FIRST] + (first + k) * line[STRIDE]
            if line[KIND] == GATHER:
                at = gathered(line[FIRST], line[STRIDE], line[RUN_OF], line[PLACES_OF], first + k)
            bank, row, column = decode(address, at)
            request[0] = READ if line[KIND] == GATHER else line[KIND]
            request[1] = bank
            request[2] = row
            request[3] = column
            request[4] = line[ARRIVAL] + (first + k) * line[GAP]
    line[LOADED] = first + n
    q["loading"] = s
    q["loaded"] += n
    q["unloaded"] -= n


@kernel
def _load_array(std: Any, q: Any, work: Any, first: int, n: int, count: int) -> None:
    """Requests `first` to `first` + n - 1 of an array, of which `count` are here; none is offered in slot 0."""
    groups, banks, per_clock = std["n_rank"] * std["n_group"], std["n_bank"], std["slots_per_ck"]
    op = work[ARRAYS : ARRAYS + count]
    pc = work[ARRAYS + count : ARRAYS + 2 * count]
    group = work[ARRAYS + 2 * count : ARRAYS + 3 * count]
    bank = work[ARRAYS + 3 * count : ARRAYS + 4 * count]
    row = work[ARRAYS + 4 * count : ARRAYS + 5 * count]
    column = work[ARRAYS + 5 * count : ARRAYS + 6 * count]
    at_cycle = work[ARRAYS + 6 * count : ARRAYS + 7 * count]
    first, loaded = natural(first - work[BEFORE]), natural(q["loaded"])
    for k in range(n):
        i = first + k
        request = q["inbox"][(loaded + k) & (INBOX - 1)]
        request[0] = op[i]
        request[1] = (pc[i] * groups + group[i]) * banks + bank[i]
        request[2] = row[i]
        request[3] = column[i]
        request[4] = at_cycle[i] * per_clock + 1


@flat_kernel
def finish(q: Any, s: int, end: int, n: int) -> None:
    """Requests of a source are done, with their data through at slot `end`."""
    s = natural(s)
    left = q["source"][s, LEFT] - n
    q["source"][s, LEFT] = left
    q["source_end"][s] = max(q["source_end"][s], end)
    if left == 0 and s == q["mine"]:
        q["done"] = 1


@flat_kernel
def wait_for(q: Any, s: int) -> bool:
    """Serve on behalf of a source from now on; whether it is a request array, to be followed to its last data."""
    q["mine"] = s
    q["done"] = 1 if s != NOBODY and q["source"][s, LEFT] == 0 else 0
    return bool(s != NOBODY and q["source"][s, KIND] == REQUESTS)


@kernel
def leave(q: Any, s: int, causes: Any) -> int:
    """Give a source's place back and fill the slots by cause from its arrival to its end, which is returned."""
    line, end = q["source"][s], q["source_end"][s]
    if line[KIND] == REQUESTS:
        end = max(end, max(q["last_read"], q["last_write"]))
        charge(q, max(q["last_read"], q["last_write"]), 0)
    charged = 0
    for c in range(N_CAUSE):
        causes[c] = q["causes"][c] - q["source_causes"][s, c]
        charged += causes[c]
    data = min(max(0, min(q["busy_until"], end) - q["accounted"]), end - line[ARRIVAL] - charged)
    causes[DRAM_DATA] += data
    causes[DRAM_COMMAND] += end - line[ARRIVAL] - charged - data
    line[USED] = 0
    return int(end)


@kernel
def tell(std: Any, q: Any, events: Any, nodes: int) -> None:
    """Add the commands since the last time to the events of the channel; `nodes` are refreshed for each that is due."""
    counts, told = q["counts"], q["told"]
    reads = counts[RD] + counts[RDA] - told[RD] - told[RDA]
    writes = counts[WR] + counts[WRA] - told[WR] - told[WRA]
    events[ACTIVATE] += counts[ACT] - told[ACT]
    events[COLUMN_READ] += reads
    events[COLUMN_WRITE] += writes
    events[REFRESH] += counts[REF] // nodes - told[REF] // nodes
    events[REFRESH_BANK] += counts[REFSB] - told[REFSB]
    byte = (reads + writes) * std["burst_bytes"]
    events[BYTES_BANK] += byte
    events[BYTES_BANK_GROUP] += byte
    events[BYTES_VAULT] += byte
    told[:] = counts
