"""Where everything of a running network lies: one array int64, so that a step hands on one thing.

It begins with numbers that stay and numbers that change, then the places of tables and of records. In
comments r is a router, i an input and o an output port, v a virtual channel, n a node, x one of `speedup`
ports of the switch of an input. Port q = r x radix + i; channel g = q x vcs + v, as an input and as an
output; channel of a router c = i x vcs + v; an outlet is an output channel g, or ports x vcs + n x vcs + v of a node;
an end is an input port q, or `ends` + n of a node.

The time of a step is that of what is not in the nearest cache: records are as short as may be, what bids or is under
way is one word that says all of itself, and what happens in a cycle lies together.
"""

import math
from typing import Final

import numpy as np

from bankside.arch.jit import kernel
from bankside.arch.noc.fabric.fabric import CLASS_AT, LOW, NO_LINK, Fabric, Int64s, NetworkError
from bankside.arch.noc.router.spec import RouterSpec

(
    ROUTERS, RADIX, VCS, DEPTH, NODES, CLASSES, ROUTING, SWITCH, CREDIT, SPEEDUP, INTERNAL, SPECULATIVE, SEPARABLE,
    TAIL_CREDIT, RANDOM_INJECT, SLOTS, PACE, WORDS, DRAWS, ROOM, ENDS, WIDTH, CODE_BITS, CREDIT_SLOT, VC_ITERATIONS,
    SWITCH_ITERATIONS, CROWD,
    TIME, FLYING, CREDITS, SPARE_BLOCK, SPARE_PACKET, STAMP, REAL, REALS, HIT, WHOLE, WHOLES, CHECK, PHASE, DRAIN_FROM,
    MEASURED, UNDRAINED, BIRTHS, LATENCY, NETWORK_LATENCY, HOPS, PACKETS, LEAST, MOST, TAKEN, UNSENT, LENGTH, PATTERN,
    FAULT, MOVED, NUMBERS,
) = range(57)  # fmt: skip
"""That stay: delays (`routing`, `switch`, `credit`); `slots` of the wheel of events; `pace`: whether links
may be slower than a flit a cycle or routers make several steps in one; `words` of 32 bits of routers or
nodes; `draws`: most whole numbers that a cycle draws; `room` for flits of a channel, a power of two; `ends`: ports in
whole words; `width`: channels of a router; the logarithm of the bits of a code of the table; where slots of credits
begin; iterations of allocators; the most bids of a router that may all want different ports: n bids for p ports are
expected to have n (n - 1) / p pairs that do not, more than two of them beyond it.

That change: the time, flits in flight, credits under way, the first of the spare blocks and packets; how far the
streams of tests (`real`; `hit`: which success is next) and of whole numbers are read and how far they are known, and
when to count again whether that is enough; the phase, the time that draining began, recorded packets in flight, nodes
with tests of before then; the sum of creation times of flits in flight; sums and extremes over packets that counted;
flits taken by nodes; nodes with packets of a batch left; flits of a packet; the kind of source; whether a packet came
to the wrong node; and flits that have won a switch."""

TABLES: Final = ("row", "codes", "entries", "mask", "turns", "input_of", "own", "home")
ARRAYS: Final = (
    "ring", "channel", "outlet", "port", "paced", "input", "router", "node", "rt", "va", "sa", "arrived",
    "active", "come", "slot", "block", "busy", "slow", "packet", "way", "scratch", "best", "wholes",
)  # fmt: skip
(ROW, CODES, ENTRIES, MASK, TURNS, INPUT_OF, OWN, HOME) = range(NUMBERS, NUMBERS + len(TABLES))
(
    RING, CHANNEL, OUTLET, PORT, PACED, INPUT, ROUTER, NODE, RT, VA, SA, ARRIVED, ACTIVE, COME, SLOT, BLOCK, BUSY, SLOW,
    PACKET, WAY, SCRATCH, BEST, DRAWN_WHOLES,
) = range(NUMBERS + len(TABLES), NUMBERS + len(TABLES) + len(ARRAYS))  # fmt: skip
"""Places. row[q x classes]: where in the table, of which codes[row x nodes], packed in words, are places of entries;
mask by class; turns[v]: whose turn it is after v; input_of[x]: the input of a port of the switch; own[c]: what of a bid
stays with a channel; home[q]: the router of a port. ring[g x room]: flits behind the first; by router, in order,
rt[2 g]: channels that wait for a route (and until when), va[2 g], sa[2 g]: bids for a channel and for the switch, now
and in the next step; arrived[end]: what has come to it; active, come, busy, slow: bits of routers with something to do,
of ends that it has come to, of nodes with a packet, of those with tests to catch up with; slot: where the next flit,
and then the next credit, of a time is written; way: by packet; best: the least key, by output and then by port of the
switch."""

