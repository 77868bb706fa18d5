"""Virtual channels and the switch of one router are given away; see `layout` for what lies where.

iSLIP: each output grants the first who asks at or after its pointer, each input accepts the first grant at or after its
own. Separable: inputs choose first, those with a channel before those that speculate, then outputs choose among them.
All work is in proportion to who asks, and where nobody asks for what another wants, nothing is compared. What has been
given away is TAKEN in the iterations that follow.
"""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import flat_kernel, inner_kernel, lowest
from bankside.arch.noc.fabric.fabric import CLASS_AT, LOW
from bankside.arch.noc.router.layout import (
    ACCEPT,
    CHANNEL,
    CHANNEL_SIZE,
    DEPTH,
    FREE,
    GRANT,
    INPUT,
    INPUT_SIZE,
    MASK,
    MOVING,
    NEVER,
    OUT,
    OUTLET,
    OUTLET_SIZE,
    PORT,
    PORT_SIZE,
    PORTS,
    RADIX,
    ROUTE,
    ROUTER,
    ROUTER_SIZE,
    SA_ACCEPT,
    SA_GRANT,
    SCRATCH,
    SEPARABLE,
    SPEEDUP,
    STATUS,
    SWITCH_ITERATIONS,
    TURN,
    USED,
    VC_ITERATIONS,
    VC_OF,
    VCS,
    X_OF,
)

Int64s = npt.NDArray[np.int64]

BEHIND = 1 << 26
"""Added to the distance of who speculates: after everybody else."""

PLACE_BITS = 24
"""Of a key, distance and place in a list: the least key is the nearest, and says who it is."""

PLACES = (1 << PLACE_BITS) - 1

TAKEN = -1

BITS = 31
"""Numbers that are equal in these bits are taken for contested."""


@inner_kernel
def next_vc(channels: int, first: int, pointer: int, vcs: int) -> int:
    """Of a set of channels, counted from the first of an output, the first at or after a pointer over all."""
    after = pointer - first
    if 0 < after < vcs:
        later = channels >> after << after
        channels = later if later != 0 else channels
    return lowest(channels)


@inner_kernel
def open_channels(s: Int64s, r: int, entry: int) -> int:
    """Bits of the free channels that an entry may take."""
    port = s[PORT] + (r * s[RADIX] + (entry & LOW)) * PORT_SIZE
    return int(s[port + FREE] & s[s[MASK] + (entry >> CLASS_AT & 255)])


@inner_kernel
def take(s: Int64s, r: int, c: int, h: int) -> None:
    """Pointers of a pair that has been made."""
    width, size = s[RADIX] * s[VCS], s[s[ROUTER] + r * ROUTER_SIZE + PORTS] * s[VCS]
    s[s[OUTLET] + (r * width + h) * OUTLET_SIZE + GRANT] = c + 1 if c + 1 < size else 0
    s[s[CHANNEL] + (r * width + c) * CHANNEL_SIZE + ACCEPT] = h + 1 if h + 1 < size else 0


@inner_kernel
def give_channels(s: Int64s, r: int, va: int, n: int) -> None:
    """Each of a router's waiting heads, `n` from place `va` on, gets an output channel or not: `scratch[k]`, out x vcs
    + v, or -1."""
    vcs, won = s[VCS], s[SCRATCH]
    width = s[RADIX] * vcs
    line, wants = s[CHANNEL] + r * width * CHANNEL_SIZE, won + 2 * width
    once, contested = 0, 0
    for k in range(n):
        entry = s[line + s[va + k] * CHANNEL_SIZE + ROUTE]
        bit = 1 << (entry & BITS)
        contested |= once & bit
        once |= bit
        s[wants + k] = open_channels(s, r, entry)
    more = 0
    for k in range(n):
        c, channels, h = s[va + k], s[wants + k], -1
        if channels != 0:
            channel = line + c * CHANNEL_SIZE
            out = s[channel + ROUTE] & LOW
            if contested != 0 and contested >> (out & BITS) & 1 != 0:
                more += 1
            else:
                h = out * vcs + next_vc(channels, out * vcs, s[channel + ACCEPT], vcs)
                take(s, r, c, h)
        s[won + k] = h
    if more > 0:
        if s[SEPARABLE] != 0:
            inputs_first(s, r, va, n, contested)
        else:
            outputs_first(s, r, va, n, contested)


