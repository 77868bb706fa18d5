"""Special-function unit: throughput and latency of softmax, norms, activations and rotary embedding.

The unit takes `lanes` elements per cycle in each pass over a row. A function is a number of passes, with or
without an evaluation of the transcendental in each; a method is an initiation interval and a latency. One
arithmetic operation is one pipeline stage (assumed: the published units below state operations, not
stages).

References ---------- Online softmax in two passes: Milakov and Gimelshein, arXiv 1805.02867. Operations per
method (a table read; read, multiply, add for piecewise linear; d multiply-adds for a polynomial; one shift-
add per CORDIC iteration), and two to three integer operations of range reduction: Softermax (Stevens et
al., DAC 2021), FlashAttention-4.
"""

from typing import Any, Final

from bankside.arch.jit import kernel
from bankside.arch.pe.lanes.cycles import tree_depth
from bankside.arch.pe.nonlinear.functions import (
    CORDIC,
    GELU,
    LAYERNORM,
    LUT,
    POLY,
    PWL,
    RELU,
    RMSNORM,
    ROPE,
    SILU,
    SOFTMAX,
)

RANGE_REDUCTION_CYCLE: Final = 3  # scale by log2 e, split integer and fraction, shift back
EXACT_DEGREE: Final = 5  # 2^f in [0, 1) to 7.5e-8 relative, the precision of binary32 (minimax, computed)


@kernel
def interval_cycle(method: int, order: int, folded: bool) -> int:
    """Cycles between two evaluations in one lane: `order` for a folded CORDIC (its iterations), else 1."""
    return order if method == CORDIC and folded else 1


@kernel
def latency_cycle(method: int, order: int) -> int:
    """Cycles of one evaluation: range reduction, then the method's own stages.

    Parameters
    ----------
    method : int64
        LUT (table read: 1), PWL (read, multiply, add: 3), POLY (Horner, 2 per degree), CORDIC (1 per
        iteration), EXACT (polynomial of degree 5).
    order : int64
        Degree of the polynomial or iterations of the CORDIC; not read by the other methods.
    """
    if method == LUT:
        stages = 1
    elif method == PWL:
        stages = 3
    elif method == POLY:
        stages = 2 * order
    elif method == CORDIC:
        stages = order
    else:
        stages = 2 * EXACT_DEGREE
    return RANGE_REDUCTION_CYCLE + stages


@kernel
def cycles(
    function: int, method: int, order: int, folded: bool, lanes: int, rows: int, cols: int
) -> tuple[int, int]:
    """Cycles of a function over `rows` rows of `cols` elements, and the part that is exposed latency.

    Pointwise functions take ceil(rows cols / lanes) intervals and one latency. Functions with a row
    statistic take two passes per row: all first passes, then all second ones, so only what the other rows
    cannot hide of the statistic's latency (evaluation, tree, reciprocal or inverse root) is exposed, and
    the last result's latency.

    - softmax: running maximum and rescaled sum, then exp(x - max) / sum: an evaluation per element in each
      pass
    - rmsnorm, layernorm: sums (of squares), then scale and shift: multiply-adds only
    - rope: a rotation of pairs by tabled sines: two multiplies and an add, no evaluation
    """
    if rows <= 0 or cols <= 0:
        return 0, 0
    pace, evaluation = interval_cycle(method, order, folded), latency_cycle(method, order)
    if function in (SOFTMAX, RMSNORM, LAYERNORM):
        step = -(-cols // lanes)
        if function == SOFTMAX:
            step *= pace
            statistic, last = evaluation + tree_depth(lanes) + evaluation, evaluation + 1
        else:
            statistic, last = 1 + tree_depth(lanes) + evaluation, 2
        exposed = max(0, statistic - (rows - 1) * step) + last
        return 2 * rows * step + exposed, exposed
    if function == RELU:
        pace, evaluation = 1, 1
    elif function == ROPE:
        pace, evaluation = 1, 2
    elif function in (SILU, GELU):
        evaluation += 1  # x times the sigmoid or the normal distribution
    return -(-(rows * cols) // lanes) * pace + evaluation, evaluation


@kernel
def online_tile_cycles(
    method: int, order: int, folded: bool, lanes: int, rows: int, cols: int, head_dim: int
) -> tuple[int, int]:
    """Cycles of the online-softmax step between two tiles of attention, and the exposed latency.

    Per row of `cols` new scores: the maximum, cols + 1 exponentials (one rescales the past), and head_dim
    multiplications of the accumulated output.
    """
    if rows <= 0 or cols <= 0:
        return 0, 0
    pace, evaluation = interval_cycle(method, order, folded), latency_cycle(method, order)
    top = -(-cols // lanes)
    rest = -(-(cols + 1) // lanes) * pace + -(-head_dim // lanes)
    exposed = max(0, tree_depth(lanes) - (rows - 1) * top) + evaluation + tree_depth(lanes) + 1
    return rows * (top + rest) + exposed, exposed


@kernel
def function_tiles(
    function: int, method: int, order: int, folded: bool, lanes: int, tiles: Any, out: Any
) -> None:
    """`cycles` of many tiles (int64[3 or more, n]: rows, cols, ...) into out: int64[2, n]."""
    for i in range(tiles.shape[1]):
        out[0, i], out[1, i] = cycles(function, method, order, folded, lanes, tiles[0, i], tiles[1, i])


@kernel
def online_tiles(method: int, order: int, folded: bool, lanes: int, tiles: Any, out: Any) -> None:
    """`online_tile_cycles` of many tiles (int64[3 or more, n]: rows, cols, head_dim) into out: int64[2, n]."""
    for i in range(tiles.shape[1]):
        out[0, i], out[1, i] = online_tile_cycles(
            method, order, folded, lanes, tiles[0, i], tiles[1, i], tiles[2, i]
        )
