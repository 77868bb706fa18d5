"""Where everything of a running network lies: one array int64, so that a step hands on one thing.

It begins with numbers that stay and numbers that change, then the places of tables and of records. In
comments r is a router, i an input and o an output port, v a virtual channel, n a node, x one of `speedup`
ports of the switch of an input. Port q = r x radix + i; channel g = q x vcs + v, as an input and as an
output; channel of a router c = i x vcs + v.
"""

from typing import Final

import numpy as np

from bankside.arch.noc.fabric.fabric import NO_LINK, Fabric, Int64s, NetworkError
from bankside.arch.noc.router.spec import RouterSpec

(
    ROUTERS, RADIX, VCS, DEPTH, NODES, CLASSES, ROUTING, SWITCH, CREDIT, SPEEDUP, INTERNAL, SPECULATIVE, SEPARABLE,
    TAIL_CREDIT, RANDOM_INJECT, SLOTS, PACE, WORDS, DRAWS, ROOM,
    TIME, FLYING, EVENTS, SPARE_EVENT, SPARE_PACKET, STAMP, REAL, REALS, HIT, WHOLE, WHOLES, CHECK, PHASE, DRAIN_FROM,
    MEASURED, UNDRAINED, BIRTHS, LATENCY, NETWORK_LATENCY, HOPS, PACKETS, LEAST, MOST, TAKEN, UNSENT, LENGTH, PATTERN,
    FAULT, MOVED, NUMBERS,
) = range(50)  # fmt: skip
"""That stay: delays (`routing`, `switch`, `credit`); `slots` of the wheel of events; `pace`: whether links
may be slower than a flit a cycle or routers make several steps in one; `words` of 32 bits of routers or
nodes; `draws`: most whole numbers that a cycle draws; `room` for flits of a channel, a power of two.

That change: the time, flits in flight, events under way, heads of the lists of spare events and packets; how
far the streams of reals (`hit`: which success is next) and of whole numbers are read and how far they are
known, and when to count again whether that is enough; the phase, the time that draining began, recorded
packets in flight, nodes with tests of before then; the sum of creation times of flits in flight; sums and
extremes over packets that counted; flits taken by nodes; nodes with packets of a batch left; flits of a
packet; the kind of source; whether a packet came to the wrong node; and flits that have won a switch."""

TABLES: Final = ("row", "table", "first", "last", "mask", "port_of", "vc_of", "line_of", "router_of")
ARRAYS: Final = (
    "ring", "channel", "port", "input", "router", "node", "node_used", "rt", "va", "sa", "arrived", "active", "slot",
    "event", "busy", "slow", "packet", "scratch",
)  # fmt: skip
(ROW, TABLE, FIRST, LAST, MASK, PORT_OF, VC_OF, LINE_OF, ROUTER_OF) = range(NUMBERS, NUMBERS + len(TABLES))
(
    RING, CHANNEL, PORT, INPUT, ROUTER, NODE, NODE_USED, RT, VA, SA, ARRIVED, ACTIVE, SLOT, EVENT, BUSY, SLOW, PACKET,
    SCRATCH,
) = range(NUMBERS + len(TABLES), NUMBERS + len(TABLES) + len(ARRAYS))  # fmt: skip
"""Places. first, last, mask by class; port_of[c], vc_of[c]; line_of[g], router_of[g]: port and router. ring[g
x room]: flits; node_used[n x vcs]; rt[2 g], va[g], sa[g]: by router, channels that wait for a route (and
until when), for a channel, for the switch, in order; arrived[q]; active, busy, slow: bits of routers with
something to do, of nodes with a packet, of those with tests to catch up with; slot: first event of a time."""

HEAD, COUNT, STATUS, OUT, ROUTE, ACCEPT, USED, GRANT, CHANNEL_SIZE = range(9)
"""A channel, a line of a cache: as an input its flits, its status, the output channel that it has, the entry
that it waits with, later the port of that channel, and the pointer; as an output the flits at the other end
and the pointer."""

