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
    C_MASK,
    CHANNEL,
    CHANNEL_SIZE,
    FREE,
    GRANT,
    GUESS,
    GUESS_AT,
    HAS_ROOM,
    INPUT,
    INPUT_SIZE,
    MASK,
    NEVER,
    NOBODY,
    NOTHING,
    OUT_AT,
    OUT_MASK,
    OUTLET,
    OUTLET_SIZE,
    PACED,
    PACED_SIZE,
    PLACE_BITS,
    PLACES,
    PORT,
    PORT_SIZE,
    PORTS,
    RADIX,
    ROUTER,
    ROUTER_SIZE,
    SA_ACCEPT,
    SA_END,
    SA_GRANT,
    SCRATCH,
    SEPARABLE,
    SPECULATIVE,
    SPEEDUP,
    SWITCH_ITERATIONS,
    TAIL,
    TAIL_CREDIT,
    TURN,
    TURNS,
    V_MASK,
    VA_END,
    VC_ITERATIONS,
    VC_OF,
    VCS,
    WIDTH,
    X_AT,
    X_MASK,
)

Int64s = npt.NDArray[np.int64]

BEHIND_AT = 56
"""Of a key: whether one speculates, where that comes after everybody else."""

AWAY_AT = 32
"""Of a key, the least of which wins: the distance; below it whether one speculates, the distance of the channel, and
the place."""

TAKEN = -1

BITS = 31
"""Numbers that are equal in these bits are taken for contested."""

LOST, WON, WON_LATER = range(3)
"""Marks of bids for the switch."""

RIVAL_AT, RIVAL_C, RIVAL_FIRST, RIVAL_MAY, RIVAL_SIZE = range(5)
"""Who asks for a channel of a contested output: its place, its channel, the first of the output, bits of those that it
may have."""


@inner_kernel
def next_vc(channels: int, first: int, pointer: int, vcs: int) -> int:
    """Of a set of channels, counted from the first of an output, the first at or after a pointer over all."""
    after = pointer - first
    after = after if (after > 0) & (after < vcs) else 0
    later = channels >> after << after
    return lowest(later if later != 0 else channels)


@inner_kernel
def ahead(place: int, pointer: int, around: int) -> int:
    """How far a place lies ahead of a pointer."""
    away = place - pointer
    return away + (around & away >> 63)


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
    for at in range(va, va_end):
        bit = 1 << (s[at] >> OUT_AT & BITS)
        contested |= once & bit
        once |= bit
    if contested != 0:
        among_rivals(s, r, va, va_end, contested)
    given, masks, left, asked = s[SCRATCH] + width - va, s[MASK], s[router + VA_END], s[router + SA_END]
    bids = s[SPECULATIVE] == 0
    for at in range(va, va_end):
        bid = s[at]
        c, out = bid >> C_AT & C_MASK, bid >> OUT_AT
        channel, port = channels + c * CHANNEL_SIZE, ports + out * PORT_SIZE
        if contested >> (out & BITS) & 1 != 0:
            v = s[given + at]
        else:
            may, v = s[port + FREE] & s[masks + (bid & V_MASK)], NOTHING
            if may != 0:
                h = out * vcs
                v = next_vc(may, h, s[channel + ACCEPT], vcs)
                take(s, channel, outlets, c, h + v)
        if v < 0:
            s[left] = bid
            left += 1
            continue
        s[port + FREE] &= ~(1 << v)
        if s[TAIL_CREDIT] != 0:
            s[s[PACED] + (r * s[RADIX] + out) * PACED_SIZE + TAIL] &= ~(1 << v)
        bid = bid & ~V_MASK | v
        s[channel + BID] = s[asked] = bid
        asked += bids
    s[router + VA_END], s[router + SA_END] = left, asked


@inner_kernel
def take(s: Int64s, channel: int, outlets: int, c: int, h: int) -> None:
    """Pointers of a pair that has been made: past the last is as good as at the first."""
    s[outlets + h * OUTLET_SIZE + GRANT] = c + 1
    s[channel + ACCEPT] = h + 1


