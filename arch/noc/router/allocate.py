"""Virtual channels and the switch of one router are given away; see `layout` for what lies where.

iSLIP: each output grants the first who asks at or after its pointer, each input accepts the first grant at or after its
own. Separable: inputs choose first, those with a channel before those that speculate, then outputs choose among them.
All work is in proportion to who asks.
"""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import hot_kernel, lowest
from bankside.arch.noc.fabric.fabric import CLASS_AT, LOW
from bankside.arch.noc.router.layout import (
    ACCEPT,
    CHANNEL,
    CHANNEL_SIZE,
    DEPTH,
    FIRST,
    FREE,
    GRANT,
    INPUT,
    INPUT_SIZE,
    LAST,
    MASK,
    MOVING,
    N_SA,
    N_VA,
    OUT,
    PORT,
    PORT_OF,
    PORT_SIZE,
    PORTS,
    RADIX,
    ROUTE,
    ROUTER,
    ROUTER_SIZE,
    SA,
    SA_ACCEPT,
    SA_GRANT,
    SCRATCH,
    SEPARABLE,
    SPEEDUP,
    STAMP,
    STATUS,
    TURN,
    USED,
    VA,
    VC_OF,
    VCS,
)

Int64s = npt.NDArray[np.int64]

BEHIND = 1 << 40
"""Added to the distance of who speculates: after everybody else."""

LOW_HALF = (1 << 32) - 1

PORT_BITS = 32
"""Bits for ports that several heads ask for; ports that share a bit are taken for contested."""


@hot_kernel
def next_vc(channels: int, out: int, vcs: int, pointer: int) -> int:
    """The first of a set of an output's channels at or after a pointer over the channels of all outputs."""
    after = pointer - out * vcs
    if 0 < after < vcs:
        later = channels >> after << after
        if later != 0:
            return lowest(later)
    return lowest(channels)


@hot_kernel
def open_channels(s: Int64s, r: int, entry: int) -> int:
    """Bits of the free channels that an entry may take."""
    port = s[PORT] + (r * s[RADIX] + (entry & LOW)) * PORT_SIZE
    return int(s[port + FREE] & s[s[MASK] + (entry >> CLASS_AT & 255)])


@hot_kernel
def take(s: Int64s, line: int, c: int, h: int, size: int) -> None:
    """Pointers of a pair that has been made; `line` is the place of the router's channels."""
    s[line + h * CHANNEL_SIZE + GRANT] = c + 1 if c + 1 < size else 0
    s[line + c * CHANNEL_SIZE + ACCEPT] = h + 1 if h + 1 < size else 0


@hot_kernel
def give_channels(s: Int64s, r: int) -> None:
    """Each of a router's waiting heads gets an output channel or not: `scratch[k]`, out x vcs + v, or -1."""
    vcs, n = s[VCS], s[s[ROUTER] + r * ROUTER_SIZE + N_VA]
    width = s[RADIX] * vcs
    line = s[CHANNEL] + r * width * CHANNEL_SIZE
    size = s[s[ROUTER] + r * ROUTER_SIZE + PORTS] * vcs
    if n > 1:
        if s[SEPARABLE] != 0:
            inputs_first(s, r, n, size)
        else:
            outputs_first(s, r, n, size)
        return
    c = s[s[VA] + r * width]
    entry = s[line + c * CHANNEL_SIZE + ROUTE]
    channels, h = open_channels(s, r, entry), -1
    if channels != 0:
        out = entry & LOW
        h = out * vcs + next_vc(channels, out, vcs, s[line + c * CHANNEL_SIZE + ACCEPT])
        take(s, line, c, h, size)
    s[s[SCRATCH]] = h


