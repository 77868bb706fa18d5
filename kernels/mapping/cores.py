"""Which core runs an operator: the nearest to the data that can."""

from collections.abc import Iterable

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.spec import LEVELS, Level
from bankside.arch.pe.unit import PRODUCT
from bankside.arch.spec import ConfigError
from bankside.kernels.operators import Attention, MatMul, Operator, RowWise


def multiplies(core: Core) -> bool:
    """Whether the core has a unit for matrix products."""
    return core.spec.can(PRODUCT)


def _nearest(cores: Iterable[Core], level: Level) -> Core | None:
    """The core whose tap is closest to `level`, the inner one on a tie; one on flash only if there is no other."""
    at = LEVELS.index(level)
    return min(
        cores,
        key=lambda c: (c.memory.flash is not None, abs(LEVELS.index(c.level) - at), LEVELS.index(c.level)),
        default=None,
    )


def hub_of(machine: Machine, core: Core) -> Core:
    """The core where activations wait between PIM operators: the nearest outside the die with a nonlinear unit.

    Raises
    ------
    ConfigError
        If there is none.
    """
    outside = [c for c in machine.cores.values() if not c.in_dram_die and c.spec.can("softmax")]
    hub = _nearest(outside, core.level)
    if hub is None:
        raise ConfigError(
            [
                f"Machine {machine.name}: core {core.name} computes inside the DRAM die and no core outside it has a "
                "nonlinear unit; add one (for example a host core with nonlinear: {method: exact, lanes: 512})."
            ]
        )
    return hub


def core_for(machine: Machine, op: Operator) -> Core:
    """The core that runs `op`.

    Products go to the primary core if it taps the memory that holds their stationary operand, else to the innermost
    that does; row-wise functions to the core nearest to the primary one.

    Raises
    ------
    ConfigError
        If no core can run it.
    """
    if isinstance(op, RowWise):
        able = [c for c in machine.cores.values() if _runs(c, op)]
        found = _nearest(able, machine.primary.level)
        if found is not None and (found.in_dram_die or machine.primary.in_dram_die):
            found = hub_of(machine, machine.primary)
    else:
        memory = _memory(machine, op)
        able = [c for c in machine.cores.values() if c.memory.name == memory and multiplies(c)]
        primary = machine.primary
        found = primary if primary in able else min(able, key=lambda c: LEVELS.index(c.level), default=None)
    if found is None:
        raise ConfigError([f"Machine {machine.name}: no core can run {op.label}."])
    return found


def _runs(core: Core, op: RowWise) -> bool:
    return core.spec.can(op.function)


def _memory(machine: Machine, op: MatMul | Attention) -> str:
    if isinstance(op, Attention) or op.stationary == "kv":
        return machine.spec.place.kv
    if op.stationary == "weights":
        return machine.spec.place.weights
    return machine.primary.memory.name
