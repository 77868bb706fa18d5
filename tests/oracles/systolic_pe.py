"""R x C systolic array, PE by PE, cycle by cycle, computing integer products; counts cycles, not indices.

Written in loops over arrays so that `weight_stationary` and `output_stationary` may be compiled (`jitted`). A
cycle is counted from the first weight or operand entering to the last result leaving, both inclusive. A fold
that does not fill the array behaves as an array of its true used size r x c: operands enter and results leave
at the edges of the used part.

Weight stationary, rows = k, columns = n, rows of A stream. Weights enter at the top, last row first, and move
down one PE a cycle; column j runs j cycles behind column 0, as every edge input does. Operands enter row i
i cycles late and move right, partial sums move down, the result of a column leaves below its last used row.
* plain: a PE has one weight register; the next fold's load starts when the last result has left.
* shadow: weights move down through shadow registers while the previous fold streams; the first operand of
  a fold carries a swap bit that copies shadow to weight on its way. Loading fold f + 1 may start with the
  cycle in which fold f starts streaming (its shadow registers empty along the same diagonal).
Input stationary is the same array with A and B exchanged and transposed.

Output stationary, rows = m, columns = n: A moves right, B moves down, sums stay. A finished column shifts its
sums down and out, one a cycle, once its bottom PE is done.
* plain: the next fold starts when the last result has left.
* overlap: a finished sum moves to an output register, so the next fold follows as soon as neither the edge
  inputs nor the output registers are in use.
Where ragged folds overlap, a column may hand out two results in one cycle, below different rows.

A register overwritten while its value is still needed is a hazard: cycles is then -1. `early` starts every
later fold that many cycles too soon, to show that no tighter schedule is possible.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Raw = tuple[Ints, int, Ints]


class Run(NamedTuple):
    """Product [M, N], cycles, and the cycle in which each fold's first operand enters."""

    product: Ints
    cycles: int
    starts: Ints


