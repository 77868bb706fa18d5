"""Virtual channels and the switch of one router are given away; see `layout` for what lies where.

iSLIP: each output grants the first who asks at or after its pointer, each input accepts the first grant at or after its
own. Separable: inputs choose first, those with a channel before those that speculate, then outputs choose among them.
All work is in proportion to who asks, and where nobody asks for what another wants, nothing is compared. What has been
given away is TAKEN in the iterations that follow.
"""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import flat_kernel, inner_kernel, lowest
from bankside.arch.noc.router.layout import (
    ACCEPT,
    BEST,
    BID,
    C_AT,
    CHANNEL,
    CHANNEL_SIZE,
    CROWD,
    FREE,
    GRANT,
    GUESS,
    GUESS_AT,
    HAS_ROOM,
    INPUT_SIZE,
    INPUTS,
    MASK,
    NOBODY,
    OUT_AT,
    OUT_MASK,
    OUTLET,
    OUTLET_SIZE,
    PACED,
    PACED_SIZE,
    PLACES,
    PORT,
    PORT_SIZE,
    RADIX,
    ROUTER,
    ROUTER_SIZE,
    SA_ACCEPT,
    SA_END,
    SA_GRANT,
    SCRATCH,
    SEPARABLE,
    SPECULATIVE,
    SWITCH_ITERATIONS,
    TAIL,
    TAIL_CREDIT,
    TURN,
    TURN_MASK,
    TURNS,
    V_MASK,
    VA_END,
    VC_AT,
    VC_ITERATIONS,
    VC_MASK,
    VCS,
    WIDTH,
    X_AT,
)

Int64s = npt.NDArray[np.int64]

BEHIND_AT = 56
"""Of a key: whether one speculates, where that comes after everybody else."""

FAR_GUARD, NEAR_GUARD = 1 << X_AT + 15, 1 << GUESS_AT - 1
"""Above a port and above a virtual channel in a bid, and above their distances in a key. Of keys the least wins: the
distance; below it whether one speculates, the distance of the channel, and the place."""

NEAR = TURN_MASK & (1 << X_AT) - 1
"""Of a bid, what says which of one input for one output is next."""

FAR = (1 << 24) - 1
"""Bits of a distance of channels of a router: what lies behind a pointer is beyond all that lies ahead."""

TAKEN = -1

BITS = 31
"""Numbers that are equal in these bits are taken for contested."""

LATER, BEHIND = 1 << 62, FAR_GUARD
"""With a channel, and in a bid that has won the switch, that a later iteration gives: for those no pointer moves."""

RIVAL_AT, RIVAL_C, RIVAL_FIRST, RIVAL_MAY, RIVAL_GIVEN, RIVAL_SIZE = range(6)
"""Who asks for a channel of a contested output: where what it is granted is written, its channel, the first of the
output, bits of those that it may have and of the one that it has been given."""


@inner_kernel
def next_vc(channels: int, first: int, pointer: int, vcs: int) -> int:
    """Of a set of channels, counted from the first of an output, the first at or after a pointer over all."""
    after = pointer - first
    after = after if (after > 0) & (after < vcs) else 0
    later = channels >> after << after
    return lowest(later if later != 0 else channels)


@inner_kernel
def ahead(place: int, pointer: int, guard: int) -> int:
    """How far a place lies ahead of a pointer, each where a key has it; what lies behind is beyond all that lies ahead,
    in the order of places, by the guard above it."""
    return (place | guard) - pointer ^ guard


@inner_kernel
def open_channels(s: Int64s, r: int, bid: int) -> int:
    """Bits of the free channels that a head may take."""
    port = s[PORT] + (r * s[RADIX] + (bid >> OUT_AT & OUT_MASK)) * PORT_SIZE
    return int(s[port + FREE] & s[s[MASK] + (bid & V_MASK)])


