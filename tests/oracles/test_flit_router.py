"""The flit oracle alone: latencies that follow from its stages, and credits that come back."""

from itertools import repeat

import pytest
from tests.oracles.flit_router import FlitNetwork, Options
from tests.oracles.flit_topology import wiring


def lone(topology, k, n, dest, length, options):
    """Cycles from creation to the tail of one packet from node 0."""
    net = FlitNetwork(wiring(topology, k, n), options, repeat(0), repeat(0.0))
    first = iter([True])
    net.issue = lambda node: node == 0 and next(first, False)
    net.destination, net.length = (lambda node: dest), length
    while net.time < 1000:
        net.step()
        for _, flit in net.retired:
            if flit.tail:
                latency = net.time - 1 - flit.packet.created
                while net.events:
                    net.step(create=False)
                assert all(not any(down.used) for down in net.node_down)
                assert all(not any(down.used) for router in net.routers for down in router.down)
                return latency
    raise AssertionError("the packet does not come in")


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize(
    ("options", "stages"),
    [
        (Options(), 3),
        (Options(routing_delay=1), 4),
        (Options(speculative=True), 2),
        (Options(switch_delay=3), 5),
    ],
)
def test_a_lone_packet_takes_the_stages_of_its_routers(options, stages, length):
    assert lone("mesh", 4, 2, 10, length, options) == 5 * stages + 4 + 3 + length - 1


def test_a_shallow_buffer_streams_at_its_credit_loop():
    options = Options(vcs=1, depth=2, credit_delay=2)
    assert lone("mesh", 4, 2, 1, 8, options) - lone("mesh", 4, 2, 1, 2, options) == 21
