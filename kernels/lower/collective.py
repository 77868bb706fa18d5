"""Exchanges among packages: over the network that joins them, chunk by chunk."""

from bankside.arch import events as ev
from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.spec import LEVELS, OFF_STACK, Level, NetworkSpec
from bankside.arch.noc.overlap import chunked, emit
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.exchange import climb
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.operators import Collective
from bankside.kernels.plan.operator_plan import OperatorPlan


def between_packages(machine: Machine) -> tuple[Level, NetworkSpec]:
    """The outermost network of the path, which joins packages.

    Raises
    ------
    ConfigError
        If there is none off the stack.
    """
    for entry in reversed(machine.levels):
        if entry.level in OFF_STACK and entry.network is not None:
            return entry.level, entry.network
    raise ConfigError([f"Nothing joins packages of {machine.name}: its path has no network at the board or the host."])


def lower_collective(low: Lowering, plan: OperatorPlan, op: Collective, label: int) -> None:
    """One operation a chunk, behind all nodes, which all wait for it.

    A package counts its share of the bytes on all links; all packages of the group count theirs.
    """
    core = low.machine.cores[plan.core]
    level, network = between_packages(low.machine)
    try:
        chunks = chunked(network, op.pattern, op.group, op.bytes_each)
    except ValueError as error:
        raise ConfigError([f"{op.label}: {error}"]) from None
    if not chunks:
        return
    every = [step for steps in chunks for step in steps]
    byte_hops = sum(s.traffic.message_hops * s.message_byte * s.repeats for s in every)
    own = -(-byte_hops // op.group)
    low.count(f"network.{level}", ev.LINK_BYTE, own)
    low.net_bytes["link"] += own
    _leave(low, core, level, op)
    on = low.network(level, network)
    made = emit(low.builder, on, label, chunks, op.group, low.tails(core), network.in_flight)
    low.set_tails(core, made[-network.in_flight :])


def _leave(low: Lowering, core: Core, level: Level, op: Collective) -> None:
    """What a package has goes out past every level between its tap and the links, and what it gets comes back."""
    if LEVELS.index(core.level) < LEVELS.index(level):
        climb(low, core, level, op.x.bytes + op.out.bytes)
