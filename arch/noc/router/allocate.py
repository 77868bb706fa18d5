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
    BID,
    C_AT,
    C_MASK,
    CHANNEL,
    CHANNEL_SIZE,
    FREE,
    GRANT,
    GUESS,
    HAS_ROOM,
    INPUT,
    INPUT_SIZE,
    MASK,
    NEVER,
    NOTHING,
    OUT_AT,
    OUT_MASK,
    OUTLET,
    OUTLET_SIZE,
    PACED,
    PACED_SIZE,
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

BEHIND = 1 << 56
"""Added to the key of who speculates where that comes after everybody else."""

PLACE_BITS = 24
"""Of a key, distance and place in a list: the least key is the nearest, and says who it is."""

PLACES = (1 << PLACE_BITS) - 1

AWAY_AT = 32
"""Of a key: the distance; below it whether one speculates, the distance of the virtual channel, and the place."""

TAKEN = -1

BITS = 31
"""Numbers that are equal in these bits are taken for contested."""

LOST, WON, WON_LATER = range(3)
"""Marks of bids for the switch."""

RIVAL_AT, RIVAL_OUT, RIVAL_MAY, RIVAL_SIZE = range(4)
"""Who asks for a channel of a contested output: its place, its output, bits of channels that it may have."""

NOBODY = 1 << 60 | PLACES
"""Of a key: nobody's; or-ed to a key it makes it so."""


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

    Where allocation is separable each asks for one channel alone.
    """
    vcs, given, count = s[VCS], s[SCRATCH] + s[RADIX] * s[VCS], 0
    line, rivals = r * s[RADIX] * vcs, given + s[RADIX] * vcs
    for at in range(va, va_end):
        bid, rival = s[at], rivals + RIVAL_SIZE * count
        out, may = bid >> OUT_AT, open_channels(s, r, bid)
        s[given + at - va] = NOTHING
        if may == 0 or contested >> (out & BITS) & 1 == 0:
            continue
        if s[SEPARABLE] != 0:
            channel = s[CHANNEL] + (line + (bid >> C_AT & C_MASK)) * CHANNEL_SIZE
            may = 1 << next_vc(may, out * vcs, s[channel + ACCEPT], vcs)
        s[rival + RIVAL_AT], s[rival + RIVAL_OUT], s[rival + RIVAL_MAY] = at - va, out, may
        count += 1
    for rival in range(rivals, rivals + RIVAL_SIZE * count, RIVAL_SIZE):
        if s[rival + RIVAL_MAY] != 0:
            share(s, r, va, rival, rivals + RIVAL_SIZE * count)


@flat_kernel
def share(s: Int64s, r: int, va: int, rival: int, rivals_end: int) -> None:
    """iSLIP for one output between a rival and those behind it."""
    vcs, given, out, members = s[VCS], s[SCRATCH] + s[RADIX] * s[VCS], s[rival + RIVAL_OUT], rivals_end
    width, size = s[RADIX] * vcs, s[s[ROUTER] + r * ROUTER_SIZE + PORTS] * vcs
    line, end, first = r * width, members, out * vcs
    for at in range(rival, rivals_end, RIVAL_SIZE):
        if s[at + RIVAL_OUT] == out:
            s[end], s[end + 1], s[end + 2], s[end + 3] = (
                s[at + RIVAL_AT], s[va + s[at + RIVAL_AT]] >> C_AT & C_MASK, s[at + RIVAL_MAY], 0,
            )  # fmt: skip
            s[at + RIVAL_MAY] = 0
            end += 4
    for iteration in range(s[VC_ITERATIONS]):
        wanted, gone = 0, 0
        for at in range(members, end, 4):
            wanted |= s[at + 2]
        while wanted != 0:
            v = lowest(wanted)
            wanted &= wanted - 1
            pointer, best = s[s[OUTLET] + (line + first + v) * OUTLET_SIZE + GRANT], NEVER
            for at in range(members, end, 4):
                away = ahead(s[at + 1], pointer, size) << AWAY_AT | at
                best = min(best, away if s[at + 2] >> v & 1 != 0 else NEVER)
            s[(best & (1 << AWAY_AT) - 1) + 3] |= 1 << v
        for at in range(members, end, 4):
            if s[at + 3] != 0:
                c = s[at + 1]
                v = next_vc(s[at + 3], first, s[s[CHANNEL] + (line + c) * CHANNEL_SIZE + ACCEPT], vcs)
                s[given + s[at]], s[at + 2], s[at + 3] = v, 0, 0
                gone |= 1 << v
                if iteration == 0:
                    take(
                        s,
                        s[CHANNEL] + (line + c) * CHANNEL_SIZE,
                        s[OUTLET] + line * OUTLET_SIZE,
                        c,
                        first + v,
                    )
        for at in range(members, end, 4):
            s[at + 2] &= ~gone


@flat_kernel
def guess(s: Int64s, r: int, bid: int) -> int:
    """Whether a head without a channel bids: one of the channels that it may take is free with room."""
    port = s[PORT] + (r * s[RADIX] + (bid >> OUT_AT & OUT_MASK)) * PORT_SIZE
    return int(open_channels(s, r, bid) & s[port + HAS_ROOM] != 0)


@inner_kernel
def give_switch(s: Int64s, r: int, sa: int, sa_end: int) -> None:
    """A router's channels with a flit get the switch or not: marks at `scratch`."""
    ports, won = s[PORT] + r * s[RADIX] * PORT_SIZE, s[SCRATCH] - sa
    once_x, once_o, twice_x, twice_o = 0, 0, 0, 0
    for at in range(sa, sa_end):
        bid = s[at]
        out = bid >> OUT_AT & OUT_MASK
        may = s[ports + out * PORT_SIZE + HAS_ROOM] >> (bid & 63) & 1
        if bid >= GUESS:
            may = guess(s, r, bid)
        s[won + at] = may
        bit_x, bit_o = may << (bid >> X_AT & BITS), may << (out & BITS)
        twice_x |= once_x & bit_x
        twice_o |= once_o & bit_o
        once_x |= bit_x
        once_o |= bit_o
    if twice_x | twice_o != 0:
        contest(s, r, sa, sa_end)


