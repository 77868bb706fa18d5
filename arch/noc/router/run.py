"""Cycles of a whole network; spans in which nothing moves and no source has anything to send are passed at once."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import hot_kernel, lowest
from bankside.arch.noc.router.layout import (
    ACTIVE,
    ARRIVED,
    BUSY,
    CHECK,
    CLOCK,
    CREDIT_BACK,
    DRAWS,
    EJECT,
    EVENT,
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
    NODE_FREE,
    NODE_TAIL,
    NODE_USED,
    NODES,
    NOTHING,
    PATTERN,
    PHASE,
    PLACE_AT,
    RADIX,
    REAL,
    REALS,
    ROUTER_OF,
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
    WHOLE,
    WHOLES,
    WORDS,
)  # fmt: skip
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
"""What it waits for: the time alone; all packets of a batch made; recorded packets in and all tests made; no flit in flight;
no event under way."""


@hot_kernel
def arrive(p: Int64s, s: Int64s) -> int:
    """Make this cycle's events happen; flits that have come out are listed, the first is returned, by `next`."""
    slot = p[SLOT] + (s[TIME] & (p[SLOTS] - 1))
    event, radix, out = s[slot], p[RADIX], NOTHING
    s[slot] = NOTHING
    while event != NOTHING:
        what, following = s[p[EVENT] + event], s[p[NEXT] + event]
        kind, place = what & 3, what >> PLACE_AT
        if kind == EJECT:
            s[p[NEXT] + event] = out
            out = event
            event = following
            continue
        if kind == FLIT:
            r = p[p[ROUTER_OF] + place]
            k, base = s[p[N_ARRIVED] + r], p[ARRIVED] + r * radix
            what >>= KIND_BITS
            while k > 0 and s[base + k - 1] > what:
                s[base + k] = s[base + k - 1]
                k -= 1
            s[base + k] = what
            s[p[N_ARRIVED] + r] += 1
            s[p[ACTIVE] + (r >> 5)] |= 1 << (r & 31)
        elif kind == CREDIT_BACK:
            credit(p, s, p[USED] + place, p[FREE] + p[p[LINE_OF] + place], p[TAIL] + p[p[LINE_OF] + place], place)
        else:
            n = place // p[VCS]
            credit(p, s, p[NODE_USED] + place, p[NODE_FREE] + n, p[NODE_TAIL] + n, place)
        s[EVENTS] -= 1
        s[p[NEXT] + event] = s[SPARE_EVENT]
        s[SPARE_EVENT] = event
        event = following
    return int(out)


@hot_kernel
def credit(p: Int64s, s: Int64s, used: int, free: int, tail: int, place: int) -> None:
    """A buffer downstream has room for one flit more; where a channel waits for its tail's credit, it may be free now."""
    s[used] -= 1
    if p[TAIL_CREDIT] != 0 and s[used] == 0:
        bit = 1 << place % p[VCS]
        s[free] |= s[tail] & bit


@hot_kernel
def enough(p: Int64s, s: Int64s, hits: Int64s) -> bool:
    """Whether the streams hold what one cycle may draw; for tests, counted again when a later cycle might not."""
    if s[WHOLES] - s[WHOLE] < p[DRAWS]:
        return False
    if s[PATTERN] != DRAWN or s[PHASE] == EMPTYING or s[TIME] < s[CHECK]:
        return True
    due = p[NODES]
    for n in range(p[NODES]):
        if s[p[SLOW] + (n >> 5)] >> (n & 31) & 1 != 0:
            due += s[TIME] - s[p[CLOCK] + n]
    s[CHECK] = s[TIME] + (s[REALS] - s[REAL] - due) // p[NODES]
    return s[CHECK] > s[TIME]


@hot_kernel
def quiet_span(p: Int64s, s: Int64s, hits: Int64s, until: int) -> int:
    """Cycles up to `until`, and to the next success, in which all nodes only fail their tests."""
    for w in range(p[WORDS]):
        if s[p[SLOW] + w] | s[p[BUSY] + w] != 0:
            return 0
    known = min(hits[s[HIT]], s[REALS]) - s[REAL]
    return max(0, min(until - s[TIME], known // p[NODES]))


@hot_kernel
def reached(s: Int64s, goal: int) -> bool:
    """Whether what `run` waits for has happened."""
    if goal == SENT:
        return s[UNSENT] == 0
    if goal == DRAINED_NOW:
        return s[MEASURED] == 0 and s[UNDRAINED] == 0
    return (goal == SILENT and s[FLYING] == 0) or (goal == STILL and s[EVENTS] == 0)


@hot_kernel
def run(p: Int64s, s: Int64s, wholes: Int64s, hits: Int64s, targets: Int64s, until: int, goal: int) -> int:
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
        if not enough(p, s, hits):
            return NUMBERS_OUT
        making = s[PHASE] != EMPTYING
        if s[EVENTS] == 0 and s[FLYING] == 0 and making and s[PATTERN] == DRAWN and s[PHASE] != DRAINING:
            span = quiet_span(p, s, hits, until)
            s[REAL] += span * p[NODES]
            s[TIME] += span
            if span > 0:
                continue
        ejected = arrive(p, s)
        if making:
            if s[PATTERN] == DRAWN:
                test_all(p, s, wholes, targets, hits)
            else:
                issue_all(p, s, wholes, targets)
        inject_all(p, s, wholes)
        while ejected != NOTHING:
            what, following = s[p[EVENT] + ejected], s[p[NEXT] + ejected]
            s[EVENTS] -= 1
            s[p[NEXT] + ejected] = s[SPARE_EVENT]
            s[SPARE_EVENT] = ejected
            h = what >> PLACE_AT
            retire(p, s, -2 - p[p[TO] + p[p[LINE_OF] + h]], h, what >> KIND_BITS & FLIT_MASK)
            ejected = following
        for w in range(p[WORDS]):
            word = s[p[ACTIVE] + w]
            while word != 0:
                bit = word & -word
                word &= word - 1
                if not work(p, s, wholes, 32 * w + lowest(bit)):
                    s[p[ACTIVE] + w] &= ~bit
        s[TIME] += 1
        if reached(s, goal):
            return DONE
    return TIME_UP