def weight_stationary(a: Ints, b: Ints, rows: int, cols: int, shadow: bool, early: int) -> Raw:
    """A [M, K] times B [K, N]; folds go over k inside n. Returns product, cycles, stream starts."""
    m_size, k_size, n_size = a.shape[0], a.shape[1], b.shape[1]
    k_folds = (k_size + rows - 1) // rows
    folds = k_folds * ((n_size + cols - 1) // cols)
    product = np.zeros((m_size, n_size), np.int64)
    loads, starts = np.full(folds, -1, np.int64), np.full(folds, -1, np.int64)
    left = np.zeros(folds, np.int64)
    weight, weight_fold = np.zeros((rows, cols), np.int64), np.full((rows, cols), -1)
    above, above_fold = np.zeros((rows, cols), np.int64), np.full((rows, cols), -1)  # shadow registers
    value, value_fold = np.zeros((rows, cols), np.int64), np.full((rows, cols), -1)  # moving right
    value_m, psum = np.zeros((rows, cols), np.int64), np.zeros((rows, cols), np.int64)
    k0, n0 = np.zeros(folds, np.int64), np.zeros(folds, np.int64)
    used_r, used_c = np.zeros(folds, np.int64), np.zeros(folds, np.int64)
    for f in range(folds):
        k0[f], n0[f] = (f % k_folds) * rows, (f // k_folds) * cols
        used_r[f], used_c[f] = min(rows, k_size - k0[f]), min(cols, n_size - n0[f])

    streaming = loading = cycle = 0  # next fold to stream, next fold to load
    last_cycle = -1
    limit = 4 * (folds + 1) * (m_size + n_size + k_size + rows + cols)
    while left.sum() < m_size * n_size * k_folds:
        if cycle > limit:
            return product, -1, starts
        if streaming < folds and streaming < loading:
            f = streaming
            fed = f == 0 or cycle >= starts[f - 1] + m_size
            loaded = cycle >= loads[f] + used_r[f] - (early if f > 0 else 0)
            if early > 0 and f > 0:
                fed = cycle >= starts[f - 1] + m_size - early
            if fed and loaded:
                starts[f] = cycle
                streaming += 1
        if loading < folds:
            if loading == 0:
                loads[0], loading = cycle, 1
            elif streaming == loading and (shadow or left[loading - 1] == m_size * used_c[loading - 1]):
                loads[loading], loading = cycle, loading + 1
        for j in range(cols - 1, -1, -1):
            column_load = -1
            for f in range(loading):
                if 0 <= cycle - loads[f] - j < used_r[f] and j < used_c[f]:
                    column_load = f
            for i in range(rows - 1, -1, -1):
                fold, m, operand = -1, 0, 0
                if j > 0:
                    fold, m, operand = value_fold[i, j - 1], value_m[i, j - 1], value[i, j - 1]
                else:
                    for f in range(streaming):
                        if 0 <= cycle - starts[f] - i < m_size and i < used_r[f]:
                            if fold >= 0:
                                return product, -1, starts  # two folds on one edge input
                            fold, m = f, cycle - starts[f] - i
                            operand = a[m, k0[f] + i]
                if fold >= 0 and j >= used_c[fold]:
                    fold = -1
                value_fold[i, j], value_m[i, j], value[i, j] = fold, m, operand
                if fold >= 0:
                    if shadow and m == 0:
                        weight[i, j], weight_fold[i, j] = above[i, j], above_fold[i, j]
                    if weight_fold[i, j] != fold:
                        return product, -1, starts
                    psum[i, j] = (psum[i - 1, j] if i > 0 else 0) + operand * weight[i, j]
                    if i == used_r[fold] - 1:
                        product[m, n0[fold] + j] += psum[i, j]
                        left[fold] += 1
                        last_cycle = cycle
                if column_load < 0:
                    continue
                pushed = cycle - loads[column_load] - j
                if i == 0:
                    arriving = b[k0[column_load] + used_r[column_load] - 1 - pushed, n0[column_load] + j]
                    arrives = True
                elif shadow:
                    arriving, arrives = above[i - 1, j], above_fold[i - 1, j] == column_load
                else:
                    arriving, arrives = weight[i - 1, j], weight_fold[i - 1, j] == column_load
                if arrives and shadow:
                    above[i, j], above_fold[i, j] = arriving, column_load
                elif arrives:
                    weight[i, j], weight_fold[i, j] = arriving, column_load
        cycle += 1
    return product, last_cycle + 1, starts


def output_stationary(a: Ints, b: Ints, rows: int, cols: int, overlap: bool, early: int) -> Raw:
    """A [M, K] times B [K, N]; folds go over n inside m. Returns product, cycles, operand starts."""
    m_size, k_size, n_size = a.shape[0], a.shape[1], b.shape[1]
    n_folds = (n_size + cols - 1) // cols
    folds = n_folds * ((m_size + rows - 1) // rows)
    product = np.zeros((m_size, n_size), np.int64)
    starts, left = np.full(folds, -1, np.int64), np.zeros(folds, np.int64)
    right, down = np.zeros((rows, cols), np.int64), np.zeros((rows, cols), np.int64)
    right_tag, down_tag = np.full((rows, cols, 2), -1), np.full((rows, cols, 2), -1)  # fold, k
    total = np.zeros((rows, cols), np.int64)
    ready, ready_tag = np.zeros((rows, cols), np.int64), np.full((rows, cols, 2), -1)  # fold, home row
    draining = np.zeros((folds, cols), np.bool_)  # whether a column shifts a fold out
    m0, n0 = np.zeros(folds, np.int64), np.zeros(folds, np.int64)
    used_r, used_c = np.zeros(folds, np.int64), np.zeros(folds, np.int64)
    for f in range(folds):
        m0[f], n0[f] = (f // n_folds) * rows, (f % n_folds) * cols
        used_r[f], used_c[f] = min(rows, m_size - m0[f]), min(cols, n_size - n0[f])

    started = cycle = 0
    last_cycle = -1
    limit = 4 * (folds + 1) * (m_size + n_size + k_size + rows + cols)
    while left.sum() < m_size * n_size:
        if cycle > limit:
            return product, -1, starts
        f = started - 1
        if started == 0:
            starts[0], started = 0, 1
        elif started < folds:
            all_left = left[f] == used_r[f] * used_c[f]
            free = overlap and cycle >= starts[f] + max(k_size, used_r[f]) - early
            if all_left or free:
                starts[started], started = cycle, started + 1
        for j in range(cols):
            for i in range(rows - 1, -1, -1):
                f = ready_tag[i, j, 0]
                if f < 0 or not draining[f, j]:
                    continue
                if i == used_r[f] - 1:
                    product[m0[f] + ready_tag[i, j, 1], n0[f] + j] = ready[i, j]
                    left[f] += 1
                    last_cycle = cycle
                elif ready_tag[i + 1, j, 0] >= 0:
                    return product, -1, starts
                else:
                    ready[i + 1, j] = ready[i, j]
                    ready_tag[i + 1, j] = ready_tag[i, j]
                ready_tag[i, j] = -1
        for i in range(rows - 1, -1, -1):
            for j in range(cols - 1, -1, -1):
                if j > 0:
                    right[i, j], right_tag[i, j] = right[i, j - 1], right_tag[i, j - 1]
                if i > 0:
                    down[i, j], down_tag[i, j] = down[i - 1, j], down_tag[i - 1, j]
                if j == 0:
                    right_tag[i, j] = -1
                if i == 0:
                    down_tag[i, j] = -1
                for f in range(started):
                    if j == 0 and 0 <= cycle - starts[f] - i < k_size and i < used_r[f]:
                        if right_tag[i, j, 0] >= 0:
                            return product, -1, starts  # two folds on one edge input
                        k = cycle - starts[f] - i
                        right[i, j] = a[m0[f] + i, k]
                        right_tag[i, j, 0], right_tag[i, j, 1] = f, k
                    if i == 0 and 0 <= cycle - starts[f] - j < k_size and j < used_c[f]:
                        if down_tag[i, j, 0] >= 0:
                            return product, -1, starts
                        k = cycle - starts[f] - j
                        down[i, j] = b[k, n0[f] + j]
                        down_tag[i, j, 0], down_tag[i, j, 1] = f, k
                fold, k = right_tag[i, j, 0], right_tag[i, j, 1]
                if fold < 0 or i >= used_r[fold] or j >= used_c[fold]:
                    continue
                if down_tag[i, j, 0] != fold or down_tag[i, j, 1] != k:
                    return product, -1, starts
                total[i, j] = (0 if k == 0 else total[i, j]) + right[i, j] * down[i, j]
                if k == k_size - 1:
                    if ready_tag[i, j, 0] >= 0:
                        return product, -1, starts
                    ready[i, j] = total[i, j]
                    ready_tag[i, j, 0], ready_tag[i, j, 1] = fold, i
                    if i == used_r[fold] - 1:
                        draining[fold, j] = True
        cycle += 1
    return product, last_cycle + 1, starts


@lru_cache
def jitted() -> dict[str, Callable[..., Any]]:
    """Both walks by name, compiled once a process, for tests of many shapes."""
    return {each.__name__: njit(each) for each in (weight_stationary, output_stationary)}


def simulate(
    dataflow: str, a: Ints, b: Ints, rows: int, cols: int, *, overlap: bool = False, early: int = 0
) -> Run:
    """Run A [M, K] times B [K, N] on a rows x cols array.

    `dataflow` is ws, os or is; `overlap` means shadow weights for ws and is, output registers for os.
    """
    if dataflow == "os":
        return Run(*output_stationary(a, b, rows, cols, overlap, early))
    if dataflow == "is":
        b_t, a_t = np.ascontiguousarray(b.T), np.ascontiguousarray(a.T)
        run = Run(*weight_stationary(b_t, a_t, rows, cols, overlap, early))
        return run._replace(product=np.ascontiguousarray(run.product.T))
    return Run(*weight_stationary(a, b, rows, cols, overlap, early))