@flat_kernel
def contest(s: Int64s, r: int, sa: int, sa_end: int) -> None:
    """Marks of bids of which some want what others do.

    One iteration is without branches: which way they would go is as good as drawn, and each wrong guess costs a
    processor what ten bids do.
    """
    vcs, radix, won = s[VCS], s[RADIX], s[SCRATCH] - sa
    keys, best_x = won + radix * vcs, won + 2 * radix * vcs + sa
    best_o, turns = best_x + radix * s[SPEEDUP], s[INPUT] + r * radix * s[SPEEDUP] * INPUT_SIZE + TURN
    for at in range(sa, sa_end):
        bid = s[at]
        x, out = bid >> X_AT & X_MASK, bid >> OUT_AT & OUT_MASK
        turn = ahead(s[s[VC_OF] + (bid >> C_AT & C_MASK)], s[turns + x * INPUT_SIZE], vcs)
        s[keys + at] = (bid >= GUESS) << AWAY_AT - 1 | turn << PLACE_BITS | at - sa | NOBODY & s[won + at] - 1
        s[won + at], s[best_x + x], s[best_o + out] = LOST, NOBODY, NOBODY
    if s[SEPARABLE] != 0:
        inputs_first(s, r, sa, sa_end, best_x, best_o)
        return
    outputs_first(s, r, sa, sa_end, best_x, best_o, WON)
    for _ in range(1, s[SWITCH_ITERATIONS]):
        leave_out(s, r, sa, sa_end, best_x, best_o)
        outputs_first(s, r, sa, sa_end, best_x, best_o, WON_LATER)


