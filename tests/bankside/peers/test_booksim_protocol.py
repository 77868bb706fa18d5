"""Samples, drains and batches against what they do to a small network."""

from math import inf

import pytest

from bankside.arch.noc.fabric.cubes import Lines, cube
from bankside.arch.noc.router import layout as at
from bankside.arch.noc.router.network import FlitNetwork, NumpyStreams
from bankside.arch.noc.router.spec import RouterSpec
from bankside.peers.booksim_patterns import hotspot, pattern, uniform
from bankside.peers.booksim_protocol import Protocol, change, measure, run_batches


def network(k=4, wrap=False):
    return FlitNetwork(
        cube("net", [Lines(k, wrap, 1 + wrap)] * 2, draw_ties=True), RouterSpec(), NumpyStreams(0)
    )


def test_change_of_nothing():
    assert (change(0, 0), change(0, 1), change(2, 1)) == (0, inf, 0.5)


def test_a_calm_network_takes_warm_up_and_three_samples():
    net = network()
    net.draw_packets(uniform(16), 0.1, 1)
    found = measure(net, Protocol(period=8000))
    assert found.converged
    assert 6 * 8000 <= found.cycles < 6 * 8000 + 100
    assert found.accepted == pytest.approx(0.1, rel=0.05)
    assert found.hops == pytest.approx(3.5, rel=0.05)
    assert net.read(at.CREDITS) == net.read(at.FLYING) == 0


def test_an_overloaded_network_is_given_up_or_measured():
    spot = hotspot(16, [5], [1])
    net = network()
    net.draw_packets(spot, 0.5, 1)
    assert not measure(net, Protocol(period=1000)).converged
    net = network()
    net.draw_packets(spot, 0.5, 1)
    found = measure(net, Protocol(period=1000, warmup=2, samples=5, latency_limit=None))
    assert found.accepted == pytest.approx(1 / 16, rel=1e-3)


def test_what_every_node_sends_to_one_leaves_by_its_port():
    assert run_batches(network(), hotspot(16, [5], [1]), 16, 1, 2)[0] == 16 * 16 + 6


def test_a_shift_has_no_conflicts():
    assert run_batches(network(wrap=True), pattern("neighbor", 16, [4, 4]), 16, 1, 1) == [16 + 16]
