"""Where everything of a running network lies: one array int64, so that a step hands on one thing.

It begins with numbers that stay and numbers that change, then the places of tables and of records. In
comments r is a router, i an input and o an output port, v a virtual channel, n a node, x one of `speedup`
ports of the switch of an input. Port q = r x radix + i; channel g = q x vcs + v, as an input and as an
output; channel of a router c = i x vcs + v; an outlet is an output channel g, or ports x vcs + n x vcs + v of a node.

What a step reads of a channel is one line of a cache, and of a network small enough for a cache all of it is one's.
"""

from typing import Final

import numpy as np

from bankside.arch.jit import kernel
from bankside.arch.noc.fabric.fabric import NO_LINK, Fabric, Int64s, NetworkError
from bankside.arch.noc.router.spec import RouterSpec

(
    ROUTERS, RADIX, VCS, DEPTH, NODES, CLASSES, ROUTING, SWITCH, CREDIT, SPEEDUP, INTERNAL, SPECULATIVE, SEPARABLE,
    TAIL_CREDIT, RANDOM_INJECT, SLOTS, PACE, WORDS, DRAWS, ROOM, CODE_BITS, VC_ITERATIONS,
    SWITCH_ITERATIONS,
    TIME, FLYING, CREDITS, SPARE_EVENT, SPARE_PACKET, STAMP, REAL, REALS, HIT, WHOLE, WHOLES, CHECK, PHASE, DRAIN_FROM,
    MEASURED, UNDRAINED, BIRTHS, LATENCY, NETWORK_LATENCY, HOPS, PACKETS, LEAST, MOST, TAKEN, UNSENT, LENGTH, PATTERN,
    FAULT, MOVED, NUMBERS,
) = range(53)  # fmt: skip
"""That stay: delays (`routing`, `switch`, `credit`); `slots` of the wheel of events; `pace`: whether links
may be slower than a flit a cycle or routers make several steps in one; `words` of 32 bits of routers or
nodes; `draws`: most whole numbers that a cycle draws; `room` for flits of a channel, a power of two; the logarithm of
the bits of a code of the table; iterations of allocators.

That change: the time, flits in flight, credits under way, heads of the lists of spare events and packets; how far the
streams of tests (`real`; `hit`: which success is next) and of whole numbers are read and how far they are known, and
when to count again whether that is enough; the phase, the time that draining began, recorded packets in flight, nodes
with tests of before then; the sum of creation times of flits in flight; sums and extremes over packets that counted;
flits taken by nodes; nodes with packets of a batch left; flits of a packet; the kind of source; whether a packet came
to the wrong node; and flits that have won a switch."""

TABLES: Final = ("row", "codes", "entries", "mask", "port_of", "x_of", "vc_of")
ARRAYS: Final = (
    "ring", "channel", "outlet", "port", "input", "router", "node", "rt", "va", "sa", "arrived",
    "active", "come", "slot", "event", "busy", "slow", "packet", "scratch", "wholes",
)  # fmt: skip
(ROW, CODES, ENTRIES, MASK, PORT_OF, X_OF, VC_OF) = range(NUMBERS, NUMBERS + len(TABLES))
(
    RING, CHANNEL, OUTLET, PORT, INPUT, ROUTER, NODE, RT, VA, SA, ARRIVED, ACTIVE, COME, SLOT, EVENT, BUSY, SLOW,
    PACKET, SCRATCH, DRAWN_WHOLES,
) = range(NUMBERS + len(TABLES), NUMBERS + len(TABLES) + len(ARRAYS))  # fmt: skip
"""Places. codes[row x nodes], packed in words, are places of entries; mask by class; port_of[c], x_of[c], vc_of[c].
ring[g x room]: flits behind the first; rt[2 g], va[2 g], sa[2 g]: by router, channels that wait for a route (and until
when), for a channel, for the switch, in order, now and in the next step; active, come, busy, slow: bits of routers with
something to do, of ports that a flit has come in by, of nodes with a packet, of those with tests to catch up with;
slot: first flit, and then first credit, of a time."""

FRONT, COUNT, HEAD, STATUS, OUT, ROUTE, ACCEPT = range(7)
CHANNEL_SIZE: Final = 8
"""A channel as an input: its first flit, how many, where the others begin in the ring, its status, the output channel
that it has, the entry that it waits with, later the port of that channel, and the pointer."""

ARRIVED_FLIT, ARRIVED_VC, ARRIVED_ROUTER = range(3)
ARRIVED_SIZE: Final = 4
"""What has come in by a port: a flit, its virtual channel and its router."""

USED, GRANT, OUTLET_SIZE = range(3)
"""An outlet: flits whose credit has not come back; of an output channel the pointer."""

