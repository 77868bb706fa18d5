"""What a network holds that is timed by pieces of packets, and how a piece goes from buffer to buffer.

A piece is what of a packet follows flit on flit over a link. Routers, and nodes, are looked at in cycles in which
something may have changed for them.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import flat_kernel
from bankside.arch.noc.router.layout import NOTHING

Int64s = npt.NDArray[np.int64]

(RADIX, VCS, DEPTH, PIECE, ROUTING, SWITCH, CREDIT, ROUTERS, TIME, LAST, FLITS, LOOKS, SIZES) = range(13)
"""Numbers: what the routers are, the cycle, the last in which a flit came out, flits that have yet to, and how many
looks are ahead."""

(
    TO, DELAY, INTERVAL, FED, FED_DELAY, FEEDER, FED_INTERVAL, OUT_FREE, IN_FREE, OPEN, CLOSING, GRANT, ACCEPTED, TURN,
    PORT_FIELDS,
) = range(15)  # fmt: skip
"""A port: as an output the input port that it leads to, its link's delay and cycles a flit; as an input the first
outlet that leads to it, cycles until a credit counts there, who looks then, and cycles a flit; from when its link and
its side of the switch are free; bits of channels that a packet may have, now and when the link is free; and the
pointers of output, input and of the input's channels."""

(
    FRONT, CAME, COUNT, FIRST, SINCE, HELD, WANTS, KIND, ACCEPT, MINE, NUMBER, LISTED, USED, BACK_FIRST, BACK_COUNT,
    WANTED, POINTER, CHANNEL_FIELDS,
) = range(18)  # fmt: skip
"""A channel: as an input its first piece and when that comes, how many, where the others begin in the ring, from when
the first may ask, the outlet that its packet has, the port and class that it leaves by, the pointer, its own port and
number there, and whether its router lists it; as an outlet flits whose credit has not come back, credits on their way,
whether one is waited for, and the pointer."""

(PACKET, SENT, OWN, RECENT, NODE_FREE, SOURCE, UNTIL, NODE_FIELDS) = range(8)
"""A node: the packet that it sends, flits gone, its channel, the one before, from when it may send, its port, and where
its packets end."""

FOR_BITS: Final = 24
KIND_AT: Final = FOR_BITS
FLITS_AT: Final = KIND_AT + 8
HEAD_AT: Final = FLITS_AT + 17
TAIL_AT: Final = HEAD_AT + 1
"""A piece: the node that it is for, its class, flits, and whether it begins and ends its packet."""

MASK_FOR: Final = (1 << FOR_BITS) - 1
MASK_KIND: Final = 255
MASK_FLITS: Final = (1 << 17) - 1


@flat_kernel
def look_at(s: Int64s, look: Int64s, when: int, who: int) -> None:
    """Have a router, or a node, be looked at in a cycle."""
    at, bit = when & look.shape[0] - 1, 1 << (who & 31)
    word = look[at, who >> 5]
    s[LOOKS] += word & bit == 0
    look[at, who >> 5] = word | bit


@flat_kernel
def has_room(s: Int64s, channel: Int64s, back: Int64s, look: Int64s, h: int, flits: int, who: int) -> bool:
    """Whether the buffer behind an outlet has room for flits; if not, who asks looks again at the next credit."""
    if channel[h, USED] + flits <= s[DEPTH]:
        return True
    n, first = channel[h, BACK_COUNT], channel[h, BACK_FIRST]
    while n > 0 and back[h, first, 0] <= s[TIME]:
        channel[h, USED] -= back[h, first, 1]
        first = first + 1 if first + 1 < s[DEPTH] else 0
        n -= 1
    channel[h, BACK_COUNT], channel[h, BACK_FIRST] = n, first
    if channel[h, USED] + flits <= s[DEPTH]:
        return True
    channel[h, WANTED] = 1
    if n > 0:
        look_at(s, look, back[h, first, 0], who)
    return False


@flat_kernel
def give_back(
    s: Int64s, channel: Int64s, back: Int64s, look: Int64s, h: int, when: int, flits: int, who: int
) -> None:
    """A credit for flits that counts at an outlet of `who` from a cycle on."""
    at = channel[h, BACK_FIRST] + channel[h, BACK_COUNT]
    at -= s[DEPTH] if at >= s[DEPTH] else 0
    back[h, at, 0], back[h, at, 1] = when, flits
    channel[h, BACK_COUNT] += 1
    if channel[h, WANTED] != 0:
        channel[h, WANTED] = 0
        look_at(s, look, when, who)


@flat_kernel
def come(
    s: Int64s,
    channel: Int64s,
    ring: Int64s,
    members: Int64s,
    look: Int64s,
    g: int,
    r: int,
    piece: int,
    when: int,
) -> None:
    """A piece whose first flit comes to channel g of router r in a cycle."""
    n = channel[g, COUNT]
    channel[g, COUNT] = n + 1
    if n > 0:
        at = channel[g, FIRST] + n - 1
        at -= s[DEPTH] if at >= s[DEPTH] else 0
        ring[g, at, 0], ring[g, at, 1] = piece, when
        return
    if channel[g, LISTED] == 0:
        channel[g, LISTED] = 1
        members[r, 0] += 1
        members[r, members[r, 0]] = g
    in_front(s, channel, look, g, r, piece, when)


