"""Stacks whose layers change over the plane: conjugate gradients, preconditioned by the uniform stack of the means."""

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.rim import SHAPE, Rim
from bankside.arch.thermal.slices import Cells
from bankside.arch.thermal.uniform import Rise, Uniform, vertical_of

Floats = npt.NDArray[np.float64]
Index = tuple[Any, ...]
"""Places in arrays of any leading dimensions."""

NODES: Final = math.prod(SHAPE)
MOST_STEPS: Final = 2000
RESIDUAL: Final = 1e-11
"""Heat that may be left over, as a share of what comes in: less than the last printed digit of any temperature."""


class Uneven:
    """The conductances of all cells, and their solution step by step; see `Uniform` for what it takes and gives."""

    def __init__(self, cells: Cells, rim: Rim | None = None, per_s: float = 0.0) -> None:
        self._near = Uniform(cells, rim, per_s)
        self._rim, area = rim, cells.area
        self._size = math.prod(cells.shape)
        ways = vertical_of(cells)
        self._up = ways.up * area
        self._x, self._y = _sideways(cells)
        self._own = np.broadcast_to(
            cells.capacity * cells.dz[:, None, None] * area * per_s, cells.shape
        ).copy()
        self._own[-1] += (ways.top + cells.top.capacity * per_s) * area
        self._own[0] += ways.below * area
        self._diagonal = self._own.copy()
        for part, low, high in self._joined():
            self._diagonal[low] += part
            self._diagonal[high] += part
        if rim is not None:
            self._nodes = rim.among.copy()
            self._nodes[:, range(3), range(3)] += rim.capacity * per_s
            for axis, of, edges in _edges(rim):
                self._nodes[axis, of, of] += rim.joints[axis, of] * cells.shape[1 + axis]
                for edge in edges:
                    self._diagonal[edge] += rim.joints[axis, of]

    def solve(self, heat: Floats, at_nodes: Floats | None = None, share: float = RESIDUAL) -> Rise:
        """Rise over the ambient of several powers at once, until at most `share` of the heat of each is left over.

        Raises
        ------
        ArithmeticError
            If it takes more than `MOST_STEPS`.
        """
        cases = heat.reshape(-1, self._size)
        given = np.zeros((len(cases), NODES)) if at_nodes is None else at_nodes.reshape(-1, NODES)
        left = np.concatenate([cases, given], axis=1)
        goal = share * np.linalg.norm(left, axis=1)
        rise, way = np.zeros_like(left), np.zeros_like(left)
        before = np.ones(len(left))
        for _ in range(MOST_STEPS):
            open_ = np.linalg.norm(left, axis=1) > goal
            if not open_.any():
                cells, nodes = rise[:, :-NODES], rise[:, -NODES:]
                return Rise(cells.reshape(heat.shape), nodes.reshape(*heat.shape[:-3], *SHAPE))
            near = self._divided(left)
            now = np.einsum("ci,ci->c", left, near)
            way = near + (now / before)[:, None] * way
            flow = self._times(way)
            step = np.where(open_, now / np.where(open_, np.einsum("ci,ci->c", way, flow), 1.0), 0.0)
            rise += step[:, None] * way
            left -= step[:, None] * flow
            before = np.where(now > 0.0, now, 1.0)
        raise ArithmeticError(f"The temperatures of the stack did not settle in {MOST_STEPS} steps.")

    def _joined(self) -> list[tuple[Floats, Index, Index]]:
        every, low, high = slice(None), slice(None, -1), slice(1, None)
        return [
            (self._up, (..., low, every, every), (..., high, every, every)),
            (self._y, (..., low, every), (..., high, every)),
            (self._x, (..., low), (..., high)),
        ]

    def _divided(self, left: Floats) -> Floats:
        heat = left[:, :-NODES].reshape(-1, *self._own.shape)
        rise = self._near.solve(heat, left[:, -NODES:].reshape(-1, *SHAPE))
        return np.concatenate([rise.cells.reshape(len(left), -1), rise.nodes.reshape(-1, NODES)], axis=1)

    def _times(self, rise: Floats) -> Floats:
        """Heat that flows out of every cell and node at these rises [W]."""
        cells = rise[:, :-NODES].reshape(-1, *self._own.shape)
        nodes = rise[:, -NODES:].reshape(-1, *SHAPE)
        flow = self._diagonal * cells
        for part, low, high in self._joined():
            flow[low] -= part * cells[high]
            flow[high] -= part * cells[low]
        out = np.zeros_like(nodes)
        if self._rim is not None:
            out += np.einsum("anm,casm->casn", self._nodes, nodes)
            for axis, of, edges in _edges(self._rim):
                joint = self._rim.joints[axis, of]
                for side, edge in enumerate(edges):
                    flow[edge] -= joint * nodes[:, axis, side, of, None]
                    out[:, axis, side, of] -= joint * cells[edge].sum(axis=-1)
        return np.concatenate([flow.reshape(len(rise), -1), out.reshape(-1, NODES)], axis=1)


def _edges(rim: Rim) -> Iterator[tuple[int, int, tuple[Index, Index]]]:
    """Axis, which of the rim's slices, and the edge cells of its low and of its high side."""
    every = slice(None)
    for of, at in enumerate(rim.slices):
        yield 0, of, ((..., at, every, 0), (..., at, every, -1))
        yield 1, of, ((..., at, 0, every), (..., at, -1, every))


def _sideways(cells: Cells) -> tuple[Floats, Floats]:
    """Conductances to the next cell in x and in y [W/K]: two half cells in series."""
    half_x, half_y = (cells.dx / 2) / cells.lateral, (cells.dy[:, None] / 2) / cells.lateral
    half_x, half_y = (np.broadcast_to(each, cells.shape) for each in (half_x, half_y))
    height = cells.dz[:, None, None]
    x = height * cells.dy[:, None] / (half_x[:, :, :-1] + half_x[:, :, 1:])
    y = height * cells.dx / (half_y[:, :-1, :] + half_y[:, 1:, :])
    return x, y