(
    TO, TO_ROUTER, DELAY, CARRIED, SA_GRANT, BACK_TO, BACK_DELAY, FREE, TAIL, INTERVAL, SENT_AT, CREDIT_AT,
    CREDIT_STAMP, BACK_FREE,
) = range(14)  # fmt: skip
PORT_SIZE: Final = 16
"""A port: as an output the input port that it leads to and that one's router, or -2 - n, its link, flits so far, the
pointer, bits of channels that are free and of those whose tail has left, when the link is free; as an input the first
outlet that leads to it, cycles until a credit counts there, when the last one left, and the place of the bits of free
channels there. The first line is what all routers read."""

SA_ACCEPT, TURN, INPUT_SIZE = range(3)
"""A port of the switch: the pointer, and the channel whose turn it is."""

N_RT, N_VA, N_SA, PORTS, OTHER_VA, OTHER_SA = range(6)
ROUTER_SIZE: Final = 8
"""A router: lengths of its lists, how many ports it has, and whether the second halves of lists are in use."""

(
    NODE_PACKET, NODE_SENT, NODE_VC, NODE_LAST, NODE_FREE, NODE_TAIL, CLOCK, DRAINED, ISSUED, LIMIT, ACCEPTED, SOURCE,
    SINK, SOURCE_ROUTER, NODE_FIELDS,
) = range(15)  # fmt: skip
NODE_SIZE: Final = 16
"""A node: what it is sending, flits gone, channel, the last one; what it knows of its router's channels; the
cycle of its next test, whether all before draining are made; packets made, and at most; flits taken; its
ports."""

(CREATED, ENTERED, FOR, RECORD, FLITS, TAKEN_HOPS, NEXT_ROUTE, KIND) = range(8)
RECORD_SIZE: Final = 8
LINK_ON: Final = NEXT_ROUTE
"""A packet: when it was made and when its head went in, its end, whether it is recorded, flits, routers so far, entry
at the next router (of a spare record: the next one), and the class that it is in."""

FLIT, PLACE, AT, NEXT, EVENT_SIZE = range(5)
VC_BITS: Final = 6
"""An event: a flit (packet x 4 + 2 for a head + 1 for a tail) comes to a place, port << VC_BITS | virtual channel, of a
router, or to the node -2 - place by an output channel; or a credit to an outlet, its bit and the place of bits of free
channels. And the event after it."""

IDLE, ROUTED, WAITING, MOVING = range(4)
"""Status of a channel: empty; its head waits for a route, for a channel; it has one."""

NOTHING: Final = -1
NEVER: Final = 1 << 60


BLOCK: Final = 1 << 14
"""Whole numbers that are drawn at once, at least."""


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
    state = in_lines(at)
    state[: len(numbers)] = numbers
    state[NUMBERS : NUMBERS + len(places)] = places
    for place, values in zip(places, tables, strict=False):
        state[place : place + len(values)] = values
    state[CODE_BITS] = code_log(len(tables[ENTRIES - ROW]))
    _fill(fabric, state, sizes)
    return state


def in_lines(size: int) -> Int64s:
    """Zeros, of which the first begins a line of the cache, as numpy's do not."""
    state = np.zeros(size + CHANNEL_SIZE, dtype=np.int64)
    skipped = -(state.ctypes.data // state.itemsize) % CHANNEL_SIZE
    return state[skipped : skipped + size]


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
        4 * n + r * p * spec.internal_speedup, 1 << (spec.depth - 1).bit_length(), 0,
        spec.vc_iterations, spec.switch_iterations,
    ]  # fmt: skip


