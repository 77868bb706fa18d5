"""Topologies and the exact bytes that a set of flows puts on every link under dimension-order routing.

Ring, mesh and torus are grids: nodes in rows, node = row * cols + col, every neighbour pair joined by one
link a direction. A flow goes along its source's row first, then along its destination's column; on a ring of
n nodes it takes the shorter way round, clockwise (rising index) when both are n / 2. The remaining topologies
are stars: a bus is one medium shared by all, a crossbar or switch joins an input and an output link of every
node without inner conflicts, `full` has a link of its own for every ordered pair of nodes.
"""

from dataclasses import dataclass
from math import isqrt
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]


Topology = Literal[
    "bus", "ring", "mesh", "torus", "crossbar", "full", "switch",
    "mesh3d", "fat_tree", "butterfly", "dragonfly", "custom",
]  # fmt: skip
ROUTED: Final = ("mesh3d", "fat_tree", "butterfly", "dragonfly", "custom")
"""Those whose ways are looked up router by router (`fabric`); the others' follow from numbers of nodes."""

GRIDS: Final = ("ring", "mesh", "torus")


@dataclass(frozen=True)
class Grid:
    """`rows` x `cols` nodes; `wrap` joins the two ends of every row and column."""

    rows: int
    cols: int
    wrap: bool


