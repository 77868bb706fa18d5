"""ITA: a streaming integer softmax of 8-bit scores with base 2.

References
----------
Islamoglu et al., ITA, ISLPED 2023, arXiv 2307.03493; pulp-platform/ITA, src/ita_softmax.sv, ita_serdiv.sv,
ita_package.sv, PyITA/softmax.py: 16 scores a cycle; sums of 256 >> (maximum - score), shifted right where the maximum
grows; 65280 / sum by serial dividers; probabilities as that shifted right by maximum - score, 64 a cycle.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]

ONE: Final = 256
"""What the largest score adds to the sum."""

NUMERATOR: Final = 255 * 256
LONGEST_ROW: Final = 2048
"""Of a sum of 19 bits (src/ita_package.sv)."""

PART: Final = 16
WIDEN: Final = 4
"""Probabilities of a cycle over scores of a cycle: 64 and 16."""

STAGES: Final = 3
DIVIDERS: Final = 10
FIFO: Final = 12
ROWS: Final = 64
"""Rows of a tile, whose last parts arrive in successive cycles."""


def sums(scores: Int64s, part: int = PART) -> tuple[Int64s, Int64s]:
    """Maximum and sum of each row, taken `part` scores at a time: int64[rows, n] -> int64[rows], int64[rows]."""
    top = np.full(len(scores), -128, dtype=np.int64)
    total = np.zeros(len(scores), dtype=np.int64)
    for first in range(0, scores.shape[1], part):
        piece = scores[:, first : first + part]
        grown = np.maximum(top, piece.max(axis=1))
        added = (ONE >> np.minimum(grown[:, None] - piece, 32)).sum(axis=1)
        total = (total >> np.minimum(grown - top, 32)) + added
        top = grown
    return top, total


def probabilities(scores: Int64s, part: int = PART) -> Int64s:
    """Probabilities in units of 1/256: int64[rows, n] of -128 .. 127 -> int64[rows, n] of 0 .. 255."""
    top, total = sums(scores, part)
    inverse = NUMERATOR // total
    return np.asarray(inverse[:, None] >> np.minimum(top[:, None] - scores, 32))


def division_cycle(total: int) -> int:
    """Cycles of a serial divider: a bit of the quotient each, and two to start and hand over."""
    return (NUMERATOR // total).bit_length() + 2


class Drain(NamedTuple):
    """How the sums of a tile of rows are divided, in cycles after its first row is complete.

    Attributes
    ----------
    last_cycle : int
        When the last row's reciprocal is there.
    stall_cycle : int
        Cycles in which the array waits because the FIFO is full.
    deepest : int
        Most rows in the FIFO.
    """

    last_cycle: int
    stall_cycle: int
    deepest: int


def drain(divisions: Any, dividers: int = DIVIDERS, fifo: int = FIFO) -> Drain:
    """A row is complete every cycle; it waits in the FIFO for a divider, and the array for the FIFO.

    Parameters
    ----------
    divisions : sequence of int
        Cycles of each row's division.
    """
    free = [0] * dividers
    starts: list[int] = []
    arrival = stall = last = deepest = 0
    for row, length in enumerate(divisions):
        if row >= fifo and starts[row - fifo] > arrival:
            stall += starts[row - fifo] - arrival
            arrival = starts[row - fifo]
        divider = min(range(dividers), key=free.__getitem__)
        start = max(arrival, free[divider], starts[-1] if starts else 0)
        free[divider] = start + length
        last = max(last, free[divider])
        starts.append(start)
        deepest = max(deepest, sum(1 for each in starts if each > arrival))
        arrival += 1
    return Drain(last, stall, deepest)
