"""Cycles of a whole network; spans in which nothing moves and no source has anything to send are passed at once."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import flat_kernel, inner_kernel, lowest
from bankside.arch.noc.router.layout import (
    ACTIVE,
    ARRIVED,
    BLOCK,
    BLOCK_SIZE,
    BUSY,
    CHECK,
    CLOCK,
    COME,
    CREDITS,
    DEPTH,
    DRAWS,
    END_AT,
    ENDS,
    FLYING,
    FREE,
    HAS_ROOM,
    HIT,
    LAST,
    MEASURED,
    NODE,
    NODE_FREE,
    NODE_SIZE,
    NODE_TAIL,
    NODES,
    OUTLET,
    OUTLET_SIZE,
    PACED,
    PACED_SIZE,
    PATTERN,
    PHASE,
    PORT,
    PORT_SIZE,
    RADIX,
    REAL,
    REALS,
    ROUTERS,
    SLOT,
    SLOTS,
    SLOW,
    SPARE_BLOCK,
    TAIL,
    TAIL_CREDIT,
    TIME,
    UNDRAINED,
    UNSENT,
    USED,
    VCS,
    WHOLE,
    WHOLES,
    WORDS,
)
from bankside.arch.noc.router.sources import (
    DRAINING,
    DRAWN,
    EMPTYING,
    inject_all,
    issue_all,
    retire,
    test_all,
)
from bankside.arch.noc.router.step import queue_all, work

Int64s = npt.NDArray[np.int64]

TIME_UP, NUMBERS_OUT, DONE = range(3)
"""Why `run` stopped."""

NO_GOAL, SENT, DRAINED_NOW, SILENT = range(4)
"""What it waits for: the time alone; all packets of a batch made; recorded packets in and all tests made; no
flit in flight."""


@inner_kernel
def arrive(s: Int64s) -> None:
    """Make this cycle's events happen: credits count, flits are at their ends."""
    credits_back(s)
    turn, arrived, come = s[TIME] & (s[SLOTS] - 1), s[ARRIVED], s[COME]
    first = s[BLOCK] + turn * BLOCK_SIZE
    at, end = first, s[s[SLOT] + turn]
    while at != end:
        if at & LAST == LAST:
            at = s[at]
            continue
        event = s[at]
        place = event >> END_AT
        s[arrived + place] = event
        s[come + (place >> 5)] |= 1 << (place & 31)
        at += 1
    empty(s, s[SLOT] + turn, first, end)


@inner_kernel
def credits_back(s: Int64s) -> None:
    """Buffers downstream have room for flits more."""
    turn, used = s[SLOTS] + (s[TIME] & (s[SLOTS] - 1)), s[OUTLET] + USED
    full, tails = s[DEPTH] - 1, s[TAIL_CREDIT]
    first = s[BLOCK] + turn * BLOCK_SIZE
    at, end, count = first, s[s[SLOT] + turn], 0
    while at != end:
        if at & LAST == LAST:
            at = s[at]
            continue
        outlet = used + s[at] * OUTLET_SIZE
        left = s[outlet] - 1
        s[outlet] = left
        if left == full or (tails != 0 and left == 0):
            freed(s, s[at], left)
        count += 1
        at += 1
    s[CREDITS] -= count
    empty(s, s[SLOT] + turn, first, end)


@inner_kernel
def empty(s: Int64s, slot: int, first: int, end: int) -> None:
    """What has happened is forgotten, blocks but a slot's own are spare."""
    s[slot] = first
    if end - first >= BLOCK_SIZE or end < first:
        s[(end & ~LAST) + LAST], s[SPARE_BLOCK] = s[SPARE_BLOCK], s[first + LAST]


@flat_kernel
def freed(s: Int64s, outlet: int, left: int) -> None:
    """An outlet has room again, and may be free if it waited for its tail's credit."""
    q = outlet // s[VCS]
    bit, ports = 1 << outlet - q * s[VCS], s[ROUTERS] * s[RADIX]
    tails = left == 0 and s[TAIL_CREDIT] != 0
    if q < ports:
        port = s[PORT] + q * PORT_SIZE
        s[port + HAS_ROOM] |= bit
        if tails:
            s[port + FREE] |= s[s[PACED] + q * PACED_SIZE + TAIL] & bit
    elif tails:
        node = s[NODE] + (q - ports) * NODE_SIZE
        s[node + NODE_FREE] |= s[node + NODE_TAIL] & bit