OUT_AT: Final = 8
VC_AT: Final = 23
GUESS_AT: Final = 30
X_AT: Final = 31
C_AT: Final = 47
GUESS: Final = 1 << GUESS_AT
V_MASK: Final = (1 << OUT_AT) - 1
OUT_MASK: Final = (1 << 15) - 1
VC_MASK: Final = (1 << 6) - 1
TURN_MASK: Final = OUT_MASK << X_AT | GUESS | VC_MASK << VC_AT
OWN_MASK: Final = -1 << C_AT | OUT_MASK << X_AT | VC_MASK << VC_AT
"""A bid: channel of the router, port of the switch, virtual channel of that input, output port, and the virtual channel
that it has, or the class that it may take one of. With `GUESS` it is one for the switch without a channel. Distances
are found by one subtraction: pointers are kept where a bid has what they point to, and there is a bit between."""

V_AT: Final = 28
END_AT: Final = 34
FLIT_MASK: Final = (1 << V_AT) - 1
"""An event: a flit (packet x 4 + 2 for a head + 1 for a tail) comes to an end by a virtual channel. A credit is its
outlet."""

BLOCK_SIZE: Final = 16
LAST: Final = BLOCK_SIZE - 1
"""Events of a time lie in blocks, of which the last word is the place of the next; its first block is its own."""

FRONT, QUEUE, BID, ACCEPT, CHANNEL_SIZE = range(5)
QUEUE_BITS: Final = 24
QUEUE_MASK: Final = (1 << QUEUE_BITS) - 1
"""A channel as an input: its first flit; how many and, << QUEUE_BITS, where the others begin in the ring; its bid while
it has an output channel; and the pointer."""

TO, DELAY, CARRIED, SA_GRANT, FREE, HAS_ROOM, BACK_TO, BACK_DELAY, PORT_SIZE = range(9)
"""A port: as an output the end that it leads to, cycles from the switch to there, flits so far, the pointer, bits of
channels that are free and of those with room behind them; as an input the first outlet that leads to it and cycles
until a credit counts there."""

TAIL, INTERVAL, SENT_AT, CREDIT_AT, CREDIT_STAMP = range(5)
PACED_SIZE: Final = 8
"""More of a port, for some networks: bits of channels whose tail has left, cycles a flit, when the link is free; as an
input when the last credit left, in which step."""

USED, GRANT, OUTLET_SIZE = range(3)
"""An outlet: flits whose credit has not come back; of an output channel the pointer."""

SA_ACCEPT, TURN, INPUT_SIZE = range(3)
"""A port of the switch: the pointer, and the channel whose turn it is."""

VA_FROM, VA_END, VA_OTHER, SA_FROM, SA_END, SA_OTHER, N_RT, INPUTS, ROUTER_SIZE = range(9)
"""A router: where its lists begin and end and where they do in the other step, the length of that of routes, and where
the ports of its switch are."""

(
    NODE_PACKET, NODE_SENT, NODE_VC, NODE_LAST, NODE_FREE, NODE_TAIL, CLOCK, DRAINED, ISSUED, LIMIT, ACCEPTED, SOURCE,
    SINK, NODE_FIELDS,
) = range(14)  # fmt: skip
NODE_SIZE: Final = 16
"""A node: what it is sending, flits gone, channel, the last one; what it knows of its router's channels; the
cycle of its next test, whether all before draining are made; packets made, and at most; flits taken; its
ports."""

CREATED, ENTERED, RECORD, FLITS, RECORD_SIZE = range(5)
"""A packet: when it was made and when its head went in, whether it is recorded, and its flits."""

HOPS_AT: Final = 16
FOR_AT: Final = 40
NEXT: Final = 255 << CLASS_AT | LOW
"""A packet's way: the port at the next router and the class that it is in, where an entry of the table has them,
routers so far, and its end; of a spare packet the next one."""

