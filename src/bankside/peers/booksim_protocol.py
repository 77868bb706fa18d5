"""How BookSim2 measures a network: samples until latency and accepted rate settle, then a drain; or batches.

(N. Jiang et al., ISPASS 2013; trafficmanager and batchtrafficmanager at 28f4329.) Warm-up ends after a number of
samples, statistics are cleared at every second of them and at its end. A run has converged when three samples in turn
change latency and accepted rate by at most 5 %, or at the most samples; then what was made before is drained.
"""

from dataclasses import dataclass
from typing import Final

from bankside.arch.noc.fabric.fabric import Int64s
from bankside.arch.noc.router import layout as at
from bankside.arch.noc.router.network import FlitNetwork
from bankside.arch.noc.router.run import DRAINED_NOW, SENT, SILENT
from bankside.arch.noc.router.sources import EMPTYING, RECORDING, WARMING

SETTLED: Final = 0.05
IN_TURN: Final = 3
DRAIN_STEP: Final = 1000
"""Steps of draining after which latency is looked at."""


@dataclass(frozen=True)
class Protocol:
    """Lengths of a measurement.

    Attributes
    ----------
    period : int [cycle]
        Of a sample.
    warmup, samples : int
        Samples of the warm-up, and all at most.
    latency_limit : float or None [cycle]
        Mean latency of what came in and is in flight at which a run is given up; None: throughput is measured, latency
        neither ends a run nor is drained for.
    """

    period: int = 1000
    warmup: int = 3
    samples: int = 10
    latency_limit: float | None = 500.0


@dataclass(frozen=True)
class Measured:
    """What was measured; rates in flits a node and cycle, latencies in cycles, hops in routers."""

    converged: bool
    latency: float
    network_latency: float
    hops: float
    accepted: float
    accepted_least: float
    least: int
    most: int
    cycles: int
    flit_hops: int


def change(now: float, before: float) -> float:
    """|now - before| / now as IEEE has it: nothing from 0 to 0."""
    if now == 0:
        return float("inf") if before else 0.0
    return abs((now - before) / now)


def mean(total: int, count: int) -> float:
    """NaN of nothing."""
    return total / count if count else float("nan")


def measure(net: FlitNetwork, protocol: Protocol) -> Measured:
    """Run an open-loop measurement from cycle 0 until the network is empty or the run is given up."""
    state = net.state
    latency = accepted = 0.0
    since = phase = settled = 0
    state[at.PHASE], clear, stable = WARMING, False, True
    while phase < protocol.samples and (state[at.PHASE] != RECORDING or settled < IN_TURN):
        if clear or (state[at.PHASE] == WARMING and phase % 2 == 0):
            clear, since = False, net.read(at.TIME)
            net.forget()
        net.run(protocol.period)
        found = mean(net.read(at.LATENCY), net.read(at.PACKETS)), _rate(net, since)
        moved, shifted = change(found[0], latency), change(found[1], accepted)
        latency, accepted = found
        if protocol.latency_limit is not None and _pressed(net, protocol.latency_limit):
            stable = False
            break
        if state[at.PHASE] == WARMING:
            if phase + 1 >= protocol.warmup:
                clear, state[at.PHASE] = True, RECORDING
        else:
            calm = (protocol.latency_limit is None or not moved > SETTLED) and not shifted > SETTLED
            settled = settled + 1 if calm else 0
        phase += 1
    rate = _rate(net, since)
    least = int(net.nodes[:, at.ACCEPTED].min()) / max(1, net.read(at.TIME) - since)
    stable = stable and state[at.PHASE] == RECORDING and _drain(net, protocol)
    if stable:
        state[at.PHASE] = EMPTYING
        _empty(net)
    packets = net.read(at.PACKETS)
    return Measured(
        bool(stable), mean(net.read(at.LATENCY), packets), mean(net.read(at.NETWORK_LATENCY), packets),
        mean(net.read(at.HOPS), packets), rate, least, net.read(at.LEAST), net.read(at.MOST), net.read(at.TIME),
        net.read(at.MOVED),
    )  # fmt: skip


def _rate(net: FlitNetwork, since: int) -> float:
    return net.read(at.TAKEN) / (net.read(at.TIME) - since) / net.fabric.nodes


def _pressed(net: FlitNetwork, limit: float) -> bool:
    """Whether the mean latency of what came in, and of every flit in flight so far, is above a limit."""
    flying, time = net.read(at.FLYING), net.read(at.TIME)
    total, count = net.read(at.LATENCY) + flying * time - net.read(at.BIRTHS), net.read(at.PACKETS) + flying
    return mean(total, count) > limit


def _drain(net: FlitNetwork, protocol: Protocol) -> bool:
    """Go on until what was made so far is in; False where that takes too long."""
    net.drain_from_now()
    if protocol.latency_limit is None:
        return True
    while not net.run(DRAIN_STEP, DRAINED_NOW):
        if _pressed(net, protocol.latency_limit):
            return False
    return True


def _empty(net: FlitNetwork) -> None:
    """No new packets; flits come in, then the last credits."""
    if net.read(at.FLYING):
        net.run(goal=SILENT)
    net.run_still()


def run_batches(net: FlitNetwork, targets: Int64s, packets: int, length: int, count: int) -> list[int]:
    """Send `count` batches of `packets` from every node, one after the other; cycles of each."""
    net.state[at.PHASE] = RECORDING
    found = []
    for _ in range(count):
        begin = net.read(at.TIME)
        net.send_batch(targets, packets, length)
        net.run(goal=SENT)
        if net.read(at.FLYING):
            net.run(goal=SILENT)
        found.append(net.read(at.TIME) - begin)
    return found
