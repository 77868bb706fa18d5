"""Collectives followed message by message: against a naive walk of single messages, and where steps overlap by hand."""

import heapq
from itertools import pairwise

import numpy as np
import pytest
from tests.arch.noc.walk import walk

from bankside.arch.noc.collective import pipelined, schedule
from bankside.arch.noc.fabric.direct import Edge
from bankside.arch.noc.flits import flit_fs
from bankside.arch.noc.messages import followed_fs
from bankside.arch.noc.occupancy import FlitLevel, Network
from bankside.arch.noc.router.spec import RouterSpec
from bankside.arch.noc.topology import grid
from bankside.arch.noc.traffic import Step, flows

NS, HOP = 10**6, 7


def net(topology, nodes, **rest):
    return Network(topology, nodes, 1e9, HOP * NS, multicast=False, followed=True, **rest)


def way(topology, nodes, source, target):
    """Links of a message, by hand: those between nodes of a grid, both of a switch, or the one between two nodes."""
    if topology == "switch":
        return [("up", source), ("down", target)]
    if topology == "full":
        return [(source, target)]
    shape = grid(topology, nodes)
    return walk(shape.rows, shape.cols, shape.wrap, source, target)


def naive_ns(topology, nodes, chunks, window, whole):
    """Nodes as lists of what they still do, messages as single events; 1 GB/s, so a byte is a nanosecond."""
    plans = [[step for step in steps for _ in range(step.repeats)] for steps in chunks]
    free, events, got, at = {}, [], {}, {}
    begun = [min(window, len(plans))] * nodes
    end = 0

    def tell(time, *what):
        heapq.heappush(events, (time, *what))

    def wanted(c, k, node):
        return int((plans[c][k].traffic.pairs[:, 1] == node).sum())

    def go(c, node, now):
        nonlocal end
        while c < len(plans):
            k = at.get((c, node), -1)
            if k >= 0:
                times = got.get((c, k, node), [])
                if len(times) < wanted(c, k, node):
                    return
                now = max([now, *times]) + (plans[c][k].wait_fs // NS if times else 0)
            at[c, node] = k + 1
            if k + 1 == len(plans[c]):
                end, c = max(end, now), begun[node]
                begun[node] += 1
                continue
            mine = [pair for pair in plans[c][k + 1].traffic.pairs.tolist() if pair[0] == node]
            for source, target in sorted(mine, key=lambda pair: (pair[1] - pair[0]) % nodes):
                tell(now, c, k + 1, source, (target - source) % nodes, 0)

    for node in range(nodes):
        for c in range(begun[node]):
            go(c, node, 0)
    while events:
        now, c, k, source, after, passed = heapq.heappop(events)
        target = (source + after) % nodes
        links = way(topology, nodes, source, target)
        if passed == len(links):
            got.setdefault((c, k, target), []).append(now)
            if at.get((c, target)) == k:
                go(c, target, now)
            continue
        size = plans[c][k].message_byte
        begins = max(now, free.get(links[passed], 0))
        free[links[passed]] = begins + size
        last = passed + 1 == len(links)
        tell(begins + HOP + (size if whole or last else 0), c, k, source, after, passed + 1)
    return end


@pytest.mark.parametrize("topology", ["ring", "mesh", "torus", "switch", "full"])
@pytest.mark.parametrize("algorithm", ["ring", "halving_doubling", "direct", "double_tree"])
def test_whole_messages_of_chunks_come_as_in_a_walk_of_single_ones(topology, algorithm):
    network = net(topology, 8, chunk_byte=1 << 40)
    chunks = pipelined(network, "all_reduce", 8 * 40 * 3, algorithm, 3)
    for window in (1, 2):
        assert followed_fs(network, tuple(map(tuple, chunks)), window) / NS == naive_ns(
            topology, 8, chunks, window, whole=True
        )


@pytest.mark.parametrize("topology", ["switch", "full"])
def test_heads_go_on_before_the_rest_has_come(topology):
    network = net(topology, 8)
    steps = tuple(schedule(network, "all_reduce", 800, "direct"))
    assert followed_fs(network, (steps,), 1) / NS == naive_ns(topology, 8, [steps], 1, whole=False)


def test_a_message_that_finds_a_link_busy_waits_where_it_is():
    """Two to one node from either side pass no common link but the port; a third behind one of them waits for it."""
    network = net("ring", 8)
    sent = flows(network, np.array([1, 2, 7]), np.array([0, 0, 0]))
    assert followed_fs(network, ((Step(sent, 100),),), 1) == (3 * 100 + HOP) * NS


def test_nodes_do_not_wait_for_steps_of_others():
    """Of a chain of messages and a lone one, the lone one's node goes on at once."""
    network = net("full", 4)
    chain = [Step(flows(network, np.array([a]), np.array([b])), 100) for a, b in pairwise((0, 1, 2))]
    beside = [Step(flows(network, np.array([3]), np.array([1])), 500), *chain]
    assert followed_fs(network, (tuple(chain),), 1) == 2 * (100 + HOP) * NS
    assert followed_fs(network, (tuple(beside),), 1) == (500 + HOP + 100 + HOP) * NS


def test_behind_a_slow_link_bytes_come_no_faster():
    edges = (Edge(0, 1, delay=3, interval=4), Edge(1, 2))
    network = net("custom", 3, edges=edges)
    sent = flows(network, np.array([0]), np.array([2]))
    assert followed_fs(network, ((Step(sent, 100),),), 1) == (4 * 100 + 4 * HOP) * NS


@pytest.mark.parametrize("topology", ["mesh", "torus", "ring", "fat_tree", "crossbar", "mesh3d"])
@pytest.mark.parametrize("pattern", ["gather", "scatter", "reduce"])
def test_short_messages_to_and_from_a_root_come_as_flits_do(topology, pattern):
    rest = {"layers": 2} if topology == "mesh3d" else {}
    flit, hop = 32, 5
    level = FlitLevel(RouterSpec(), flit, 8, hop, NS)
    algorithm = "tree" if pattern == "reduce" else None
    network = Network(topology, 16, flit * 1e9, hop * NS, multicast=False, followed=True, **rest)
    steps = schedule(network, pattern, 8 * flit, algorithm)
    flits = sum(flit_fs(network.fabric, level, step.traffic.pairs, step.message_byte) for step in steps)
    assert followed_fs(network, (tuple(steps),), 1) == pytest.approx(flits, abs=2 * NS)
