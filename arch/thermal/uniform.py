"""Stacks whose layers are uniform over the plane, exactly: modes of the plane, and a tridiagonal system for each."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.bordered import Bordered
from bankside.arch.thermal.columns import Columns
from bankside.arch.thermal.modes import modes_of
from bankside.arch.thermal.rim import SHAPE, Rim
from bankside.arch.thermal.slices import Cells

Floats = npt.NDArray[np.float64]


class Rise(NamedTuple):
    """Temperatures above the ambient: float64[..., nz, ny, nx] of the cells, float64[..., 2, 2, 3] of a rim's nodes
    [K]."""

    cells: Floats
    nodes: Floats


class Vertical(NamedTuple):
    """Conductances of a unit of area [W/(m2 K)]: to the slice above, and out of the top and of the bottom."""

    up: Floats
    top: Floats
    below: Floats


def vertical_of(cells: Cells) -> Vertical:
    """Conductances up and down; float64[nz - 1, ...] and float64[...] of one column, or of each."""
    height = cells.dz[:, None, None] / cells.vertical
    up = 1.0 / ((1 - cells.node) * height[:-1] + cells.node * height[1:])
    top = 1.0 / ((1 - cells.node) * height[-1] + 1.0 / cells.top.heat_transfer)
    if cells.below is None:
        return Vertical(up, top, np.zeros_like(top))
    return Vertical(up, top, 1.0 / (cells.node * height[0] + 1.0 / cells.below.heat_transfer))


class Uniform:
    """A stack of uniform layers, factored once.

    Parameters
    ----------
    cells : Cells
        Where its slices change over the plane their means are taken, see `iterate`.
    rim : Rim or None
    per_s : float
        One over the time step of a transient; 0 for the steady state.
    """

    def __init__(self, cells: Cells, rim: Rim | None = None, per_s: float = 0.0) -> None:
        self.x, self.y = modes_of(cells.dx), modes_of(cells.dy)
        share = cells.area / cells.area.sum()

        def mean(values: Floats) -> Floats:
            return values[..., 0, 0] if cells.uniform else (values * share).sum(axis=(-2, -1))

        sheet = mean(cells.lateral) * cells.dz
        up, top, below = (mean(each) for each in vertical_of(cells))
        own = mean(cells.capacity) * cells.dz * per_s
        own[-1] += top + cells.top.capacity * per_s
        own[0] += below
        self.columns = Columns(self.y.squares[:, None] + self.x.squares, sheet, own, up)
        self.border = None if rim is None else Bordered(self.columns, self.x, self.y, rim, per_s)

    def solve(self, heat: Floats, at_nodes: Floats | None = None) -> Rise:
        """Rise over the ambient for heat in the cells, float64[..., nz, ny, nx], and at the rim's nodes [W]."""
        amplitudes, nodes = self.amplitudes(self.forward(heat), at_nodes)
        return Rise(self.back(amplitudes), nodes)

    def amplitudes(self, heat: Floats, at_nodes: Floats | None = None) -> tuple[Floats, Floats]:
        """The same in amplitudes of the modes, with the rises of the nodes."""
        rise = self.columns.solve(heat)
        none = np.zeros((*heat.shape[:-3], *SHAPE))
        if self.border is None:
            return rise, none
        return self.border.solve(rise, none if at_nodes is None else at_nodes)

    def forward(self, heat: Floats) -> Floats:
        """Amplitudes of heat in cells [W] as the modes take it; slices without any are not transformed."""
        if heat.ndim > 3:
            return np.asarray(self.y.shapes.T @ heat @ self.x.shapes)
        found = np.zeros_like(heat)
        given = np.flatnonzero(heat.any(axis=(1, 2)))
        found[given] = self.y.shapes.T @ heat[given] @ self.x.shapes
        return found

    def back(self, amplitudes: Floats) -> Floats:
        """Rises of cells [K] from amplitudes."""
        flat = amplitudes.reshape(-1, amplitudes.shape[-1]) @ self.x.shapes.T
        return np.asarray(self.y.shapes @ flat.reshape(amplitudes.shape))
