"""What a core's units consume and occupy together, and what unequal parts of its cores cost."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from bankside.arch.jit import flat_kernel, kernel
from bankside.arch.pe.unit import UNEVEN, WORK, Costs, Int64s, Price, Unit
from bankside.arch.technology.energy import PARTS
from bankside.arch.technology.process import ProcessSpec

EXACT = 1 - 2**-50  # so that a share that is whole but for rounding is not rounded up


def dealt(costs: Costs, busiest: Int64s, together: Int64s, cores: int) -> Costs:
    """Costs of tiles of the busiest core of a node, with the work that even parts would have spared it as imbalance.

    Parameters
    ----------
    busiest, together : int64[tiles]
        Work of the busiest core and of all cores of the node in the same step, in one measure (multiply-accumulates,
        elements).
    cores
        Cores of the node, with or without work.
    """
    each = costs.each.copy()
    _deal(each, busiest, together, float(cores))
    return Costs(each, costs.last)


@kernel
def _deal(each: Int64s, busiest: Int64s, together: Int64s, cores: float) -> None:
    for i in range(each.shape[0]):
        deal(each[i], busiest[i], together[i], cores)


@flat_kernel
def deal(cost: Int64s, busiest: int, together: int, cores: float) -> None:
    """`dealt` of one tile, in place: int64[5]."""
    share = together / (max(1, busiest) * cores)
    even = min(cost[WORK], int(np.ceil(cost[WORK] * share * EXACT)))
    cost[UNEVEN] += cost[WORK] - even
    cost[WORK] = even


def core_parts(
    units: Mapping[str, Unit],
    prices: Mapping[str, Mapping[str, Price]],
    events: Mapping[str, Mapping[str, int]],
) -> dict[str, float]:
    """Energy of what units counted, in every part but `static` [J].

    Parameters
    ----------
    prices, events
        Of each event and its count by name, by slot of the unit.

    Raises
    ------
    ValueError
        If a unit counts what it has no price for, or its price belongs to no part.
    """
    spent: dict[str, list[float]] = {part: [] for part in PARTS}
    for slot, unit in units.items():
        own = prices[slot]
        for name, count in events.get(slot, {}).items():
            if name not in own or own[name].part not in PARTS:
                raise ValueError(
                    f"Unit {unit.unit!r} counts {name!r} and has no price for it in a part of {PARTS}."
                )
            spent[own[name].part].append(count * own[name].count_j)
    return {part: math.fsum(joules) for part, joules in spent.items()}


class Instructions(Protocol):
    """Work of one instruction: of the units in slots, and bytes at the scratchpad."""

    matmul: float
    vector: float
    nonlinear: float
    bytes: float


def core_instructions(
    each: Instructions, units: Mapping[str, Unit], events: Mapping[str, Mapping[str, int]]
) -> float:
    """Instructions that a programmable core took for what its units counted, by slot and name."""
    work = {slot: unit.operations(events.get(slot, {})) for slot, unit in units.items()}
    return (
        work.get("matmul", 0) / each.matmul
        + work.get("vector", 0) / each.vector
        + work.get("nonlinear", 0) / each.nonlinear
        + work.get("sram", 0) / each.bytes
    )


def core_area(units: Mapping[str, Unit], process: ProcessSpec, formats: Sequence[str]) -> dict[str, float]:
    """Area of the units of one core, by slot [m2]."""
    return {slot: unit.area_m2(process, formats) for slot, unit in units.items()}
