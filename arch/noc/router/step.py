"""One cycle of one router: what has come in is queued, channels and the switch are given away, flits and
credits leave."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import flat_kernel, inner_kernel, lowest
from bankside.arch.noc.fabric.fabric import CLASS_AT, COUNT_AT, DOWN_AT, LOW
from bankside.arch.noc.router.allocate import (
    BEHIND,
    give_channels,
    give_switch,
    move_pointers,
)
from bankside.arch.noc.router.layout import (
    ACTIVE,
    ARRIVED,
    BACK_DELAY,
    BACK_TO,
    BID,
    C_AT,
    CARRIED,
    CHANNEL,
    CHANNEL_SIZE,
    CLASSES,
    CODE_BITS,
    CODES,
    COME,
    CREDIT_AT,
    CREDIT_SLOT,
    CREDIT_STAMP,
    CREDITS,
    DELAY,
    DEPTH,
    DRAWN_WHOLES,
    END_AT,
    ENDS,
    ENTRIES,
    FLIT_MASK,
    FOR_AT,
    FREE,
    FRONT,
    GUESS,
    HAS_ROOM,
    HOME,
    HOPS_AT,
    INPUT_OF,
    INPUTS,
    INTERNAL,
    INTERVAL,
    LAST,
    MOVED,
    N_RT,
    NEXT,
    NOTHING,
    OUT_AT,
    OUT_MASK,
    OUTLET,
    OUTLET_SIZE,
    OWN,
    OWN_MASK,
    PACE,
    PACED,
    PACED_SIZE,
    PORT,
    PORT_SIZE,
    QUEUE,
    QUEUE_BITS,
    QUEUE_MASK,
    RADIX,
    RING,
    ROOM,
    ROUTER,
    ROUTER_SIZE,
    ROUTING,
    ROW,
    RT,
    SA_END,
    SA_FROM,
    SA_OTHER,
    SCRATCH,
    SENT_AT,
    SLOT,
    SLOTS,
    SPARE_BLOCK,
    SPECULATIVE,
    STAMP,
    TAIL,
    TAIL_CREDIT,
    TIME,
    TO,
    USED,
    V_AT,
    V_MASK,
    VA_END,
    VA_FROM,
    VA_OTHER,
    VC_AT,
    VC_MASK,
    VCS,
    WAY,
    WHOLE,
    WIDTH,
    X_AT,
)

Int64s = npt.NDArray[np.int64]


@inner_kernel
def post(s: Int64s, slot: int, event: int) -> None:
    """Have an event happen at the time of a slot."""
    at = s[slot]
    s[at] = event
    at += 1
    if at & LAST == LAST:
        spare = s[SPARE_BLOCK]
        s[SPARE_BLOCK] = s[spare + LAST]
        s[at] = spare
        at = spare
    s[slot] = at


@inner_kernel
def send(s: Int64s, when: int, end: int, v: int, flit: int) -> None:
    """Have a flit come to an end, by a virtual channel, at a time within the wheel."""
    post(s, s[SLOT] + (when & (s[SLOTS] - 1)), end << END_AT | v << V_AT | flit)


@inner_kernel
def credit(s: Int64s, when: int, outlet: int) -> None:
    """Have an outlet send one flit more from a time on."""
    post(s, s[CREDIT_SLOT] + (when & (s[SLOTS] - 1)), outlet)


@flat_kernel
def draw(s: Int64s, below: int) -> int:
    """The next whole number of the stream, modulo `below`."""
    found = s[s[DRAWN_WHOLES] + s[WHOLE]]
    s[WHOLE] += 1
    return int(found % below)


@inner_kernel
def route(s: Int64s, q: int, way: int) -> int:
    """A packet's way when it comes in by port q; among equal ports one is drawn."""
    at, bits = s[s[ROW] + q * s[CLASSES] + (way >> CLASS_AT & 255)] + (way >> FOR_AT), s[CODE_BITS]
    word = s[s[CODES] + (at >> 6 - bits)] >> ((at & (1 << 6 - bits) - 1) << bits)
    found = s[s[ENTRIES] + (word & (1 << (1 << bits)) - 1)]
    count = found >> COUNT_AT & LOW
    if count > 1:
        drawn = draw(s, count)
        found += -drawn if found >> DOWN_AT & 1 != 0 else drawn
    return int(way & ~NEXT | found & NEXT)


@inner_kernel
def new_head(s: Int64s, r: int, own: int, flit: int) -> int:
    """The flit in front of a channel of a router is a head; `own` is what of the channel's bids stays. Returns its bid
    for the switch, or -1."""
    router = s[ROUTER] + r * ROUTER_SIZE
    if s[ROUTING] == 0:
        return wait(s, router, own, s[s[WAY] + (flit >> 2)])
    at = s[RT] + 2 * (r * s[WIDTH] + s[router + N_RT])
    s[at], s[at + 1] = own, NOTHING
    s[router + N_RT] += 1
    return NOTHING


