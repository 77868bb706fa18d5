"""One cycle of one router: what has come in is queued, channels and the switch are given away, flits and credits leave."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import hot_kernel
from bankside.arch.noc.fabric.fabric import CLASS_AT, COUNT_AT, DOWN_AT, LOW
from bankside.arch.noc.router.allocate import give_channels, give_switch
from bankside.arch.noc.router.layout import (
    ARRIVED,
    CARRIED,
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
    LINE_OF,
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
    OUT,
    PACE,
    PACKET,
    PLACE_AT,
    PORT_OF,
    RADIX,
    RECORD_SIZE,
    RING,
    ROOM,
    ROUTE,
    ROUTED,
    ROUTING,
    ROW,
    RT,
    RT_DUE,
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
    WHOLE,
)  # fmt: skip

Int64s = npt.NDArray[np.int64]

FLIT_MASK = (1 << FLIT_BITS) - 1
EMPTY = -1


@hot_kernel
def post(p: Int64s, s: Int64s, when: int, event: int) -> None:
    """Have an event happen at a time within the wheel."""
    spare = s[SPARE_EVENT]
    s[SPARE_EVENT] = s[p[NEXT] + spare]
    slot = p[SLOT] + (when & (p[SLOTS] - 1))
    s[p[EVENT] + spare], s[p[NEXT] + spare] = event, s[slot]
    s[slot] = spare
    s[EVENTS] += 1


@hot_kernel
def route(p: Int64s, s: Int64s, wholes: Int64s, q: int, kind: int, dest: int) -> int:
    """The entry for what comes in by port q in a class; among equal ports one is drawn."""
    found = p[p[TABLE] + p[p[ROW] + q * p[CLASSES] + kind] * p[NODES] + dest]
    count = found >> COUNT_AT & LOW
    if count > 1:
        drawn = wholes[s[WHOLE]] % count
        s[WHOLE] += 1
        found += -drawn if found >> DOWN_AT & 1 != 0 else drawn
    return found


@hot_kernel
def new_head(p: Int64s, s: Int64s, r: int, c: int, flit: int) -> None:
    """The flit in front of channel c of router r is a head."""
    line = r * p[RADIX] * p[VCS]
    g = line + c
    if p[ROUTING] > 0:
        s[p[STATUS] + g] = ROUTED
        n = s[p[N_RT] + r]
        s[p[RT] + line + n], s[p[RT_DUE] + line + n] = c, EMPTY
        s[p[N_RT] + r] = n + 1
    else:
        wait(p, s, r, c, s[p[PACKET] + (flit >> 2) * RECORD_SIZE + NEXT_ROUTE])


@hot_kernel
def wait(p: Int64s, s: Int64s, r: int, c: int, entry: int) -> None:
    """A head that knows its way waits for a channel."""
    line = r * p[RADIX] * p[VCS]
    s[p[ROUTE] + line + c], s[p[STATUS] + line + c] = entry, WAITING
    s[p[VA] + line + s[p[N_VA] + r]] = c
    s[p[N_VA] + r] += 1
    if p[SPECULATIVE] != 0:
        bid_later(p, s, r, c)


@hot_kernel
def bid_later(p: Int64s, s: Int64s, r: int, c: int) -> None:
    """Append to the list of those that bid for the switch."""
    s[p[SA] + r * p[RADIX] * p[VCS] + s[p[N_SA] + r]] = c
    s[p[N_SA] + r] += 1


@hot_kernel
def queue(p: Int64s, s: Int64s, r: int) -> None:
    """Flits that have come in go to their buffers, in the order of their ports."""
    line, room = r * p[RADIX] * p[VCS], p[ROOM]
    for k in range(s[p[N_ARRIVED] + r]):
        event = s[p[ARRIVED] + r * p[RADIX] + k]
        g, flit = event >> FLIT_BITS, event & FLIT_MASK
        count = s[p[COUNT] + g]
        s[p[RING] + g * room + (s[p[HEAD] + g] + count & room - 1)] = flit
        s[p[COUNT] + g] = count + 1
        if s[p[STATUS] + g] == IDLE:
            new_head(p, s, r, g - line, flit)
        elif count == 0 and s[p[STATUS] + g] == MOVING:
            bid_later(p, s, r, g - line)
    s[p[N_ARRIVED] + r] = 0


@hot_kernel
def finish_routes(p: Int64s, s: Int64s, wholes: Int64s, r: int) -> None:
    """Routes that take their time here: those that are ready go on to wait for a channel."""
    radix, vcs, n = p[RADIX], p[VCS], s[p[N_RT] + r]
    line, done = r * radix * vcs, 0
    for k in range(n):
        if s[p[RT_DUE] + line + k] == EMPTY:
            s[p[RT_DUE] + line + k] = s[TIME] + p[ROUTING] - 1
        if s[p[RT_DUE] + line + k] > s[TIME] or done < k:
            continue
        done += 1
        c = s[p[RT] + line + k]
        flit = s[p[RING] + (line + c) * p[ROOM] + s[p[HEAD] + line + c]]
        packet = p[PACKET] + (flit >> 2) * RECORD_SIZE
        q = r * radix + p[p[PORT_OF] + c]
        found = route(p, s, wholes, q, s[packet + KIND], s[packet + FOR])
        s[packet + KIND] = found >> CLASS_AT & 255
        wait(p, s, r, c, found)
    for k in range(n - done):
        s[p[RT] + line + k], s[p[RT_DUE] + line + k] = s[p[RT] + line + k + done], s[p[RT_DUE] + line + k + done]
    s[p[N_RT] + r] = n - done


@hot_kernel
def inner_step(p: Int64s, s: Int64s, wholes: Int64s, r: int, last: bool) -> None:
    """Evaluate both allocators on how the router stands, then let what they gave away happen."""
    vcs, n_va, n_sa = p[VCS], s[p[N_VA] + r], s[p[N_SA] + r]
    width = p[RADIX] * vcs
    line, channel = r * width, p[SCRATCH]
    out, old_va, old_sa = channel + 5 * width, channel + 8 * width, channel + 9 * width
    if n_va > 0:
        give_channels(p, s, r)
    if n_sa > 0:
        give_switch(p, s, r)
    for k in range(n_va):
        s[old_va + k] = s[p[VA] + line + k]
    for k in range(n_sa):
        s[old_sa + k] = s[p[SA] + line + k]
    s[p[N_VA] + r] = s[p[N_SA] + r] = 0
    if s[p[N_RT] + r] > 0:
        finish_routes(p, s, wholes, r)
    s[STAMP] += 1
    for k in range(n_va):
        c, h = s[old_va + k], s[channel + k]
        if h < 0:
            s[p[VA] + line + s[p[N_VA] + r]] = c
            s[p[N_VA] + r] += 1
            continue
        o = p[p[PORT_OF] + h]
        s[p[FREE] + r * p[RADIX] + o] &= ~(1 << p[p[VC_OF] + h])
        s[p[TAIL] + r * p[RADIX] + o] &= ~(1 << p[p[VC_OF] + h])
        s[p[OUT] + line + c], s[p[STATUS] + line + c] = line + h, MOVING
        if p[SPECULATIVE] == 0:
            bid_later(p, s, r, c)
    for k in range(n_sa):
        c, o = s[old_sa + k], s[out + k]
        g = line + c
        if o >= 0 and p[SPECULATIVE] != 0:
            h = s[p[OUT] + g]
            if s[p[STATUS] + g] != MOVING or p[p[LINE_OF] + h] != r * p[RADIX] + o or s[p[USED] + h] >= p[DEPTH]:
                o = -1
        if o < 0:
            bid_later(p, s, r, c)
        else:
            leave(p, s, wholes, r, c, last)


@hot_kernel
def leave(p: Int64s, s: Int64s, wholes: Int64s, r: int, c: int, last: bool) -> None:
    """The flit in front of a channel crosses the switch; its credit goes back at once."""
    g = r * p[RADIX] * p[VCS] + c
    first, count = s[p[HEAD] + g], s[p[COUNT] + g] - 1
    flit = s[p[RING] + g * p[ROOM] + first]
    s[p[HEAD] + g], s[p[COUNT] + g] = first + 1 & p[ROOM] - 1, count
    h = s[p[OUT] + g]
    q = p[p[LINE_OF] + h]
    v, to = h - q * p[VCS], p[p[TO] + q]
    s[p[USED] + h] += 1
    s[p[CARRIED] + q] += 1
    s[MOVED] += 1
    if flit & 2 != 0:
        packet = p[PACKET] + (flit >> 2) * RECORD_SIZE
        s[packet + TAKEN_HOPS] += 1
        if p[ROUTING] == 0 and to >= 0:
            found = route(p, s, wholes, to, s[packet + KIND], s[packet + FOR])
            s[packet + NEXT_ROUTE], s[packet + KIND] = found, found >> CLASS_AT & 255
    sent = s[TIME] + p[SWITCH]
    if p[PACE] != 0:
        sent = max(sent - (not last), s[p[SENT_AT] + q])
        s[p[SENT_AT] + q] = sent + p[p[INTERVAL] + q]
    if to >= 0:
        post(p, s, sent + p[p[DELAY] + q] + 1, FLIT | flit << KIND_BITS | to * p[VCS] + v << PLACE_AT)
    else:
        post(p, s, sent + p[p[DELAY] + q] + 1, EJECT | flit << KIND_BITS | h << PLACE_AT)
    give_back(p, s, r * p[RADIX] + p[p[PORT_OF] + c], p[p[VC_OF] + c])
    if flit & 1 != 0:
        if p[TAIL_CREDIT] == 0:
            s[p[FREE] + q] |= 1 << v
        else:
            s[p[TAIL] + q] |= 1 << v
        s[p[STATUS] + g] = IDLE
        if count > 0:
            new_head(p, s, r, c, s[p[RING] + g * p[ROOM] + s[p[HEAD] + g]])
    elif count > 0:
        bid_later(p, s, r, c)


@hot_kernel
def give_back(p: Int64s, s: Int64s, q: int, v: int) -> None:
    """A credit for channel v of input port q; those of one step leave as one message, one message a cycle."""
    sent, feeder = s[TIME], p[p[FEEDER] + q]
    if p[PACE] != 0:
        if s[p[CREDIT_STAMP] + q] != s[STAMP]:
            s[p[CREDIT_STAMP] + q] = s[STAMP]
            s[p[CREDIT_AT] + q] = max(sent, s[p[CREDIT_AT] + q] + 1)
        sent = s[p[CREDIT_AT] + q]
    if feeder >= 0:
        when = sent + p[p[DELAY] + feeder] + 1 + p[CREDIT]
        post(p, s, when, CREDIT_BACK | feeder * p[VCS] + v << PLACE_AT)
    else:
        post(p, s, sent + 2, NODE_CREDIT | (-2 - feeder) * p[VCS] + v << PLACE_AT)


@hot_kernel
def work(p: Int64s, s: Int64s, wholes: Int64s, r: int) -> bool:
    """All of one cycle of router r; whether it has anything left to do."""
    queue(p, s, r)
    for k in range(p[INTERNAL]):
        inner_step(p, s, wholes, r, k == p[INTERNAL] - 1)
    return s[p[N_VA] + r] + s[p[N_SA] + r] + s[p[N_RT] + r] > 0
