"""Cost of one-shot patterns: port-bound closed forms, contention from walked loads, units, refusals."""

from dataclasses import replace
from functools import partial
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.arch.noc.walk import loads, run, shape_of, walk
from tests.calling import calls

from bankside.arch.noc.collective import cost
from bankside.arch.noc.occupancy import NetCost, Network, Pattern, hop_time_fs
from bankside.arch.noc.topology import GRIDS, ROUTED, Topology
from bankside.arch.noc.traffic import Step, medium, price

SHAPED = [name for name in get_args(Topology) if name not in ROUTED]

NS = 10**6  # fs
GB = 1e9  # at 1 GB/s a byte takes 1 ns

topologies = st.sampled_from(SHAPED)
grids = st.sampled_from(GRIDS)


def net(topology: str, nodes: int, **options: object) -> Network:
    return Network(topology, nodes, GB, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("topology", "on_busiest_link"),
    [("mesh", 12), ("torus", 8), ("ring", 8), ("crossbar", 15), ("switch", 15), ("bus", 15)],
)
def test_gather_takes_the_bytes_of_all_over_the_roots_port(topology: str, on_busiest_link: int) -> None:
    # flit-level simulation: a gather of F flits from each of N nodes takes N F + 6 cycles on every topology
    got = cost(net(topology, 16), "gather", 64)
    assert got.serial_fs == 15 * 64 * NS
    assert got.contention_fs == 0
    assert got.link_bytes == on_busiest_link * 64


def test_full_mesh_gathers_over_its_own_links() -> None:
    assert cost(net("full", 16), "gather", 64).total_fs == 64 * NS


@given(grids, st.integers(2, 40), st.integers(1, 500))
def test_broadcast_with_multicast_is_one_message_down_a_tree(topology: Topology, n: int, size: int) -> None:
    got = cost(net(topology, n, hop_fs=7), "broadcast", size)
    rows, cols = shape_of(topology, n)
    far = max(len(walk(rows, cols, topology != "mesh", 0, i)) for i in range(n))
    assert got == NetCost(size * NS, 7 * far, 0, (n - 1) * size, size)


def test_bus_is_one_medium() -> None:
    assert cost(net("bus", 9), "broadcast", 10).link_bytes == 10
    assert cost(net("bus", 9, multicast=False), "broadcast", 10).link_bytes == 80
    assert cost(net("bus", 9), "scatter", 10).link_bytes == 80
    assert cost(net("bus", 9), "all_to_all", 10).link_bytes == 720
    assert cost(net("bus", 9), "all_gather", 10).link_bytes == 90


@given(grids, st.integers(2, 30), st.integers(1, 100))
def test_scatter_loads_equal_walked_messages(topology: Topology, n: int, size: int) -> None:
    got = cost(net(topology, n), "scatter", size)
    rows, cols = shape_of(topology, n)
    carried = loads(rows, cols, topology != "mesh", [(0, i, size) for i in range(1, n)])
    assert got.byte_hops == sum(carried.values())
    assert got.link_bytes == max(carried.values())
    assert got.serial_fs + got.contention_fs == max((n - 1) * size, max(carried.values())) * NS


@given(grids, st.integers(2, 30), st.integers(1, 100))
def test_all_to_all_contention_is_the_busiest_link_beyond_the_port(
    topology: Topology, n: int, size: int
) -> None:
    got = cost(net(topology, n), "all_to_all", size)
    rows, cols = shape_of(topology, n)
    pairs = [(i, j, size) for i in range(n) for j in range(n) if i != j]
    busiest = max(loads(rows, cols, topology != "mesh", pairs).values())
    assert got.serial_fs == (n - 1) * size * NS
    assert got.contention_fs == max(0, busiest - (n - 1) * size) * NS


@pytest.mark.parametrize("topology", ["mesh", "torus", "ring"])
@pytest.mark.parametrize("n", [4, 9, 12, 16])
@pytest.mark.parametrize("pattern", ["gather", "scatter", "all_to_all", "point_to_point"])
def test_time_against_bytes_moved_cycle_by_cycle(topology: Topology, n: int, pattern: Pattern) -> None:
    rows, cols = shape_of(topology, n)
    size = 6
    far = max(range(n), key=lambda i: len(walk(rows, cols, topology != "mesh", 0, i)))
    ends = {
        "gather": [(i, 0) for i in range(1, n)],
        "scatter": [(0, i) for i in range(1, n)],
        "all_to_all": [(i, (i + k) % n) for k in range(1, n) for i in range(n)],
        "point_to_point": [(0, far)],
    }[pattern]
    cycles = run(rows, cols, topology != "mesh", [(s, t, size) for s, t in ends])
    # a byte is stored at every node: a cycle for each link after the first, and one for each of the two ports
    got = cost(net(topology, n, chunk_byte=1), pattern, size)
    stored = got.hop_fs // NS + 2
    bound = (got.serial_fs + got.contention_fs) // NS
    # only an all-to-all of many conflicting flows leaves gaps on the busiest link, fewer than one cycle in twenty
    gaps = bound // 20 if pattern == "all_to_all" else 0
    assert bound <= cycles <= bound + stored + gaps


