"""One cycle of one router: what has come in is queued, channels and the switch are given away, flits and
credits leave."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import flat_kernel, inner_kernel, lowest
from bankside.arch.noc.fabric.fabric import CLASS_AT, COUNT_AT, DOWN_AT, LOW
from bankside.arch.noc.router.allocate import give_channels, give_switch
from bankside.arch.noc.router.layout import (
    ACTIVE,
    ARRIVED,
    ARRIVED_FLIT,
    ARRIVED_ROUTER,
    ARRIVED_SIZE,
    ARRIVED_VC,
    AT,
    BACK_DELAY,
    BACK_FREE,
    BACK_TO,
    CARRIED,
    CHANNEL,
    CHANNEL_SIZE,
    CLASSES,
    CODE_BITS,
    CODES,
    COME,
    COUNT,
    CREDIT_AT,
    CREDIT_STAMP,
    CREDITS,
    DELAY,
    DEPTH,
    DRAWN_WHOLES,
    ENTRIES,
    EVENT,
    EVENT_SIZE,
    FLIT,
    FOR,
    FREE,
    FRONT,
    HEAD,
    IDLE,
    INTERNAL,
    INTERVAL,
    KIND,
    MOVED,
    MOVING,
    N_RT,
    N_SA,
    N_VA,
    NEXT,
    NEXT_ROUTE,
    NODES,
    NOTHING,
    OTHER_SA,
    OTHER_VA,
    OUT,
    OUTLET,
    OUTLET_SIZE,
    PACE,
    PACKET,
    PLACE,
    PORT,
    PORT_OF,
    PORT_SIZE,
    RADIX,
    RECORD_SIZE,
    RING,
    ROOM,
    ROUTE,
    ROUTED,
    ROUTER,
    ROUTER_SIZE,
    ROUTERS,
    ROUTING,
    ROW,
    RT,
    SA,
    SCRATCH,
    SENT_AT,
    SLOT,
    SLOTS,
    SPARE_EVENT,
    SPECULATIVE,
    STAMP,
    STATUS,
    SWITCH,
    TAIL,
    TAIL_CREDIT,
    TAKEN_HOPS,
    TIME,
    TO,
    TO_ROUTER,
    USED,
    VA,
    VC_BITS,
    VC_OF,
    VCS,
    WAITING,
    WHOLE,
)

Int64s = npt.NDArray[np.int64]


@inner_kernel
def post(s: Int64s, when: int, flit: int, place: int, where: int) -> None:
    """Have a flit come to a place at a time within the wheel; `where` is its router, or the channel that it came by."""
    link_event(s, s[SLOT] + (when & (s[SLOTS] - 1)), flit, place, where)


@inner_kernel
def credit(s: Int64s, when: int, bit: int, outlet: int, free: int) -> None:
    """Have an outlet send one flit more from a time on; its bit among those of free channels at a place."""
    s[CREDITS] += 1
    link_event(s, s[SLOT] + s[SLOTS] + (when & (s[SLOTS] - 1)), bit, outlet, free)


@inner_kernel
def link_event(s: Int64s, slot: int, flit: int, place: int, where: int) -> None:
    """An event before those of a slot."""
    spare = s[SPARE_EVENT]
    at = s[EVENT] + spare * EVENT_SIZE
    s[SPARE_EVENT] = s[at + NEXT]
    s[at + FLIT], s[at + PLACE], s[at + AT], s[at + NEXT] = flit, place, where, s[slot]
    s[slot] = spare


@flat_kernel
def draw(s: Int64s, below: int) -> int:
    """The next whole number of the stream, modulo `below`."""
    found = s[s[DRAWN_WHOLES] + s[WHOLE]]
    s[WHOLE] += 1
    return int(found % below)


@inner_kernel
def route(s: Int64s, q: int, kind: int, dest: int) -> int:
    """The entry for what comes in by port q in a class; among equal ports one is drawn."""
    at, bits = s[s[ROW] + q * s[CLASSES] + kind] * s[NODES] + dest, s[CODE_BITS]
    word = s[s[CODES] + (at >> 6 - bits)] >> ((at & (1 << 6 - bits) - 1) << bits)
    found = s[s[ENTRIES] + (word & (1 << (1 << bits)) - 1)]
    count = found >> COUNT_AT & LOW
    if count > 1:
        drawn = draw(s, count)
        found += -drawn if found >> DOWN_AT & 1 != 0 else drawn
    return int(found)


@inner_kernel
def new_head(s: Int64s, r: int, c: int, flit: int) -> None:
    """The flit in front of channel c of router r is a head."""
    if s[ROUTING] > 0:
        line, router = r * s[RADIX] * s[VCS], s[ROUTER] + r * ROUTER_SIZE
        at = s[RT] + 2 * (line + s[router + N_RT])
        s[at], s[at + 1] = c, NOTHING
        s[router + N_RT] += 1
        s[s[CHANNEL] + (line + c) * CHANNEL_SIZE + STATUS] = ROUTED
    else:
        wait(s, r, c, s[s[PACKET] + (flit >> 2) * RECORD_SIZE + NEXT_ROUTE])


@inner_kernel
def wait(s: Int64s, r: int, c: int, entry: int) -> None:
    """A head that knows its way waits for a channel."""
    width, router = s[RADIX] * s[VCS], s[ROUTER] + r * ROUTER_SIZE
    channel, n = s[CHANNEL] + (r * width + c) * CHANNEL_SIZE, s[router + N_VA]
    s[channel + ROUTE], s[channel + STATUS] = entry, WAITING
    s[s[VA] + (2 * r + s[router + OTHER_VA]) * width + n] = c
    s[router + N_VA] = n + 1
    if s[SPECULATIVE] != 0:
        bid_later(s, r, c)


@inner_kernel
def bid_later(s: Int64s, r: int, c: int) -> None:
    """Append to the list of those that bid for the switch."""
    router = s[ROUTER] + r * ROUTER_SIZE
    n = s[router + N_SA]
    s[s[SA] + (2 * r + s[router + OTHER_SA]) * s[RADIX] * s[VCS] + n] = c
    s[router + N_SA] = n + 1


@inner_kernel
def queue_all(s: Int64s) -> None:
    """Flits that have come in go to their buffers, in the order of their ports."""
    come, arrived = s[COME], s[ARRIVED]
    for w in range((s[ROUTERS] * s[RADIX] + 31) >> 5):
        word = s[come + w]
        s[come + w] = 0
        while word != 0:
            q = 32 * w + lowest(word)
            word &= word - 1
            at = arrived + q * ARRIVED_SIZE
            queue(s, s[at + ARRIVED_ROUTER], q * s[VCS] + s[at + ARRIVED_VC], s[at + ARRIVED_FLIT])


@inner_kernel
def queue(s: Int64s, r: int, g: int, flit: int) -> None:
    """A flit goes to the buffer of its channel."""
    channel, c = s[CHANNEL] + g * CHANNEL_SIZE, g - r * s[RADIX] * s[VCS]
    count, status = s[channel + COUNT], s[channel + STATUS]
    if count == 0:
        s[channel + FRONT] = flit
    else:
        s[s[RING] + g * s[ROOM] + (s[channel + HEAD] + count - 1 & s[ROOM] - 1)] = flit
    s[channel + COUNT] = count + 1
    s[s[ACTIVE] + (r >> 5)] |= 1 << (r & 31)
    if status == IDLE:
        new_head(s, r, c, flit)
    elif count == 0 and status == MOVING:
        bid_later(s, r, c)


@flat_kernel
def finish_routes(s: Int64s, r: int) -> None:
    """Routes that take their time here: those that are ready go on to wait for a channel."""
    radix, router, done = s[RADIX], s[ROUTER] + r * ROUTER_SIZE, 0
    line, n = r * radix * s[VCS], s[router + N_RT]
    rt = s[RT] + 2 * line
    for k in range(n):
        if s[rt + 2 * k + 1] == NOTHING:
            s[rt + 2 * k + 1] = s[TIME] + s[ROUTING] - 1
        if s[rt + 2 * k + 1] > s[TIME] or done < k:
            continue
        done += 1
        c = s[rt + 2 * k]
        flit = s[s[CHANNEL] + (line + c) * CHANNEL_SIZE + FRONT]
        packet = s[PACKET] + (flit >> 2) * RECORD_SIZE
        found = route(s, r * radix + s[s[PORT_OF] + c], s[packet + KIND], s[packet + FOR])
        s[packet + KIND] = found >> CLASS_AT & 255
        wait(s, r, c, found)
    for k in range(2 * (n - done)):
        s[rt + k] = s[rt + k + 2 * done]
    s[router + N_RT] = n - done


@inner_kernel
def inner_step(s: Int64s, r: int, last: bool) -> None:
    """Evaluate both allocators on how the router stands, then let what they gave away happen."""
    router, width = s[ROUTER] + r * ROUTER_SIZE, s[RADIX] * s[VCS]
    n_va, n_sa = s[router + N_VA], s[router + N_SA]
    va, sa = s[VA] + (2 * r + s[router + OTHER_VA]) * width, s[SA] + (2 * r + s[router + OTHER_SA]) * width
    if n_va > 0:
        give_channels(s, r, va, n_va)
        s[router + N_VA], s[router + OTHER_VA] = 0, 1 - s[router + OTHER_VA]
    if n_sa > 0:
        give_switch(s, r, sa, n_sa)
        s[router + N_SA], s[router + OTHER_SA] = 0, 1 - s[router + OTHER_SA]
    if s[router + N_RT] > 0:
        finish_routes(s, r)
    if n_va > 0:
        hand_channels(s, r, va, n_va)
    if n_sa > 0:
        if s[PACE] != 0:
            s[STAMP] += 1
        won, moved = s[SCRATCH] + width, s[MOVED]
        for k in range(n_sa):
            c, out = s[sa + k], s[won + k]
            if out >= 0 and (s[SPECULATIVE] == 0 or holds(s, r, c, out)):
                leave(s, r, c, last)
                moved += 1
            else:
                bid_later(s, r, c)
        s[MOVED] = moved


@inner_kernel
def hand_channels(s: Int64s, r: int, va: int, n: int) -> None:
    """Heads get the output channels that they were given; the others wait on."""
    width, given, vcs = s[RADIX] * s[VCS], s[SCRATCH], s[VCS]
    router, line, ports = s[ROUTER] + r * ROUTER_SIZE, r * width, s[PORT] + r * s[RADIX] * PORT_SIZE
    left, after = 0, s[VA] + (2 * r + s[router + OTHER_VA]) * width + s[router + N_VA]
    for k in range(n):
        c, h = s[va + k], s[given + k]
        if h < 0:
            s[after + left] = c
            left += 1
            continue
        out = s[s[PORT_OF] + h]
        kept, port = ~(1 << h - out * vcs), ports + out * PORT_SIZE
        s[port + FREE] &= kept
        if s[TAIL_CREDIT] != 0:
            s[port + TAIL] &= kept
        channel = s[CHANNEL] + (line + c) * CHANNEL_SIZE
        s[channel + OUT], s[channel + ROUTE], s[channel + STATUS] = line + h, r * s[RADIX] + out, MOVING
        if s[SPECULATIVE] == 0:
            bid_later(s, r, c)
    s[router + N_VA] += left


@flat_kernel
def holds(s: Int64s, r: int, c: int, out: int) -> bool:
    """Whether a head that won the switch on a guess has a channel with room on that output."""
    channel = s[CHANNEL] + (r * s[RADIX] * s[VCS] + c) * CHANNEL_SIZE
    if s[channel + STATUS] != MOVING or s[channel + ROUTE] != r * s[RADIX] + out:
        return False
    return bool(s[s[OUTLET] + s[channel + OUT] * OUTLET_SIZE + USED] < s[DEPTH])


@inner_kernel
def leave(s: Int64s, r: int, c: int, last: bool) -> None:
    """The flit in front of a channel crosses the switch; its credit goes back at once."""
    g, vcs = r * s[RADIX] * s[VCS] + c, s[VCS]
    channel = s[CHANNEL] + g * CHANNEL_SIZE
    flit, count, h, q = s[channel + FRONT], s[channel + COUNT] - 1, s[channel + OUT], s[channel + ROUTE]
    port, v = s[PORT] + q * PORT_SIZE, h - q * vcs
    to = s[port + TO]
    s[channel + COUNT] = count
    if count > 0:
        first = s[channel + HEAD]
        s[channel + FRONT] = s[s[RING] + g * s[ROOM] + first]
        s[channel + HEAD] = first + 1 & s[ROOM] - 1 if count > 1 else 0
    s[s[OUTLET] + h * OUTLET_SIZE + USED] += 1
    s[port + CARRIED] += 1
    sent = s[TIME] + s[SWITCH]
    if s[PACE] != 0:
        sent = max(sent - (not last), s[port + SENT_AT])
        s[port + SENT_AT] = sent + s[port + INTERVAL]
    arrives = sent + s[port + DELAY] + 1
    if to >= 0:
        post(s, arrives, flit, to << VC_BITS | v, s[port + TO_ROUTER])
    else:
        post(s, arrives, flit, to, h)
    give_back(s, r * s[RADIX] + s[s[PORT_OF] + c], s[s[VC_OF] + c])
    if flit & 2 != 0:
        packet = s[PACKET] + (flit >> 2) * RECORD_SIZE
        s[packet + TAKEN_HOPS] += 1
        if s[ROUTING] == 0 and to >= 0:
            found = route(s, to, s[packet + KIND], s[packet + FOR])
            s[packet + NEXT_ROUTE], s[packet + KIND] = found, found >> CLASS_AT & 255
    if flit & 1 != 0:
        s[port + (FREE if s[TAIL_CREDIT] == 0 else TAIL)] |= 1 << v
        s[channel + STATUS] = IDLE
        if count > 0:
            new_head(s, r, c, s[channel + FRONT])
    elif count > 0:
        bid_later(s, r, c)


@inner_kernel
def give_back(s: Int64s, q: int, v: int) -> None:
    """A credit for channel v of input port q; those of one step leave as one message, one message a cycle."""
    port, sent = s[PORT] + q * PORT_SIZE, s[TIME]
    if s[PACE] != 0:
        if s[port + CREDIT_STAMP] != s[STAMP]:
            s[port + CREDIT_STAMP] = s[STAMP]
            s[port + CREDIT_AT] = max(sent, s[port + CREDIT_AT] + 1)
        sent = s[port + CREDIT_AT]
    free = s[port + BACK_FREE] if s[TAIL_CREDIT] != 0 else NOTHING
    credit(s, sent + s[port + BACK_DELAY], 1 << v, s[port + BACK_TO] + v, free)


@inner_kernel
def work(s: Int64s, r: int) -> bool:
    """All of one cycle of router r after what has come in is queued; whether it has anything left to do."""
    router = s[ROUTER] + r * ROUTER_SIZE
    for k in range(s[INTERNAL]):
        inner_step(s, r, k == s[INTERNAL] - 1)
    return bool(s[router + N_VA] + s[router + N_SA] + s[router + N_RT] > 0)