MOST_PORTS: Final = OUT_MASK
MOST_NODES: Final = 1 << 22
MOST_CHANNELS: Final = 1 << 63 - C_AT
MOST_FLITS: Final = 1 << V_AT - 3
"""What words have bits for."""

PLACE_BITS: Final = 23
PLACES: Final = (1 << PLACE_BITS) - 1
NOBODY: Final = 1 << 60 | PLACES
"""A key ends with a place in a list. Nobody's; or-ed to a key it makes it so."""

LINE: Final = 8
"""Words of a line of the cache."""

NOTHING: Final = -1
NEVER: Final = 1 << 60

BLOCK_OF_WHOLES: Final = 1 << 14
"""Whole numbers that are drawn at once, at least."""


def layout(fabric: Fabric, spec: RouterSpec) -> Int64s:
    """An empty network.

    Raises
    ------
    NetworkError
        If a class needs a virtual channel that the routers do not have, or a network is too large.
    """
    v = spec.vcs
    for each in fabric.classes:
        if each.span(v)[1] >= v:
            raise NetworkError(
                f"{fabric.name}: class '{each.name}' needs virtual channel {each.span(v)[1]} of {v}."
            )
    _check_bits(fabric, spec)
    numbers, tables, sizes = _numbers(fabric, spec), _tables(fabric, spec), _sizes(fabric, spec)
    at, places = -(-(NUMBERS + len(TABLES) + len(ARRAYS)) // BLOCK_SIZE) * BLOCK_SIZE, []
    for size in [*map(len, tables), *(sizes[name] for name in ARRAYS)]:
        places.append(at)
        at = -(-(at + size) // BLOCK_SIZE) * BLOCK_SIZE
    state = in_lines(at)
    state[: len(numbers)] = numbers
    state[NUMBERS : NUMBERS + len(places)] = places
    for place, values in zip(places, tables, strict=False):
        state[place : place + len(values)] = values
    state[CODE_BITS] = code_log(len(tables[ENTRIES - ROW]))
    state[CREDIT_SLOT] = state[SLOT] + state[SLOTS]
    _fill(fabric, state, sizes)
    return state


def _check_bits(fabric: Fabric, spec: RouterSpec) -> None:
    """Refuse what words have no bits for."""
    most = {
        "ports of a router": fabric.radix * spec.input_speedup,
        "nodes": fabric.nodes,
        "channels of a router": fabric.radix * spec.vcs,
        "flits": _flits(fabric, spec),
    }
    for (what, found), limit in zip(
        most.items(), (MOST_PORTS, MOST_NODES, MOST_CHANNELS, MOST_FLITS), strict=True
    ):
        if found > limit:
            raise NetworkError(f"{fabric.name}: {found} {what} are not modelled, {limit} at most.")


def _flits(fabric: Fabric, spec: RouterSpec) -> int:
    """Flits that all buffers hold together."""
    return (fabric.to.size + fabric.nodes) * spec.vcs * spec.depth


def in_lines(size: int) -> Int64s:
    """Zeros, of which the first begins a line of the cache, as numpy's do not."""
    state = np.zeros(size + LINE, dtype=np.int64)
    skipped = -(state.ctypes.data // state.itemsize) % LINE
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
        4 * n + r * p * spec.internal_speedup, 1 << (spec.depth - 1).bit_length(), -(-r * p // 32) * 32, p * spec.vcs,
        0, 0,
        spec.vc_iterations, spec.switch_iterations, (1 + math.isqrt(1 + 8 * p)) // 2,
    ]  # fmt: skip


def _sizes(fabric: Fabric, spec: RouterSpec) -> dict[str, int]:
    r, p, v, n = fabric.routers, fabric.radix, spec.vcs, fabric.nodes
    numbers = _numbers(fabric, spec)
    channels, words, xs, room = r * p * v, numbers[WORDS], p * spec.input_speedup, numbers[ROOM]
    flits, slots, ends = _flits(fabric, spec), numbers[SLOTS], numbers[ENDS] + -(-n // 32) * 32
    return {
        "ring": channels * room, "channel": channels * CHANNEL_SIZE, "outlet": (channels + n * v) * OUTLET_SIZE,
        "port": r * p * PORT_SIZE, "paced": r * p * PACED_SIZE, "input": r * xs * INPUT_SIZE,
        "router": r * ROUTER_SIZE, "node": n * NODE_SIZE,
        "rt": 2 * channels, "va": 2 * channels, "sa": 2 * channels, "arrived": ends, "active": words,
        "come": ends // 32, "slot": 2 * slots, "block": 2 * (slots + flits // LAST) * BLOCK_SIZE,
        "busy": words, "slow": words, "packet": (flits + n) * RECORD_SIZE, "way": flits + n,
        "scratch": 8 * p * v, "best": p + xs, "wholes": BLOCK_OF_WHOLES + 4 * numbers[DRAWS],
    }  # fmt: skip


def _tables(fabric: Fabric, spec: RouterSpec) -> list[Int64s]:
    """In the order of TABLES."""
    v = spec.vcs
    spans = [each.span(v) for each in fabric.classes]
    masks = np.array([(1 << (high + 1)) - (1 << low) for low, high in spans], dtype=np.int64)
    c, speedup = np.arange(fabric.radix * v, dtype=np.int64), spec.input_speedup
    x = c // v * speedup + c % v % speedup
    inputs = np.arange(fabric.radix * speedup, dtype=np.int64) // speedup
    home = np.arange(fabric.to.size, dtype=np.int64) // fabric.radix
    return [
        fabric.row.ravel() * fabric.nodes, *coded(fabric.table), masks, (c[:v] + speedup) % v << VC_AT, inputs,
        c << C_AT | x << X_AT | c % v << VC_AT, home,
    ]  # fmt: skip


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
    to[fabric.sink] = state[ENDS] + nodes
    port[:, TO], port[:, BACK_TO], port[:, DELAY] = to, fed * vcs, state[SWITCH] + fabric.delay.ravel() + 1
    port[:, FREE] = port[:, HAS_ROOM] = full
    paced = records(state, "paced", sizes["paced"], PACED_SIZE)
    paced[:, INTERVAL], paced[:, SENT_AT], paced[:, CREDIT_AT] = fabric.interval.ravel(), NOTHING, NOTHING
    records(state, "channel", sizes["channel"], CHANNEL_SIZE)[:, BID] = NOTHING
    router = records(state, "router", sizes["router"], ROUTER_SIZE)
    for name, begin, end, other in ((VA, VA_FROM, VA_END, VA_OTHER), (SA, SA_FROM, SA_END, SA_OTHER)):
        lists = state[name] + 2 * fabric.radix * vcs * np.arange(fabric.routers)
        router[:, begin], router[:, end], router[:, other] = lists, lists, lists + fabric.radix * vcs
    router[:, INPUTS] = state[INPUT] + np.arange(fabric.routers) * fabric.radix * state[SPEEDUP] * INPUT_SIZE
    turn = records(state, "input", sizes["input"], INPUT_SIZE)
    turn[:, TURN] = np.arange(len(turn)) % state[SPEEDUP] % vcs << VC_AT
    node = records(state, "node", sizes["node"], NODE_SIZE)
    node[:, [NODE_PACKET, NODE_VC, NODE_LAST]], node[:, NODE_FREE] = NOTHING, full
    node[:, SOURCE], node[:, SINK] = fabric.source, fabric.sink
    blocks = state[BLOCK] + np.arange(sizes["block"] // BLOCK_SIZE) * BLOCK_SIZE
    own = 2 * int(state[SLOTS])
    records(state, "slot", sizes["slot"], 1)[:, 0] = blocks[:own]
    records(state, "block", sizes["block"], BLOCK_SIZE)[own:-1, LAST] = blocks[own + 1 :]
    state[SPARE_BLOCK] = blocks[own] if len(blocks) > own else NOTHING
    records(state, "way", sizes["way"], 1)[:, 0] = np.arange(1, sizes["way"] + 1)
    records(state, "best", sizes["best"], 1)[:] = NOBODY
    state[LEAST] = NEVER


def records(state: Int64s, name: str, size: int, width: int) -> Int64s:
    """A view of the records of one kind, int64[records, width]."""
    at = int(state[NUMBERS + len(TABLES) + ARRAYS.index(name)])
    found: Int64s = state[at : at + size].reshape(-1, width)
    return found