(
    TO, DELAY, INTERVAL, FEEDER, FREE, TAIL, SA_GRANT, SENT_AT, CREDIT_AT, CREDIT_STAMP, CARRIED, PORT_USED,
) = range(12)  # fmt: skip
PORT_SIZE: Final = 16
"""A port: as an output the input port that it leads to, or -2 - n, its link, bits of channels that are free
and of those whose tail has left, the pointer, when the link is free, flits so far; as an input the output
that leads to it, or
-2 - n, and when its last credit left."""

SA_ACCEPT, TURN, INPUT_SIZE = range(3)
"""A port of the switch: the pointer, and the channel whose turn it is."""

N_RT, N_VA, N_SA, N_ARRIVED, PORTS, ROUTER_USED = range(6)
ROUTER_SIZE: Final = 8
"""A router: lengths of its lists, and how many ports it has."""

(
    NODE_PACKET, NODE_SENT, NODE_VC, NODE_LAST, NODE_FREE, NODE_TAIL, CLOCK, DRAINED, ISSUED, LIMIT, ACCEPTED, SOURCE,
    SINK, NODE_FIELDS,
) = range(14)  # fmt: skip
NODE_SIZE: Final = 16
"""A node: what it is sending, flits gone, channel, the last one; what it knows of its router's channels; the
cycle of its next test, whether all before draining are made; packets made, and at most; flits taken; its
ports."""

(CREATED, ENTERED, FROM, FOR, RECORD, FLITS, TAKEN_HOPS, NEXT_ROUTE, KIND, LINK_ON) = range(10)
RECORD_SIZE: Final = 10
"""A packet: when it was made and when its head went in, its ends, whether it is recorded, flits, routers so
far, entry at the next router, the class that it is in, and the next spare one."""

WHAT, NEXT, EVENT_SIZE = range(3)

IDLE, ROUTED, WAITING, MOVING = range(4)
"""Status of a channel: empty; its head waits for a route, for a channel; it has one."""

NOTHING: Final = -1
NEVER: Final = 1 << 60

FLIT, EJECT, CREDIT_BACK, NODE_CREDIT = range(4)
KIND_BITS, FLIT_BITS = 2, 34
PLACE_AT: Final = KIND_BITS + FLIT_BITS
"""An event: kind, flit (packet x 4 + 2 for a head + 1 for a tail), and a place above."""


