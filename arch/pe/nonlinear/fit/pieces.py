"""Piecewise polynomials: constants (a table), lines, or one polynomial over the whole range."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np

from bankside.arch.pe.nonlinear.elements import ELEMENTS, Float64s
from bankside.arch.pe.nonlinear.fit.minimax import best

Kind = Literal["best", "interpolating", "anchored"]
Spacing = Literal["uniform", "optimal"]

EVEN_ROUNDS: Final = 12
"""Corrections of optimal ends, after which the errors of segments differ by less than 0.1 %."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """A function as polynomials of u, the place within a piece from 0 to 1.

    Attributes
    ----------
    bounds : float64[pieces + 1]
        Ends of the pieces, rising.
    coefficients : float64[pieces, degree + 1]
        Of powers of u, lowest first.
    """

    bounds: Float64s
    coefficients: Float64s

    @property
    def pieces(self) -> int:
        """How many."""
        return len(self.coefficients)

    @property
    def degree(self) -> int:
        """Of each polynomial."""
        return int(self.coefficients.shape[1]) - 1

    def __call__(self, x: Float64s) -> Float64s:
        """Value at x: float64[n] -> float64[n], in exact arithmetic; beyond the ends that of the nearest piece."""
        at = np.clip(np.searchsorted(self.bounds, x, side="right") - 1, 0, self.pieces - 1)
        u = (x - self.bounds[at]) / (self.bounds[at + 1] - self.bounds[at])
        total = self.coefficients[at, self.degree]
        for power in range(self.degree - 1, -1, -1):
            total = total * u + self.coefficients[at, power]
        return np.asarray(total)


@dataclass(frozen=True)
class Request:
    """Which approximation is asked for: `pieces` polynomials of `degree` of the function `name` over low .. high."""

    name: str
    low: float
    high: float
    pieces: int
    degree: int
    fit: Kind = "best"
    spacing: Spacing = "uniform"
    relative: bool = False


@lru_cache(maxsize=256)
def fitted(request: Request) -> Pieces:
    """The approximation: the best in the largest error, absolute or relative, or one that takes the function's values.

    Interpolating lines meet the function at both ends of their segments; an anchored polynomial takes its value at the
    low end, so that periods of a reduced range are joined there.
    """
    value = ELEMENTS[request.name].value
    bounds = np.linspace(request.low, request.high, request.pieces + 1)
    if request.spacing == "optimal" and request.pieces > 1:
        bounds = _even(request, bounds)
    if request.degree == 0:
        return Pieces(bounds, _constants(request, bounds))
    if request.fit == "interpolating":
        ends = np.asarray(value(bounds), dtype=np.float64)
        return Pieces(bounds, np.stack([ends[:-1], np.diff(ends)], axis=1))
    through_low = request.fit == "anchored"
    return Pieces(bounds, best(value, bounds, request.degree, request.relative, through_low).coefficients)


def _constants(request: Request, bounds: Float64s) -> Float64s:
    """The middle of the extremes of each piece; of relative errors their harmonic mean."""
    grid = np.linspace(0.0, 1.0, 65)
    values = ELEMENTS[request.name].value(bounds[:-1, None] + np.diff(bounds)[:, None] * grid)
    least, most = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    return np.asarray(2 * least * most / (least + most) if request.relative else (least + most) / 2)


def _even(request: Request, bounds: Float64s) -> Float64s:
    """Ends at which every segment has the same error.

    The error of a line over a segment of length h is |f''| h^2 / 16, so ends begin where equal parts of the integral of
    sqrt |f''| lie, and each segment's share is then corrected by the root of its error.
    """
    grid = np.linspace(request.low, request.high, 1 << 14)
    values = np.asarray(ELEMENTS[request.name].value(grid), dtype=np.float64)
    bend = np.gradient(np.gradient(values, grid), grid) if request.degree else np.gradient(values, grid)
    weight = np.abs(bend) / (np.abs(values) if request.relative else 1.0)
    density = np.sqrt(weight) if request.degree else weight
    density = np.maximum(density, 1e-6 * density.max())
    for _ in range(EVEN_ROUNDS):
        cumulative = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
        bounds = np.interp(np.linspace(0.0, cumulative[-1], request.pieces + 1), cumulative, grid)
        bounds[0], bounds[-1] = request.low, request.high
        error = np.maximum(_errors(request, bounds), 1e-300)
        root = np.sqrt(error) if request.degree else error
        middle = (bounds[1:] + bounds[:-1]) / 2
        density = density * np.interp(grid, middle, (root / root.mean()))
    return bounds


def _errors(request: Request, bounds: Float64s) -> Float64s:
    """Largest error of the best piece in each interval."""
    value = ELEMENTS[request.name].value
    if request.degree:
        return best(value, bounds, request.degree, request.relative).error
    ends = np.asarray(value(bounds), dtype=np.float64)
    spread = np.abs(np.diff(ends)) / 2
    return np.asarray(spread / np.abs((ends[1:] + ends[:-1]) / 2) if request.relative else spread)