def grid(topology: Topology, nodes: int) -> Grid:
    """The grid of a ring, mesh or torus: a ring is one row, the others are as square as `nodes` divides.

    A prime number of nodes has no other shape than one row.
    """
    if topology == "ring":
        return Grid(1, nodes, wrap=True)
    rows = next(r for r in range(isqrt(nodes), 0, -1) if nodes % r == 0)
    return Grid(rows, nodes // rows, wrap=topology == "torus")


def steps(source: Int64s, target: Int64s, length: int, wrap: bool) -> Int64s:
    """Signed number of links along one dimension of `length` nodes from `source` to `target`, int64[...]."""
    ahead = target - source
    if not wrap:
        return ahead
    clockwise = ahead % length
    return np.where(2 * clockwise <= length, clockwise, clockwise - length)


def hops(shape: Grid, source: Int64s, target: Int64s) -> Int64s:
    """Number of links between nodes, int64[...]."""
    across = steps(source % shape.cols, target % shape.cols, shape.cols, shape.wrap)
    down = steps(source // shape.cols, target // shape.cols, shape.rows, shape.wrap)
    return np.abs(across) + np.abs(down)


@dataclass(frozen=True)
class Loads:
    """Bytes on every link of a grid.

    Attributes
    ----------
    across : int64[2, rows, cols] [byte]
        across[0, r, c]: link from (r, c) to the next column; across[1, r, c]: from there back to (r, c).
    down : int64[2, cols, rows] [byte]
        The same for columns: down[0, c, r] leads from (r, c) to the next row.
    """

    across: Int64s
    down: Int64s

    @property
    def busiest_byte(self) -> int:
        """Bytes on the busiest link."""
        return int(max(self.across.max(), self.down.max()))

    @property
    def total_byte(self) -> int:
        """Bytes times links: what the links carry together."""
        return int(self.across.sum() + self.down.sum())


def link_loads(shape: Grid, source: Int64s, target: Int64s, size_byte: Int64s | int) -> Loads:
    """Bytes on every link when flow i carries size_byte[i] from node source[i] to node target[i].

    Parameters
    ----------
    source, target : int64[flows]
        Node numbers.
    size_byte : int or int64[flows] [byte]
    """
    size = np.broadcast_to(np.asarray(size_byte, dtype=np.int64), source.shape)
    row, col = source // shape.cols, source % shape.cols
    to_row, to_col = target // shape.cols, target % shape.cols
    across = _line_loads(row, col, steps(col, to_col, shape.cols, shape.wrap), size, shape.rows, shape.cols)
    down = _line_loads(to_col, row, steps(row, to_row, shape.rows, shape.wrap), size, shape.cols, shape.rows)
    return Loads(across, down)


def _line_loads(line: Int64s, start: Int64s, step: Int64s, size: Int64s, lines: int, length: int) -> Int64s:
    """Bytes on the links of parallel lines, int64[2, lines, length], by the differences at each flow's ends.

    A flow of `step` links takes the links start .. start + step - 1 forwards, or backwards those from
    start - |step|; a line is unrolled three times so that a flow may pass its end.
    """
    ends = np.zeros((2, lines, 3 * length + 1), dtype=np.int64)
    backward = (step < 0).astype(np.int64)
    first = np.where(step < 0, start + step, start) + length
    np.add.at(ends, (backward, line, first), size)
    np.add.at(ends, (backward, line, first + np.abs(step)), -size)
    unrolled = np.cumsum(ends, axis=2)[:, :, :-1]
    loads: Int64s = unrolled.reshape(2, lines, 3, length).sum(axis=2)
    return loads


def all_to_all_loads(shape: Grid, size_byte: int) -> Loads:
    """Bytes on every link when every node sends `size_byte` to every other: the closed form of `link_loads`.

    Along a row, each of the cols x (cols - 1) pairs of columns carries a flow for each row of destinations;
    along a column, each pair of rows carries one for each column of sources.
    """
    row = _pairs_over_links(shape.cols, shape.wrap) * (shape.rows * size_byte)
    column = _pairs_over_links(shape.rows, shape.wrap) * (shape.cols * size_byte)
    across = np.broadcast_to(row[:, None, :], (2, shape.rows, shape.cols))
    down = np.broadcast_to(column[:, None, :], (2, shape.cols, shape.rows))
    return Loads(across, down)


def _pairs_over_links(length: int, wrap: bool) -> Int64s:
    """How many ordered pairs of a line's nodes route over each of its links, int64[2, length].

    Open line: (j + 1)(n - 1 - j) over the link from j to j + 1, either way. Ring: 1 + 2 + ... over every
    link, to n // 2 clockwise and to n - 1 - n // 2 back.
    """
    if wrap:
        ahead, back = length // 2, length - 1 - length // 2
        each = np.array([[ahead * (ahead + 1) // 2], [back * (back + 1) // 2]], dtype=np.int64)
        return np.repeat(each, length, axis=1)
    j = np.arange(length, dtype=np.int64)
    return np.tile((j + 1) * (length - 1 - j), (2, 1))


def link_count(topology: Topology, nodes: int) -> int:
    """Links of a network, each direction its own: a bus is one, a lone node has its port."""
    if topology == "bus":
        return 1
    if topology == "full":
        return max(1, nodes * (nodes - 1))
    if topology not in GRIDS:
        return 2 * nodes
    shape = grid(topology, nodes)
    lines = ((shape.rows, shape.cols), (shape.cols, shape.rows))
    across, down = (2 * n * (length if shape.wrap else length - 1) * (length > 1) for n, length in lines)
    return max(1, across + down)


def tree_depth(shape: Grid, root: int) -> int:
    """Links from `root` to the farthest node, along the dimension-order tree."""
    row, col = divmod(root, shape.cols)
    if shape.wrap:
        return shape.cols // 2 + shape.rows // 2
    return max(col, shape.cols - 1 - col) + max(row, shape.rows - 1 - row)


def diameter(shape: Grid) -> int:
    """Links between the two nodes farthest apart."""
    return shape.cols // 2 + shape.rows // 2 if shape.wrap else shape.cols + shape.rows - 2


def snake(shape: Grid) -> Int64s:
    """Nodes in an order whose neighbours are joined by a link: rows in turn, every second one backwards."""
    order = np.arange(shape.rows * shape.cols, dtype=np.int64).reshape(shape.rows, shape.cols)
    order[1::2] = order[1::2, ::-1]
    return order.ravel()