def test_all_to_all_on_a_mesh_is_bound_by_its_bisection() -> None:
    # 8 x 8: 32 nodes send to 32 over 8 links one way: 128 messages a link
    assert cost(net("mesh", 64), "all_to_all", 1).link_bytes == 32 * 32 // 8


@given(topologies, st.integers(2, 40), st.integers(1, 500), st.sampled_from(get_args(Pattern)))
def test_cost_never_beats_the_busiest_link_and_grows_with_bytes(
    topology: Topology, n: int, size: int, pattern: Pattern
) -> None:
    network = net(topology, n, hop_fs=3)
    small, large = cost(network, pattern, size), cost(network, pattern, size + 1)
    for got in (small, large):
        assert got.total_fs >= got.link_bytes * NS
        assert min(got.serial_fs, got.hop_fs, got.contention_fs, got.byte_hops, got.link_bytes) >= 0
        assert got.byte_hops >= got.link_bytes
    assert large.total_fs >= small.total_fs


@given(topologies, st.sampled_from(get_args(Pattern)))
def test_one_node_or_no_byte_costs_nothing(topology: Topology, pattern: Pattern) -> None:
    assert cost(net(topology, 1, hop_fs=3), pattern, 100) == NetCost()
    assert cost(net(topology, 9, hop_fs=3), pattern, 0) == NetCost()


def test_link_of_width_clock_and_latency() -> None:
    # 64 GB/s, 500 ns: 1 MiB takes 16.384 us + 0.5 us
    got = price(Network("bus", 2, 64e9, hop_time_fs(500e-9)), Step(medium(1), 1 << 20))
    assert got.serial_fs == 16_384_000_000
    assert got.hop_fs == 500 * NS
    assert got.total_fs == 16_884_000_000
    assert got.byte_hops == got.link_bytes == 1 << 20
    assert hop_time_fs(0.0, 4, 1e9) == 4 * NS
    assert hop_time_fs(2e-9, 3, 1.5e9) == 4 * NS
    assert price(Network("bus", 2, 1e9, 5), Step(medium(1), 0)) == NetCost()


def test_point_to_point_crosses_to_the_far_corner() -> None:
    got = cost(net("mesh", 16, hop_fs=4 * NS), "point_to_point", 100)
    assert got == NetCost(100 * NS, 6 * 4 * NS, 0, 600, 100)
    assert cost(net("switch", 16, hop_fs=NS), "point_to_point", 1).hop_fs == 2 * NS


def test_store_and_forward_adds_a_chunk_for_each_further_link() -> None:
    got = cost(net("mesh", 16, hop_fs=4 * NS, chunk_byte=32), "point_to_point", 100)
    assert got.hop_fs == (6 * 4 + 5 * 32) * NS


def test_time_is_rounded_up_to_whole_femtoseconds() -> None:
    assert Network("bus", 2, 3e15).fs(1) == 1
    assert Network("bus", 2, 3e15).fs(3) == 1
    assert Network("bus", 2, 3e15).fs(4) == 2


@pytest.mark.parametrize("topology", SHAPED)
def test_thousands_of_nodes_need_no_walk_over_pairs(topology: Topology) -> None:
    fewer, more = net(topology, 1024), net(topology, 8192)
    for pattern in get_args(Pattern):
        steps = [calls(partial(cost, network, pattern, 4096)) for network in (fewer, more)]
        assert steps[1] < 8 * steps[0], pattern  # pairs are 64 times as many


@pytest.mark.parametrize(
    "bad", [{"nodes": 0}, {"bandwidth_bytes_per_s": 0.0}, {"hop_fs": -1}, {"chunk_byte": -1}]
)
def test_impossible_networks_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="network needs"):
        replace(net("bus", 2), **bad)
    with pytest.raises(ValueError, match="bytes"):
        cost(net("bus", 2), "broadcast", -1)
