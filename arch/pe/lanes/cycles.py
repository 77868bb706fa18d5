"""Vector lanes: dot products through an adder tree, bank-side and elementwise lanes."""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import kernel

Int64s = npt.NDArray[np.int64]


@kernel
def tree_depth(lanes: int) -> int:
    """Levels of a binary adder tree over `lanes` inputs: ceil(log2 lanes) [cycle]."""
    depth = 0
    while (1 << depth) < lanes:
        depth += 1
    return depth


@kernel
def dot_cycles(lanes: int, m: int, n: int, k: int) -> tuple[int, int]:
    """Cycles of an (m x k) (k x n) product on one tree of `lanes` multipliers, an output at a time.

    Each cycle multiplies `lanes` pairs and adds the tree's previous result to the accumulator; a level of
    the tree is a pipeline stage: m n ceil(k / lanes) + ceil(log2 lanes).

    Returns
    -------
    tuple of int64
        (total, fill_drain) [cycle]; fill_drain is the depth of the tree.
    """
    if m <= 0 or n <= 0 or k <= 0:
        return 0, 0
    depth = tree_depth(lanes)
    return m * n * -(-k // lanes) + depth, depth


@kernel
def tapped_dot_cycles(lanes: int, m: int, n: int, k: int) -> tuple[int, int]:
    """As `dot_cycles` for a tree with results also at its inner levels: short dot products lie side by side.

    A dot product of k < lanes takes a segment of the next power of two lanes; floor(lanes / segment)
    outputs are made per cycle.
    """
    if m <= 0 or n <= 0 or k <= 0:
        return 0, 0
    segment = min(lanes, 1 << tree_depth(k))
    outputs_per_cycle = lanes // segment
    depth = tree_depth(segment)
    return -(-(m * n) // outputs_per_cycle) * -(-k // segment) + depth, depth


@kernel
def lane_cycles(lanes: int, m: int, n: int, k: int) -> int:
    """Cycles of an (m x k) (k x n) product with an output per lane and no tree: ceil(m n / lanes) k."""
    return -(-(m * n) // lanes) * k


@kernel
def vector_product_cycles(lanes: int, m: int, n: int, k: int) -> tuple[int, int]:
    """Cycles of a product alone, and following its like: in a tree, or an output per lane, whichever is faster."""
    total, fill = tapped_dot_cycles(lanes, m, n, k)
    apart = lane_cycles(lanes, m, n, k)
    if apart < total - fill or (apart == total - fill and apart < total):
        return apart, apart
    return total, total - fill


@kernel
def vector_tiles(lanes: int, tiles: Int64s, out: Int64s) -> None:
    """`vector_product_cycles` of many tiles (int64[3 or more, n]: m, n, k) into out: int64[2, n]."""
    for i in range(tiles.shape[1]):
        out[0, i], out[1, i] = vector_product_cycles(lanes, tiles[0, i], tiles[1, i], tiles[2, i])


@kernel
def tree_tiles(lanes: int, packed: int, tiles: Int64s, out: Int64s) -> None:
    """`dot_cycles` of many tiles, `packed` pairs to a lane: cycles alone, and following their like: int64[2, n]."""
    for i in range(tiles.shape[1]):
        total, fill = dot_cycles(lanes, tiles[0, i], tiles[1, i], -(-tiles[2, i] // packed))
        out[0, i], out[1, i] = total, total - fill