@inner_kernel
def give_channels(s: Int64s, r: int, va: int, va_end: int) -> None:
    """A router's waiting heads get output channels, if they may; the others wait on."""
    vcs, width, once, contested = s[VCS], s[WIDTH], 0, 0
    router, line, ports = s[ROUTER] + r * ROUTER_SIZE, r * width, s[PORT] + r * s[RADIX] * PORT_SIZE
    channels, outlets = s[CHANNEL] + line * CHANNEL_SIZE, s[OUTLET] + line * OUTLET_SIZE
    for at in range(va, va_end if va_end - va > 1 else va):
        bit = 1 << (s[at] >> OUT_AT & BITS)
        contested |= once & bit
        once |= bit
    if contested != 0:
        among_rivals(s, r, va, va_end, contested)
    granted, masks, left, asked = s[SCRATCH] + width - va, s[MASK], s[router + VA_END], s[router + SA_END]
    bids = s[SPECULATIVE] == 0
    for at in range(va, va_end):
        bid = s[at]
        c, out = bid >> C_AT, bid >> OUT_AT & OUT_MASK
        channel, port = channels + c * CHANNEL_SIZE, ports + out * PORT_SIZE
        mask = s[granted + at if contested != 0 else masks + (bid & V_MASK)]
        may = s[port + FREE] & mask
        if may == 0:
            s[left] = bid
            left += 1
            continue
        v = next_vc(may, out * vcs, s[channel + ACCEPT], vcs)
        if mask < LATER:  # a pointer past the last is as good as at the first
            s[outlets + (out * vcs + v) * OUTLET_SIZE + GRANT] = c + 1
            s[channel + ACCEPT] = out * vcs + v + 1
        s[port + FREE] &= ~(1 << v)
        if s[TAIL_CREDIT] != 0:
            s[s[PACED] + (r * s[RADIX] + out) * PACED_SIZE + TAIL] &= ~(1 << v)
        bid = bid & ~V_MASK | v
        s[channel + BID] = s[asked] = bid
        asked += bids
    s[router + VA_END], s[router + SA_END] = left, asked


@flat_kernel
def among_rivals(s: Int64s, r: int, va: int, va_end: int, contested: int) -> None:
    """Which channels each may have, `scratch` + width + k: of contested outputs those that are granted to it.

    iSLIP, over all channels of an output, whether asked for or not, as that takes no branches. Where allocation is
    separable each asks for one channel alone.
    """
    vcs, width, granted = s[VCS], s[WIDTH], s[SCRATCH] + s[WIDTH]
    rivals, end = granted + width, granted + width
    for at in range(va, va_end):
        bid = s[at]
        out, c, may = bid >> OUT_AT & OUT_MASK, bid >> C_AT, open_channels(s, r, bid)
        if s[SEPARABLE] != 0 and may != 0:
            may = 1 << next_vc(may, out * vcs, pointer_of(s, r, c), vcs)
        s[granted + at - va] = may
        s[end + RIVAL_AT], s[end + RIVAL_C], s[end + RIVAL_FIRST] = granted + at - va, c, out * vcs
        s[end + RIVAL_MAY], s[end + RIVAL_GIVEN] = may, 0
        end += RIVAL_SIZE * (contested >> (out & BITS) & 1)
    grant(s, r, rivals, end)
    for iteration in range(1, s[VC_ITERATIONS]):
        accept(s, r, rivals, end, LATER if iteration > 1 else 0)
        grant(s, r, rivals, end)
    if s[VC_ITERATIONS] > 1:
        accept(s, r, rivals, end, LATER)


@inner_kernel
def pointer_of(s: Int64s, r: int, c: int) -> int:
    """The pointer of a channel as an input."""
    return int(s[s[CHANNEL] + (r * s[WIDTH] + c) * CHANNEL_SIZE + ACCEPT])


@inner_kernel
def grant(s: Int64s, r: int, rivals: int, end: int) -> None:
    """Each channel of the outputs is granted to one of its rivals that have none."""
    for rival in range(rivals, end, RIVAL_SIZE):
        c, first, may = s[rival + RIVAL_C], s[rival + RIVAL_FIRST], s[rival + RIVAL_MAY]
        grants = s[OUTLET] + (r * s[WIDTH] + first) * OUTLET_SIZE + GRANT
        for other in range(rivals, end, RIVAL_SIZE):
            if other != rival and s[other + RIVAL_FIRST] == first:
                may &= ~(nearer(s, grants, s[VCS], s[other + RIVAL_C], c) & s[other + RIVAL_MAY])
        s[s[rival + RIVAL_AT]] = may if s[rival + RIVAL_GIVEN] == 0 else s[rival + RIVAL_GIVEN]


@inner_kernel
def nearer(s: Int64s, grants: int, vcs: int, other: int, c: int) -> int:
    """Bits of the channels of an output to whose pointers another is nearer."""
    bits = 0
    for v in range(vcs):
        pointer = s[grants + v * OUTLET_SIZE]
        bits |= ((other - pointer & FAR) < (c - pointer & FAR)) << v
    return bits