@hot_kernel
def outputs_first(s: Int64s, r: int, n: int, size: int) -> None:
    """iSLIP among several heads."""
    vcs, won = s[VCS], s[SCRATCH]
    width = s[RADIX] * vcs
    line, va = s[CHANNEL] + r * width * CHANNEL_SIZE, s[VA] + r * width
    wants, best = won + width, won + 2 * width
    s[STAMP] += 1
    stamp, once, contested = s[STAMP], 0, 0
    for k in range(n):
        port = (s[line + s[va + k] * CHANNEL_SIZE + ROUTE] & LOW) % PORT_BITS
        contested |= once & 1 << port
        once |= 1 << port
    for k in range(n):
        c = s[va + k]
        entry = s[line + c * CHANNEL_SIZE + ROUTE]
        channels, first = open_channels(s, r, entry), (entry & LOW) * vcs
        s[wants + k] = channels
        while channels != 0 and contested >> (entry & LOW) % PORT_BITS & 1 != 0:
            h = first + lowest(channels)
            channels &= channels - 1
            away = c - s[line + h * CHANNEL_SIZE + GRANT]
            away += size if away < 0 else 0
            at = best + 3 * h
            if s[at] != stamp or away < s[at + 1]:
                s[at], s[at + 1], s[at + 2] = stamp, away, c
    for k in range(n):
        c = s[va + k]
        out = s[line + c * CHANNEL_SIZE + ROUTE] & LOW
        channels, granted = s[wants + k], 0
        if contested >> out % PORT_BITS & 1 == 0:
            granted, channels = channels, 0
        while channels != 0:
            v = lowest(channels)
            channels &= channels - 1
            if s[best + 3 * (out * vcs + v) + 2] == c:
                granted |= 1 << v
        s[won + k] = -1
        if granted != 0:
            s[won + k] = out * vcs + next_vc(granted, out, vcs, s[line + c * CHANNEL_SIZE + ACCEPT])
    for k in range(n):
        if s[won + k] >= 0:
            take(s, line, s[va + k], s[won + k], size)


@hot_kernel
def inputs_first(s: Int64s, r: int, n: int, size: int) -> None:
    """Separable allocation among several heads."""
    vcs, won = s[VCS], s[SCRATCH]
    width = s[RADIX] * vcs
    line, va = s[CHANNEL] + r * width * CHANNEL_SIZE, s[VA] + r * width
    best = won + 2 * width
    s[STAMP] += 1
    stamp = s[STAMP]
    for k in range(n):
        c = s[va + k]
        entry = s[line + c * CHANNEL_SIZE + ROUTE]
        channels, out = open_channels(s, r, entry), entry & LOW
        s[won + k] = -1
        if channels != 0:
            h = out * vcs + next_vc(channels, out, vcs, s[line + c * CHANNEL_SIZE + ACCEPT])
            s[won + k] = h
            away = c - s[line + h * CHANNEL_SIZE + GRANT]
            away += size if away < 0 else 0
            at = best + 3 * h
            if s[at] != stamp or away < s[at + 1]:
                s[at], s[at + 1], s[at + 2] = stamp, away, c
    for k in range(n):
        h = s[won + k]
        if h >= 0:
            if s[best + 3 * h + 2] == s[va + k]:
                take(s, line, s[va + k], h, size)
            else:
                s[won + k] = -1


@hot_kernel
def bid(s: Int64s, r: int, c: int) -> int:
    """Output that a channel bids for, x 2, + 1 where it speculates; -1 where it cannot."""
    channel = s[CHANNEL] + (r * s[RADIX] * s[VCS] + c) * CHANNEL_SIZE
    if s[channel + STATUS] == MOVING:
        if s[s[CHANNEL] + s[channel + OUT] * CHANNEL_SIZE + USED] >= s[DEPTH]:
            return -1
        return int(2 * (s[channel + ROUTE] - r * s[RADIX]))
    entry = s[channel + ROUTE]
    out, kind = entry & LOW, entry >> CLASS_AT & 255
    q = r * s[RADIX] + out
    free = s[s[PORT] + q * PORT_SIZE + FREE]
    for v in range(s[s[FIRST] + kind], s[s[LAST] + kind] + 1):
        if free >> v & 1 != 0 and s[s[CHANNEL] + (q * s[VCS] + v) * CHANNEL_SIZE + USED] < s[DEPTH]:
            return int(2 * out + 1)
    return -1


@hot_kernel
def give_switch(s: Int64s, r: int) -> None:
    """Each of a router's channels with a flit gets the switch or not: its output, or -1, at `scratch` + 5 width + k."""
    vcs, speedup, radix = s[VCS], s[SPEEDUP], s[RADIX]
    width, n = radix * vcs, s[s[ROUTER] + r * ROUTER_SIZE + N_SA]
    sa, won = s[SA] + r * width, s[SCRATCH] + 5 * width
    bids, count = won + width, 0
    for k in range(n):
        c = s[sa + k]
        found = bid(s, r, c)
        s[won + k] = -1
        if found >= 0:
            v = s[s[VC_OF] + c]
            x = s[s[PORT_OF] + c] * speedup + (v % speedup if speedup > 1 else 0)
            s[bids + 2 * count], s[bids + 2 * count + 1] = k << 32 | x, found
            count += 1
    if count == 1:
        switch(s, r, s[bids], s[bids + 1] >> 1)
    elif count > 1:
        s[STAMP] += 1
        count = one_a_pair(s, r, bids, count)
        match(s, r, bids, count, s[SEPARABLE] != 0)


