"""Virtual channels and the switch of one router are given away; see `layout` for what the arrays hold.

iSLIP: each output grants the first who asks at or after its pointer, each input accepts the first grant at or after its
own. Separable: inputs choose first, those with a channel before those that speculate, then outputs choose among them.
Nothing is larger than the list of who asks.
"""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import hot_kernel, lowest
from bankside.arch.noc.fabric.fabric import CLASS_AT, LOW
from bankside.arch.noc.router.layout import (
    DEPTH,
    FIRST,
    FREE,
    LAST,
    MASK,
    MOVING,
    N_SA,
    N_VA,
    OUT,
    PORT_OF,
    PORTS,
    RADIX,
    ROUTE,
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
    VA_ACCEPT,
    VA_GRANT,
    VC_OF,
    VCS,
)

Int64s = npt.NDArray[np.int64]

BEHIND = 1 << 40
"""Added to the distance of who speculates: after everybody else."""


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
def give_channels(p: Int64s, s: Int64s, r: int) -> None:
    """Each of a router's waiting heads gets an output channel or not: `scratch[k]`, out x vcs + v, or -1."""
    vcs, n = p[VCS], s[p[N_VA] + r]
    line = r * p[RADIX] * vcs
    won = p[SCRATCH]
    size = p[p[PORTS] + r] * vcs
    va = p[VA] + line
    if n == 1:
        c = s[va]
        route = s[p[ROUTE] + line + c]
        out = route & LOW
        channels = s[p[FREE] + r * p[RADIX] + out] & p[p[MASK] + (route >> CLASS_AT & 255)]
        if channels == 0:
            s[won] = -1
            return
        v = next_vc(channels, out, vcs, s[p[VA_ACCEPT] + line + c])
        take(p, s, line, c, out * vcs + v, size)
        s[won] = out * vcs + v
        return
    if p[SEPARABLE] != 0:
        inputs_first(p, s, r, n, size)
    else:
        outputs_first(p, s, r, n, size)


@hot_kernel
def take(p: Int64s, s: Int64s, line: int, c: int, h: int, size: int) -> None:
    """Pointers of a pair that has been made."""
    s[p[VA_GRANT] + line + h] = c + 1 if c + 1 < size else 0
    s[p[VA_ACCEPT] + line + c] = h + 1 if h + 1 < size else 0


@hot_kernel
def outputs_first(p: Int64s, s: Int64s, r: int, n: int, size: int) -> None:
    """iSLIP among several heads."""
    vcs = p[VCS]
    width = p[RADIX] * vcs
    line, won = r * width, p[SCRATCH]
    wants, nearest, who, seen = won + width, won + 2 * width, won + 3 * width, won + 4 * width
    s[STAMP] += 1
    stamp = s[STAMP]
    for k in range(n):
        c = s[p[VA] + line + k]
        route = s[p[ROUTE] + line + c]
        out = route & LOW
        channels = s[p[FREE] + r * p[RADIX] + out] & p[p[MASK] + (route >> CLASS_AT & 255)]
        s[wants + k] = channels
        while channels != 0:
            h = out * vcs + lowest(channels)
            channels &= channels - 1
            away = c - s[p[VA_GRANT] + line + h]
            away += size if away < 0 else 0
            if s[seen + h] != stamp or away < s[nearest + h]:
                s[seen + h], s[nearest + h], s[who + h] = stamp, away, c
    for k in range(n):
        c = s[p[VA] + line + k]
        out = s[p[ROUTE] + line + c] & LOW
        channels, granted = s[wants + k], 0
        while channels != 0:
            v = lowest(channels)
            channels &= channels - 1
            if s[who + out * vcs + v] == c:
                granted |= 1 << v
        s[won + k] = -1
        if granted != 0:
            h = out * vcs + next_vc(granted, out, vcs, s[p[VA_ACCEPT] + line + c])
            s[won + k] = h
    for k in range(n):
        if s[won + k] >= 0:
            take(p, s, line, s[p[VA] + line + k], s[won + k], size)