@flat_kernel
def among_rivals(s: Int64s, r: int, va: int, va_end: int, contested: int) -> None:
    """Who gets which channel of contested outputs, `scratch` + width + k, or -1.

    iSLIP, over all channels of an output, whether asked for or not, as that takes no branches. Where allocation is
    separable each asks for one channel alone.
    """
    vcs, width, given = s[VCS], s[WIDTH], s[SCRATCH] + s[WIDTH]
    best, rivals, end = given + width, given + 2 * width, given + 2 * width
    channels, outlets = s[CHANNEL] + r * width * CHANNEL_SIZE, s[OUTLET] + r * width * OUTLET_SIZE
    size = s[s[ROUTER] + r * ROUTER_SIZE + PORTS] * vcs
    for at in range(va, va_end):
        bid = s[at]
        c, first, may = bid >> C_AT & C_MASK, (bid >> OUT_AT) * vcs, open_channels(s, r, bid)
        s[given + at - va] = NOTHING
        if may == 0 or contested >> (bid >> OUT_AT & BITS) & 1 == 0:
            continue
        if s[SEPARABLE] != 0:
            may = 1 << next_vc(may, first, s[channels + c * CHANNEL_SIZE + ACCEPT], vcs)
        s[end + RIVAL_AT], s[end + RIVAL_C], s[end + RIVAL_FIRST], s[end + RIVAL_MAY] = at - va, c, first, may
        end += RIVAL_SIZE
        for h in range(best + first, best + first + vcs):
            s[h] = NEVER
    for iteration in range(s[VC_ITERATIONS]):
        for rival in range(rivals, end, RIVAL_SIZE):
            c, first, may = s[rival + RIVAL_C], s[rival + RIVAL_FIRST], s[rival + RIVAL_MAY]
            for v in range(vcs):
                away = ahead(c, s[outlets + (first + v) * OUTLET_SIZE + GRANT], size) << AWAY_AT | rival
                s[best + first + v] = min(s[best + first + v], away if may >> v & 1 != 0 else NEVER)
        for rival in range(rivals, end, RIVAL_SIZE):
            c, first, granted = s[rival + RIVAL_C], s[rival + RIVAL_FIRST], 0
            for v in range(vcs):
                granted |= (s[best + first + v] & (1 << AWAY_AT) - 1 == rival) << v
            if granted != 0:
                v = next_vc(granted, first, s[channels + c * CHANNEL_SIZE + ACCEPT], vcs)
                s[given + s[rival + RIVAL_AT]], s[rival + RIVAL_MAY] = v, 0
                if iteration == 0:
                    take(s, channels + c * CHANNEL_SIZE, outlets, c, first + v)
        if iteration + 1 < s[VC_ITERATIONS]:
            ask_again(s, rivals, end)


@flat_kernel
def ask_again(s: Int64s, rivals: int, end: int) -> None:
    """Channels that have been given are gone in the iterations that follow."""
    given, best = s[SCRATCH] + s[WIDTH], s[SCRATCH] + 2 * s[WIDTH]
    for rival in range(rivals, end, RIVAL_SIZE):
        first = best + s[rival + RIVAL_FIRST]
        for h in range(first, first + s[VCS]):
            s[h] = NEVER
    for rival in range(rivals, end, RIVAL_SIZE):
        v = s[given + s[rival + RIVAL_AT]]
        if v >= 0:
            s[best + s[rival + RIVAL_FIRST] + v] = TAKEN


@flat_kernel
def guess(s: Int64s, r: int, bid: int) -> int:
    """Whether a head without a channel bids: one of the channels that it may take is free with room."""
    port = s[PORT] + (r * s[RADIX] + (bid >> OUT_AT & OUT_MASK)) * PORT_SIZE
    return int(open_channels(s, r, bid) & s[port + HAS_ROOM] != 0)