@flat_kernel
def accept(s: Int64s, r: int, rivals: int, end: int, mark: int) -> None:
    """Each takes one channel of those granted to it, and what is taken is gone in the iterations that follow."""
    for rival in range(rivals, end, RIVAL_SIZE):
        first, may = s[rival + RIVAL_FIRST], s[s[rival + RIVAL_AT]]
        if may != 0 and s[rival + RIVAL_GIVEN] == 0:
            v = next_vc(may, first, pointer_of(s, r, s[rival + RIVAL_C]), s[VCS])
            s[rival + RIVAL_GIVEN] = s[s[rival + RIVAL_AT]] = 1 << v | mark
            s[rival + RIVAL_MAY] = 0
            for other in range(rivals, end, RIVAL_SIZE):
                s[other + RIVAL_MAY] &= ~((s[other + RIVAL_FIRST] == first) << v)


@inner_kernel
def asks_now(s: Int64s, r: int, ports: int, bid: int) -> int:
    """Whether who bids may: the channel that it has has room."""
    if bid & GUESS != 0:
        return guess(s, r, bid)
    return int(s[ports + (bid >> OUT_AT & OUT_MASK) * PORT_SIZE + HAS_ROOM] >> (bid & VC_MASK) & 1)


@flat_kernel
def guess(s: Int64s, r: int, bid: int) -> int:
    """Whether a head without a channel bids: one of the channels that it may take is free with room."""
    port = s[PORT] + (r * s[RADIX] + (bid >> OUT_AT & OUT_MASK)) * PORT_SIZE
    return int(open_channels(s, r, bid) & s[port + HAS_ROOM] != 0)


@inner_kernel
def give_switch(s: Int64s, r: int, sa: int, sa_end: int) -> bool:
    """A router's channels with a flit get the switch or not, at `scratch`. Returns whether all get it."""
    ports, won = s[PORT] + r * s[RADIX] * PORT_SIZE, s[SCRATCH] - sa
    once_x, once_o, twice, all_may = 0, 0, 0, 1
    if sa_end - sa == 1:
        s[s[SCRATCH]] = all_may = asks_now(s, r, ports, s[sa])
        return all_may != 0
    if sa_end - sa > s[CROWD]:
        for at in range(sa, sa_end):
            s[won + at] = asks_now(s, r, ports, s[at])
        contest(s, r, sa, sa_end)
        return False
    for at in range(sa, sa_end):
        bid = s[at]
        s[won + at] = may = asks_now(s, r, ports, bid)
        bit_x, bit_o = may << (bid >> X_AT & BITS), may << (bid >> OUT_AT & BITS)
        twice |= once_x & bit_x | once_o & bit_o
        once_x |= bit_x
        once_o |= bit_o
        all_may &= may
    if twice != 0:
        contest(s, r, sa, sa_end)
        return False
    return all_may != 0


@flat_kernel
def contest(s: Int64s, r: int, sa: int, sa_end: int) -> None:
    """Which bids get the switch where some want what others do; at `scratch` is who asks."""
    if s[SEPARABLE] != 0:
        inputs_first(s, r, sa, sa_end)
        return
    won, asks = s[SCRATCH] - sa, s[SCRATCH] - sa + s[WIDTH]
    for at in range(sa, sa_end if s[SWITCH_ITERATIONS] > 1 else sa):
        s[asks + at] = s[won + at]
    outputs_first(s, r, sa, sa_end, won, 0)
    for _ in range(1, s[SWITCH_ITERATIONS]):
        leave_out(s, sa, sa_end)
        outputs_first(s, r, sa, sa_end, asks, BEHIND)


@inner_kernel
def outputs_first(s: Int64s, r: int, sa: int, sa_end: int, asks: int, mark: int) -> None:
    """An iteration of iSLIP, all but without branches: outputs grant, then inputs accept, whose bids are marked."""
    won, n, keep, inputs = s[SCRATCH] - sa, 0, -(mark != 0), s[s[ROUTER] + r * ROUTER_SIZE + INPUTS]
    outs, best_o, best_x = s[SCRATCH] + 2 * s[WIDTH], s[BEST], s[BEST] + s[RADIX]
    grants = s[PORT] + r * s[RADIX] * PORT_SIZE + SA_GRANT
    for at in range(sa, sa_end):
        bid, may = s[at], s[asks + at]
        s[won + at] &= keep
        if may == 0:
            continue
        out, pointers = bid >> OUT_AT & OUT_MASK, s[inputs + (bid >> X_AT & OUT_MASK) * INPUT_SIZE + TURN]
        pointers += s[grants + out * PORT_SIZE]
        key = ahead(bid & TURN_MASK, pointers, FAR_GUARD | NEAR_GUARD) | at - sa
        best = s[best_o + out]
        s[outs + n] = out
        n += best == NOBODY
        s[best_o + out] = min(best, key)
    for at in range(outs, outs + n):
        out = s[at]
        k = s[best_o + out] & PLACES
        x = s[sa + k] >> X_AT & OUT_MASK
        key = ahead(out << X_AT, s[inputs + x * INPUT_SIZE + SA_ACCEPT], FAR_GUARD) | k
        s[best_x + x] = min(s[best_x + x], key)
    for at in range(outs, outs + n):
        out = s[at]
        k = s[best_o + out] & PLACES
        x = s[sa + k] >> X_AT & OUT_MASK
        best = s[best_x + x]
        accepted = best & PLACES == k
        s[won + sa + k] = accepted
        s[sa + k] |= mark if accepted else 0
        s[best_o + out], s[best_x + x] = NOBODY, NOBODY if accepted else best