@inner_kernel
def wait(s: Int64s, router: int, own: int, way: int) -> int:
    """A head that knows its way waits for a channel. Returns its bid for the switch, or -1."""
    bid, at = (way & LOW) << OUT_AT | own | (way >> CLASS_AT & 255), s[router + VA_END]
    s[at] = bid
    s[router + VA_END] = at + 1
    return GUESS | bid if s[SPECULATIVE] != 0 else NOTHING


@inner_kernel
def bid_later(s: Int64s, router: int, bid: int) -> None:
    """Who bids, if anyone, does so in the next step, after who does already."""
    if bid >= 0:
        at = s[router + SA_END]
        s[at] = bid
        s[router + SA_END] = at + 1


@inner_kernel
def queue_all(s: Int64s) -> None:
    """Flits that have come in go to their buffers, in the order of their ports."""
    come = s[COME]
    for w in range(s[ENDS] >> 5):
        word = s[come + w]
        s[come + w] = 0
        while word != 0:
            q = 32 * w + lowest(word)
            word &= word - 1
            queue(s, q, s[s[ARRIVED] + q])


@inner_kernel
def queue(s: Int64s, q: int, event: int) -> None:
    """A flit that has come in by port q goes to the buffer of its channel."""
    flit, r, g = event & FLIT_MASK, s[s[HOME] + q], q * s[VCS] + (event >> V_AT & 63)
    channel, router = s[CHANNEL] + g * CHANNEL_SIZE, s[ROUTER] + r * ROUTER_SIZE
    waiting = s[channel + QUEUE]
    if waiting != 0:
        at = (waiting >> QUEUE_BITS) + (waiting & QUEUE_MASK) - 1
        s[s[RING] + g * s[ROOM] + (at & s[ROOM] - 1)] = flit
        s[channel + QUEUE] = waiting + 1
        return
    s[channel + FRONT], s[channel + QUEUE], bid = flit, 1, s[channel + BID]
    s[s[ACTIVE] + (r >> 5)] |= 1 << (r & 31)
    if bid < 0:
        bid = new_head(s, r, s[s[OWN] + g - r * s[WIDTH]], flit)
    bid_later(s, router, bid)


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
        own = s[rt + 2 * k]
        at = s[WAY] + (s[s[CHANNEL] + (line + (own >> C_AT)) * CHANNEL_SIZE + FRONT] >> 2)
        s[at] = route(s, r * radix + s[s[INPUT_OF] + (own >> X_AT & OUT_MASK)], s[at])
        bid_later(s, router, wait(s, router, own, s[at]))
    for k in range(2 * (n - done)):
        s[rt + k] = s[rt + k + 2 * done]
    s[router + N_RT] = n - done


@inner_kernel
def inner_step(s: Int64s, r: int, last: bool) -> None:
    """Evaluate both allocators on how the router stands, then let what they gave away happen."""
    router = s[ROUTER] + r * ROUTER_SIZE
    va, va_end, sa, sa_end = s[router + VA_FROM], s[router + VA_END], s[router + SA_FROM], s[router + SA_END]
    all_win = False
    if sa_end > sa:
        all_win = give_switch(s, r, sa, sa_end)
        other = s[router + SA_OTHER]
        s[router + SA_FROM], s[router + SA_END], s[router + SA_OTHER] = other, other, sa
    if va_end > va:
        other = s[router + VA_OTHER]
        s[router + VA_FROM], s[router + VA_END], s[router + VA_OTHER] = other, other, va
    if s[router + N_RT] > 0:
        finish_routes(s, r)
    if va_end > va:
        give_channels(s, r, va, va_end)
    if sa_end > sa:
        cross(s, r, sa, sa_end, all_win, last)


@inner_kernel
def cross(s: Int64s, r: int, sa: int, sa_end: int, all_win: bool, last: bool) -> None:
    """Who has won the switch crosses it, the others bid again: they are told apart first, without branches."""
    router, won = s[ROUTER] + r * ROUTER_SIZE, s[SCRATCH] - sa
    channels, ports = s[CHANNEL] + r * s[WIDTH] * CHANNEL_SIZE, s[PORT] + r * s[RADIX] * PORT_SIZE
    inputs, begin = s[router + INPUTS], s[router + SA_END]
    wins, end, bids, moved, none = sa, sa_end, begin, 0, NOTHING
    if s[PACE] != 0:
        s[STAMP] += 1
    if not all_win:
        wins = s[SCRATCH] + 2 * s[WIDTH]
        end = wins
        for at in range(sa, sa_end):
            s[end], s[bids] = s[at], standing(s, channels, s[at])
            end += s[won + at]
            bids += 1 - s[won + at]
    for win in range(wins, end):
        bid = s[win]
        move_pointers(s, ports, inputs, bid)
        bid &= ~BEHIND
        later = standing(s, channels, bid)
        if s[SPECULATIVE] == 0 or holds(s, ports, bid, later):
            later = leave(s, r, channels, ports, later, last)
            moved += 1
        s[win] = later
        none &= later
    if none >= 0:
        bids = begin
        for at in range(sa, sa_end):
            s[bids] = standing(s, channels, s[at]) if s[won + at] == 0 else s[wins]
            bids += s[bids] >= 0
            wins += s[won + at]
    s[router + SA_END] = bids
    s[MOVED] += moved
    s[CREDITS] += moved