@inner_kernel
def give_switch(s: Int64s, r: int, sa: int, sa_end: int) -> None:
    """A router's channels with a flit get the switch or not: marks at `scratch`."""
    ports, won = s[PORT] + r * s[RADIX] * PORT_SIZE, s[SCRATCH] - sa
    asks = won + s[WIDTH]
    once_x, once_o, twice_x, twice_o = 0, 0, 0, 0
    for at in range(sa, sa_end):
        bid = s[at]
        out = bid >> OUT_AT & OUT_MASK
        may = s[ports + out * PORT_SIZE + HAS_ROOM] >> (bid & 63) & 1
        if bid >= GUESS:
            may = guess(s, r, bid)
        s[won + at] = s[asks + at] = may
        bit_x, bit_o = may << (bid >> X_AT & BITS), may << (out & BITS)
        twice_x |= once_x & bit_x
        twice_o |= once_o & bit_o
        once_x |= bit_x
        once_o |= bit_o
    if twice_x | twice_o != 0:
        contest(s, r, sa, sa_end)


@flat_kernel
def contest(s: Int64s, r: int, sa: int, sa_end: int) -> None:
    """Marks of bids of which some want what others do."""
    if s[SEPARABLE] != 0:
        inputs_first(s, r, sa, sa_end)
        return
    outputs_first(s, r, sa, sa_end, WON)
    for _ in range(1, s[SWITCH_ITERATIONS]):
        leave_out(s, sa, sa_end)
        outputs_first(s, r, sa, sa_end, WON_LATER)


@inner_kernel
def rank(s: Int64s, turns: int, vc_of: int, vcs: int, bid: int, place: int) -> int:
    """The part of a bid's key that says which of one input for one output is next."""
    turn = s[turns + (bid >> X_AT & X_MASK) * INPUT_SIZE]
    away = ahead(s[vc_of + (bid >> C_AT & C_MASK)], turn, vcs)
    return int(bid >> GUESS_AT << AWAY_AT - 1 | away << PLACE_BITS | place)


@inner_kernel
def outputs_first(s: Int64s, r: int, sa: int, sa_end: int, mark: int) -> None:
    """An iteration of iSLIP, without branches: outputs grant, then inputs accept."""
    ports, radix, won, n = s[s[ROUTER] + r * ROUTER_SIZE + PORTS], s[RADIX], s[SCRATCH] - sa, 0
    best_x, keep, asks, outs = (
        s[BEST] + radix,
        -(mark == WON_LATER),
        won + s[WIDTH],
        s[SCRATCH] + 2 * s[WIDTH],
    )
    best_o, grants, xs = s[BEST], s[PORT] + r * radix * PORT_SIZE + SA_GRANT, ports * s[SPEEDUP]
    inputs, vc_of, vcs = s[INPUT] + r * radix * s[SPEEDUP] * INPUT_SIZE, s[VC_OF], s[VCS]
    for at in range(sa, sa_end):
        bid, may = s[at], s[asks + at]
        out = bid >> OUT_AT & OUT_MASK
        best, away = s[best_o + out], ahead(bid >> X_AT & X_MASK, s[grants + out * PORT_SIZE], xs)
        s[outs + n] = out
        n += (best == NOBODY) & may
        key = away << AWAY_AT | rank(s, inputs + TURN, vc_of, vcs, bid, at - sa) | NOBODY & may - 1
        s[best_o + out] = min(best, key)
        s[won + at] &= keep
    for at in range(outs, outs + n):
        out = s[at]
        k = s[best_o + out] & PLACES
        x = s[sa + k] >> X_AT & X_MASK
        key = ahead(out, s[inputs + x * INPUT_SIZE + SA_ACCEPT], ports) << AWAY_AT | k
        s[best_x + x] = min(s[best_x + x], key)
    for at in range(outs, outs + n):
        out = s[at]
        k = s[best_o + out] & PLACES
        x = s[sa + k] >> X_AT & X_MASK
        best = s[best_x + x]
        accepted = best & PLACES == k
        s[won + sa + k] = mark if accepted else LOST
        s[best_o + out], s[best_x + x] = NOBODY, NOBODY if accepted else best


