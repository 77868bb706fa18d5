"""What lanes do to whole tensors: turn them into plain numbers, or results into their format."""

import numpy as np

from bankside.arch.causes import NONLINEAR
from bankside.arch.machine.machine import Core
from bankside.arch.pe.unit import Unit
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.lowering import Lowering, NodeClass

TURNS = "mul"
"""The work that an operation on an element is like; whichever unit does it turns elements."""


def unit_of(core: Core, function: str) -> tuple[str, Unit]:
    """Slot and unit of a core that runs a function.

    Raises
    ------
    ConfigError
        If none does.
    """
    found = core.spec.unit_for(function)
    if found is None:
        raise ConfigError([f"No unit of core {core.name} runs {function}."])
    return found


def turn(
    low: Lowering, core: Core, node: NodeClass, label: int, operations: float, deps: list[int]
) -> list[int]:
    """Operations of all cores of a node on elements, after `deps`; what ends when they are done."""
    if not operations:
        return deps
    slot, unit = unit_of(core, TURNS)
    whole = round(operations)
    busiest, counted = (
        np.array([[1], [count], [2]], dtype=np.int64) for count in (-(-whole // core.cores), whole)
    )
    cycles = int(unit.cycles(busiest, work=TURNS).interval[0])
    low.count_unit(core, slot, unit.events(counted, work=TURNS), node.count)
    return [low.builder.fixed(node.units[slot], label, [(NONLINEAR, cycles)], deps)]
