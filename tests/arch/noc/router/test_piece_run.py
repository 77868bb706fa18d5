"""Packets by pieces: all come in, every credit comes back, and alone they take what flits take."""

from dataclasses import replace

import numpy as np
import pytest

from bankside.arch.noc.fabric.direct import Edge
from bankside.arch.noc.fabric.fabric import NO_LINK, NetworkError
from bankside.arch.noc.fabric.named import fabric_of
from bankside.arch.noc.router import layout as at
from bankside.arch.noc.router.network import FlitNetwork, NumpyStreams
from bankside.arch.noc.router.piece_run import STUCK, as_arrays, cycles_by_pieces, run
from bankside.arch.noc.router.pieces import BACK_COUNT, BACK_FIRST, COUNT, FLITS, HELD, MASK_FLITS, SENT, USED
from bankside.arch.noc.router.run import SILENT
from bankside.arch.noc.router.sources import RECORDING
from bankside.arch.noc.router.spec import RouterSpec

NETWORKS = [("mesh", 16), ("torus", 9), ("ring", 7), ("fat_tree", 16), ("butterfly", 16), ("dragonfly", 12)]


def fabric_with(topology, nodes, delay=2):
    fabric = fabric_of(topology, nodes)
    return replace(fabric, delay=np.where(fabric.to != NO_LINK, delay, 1))


def traffic(fabric, nodes, rng, most):
    """A random number of random packets from each node."""
    count = rng.integers(0, most, fabric.nodes)
    count[nodes:] = 0
    packets = np.stack(
        [rng.integers(0, nodes, count.sum()), rng.integers(1, 12, count.sum())], axis=1
    ).astype(np.int64)
    return np.concatenate([[0], np.cumsum(count)]), packets


def by_flits(fabric, spec, first, packets):
    net = FlitNetwork(fabric, spec, NumpyStreams(0))
    net.send_list(first, packets)
    net.state[at.PHASE] = RECORDING
    net.run(goal=SILENT)
    return net.read(at.TIME)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("topology", "nodes"), NETWORKS)
def test_every_packet_comes_in_and_every_credit_back(topology, nodes, seed):
    rng = np.random.default_rng([seed, nodes])
    spec = RouterSpec(
        vcs=int(rng.integers(3, 9)),
        depth=int(rng.integers(1, 10)),
        routing_delay=int(rng.integers(0, 3)),
        switch_delay=int(rng.integers(1, 3)),
        credit_delay=int(rng.integers(0, 5)),
    )
    fabric = fabric_with(topology, nodes, int(rng.integers(1, 20)))
    first, packets = traffic(fabric, nodes, rng, 20)
    arrays = as_arrays(fabric, spec, first, packets)
    taken, channel, back, node = run(*arrays), arrays[2], arrays[4], arrays[10]
    into = np.bincount(packets[:, 0], weights=packets[:, 1], minlength=fabric.nodes)
    assert taken != STUCK
    assert taken >= into.max()
    assert arrays[0][FLITS] == 0
    assert not channel[:, COUNT].any()
    assert (channel[:, HELD] == -1).all()
    assert not node[:, SENT].any()
    for h in range(len(channel)):
        places = (channel[h, BACK_FIRST] + np.arange(channel[h, BACK_COUNT])) % spec.depth
        assert channel[h, USED] == back[h, places, 1].sum()
    assert taken == cycles_by_pieces(fabric, spec, first, packets)


@pytest.mark.parametrize(("topology", "nodes"), NETWORKS)
@pytest.mark.parametrize("flits", [1, 7, 8, 20])
def test_a_lone_packet_takes_what_its_flits_take(topology, nodes, flits):
    fabric, spec = fabric_with(topology, nodes), RouterSpec(depth=32, routing_delay=1)
    first = np.concatenate([[0], np.ones(fabric.nodes, dtype=np.int64)])
    for target in range(1, nodes, 3):
        packets = np.array([[target, flits]], dtype=np.int64)
        assert cycles_by_pieces(fabric, spec, first, packets) == by_flits(fabric, spec, first, packets)


def test_a_slow_link_is_held_for_as_long_by_pieces():
    fabric, spec = fabric_of("custom", 3, edges=(Edge(0, 1, interval=4), Edge(1, 2))), RouterSpec(depth=32)
    first, packets = np.array([0, 8, 8, 8]), np.array([[2, 8]] * 8)
    pieces, flits = (taken(fabric, spec, first, packets) for taken in (cycles_by_pieces, by_flits))
    assert flits >= 4 * 64
    assert pieces == pytest.approx(flits, abs=4)


def test_what_no_word_counts_is_refused():
    fabric = fabric_of("ring", 4)
    packets = np.array([[1, MASK_FLITS + 1]])
    with pytest.raises(NetworkError, match="packets of over 131071 flits are not timed by pieces"):
        cycles_by_pieces(fabric, RouterSpec(), np.array([0, 1, 1, 1, 1]), packets)
