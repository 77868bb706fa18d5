"""Unevenly sparse weights on the array: real index matching and the load imbalance that comes with it.

The reduction is cut into groups of consecutive weights. A compressed slot holds one kept weight of a group
and picks its activation from the group by index. Columns that lie side by side share the slots' row (ws,
is) or cycle (os), so a group takes as many slots as its fullest column in the strip: the compressed length
of a strip is

    x = sum over groups of max over the strip's columns of kept(group, column)

and slots of emptier columns idle. An n:m pattern keeps n everywhere and loses nothing.
"""

import numpy as np
from numpy.typing import NDArray

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic.fold import IS, OS, ceil_div
from bankside.arch.pe.systolic.physical import gemm_cycles
from bankside.peers.sparse_weights.pattern import index_bits


def kept_counts(mask: NDArray[np.bool_], group: int) -> NDArray[np.int64]:
    """Kept weights per group and column.

    Parameters
    ----------
    mask : bool array, shape (k, n)
        Which weights are kept.

    Returns
    -------
    int64 array, shape (ceil(k / group), n)
    """
    starts = np.arange(0, mask.shape[0], group)
    return np.add.reduceat(mask.astype(np.int64), starts, axis=0)


def rowwise_counts(k: int, n: int, block: int, seed: int) -> NDArray[np.int64]:
    """Counts of random row-wise sparsity: 1 .. block / 2 weights kept per block and column, equally
    likely."""
    draw = np.random.default_rng(seed)
    sizes = np.minimum(block, k - np.arange(0, k, block))[:, None]
    return np.minimum(draw.integers(1, block // 2 + 1, (sizes.size, n), dtype=np.int64), sizes)


@kernel
def strip_length(kept: NDArray[np.int64], begin: int, end: int) -> tuple[int, int]:
    """Compressed length of the columns [begin, end), and what it would be were their load even (rounded
    up)."""
    length, total = 0, 0
    for g in range(kept.shape[0]):
        most = 0
        for j in range(begin, end):
            most = max(most, kept[g, j])
            total += kept[g, j]
        length += most
    return int(length), int(ceil_div(total, end - begin))


@kernel
def metadata_bits(kept: NDArray[np.int64], group: int, bitmap: bool) -> int:
    """Bits of positions: a bit per weight, or an index per kept weight and a count per group and column."""
    groups, n = kept.shape
    if bitmap:
        return int(groups * n * group)
    return int(kept.sum() * index_bits(group) + groups * n * index_bits(group + 1))


@kernel
def _walk(
    dataflow: int, rows: int, cols: int, m: int, kept: NDArray[np.int64], shadow: bool, even: bool
) -> int:
    """Cycles of all folds, one after another; `even` takes the length of a balanced load."""
    n = kept.shape[1]
    start, end, before = 0, 0, 0  # of the fold before: stream start, last result, cycles it keeps the array
    strips = ceil_div(m if dataflow == OS else n, rows if dataflow == OS else cols)
    for outer in range(strips):
        folds = ceil_div(n, cols)
        if dataflow != OS:
            begin = outer * cols
            balanced = strip_length(kept, begin, min(begin + cols, n))
            x = balanced[1] if even else balanced[0]
            folds = ceil_div(x, rows)
        for inner in range(folds):
            if dataflow == OS:
                r, c = min(rows, m - outer * rows), min(cols, n - inner * cols)
                lengths = strip_length(kept, inner * cols, inner * cols + c)
                stream, load, drain = lengths[1] if even else lengths[0], 0, r
            else:
                r, c = min(rows, x - inner * rows), min(cols, n - begin)
                stream, load, drain = m, r, 0
            if stream == 0:
                continue
            start = start + max(before, load) if shadow else end + load
            before = max(stream, drain)
            end = max(end, start + stream + r + c - 2 + drain)
    return end


@kernel
def matched_cycles(
    dataflow: int, rows: int, cols: int, m: int, kept: NDArray[np.int64], shadow: bool
) -> tuple[int, int, int]:
    """Cycles of an (m x k) product with unevenly sparse (k x n) weights under the physical convention.

    With input stationary the slots are laid down once, so the fullest column of all sets the length.

    Parameters
    ----------
    kept : int64 array, shape (groups, n)
        Kept weights per group and column.

    Returns
    -------
    tuple of int64
        (total [cycle], cycles lost to load imbalance, multiply-accumulates done).
    """
    useful = m * int(kept.sum())
    if dataflow == IS:
        # the stream is the weights: a slot row serves all n vectors, m inputs lie across the columns
        n = kept.shape[1]
        length, even_length = strip_length(kept, 0, n)
        total = _stationary_input(rows, cols, m, n, length, shadow)
        return total, total - _stationary_input(rows, cols, m, n, even_length, shadow), useful
    total = _walk(dataflow, rows, cols, m, kept, shadow, False)
    return total, total - _walk(dataflow, rows, cols, m, kept, shadow, True), useful


@kernel
def _stationary_input(rows: int, cols: int, m: int, n: int, length: int, shadow: bool) -> int:
    return gemm_cycles(IS, rows, cols, m, n, length, shadow)[0]
