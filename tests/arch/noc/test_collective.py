"""Collectives: the closed forms of the field where links do not conflict, and the choice of algorithm."""

from math import ceil, log2
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.noc.algorithms import algorithms
from bankside.arch.noc.collective import cost
from bankside.arch.noc.occupancy import NetCost, Network, Pattern
from bankside.arch.noc.topology import ROUTED, Topology

SHAPED = [name for name in get_args(Topology) if name not in ROUTED]

NS = 10**6  # fs


def net(topology: str, nodes: int, **options: object) -> Network:
    return Network(topology, nodes, 1e9, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("topology", ["ring", "crossbar", "full", "mesh", "torus"])
@pytest.mark.parametrize("n", [2, 4, 16])
def test_ring_all_reduce(topology: str, n: int) -> None:
    # 2 (n - 1) a + 2 (n - 1) / n S / B; only a mesh's closing edge is longer than one link
    got = cost(net(topology, n, hop_fs=5), "all_reduce", 64 * n, "ring")
    closing = {"mesh": round(n**0.5) - 1 if n == 16 else 1}.get(topology, 1)
    assert got.serial_fs == 2 * (n - 1) * 64 * NS
    assert got.hop_fs == 2 * (n - 1) * 5 * closing
    assert got.contention_fs == 0
    assert got.link_bytes == 2 * (n - 1) * 64


def test_switch_path_has_two_links() -> None:
    got = cost(net("switch", 8, hop_fs=5), "all_reduce", 800, "ring")
    assert got == NetCost(14 * 100 * NS, 14 * 2 * 5, 0, 14 * 8 * 2 * 100, 1400)


def test_in_network_all_reduce() -> None:
    # 2 h a + S / B: traffic on a link falls from 2 (n - 1) / n S to S, 1.75 times at 8 nodes
    switch = net("switch", 8, hop_fs=5, combine=True)
    got = cost(switch, "all_reduce", 800)
    assert (got.serial_fs, got.hop_fs, got.contention_fs) == (800 * NS, 2 * 2 * 5, 0)
    assert cost(switch, "all_reduce", 800, "ring").link_bytes / got.link_bytes == 1.75
    mesh = cost(net("mesh", 16, hop_fs=5, combine=True), "all_reduce", 800)
    assert (mesh.serial_fs, mesh.hop_fs, mesh.byte_hops) == (800 * NS, 2 * 6 * 5, 2 * 15 * 800)


@given(st.integers(2, 33), st.integers(1, 300))
def test_tree_reduce_takes_one_step_for_each_power_of_two(n: int, size: int) -> None:
    got = cost(net("crossbar", n, hop_fs=5), "reduce", size, "tree")
    assert got.serial_fs == ceil(log2(n)) * size * NS
    assert got.hop_fs == ceil(log2(n)) * 5
    assert got.byte_hops == (n - 1) * size


@given(st.integers(2, 33), st.integers(1, 300))
def test_root_all_reduce_gathers_then_broadcasts(n: int, size: int) -> None:
    got = cost(net("bus", n, hop_fs=5), "all_reduce", size, "root")
    assert got.serial_fs == (n - 1) * size * NS + size * NS
    assert got.hop_fs == 10


networks = st.builds(net, st.sampled_from(SHAPED), st.integers(2, 40), hop_fs=st.integers(0, 10**7))
reductions = st.sampled_from(["reduce", "all_reduce", "reduce_scatter"])


@given(networks, st.integers(1, 5000), reductions)
def test_default_is_the_fastest_algorithm(network: Network, size: int, pattern: Pattern) -> None:
    each = [cost(network, pattern, size, a).total_fs for a in algorithms(network, pattern)]
    assert cost(network, pattern, size).total_fs == min(each)


def test_small_vectors_halve_and_large_ones_go_round() -> None:
    network = net("mesh", 64, hop_fs=4 * NS)
    for size, fastest in ((16, "halving_doubling"), (1 << 24, "ring")):
        chosen = cost(network, "all_reduce", size)
        assert chosen == cost(network, "all_reduce", size, fastest)


@given(st.integers(2, 40), st.integers(1, 1000))
def test_t1_reduce_scatter_then_all_gather_is_an_all_reduce(n: int, share: int) -> None:
    network = net("ring", n, hop_fs=3)
    both = cost(network, "reduce_scatter", share * n, "ring") + cost(network, "all_gather", share, "ring")
    assert both == cost(network, "all_reduce", share * n, "ring")


def test_algorithms_a_network_cannot_run_are_refused() -> None:
    for network in (net("bus", 4, combine=True), net("full", 4, combine=True), net("mesh", 4)):
        with pytest.raises(ValueError, match="cannot run"):
            cost(network, "reduce", 8, "in_network")
    with pytest.raises(ValueError, match="cannot run"):
        cost(net("mesh", 4), "all_gather", 8, "tree")
