"""Temperatures of a stack: steady, or over time after its powers are switched on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.iterate import RESIDUAL, Uneven
from bankside.arch.thermal.layers import Stack
from bankside.arch.thermal.rim import SHAPE, rim_of
from bankside.arch.thermal.slices import Cells, Cut, cells_of, power_of
from bankside.arch.thermal.uniform import Rise, Uniform, vertical_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Field:
    """Temperatures of all cells: float64[nz, ny, nx], and of a rim's nodes [K]."""

    cells: Cells
    kelvin: Floats
    nodes: Floats

    def layer(self, index: int) -> Floats:
        """float64[slices, ny, nx]: the slices of a layer, bottom to top [K]."""
        return self.kelvin[self.cells.first[index] : self.cells.first[index + 1]]

    def bottom(self, index: int) -> Floats:
        """float64[ny, nx]: the lowest slice of a layer, where its heat is released [K]."""
        return np.asarray(self.kelvin[self.cells.first[index]])


class Solver:
    """A stack on a grid, ready to be solved for any powers.

    Parameters
    ----------
    columns : (float64[nx], float64[ny])
        Widths of the columns [m].
    step_s : float
        Time step of a transient; 0 for the steady state.
    """

    def __init__(self, stack: Stack, columns: tuple[Floats, Floats], cut: Cut, step_s: float = 0.0) -> None:
        self.cells = cells_of(stack, columns, cut)
        self.rim = rim_of(stack, self.cells)
        per_s = 1.0 / step_s if step_s else 0.0
        self.system = (Uniform if self.cells.uniform else Uneven)(self.cells, self.rim, per_s)
        self.past = _past(self.cells, per_s)
        self.nodes_past = np.zeros((2, 1, 3)) if self.rim is None else self.rim.capacity[:, None] * per_s

    def rise(self, power: Floats, share: float = RESIDUAL) -> Rise:
        """Rise over the ambient at the top for float64[..., nz, ny, nx] of heat [W]; see `Uneven.solve` for `share`."""
        if isinstance(self.system, Uneven):
            return self.system.solve(power, None, share)
        return self.system.solve(power)

    def from_below(self) -> Floats:
        """float64[nz, ny, nx]: heat that a warmer ambient at the bottom lets in [W]."""
        heat, below = np.zeros(self.cells.shape), self.cells.below
        if below is not None:
            warmer_k = below.ambient_k - self.cells.top.ambient_k
            heat[0] = vertical_of(self.cells).below * self.cells.area * warmer_k
        return heat

    def outflow_w(self, rise: Rise) -> float:
        """Heat that leaves through the faces and through the nodes of a rim in steady state [W]."""
        ways, area = vertical_of(self.cells), self.cells.area
        out = float((ways.top * area * rise.cells[-1]).sum() + (ways.below * area * rise.cells[0]).sum())
        if self.rim is None:
            return out
        grounds = self.rim.among.sum(axis=-1)  # what a node sends to the ambient at a rise of one
        return out + float((grounds[:, None, :] * rise.nodes).sum())


def _past(cells: Cells, per_s: float) -> Floats:
    """Heat capacity over the time step: float64[nz, 1, 1] or float64[nz, ny, nx] [W/(m2 K)]."""
    past = cells.capacity * cells.dz[:, None, None] * per_s
    past[-1] += cells.top.capacity * per_s
    return past


def steady(stack: Stack, columns: tuple[Floats, Floats], cut: Cut) -> Field:
    """Temperatures in steady state."""
    solver = Solver(stack, columns, cut)
    rise = solver.rise(power_of(solver.cells, stack) + solver.from_below())
    ambient_k = stack.cooling.ambient_k
    return Field(solver.cells, rise.cells + ambient_k, rise.nodes + ambient_k)


@dataclass(frozen=True)
class Probe:
    """A mean over a rectangle of a layer: where it is, and float64[ny, nx] of weights that sum to one."""

    slice: int
    weights: Floats


def transient(
    solver: Solver, powers: Iterable[Floats], probes: Sequence[Probe], start_k: float = 0.0
) -> npt.NDArray[np.float64]:
    """Rise of the probes after each step of backward Euler.

    Parameters
    ----------
    powers : iterable of float64[nz, ny, nx]
        Heat during each of the steps [W].
    start_k : float
        Rise of everything before the first [K].

    Returns
    -------
    float64[steps, probes]
        [K]
    """
    rise = Rise(np.full(solver.cells.shape, start_k), np.full(SHAPE, start_k))
    if isinstance(solver.system, Uneven):
        return np.array(list(_uneven_steps(solver, solver.system, powers, probes, rise)))
    return np.array(list(_uniform_steps(solver, solver.system, powers, probes, rise)))


def _uneven_steps(
    solver: Solver, system: Uneven, powers: Iterable[Floats], probes: Sequence[Probe], rise: Rise
) -> Iterator[list[float]]:
    area = solver.cells.area
    for power in powers:
        rise = system.solve(power + solver.past * area * rise.cells, solver.nodes_past * rise.nodes)
        yield [float((probe.weights * rise.cells[probe.slice]).sum()) for probe in probes]


def _uniform_steps(
    solver: Solver, system: Uniform, powers: Iterable[Floats], probes: Sequence[Probe], rise: Rise
) -> Iterator[list[float]]:
    """Steps among amplitudes: nothing is transformed back, probes are sums over modes."""
    weights = [system.forward(probe.weights[None])[0] for probe in probes]
    amplitudes, nodes = system.forward(solver.cells.area * rise.cells), rise.nodes
    held, heat = None, amplitudes
    for power in powers:
        if power is not held:
            held, heat = power, system.forward(power)
        amplitudes, nodes = system.amplitudes(heat + solver.past * amplitudes, solver.nodes_past * nodes)
        yield [float((w * amplitudes[p.slice]).sum()) for w, p in zip(weights, probes, strict=True)]
