"""Steps of collectives: every algorithm brings every share to its owner, and costs what its closed form says."""

from math import log2

import pytest

from bankside.arch.noc.algorithms import algorithms, alternate, total_fs
from bankside.arch.noc.collective import cost
from bankside.arch.noc.occupancy import Network

NS = 10**6


def net(topology: str, nodes: int, **options: object) -> Network:
    return Network(topology, nodes, 1e9, hop_fs=5, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [2, 8, 64])
def test_halving_doubling_all_reduce(n: int) -> None:
    got = cost(net("full", n), "all_reduce", 64 * n, "halving_doubling")
    assert got.serial_fs + got.contention_fs == 2 * (n - 1) * 64 * NS
    assert got.hop_fs == 2 * log2(n) * 5


def test_halving_needs_a_power_of_two() -> None:
    assert "halving_doubling" not in algorithms(net("full", 6), "all_reduce")
    with pytest.raises(
        ValueError, match="cannot run the algorithm halving_doubling; it can run ring, direct"
    ):
        cost(net("full", 6), "all_reduce", 64, "halving_doubling")


@pytest.mark.parametrize("n", [3, 8])
def test_direct_and_one_shot_all_reduce(n: int) -> None:
    direct = cost(net("crossbar", n), "all_reduce", 64 * n, "direct")
    assert (direct.serial_fs, direct.hop_fs) == (2 * (n - 1) * 64 * NS, 2 * 5)
    at_once = cost(net("crossbar", n), "all_reduce", 64 * n, "one_shot")
    assert (at_once.serial_fs, at_once.hop_fs) == ((n - 1) * 64 * n * NS, 5)


@pytest.mark.parametrize("n", [4, 5, 8])
def test_members_of_a_switch_pull_and_push_one_share_more_than_a_vector(n: int) -> None:
    got = cost(net("switch", n, combine=True), "all_reduce", 60 * n, "in_switch")
    assert (got.serial_fs, got.hop_fs) == ((n + 1) * 60 * NS, 6 * 5)
    there = cost(net("switch", n, combine=True), "reduce_scatter", 60 * n, "in_switch")
    assert there.serial_fs == n * 60 * NS


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 8, 12, 16, 23])
@pytest.mark.parametrize("which", [0, 1])
def test_a_tree_of_two_reaches_all_and_has_one_root(n: int, which: int) -> None:
    flits = net("full", n)
    steps = alternate(flits, 8, which)
    up = steps[: len(steps) // 2]
    assert sum(step.traffic.message_hops for step in up) == n - 1
    assert len(up) <= log2(n) + 1


def test_two_trees_share_the_work() -> None:
    n = 8
    network = net("full", n)
    both = algorithms(network, "all_reduce")["double_tree"](128)
    alone = alternate(network, 128, 0)
    assert total_fs(network, both) < total_fs(network, alone)


def test_ring_all_to_all_passes_every_message_on() -> None:
    n = 4
    got = cost(net("ring", n), "all_to_all", 10, "ring")
    assert got.serial_fs == n * (n - 1) // 2 * 10 * NS
