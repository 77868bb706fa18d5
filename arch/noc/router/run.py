"""Cycles of a whole network; spans in which nothing moves and no source has anything to send are passed at once."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import hot_kernel, lowest
from bankside.arch.noc.router.layout import (
    ACTIVE,
    ARRIVED,
    BUSY,
    CHANNEL,
    CHANNEL_SIZE,
    CHECK,
    CLOCK,
    CREDIT_BACK,
    DRAWS,
    EJECT,
    EVENT,
    EVENT_SIZE,
    EVENTS,
    FLIT,
    FLYING,
    FREE,
    HIT,
    KIND_BITS,
    LINE_OF,
    MEASURED,
    N_ARRIVED,
    NEXT,
    NODE,
    NODE_FREE,
    NODE_SIZE,
    NODE_TAIL,
    NODE_USED,
    NODES,
    NOTHING,
    PATTERN,
    PHASE,
    PLACE_AT,
    PORT,
    PORT_SIZE,
    RADIX,
    REAL,
    REALS,
    ROUTER,
    ROUTER_OF,
    ROUTER_SIZE,
    SLOT,
    SLOTS,
    SLOW,
    SPARE_EVENT,
    TAIL,
    TAIL_CREDIT,
    TIME,
    TO,
    UNDRAINED,
    UNSENT,
    USED,
    VCS,
    WHAT,
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
from bankside.arch.noc.router.step import FLIT_MASK, work

Int64s = npt.NDArray[np.int64]

TIME_UP, NUMBERS_OUT, DONE = range(3)
"""Why `run` stopped."""

NO_GOAL, SENT, DRAINED_NOW, SILENT, STILL = range(5)
"""What it waits for: the time alone; all packets of a batch made; recorded packets in and all tests made; no
flit in flight; no event under way."""


@hot_kernel
def arrive(s: Int64s) -> int:
    """Make this cycle's events happen; flits that have come out are listed, the first is returned, by `next`."""
    slot = s[SLOT] + (s[TIME] & (s[SLOTS] - 1))
    event, radix, out = s[slot], s[RADIX], NOTHING
    s[slot] = NOTHING
    while event != NOTHING:
        at = s[EVENT] + event * EVENT_SIZE
        what, following = s[at + WHAT], s[at + NEXT]
        kind, place = what & 3, what >> PLACE_AT
        if kind == EJECT:
            s[at + NEXT] = out
            out = event
            event = following
            continue
        if kind == FLIT:
            r = s[s[ROUTER_OF] + place]
            k, base = s[s[ROUTER] + r * ROUTER_SIZE + N_ARRIVED], s[ARRIVED] + r * radix
            what >>= KIND_BITS
            while k > 0 and s[base + k - 1] > what:
                s[base + k] = s[base + k - 1]
                k -= 1
            s[base + k] = what
            s[s[ROUTER] + r * ROUTER_SIZE + N_ARRIVED] += 1
            s[s[ACTIVE] + (r >> 5)] |= 1 << (r & 31)
        elif kind == CREDIT_BACK:
            port = s[PORT] + s[s[LINE_OF] + place] * PORT_SIZE
            credit(s, s[CHANNEL] + place * CHANNEL_SIZE + USED, port + FREE, port + TAIL, place)
        else:
            node = s[NODE] + place // s[VCS] * NODE_SIZE
            credit(s, s[NODE_USED] + place, node + NODE_FREE, node + NODE_TAIL, place)
        s[EVENTS] -= 1
        s[at + NEXT] = s[SPARE_EVENT]
        s[SPARE_EVENT] = event
        event = following
    return int(out)


@hot_kernel
def credit(s: Int64s, used: int, free: int, tail: int, place: int) -> None:
    """A buffer downstream has room for one flit more; where a channel waits for its tail's credit, it may be
    free now."""
    s[used] -= 1
    if s[TAIL_CREDIT] != 0 and s[used] == 0:
        bit = 1 << place % s[VCS]
        s[free] |= s[tail] & bit


@hot_kernel
def enough(s: Int64s, hits: Int64s) -> bool:
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


@hot_kernel
def quiet_span(s: Int64s, hits: Int64s, until: int) -> int:
    """Cycles up to `until`, and to the next success, in which all nodes only fail their tests."""
    for w in range(s[WORDS]):
        if s[s[SLOW] + w] | s[s[BUSY] + w] != 0:
            return 0
    known = min(hits[s[HIT]], s[REALS]) - s[REAL]
    return int(max(0, min(until - s[TIME], known // s[NODES])))


@hot_kernel
def reached(s: Int64s, goal: int) -> bool:
    """Whether what `run` waits for has happened."""
    if goal == SENT:
        return bool(s[UNSENT] == 0)
    if goal == DRAINED_NOW:
        return bool(s[MEASURED] == 0 and s[UNDRAINED] == 0)
    return bool((goal == SILENT and s[FLYING] == 0) or (goal == STILL and s[EVENTS] == 0))


@hot_kernel
def run(s: Int64s, wholes: Int64s, hits: Int64s, targets: Int64s, until: int, goal: int) -> int:
    """Run cycles up to `until`, or to a goal that is looked for after each; at least one.

    Parameters
    ----------
    p, s : int64[...]
        See `layout`.
    wholes : int64[...]
        The stream of whole numbers from where it was last handed over.
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
    while s[TIME] < until:
        if not enough(s, hits):
            return NUMBERS_OUT
        making = s[PHASE] != EMPTYING
        if s[EVENTS] == 0 and s[FLYING] == 0 and making and s[PATTERN] == DRAWN and s[PHASE] != DRAINING:
            span = quiet_span(s, hits, until)
            s[REAL] += span * s[NODES]
            s[TIME] += span
            if span > 0:
                continue
        ejected = arrive(s)
        if making:
            if s[PATTERN] == DRAWN:
                test_all(s, wholes, targets, hits)
            else:
                issue_all(s, wholes, targets)
        inject_all(s, wholes)
        while ejected != NOTHING:
            at = s[EVENT] + ejected * EVENT_SIZE
            what, following = s[at + WHAT], s[at + NEXT]
            s[EVENTS] -= 1
            s[at + NEXT] = s[SPARE_EVENT]
            s[SPARE_EVENT] = ejected
            h = what >> PLACE_AT
            retire(s, -2 - s[s[PORT] + s[s[LINE_OF] + h] * PORT_SIZE + TO], h, what >> KIND_BITS & FLIT_MASK)
            ejected = following
        for w in range(s[WORDS]):
            word = s[s[ACTIVE] + w]
            while word != 0:
                bit = word & -word
                word &= word - 1
                if not work(s, wholes, 32 * w + lowest(bit)):
                    s[s[ACTIVE] + w] &= ~bit
        s[TIME] += 1
        if reached(s, goal):
            return DONE
    return TIME_UP
