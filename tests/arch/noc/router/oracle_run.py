"""The fast router and the oracle on equal streams of random numbers."""

from dataclasses import dataclass

import numpy as np
from tests.oracles.flit_router import FlitNetwork as Oracle
from tests.oracles.flit_router import Options
from tests.oracles.flit_topology import Wiring

from bankside.arch.noc.router import layout as at
from bankside.arch.noc.router.network import FlitNetwork
from bankside.arch.noc.router.run import SILENT
from bankside.arch.noc.router.sources import EMPTYING, RECORDING
from bankside.arch.noc.router.spec import RouterSpec


class RealStreams:
    """A test of a source is a real number, as the oracle draws it."""

    def __init__(self, seed: int) -> None:
        self._whole, self._real = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])

    def whole(self, count: int) -> at.Int64s:
        return self._whole.integers(0, 1 << 30, count, dtype=np.int64)

    def reals(self, count: int) -> np.ndarray:
        return self._real.random(count)

    def successes(self, rate: float, tests: int) -> tuple[at.Int64s, int]:
        return np.flatnonzero(self.reals(tests) < rate), tests


@dataclass(frozen=True)
class Traffic:
    """Uniform packets: load [packets a node and cycle], flits of each, cycles in which they are made, seed."""

    rate: float
    length: int
    cycles: int
    seed: int


def options(spec: RouterSpec) -> Options:
    """The oracle's words for a router."""
    return Options(
        spec.vcs,
        spec.depth,
        spec.credit_delay,
        spec.routing_delay,
        spec.switch_delay,
        spec.input_speedup,
        spec.internal_speedup,
        spec.speculative,
        spec.allocator == "separable_input_first",
        spec.wait_for_tail_credit,
        spec.vc_iterations,
        spec.switch_iterations,
    )


def by_oracle(wiring: Wiring, spec: RouterSpec, traffic: Traffic) -> tuple[int, int, int, int]:
    """Packets, sum of latencies, sum of hops, and the cycle in which the last credit is back."""
    streams = RealStreams(traffic.seed)
    reals, wholes = iter(streams.reals(1 << 17).tolist()), iter(streams.whole(1 << 17).tolist())
    net = Oracle(wiring, options(spec), wholes, reals)
    net.issue = lambda node: next(reals) < traffic.rate
    net.destination, net.length = (lambda node: net.draw(wiring.nodes)), traffic.length
    packets = latency = hops = 0
    while net.time < traffic.cycles or net.flying or net.events:
        net.step(create=net.time < traffic.cycles)
        for _, flit in net.retired:
            if flit.tail:
                packets += 1
                latency += net.time - 1 - flit.packet.created
                hops += flit.packet.hops
    assert not any(any(down.used) for down in net.node_down), "a node misses credits"
    assert not any(any(down.used) for router in net.routers for down in router.down), (
        "a router misses credits"
    )
    return packets, latency, hops, net.time


def by_router(net: FlitNetwork, traffic: Traffic, targets: at.Int64s) -> tuple[int, int, int, int]:
    """The same of the fast router, drained."""
    net.draw_packets(targets, traffic.rate, traffic.length)
    net.state[at.PHASE] = RECORDING
    net.run(traffic.cycles)
    net.state[at.PHASE] = EMPTYING
    if net.read(at.FLYING):
        net.run(goal=SILENT)
    net.run_still()
    return net.read(at.PACKETS), net.read(at.LATENCY), net.read(at.HOPS), net.read(at.TIME)
