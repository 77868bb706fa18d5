"""Where everything of a running network lies: one array of parameters, one of state, both int64.

`params` begins with numbers, followed by the places of tables in `params` and of arrays in `state`. In comments
r is a router, i an input and o an output port, v a virtual channel, n a node; x one of `input_speedup` ports of the switch of an
input. Places: port q = r x radix + i; channel g = q x vcs + v; channel of a router c = i x vcs + v.
"""

from typing import Final

import numpy as np

from bankside.arch.noc.fabric.fabric import NO_LINK, Fabric, Int64s, NetworkError
from bankside.arch.noc.router.spec import RouterSpec

NUMBERS: Final = (
    "routers", "radix", "vcs", "depth", "nodes", "classes", "routing", "switch", "credit", "speedup", "internal",
    "speculative", "separable", "tail_credit", "random_inject", "slots", "pace", "words", "draws", "room",
)  # fmt: skip
TABLES: Final = (
    "to", "delay", "interval", "feeder", "row", "table", "low", "high", "mask", "port_of", "vc_of", "line_of", "router_of", "ports", "source",
    "sink",
)  # fmt: skip
ARRAYS: Final = (
    "ring", "head", "count", "status", "out", "route", "used", "free", "tail", "va_grant", "va_accept", "sa_grant",
    "sa_accept", "turn", "rt", "rt_due", "n_rt", "va", "n_va", "sa", "n_sa", "arrived", "n_arrived", "active", "sent_at",
    "credit_at", "credit_stamp", "carried", "slot", "event", "next", "node_packet", "node_sent", "node_vc", "node_last",
    "node_free", "node_used", "node_tail", "busy", "slow", "clock", "drained", "issued", "limit", "accepted", "packet",
    "next_packet", "scratch",
)  # fmt: skip

(
    ROUTERS, RADIX, VCS, DEPTH, NODES, CLASSES, ROUTING, SWITCH, CREDIT, SPEEDUP, INTERNAL, SPECULATIVE, SEPARABLE,
    TAIL_CREDIT, RANDOM_INJECT, SLOTS, PACE, WORDS, DRAWS, ROOM,
) = range(len(NUMBERS))  # fmt: skip
"""`routing`, `switch`, `credit`: delays; `slots` of the wheel of events; `pace`: whether links may be slower than a flit a
cycle or routers make several steps in one; `words` of bits of routers or nodes; `draws`: most whole numbers that a
cycle draws; `room` for flits of a channel, a power of two."""

(TO, DELAY, INTERVAL, FEEDER, ROW, TABLE, FIRST, LAST, MASK, PORT_OF, VC_OF, LINE_OF, ROUTER_OF, PORTS, SOURCE, SINK) = range(
    len(NUMBERS), len(NUMBERS) + len(TABLES)
)
"""to[q]: input port that an output leads to, or -2 - n; feeder[q]: output port that leads to an input, or -2 - n; first,
last, mask by class; port_of[c], vc_of[c]; line_of[g]: its port q, router_of[g]."""

(
    RING, HEAD, COUNT, STATUS, OUT, ROUTE, USED, FREE, TAIL, VA_GRANT, VA_ACCEPT, SA_GRANT, SA_ACCEPT, TURN, RT, RT_DUE,
    N_RT, VA, N_VA, SA, N_SA, ARRIVED, N_ARRIVED, ACTIVE, SENT_AT, CREDIT_AT, CREDIT_STAMP, CARRIED, SLOT, EVENT, NEXT,
    NODE_PACKET, NODE_SENT, NODE_VC, NODE_LAST, NODE_FREE, NODE_USED, NODE_TAIL, BUSY, SLOW, CLOCK, DRAINED, ISSUED,
    LIMIT, ACCEPTED, PACKET, NEXT_PACKET, SCRATCH,
) = range(len(NUMBERS) + len(TABLES), len(NUMBERS) + len(TABLES) + len(ARRAYS))  # fmt: skip
"""ring[g x depth]: flits of a buffer; status[g]; out[g]: channel that it has been given; route[g]: entry; used[g], free[q],
tail[q]: flits that an output channel holds at the other end, which channels are free, where the tail has left; rt, va, sa[r x
radix x vcs]: channels that wait for a route, a channel, the switch, in order; arrived[q]; carried[q]: flits over an output;
slot: first event of a time; event, next: the events; node_...: what a node is sending, and what it knows of its
router's buffers; busy, slow: bits of nodes with a packet, and of those that have tests to catch up with; packet: records."""

