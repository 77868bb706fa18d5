"""Cycles of row-wise functions: passes over rows at the pace of lanes, and the latency that rows do not hide."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]


class Taken(NamedTuple):
    """Cycles of tiles: int64[tiles] each. `total` holds `exposed`, the latency that nothing hides [cycle]."""

    total: Int64s
    exposed: Int64s


def pointwise(elements: Int64s, lanes: int, pace: int, latency: int) -> Taken:
    """A vector of lanes every `pace` cycles; the last one's results after the latency."""
    busy = -(-elements // lanes) * pace
    exposed = np.where(elements > 0, max(0, latency - pace), 0)
    return Taken(busy + exposed, exposed)


def passes(rows: Int64s, steps: list[Int64s], waits: list[int], last: int) -> Taken:
    """All rows pass once, then again as soon as what the next pass needs of a row is there.

    Parameters
    ----------
    rows : int64[tiles]
    steps : list of int64[tiles]
        Cycles of a row in each pass.
    waits : list of int
        Cycles between a row's end of a pass and its start of the next.
    last
        Cycles from a row's end of the last pass to its last result.
    """
    busy = rows * sum(steps)
    exposed = np.full_like(rows, last)
    for before, after, wait in zip(steps, steps[1:], waits, strict=False):
        exposed = exposed + np.maximum(0, wait - (rows - 1) * np.minimum(before, after))
    exposed = np.where(busy > 0, exposed, 0)
    return Taken(busy + exposed, exposed)


def depth(lanes: int) -> int:
    """Levels of a tree over lanes."""
    return (lanes - 1).bit_length()
