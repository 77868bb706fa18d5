"""Data between nodes: activations climb to the lowest network that joins them and come back."""

from bankside.arch import events as ev
from bankside.arch.causes import LINK_LATENCY, LINK_SERIAL, NOC_CONTENTION, NOC_HOP, NOC_SERIAL
from bankside.arch.energy import LEVEL_EVENT
from bankside.arch.machine.machine import Core
from bankside.arch.machine.spec import LEVELS, Level
from bankside.arch.noc.packet import Pattern, cost
from bankside.kernels.lower.state import Lowering

OFF_STACK = frozenset({"board", "host"})


def exchange(low: Lowering, core: Core, label: int, pattern: Pattern, node_byte: float) -> None:
    """One network operation among all nodes of a core kind, each with `node_byte` bytes of its own.

    It waits for every node and every node waits for it. A single node has nothing to exchange.
    """
    if core.nodes == 1:
        return
    level, network = low.machine.network(core.level)
    if network is None:
        low.warn(f"Nothing joins the {core.nodes} nodes of core {core.name}: their exchanges are free.")
        return
    net = cost(network, pattern, core.nodes, node_byte)
    off_stack = level in OFF_STACK
    serial, latency = (LINK_SERIAL, LINK_LATENCY) if off_stack else (NOC_SERIAL, NOC_HOP)
    costs: list[tuple[int, int]] = [(serial, net.serial_fs), (latency, net.hop_fs)]
    if net.contention_fs:
        costs.append((NOC_CONTENTION, net.contention_fs))
    low.count(f"network.{level}", ev.LINK_BYTE if off_stack else ev.NOC_BYTE_HOP, round(net.byte_hops))
    low.net_bytes["link" if off_stack else "noc"] += round(net.byte_hops)
    _climb(low, core, level, round(core.nodes * node_byte))
    op = low.builder.fixed(low.net_unit(level), label, costs, low.tails(core))
    low.set_tails(core, [op])


def _climb(low: Lowering, core: Core, level: Level, moved_byte: int) -> None:
    """Bytes that leave the tap for an outer level pay every segment on the way up and again on the way down."""
    for outer in LEVELS[LEVELS.index(core.level) + 1 : LEVELS.index(level) + 1]:
        if any(entry.level == outer for entry in low.machine.levels):
            low.count(core.memory.owner, LEVEL_EVENT[outer], 2 * moved_byte)