@hot_kernel
def one_a_pair(s: Int64s, r: int, bids: int, count: int) -> int:
    """Of the bids from one input for one output leave the one whose turn is next; returns how many are left."""
    vcs, speedup, radix, stamp = s[VCS], s[SPEEDUP], s[RADIX], s[STAMP]
    xs, sa = radix * speedup, s[SA] + r * radix * vcs
    pair, left = s[SCRATCH] + 10 * radix * vcs + 3 * radix + 3 * xs, 0
    for k in range(count):
        bidder, found = s[bids + 2 * k], s[bids + 2 * k + 1]
        x = bidder & LOW_HALF
        at = pair + 2 * (x * radix + (found >> 1))
        if s[at] != stamp:
            s[at], s[at + 1] = stamp, left
            s[bids + 2 * left], s[bids + 2 * left + 1] = bidder, found
            left += 1
            continue
        other = bids + 2 * s[at + 1]
        turn = s[s[INPUT] + (r * xs + x) * INPUT_SIZE + TURN]
        mine = s[s[VC_OF] + s[sa + (bidder >> 32)]] - turn
        theirs = s[s[VC_OF] + s[sa + (s[other] >> 32)]] - turn
        mine += (vcs if mine < 0 else 0) + BEHIND * (found & 1)
        theirs += (vcs if theirs < 0 else 0) + BEHIND * (s[other + 1] & 1)
        if mine < theirs:
            s[other], s[other + 1] = bidder, found
    return left


@hot_kernel
def match(s: Int64s, r: int, bids: int, count: int, separable: bool) -> None:
    """Two rounds: outputs choose among bids, then inputs among the chosen; the other way round where `separable`."""
    speedup, radix, stamp = s[SPEEDUP], s[RADIX], s[STAMP]
    ports, xs = s[s[ROUTER] + r * ROUTER_SIZE + PORTS], radix * speedup
    best_o = s[SCRATCH] + 10 * radix * s[VCS]
    best_x = best_o + 3 * radix
    for again in range(2):
        by_output = (again == 1) == separable
        for k in range(count):
            x, found = s[bids + 2 * k] & LOW_HALF, s[bids + 2 * k + 1]
            out = found >> 1
            if by_output:
                if again == 1 and s[best_x + 3 * x + 2] != k:
                    continue
                away = x - s[s[PORT] + (r * radix + out) * PORT_SIZE + SA_GRANT]
                away += ports * speedup if away < 0 else 0
                at = best_o + 3 * out
            else:
                if again == 1 and s[best_o + 3 * out + 2] != k:
                    continue
                away = out - s[s[INPUT] + (r * xs + x) * INPUT_SIZE + SA_ACCEPT]
                away += ports if away < 0 else 0
                at = best_x + 3 * x
            if separable:
                away += BEHIND * (found & 1)
            if s[at] != stamp or away < s[at + 1]:
                s[at], s[at + 1], s[at + 2] = stamp, away, k
    for k in range(count):
        x, out = s[bids + 2 * k] & LOW_HALF, s[bids + 2 * k + 1] >> 1
        of_output = s[best_o + 3 * out] == stamp and s[best_o + 3 * out + 2] == k
        if of_output and s[best_x + 3 * x] == stamp and s[best_x + 3 * x + 2] == k:
            switch(s, r, s[bids + 2 * k], out)


@hot_kernel
def switch(s: Int64s, r: int, bidder: int, out: int) -> None:
    """A bid, place in the list x 2^32 + input, has won an output: pointers move."""
    vcs, speedup, radix = s[VCS], s[SPEEDUP], s[RADIX]
    k, x = bidder >> 32, bidder & LOW_HALF
    ports, width = s[s[ROUTER] + r * ROUTER_SIZE + PORTS], radix * vcs
    s[s[SCRATCH] + 5 * width + k] = out
    s[s[PORT] + (r * radix + out) * PORT_SIZE + SA_GRANT] = x + 1 if x + 1 < ports * speedup else 0
    at = s[INPUT] + (r * radix * speedup + x) * INPUT_SIZE
    s[at + SA_ACCEPT] = out + 1 if out + 1 < ports else 0
    turn = s[s[VC_OF] + s[s[SA] + r * width + k]] + speedup
    s[at + TURN] = turn % vcs if turn >= vcs else turn
