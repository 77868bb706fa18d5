"""Collectives message by message: a node begins its next step when it has what it waits for, whatever the others do.

The messages of all chunks share the links, each of which takes them in the order in which they come. The head of a
message is on the next link a hop later, where routers store one when it is whole there; a link is busy for its bytes,
and a message that finds it busy waits before it. Buffers have no end: what waits holds no link.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.engine.heap import pop, push
from bankside.arch.jit import kernel
from bankside.arch.noc.fabric.fabric import NO_LINK, routes
from bankside.arch.noc.occupancy import Network
from bankside.arch.noc.traffic import Step, Traffic

Int64s = npt.NDArray[np.int64]
Chunks = tuple[tuple[Step, ...], ...]

MOST_MESSAGES: Final = 1 << 22
"""Messages of a collective that are followed; of more, steps are timed as wholes."""

TRAFFIC, LOAD, WAIT, STORE = range(4)
"""A step of a chunk: its traffic or NO_LINK; for how long a message holds a usual link, what passes behind it beside
the links, and what a router takes to collect what it stores [fs]."""

TARGET, BEGIN, END = range(3)
"""A message: the node that it is for, and where its way begins and ends in the list of all."""

LINK, LAG, STORED, SLOWER, SLOWEST = range(5)
"""A link of a way: its number, from the head's coming onto it to its coming onto the next [fs], whether that waits for
what is stored, how many times longer than a usual link it is held, and how many times longer bytes come that far."""

GOT, LAST = range(2)
"""By step, chunk and node: how many messages have come, and when the last did [fs]."""

WAY_BITS: Final = 16
"""A message on its way is (chunk, step, message) and how many links it has passed, in one word."""


@kernel
def go_on(
    stages: Int64s,
    first: Int64s,
    need: Int64s,
    came: Int64s,
    place: Int64s,
    begun: Int64s,
    heap: Int64s,
    size: int,
    chunk: int,
    node: int,
    now: int,
) -> tuple[int, int]:
    """Have a node make the steps of a chunk for which it has what it waits for, and send the messages of the next;
    behind its last step the node begins another chunk.

    Returns
    -------
    int, int
        Entries of the heap of messages, and when a chunk was last over for the node, or 0 [fs].
    """
    steps, messages, end = stages.shape[1], first[-1, -1], 0
    while chunk < stages.shape[0]:
        k = place[chunk, node]
        if k >= 0:
            traffic = stages[chunk, k, TRAFFIC]
            waits_for = need[traffic, node] if traffic >= 0 else 0
            if came[GOT, k, chunk, node] < waits_for:
                break
            if waits_for > 0:
                now = max(now, came[LAST, k, chunk, node])
            if waits_for > 0 or traffic < 0:
                now += stages[chunk, k, WAIT]
        place[chunk, node] = k + 1
        if k + 1 == steps:
            end = max(end, now)
            chunk = begun[node]
            begun[node] += 1
        elif stages[chunk, k + 1, TRAFFIC] >= 0:
            traffic = stages[chunk, k + 1, TRAFFIC]
            for m in range(first[traffic, node], first[traffic, node + 1]):
                key = (chunk * steps + k + 1) * messages + m << WAY_BITS
                size = push(heap[0], heap[1], size, now, key)
    return size, end


@kernel
def follow(
    stages: Int64s,
    first: Int64s,
    need: Int64s,
    messages: Int64s,
    way: Int64s,
    free: Int64s,
    came: Int64s,
    place: Int64s,
    begun: Int64s,
    heap: Int64s,
) -> int:
    """Time until all chunks are over everywhere [fs].

    Parameters
    ----------
    stages : int64[chunks, steps, 4]
    first : int64[traffics + 1, nodes + 1]
        Where each node's messages begin; the last entry of all is how many there are.
    need : int64[traffics, nodes]
        Messages that come to each node.
    messages, way : int64[messages, 3], int64[links of all ways, 5]
    free : int64[links]
    came : int64[2, steps, chunks, nodes]
    place : int64[chunks, nodes]
        The step that each node is at; -1 before the first.
    begun : int64[nodes]
        Chunks that each node has begun: all of those that may be under way at once.
    heap : int64[2, messages of all chunks + 1]
    """
    steps, count, size, end = stages.shape[1], first[-1, -1], 0, 0
    for node in range(begun.shape[0]):
        for chunk in range(begun[node]):
            size, over = go_on(stages, first, need, came, place, begun, heap, size, chunk, node, 0)
            end = max(end, over)
    while size > 0:
        now, key = heap[0, 0], heap[1, 0]
        size = pop(heap[0], heap[1], size)
        passed, instance = key & (1 << WAY_BITS) - 1, key >> WAY_BITS
        m, which = instance % count, instance // count
        chunk, k = which // steps, which % steps
        at = messages[m, BEGIN] + passed
        if at < messages[m, END]:
            link, load = way[at, LINK], stages[chunk, k, LOAD] * way[at, SLOWER]
            begins = max(now, free[link])
            free[link] = begins + load
            then = begins + way[at, LAG] + way[at, STORED] * stages[chunk, k, STORE]
            if at + 1 == messages[m, END]:
                then = begins + way[at, LAG] + stages[chunk, k, LOAD] * way[at, SLOWEST]
            size = push(heap[0], heap[1], size, then, key + 1)
        else:
            node = messages[m, TARGET]
            came[GOT, k, chunk, node] += 1
            came[LAST, k, chunk, node] = now
            if place[chunk, node] == k:
                size, over = go_on(stages, first, need, came, place, begun, heap, size, chunk, node, now)
                end = max(end, over)
    return end


@lru_cache(maxsize=256)
def followed_fs(network: Network, chunks: Chunks, window: int) -> int:
    """Time of a collective's chunks, so many of which a node has under way at once [fs]."""
    kinds = list(dict.fromkeys(step.traffic for steps in chunks for step in steps if len(step.traffic.pairs)))
    number = {traffic: i for i, traffic in enumerate(kinds)}
    told = [_told(network, number, steps) for steps in chunks]
    most = max(map(len, told))
    stages = np.array([each + [(NO_LINK, 0, 0, 0)] * (most - len(each)) for each in told], dtype=np.int64)
    first, need, pairs = _ends(network, kinds)
    messages, way = _ways(network, pairs)
    nodes, under_way = network.nodes, min(window, len(chunks))
    sent = sum(len(s.traffic.pairs) * s.repeats for steps in chunks for s in steps)
    return int(
        follow(
            stages,
            first,
            need,
            messages,
            way,
            np.zeros(network.fabric.to.size + nodes, dtype=np.int64),
            np.zeros((2, most, len(chunks), nodes), dtype=np.int64),
            np.full((len(chunks), nodes), -1, dtype=np.int64),
            np.full(nodes, under_way, dtype=np.int64),
            np.zeros((2, sent + 1), dtype=np.int64),
        )
    )


