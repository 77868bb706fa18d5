"""Who of a router's pieces goes on: heads are given channels, and pieces the switch, by iSLIP of one iteration each."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import flat_kernel, lowest
from bankside.arch.noc.fabric.fabric import CLASS_AT, LOW
from bankside.arch.noc.router.allocate import BITS
from bankside.arch.noc.router.layout import NEVER, PLACE_BITS, PLACES
from bankside.arch.noc.router.pieces import (
    ACCEPT,
    ACCEPTED,
    CAME,
    COUNT,
    FED_INTERVAL,
    FLITS_AT,
    FRONT,
    GRANT,
    HELD,
    IN_FREE,
    INTERVAL,
    KIND,
    KIND_AT,
    LISTED,
    MASK_FLITS,
    MASK_FOR,
    MASK_KIND,
    MINE,
    NUMBER,
    OPEN,
    OUT_FREE,
    POINTER,
    RADIX,
    SINCE,
    TIME,
    TURN,
    VCS,
    WANTS,
    has_room,
    look_at,
    open_channels,
)

Int64s = npt.NDArray[np.int64]


@flat_kernel
def after(distance: int, around: int) -> int:
    """A distance from a pointer, counted forwards."""
    return distance + around if distance < 0 else distance


@flat_kernel
def nearest(free: int, pointer: int) -> int:
    """The first bit at or after a pointer, around."""
    later = free >> pointer << pointer if pointer > 0 else free
    return lowest(later if later != 0 else free)


@flat_kernel
def ask(
    s: Int64s,
    port: Int64s,
    channel: Int64s,
    back: Int64s,
    members: Int64s,
    row: Int64s,
    table: Int64s,
    masks: Int64s,
    look: Int64s,
    heads: Int64s,
    bids: Int64s,
    r: int,
) -> int:
    """Who waits in router r: `heads` for a channel (where they are, free outlets), `bids` for the switch (channel,
    input, output). Returns how many of both, heads << PLACE_BITS | bids."""
    now, kept, count, asking, first = s[TIME], 0, 0, 0, r * s[RADIX]
    for k in range(1, members[r, 0] + 1):
        g = members[r, k]
        if channel[g, COUNT] == 0:
            channel[g, LISTED] = 0
            continue
        kept += 1
        members[r, kept] = g
        if channel[g, SINCE] > now:
            continue
        h, out, piece = channel[g, HELD], channel[g, WANTS], channel[g, FRONT]
        if h < 0:
            if out < 0:
                found = table[row[channel[g, MINE], piece >> KIND_AT & MASK_KIND], piece & MASK_FOR]
                out = first + (found & LOW)
                channel[g, WANTS], channel[g, KIND] = out, found >> CLASS_AT & MASK_KIND
            free = open_channels(s, port, out) & masks[channel[g, KIND]]
            if free != 0:
                heads[asking, 0], heads[asking, 1] = g, free
                asking += 1
            continue
        q, flits = channel[g, MINE], piece >> FLITS_AT & MASK_FLITS
        if port[out, OUT_FREE] > now or port[q, IN_FREE] > now:
            continue
        late = channel[g, CAME] + (flits - 1) * (port[q, FED_INTERVAL] - port[out, INTERVAL])
        if late > now:
            look_at(s, look, late, r)
            continue
        if has_room(s, channel, back, look, h, flits, r):
            bids[count, 0], bids[count, 1], bids[count, 2] = g, q - first, out - first
            count += 1
    members[r, 0] = kept
    return asking << PLACE_BITS | count


@flat_kernel
def give_channels(
    s: Int64s, port: Int64s, channel: Int64s, look: Int64s, heads: Int64s, best: Int64s, r: int, asking: int
) -> None:
    """One iteration of iSLIP among heads: a free outlet grants the nearest to its pointer, a head accepts the first
    grant at or after its own pointer."""
    vcs, line, size = s[VCS], r * s[RADIX] * s[VCS], s[RADIX] * s[VCS]
    once, contested, first = 0, 0, r * s[RADIX]
    for k in range(asking):
        bit = 1 << (channel[heads[k, 0], WANTS] - first & BITS)
        contested |= once & bit
        once |= bit
    for again in range(2 if contested != 0 else 0):
        for k in range(asking):
            g, free = heads[k, 0], heads[k, 1]
            if contested >> (channel[g, WANTS] - first & BITS) & 1 == 0:
                continue
            while free != 0:
                h = channel[g, WANTS] * vcs + lowest(free)
                free &= free - 1
                away = after(g - line - channel[h, POINTER], size) << PLACE_BITS | k
                best[h - line, 0] = NEVER if again == 0 else min(best[h - line, 0], away)
    for k in range(asking):
        g, free, granted = heads[k, 0], heads[k, 1], 0
        out = channel[g, WANTS]
        if contested >> (out - first & BITS) & 1 == 0:
            granted = free
        else:
            while free != 0:
                v = lowest(free)
                free &= free - 1
                granted |= (best[out * vcs + v - line, 0] & PLACES == k) << v
        look_at(s, look, s[TIME] + 1, r)
        if granted == 0:
            continue
        pointer = channel[g, ACCEPT] - out * vcs
        v = nearest(granted, pointer if 0 < pointer < vcs else 0)
        h = out * vcs + v
        port[out, OPEN] &= ~(1 << v)
        channel[g, HELD], channel[g, SINCE], channel[g, ACCEPT] = h, s[TIME] + 1, h + 1
        channel[h, POINTER] = g - line + 1 if g - line + 1 < size else 0


@flat_kernel
def choose(s: Int64s, port: Int64s, channel: Int64s, bids: Int64s, best: Int64s, r: int, count: int) -> None:
    """One iteration of iSLIP among bids: outputs grant the input nearest to their pointer, inputs accept the output
    nearest to theirs, and of its channels the nearest. What has lost has `bids[k, 0]` = -1 - channel."""
    radix, vcs, first = s[RADIX], s[VCS], r * s[RADIX]
    for k in range(count):
        best[bids[k, 2], 0] = best[bids[k, 1], 1] = best[bids[k, 1], 2] = NEVER
    for k in range(count):
        i, o = bids[k, 1], bids[k, 2]
        best[o, 0] = min(best[o, 0], after(i - port[first + o, GRANT], radix))
    for k in range(count):
        i, o = bids[k, 1], bids[k, 2]
        if after(i - port[first + o, GRANT], radix) == best[o, 0]:
            best[i, 1] = min(best[i, 1], after(o - port[first + i, ACCEPTED], radix))
    for again in range(2):
        for k in range(count):
            g, i, o = bids[k, 0], bids[k, 1], bids[k, 2]
            won = after(i - port[first + o, GRANT], radix) == best[o, 0]
            won = won and after(o - port[first + i, ACCEPTED], radix) == best[i, 1]
            turn = after(channel[g, NUMBER] - port[first + i, TURN], vcs)
            if again == 0 and won:
                best[i, 2] = min(best[i, 2], turn)
            elif again == 1 and not (won and turn == best[i, 2]):
                bids[k, 0] = -1 - g
