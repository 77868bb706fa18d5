"""Common frame of bit-serial units: groups of lanes, columns in step, operand fetch, run-ahead.

Lanes of a group start together and the group takes as long as its slowest lane; the next group starts when
both this group and its operand fetch have ended (research/units.md section 3; Bit-Pragmatic, arXiv 1610.06920:
the next pallet starts at max(NMC, PC)).
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

Rows = Sequence[Sequence[int]]
Other = Rows | Sequence[int] | None


class Served(NamedTuple):
    """Cycles and partial dot product of every group, [row][group]."""

    cycles: list[list[int]]
    sums: list[list[int]]


def grouped(values: Rows, group: int) -> list[list[list[int]]]:
    """Groups of consecutive elements, [row][group][lane]; a group has to divide the last axis."""
    split = []
    for row in values:
        row = [int(value) for value in row]
        if len(row) % group != 0:
            raise ValueError(f"A group of {group} does not divide {len(row)} elements.")
        split.append([row[at : at + group] for at in range(0, len(row), group)])
    return split


def operand(values: Rows, other: Other) -> list[list[int]]:
    """The second operand in the shape of the first: ones when there is none, one vector for every row."""
    if other is None:
        return [[1] * len(row) for row in values]
    array = np.asarray(other)
    if array.ndim == 1:
        return [[int(each) for each in array] for _ in values]
    return [[int(each) for each in row] for row in array]


def serve(
    values: Rows, other: Other, *, group: int, by: Callable[[list[int], list[int]], tuple[int, int]]
) -> Served:
    """Cycles and sum of every group; `by` serves one group, given both its operands."""
    cycles: list[list[int]] = []
    sums: list[list[int]] = []
    for left, right in zip(grouped(values, group), grouped(operand(values, other), group), strict=True):
        found = [by(a, b) for a, b in zip(left, right, strict=True)]
        cycles.append([taken for taken, _ in found])
        sums.append([total for _, total in found])
    return Served(cycles, sums)


def dot_products(served: Served) -> list[int]:
    """Whole dot product of each row."""
    return [sum(row) for row in served.sums]


def mean_cycles(served: Served) -> Fraction:
    """Mean over all groups [cycle]."""
    every = [cycles for row in served.cycles for cycles in row]
    return Fraction(sum(every), len(every))


def speedup(served: Served, *, parallel_cycles: int) -> Fraction:
    """Against a unit that takes `parallel_cycles` for each group.

    With as many one-bit multipliers as the bit-parallel unit has bits, a group takes it as many cycles as a value
    has bits (BBS section V-A: an 8-bit multiplier is worth eight bit-serial ones); Laconic's and Loom's
    unit has bits squared.
    """
    return Fraction(parallel_cycles) / mean_cycles(served)


def total_cycles(cycles: Rows, *, columns: int = 1, runahead: int = 0, fetch_cycles: int = 0) -> int:
    """Cycles of a unit whose `columns` work side by side on as many consecutive rows, step by step.

    A step is one group of each of those rows; steps go along the rows, then to the next `columns` rows. A
    column may begin step k when it has ended step k-1 itself, when all columns have ended step k-1-runahead
    (0: pallet sync; r: column sync with r registers; DNNsim ShapeShifter.cpp), and when the
    step's operands are there. The fetch of a step takes `fetch_cycles`, follows the fetch before, and begins
    when all columns have begun step k-1-runahead, which frees a register; the operands of the first step
    are there at cycle 0.
    """
    steps = _steps(cycles, columns)
    began: list[list[int]] = []
    ended: list[list[int]] = []
    fetched = 0
    for k, step in enumerate(steps):
        slot = k - 1 - runahead
        if k > 0:
            free = max(began[slot]) if slot >= 0 else 0
            fetched = max(fetched, free) + fetch_cycles
        in_step = max(ended[slot]) if slot >= 0 else 0
        begins = []
        for column in range(columns):
            own = ended[k - 1][column] if k > 0 else 0
            begins.append(max(own, in_step, fetched))
        began.append(begins)
        ended.append([at + work for at, work in zip(begins, step, strict=True)])
    return max((max(each) for each in ended), default=0)


def _steps(cycles: Rows, columns: int) -> list[list[int]]:
    steps = []
    for first in range(0, len(cycles), columns):
        block = cycles[first : first + columns]
        for k in range(len(block[0])):
            step = [int(row[k]) for row in block]
            steps.append(step + [0] * (columns - len(step)))
    return steps
