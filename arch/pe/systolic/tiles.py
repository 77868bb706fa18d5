"""Cycles of tiles on a matrix unit of several equal systolic arrays."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic.fold import IS, WS
from bankside.arch.pe.systolic.physical import ported_cycles

Int64s = npt.NDArray[np.int64]

FLOW, ROWS, COLS, ARRAYS, SHADOW, GROUP = range(6)
"""Fields of `arrays`: dataflow, PEs of an array, arrays, shadow registers, vectors of a group."""


@kernel
def _array_cycles(arrays: Int64s, m: int, n: int, k: int) -> tuple[int, int]:
    """Cycles on one array, the streamed vectors (ws: rows, is: columns, os: depth) filled up to whole groups."""
    flow, group = arrays[FLOW], arrays[GROUP]
    if flow == WS:
        m = -(-m // group) * group
    elif flow == IS:
        n = -(-n // group) * group
    else:
        k = -(-k // group) * group
    return ported_cycles(flow, arrays[ROWS], arrays[COLS], m, n, k, arrays[SHADOW] == 1, 0, 0, 0)


@kernel
def shared(arrays: Int64s, m: int, n: int, k: int) -> tuple[int, int, int, int]:
    """What the busiest array has of an (m x k) (k x n) tile, (m, n), and its cycles alone and when it follows its like.

    Equal arrays share the tile by columns or by rows, whichever is sooner ready for the next tile.
    """
    count = arrays[ARRAYS]
    part = -(-n // count)
    alone, interval = _array_cycles(arrays, m, part, k)
    if count > 1:
        rows = -(-m // count)
        other, again = _array_cycles(arrays, rows, n, k)
        if again < interval or (again == interval and other < alone):
            return rows, n, other, again
    return m, part, alone, interval


@kernel
def arrays_cycles(arrays: Int64s, m: int, n: int, k: int) -> tuple[int, int]:
    """Cycles of an (m x k) (k x n) tile alone, and when it follows its like."""
    _, _, alone, interval = shared(arrays, m, n, k)
    return alone, interval


@kernel
def tiles_cycles(arrays: Int64s, packed: int, tiles: Int64s, out: Int64s) -> None:
    """`arrays_cycles` of many tiles (int64[3 or more, n]: m, n, k), of whose depth a PE takes `packed` at a time, into
    out: int64[2, n]."""
    for i in range(tiles.shape[1]):
        out[0, i], out[1, i] = arrays_cycles(arrays, tiles[0, i], tiles[1, i], -(-tiles[2, i] // packed))
