"""Cycles of a whole network; spans in which nothing moves and no source has anything to send are passed at once."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import flat_kernel, inner_kernel, lowest
from bankside.arch.noc.router.layout import (
    ACTIVE,
    ARRIVED,
    ARRIVED_FLIT,
    ARRIVED_ROUTER,
    ARRIVED_SIZE,
    ARRIVED_VC,
    AT,
    BUSY,
    CHECK,
    CLOCK,
    COME,
    CREDITS,
    DRAWS,
    EVENT,
    EVENT_SIZE,
    FLIT,
    FLYING,
    HIT,
    MEASURED,
    NEXT,
    NODE,
    NODE_SIZE,
    NODES,
    NOTHING,
    OUTLET,
    OUTLET_SIZE,
    PATTERN,
    PHASE,
    PLACE,
    REAL,
    REALS,
    SLOT,
    SLOTS,
    SLOW,
    SPARE_EVENT,
    TAIL_CREDIT,
    TIME,
    UNDRAINED,
    UNSENT,
    USED,
    VC_BITS,
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
def arrive(s: Int64s) -> int:
    """Make this cycle's events happen: credits count, flits are listed at their routers; the first of those that have
    come out is returned, the others by `next`."""
    credits_back(s)
    slot, events, out = s[SLOT] + (s[TIME] & (s[SLOTS] - 1)), s[EVENT], NOTHING
    event, spare = s[slot], s[SPARE_EVENT]
    s[slot] = NOTHING
    while event != NOTHING:
        at = events + event * EVENT_SIZE
        place, r, following = s[at + PLACE], s[at + AT], s[at + NEXT]
        if place < 0:
            s[at + NEXT] = out
            out = event
        else:
            q = place >> VC_BITS
            arrived = s[ARRIVED] + q * ARRIVED_SIZE
            s[arrived + ARRIVED_FLIT], s[arrived + ARRIVED_ROUTER] = s[at + FLIT], r
            s[arrived + ARRIVED_VC] = place & (1 << VC_BITS) - 1
            s[s[COME] + (q >> 5)] |= 1 << (q & 31)
            s[at + NEXT] = spare
            spare = event
        event = following
    s[SPARE_EVENT] = spare
    return int(out)


@inner_kernel
def credits_back(s: Int64s) -> None:
    """Buffers downstream have room for flits more; a channel that waits for its tail's credit may be free now."""
    slot, events, used, tails = (
        s[SLOT] + s[SLOTS] + (s[TIME] & (s[SLOTS] - 1)),
        s[EVENT],
        s[OUTLET] + USED,
        s[TAIL_CREDIT],
    )
    event, last, count = s[slot], NOTHING, 0
    while event != NOTHING:
        last = events + event * EVENT_SIZE
        outlet, event = used + s[last + PLACE] * OUTLET_SIZE, s[last + NEXT]
        left = s[outlet] - 1
        s[outlet] = left
        count += 1
        if tails != 0 and left == 0:
            s[s[last + AT]] |= s[s[last + AT] + 1] & s[last + FLIT]
    if count > 0:
        s[last + NEXT], s[SPARE_EVENT], s[slot] = s[SPARE_EVENT], s[slot], NOTHING
        s[CREDITS] -= count


@inner_kernel
def retire_all(s: Int64s, event: int) -> None:
    """Flits that have come out, from the first on."""
    events = s[EVENT]
    while event != NOTHING:
        at = events + event * EVENT_SIZE
        flit, place, channel, following = s[at + FLIT], s[at + PLACE], s[at + AT], s[at + NEXT]
        s[at + NEXT] = s[SPARE_EVENT]
        s[SPARE_EVENT] = event
        retire(s, -2 - place, channel, flit)
        event = following


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
        ejected = arrive(s)
        if making:
            if s[PATTERN] == DRAWN:
                test_all(s, targets, hits)
            else:
                issue_all(s, targets)
        inject_all(s)
        retire_all(s, ejected)
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