def _told(network: Network, number: dict[Traffic, int], steps: Sequence[Step]) -> list[tuple[int, ...]]:
    """A chunk's steps as `follow` reads them."""
    found: list[tuple[int, ...]] = []
    for step in steps:
        size = step.wire_byte
        load, store = network.fs(size), network.fs(min(network.chunk_byte, size))
        found += [(number.get(step.traffic, NO_LINK), load, step.wait_fs, store)] * step.repeats
    return found


def _ends(network: Network, kinds: Sequence[Traffic]) -> tuple[Int64s, Int64s, Int64s]:
    """Where each node's messages begin and how many come to it, by traffic; and the messages, each node's in the order
    of their targets after it."""
    first, need, pairs, before = [], [], [np.zeros((0, 2), dtype=np.int64)], 0
    for traffic in kinds:
        source, target = traffic.pairs.T
        order = np.lexsort(((target - source) % network.nodes, source))
        sent = np.bincount(source, minlength=network.nodes)
        first.append(before + np.concatenate([[0], np.cumsum(sent)]))
        need.append(np.bincount(target, minlength=network.nodes))
        pairs.append(traffic.pairs[order])
        before += len(source)
    first.append(np.full(network.nodes + 1, before))
    return np.array(first, dtype=np.int64), np.array(need, dtype=np.int64), np.concatenate(pairs)


def _ways(network: Network, pairs: Int64s) -> tuple[Int64s, Int64s]:
    """Messages and the links of their ways as `follow` reads them: out of the node, between routers, into the node.

    Every link between routers is a hop, and so is a router without a node of its own and each way to a switch. A node
    whose router is its own has no ports but its links where all are joined, and where what it stores lies in its
    memory.
    """
    fabric, to = network.fabric, network.fabric.to.ravel()
    ports = routes(fabric, pairs)
    inner = (ports != NO_LINK) & (to[ports] != NO_LINK)
    last = (ports != NO_LINK) & ~inner
    own = not fabric.paired
    ported = own or not (network.topology == "full" or network.chunk_byte)
    delay = np.where(inner, fabric.delay.ravel()[ports], last & (network.topology == "switch"))
    link = _led(to.size + pairs[:, 0], ports)
    hops = _led(np.full(len(pairs), own), delay)
    slower = _led(np.ones(len(pairs)), np.where(inner, fabric.interval.ravel()[ports], 1))
    real = _led(np.full(len(pairs), ported), inner | (last & ported)) > 0
    before_last = np.cumsum(hops > 0, axis=1) < (hops > 0).sum(axis=1)[:, None]
    slowest = slower if network.chunk_byte else np.maximum.accumulate(np.where(real, slower, 1), axis=1)
    way = np.stack([link, hops * network.hop_fs, (hops > 0) & before_last, slower, slowest], axis=2)[real]
    count = real.sum(axis=1)
    ends = np.cumsum(count)
    return np.stack([pairs[:, 1], ends - count, ends], axis=1), way


def _led(first: Int64s | npt.NDArray[np.float64], rest: Int64s) -> Int64s:
    """Columns behind a first one, int64[rows, columns + 1]."""
    return np.concatenate([first[:, None], rest], axis=1).astype(np.int64)