@inner_kernel
def outputs_first(s: Int64s, r: int, sa: int, sa_end: int, best_x: int, best_o: int, mark: int) -> None:
    """An iteration of iSLIP: outputs grant, then inputs accept."""
    ports, radix, won = s[s[ROUTER] + r * ROUTER_SIZE + PORTS], s[RADIX], s[SCRATCH] - sa
    grants, keys, xs = s[PORT] + r * radix * PORT_SIZE + SA_GRANT, won + radix * s[VCS], ports * s[SPEEDUP]
    accepts = s[INPUT] + r * radix * s[SPEEDUP] * INPUT_SIZE + SA_ACCEPT
    for at in range(sa, sa_end):
        x, out = s[at] >> X_AT & X_MASK, s[at] >> OUT_AT & OUT_MASK
        key = ahead(x, s[grants + out * PORT_SIZE], xs) << AWAY_AT | s[keys + at]
        s[best_o + out] = min(s[best_o + out], key)
    for at in range(sa, sa_end):
        x, out = s[at] >> X_AT & X_MASK, s[at] >> OUT_AT & OUT_MASK
        granted = s[best_o + out] & PLACES == at - sa
        key = ahead(out, s[accepts + x * INPUT_SIZE], ports) << AWAY_AT | at - sa
        s[best_x + x] = min(s[best_x + x], key if granted else NOBODY)
    for at in range(sa, sa_end):
        x, out = s[at] >> X_AT & X_MASK, s[at] >> OUT_AT & OUT_MASK
        granted = s[best_o + out] & PLACES == at - sa
        accepted = s[best_x + x] & PLACES == at - sa
        s[won + at] += mark * (granted & accepted)


@flat_kernel
def leave_out(s: Int64s, r: int, sa: int, sa_end: int, best_x: int, best_o: int) -> None:
    """Bids for what has been given away are nobody's in the iterations that follow."""
    won = s[SCRATCH] - sa
    keys = won + s[RADIX] * s[VCS]
    for at in range(sa, sa_end):
        if s[won + at] != LOST:
            s[best_x + (s[at] >> X_AT & X_MASK)] = s[best_o + (s[at] >> OUT_AT & OUT_MASK)] = TAKEN
    for at in range(sa, sa_end):
        if TAKEN in (s[best_x + (s[at] >> X_AT & X_MASK)], s[best_o + (s[at] >> OUT_AT & OUT_MASK)]):
            s[keys + at] |= NOBODY
    for at in range(sa, sa_end):
        s[best_x + (s[at] >> X_AT & X_MASK)] = s[best_o + (s[at] >> OUT_AT & OUT_MASK)] = NOBODY


@flat_kernel
def inputs_first(s: Int64s, r: int, sa: int, sa_end: int, best_x: int, best_o: int) -> None:
    """Separable allocation, those with a channel before those that speculate."""
    ports, radix, won = s[s[ROUTER] + r * ROUTER_SIZE + PORTS], s[RADIX], s[SCRATCH] - sa
    grants, keys, xs = s[PORT] + r * radix * PORT_SIZE + SA_GRANT, won + radix * s[VCS], ports * s[SPEEDUP]
    accepts = s[INPUT] + r * radix * s[SPEEDUP] * INPUT_SIZE + SA_ACCEPT
    for at in range(sa, sa_end):
        x, out = s[at] >> X_AT & X_MASK, s[at] >> OUT_AT & OUT_MASK
        key = (
            ahead(out, s[accepts + x * INPUT_SIZE], ports) << AWAY_AT
            | BEHIND * (s[at] >= GUESS)
            | s[keys + at]
        )
        s[best_x + x] = min(s[best_x + x], key)
    for at in range(sa, sa_end):
        x, out = s[at] >> X_AT & X_MASK, s[at] >> OUT_AT & OUT_MASK
        key = ahead(x, s[grants + out * PORT_SIZE], xs) << AWAY_AT | BEHIND * (s[at] >= GUESS) | at - sa
        s[best_o + out] = min(s[best_o + out], key if s[best_x + x] & PLACES == at - sa else NOBODY)
    for at in range(sa, sa_end):
        x, out = s[at] >> X_AT & X_MASK, s[at] >> OUT_AT & OUT_MASK
        s[won + at] = s[best_o + out] & PLACES == at - sa and s[best_x + x] & PLACES == at - sa


@inner_kernel
def move_pointers(s: Int64s, r: int, bid: int, mark: int) -> None:
    """Who bids has won the switch, in the first iteration or later."""
    x, out = bid >> X_AT & X_MASK, bid >> OUT_AT & OUT_MASK
    at = s[INPUT] + (r * s[RADIX] * s[SPEEDUP] + x) * INPUT_SIZE
    if mark == WON:
        s[s[PORT] + (r * s[RADIX] + out) * PORT_SIZE + SA_GRANT] = x + 1
        s[at + SA_ACCEPT] = out + 1
    s[at + TURN] = s[s[TURNS] + (bid >> C_AT & C_MASK)]
