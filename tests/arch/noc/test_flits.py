"""Messages through routers beside the same by loads: equal alone and on trees, later where links are contested."""

from dataclasses import replace

import numpy as np
import pytest

from bankside.arch.noc.collective import schedule, total
from bankside.arch.noc.fabric.fabric import NetworkError
from bankside.arch.noc.flits import SAMPLE, flit_fs
from bankside.arch.noc.occupancy import FlitLevel, Network
from bankside.arch.noc.router.spec import RouterSpec
from bankside.arch.noc.traffic import Step as Sent
from bankside.arch.noc.traffic import flows, price

NS, HOP, FLIT = 10**6, 5, 32
LEVEL = FlitLevel(RouterSpec(), FLIT, 8, HOP, NS)
PACKETS = replace(LEVEL, moved="packets")

ROOTED = [("gather", None), ("scatter", None), ("reduce", "tree"), ("all_reduce", "tree")]
NEAR = ["mesh", "torus", "ring", "crossbar", "dragonfly", "butterfly", "full"]
CONTESTED = [("crossbar", 0, 0.01), ("mesh", 0.1, 0.4), ("torus", 0.1, 0.4)]


def both(topology, nodes, level=LEVEL, **rest):
    """The same network by loads and flit by flit."""
    by_loads = Network(topology, nodes, FLIT * 1e9, HOP * NS, multicast=False, **rest)
    return by_loads, Network(topology, nodes, FLIT * 1e9, HOP * NS, multicast=False, flits=level, **rest)


def ns(network, pattern, size, algorithm=None):
    return total(network, schedule(network, pattern, size, algorithm)).total_fs / NS


@pytest.mark.parametrize("topology", ["mesh", "torus", "ring", "crossbar", "fat_tree", "full"])
@pytest.mark.parametrize("size", [32, 999, 8000])
def test_a_lone_message_takes_the_same_but_that_flits_are_whole(topology, size):
    loads, flits = both(topology, 16)
    for source, target in ((0, 1), (2, 13), (15, 0)):
        sent = [Sent(flows(each, np.array([source]), np.array([target])), size) for each in (loads, flits)]
        assert (
            price(flits, sent[1]).total_fs
            == price(loads, Sent(sent[0].traffic, -(-size // FLIT) * FLIT)).total_fs
        )


def test_packets_of_one_channel_a_class_wait_a_cycle_for_it():
    loads, flits = both("dragonfly", 16)
    pair, packets = (np.array([0]), np.array([1])), 4
    sent = [Sent(flows(each, *pair), packets * LEVEL.packet_flits * FLIT) for each in (loads, flits)]
    apart = price(flits, sent[1]).total_fs - price(loads, sent[0]).total_fs
    assert apart == (packets - 1) * NS


@pytest.mark.parametrize("nodes", [16, 64])
@pytest.mark.parametrize("topology", ["mesh", "torus", "crossbar", "fat_tree"])
@pytest.mark.parametrize(
    ("pattern", "algorithm"),
    ROOTED,
)
def test_trees_and_roots_take_the_same_to_the_cycle(topology, nodes, pattern, algorithm):
    loads, flits = both(topology, nodes)
    _, packets = both(topology, nodes, PACKETS)
    for size in (256, 4096):
        assert ns(flits, pattern, size, algorithm) == ns(loads, pattern, size, algorithm)
        assert ns(packets, pattern, size, algorithm) == ns(flits, pattern, size, algorithm)


@pytest.mark.parametrize(
    ("topology", "nodes", "radix"), [("fat_tree", 8, 0), ("fat_tree", 4, 2), ("butterfly", 8, 0)]
)
def test_a_router_without_a_node_is_a_hop_where_there_are_as_many_of_both(topology, nodes, radix):
    loads, flits = both(topology, nodes, radix=radix)
    assert not loads.fabric.paired
    assert loads.fabric.routers == nodes
    for pattern, algorithm in ROOTED:
        assert ns(loads, pattern, 256, algorithm) == ns(flits, pattern, 256, algorithm)
    hops = total(loads, schedule(loads, "point_to_point", FLIT)).hop_fs // (HOP * NS)
    assert hops == {"fat_tree": 3, "butterfly": 2}[topology]


@pytest.mark.parametrize(("topology", "within"), [*((each, 0.1) for each in NEAR), ("fat_tree", 0.14)])
def test_packets_wait_for_each_other_as_their_flits_do(topology, within):
    flits, packets = (both(topology, 16, level)[1] for level in (LEVEL, PACKETS))
    for size in (256, 1024, 4096):
        apart = ns(packets, "all_to_all", size) / ns(flits, "all_to_all", size) - 1
        assert abs(apart) <= within


@pytest.mark.parametrize("pattern", ["gather", "scatter"])
def test_packets_of_one_channel_a_class_come_within_a_few_cycles(pattern):
    flits, packets = (both("dragonfly", 16, level)[1] for level in (LEVEL, PACKETS))
    for size in (256, 4096):
        assert ns(packets, pattern, size) == pytest.approx(ns(flits, pattern, size), rel=0.02)


def test_steps_of_a_ring_reduction_are_alike_and_followed_once():
    flits, packets = (both("torus", 256, level)[1] for level in (LEVEL, PACKETS))
    assert ns(packets, "all_reduce", 1 << 18, "ring") == ns(flits, "all_reduce", 1 << 18, "ring")


@pytest.mark.parametrize(("topology", "least", "most"), CONTESTED)
def test_all_to_all_contests_links_beyond_their_loads(topology, least, most):
    loads, flits = both(topology, 16)
    assert least <= ns(flits, "all_to_all", 4096) / ns(loads, "all_to_all", 4096) - 1 <= most


def test_the_rest_of_a_long_message_follows_from_its_beginning():
    _, flits = both("mesh", 16)
    pairs = schedule(flits, "all_to_all", 1)[0].traffic.pairs
    long = 4 * SAMPLE * LEVEL.packet_flits * FLIT
    from bankside.arch.noc.flits import _runner

    shown = flit_fs(flits.fabric, LEVEL, pairs, long)
    order = np.lexsort(((pairs[:, 1] - pairs[:, 0]) % 16, pairs[:, 0]))
    run = _runner(flits.fabric, LEVEL, np.ascontiguousarray(pairs[order]).tobytes())(long // FLIT) * NS
    assert shown == pytest.approx(run, rel=0.02)


def test_slower_links_between_layers_are_the_bottleneck_of_both():
    from bankside.arch.noc.fabric.direct import Edge

    loads, flits = both("mesh3d", 8, layers=2, edges=(Edge(0, 1, delay=2, interval=4),))
    sent = [Sent(flows(each, np.arange(4), np.arange(4, 8)), 3200) for each in (loads, flits)]
    got = [price(each, step).total_fs / NS for each, step in zip((loads, flits), sent, strict=True)]
    assert got[0] == 400 + 2 * HOP
    assert got[1] == pytest.approx(got[0], rel=0.02)


def test_hops_shorter_than_a_router_are_refused():
    _, flits = both("mesh", 4, FlitLevel(RouterSpec(), FLIT, 8, 3, NS))
    with pytest.raises(NetworkError, match="A hop of 3 cycles is shorter than the 3 stages of a router"):
        ns(flits, "gather", 64)