def layout(fabric: Fabric, spec: RouterSpec) -> Int64s:
    """An empty network.

    Raises
    ------
    NetworkError
        If a class needs a virtual channel that the routers do not have.
    """
    v = spec.vcs
    for each in fabric.classes:
        if each.span(v)[1] >= v:
            raise NetworkError(
                f"{fabric.name}: class '{each.name}' needs virtual channel {each.span(v)[1]} of {v}."
            )
    numbers, tables, sizes = _numbers(fabric, spec), _tables(fabric, spec), _sizes(fabric, spec)
    at, places = NUMBERS + len(TABLES) + len(ARRAYS), []
    for size in [*map(len, tables), *(sizes[name] for name in ARRAYS)]:
        places.append(at)
        at = -(-(at + size) // CHANNEL_SIZE) * CHANNEL_SIZE
    state = np.zeros(at, dtype=np.int64)
    state[: len(numbers)] = numbers
    state[NUMBERS : NUMBERS + len(places)] = places
    for place, values in zip(places, tables, strict=False):
        state[place : place + len(values)] = values
    _fill(fabric, state, sizes)
    return state


def _numbers(fabric: Fabric, spec: RouterSpec) -> list[int]:
    r, p, n = fabric.routers, fabric.radix, fabric.nodes
    longest, slowest = (
        int(fabric.delay.max()) + spec.switch_delay + spec.credit_delay + 2,
        int(fabric.interval.max()),
    )
    pace = slowest > 1 or spec.internal_speedup > 1
    if pace:
        longest += slowest * spec.vcs * spec.depth
    return [
        r, p, spec.vcs, spec.depth, n, len(fabric.classes), spec.routing_delay, spec.switch_delay, spec.credit_delay,
        spec.input_speedup, spec.internal_speedup, spec.speculative, spec.allocator == "separable_input_first",
        spec.wait_for_tail_credit, fabric.random_inject, 1 << longest.bit_length(), pace, -(-max(r, n) // 32),
        4 * n + r * p * spec.internal_speedup, 1 << (spec.depth - 1).bit_length(),
    ]  # fmt: skip


def _sizes(fabric: Fabric, spec: RouterSpec) -> dict[str, int]:
    r, p, v, n = fabric.routers, fabric.radix, spec.vcs, fabric.nodes
    numbers = _numbers(fabric, spec)
    channels, words, xs, room = r * p * v, numbers[WORDS], p * spec.input_speedup, numbers[ROOM]
    flits = (channels + n * v) * spec.depth
    return {
        "ring": channels * room, "channel": channels * CHANNEL_SIZE, "port": r * p * PORT_SIZE,
        "input": r * xs * INPUT_SIZE, "router": r * ROUTER_SIZE, "node": n * NODE_SIZE, "node_used": n * v,
        "rt": 2 * channels, "va": channels, "sa": channels, "arrived": r * p, "active": words, "slot": numbers[SLOTS],
        "event": 2 * flits * EVENT_SIZE, "busy": words, "slow": words, "packet": (flits + n) * RECORD_SIZE,
        "scratch": 10 * p * v + 6 * xs + 6 * p + 2 * xs * p,
    }  # fmt: skip


def _tables(fabric: Fabric, spec: RouterSpec) -> list[Int64s]:
    """In the order of TABLES."""
    v, ports = spec.vcs, fabric.to.size
    spans = np.array([each.span(v) for each in fabric.classes], dtype=np.int64)
    masks = np.array([(1 << (high + 1)) - (1 << low) for low, high in spans.tolist()], dtype=np.int64)
    line, channel = np.arange(fabric.radix * v, dtype=np.int64), np.arange(ports * v, dtype=np.int64)
    return [
        fabric.row.ravel(), fabric.table.ravel(), spans[:, 0], spans[:, 1], masks, line // v, line % v, channel // v,
        channel // (v * fabric.radix),
    ]  # fmt: skip


def _fill(fabric: Fabric, state: Int64s, sizes: dict[str, int]) -> None:
    """Ports and nodes as the network has them; no flit anywhere, all channels free, spare records linked."""
    full, nodes, to = (1 << int(state[VCS])) - 1, np.arange(fabric.nodes), fabric.to.ravel().copy()
    feeder = np.full(to.size, NO_LINK, dtype=np.int64)
    inner = np.flatnonzero(to != NO_LINK)
    feeder[to[inner]] = inner
    feeder[fabric.source], to[fabric.sink] = -2 - nodes, -2 - nodes
    port = records(state, "port", sizes["port"], PORT_SIZE)
    port[:, TO], port[:, FEEDER] = to, feeder
    port[:, DELAY], port[:, INTERVAL] = fabric.delay.ravel(), fabric.interval.ravel()
    port[:, FREE], port[:, SENT_AT], port[:, CREDIT_AT] = full, NOTHING, NOTHING
    shape, ports = fabric.to.shape, np.arange(fabric.radix)
    joined = (to.reshape(shape) != NO_LINK) | (feeder.reshape(shape) != NO_LINK)
    records(state, "router", sizes["router"], ROUTER_SIZE)[:, PORTS] = (
        np.where(joined, ports, -1).max(axis=1) + 1
    )
    turn = records(state, "input", sizes["input"], INPUT_SIZE)
    turn[:, TURN] = np.arange(len(turn)) % state[SPEEDUP] % state[VCS]
    node = records(state, "node", sizes["node"], NODE_SIZE)
    node[:, [NODE_PACKET, NODE_VC, NODE_LAST]], node[:, NODE_FREE] = NOTHING, full
    node[:, SOURCE], node[:, SINK] = fabric.source, fabric.sink
    records(state, "slot", sizes["slot"], 1)[:] = NOTHING
    for name, size, link in (("event", EVENT_SIZE, NEXT), ("packet", RECORD_SIZE, LINK_ON)):
        spare = records(state, name, sizes[name], size)
        spare[:, link] = np.arange(1, len(spare) + 1)
        spare[-1, link] = NOTHING
    state[LEAST] = NEVER


def records(state: Int64s, name: str, size: int, width: int) -> Int64s:
    """A view of the records of one kind, int64[records, width]."""
    at = int(state[NUMBERS + len(TABLES) + ARRAYS.index(name)])
    found: Int64s = state[at : at + size].reshape(-1, width)
    return found