@inner_kernel
def retire_all(s: Int64s) -> None:
    """Flits that have come to nodes."""
    first = s[ENDS] >> 5
    for w in range(first, first + ((s[NODES] + 31) >> 5)):
        word = s[s[COME] + w]
        s[s[COME] + w] = 0
        while word != 0:
            end = 32 * w + lowest(word)
            word &= word - 1
            retire(s, end - s[ENDS], s[s[ARRIVED] + end])


@flat_kernel
def enough(s: Int64s) -> bool:
    """Whether the streams hold what one cycle may draw; for tests, counted again when a later cycle might not."""
    if s[WHOLES] - s[WHOLE] < s[DRAWS]:
        return False
    if s[PATTERN] != DRAWN or s[PHASE] == EMPTYING or s[TIME] < s[CHECK]:
        return True
    due = s[NODES]
    for n in range(s[NODES]):
        if s[s[SLOW] + (n >> 5)] >> (n & 31) & 1 != 0:
            due += s[TIME] - s[s[NODE] + n * NODE_SIZE + CLOCK]
    s[CHECK] = s[TIME] + (s[REALS] - s[REAL] - due) // s[NODES]
    return bool(s[CHECK] > s[TIME])


@flat_kernel
def quiet_span(s: Int64s, hits: Int64s, until: int) -> int:
    """Cycles up to `until`, and to the next success, in which all nodes only fail their tests."""
    for w in range(s[WORDS]):
        if s[s[SLOW] + w] | s[s[BUSY] + w] != 0:
            return 0
    known = min(hits[s[HIT]], s[REALS]) - s[REAL]
    return int(max(0, min(until - s[TIME], known // s[NODES])))


@flat_kernel
def reached(s: Int64s, goal: int) -> bool:
    """Whether what `run` waits for has happened."""
    if goal == SENT:
        return bool(s[UNSENT] == 0)
    if goal == DRAINED_NOW:
        return bool(s[MEASURED] == 0 and s[UNDRAINED] == 0)
    return bool(goal == SILENT and s[FLYING] == 0)


@flat_kernel
def run(s: Int64s, hits: Int64s, targets: Int64s, until: int, goal: int) -> int:
    """Run cycles up to `until`, or to a goal that is looked for after each; at least one.

    Parameters
    ----------
    s : int64[...]
        See `layout`.
    hits : int64[...]
        Places in the stream of tests, from its beginning, of those that succeed; ends with one that never comes.
    targets : int64[...]
        `DRAWN`, `TIMED`: for each node where its destinations begin and among how many it draws, then destinations;
        `LISTED`: for each packet its destination and flits.

    Returns
    -------
    int
        TIME_UP, NUMBERS_OUT (hand over more and go on) or DONE.
    """
    words, active = s[WORDS], s[ACTIVE]
    while s[TIME] < until:
        if not enough(s):
            return NUMBERS_OUT
        making = s[PHASE] != EMPTYING
        if s[FLYING] == 0 and s[CREDITS] == 0 and making and s[PATTERN] == DRAWN and s[PHASE] != DRAINING:
            span = quiet_span(s, hits, until)
            s[REAL] += span * s[NODES]
            s[TIME] += span
            if span > 0:
                continue
        arrive(s)
        if making:
            if s[PATTERN] == DRAWN:
                test_all(s, targets, hits)
            else:
                issue_all(s, targets)
        inject_all(s)
        retire_all(s)
        queue_all(s)
        for w in range(words):
            word = s[active + w]
            while word != 0:
                bit = word & -word
                word &= word - 1
                if not work(s, 32 * w + lowest(bit)):
                    s[active + w] &= ~bit
        s[TIME] += 1
        if reached(s, goal):
            return DONE
    return TIME_UP
