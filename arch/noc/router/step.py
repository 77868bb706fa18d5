"""One cycle of one router: what has come in is queued, channels and the switch are given away, flits and
credits leave."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import hot_kernel
from bankside.arch.noc.fabric.fabric import CLASS_AT, COUNT_AT, DOWN_AT, LOW
from bankside.arch.noc.router.allocate import give_channels, give_switch
from bankside.arch.noc.router.layout import (
    ARRIVED,
    CARRIED,
    CHANNEL,
    CHANNEL_SIZE,
    CLASSES,
    COUNT,
    CREDIT,
    CREDIT_AT,
    CREDIT_BACK,
    CREDIT_STAMP,
    DELAY,
    DEPTH,
    EJECT,
    EVENT,
    EVENT_SIZE,
    EVENTS,
    FEEDER,
    FLIT,
    FLIT_BITS,
    FOR,
    FREE,
    HEAD,
    IDLE,
    INTERNAL,
    INTERVAL,
    KIND,
    KIND_BITS,
    MOVED,
    MOVING,
    N_ARRIVED,
    N_RT,
    N_SA,
    N_VA,
    NEXT,
    NEXT_ROUTE,
    NODE_CREDIT,
    NODES,
    NOTHING,
    OUT,
    PACE,
    PACKET,
    PLACE_AT,
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
    TABLE,
    TAIL,
    TAIL_CREDIT,
    TAKEN_HOPS,
    TIME,
    TO,
    USED,
    VA,
    VC_OF,
    VCS,
    WAITING,
    WHAT,
    WHOLE,
)

Int64s = npt.NDArray[np.int64]

FLIT_MASK = (1 << FLIT_BITS) - 1


@hot_kernel
def post(s: Int64s, when: int, event: int) -> None:
    """Have an event happen at a time within the wheel."""
    spare = s[SPARE_EVENT]
    at, slot = s[EVENT] + spare * EVENT_SIZE, s[SLOT] + (when & (s[SLOTS] - 1))
    s[SPARE_EVENT] = s[at + NEXT]
    s[at + WHAT], s[at + NEXT] = event, s[slot]
    s[slot] = spare
    s[EVENTS] += 1


@hot_kernel
def route(s: Int64s, wholes: Int64s, q: int, kind: int, dest: int) -> int:
    """The entry for what comes in by port q in a class; among equal ports one is drawn."""
    found = s[s[TABLE] + s[s[ROW] + q * s[CLASSES] + kind] * s[NODES] + dest]
    count = found >> COUNT_AT & LOW
    if count > 1:
        drawn = wholes[s[WHOLE]] % count
        s[WHOLE] += 1
        found += -drawn if found >> DOWN_AT & 1 != 0 else drawn
    return int(found)


@hot_kernel
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


@hot_kernel
def wait(s: Int64s, r: int, c: int, entry: int) -> None:
    """A head that knows its way waits for a channel."""
    line, router = r * s[RADIX] * s[VCS], s[ROUTER] + r * ROUTER_SIZE
    channel = s[CHANNEL] + (line + c) * CHANNEL_SIZE
    s[channel + ROUTE], s[channel + STATUS] = entry, WAITING
    s[s[VA] + line + s[router + N_VA]] = c
    s[router + N_VA] += 1
    if s[SPECULATIVE] != 0:
        bid_later(s, r, c)


@hot_kernel
def bid_later(s: Int64s, r: int, c: int) -> None:
    """Append to the list of those that bid for the switch."""
    n = s[ROUTER] + r * ROUTER_SIZE + N_SA
    s[s[SA] + r * s[RADIX] * s[VCS] + s[n]] = c
    s[n] += 1


@hot_kernel
def queue(s: Int64s, r: int) -> None:
    """Flits that have come in go to their buffers, in the order of their ports."""
    line, room, router = r * s[RADIX] * s[VCS], s[ROOM], s[ROUTER] + r * ROUTER_SIZE
    for k in range(s[router + N_ARRIVED]):
        event = s[s[ARRIVED] + r * s[RADIX] + k]
        g, flit = event >> FLIT_BITS, event & FLIT_MASK
        channel = s[CHANNEL] + g * CHANNEL_SIZE
        count = s[channel + COUNT]
        s[s[RING] + g * room + (s[channel + HEAD] + count & room - 1)] = flit
        s[channel + COUNT] = count + 1
        if s[channel + STATUS] == IDLE:
            new_head(s, r, g - line, flit)
        elif count == 0 and s[channel + STATUS] == MOVING:
            bid_later(s, r, g - line)
    s[router + N_ARRIVED] = 0


@hot_kernel
def finish_routes(s: Int64s, wholes: Int64s, r: int) -> None:
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
        flit = s[s[RING] + (line + c) * s[ROOM] + s[s[CHANNEL] + (line + c) * CHANNEL_SIZE + HEAD]]
        packet = s[PACKET] + (flit >> 2) * RECORD_SIZE
        found = route(s, wholes, r * radix + s[s[PORT_OF] + c], s[packet + KIND], s[packet + FOR])
        s[packet + KIND] = found >> CLASS_AT & 255
        wait(s, r, c, found)
    for k in range(2 * (n - done)):
        s[rt + k] = s[rt + k + 2 * done]
    s[router + N_RT] = n - done


@hot_kernel
def inner_step(s: Int64s, wholes: Int64s, r: int, last: bool) -> None:
    """Evaluate both allocators on how the router stands, then let what they gave away happen."""
    router, width = s[ROUTER] + r * ROUTER_SIZE, s[RADIX] * s[VCS]
    n_va, n_sa, line, given = s[router + N_VA], s[router + N_SA], r * width, s[SCRATCH]
    won, old_va, old_sa = given + 5 * width, given + 8 * width, given + 9 * width
    if n_va > 0:
        give_channels(s, r)
    if n_sa > 0:
        give_switch(s, r)
    for k in range(n_va):
        s[old_va + k] = s[s[VA] + line + k]
    for k in range(n_sa):
        s[old_sa + k] = s[s[SA] + line + k]
    s[router + N_VA] = s[router + N_SA] = 0
    if s[router + N_RT] > 0:
        finish_routes(s, wholes, r)
    s[STAMP] += 1
    for k in range(n_va):
        c, h = s[old_va + k], s[given + k]
        if h < 0:
            s[s[VA] + line + s[router + N_VA]] = c
            s[router + N_VA] += 1
            continue
        q = r * s[RADIX] + s[s[PORT_OF] + h]
        bit, port = 1 << s[s[VC_OF] + h], s[PORT] + q * PORT_SIZE
        s[port + FREE] &= ~bit
        s[port + TAIL] &= ~bit
        channel = s[CHANNEL] + (line + c) * CHANNEL_SIZE
        s[channel + OUT], s[channel + ROUTE], s[channel + STATUS] = line + h, q, MOVING
        if s[SPECULATIVE] == 0:
            bid_later(s, r, c)
    for k in range(n_sa):
        c, out = s[old_sa + k], s[won + k]
        if out >= 0 and s[SPECULATIVE] != 0:
            channel = s[CHANNEL] + (line + c) * CHANNEL_SIZE
            full = s[s[CHANNEL] + s[channel + OUT] * CHANNEL_SIZE + USED] >= s[DEPTH]
            if s[channel + STATUS] != MOVING or s[channel + ROUTE] != r * s[RADIX] + out or full:
                out = NOTHING
        if out < 0:
            bid_later(s, r, c)
        else:
            leave(s, wholes, r, c, last)


@hot_kernel
def leave(s: Int64s, wholes: Int64s, r: int, c: int, last: bool) -> None:
    """The flit in front of a channel crosses the switch; its credit goes back at once."""
    g, vcs, room = r * s[RADIX] * s[VCS] + c, s[VCS], s[ROOM]
    channel = s[CHANNEL] + g * CHANNEL_SIZE
    first, count = s[channel + HEAD], s[channel + COUNT] - 1
    flit = s[s[RING] + g * room + first]
    first = first + 1 & room - 1
    s[channel + HEAD], s[channel + COUNT] = first, count
    h, q = s[channel + OUT], s[channel + ROUTE]
    v, port = h - q * vcs, s[PORT] + q * PORT_SIZE
    to = s[port + TO]
    s[s[CHANNEL] + h * CHANNEL_SIZE + USED] += 1
    s[port + CARRIED] += 1
    s[MOVED] += 1
    if flit & 2 != 0:
        packet = s[PACKET] + (flit >> 2) * RECORD_SIZE
        s[packet + TAKEN_HOPS] += 1
        if s[ROUTING] == 0 and to >= 0:
            found = route(s, wholes, to, s[packet + KIND], s[packet + FOR])
            s[packet + NEXT_ROUTE], s[packet + KIND] = found, found >> CLASS_AT & 255
    sent = s[TIME] + s[SWITCH]
    if s[PACE] != 0:
        sent = max(sent - (not last), s[port + SENT_AT])
        s[port + SENT_AT] = sent + s[port + INTERVAL]
    if to >= 0:
        post(s, sent + s[port + DELAY] + 1, FLIT | flit << KIND_BITS | to * vcs + v << PLACE_AT)
    else:
        post(s, sent + s[port + DELAY] + 1, EJECT | flit << KIND_BITS | h << PLACE_AT)
    give_back(s, r * s[RADIX] + s[s[PORT_OF] + c], s[s[VC_OF] + c])
    if flit & 1 != 0:
        s[port + (FREE if s[TAIL_CREDIT] == 0 else TAIL)] |= 1 << v
        s[channel + STATUS] = IDLE
        if count > 0:
            new_head(s, r, c, s[s[RING] + g * room + first])
    elif count > 0:
        bid_later(s, r, c)


@hot_kernel
def give_back(s: Int64s, q: int, v: int) -> None:
    """A credit for channel v of input port q; those of one step leave as one message, one message a cycle."""
    port, sent = s[PORT] + q * PORT_SIZE, s[TIME]
    feeder = s[port + FEEDER]
    if s[PACE] != 0:
        if s[port + CREDIT_STAMP] != s[STAMP]:
            s[port + CREDIT_STAMP] = s[STAMP]
            s[port + CREDIT_AT] = max(sent, s[port + CREDIT_AT] + 1)
        sent = s[port + CREDIT_AT]
    if feeder >= 0:
        when = sent + s[s[PORT] + feeder * PORT_SIZE + DELAY] + 1 + s[CREDIT]
        post(s, when, CREDIT_BACK | feeder * s[VCS] + v << PLACE_AT)
    else:
        post(s, sent + 2, NODE_CREDIT | (-2 - feeder) * s[VCS] + v << PLACE_AT)


@hot_kernel
def work(s: Int64s, wholes: Int64s, r: int) -> bool:
    """All of one cycle of router r; whether it has anything left to do."""
    queue(s, r)
    for k in range(s[INTERNAL]):
        inner_step(s, wholes, r, k == s[INTERNAL] - 1)
    router = s[ROUTER] + r * ROUTER_SIZE
    return bool(s[router + N_VA] + s[router + N_SA] + s[router + N_RT] > 0)
