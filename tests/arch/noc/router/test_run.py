"""The fast router does what the oracle does, cycle for cycle; and what must hold of any network."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.arch.noc.router.oracle_run import RealStreams, Traffic, by_oracle, by_router
from tests.oracles.flit_topology import wiring

from bankside.arch.noc.fabric.cubes import Lines, cube
from bankside.arch.noc.fabric.dragonfly import dragonfly
from bankside.arch.noc.fabric.fabric import NetworkError
from bankside.arch.noc.fabric.trees import butterfly, fat_tree
from bankside.arch.noc.router import layout as at
from bankside.arch.noc.router.network import FlitNetwork, NumpyStreams
from bankside.arch.noc.router.run import SILENT
from bankside.arch.noc.router.sources import EMPTYING, RECORDING
from bankside.arch.noc.router.spec import RouterSpec
from bankside.peers.booksim_patterns import uniform


def built(topology, k, n):
    """The same network twice: for the router and for the oracle."""
    match topology:
        case "mesh":
            fabric = cube("mesh", [Lines(k)] * n)
        case "torus":
            fabric = cube("torus", [Lines(k, True, 2)] * n, draw_ties=True)
        case "fly":
            fabric = butterfly(k, n)
        case "fattree":
            fabric = fat_tree(k, n)
        case _:
            fabric = dragonfly(k)
    return fabric, wiring(topology, k, n)


SEPARABLE = "separable_input_first"

CASES = [
    ("mesh", 3, 2, RouterSpec(vcs=2, depth=3), Traffic(0.2, 2, 150, 1)),
    ("mesh", 3, 2, RouterSpec(vcs=3, depth=2, routing_delay=1, allocator=SEPARABLE), Traffic(0.3, 1, 150, 2)),
    ("mesh", 2, 3, RouterSpec(vcs=4, depth=2, speculative=True, wait_for_tail_credit=True), Traffic(0.1, 5, 150, 3)),
    ("torus", 4, 1, RouterSpec(vcs=3, depth=4, input_speedup=2), Traffic(0.2, 3, 200, 4)),
    ("torus", 3, 2, RouterSpec(vcs=2, depth=8, internal_speedup=2, switch_delay=2), Traffic(0.3, 2, 150, 5)),
    ("torus", 4, 2, RouterSpec(vcs=2, depth=2, speculative=True, routing_delay=1, allocator=SEPARABLE),
     Traffic(0.3, 2, 100, 6)),
    ("fly", 2, 3, RouterSpec(vcs=1, depth=4, credit_delay=0), Traffic(0.5, 1, 150, 7)),
    ("fly", 5, 1, RouterSpec(vcs=2, depth=4, internal_speedup=2, input_speedup=2), Traffic(0.7, 2, 150, 8)),
    ("fattree", 2, 3, RouterSpec(vcs=2, depth=2, credit_delay=4), Traffic(0.4, 2, 150, 9)),
    ("fly", 5, 1, RouterSpec(vcs=3, depth=4, switch_iterations=4), Traffic(0.8, 1, 150, 11)),
    ("mesh", 3, 2, RouterSpec(vcs=3, depth=2, vc_iterations=2, switch_iterations=2, speculative=True),
     Traffic(0.4, 1, 150, 12)),
    ("dragonflynew", 1, 1, RouterSpec(vcs=3, depth=6, internal_speedup=2), Traffic(0.4, 3, 300, 10)),
]  # fmt: skip


@pytest.mark.parametrize(("topology", "k", "n", "spec", "traffic"), CASES)
def test_equals_the_oracle(topology, k, n, spec, traffic):
    fabric, oracle = built(topology, k, n)
    net = FlitNetwork(fabric, spec, RealStreams(traffic.seed))
    assert by_router(net, traffic, uniform(fabric.nodes)) == by_oracle(oracle, spec, traffic)


SPECS = st.builds(
    RouterSpec,
    vcs=st.integers(3, 8),
    depth=st.integers(1, 9),
    routing_delay=st.integers(0, 2),
    switch_delay=st.integers(1, 3),
    credit_delay=st.integers(0, 4),
    allocator=st.sampled_from(["islip", "separable_input_first"]),
    input_speedup=st.integers(1, 2),
    internal_speedup=st.integers(1, 2),
    speculative=st.booleans(),
    wait_for_tail_credit=st.booleans(),
)
SHAPES = st.sampled_from(
    [
        ("mesh", 4, 2),
        ("torus", 4, 2),
        ("torus", 5, 1),
        ("mesh", 2, 3),
        ("fly", 3, 2),
        ("fattree", 3, 2),
        ("dragonflynew", 1, 1),
    ]
)


def nothing_is_left(net):
    """Every buffer empty, every channel free, every credit back, every record spare again."""
    size = net.fabric.to.size * net.spec.vcs
    channels = at.records(net.state, "channel", size * at.CHANNEL_SIZE, at.CHANNEL_SIZE)
    full = (1 << net.spec.vcs) - 1
    assert not channels[:, at.QUEUE].any()
    assert (channels[:, at.BID] == at.NOTHING).all()
    outlets = (net.fabric.to.size + net.fabric.nodes) * net.spec.vcs
    assert not at.records(net.state, "outlet", outlets * at.OUTLET_SIZE, at.OUTLET_SIZE)[:, at.USED].any()
    assert (net.ports[:, [at.FREE, at.HAS_ROOM]] == full).all()
    assert (net.nodes[:, at.NODE_FREE] == full).all()
    assert net.read(at.FLYING) == net.read(at.CREDITS) == net.read(at.BIRTHS) == net.read(at.MEASURED) == 0


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spec=SPECS, shape=SHAPES, rate=st.floats(0.01, 1), length=st.integers(1, 6), seed=st.integers(0, 999))
def test_all_packets_come_in_and_all_credits_go_back(spec, shape, rate, length, seed):
    fabric, _ = built(*shape)
    net = FlitNetwork(fabric, spec, NumpyStreams(seed))
    by_router(net, Traffic(rate, length, 200, seed), uniform(fabric.nodes))
    assert net.read(at.PACKETS) == net.nodes[:, at.ISSUED].sum()
    assert net.nodes[:, at.ACCEPTED].sum() <= length * net.read(at.PACKETS)
    assert net.ports[fabric.sink, at.CARRIED].sum() == length * net.read(at.PACKETS)
    assert net.ports[:, at.CARRIED].sum() == net.read(at.MOVED) == length * net.read(at.HOPS)
    nothing_is_left(net)


def test_a_lone_packet_takes_its_stages_and_links_for_every_pair():
    fabric, spec = cube("torus", [Lines(4, True, 2)] * 2), RouterSpec()
    for source in range(3):
        for dest in range(16):
            net = FlitNetwork(fabric, spec, NumpyStreams(0))
            first = np.zeros(17, dtype=np.int64)
            first[source + 1 :] = 1
            net.send_list(first, np.array([[dest, 3]]))
            net.state[at.PHASE] = RECORDING
            net.run(goal=SILENT)
            apart = [abs(source % 4 - dest % 4), abs(source // 4 - dest // 4)]
            links = sum(min(a, 4 - a) for a in apart)
            assert net.read(at.LATENCY) == (links + 1) * 3 + 2 * links + 3 + 2
            assert net.read(at.HOPS) == links + 1


def test_a_slower_link_is_the_pace_of_what_crosses_it():
    fabric, length = cube("pair", [Lines(2, interval=4)]), 40
    net = FlitNetwork(fabric, RouterSpec(depth=64), NumpyStreams(0))
    net.send_list(np.array([0, 1, 1]), np.array([[1, length]]))
    net.state[at.PHASE] = RECORDING
    net.run(goal=SILENT)
    lone, spared = 2 * 3 + 1 + 3, 1  # flits behind the head find a channel, which their gaps no longer hide
    assert net.read(at.LATENCY) == lone + 4 * (length - 1) - spared


def test_a_network_without_traffic_passes_time_at_once():
    net = FlitNetwork(cube("mesh", [Lines(4)] * 2), RouterSpec(), NumpyStreams(0))
    net.draw_packets(uniform(16), 0.0, 1)
    net.run(1_000_000)
    assert net.read(at.TIME) == 1_000_000
    assert net.read(at.MOVED) == 0


def test_a_run_that_is_cut_goes_on_as_if_it_were_not():
    results = []
    for pieces in (1, 50):
        net = FlitNetwork(cube("mesh", [Lines(4)] * 2), RouterSpec(), NumpyStreams(3))
        net.draw_packets(uniform(16), 0.3, 2)
        net.state[at.PHASE] = RECORDING
        for _ in range(pieces):
            net.run(500 // pieces)
        net.state[at.PHASE] = EMPTYING
        net.run(goal=SILENT)
        net.run_still()
        results.append((net.read(at.LATENCY), net.read(at.TIME), net.read(at.MOVED)))
    assert results[0] == results[1]


def test_what_words_have_no_bits_for_is_refused():
    with pytest.raises(NetworkError, match="mesh: 805306368 flits are not modelled, 33554432 at most"):
        FlitNetwork(cube("mesh", [Lines(4)] * 2), RouterSpec(depth=1 << 20), NumpyStreams(0))
    with pytest.raises(NetworkError, match="68200 channels of a router are not modelled, 65536 at most"):
        FlitNetwork(butterfly(1100, 1), RouterSpec(vcs=62), NumpyStreams(0))
