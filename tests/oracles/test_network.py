"""Routes are walked by hand; uniform traffic gives the closed-form means; loads conserve byte-hops."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from tests.oracles.network import (
    Flow,
    Route,
    all_to_all,
    bus_route,
    load,
    mean_hops,
    mesh_route,
    ring_route,
    serial_cycles,
    tree_route,
)

ROUTES: dict[str, Route] = {
    "mesh": mesh_route(4),
    "ring": ring_route(12),
    "bus": bus_route,
    "tree": tree_route(3),
}


def test_routes_walked_by_hand() -> None:
    assert mesh_route(4)(1, 11) == [(1, 2), (2, 3), (3, 7), (7, 11)]
    assert mesh_route(4)(11, 1) == [(11, 10), (10, 9), (9, 5), (5, 1)]
    assert ring_route(6)(1, 5) == [(1, 0), (0, 5)]
    assert ring_route(6)(1, 4) == [(1, 2), (2, 3), (3, 4)]
    assert tree_route(2)(3, 6) == [(3, 1), (1, 0), (0, 2), (2, 6)]
    assert tree_route(2)(3, 1) == [(3, 1)]
    assert bus_route(3, 1) == [(0, 0)]


@pytest.mark.parametrize("k", range(1, 9))
def test_uniform_mesh_has_the_closed_form_mean(k: int) -> None:
    result = load(all_to_all(k * k, 1, with_itself=True), mesh_route(k))
    assert mean_hops(result) == Fraction(2 * (k * k - 1), 3 * k)
    if k > 1:
        others = load(all_to_all(k * k, 1), mesh_route(k))
        assert mean_hops(others) == Fraction(2 * k, 3)


@pytest.mark.parametrize("k", [2, 4, 6, 8])
def test_uniform_mesh_loads_its_middle_links_most(k: int) -> None:
    result = load(all_to_all(k * k, 1), mesh_route(k))
    # The middle column cut: k/2 * k sources times k/2 * k targets over k rows.
    assert max(result.link_byte.values()) == k**3 // 4
    assert result.busiest == (k // 2 - 1, k // 2)


@pytest.mark.parametrize("nodes", range(2, 12))
def test_uniform_ring_has_the_closed_form_mean(nodes: int) -> None:
    result = load(all_to_all(nodes, 1, with_itself=True), ring_route(nodes))
    even, odd = Fraction(nodes, 4), Fraction(nodes * nodes - 1, 4 * nodes)
    assert mean_hops(result) == (odd if nodes % 2 else even)


def test_bus_carries_everything_once() -> None:
    result = load(all_to_all(5, 7), bus_route)
    assert result.link_byte == {(0, 0): 5 * 4 * 7}
    assert serial_cycles(result, 32) == 5


def test_uniform_tree_loads_its_root_links_most() -> None:
    result = load(all_to_all(7, 1), tree_route(2))
    # Three nodes hang under node 1; each talks to the four others.
    assert result.link_byte[1, 0] == result.link_byte[0, 1] == 12
    assert result.busiest == (0, 1)


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_n4_routes_are_chains_and_byte_hops_are_conserved(name: str) -> None:
    draw = random.Random(7)
    flows = [Flow(draw.randrange(12), draw.randrange(12), draw.randrange(1, 100)) for _ in range(300)]
    route = ROUTES[name]
    result = load(flows, route)
    for flow, hops in zip(flows, result.hops, strict=True):
        links = route(flow.source, flow.target)
        assert len(set(links)) == len(links) == hops
        assert (hops == 0) == (flow.source == flow.target)
        if name != "bus" and links:
            assert (links[0][0], links[-1][1]) == (flow.source, flow.target)
            assert all(a[1] == b[0] for a, b in pairwise(links))
        if name == "mesh":
            dx = abs(flow.source % 4 - flow.target % 4)
            assert hops == dx + abs(flow.source // 4 - flow.target // 4)
    byte_hops = sum(f.size_byte * h for f, h in zip(flows, result.hops, strict=True))
    assert sum(result.link_byte.values()) == byte_hops


def test_no_flow_loads_nothing() -> None:
    result = load([Flow(2, 2, 9)], mesh_route(4))
    assert (result.link_byte, result.busiest, result.hops) == ({}, None, [0])
    assert serial_cycles(result, 8) == 0
