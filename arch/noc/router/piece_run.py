"""The same routers timed by pieces of packets, each at most half of a buffer.

A piece goes on when its packet has a virtual channel of the link, the link and its input are free and the buffer behind
has room for all of it; until then it stays where it is and holds channel and room, and what has to pass waits. So
blocked packets spread back as those of flits do. Channels, the switch, credits and their delays are the routers' own
(`spec`); of flits in turn from several packets it is pieces in turn, and the switch is matched anew when a piece has
passed, not in every cycle. Half of a buffer: while one piece leaves, the next comes.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import kernel, lowest
from bankside.arch.noc.fabric.fabric import NO_LINK, Fabric, NetworkError
from bankside.arch.noc.router.layout import NOTHING, PLACE_BITS, PLACES
from bankside.arch.noc.router.piece_match import ask, choose, give_channels
from bankside.arch.noc.router.pieces import (
    CHANNEL_FIELDS,
    DELAY,
    FED,
    FED_DELAY,
    FED_INTERVAL,
    FEEDER,
    FLITS,
    HELD,
    IN_FREE,
    INTERVAL,
    LAST,
    LOOKS,
    MASK_FLITS,
    MASK_FOR,
    MINE,
    NODE_FIELDS,
    NUMBER,
    OPEN,
    OUT_FREE,
    OWN,
    PACKET,
    PORT_FIELDS,
    RADIX,
    RECENT,
    ROUTERS,
    SIZES,
    SOURCE,
    TIME,
    TO,
    UNTIL,
    VCS,
    WANTS,
    look_at,
    pass_on,
    send,
)
from bankside.arch.noc.router.spec import RouterSpec

Int64s = npt.NDArray[np.int64]

STUCK: Final = -1


@kernel
def run(
    s: Int64s,
    port: Int64s,
    channel: Int64s,
    ring: Int64s,
    back: Int64s,
    members: Int64s,
    row: Int64s,
    table: Int64s,
    masks: Int64s,
    look: Int64s,
    node: Int64s,
    packets: Int64s,
) -> int:
    """Cycles until all packets have come in, or STUCK.

    Parameters
    ----------
    s, port, channel, node : int64[SIZES], int64[ports, 14], int64[channels + nodes x vcs, 17], int64[nodes, 7]
    ring : int64[channels, depth, 2]
        Pieces behind the first and when their first flit comes [cycle].
    back : int64[channels + nodes x vcs, depth, 2]
        Credits: when they count [cycle], flits.
    members : int64[routers, 1 + radix x vcs]
        How many channels of a router have pieces, and which.
    row, table, masks : int64[ports, classes], int64[rows, nodes], int64[classes]
        Routes, and bits of the channels of a class.
    look : int64[cycles ahead, words of 32 bits]
        Bits of routers, and nodes behind them, to be looked at.
    packets : int64[2 x packets]
        Whom for, and flits; each node's in turn.
    """
    size = s[RADIX] * s[VCS]
    heads, bids, best = (
        np.empty((size, 2), np.int64),
        np.empty((size, 3), np.int64),
        np.empty((size, 3), np.int64),
    )
    while s[FLITS] > 0:
        if s[LOOKS] == 0:
            return STUCK
        at = s[TIME] & look.shape[0] - 1
        for w in range(look.shape[1]):
            word = look[at, w]
            look[at, w] = 0
            while word != 0:
                who = 32 * w + lowest(word)
                word &= word - 1
                s[LOOKS] -= 1
                if who >= s[ROUTERS]:
                    send(s, channel, ring, back, members, look, node, packets, who - s[ROUTERS])
                    continue
                found = ask(s, port, channel, back, members, row, table, masks, look, heads, bids, who)
                asking, count = found >> PLACE_BITS, found & PLACES
                if count > 0:
                    choose(s, port, channel, bids, best, who, count)
                if asking > 0:
                    give_channels(s, port, channel, look, heads, best, who, asking)
                for k in range(count):
                    if bids[k, 0] >= 0:
                        pass_on(s, port, channel, ring, back, members, look, bids[k, 0], who)
                first = who * s[RADIX]
                for k in range(count):
                    free = max(port[first + bids[k, 1], IN_FREE], port[first + bids[k, 2], OUT_FREE])
                    if bids[k, 0] < 0 and free <= s[TIME]:
                        look_at(s, look, s[TIME] + 1, who)
        s[TIME] += 1
    return int(s[LAST] + 1)


def cycles_by_pieces(fabric: Fabric, spec: RouterSpec, first: Int64s, packets: Int64s) -> int:
    """Cycles until the packets that nodes have at once are in, counted as the flit model counts them.

    Parameters
    ----------
    first : int64[nodes + 1]
        Where each node's packets begin.
    packets : int64[packets, 2]
        Whom each is for, and its flits.

    Raises
    ------
    NetworkError
        For packets, or networks, longer than are counted.
    """
    if fabric.nodes > MASK_FOR or packets[:, 1].max(initial=0) > MASK_FLITS:
        raise NetworkError(f"{fabric.name}: packets of over {MASK_FLITS} flits are not timed by pieces.")
    found = run(*as_arrays(fabric, spec, first, packets))
    if found == STUCK:
        raise NetworkError(f"{fabric.name}: packets wait for each other for ever.")
    return int(found)


def as_arrays(fabric: Fabric, spec: RouterSpec, first: Int64s, packets: Int64s) -> tuple[Int64s, ...]:
    """An empty network and what its nodes have to send, as `run` reads them."""
    vcs, ports, nodes = spec.vcs, fabric.to.size, np.arange(fabric.nodes)
    outlets, who = (ports + fabric.nodes) * vcs, fabric.routers + nodes
    s = np.zeros(SIZES, dtype=np.int64)
    s[: ROUTERS + 1] = (
        fabric.radix, vcs, spec.depth, max(1, spec.depth // 2), spec.routing_delay, spec.switch_delay,
        spec.credit_delay, fabric.routers,
    )  # fmt: skip
    s[FLITS], s[LOOKS] = packets[:, 1].sum(), fabric.nodes
    channel = np.zeros((outlets, CHANNEL_FIELDS), dtype=np.int64)
    channel[:, HELD] = channel[:, WANTS] = NOTHING
    channel[:, MINE], channel[:, NUMBER] = np.divmod(np.arange(outlets), vcs)
    node = np.zeros((fabric.nodes, NODE_FIELDS), dtype=np.int64)
    node[:, PACKET], node[:, UNTIL], node[:, SOURCE] = first[:-1], first[1:], fabric.source
    node[:, OWN] = node[:, RECENT] = NOTHING
    longest = int(fabric.delay.max()) + spec.credit_delay + spec.switch_delay + spec.routing_delay
    longest += 4 + spec.depth * int(fabric.interval.max())
    look = np.zeros((1 << longest.bit_length(), int(who[-1] >> 5) + 1), dtype=np.int64)
    np.bitwise_or.at(look[0], who >> 5, 1 << (who & 31))
    spans = [each.span(vcs) for each in fabric.classes]
    return (
        s,
        _ports(fabric, spec),
        channel,
        np.zeros((ports * vcs, spec.depth, 2), dtype=np.int64),
        np.zeros((outlets, spec.depth, 2), dtype=np.int64),
        np.zeros((fabric.routers, 1 + fabric.radix * vcs), dtype=np.int64),
        np.ascontiguousarray(fabric.row.reshape(ports, -1)),
        fabric.table,
        np.array([(1 << (high + 1)) - (1 << low) for low, high in spans], dtype=np.int64),
        look,
        node,
        np.ascontiguousarray(packets).ravel(),
    )


def _ports(fabric: Fabric, spec: RouterSpec) -> Int64s:
    """Ports as the network has them, all free."""
    vcs, nodes, inner = spec.vcs, np.arange(fabric.nodes), np.flatnonzero(fabric.to.ravel() != NO_LINK)
    port = np.zeros((fabric.to.size, PORT_FIELDS), dtype=np.int64)
    for name, values in ((TO, fabric.to), (DELAY, fabric.delay), (INTERVAL, fabric.interval)):
        port[:, name] = values.ravel()
    port[:, FED_INTERVAL], port[:, OPEN], to = 1, (1 << vcs) - 1, port[inner, TO]
    port[to, FED], port[to, FEEDER], port[to, FED_INTERVAL] = (
        inner * vcs, inner // fabric.radix, port[inner, INTERVAL],
    )  # fmt: skip
    port[to, FED_DELAY] = port[inner, DELAY] + 1 + spec.credit_delay
    port[fabric.source, FED] = (fabric.to.size + nodes) * vcs
    port[fabric.source, FEEDER], port[fabric.source, FED_DELAY] = fabric.routers + nodes, 2
    return port