def _sizes(fabric: Fabric, spec: RouterSpec) -> dict[str, int]:
    r, p, v, n = fabric.routers, fabric.radix, spec.vcs, fabric.nodes
    numbers = _numbers(fabric, spec)
    channels, words, xs, room = r * p * v, numbers[WORDS], p * spec.input_speedup, numbers[ROOM]
    flits = (channels + n * v) * spec.depth
    return {
        "ring": channels * room, "channel": channels * CHANNEL_SIZE, "outlet": (channels + n * v) * OUTLET_SIZE,
        "port": r * p * PORT_SIZE, "input": r * xs * INPUT_SIZE, "router": r * ROUTER_SIZE, "node": n * NODE_SIZE,
        "rt": 2 * channels, "va": 2 * channels, "sa": 2 * channels, "arrived": r * p * ARRIVED_SIZE, "active": words,
        "come": -(-r * p // 32),
        "slot": 2 * numbers[SLOTS], "event": 2 * flits * EVENT_SIZE, "busy": words, "slow": words,
        "packet": (flits + n) * RECORD_SIZE, "scratch": 8 * p * v + xs + p + xs * p,
        "wholes": BLOCK + 4 * numbers[DRAWS],
    }  # fmt: skip


def _tables(fabric: Fabric, spec: RouterSpec) -> list[Int64s]:
    """In the order of TABLES."""
    v = spec.vcs
    spans = [each.span(v) for each in fabric.classes]
    masks = np.array([(1 << (high + 1)) - (1 << low) for low, high in spans], dtype=np.int64)
    c, speedup = np.arange(fabric.radix * v, dtype=np.int64), spec.input_speedup
    x = c // v * speedup + c % v % speedup
    return [fabric.row.ravel(), *coded(fabric.table), masks, c // v, x, c % v]


def coded(table: Int64s) -> tuple[Int64s, Int64s]:
    """The table as places in a list of its different entries, packed in words, and the list: routes repeat themselves.

    Returns
    -------
    codes, entries : int64[...]
        As many codes in a word as fit where one has 8 bits or twice as many as often as needed.
    """
    found, codes = np.zeros(table.size, dtype=np.int64), np.zeros(table.size, dtype=np.int64)
    entries = found[: number(table.ravel(), codes, found, np.full(2 << LOG_HASH, NOTHING, dtype=np.int64))]
    bits = 1 << code_log(len(entries))
    padded = np.zeros(-(-table.size * bits // 64) * 64 // bits, dtype=f"<u{bits // 8}")
    padded[: table.size] = codes
    return padded.view("<i8").astype(np.int64), entries.copy()


def code_log(entries: int) -> int:
    """Logarithm of the bits of a code of so many entries."""
    return max(3, (max(1, entries - 1).bit_length() - 1).bit_length())


LOG_HASH: Final = 16


@kernel
def number(table: Int64s, codes: Int64s, found: Int64s, places: Int64s) -> int:
    """Number the different entries of a table in the order in which they come; returns how many."""
    count = 0
    for k in range(table.shape[0]):
        at = (table[k] * 40503 >> 4) & (places.shape[0] - 1)
        while places[at] >= 0 and found[places[at]] != table[k]:
            at = (at + 1) & (places.shape[0] - 1)
        if places[at] < 0:
            places[at] = count
            found[count] = table[k]
            count += 1
        codes[k] = places[at]
    return count


def _fill(fabric: Fabric, state: Int64s, sizes: dict[str, int]) -> None:
    """Ports and nodes as the network has them; no flit anywhere, all channels free, spare records linked."""
    vcs, nodes, to = int(state[VCS]), np.arange(fabric.nodes), fabric.to.ravel().copy()
    full, fed = (1 << vcs) - 1, np.full(to.size, NO_LINK, dtype=np.int64)
    inner = np.flatnonzero(to != NO_LINK)
    port = records(state, "port", sizes["port"], PORT_SIZE)
    fed[to[inner]], port[to[inner], BACK_DELAY] = inner, fabric.delay.ravel()[inner] + 1 + state[CREDIT]
    fed[fabric.source], port[fabric.source, BACK_DELAY] = to.size + nodes, 2
    to[fabric.sink] = -2 - nodes
    port[:, TO], port[:, TO_ROUTER], port[:, BACK_TO] = to, to // fabric.radix, fed * vcs
    at_port, at_node = int(state[PORT]) + FREE, int(state[NODE]) + NODE_FREE
    port[:, BACK_FREE] = np.where(
        fed < to.size, at_port + fed * PORT_SIZE, at_node + (fed - to.size) * NODE_SIZE
    )
    port[:, DELAY], port[:, INTERVAL] = fabric.delay.ravel(), fabric.interval.ravel()
    port[:, FREE], port[:, SENT_AT], port[:, CREDIT_AT] = full, NOTHING, NOTHING
    shape, ports = fabric.to.shape, np.arange(fabric.radix)
    joined = (to.reshape(shape) != NO_LINK) | (fed.reshape(shape) != NO_LINK)
    records(state, "router", sizes["router"], ROUTER_SIZE)[:, PORTS] = (
        np.where(joined, ports, -1).max(axis=1) + 1
    )
    turn = records(state, "input", sizes["input"], INPUT_SIZE)
    turn[:, TURN] = np.arange(len(turn)) % state[SPEEDUP] % vcs
    node = records(state, "node", sizes["node"], NODE_SIZE)
    node[:, [NODE_PACKET, NODE_VC, NODE_LAST]], node[:, NODE_FREE] = NOTHING, full
    node[:, SOURCE], node[:, SINK] = fabric.source, fabric.sink
    node[:, SOURCE_ROUTER] = fabric.source // fabric.radix
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