@flat_kernel
def in_front(s: Int64s, channel: Int64s, look: Int64s, g: int, r: int, piece: int, when: int) -> None:
    """A piece that comes in a cycle is the first of its channel, and asks when it may."""
    ready = when + (s[ROUTING] if piece >> HEAD_AT & 1 != 0 else 0)
    channel[g, FRONT], channel[g, CAME], channel[g, SINCE] = piece, when, max(ready, channel[g, SINCE])
    look_at(s, look, channel[g, SINCE], r)


@flat_kernel
def open_channels(s: Int64s, port: Int64s, out: int) -> int:
    """Bits of the channels of an output that packets may have."""
    if port[out, CLOSING] != 0 and port[out, OUT_FREE] <= s[TIME]:
        port[out, OPEN] |= port[out, CLOSING]
        port[out, CLOSING] = 0
    return int(port[out, OPEN])


@flat_kernel
def pass_on(
    s: Int64s,
    port: Int64s,
    channel: Int64s,
    ring: Int64s,
    back: Int64s,
    members: Int64s,
    look: Int64s,
    g: int,
    r: int,
) -> None:
    """The piece in front of channel g of router r crosses the switch."""
    now, h, out, q, own = s[TIME], channel[g, HELD], channel[g, WANTS], channel[g, MINE], channel[g, NUMBER]
    piece, radix, v = channel[g, FRONT], s[RADIX], channel[h, NUMBER]
    flits, first = piece >> FLITS_AT & MASK_FLITS, r * radix
    channel[h, USED] += flits
    open_channels(s, port, out)
    port[out, OUT_FREE], port[q, IN_FREE] = now + flits * port[out, INTERVAL], now + flits
    port[out, GRANT] = q - first + 1 if q - first + 1 < radix else 0
    port[q, ACCEPTED] = out - first + 1 if out - first + 1 < radix else 0
    port[q, TURN] = own + 1 if own + 1 < s[VCS] else 0
    give_back(s, channel, back, look, port[q, FED] + own, now + port[q, FED_DELAY], flits, port[q, FEEDER])
    when, to = now + s[SWITCH] + port[out, DELAY] + 1, port[out, TO]
    if to >= 0:
        told = piece & ~(MASK_KIND << KIND_AT) | channel[g, KIND] << KIND_AT
        come(s, channel, ring, members, look, to * s[VCS] + v, to // radix, told, when)
    else:
        s[LAST] = max(s[LAST], when + flits - 1)
        s[FLITS] -= flits
        give_back(s, channel, back, look, h, when + 2 + s[CREDIT], flits, r)
    channel[g, SINCE] = now + flits
    if piece >> TAIL_AT & 1 != 0:
        port[out, CLOSING] = 1 << v
        channel[g, HELD] = channel[g, WANTS] = NOTHING
    channel[g, COUNT] -= 1
    if channel[g, COUNT] > 0:
        at = channel[g, FIRST]
        channel[g, FIRST] = at + 1 if at + 1 < s[DEPTH] else 0
        in_front(s, channel, look, g, r, ring[g, at, 0], ring[g, at, 1])
    look_at(s, look, port[out, OUT_FREE], r)
    if port[out, INTERVAL] > 1:
        look_at(s, look, now + flits, r)


@flat_kernel
def send(
    s: Int64s,
    channel: Int64s,
    ring: Int64s,
    back: Int64s,
    members: Int64s,
    look: Int64s,
    node: Int64s,
    packets: Int64s,
    n: int,
) -> None:
    """Node n sends the next piece of its packet, if it may."""
    now, vcs, packet, who = s[TIME], s[VCS], node[n, PACKET], s[ROUTERS] + n
    if packet == node[n, UNTIL] or node[n, NODE_FREE] > now:
        return
    left, source = packets[2 * packet + 1] - node[n, SENT], node[n, SOURCE]
    flits, outlets, v = min(left, s[PIECE]), (s[ROUTERS] * s[RADIX] + n) * vcs, node[n, OWN]
    if v < 0:
        last = node[n, RECENT]
        for k in range(1, (1 if last < 0 else vcs) + 1):
            v = last + k if last + k < vcs else last + k - vcs
            if has_room(s, channel, back, look, outlets + v, flits, who):
                break
            v = NOTHING
        if v < 0:
            return
        node[n, OWN] = node[n, RECENT] = v
    elif not has_room(s, channel, back, look, outlets + v, flits, who):
        return
    channel[outlets + v, USED] += flits
    ends = (node[n, SENT] == 0) << HEAD_AT | (left == flits) << TAIL_AT
    piece = packets[2 * packet] | flits << FLITS_AT | ends
    come(s, channel, ring, members, look, source * vcs + v, source // s[RADIX], piece, now + 2)
    node[n, SENT] += flits
    node[n, NODE_FREE] = now + flits
    if left == flits:
        node[n, PACKET], node[n, SENT], node[n, OWN] = packet + 1, 0, NOTHING
    look_at(s, look, now + flits, who)