@flat_kernel
def outputs_first(s: Int64s, r: int, va: int, n: int, contested: int) -> None:
    """iSLIP among heads that ask for contested outputs."""
    vcs, won = s[VCS], s[SCRATCH]
    width = s[RADIX] * vcs
    line, grants = s[CHANNEL] + r * width * CHANNEL_SIZE, s[OUTLET] + r * width * OUTLET_SIZE + GRANT
    wants, best, rivals = won + 2 * width, won + 3 * width, won + 4 * width
    size, count = s[s[ROUTER] + r * ROUTER_SIZE + PORTS] * vcs, 0
    for k in range(n):
        out = s[line + s[va + k] * CHANNEL_SIZE + ROUTE] & LOW
        if contested >> (out & BITS) & 1 != 0 and s[wants + k] != 0:
            s[rivals + 2 * count], s[rivals + 2 * count + 1] = k, out * vcs
            count += 1
            for h in range(out * vcs, (out + 1) * vcs):
                s[best + h] = NEVER
    for iteration in range(s[VC_ITERATIONS]):
        for at in range(rivals, rivals + 2 * count, 2):
            k, first = s[at], s[at + 1]
            c, channels = s[va + k], s[wants + k] if s[won + k] < 0 else 0
            while channels != 0:
                h = first + lowest(channels)
                channels &= channels - 1
                away = c - s[grants + h * OUTLET_SIZE]
                away += size if away < 0 else 0
                s[best + h] = min(s[best + h], away << PLACE_BITS | k)
        for at in range(rivals, rivals + 2 * count, 2):
            k, first = s[at], s[at + 1]
            channels, granted = s[wants + k] if s[won + k] < 0 else 0, 0
            while channels != 0:
                v = lowest(channels)
                channels &= channels - 1
                granted |= (s[best + first + v] & PLACES == k) << v
            if granted != 0:
                s[won + k] = first + next_vc(granted, first, s[line + s[va + k] * CHANNEL_SIZE + ACCEPT], vcs)
                if iteration == 0:
                    take(s, r, s[va + k], s[won + k])
        for at in range(rivals, rivals + 2 * count if iteration + 1 < s[VC_ITERATIONS] else rivals, 2):
            k, first = s[at], s[at + 1]
            for h in range(first, first + vcs):
                s[best + h] = TAKEN if s[best + h] == TAKEN or s[won + k] == h else NEVER


@flat_kernel
def inputs_first(s: Int64s, r: int, va: int, n: int, contested: int) -> None:
    """Separable allocation among heads that ask for contested outputs."""
    vcs, won = s[VCS], s[SCRATCH]
    width = s[RADIX] * vcs
    line, grants = s[CHANNEL] + r * width * CHANNEL_SIZE, s[OUTLET] + r * width * OUTLET_SIZE + GRANT
    wants, best, rivals = won + 2 * width, won + 3 * width, won + 4 * width
    size, count = s[s[ROUTER] + r * ROUTER_SIZE + PORTS] * vcs, 0
    for k in range(n):
        channel = line + s[va + k] * CHANNEL_SIZE
        out = s[channel + ROUTE] & LOW
        if contested >> (out & BITS) & 1 != 0 and s[wants + k] != 0:
            h = out * vcs + next_vc(s[wants + k], out * vcs, s[channel + ACCEPT], vcs)
            s[rivals + 2 * count], s[rivals + 2 * count + 1], s[best + h] = k, h, NEVER
            count += 1
    for at in range(rivals, rivals + 2 * count, 2):
        k, h = s[at], s[at + 1]
        away = s[va + k] - s[grants + h * OUTLET_SIZE]
        away += size if away < 0 else 0
        s[best + h] = min(s[best + h], away << PLACE_BITS | k)
    for at in range(rivals, rivals + 2 * count, 2):
        k, h = s[at], s[at + 1]
        if s[best + h] & PLACES == k:
            s[won + k] = h
            take(s, r, s[va + k], h)


@flat_kernel
def guess(s: Int64s, r: int, channel: int) -> int:
    """Output that a head without a channel bids for, x 2, + 1; -1 where none of its channels is free with room."""
    entry = s[channel + ROUTE]
    out = entry & LOW
    first, free = (r * s[RADIX] + out) * s[VCS], open_channels(s, r, entry)
    while free != 0:
        if s[s[OUTLET] + (first + lowest(free)) * OUTLET_SIZE + USED] < s[DEPTH]:
            return int(2 * out + 1)
        free &= free - 1
    return -1


