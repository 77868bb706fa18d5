"""Butterflies, fat trees and dragonflies: links against addresses, and routes that arrive."""

import numpy as np
import pytest
from tests.oracles.flit_topology import Dragonfly, FatTree, Fly

from bankside.arch.noc.fabric.dragonfly import dragonfly
from bankside.arch.noc.fabric.fabric import NO_LINK, all_to_all, loads
from bankside.arch.noc.fabric.trees import butterfly, fat_tree

NETWORKS = [
    (butterfly(4, 2), Fly(4, 2)),
    (butterfly(2, 4), Fly(2, 4)),
    (butterfly(16, 1), Fly(16, 1)),
    (fat_tree(4, 2), FatTree(4, 2)),
    (fat_tree(2, 4), FatTree(2, 4)),
    (fat_tree(4, 1), FatTree(4, 1)),
    (dragonfly(1), Dragonfly(1)),
    (dragonfly(2), Dragonfly(2)),
]


@pytest.mark.parametrize(("fabric", "oracle"), NETWORKS, ids=lambda each: type(each).__name__)
def test_links_are_those_of_the_oracle(fabric, oracle):
    assert (fabric.nodes, fabric.routers) == (oracle.nodes, oracle.routers)
    for router in range(fabric.routers):
        for port in range(oracle.ports(router)):
            end = oracle.out(router, port)
            if end is None or end.node:
                assert fabric.to[router, port] == NO_LINK
                assert end is None or fabric.sink[end.at] == router * fabric.radix + port
            else:
                assert fabric.to[router, port] == end.at * fabric.radix + end.port
                assert fabric.delay[router, port] == end.delay
    for node in range(fabric.nodes):
        router, port = oracle.home(node)
        assert fabric.source[node] == router * fabric.radix + port


@pytest.mark.parametrize(
    ("fabric", "longest"), [(butterfly(4, 3), 2), (fat_tree(4, 3), 4), (dragonfly(2), 3)]
)
def test_every_packet_arrives(fabric, longest):
    nodes = np.arange(fabric.nodes)
    links = loads(fabric, np.repeat(nodes, fabric.nodes), np.tile(nodes, fabric.nodes)).ways[:, 0]
    assert links.max() == longest
    assert links.min() == (longest if fabric.name == "butterfly" else 0)


def test_ways_up_a_fat_tree_by_digits_load_all_links_alike():
    fabric = fat_tree(4, 2, draw_ups=False)
    nodes = np.arange(16)
    found = loads(fabric, np.repeat(nodes, 16), np.tile(nodes, 16)).over
    up = found.reshape(fabric.routers, fabric.radix)[4:, 4:]
    assert set(up.ravel()) == {12}


@pytest.mark.parametrize("nodes", [16, 11])
def test_all_to_all_is_a_packet_of_every_node_to_every_other(nodes):
    fabric = fat_tree(4, 2, draw_ups=False)
    source, dest = (each.ravel() for each in np.divmod(np.arange(nodes**2), nodes))
    other = source != dest
    found, by_pairs = all_to_all(fabric, nodes), loads(fabric, source[other], dest[other])
    assert (found.over == by_pairs.over).all()
    assert (
        (found.hops, found.far)
        == (by_pairs.ways[:, 0].sum(), by_pairs.ways[:, 1].max())
        == (by_pairs.hops, by_pairs.far)
    )
