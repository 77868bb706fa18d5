"""Cycles of one tile of a matrix product on a core's matrix unit, on its vector lanes, or on both at once."""

from typing import Any

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import kernel
from bankside.arch.machine.spec import MatmulSpec, VectorSpec
from bankside.arch.pe.systolic.fold import DATAFLOWS, IS, WS
from bankside.arch.pe.systolic.physical import ported_cycles
from bankside.arch.pe.vector import dot_cycles, lane_cycles, tapped_dot_cycles

Int64s = npt.NDArray[np.int64]

MATRIX, VECTOR, BOTH = range(3)
"""Units, as kernels.mapping.UNITS."""

FASTER, FASTEST = -2, -1
"""Instead of a unit: the faster of the matrix unit and the lanes; the fastest of all three."""

NEVER = 1 << 62
SYSTOLIC, LANES = 1, 2
KIND, FLOW, ROWS, COLS, ARRAYS, SHADOW, WIDE, VECTOR_LANES, GROUP, PACKED = range(
    10
)  # fields of packed units


def packed_units(matmul: MatmulSpec | None, vector: VectorSpec | None, packed: int = 1) -> Int64s:
    """A core's units as int64[10]: kind (0 for no matrix unit), dataflow, rows, cols, arrays, shadow, lanes, vector
    lanes (0 for none), vectors of a group, pairs that an element of the matrix unit multiplies in a cycle."""
    lanes = vector.lanes if vector is not None else 0
    if matmul is None:
        return np.array([0, 0, 1, 1, 1, 0, 0, lanes, 1, 1], dtype=np.int64)
    kind = SYSTOLIC if matmul.unit == "systolic" else LANES
    flow = DATAFLOWS.index(matmul.dataflow)
    shape = (matmul.rows, matmul.cols, matmul.arrays) if kind == SYSTOLIC else (1, 1, 1)
    fields = [kind, flow, *shape, matmul.shadow, matmul.lanes, lanes, matmul.group, packed]
    return np.array(fields, dtype=np.int64)


@kernel
def _array_cycles(units: Int64s, m: int, n: int, k: int) -> tuple[int, int]:
    """Cycles on one array, the streamed vectors (ws: rows, is: columns, os: depth) filled up to whole groups."""
    flow, group = units[FLOW], units[GROUP]
    if flow == WS:
        m = -(-m // group) * group
    elif flow == IS:
        n = -(-n // group) * group
    else:
        k = -(-k // group) * group
    return ported_cycles(flow, units[ROWS], units[COLS], m, n, k, units[SHADOW] == 1, 0, 0, 0)


@kernel
def matrix_cycles(units: Int64s, m: int, n: int, k: int) -> tuple[int, int]:
    """Cycles on the matrix unit, alone and following its like.

    Equal arrays share the tile by columns or by rows, whichever is sooner ready for the next tile.
    """
    k = -(-k // units[PACKED])
    if units[KIND] == LANES:
        total, fill = dot_cycles(units[WIDE], m, n, k)
        return total, total - fill
    arrays = units[ARRAYS]
    alone, interval = _array_cycles(units, m, -(-n // arrays), k)
    if arrays > 1:
        other, again = _array_cycles(units, -(-m // arrays), n, k)
        if again < interval or (again == interval and other < alone):
            return other, again
    return alone, interval


@kernel
def vector_cycles(units: Int64s, m: int, n: int, k: int) -> tuple[int, int]:
    """Cycles on the lanes: they add up in a tree, or each makes an output of its own, whichever is faster."""
    lanes = units[VECTOR_LANES]
    total, fill = tapped_dot_cycles(lanes, m, n, k)
    apart = lane_cycles(lanes, m, n, k)
    if apart < total - fill or (apart == total - fill and apart < total):
        return apart, apart
    return total, total - fill


@kernel
def _shared(units: Int64s, m: int, n: int, k: int, lane_columns: int) -> tuple[int, int]:
    """Cycles when the lanes compute `lane_columns` of the columns and the matrix unit the others."""
    alone, interval = matrix_cycles(units, m, n - lane_columns, k)
    own, own_interval = vector_cycles(units, m, lane_columns, k)
    return max(alone, own), max(interval, own_interval)


@kernel
def both_cycles(units: Int64s, m: int, n: int, k: int) -> tuple[int, int, int]:
    """Cycles with the columns split over both units, and the lanes' columns: where the two take about as long.

    The lanes take longer with every column and the matrix unit less, so the crossing is found by halving. It is sought
    in whole strips of the arrays, whose parts cost as much as wholes.
    """
    strip = max(1, units[COLS] * units[ARRAYS])
    low, high = 0, (n - 1) // strip
    while low < high:
        strips = (low + high) // 2
        _, matrix = matrix_cycles(units, m, strips * strip, k)
        _, lanes = vector_cycles(units, m, n - strips * strip, k)
        if strips == 0 or matrix < lanes:
            low = strips + 1
        else:
            high = strips
    best, best_alone, best_columns = NEVER, NEVER, 0
    for strips in range(max(1, low - 1), low + 1):
        columns = n - strips * strip
        if columns > 0 and strips > 0:
            alone, interval = _shared(units, m, n, k, columns)
            if interval < best:
                best, best_alone, best_columns = interval, alone, columns
    return best_alone, best, best_columns


@kernel
def product_cycles(units: Int64s, m: int, n: int, k: int, wanted: int) -> tuple[int, int, int, int]:
    """Cycles of one (m x k)(k x n) tile.

    Parameters
    ----------
    units : numpy.ndarray
        int64[10], see `packed_units`.
    m, n, k : int64
        The tile.
    wanted : int64
        MATRIX, VECTOR, BOTH, FASTER or FASTEST.

    Returns
    -------
    tuple of int64
        Cycles alone, cycles when it follows its like, unit, columns that the lanes compute.
    """
    alone, interval, unit, columns = NEVER, NEVER, MATRIX, 0
    has_matrix, has_vector = units[KIND] != 0, units[VECTOR_LANES] > 0
    if has_matrix and (wanted < 0 or wanted == MATRIX):
        alone, interval = matrix_cycles(units, m, n, k)
    if has_vector and (wanted < 0 or wanted == VECTOR):
        own, again = vector_cycles(units, m, n, k)
        if again < interval or (again == interval and own < alone):
            alone, interval, unit, columns = own, again, VECTOR, n
    if has_matrix and has_vector and wanted in (FASTEST, BOTH):
        own, again, lane_columns = both_cycles(units, m, n, k)
        if again < interval:
            alone, interval, unit, columns = own, again, BOTH, lane_columns
    if wanted == BOTH and has_matrix:  # a ragged tile is not split where that takes longer, one strip never
        own, again = matrix_cycles(units, m, n, k)
        if unit != BOTH or again <= interval:
            alone, interval, unit, columns = own, again, MATRIX, 0
    return alone, interval, unit, columns


@kernel
def products_cycles(units: Int64s, m: Int64s, n: Int64s, k: Int64s, wanted: int, out: Any) -> None:
    """`product_cycles` of many tiles into out: int64[4, tiles]."""
    for i in range(len(m)):
        out[0, i], out[1, i], out[2, i], out[3, i] = product_cycles(units, m[i], n[i], k[i], wanted)