@flat_kernel
def leave_out(s: Int64s, sa: int, sa_end: int) -> None:
    """Who wants what has been given away asks no more in the iterations that follow."""
    won, best_o, best_x = s[SCRATCH] - sa, s[BEST], s[BEST] + s[RADIX]
    asks = won + s[WIDTH]
    for at in range(sa, sa_end):
        if s[won + at] != 0:
            s[best_x + (s[at] >> X_AT & OUT_MASK)] = s[best_o + (s[at] >> OUT_AT & OUT_MASK)] = TAKEN
    for at in range(sa, sa_end):
        if TAKEN in (s[best_x + (s[at] >> X_AT & OUT_MASK)], s[best_o + (s[at] >> OUT_AT & OUT_MASK)]):
            s[asks + at] = 0
    for at in range(sa, sa_end):
        s[best_x + (s[at] >> X_AT & OUT_MASK)] = s[best_o + (s[at] >> OUT_AT & OUT_MASK)] = NOBODY


@flat_kernel
def inputs_first(s: Int64s, r: int, sa: int, sa_end: int) -> None:
    """Separable allocation, those with a channel before those that speculate: inputs choose, then outputs."""
    radix, won, inputs = s[RADIX], s[SCRATCH] - sa, s[s[ROUTER] + r * ROUTER_SIZE + INPUTS]
    best_o, best_x, grants = s[BEST], s[BEST] + radix, s[PORT] + r * radix * PORT_SIZE + SA_GRANT
    for at in range(sa, sa_end):
        bid = s[at]
        x, out = inputs + (bid >> X_AT & OUT_MASK) * INPUT_SIZE, bid >> OUT_AT & OUT_MASK
        key = ahead(out << X_AT, s[x + SA_ACCEPT], FAR_GUARD) | ahead(bid & NEAR, s[x + TURN], NEAR_GUARD)
        key |= (bid & GUESS) << BEHIND_AT - GUESS_AT | NOBODY & s[won + at] - 1 | at - sa
        s[best_x + (bid >> X_AT & OUT_MASK)] = min(s[best_x + (bid >> X_AT & OUT_MASK)], key)
    for at in range(sa, sa_end):
        bid = s[at]
        x, out = bid >> X_AT & OUT_MASK, bid >> OUT_AT & OUT_MASK
        key = ahead(x << X_AT, s[grants + out * PORT_SIZE], FAR_GUARD)
        key |= (bid & GUESS) << BEHIND_AT - GUESS_AT | at - sa
        s[best_o + out] = min(s[best_o + out], key if s[best_x + x] & PLACES == at - sa else NOBODY)
    for at in range(sa, sa_end):
        x, out = s[at] >> X_AT & OUT_MASK, s[at] >> OUT_AT & OUT_MASK
        s[won + at] = s[best_o + out] & PLACES == at - sa and s[best_x + x] & PLACES == at - sa
    for at in range(sa, sa_end):
        s[best_x + (s[at] >> X_AT & OUT_MASK)] = s[best_o + (s[at] >> OUT_AT & OUT_MASK)] = NOBODY


@inner_kernel
def move_pointers(s: Int64s, ports: int, inputs: int, bid: int) -> None:
    """Who bids has won the switch."""
    x, out = bid >> X_AT & OUT_MASK, bid >> OUT_AT & OUT_MASK
    at = inputs + x * INPUT_SIZE
    if bid & BEHIND == 0:
        s[ports + out * PORT_SIZE + SA_GRANT] = x + 1 << X_AT
        s[at + SA_ACCEPT] = out + 1 << X_AT
    s[at + TURN] = s[s[TURNS] + (bid >> VC_AT & VC_MASK)]