(
    TIME, FLYING, EVENTS, SPARE_EVENT, SPARE_PACKET, STAMP, REAL, REALS, HIT, WHOLE, WHOLES, CHECK, PHASE, DRAIN_FROM,
    MEASURED, UNDRAINED, BIRTHS, LATENCY, NETWORK_LATENCY, HOPS, PACKETS, LEAST, MOST, TAKEN, UNSENT, LENGTH, PATTERN,
    FAULT, MOVED, CONTROL,
) = range(30)  # fmt: skip
"""State begins with numbers: the time, flits in flight, events under way, heads of the lists of spare events and packets; how
far the streams of reals (`hit`: which success is next) and of whole numbers are read and how far they are known, and
when to count again whether that is enough; the phase, the time that draining began, recorded packets in flight, nodes with
tests of before then; the sum of creation times of flits in flight; sums and extremes over packets that counted;
flits taken by nodes; nodes with packets of a batch left; flits of a packet; the kind of source; whether a packet came to the
wrong node; and flits that have won a switch."""

(CREATED, ENTERED, FROM, FOR, RECORD, FLITS, TAKEN_HOPS, NEXT_ROUTE, KIND, RECORD_SIZE) = range(10)
"""A packet: when it was made and when its head went in, its ends, whether it is recorded, flits, routers so far, entry at the
next router, and the class that it is in."""

IDLE, ROUTED, WAITING, MOVING = range(4)
"""Status of a channel: empty; its head waits for a route, for a channel; it has one."""

NOTHING: Final = -1
NEVER: Final = 1 << 60

FLIT, EJECT, CREDIT_BACK, NODE_CREDIT = range(4)
KIND_BITS, FLIT_BITS = 2, 34
PLACE_AT: Final = KIND_BITS + FLIT_BITS
"""An event: kind, flit (packet x 4 + 2 for a head + 1 for a tail), and a place above."""


