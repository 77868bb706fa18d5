"""Vector lanes: dot products through an adder tree, bank-side and elementwise lanes."""

from bankside.arch.jit import kernel


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
def burst_cycles(elements: int, lanes: int) -> int:
    """Cycles that bank-side lanes take for one column burst of `elements`: ceil(elements / lanes)."""
    return -(-elements // lanes)


@kernel
def elementwise_cycles(lanes: int, elements: int, ops: int) -> int:
    """Cycles of `ops` operations on each of `elements`: ceil(elements ops / lanes)."""
    return -(-(elements * ops) // lanes)


@kernel
def reduce_cycles(lanes: int, rows: int, cols: int) -> tuple[int, int]:
    """Cycles of the sum (or maximum) of each of `rows` vectors of `cols` elements: (total, fill_drain)."""
    return dot_cycles(lanes, rows, 1, cols)
