"""A stack cut into cells: columns over a grid of the plane, slices of the layers.

The node of a slice is at its middle, so that neighbours are joined by two half-slice resistances; HotSpot's are at the
bottom face, so that the whole slice is between a node and the next one above (`Cut.node`). Heat is released in a thin
slice of its own at the bottom of a layer with blocks (`Cut.active_m`).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.layers import Block, Cooling, Layer, Rect, Stack

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MIDDLE, BOTTOM = 0.5, 0.0
MOST_SLICES = 16
"""Slices of a layer: a thick sink is cut no finer, its gradients are gentle."""


@dataclass(frozen=True)
class Cut:
    """How finely layers are cut: slices of at most `slice_m`, heat released in the lowest `active_m` of a layer with
    blocks (at most a tenth of it); `node` is the share of a slice that is below its node."""

    slice_m: float = 12.5e-6
    active_m: float = 1e-6
    node: float = MIDDLE

    def heights(self, layer: Layer) -> list[float]:
        """Slices of a layer from its bottom [m]."""
        active = min(self.active_m, layer.thickness_m / 10) if layer.blocks else 0.0
        rest = layer.thickness_m - active
        count = min(MOST_SLICES, max(1, math.ceil(rest / self.slice_m * (1 - 1e-9))))
        return [active] * (active > 0) + [rest / count] * count


WHOLE_LAYERS = Cut(slice_m=math.inf, active_m=0.0)


@dataclass(frozen=True)
class Cells:
    """A stack in numbers.

    Attributes
    ----------
    dx, dy, dz : float64[nx], float64[ny], float64[nz]
        Widths of columns and heights of slices, bottom to top [m].
    first : int64[layers + 1]
        First slice of each layer.
    lateral, vertical, capacity : float64[nz, 1, 1] or float64[nz, ny, nx]
        Conductivities [W/(m K)] and heat capacity [J/(m3 K)]; one a slice where all layers are uniform.
    node : float
        Share of a slice below its node.
    top, below : Cooling
        What cools the faces; below may be None.
    """

    dx: Floats
    dy: Floats
    dz: Floats
    first: Ints
    lateral: Floats
    vertical: Floats
    capacity: Floats
    node: float
    top: Cooling
    below: Cooling | None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows and columns."""
        return len(self.dz), len(self.dy), len(self.dx)

    @property
    def area(self) -> Floats:
        """float64[ny, nx]: area of the columns [m2]."""
        return np.asarray(np.outer(self.dy, self.dx))

    @property
    def uniform(self) -> bool:
        """Whether no slice changes over the plane."""
        return self.lateral.shape[1:] == (1, 1)

    def share(self, *rects: Rect) -> Floats:
        """float64[ny, nx]: share of some rectangles together that lies in each column."""
        x, y, width, depth = np.array([(at.x, at.y, at.width, at.depth) for at in rects]).T[..., None]
        both = overlap(self.dy, y, depth).T @ overlap(self.dx, x, width)
        return np.asarray(both / float((width * depth).sum()))

    def covered(self, at: Rect) -> Floats:
        """float64[ny, nx]: share of each column that a rectangle covers."""
        return np.asarray(self.share(at) * at.area_m2 / self.area)


def overlap(widths: Floats, start: Floats, length: Floats) -> Floats:
    """How much of each of the cells lies in intervals: float64[n, cells] of float64[n, 1] of starts and lengths [m]."""
    edges = np.concatenate(([0.0], np.cumsum(widths)))
    inside = np.minimum(edges[1:], start + length) - np.maximum(edges[:-1], start)
    return np.asarray(np.clip(inside, 0.0, None))


def even_columns(stack: Stack, nx: int, ny: int) -> tuple[Floats, Floats]:
    """Columns of equal widths [m]."""
    return np.full(nx, stack.width_m / nx), np.full(ny, stack.depth_m / ny)


def cells_of(stack: Stack, columns: tuple[Floats, Floats], cut: Cut) -> Cells:
    """Cut a stack; a column over two materials has the mean of their conductivities by area."""
    heights = [cut.heights(layer) for layer in stack.layers]
    first = np.concatenate(([0], np.cumsum([len(each) for each in heights])))
    count = np.diff(first)

    def spread(values: list[float]) -> Floats:
        return np.repeat(np.array(values), count)[:, None, None]

    materials = [layer.material for layer in stack.layers]
    cells = Cells(
        *columns,
        np.array([height for each in heights for height in each]),
        first,
        spread([material.lateral for material in materials]),
        spread([material.conductivity for material in materials]),
        spread([material.capacity for material in materials]),
        cut.node,
        stack.cooling,
        stack.below,
    )
    return cells if stack.uniform else _patched(cells, stack)


def _patched(cells: Cells, stack: Stack) -> Cells:
    lateral, vertical, capacity = (
        np.array(np.broadcast_to(each, cells.shape))
        for each in (cells.lateral, cells.vertical, cells.capacity)
    )
    for index, layer in enumerate(stack.layers):
        own = slice(cells.first[index], cells.first[index + 1])
        for patch in layer.patches:
            share = cells.covered(patch.at)
            lateral[own] += share * (patch.material.lateral - layer.material.lateral)
            vertical[own] += share * (patch.material.conductivity - layer.material.conductivity)
            capacity[own] += share * (patch.material.capacity - layer.material.capacity)
    return Cells(
        cells.dx, cells.dy, cells.dz, cells.first, lateral, vertical, capacity, cells.node, cells.top, cells.below
    )  # fmt: skip


def power_of(cells: Cells, stack: Stack) -> Floats:
    """float64[nz, ny, nx]: heat released in every cell [W]."""
    power = np.zeros(cells.shape)
    for index, layer in enumerate(stack.layers):
        power[cells.first[index]] += plane_power(cells, layer.blocks)
    return power


def plane_power(cells: Cells, blocks: tuple[Block, ...]) -> Floats:
    """float64[ny, nx]: heat of the blocks of one layer [W]."""
    plane = np.zeros(cells.shape[1:])
    for block in blocks:
        if block.power_w:
            plane += block.power_w * cells.share(block.at)
    return plane