@inner_kernel
def give_switch(s: Int64s, r: int, sa: int, n: int) -> None:
    """Each of a router's channels with a flit, `n` from place `sa` on, gets the switch or not: its output, or -1, at
    `scratch` + width + k."""
    width, first = s[RADIX] * s[VCS], r * s[RADIX]
    line, won, ports = s[CHANNEL] + first * s[VCS] * CHANNEL_SIZE, s[SCRATCH] + width, s[SCRATCH] + 2 * width
    bids, count, once_x, once_o, twice_x, twice_o, pairs, twice = won + 2 * width, 0, 0, 0, 0, 0, 0, 0
    used, depth, xs = s[OUTLET] + USED, s[DEPTH], s[X_OF]
    for k in range(n):
        c = s[sa + k]
        channel, found = line + c * CHANNEL_SIZE, -1
        if s[channel + STATUS] != MOVING:
            found = guess(s, r, channel)
        elif s[used + s[channel + OUT] * OUTLET_SIZE] < depth:
            found = 2 * (s[channel + ROUTE] - first)
        s[won + k] = found >> 1
        if found >= 0:
            x = s[xs + c]
            s[ports + k] = x << 1 | found & 1
            bit_x, bit_o = 1 << (x & BITS), 1 << (found >> 1 & BITS)
            twice_x |= once_x & bit_x
            twice_o |= once_o & bit_o
            once_x |= bit_x
            once_o |= bit_o
    for k in range(n):
        out = s[won + k]
        if out < 0:
            continue
        x = s[ports + k] >> 1
        if (twice_x >> (x & BITS) | twice_o >> (out & BITS)) & 1 == 0:
            move_pointers(s, r, s[sa + k], x, out, True)
        else:
            s[won + k] = -1
            s[bids + 3 * count], s[bids + 3 * count + 1] = k, x
            s[bids + 3 * count + 2] = 2 * out + (s[ports + k] & 1)
            bit_pair = 1 << (x * s[RADIX] + out & BITS)
            twice |= pairs & bit_pair
            pairs |= bit_pair
            count += 1
    if count == 2 and s[SEPARABLE] == 0 and (s[bids + 2] | s[bids + 5]) & 1 == 0:
        of_two(s, r, sa, bids)
    elif count > 0:
        match(s, r, sa, bids, one_a_pair(s, r, sa, bids, count) if twice != 0 else count)


@flat_kernel
def of_two(s: Int64s, r: int, sa: int, bids: int) -> None:
    """iSLIP between two bids, of which neither speculates: the nearer to the pointer of what both want wins it."""
    radix, xs = s[RADIX], s[RADIX] * s[SPEEDUP]
    x, other_x, out, other_out = s[bids + 1], s[bids + 4], s[bids + 2] >> 1, s[bids + 5] >> 1
    if x != other_x and out != other_out:
        switch(s, r, sa, bids, True)
        switch(s, r, sa, bids + 3, True)
        return
    ports = s[s[ROUTER] + r * ROUTER_SIZE + PORTS]
    if x != other_x:
        pointer, around = s[s[PORT] + (r * radix + out) * PORT_SIZE + SA_GRANT], ports * s[SPEEDUP]
        away, other = x - pointer, other_x - pointer
    elif out != other_out:
        pointer, around = s[s[INPUT] + (r * xs + x) * INPUT_SIZE + SA_ACCEPT], ports
        away, other = out - pointer, other_out - pointer
    else:
        pointer, around = s[s[INPUT] + (r * xs + x) * INPUT_SIZE + TURN], s[VCS]
        away, other = s[s[VC_OF] + s[sa + s[bids]]] - pointer, s[s[VC_OF] + s[sa + s[bids + 3]]] - pointer
    away += around if away < 0 else 0
    other += around if other < 0 else 0
    switch(s, r, sa, bids if away < other else bids + 3, True)


