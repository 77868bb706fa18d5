"""Exchanges among packages: over the network that joins them, chunk by chunk."""

from fractions import Fraction

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.machine.spec import LEVELS, OFF_STACK, Level
from bankside.arch.noc.overlap import chunked
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.exchange import climb, messages
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
    raise ConfigError(
        [f"Nothing joins packages of {machine.name}: its path has no network at the board or the host."]
    )


def lower_collective(low: Lowering, plan: OperatorPlan, op: Collective, label: int) -> None:
    """One operation a chunk, behind all nodes, which all wait for it.

    Bytes are counted as if each package counted its own part of those on all links; all packages do.
    """
    core = low.machine.cores[plan.core]
    where = between_packages(low.machine)
    chunks = chunked(where[1], op.pattern, op.group, op.bytes_each)
    _leave(low, core, where[0], op)
    low.set_tails(
        core, messages(low, label, where, (chunks, op.group), low.tails(core), Fraction(1, op.group))
    )


def _leave(low: Lowering, core: Core, level: Level, op: Collective) -> None:
    """What a package has goes out past every level between its tap and the links, and what it gets comes back."""
    if LEVELS.index(core.level) < LEVELS.index(level):
        climb(low, core, level, op.x.bytes + op.out.bytes)
