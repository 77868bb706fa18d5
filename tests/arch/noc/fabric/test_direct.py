"""Networks without a shape: full ones, and graphs by their edges."""

import numpy as np
import pytest

from bankside.arch.noc.fabric.deadlock import check_deadlock_free
from bankside.arch.noc.fabric.direct import Edge, full, graph
from bankside.arch.noc.fabric.fabric import NetworkError, loads


def distances(nodes, edges):
    """Links between any two, by trying all lengths."""
    near = np.eye(nodes, dtype=int)
    for edge in edges:
        near[edge.a, edge.b] = near[edge.b, edge.a] = 1
    found, reach = np.full((nodes, nodes), -1), np.eye(nodes, dtype=int)
    for step in range(nodes):
        found[(reach > 0) & (found < 0)] = step
        reach = (reach @ near > 0).astype(int)
    return found


def taken(fabric):
    nodes = np.arange(fabric.nodes)
    links = loads(fabric, np.repeat(nodes, fabric.nodes), np.tile(nodes, fabric.nodes)).ways[:, 0]
    return links.reshape(fabric.nodes, fabric.nodes)


def random_edges(nodes, seed):
    rng = np.random.default_rng(seed)
    tree = [Edge(int(rng.integers(0, b)), b) for b in range(1, nodes)]
    more = [Edge(*map(int, rng.choice(nodes, 2, replace=False))) for _ in range(nodes)]
    return tree + more


def test_full_joins_every_two_nodes():
    assert (taken(full(7)) == 1 - np.eye(7, dtype=int)).all()
    assert full(7).links == 42


def test_a_node_has_no_more_neighbours_than_links():
    assert full(12, radix=11).nodes == 12
    with pytest.raises(NetworkError, match="A node with 11 links cannot be joined to 639 others"):
        full(640, radix=11)


@pytest.mark.parametrize("seed", range(6))
def test_ways_up_and_down_arrive_and_never_wait_in_a_circle(seed):
    edges = random_edges(12, seed)
    fabric = graph(12, edges)
    check_deadlock_free(fabric, 1)
    assert (taken(fabric) >= distances(12, edges)).all()
    assert (taken(graph(12, edges, "shortest")) == distances(12, edges)).all()


def test_on_a_tree_both_routes_are_the_only_one():
    edges = [Edge(0, 1), Edge(1, 2), Edge(1, 3), Edge(3, 4, delay=5, interval=2)]
    for routing in ("up_down", "shortest"):
        fabric = graph(5, edges, routing)
        assert (taken(fabric) == distances(5, edges)).all()
        check_deadlock_free(fabric, 1)
    assert sorted(fabric.delay[fabric.to >= 0])[-2:] == [5, 5]


def test_shortest_ways_round_a_ring_are_refused():
    ring = [Edge(i, (i + 1) % 6) for i in range(6)]
    check_deadlock_free(graph(6, ring), 1)
    with pytest.raises(NetworkError, match="packets can wait for each other for ever"):
        check_deadlock_free(graph(6, ring, "shortest"), 4)


def test_graphs_that_cannot_be_are_refused():
    with pytest.raises(NetworkError, match="3, 4 cannot be reached from node 0"):
        graph(5, [Edge(0, 1), Edge(1, 2), Edge(3, 4)])
    with pytest.raises(NetworkError, match="joins two of the nodes 0 to 2, not 1 and 7"):
        graph(3, [Edge(1, 7)])