@flat_kernel
def one_a_pair(s: Int64s, r: int, sa: int, bids: int, count: int) -> int:
    """Of the bids from one input for one output leave the one whose turn is next; returns how many are left."""
    vcs, radix = s[VCS], s[RADIX]
    xs = radix * s[SPEEDUP]
    pair, left = s[SCRATCH] + 8 * radix * vcs + radix + xs, 0
    for b in range(bids, bids + 3 * count, 3):
        s[pair + s[b + 1] * radix + (s[b + 2] >> 1)] = NEVER
    for b in range(bids, bids + 3 * count, 3):
        k, x, found = s[b], s[b + 1], s[b + 2]
        at = pair + x * radix + (found >> 1)
        away = s[s[VC_OF] + s[sa + k]] - s[s[INPUT] + (r * xs + x) * INPUT_SIZE + TURN]
        away += (vcs if away < 0 else 0) + BEHIND * (found & 1)
        s[at] = min(s[at], away << PLACE_BITS | k)
    for b in range(bids, bids + 3 * count, 3):
        k, x, found = s[b], s[b + 1], s[b + 2]
        if s[pair + x * radix + (found >> 1)] & PLACES == k:
            at = bids + 3 * left
            s[at], s[at + 1], s[at + 2] = k, x, found
            left += 1
    return left


@flat_kernel
def match(s: Int64s, r: int, sa: int, bids: int, count: int) -> None:
    """Two rounds: outputs choose among bids, then inputs among the chosen; the other way round where separable."""
    radix, separable = s[RADIX], s[SEPARABLE] != 0
    xs, ports = radix * s[SPEEDUP], s[s[ROUTER] + r * ROUTER_SIZE + PORTS]
    best_o = s[SCRATCH] + 8 * radix * s[VCS]
    best_x, end = best_o + radix, bids + 3 * count
    for b in range(bids, end, 3):
        s[best_x + s[b + 1]] = s[best_o + (s[b + 2] >> 1)] = NEVER
    for iteration in range(s[SWITCH_ITERATIONS]):
        for again in range(2):
            by_output = (again == 1) == separable
            for b in range(bids, end, 3):
                k, x, found = s[b], s[b + 1], s[b + 2]
                out = found >> 1
                if s[best_x + x] == TAKEN or s[best_o + out] == TAKEN:
                    continue
                if by_output:
                    if again == 1 and s[best_x + x] & PLACES != k:
                        continue
                    away = x - s[s[PORT] + (r * radix + out) * PORT_SIZE + SA_GRANT]
                    away, at = away + (ports * s[SPEEDUP] if away < 0 else 0), best_o + out
                else:
                    if again == 1 and s[best_o + out] & PLACES != k:
                        continue
                    away = out - s[s[INPUT] + (r * xs + x) * INPUT_SIZE + SA_ACCEPT]
                    away, at = away + (ports if away < 0 else 0), best_x + x
                if separable:
                    away += BEHIND * (found & 1)
                s[at] = min(s[at], away << PLACE_BITS | k)
        for b in range(bids, end, 3):
            x, out = s[b + 1], s[b + 2] >> 1
            if s[best_o + out] & PLACES == s[b] and s[best_x + x] & PLACES == s[b]:
                switch(s, r, sa, b, iteration == 0)
                s[best_x + x] = s[best_o + out] = TAKEN
        for b in range(bids, end if iteration + 1 < s[SWITCH_ITERATIONS] else bids, 3):
            for at in (best_x + s[b + 1], best_o + (s[b + 2] >> 1)):
                s[at] = TAKEN if s[at] == TAKEN else NEVER


@flat_kernel
def switch(s: Int64s, r: int, sa: int, bid: int, at_once: bool) -> None:
    """A contested bid has won its output, in the first iteration or later."""
    k, x, out = s[bid], s[bid + 1], s[bid + 2] >> 1
    s[s[SCRATCH] + s[RADIX] * s[VCS] + k] = out
    move_pointers(s, r, s[sa + k], x, out, at_once)


@inner_kernel
def move_pointers(s: Int64s, r: int, c: int, x: int, out: int, at_once: bool) -> None:
    """Channel c at port x of the switch has won an output."""
    vcs, speedup, radix, ports = s[VCS], s[SPEEDUP], s[RADIX], s[s[ROUTER] + r * ROUTER_SIZE + PORTS]
    at = s[INPUT] + (r * radix * speedup + x) * INPUT_SIZE
    if at_once:
        s[s[PORT] + (r * radix + out) * PORT_SIZE + SA_GRANT] = x + 1 if x + 1 < ports * speedup else 0
        s[at + SA_ACCEPT] = out + 1 if out + 1 < ports else 0
    turn = s[s[VC_OF] + c] + speedup
    s[at + TURN] = turn if turn < vcs else turn % vcs