def layout(fabric: Fabric, spec: RouterSpec) -> tuple[Int64s, Int64s]:
    """Parameters and state of an empty network.

    Raises
    ------
    NetworkError
        If a class needs a virtual channel that the routers do not have.
    """
    r, p, v, n = fabric.routers, fabric.radix, spec.vcs, fabric.nodes
    for each in fabric.classes:
        if each.span(v)[1] >= v:
            raise NetworkError(f"{fabric.name}: class '{each.name}' needs virtual channel {each.span(v)[1]} of {v}.")
    tables = _tables(fabric, spec)
    room = 1 << (spec.depth - 1).bit_length()
    channels = r * p * v
    flits = (channels + n * v) * spec.depth
    longest = int(fabric.delay.max()) + spec.switch_delay + spec.credit_delay + 2
    slow = int(fabric.interval.max())
    pace = slow > 1 or spec.internal_speedup > 1
    if pace:
        longest += slow * v * spec.depth
    slots = 1 << longest.bit_length()
    words = -(-max(r, n) // 32)
    numbers = [
        r, p, v, spec.depth, n, len(fabric.classes), spec.routing_delay, spec.switch_delay, spec.credit_delay,
        spec.input_speedup, spec.internal_speedup, spec.speculative, spec.allocator == "separable_input_first",
        spec.wait_for_tail_credit, fabric.random_inject, slots, pace, words, 4 * n + r * p * spec.internal_speedup,
        room,
    ]  # fmt: skip
    xs = p * spec.input_speedup
    sizes = {
        "ring": channels * room, "used": channels, "rt": channels, "rt_due": channels, "va": channels, "sa": channels,
        "slot": slots, "event": 2 * flits, "next": 2 * flits, "node_used": n * v, "busy": words, "slow": words,
        "active": words, "sa_accept": r * xs, "turn": r * xs, "packet": RECORD_SIZE * (flits + n), "next_packet": flits + n,
        "scratch": 10 * p * v + 6 * xs + 6 * p + 2 * xs * p,
    }  # fmt: skip
    per_channel = ("head", "count", "status", "out", "route", "va_grant", "va_accept")
    per_port = (
        "free", "tail", "sa_grant", "arrived", "sent_at", "credit_at", "credit_stamp", "carried",
    )  # fmt: skip
    per_router = ("n_rt", "n_va", "n_sa", "n_arrived")
    sizes |= dict.fromkeys(per_channel, channels) | dict.fromkeys(per_port, r * p) | dict.fromkeys(per_router, r)
    at, places = CONTROL, []
    for name in ARRAYS:
        places.append(at)
        at += sizes.get(name, n)
    first, offsets = len(numbers) + len(tables) + len(ARRAYS), []
    for values in tables:
        offsets.append(first)
        first += len(values)
    params = np.concatenate([np.array([*map(int, numbers), *offsets, *places], dtype=np.int64), *tables])
    return params, _empty(params, np.zeros(at, dtype=np.int64), sizes)


def _tables(fabric: Fabric, spec: RouterSpec) -> list[Int64s]:
    """In the order of TABLES."""
    v, to = spec.vcs, fabric.to.ravel().copy()
    feeder = np.full(to.size, NO_LINK, dtype=np.int64)
    inner = np.flatnonzero(to != NO_LINK)
    feeder[to[inner]] = inner
    nodes = np.arange(fabric.nodes)
    feeder[fabric.source], to[fabric.sink] = -2 - nodes, -2 - nodes
    spans = np.array([each.span(v) for each in fabric.classes], dtype=np.int64)
    masks = np.array([(1 << (high + 1)) - (1 << low) for low, high in spans.tolist()], dtype=np.int64)
    line = np.arange(fabric.radix * v, dtype=np.int64)
    own = np.where((to.reshape(fabric.to.shape) != NO_LINK), np.arange(fabric.radix), -1).max(axis=1) + 1
    own_in = np.where((feeder.reshape(fabric.to.shape) != NO_LINK), np.arange(fabric.radix), -1).max(axis=1) + 1
    found = [
        to, fabric.delay.ravel(), fabric.interval.ravel(), feeder, fabric.row.ravel(), fabric.table.ravel(), spans[:, 0],
        spans[:, 1], masks, line // v, line % v, np.arange(to.size * v) // v,
        np.arange(to.size * v) // (v * fabric.radix), np.maximum(own, own_in),
        fabric.source, fabric.sink,
    ]  # fmt: skip
    return [np.ascontiguousarray(each, dtype=np.int64) for each in found]


def _empty(params: Int64s, state: Int64s, sizes: dict[str, int]) -> Int64s:
    """No flit anywhere, all channels free, lists of spare records linked."""
    full = (1 << int(params[VCS])) - 1
    n = int(params[NODES])
    for name, value in (("free", full), ("slot", NOTHING), ("node_packet", NOTHING), ("node_vc", NOTHING)):
        _part(params, state, name, sizes.get(name, n))[:] = value
    for name, value in (("node_last", NOTHING), ("node_free", full), ("sent_at", NOTHING), ("credit_at", NOTHING)):
        _part(params, state, name, sizes.get(name, n))[:] = value
    for name in ("next", "next_packet"):
        spare = _part(params, state, name, sizes[name])
        spare[:] = np.arange(1, len(spare) + 1)
        spare[-1] = NOTHING
    inputs = int(params[RADIX] * params[SPEEDUP])
    turn = _part(params, state, "turn", sizes["turn"])
    turn[:] = np.arange(len(turn)) % inputs % params[SPEEDUP] % params[VCS]
    state[LEAST] = NEVER
    return state


def _part(params: Int64s, state: Int64s, name: str, size: int) -> Int64s:
    at = int(params[len(NUMBERS) + len(TABLES) + ARRAYS.index(name)])
    return state[at : at + size]


def part(params: Int64s, state: Int64s, name: str, size: int) -> Int64s:
    """A view of one array of the state."""
    return _part(params, state, name, size)