@hot_kernel
def inputs_first(p: Int64s, s: Int64s, r: int, n: int, size: int) -> None:
    """Separable allocation among several heads."""
    vcs = p[VCS]
    width = p[RADIX] * vcs
    line, won = r * width, p[SCRATCH]
    nearest, who, seen = won + 2 * width, won + 3 * width, won + 4 * width
    s[STAMP] += 1
    stamp = s[STAMP]
    for k in range(n):
        c = s[p[VA] + line + k]
        route = s[p[ROUTE] + line + c]
        out = route & LOW
        channels = s[p[FREE] + r * p[RADIX] + out] & p[p[MASK] + (route >> CLASS_AT & 255)]
        s[won + k] = -1
        if channels != 0:
            h = out * vcs + next_vc(channels, out, vcs, s[p[VA_ACCEPT] + line + c])
            s[won + k] = h
            away = c - s[p[VA_GRANT] + line + h]
            away += size if away < 0 else 0
            if s[seen + h] != stamp or away < s[nearest + h]:
                s[seen + h], s[nearest + h], s[who + h] = stamp, away, c
    for k in range(n):
        h = s[won + k]
        if h >= 0:
            c = s[p[VA] + line + k]
            if s[who + h] == c:
                take(p, s, line, c, h, size)
            else:
                s[won + k] = -1


@hot_kernel
def bid(p: Int64s, s: Int64s, r: int, c: int) -> int:
    """Output that a channel bids for, x 2, + 1 where it speculates; -1 where it cannot."""
    vcs = p[VCS]
    g = r * p[RADIX] * vcs + c
    if s[p[STATUS] + g] == MOVING:
        h = s[p[OUT] + g]
        if s[p[USED] + h] >= p[DEPTH]:
            return -1
        return 2 * (p[p[PORT_OF] + h - r * p[RADIX] * vcs])
    route = s[p[ROUTE] + g]
    out, kind = route & LOW, route >> CLASS_AT & 255
    q = r * p[RADIX] + out
    free = s[p[FREE] + q]
    for v in range(p[p[FIRST] + kind], p[p[LAST] + kind] + 1):
        if free >> v & 1 != 0 and s[p[USED] + q * vcs + v] < p[DEPTH]:
            return 2 * out + 1
    return -1


@hot_kernel
def give_switch(p: Int64s, s: Int64s, r: int) -> int:
    """Each of a router's channels with a flit gets the switch or not: `won[k]`, its output, or -1; returns how many bids.

    `won` lies behind what `give_channels` has found, `scratch` + 5 x radix x vcs.
    """
    vcs, speedup, radix = p[VCS], p[SPEEDUP], p[RADIX]
    width, xs = radix * vcs, radix * speedup
    line, n = r * width, s[p[N_SA] + r]
    sa = p[SA] + line
    won = p[SCRATCH] + 5 * width
    bid_x, bid_o = won + width, won + 2 * width
    best_o = p[SCRATCH] + 10 * width
    best_x = best_o + 3 * radix
    pair = best_x + 3 * xs
    ports = p[p[PORTS] + r]
    inputs = ports * speedup
    s[STAMP] += 1
    stamp, bids = s[STAMP], 0
    for k in range(n):
        c = s[sa + k]
        s[won + k] = -1
        found = bid(p, s, r, c)
        if found < 0:
            continue
        v, out = p[p[VC_OF] + c], found >> 1
        x = p[p[PORT_OF] + c] * speedup + (v % speedup if speedup > 1 else 0)
        at = pair + 2 * (x * radix + out)
        if s[at] == stamp:
            j = s[at + 1]
            turn = s[p[TURN] + r * xs + x]
            other = p[p[VC_OF] + s[sa + (s[bid_x + j] >> 32)]]
            mine, theirs = v - turn, other - turn
            mine += vcs if mine < 0 else 0
            theirs += vcs if theirs < 0 else 0
            mine += BEHIND * (found & 1)
            theirs += BEHIND * (s[bid_o + j] & 1)
            if mine < theirs:
                s[bid_x + j], s[bid_o + j] = k << 32 | x, found
            continue
        s[at], s[at + 1] = stamp, bids
        s[bid_x + bids], s[bid_o + bids] = k << 32 | x, found
        bids += 1
    if p[SEPARABLE] != 0:
        separable_switch(p, s, r, bids, stamp)
        return bids
    for j in range(bids):
        x, out = s[bid_x + j] & 0xFFFFFFFF, s[bid_o + j] >> 1
        away = x - s[p[SA_GRANT] + r * radix + out]
        away += inputs if away < 0 else 0
        at = best_o + 3 * out
        if s[at] != stamp or away < s[at + 1]:
            s[at], s[at + 1], s[at + 2] = stamp, away, j
    for j in range(bids):
        x, out = s[bid_x + j] & 0xFFFFFFFF, s[bid_o + j] >> 1
        if s[best_o + 3 * out + 2] != j:
            continue
        away = out - s[p[SA_ACCEPT] + r * xs + x]
        away += ports if away < 0 else 0
        at = best_x + 3 * x
        if s[at] != stamp or away < s[at + 1]:
            s[at], s[at + 1], s[at + 2] = stamp, away, j
    for j in range(bids):
        x, out = s[bid_x + j] & 0xFFFFFFFF, s[bid_o + j] >> 1
        if s[best_o + 3 * out + 2] == j and s[best_x + 3 * x + 2] == j:
            switch(p, s, r, s[bid_x + j], out)
    return bids