@inner_kernel
def standing(s: Int64s, channels: int, bid: int) -> int:
    """How who bids does so once channels have been given away."""
    if s[SPECULATIVE] == 0:
        return bid
    given = s[channels + (bid >> C_AT) * CHANNEL_SIZE + BID]
    return given if given >= 0 else bid


@flat_kernel
def holds(s: Int64s, ports: int, bid: int, later: int) -> bool:
    """Whether who won the switch, perhaps on a guess, has a channel with room on that output."""
    out = bid >> OUT_AT & OUT_MASK
    if later & GUESS != 0 or later >> OUT_AT & OUT_MASK != out:
        return False
    return bool(s[ports + out * PORT_SIZE + HAS_ROOM] >> (later & V_MASK) & 1 != 0)


@inner_kernel
def leave(s: Int64s, r: int, channels: int, ports: int, bid: int, last: bool) -> int:
    """The flit in front of the channel that bids crosses the switch; its credit goes back at once. Returns how the
    channel bids on, or -1."""
    first, out, c, v = r * s[RADIX], bid >> OUT_AT & OUT_MASK, (bid >> C_AT), bid & V_MASK
    q, channel, port = first + out, channels + c * CHANNEL_SIZE, ports + out * PORT_SIZE
    outlet = s[OUTLET] + (q * s[VCS] + v) * OUTLET_SIZE + USED
    flit, waiting, to = s[channel + FRONT], s[channel + QUEUE], s[port + TO]
    used, sent = s[outlet] + 1, s[TIME]
    s[outlet] = used
    if used == s[DEPTH]:
        s[port + HAS_ROOM] &= ~(1 << v)
    s[port + CARRIED] += 1
    if s[PACE] != 0:
        paced = s[PACED] + q * PACED_SIZE
        sent = max(sent - (not last), s[paced + SENT_AT])
        s[paced + SENT_AT] = sent + s[paced + INTERVAL]
    send(s, sent + s[port + DELAY], to, v, flit)
    give_back(s, ports, first, s[s[INPUT_OF] + (bid >> X_AT & OUT_MASK)], bid >> VC_AT & VC_MASK)
    if flit & 2 != 0:
        at = s[WAY] + (flit >> 2)
        way = s[at] + (1 << HOPS_AT)
        s[at] = route(s, to, way) if s[ROUTING] == 0 and to < s[ENDS] else way
    s[channel + QUEUE] = 0
    if waiting != 1:
        in_front(s, channel, r * s[WIDTH] + c, waiting)
    if flit & 1 == 0:
        return bid if waiting != 1 else NOTHING
    if s[TAIL_CREDIT] == 0:
        s[port + FREE] |= 1 << v
    else:
        s[s[PACED] + q * PACED_SIZE + TAIL] |= 1 << v
    s[channel + BID] = NOTHING
    return new_head(s, r, bid & OWN_MASK, s[channel + FRONT]) if waiting != 1 else NOTHING


@inner_kernel
def in_front(s: Int64s, channel: int, g: int, waiting: int) -> None:
    """The second flit of a channel is its first, one fewer waits."""
    first, left = waiting >> QUEUE_BITS, (waiting & QUEUE_MASK) - 1
    s[channel + FRONT] = s[s[RING] + g * s[ROOM] + first]
    s[channel + QUEUE] = (first + 1 & s[ROOM] - 1) << QUEUE_BITS | left if left > 1 else 1


@inner_kernel
def give_back(s: Int64s, ports: int, first: int, i: int, v: int) -> None:
    """A credit for channel v of an input port; those of one step leave as one message, one message a cycle."""
    port, sent = ports + i * PORT_SIZE, s[TIME]
    if s[PACE] != 0:
        paced = s[PACED] + (first + i) * PACED_SIZE
        if s[paced + CREDIT_STAMP] != s[STAMP]:
            s[paced + CREDIT_STAMP] = s[STAMP]
            s[paced + CREDIT_AT] = max(sent, s[paced + CREDIT_AT] + 1)
        sent = s[paced + CREDIT_AT]
    credit(s, sent + s[port + BACK_DELAY], s[port + BACK_TO] + v)


@inner_kernel
def work(s: Int64s, r: int) -> bool:
    """All of one cycle of router r after what has come in is queued; whether it has anything left to do."""
    router = s[ROUTER] + r * ROUTER_SIZE
    for k in range(s[INTERNAL]):
        inner_step(s, r, k == s[INTERNAL] - 1)
    return bool(
        s[router + VA_END] > s[router + VA_FROM]
        or s[router + SA_END] > s[router + SA_FROM]
        or s[router + N_RT] > 0
    )