@flat_kernel
def leave_out(s: Int64s, sa: int, sa_end: int) -> None:
    """Who wants what has been given away asks no more in the iterations that follow."""
    won, best_o, best_x = s[SCRATCH] - sa, s[BEST], s[BEST] + s[RADIX]
    asks = won + s[WIDTH]
    for at in range(sa, sa_end):
        if s[won + at] != LOST:
            s[best_x + (s[at] >> X_AT & X_MASK)] = s[best_o + (s[at] >> OUT_AT & OUT_MASK)] = TAKEN
    for at in range(sa, sa_end):
        if TAKEN in (s[best_x + (s[at] >> X_AT & X_MASK)], s[best_o + (s[at] >> OUT_AT & OUT_MASK)]):
            s[asks + at] = 0
    for at in range(sa, sa_end):
        s[best_x + (s[at] >> X_AT & X_MASK)] = s[best_o + (s[at] >> OUT_AT & OUT_MASK)] = NOBODY


@flat_kernel
def inputs_first(s: Int64s, r: int, sa: int, sa_end: int) -> None:
    """Separable allocation, those with a channel before those that speculate: inputs choose, then outputs."""
    ports, radix, won = s[s[ROUTER] + r * ROUTER_SIZE + PORTS], s[RADIX], s[SCRATCH] - sa
    best_o, best_x, grants = s[BEST], s[BEST] + radix, s[PORT] + r * radix * PORT_SIZE + SA_GRANT
    inputs, vc_of, vcs = s[INPUT] + r * radix * s[SPEEDUP] * INPUT_SIZE, s[VC_OF], s[VCS]
    for at in range(sa, sa_end):
        bid = s[at]
        x, out = bid >> X_AT & X_MASK, bid >> OUT_AT & OUT_MASK
        away = ahead(out, s[inputs + x * INPUT_SIZE + SA_ACCEPT], ports) << AWAY_AT
        key = bid >> GUESS_AT << BEHIND_AT | away | rank(s, inputs + TURN, vc_of, vcs, bid, at - sa)
        s[best_x + x] = min(s[best_x + x], key | NOBODY & s[won + at] - 1)
    for at in range(sa, sa_end):
        bid = s[at]
        x, out = bid >> X_AT & X_MASK, bid >> OUT_AT & OUT_MASK
        key = bid >> GUESS_AT << BEHIND_AT | at - sa
        key |= ahead(x, s[grants + out * PORT_SIZE], ports * s[SPEEDUP]) << AWAY_AT
        s[best_o + out] = min(s[best_o + out], key if s[best_x + x] & PLACES == at - sa else NOBODY)
    for at in range(sa, sa_end):
        x, out = s[at] >> X_AT & X_MASK, s[at] >> OUT_AT & OUT_MASK
        s[won + at] = s[best_o + out] & PLACES == at - sa and s[best_x + x] & PLACES == at - sa
    for at in range(sa, sa_end):
        s[best_x + (s[at] >> X_AT & X_MASK)] = s[best_o + (s[at] >> OUT_AT & OUT_MASK)] = NOBODY


@inner_kernel
def move_pointers(s: Int64s, ports: int, inputs: int, bid: int, mark: int) -> None:
    """Who bids has won the switch, in the first iteration or later."""
    x, out = bid >> X_AT & X_MASK, bid >> OUT_AT & OUT_MASK
    at = inputs + x * INPUT_SIZE
    if mark == WON:
        s[ports + out * PORT_SIZE + SA_GRANT] = x + 1
        s[at + SA_ACCEPT] = out + 1
    s[at + TURN] = s[s[TURNS] + (bid >> C_AT & C_MASK)]