@hot_kernel
def separable_switch(p: Int64s, s: Int64s, r: int, bids: int, stamp: int) -> None:
    """Inputs choose an output, outputs choose among them."""
    vcs, speedup, radix = p[VCS], p[SPEEDUP], p[RADIX]
    width, xs = radix * vcs, radix * speedup
    won = p[SCRATCH] + 5 * width
    bid_x, bid_o, best_o = won + width, won + 2 * width, p[SCRATCH] + 10 * width
    best_x = best_o + 3 * radix
    ports = p[p[PORTS] + r]
    for j in range(bids):
        x, out = s[bid_x + j] & 0xFFFFFFFF, s[bid_o + j] >> 1
        away = out - s[p[SA_ACCEPT] + r * xs + x]
        away += (ports if away < 0 else 0) + BEHIND * (s[bid_o + j] & 1)
        at = best_x + 3 * x
        if s[at] != stamp or away < s[at + 1]:
            s[at], s[at + 1], s[at + 2] = stamp, away, j
    for j in range(bids):
        x, out = s[bid_x + j] & 0xFFFFFFFF, s[bid_o + j] >> 1
        if s[best_x + 3 * x + 2] != j:
            continue
        away = x - s[p[SA_GRANT] + r * radix + out]
        away += (ports * speedup if away < 0 else 0) + BEHIND * (s[bid_o + j] & 1)
        at = best_o + 3 * out
        if s[at] != stamp or away < s[at + 1]:
            s[at], s[at + 1], s[at + 2] = stamp, away, j
    for j in range(bids):
        x, out = s[bid_x + j] & 0xFFFFFFFF, s[bid_o + j] >> 1
        if s[best_x + 3 * x + 2] == j and s[best_o + 3 * out + 2] == j:
            switch(p, s, r, s[bid_x + j], out)


@hot_kernel
def switch(p: Int64s, s: Int64s, r: int, bidder: int, out: int) -> None:
    """A bid, place in the list x 2^32 + input, has won an output: pointers move."""
    vcs, speedup, radix = p[VCS], p[SPEEDUP], p[RADIX]
    k, x = bidder >> 32, bidder & 0xFFFFFFFF
    ports = p[p[PORTS] + r]
    s[p[SCRATCH] + 5 * radix * vcs + k] = out
    s[p[SA_GRANT] + r * radix + out] = x + 1 if x + 1 < ports * speedup else 0
    s[p[SA_ACCEPT] + r * radix * speedup + x] = out + 1 if out + 1 < ports else 0
    turn = p[p[VC_OF] + s[p[SA] + r * radix * vcs + k]] + speedup
    s[p[TURN] + r * radix * speedup + x] = turn % vcs if turn >= vcs else turn
