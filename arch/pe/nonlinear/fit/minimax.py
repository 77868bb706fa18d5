"""Best approximations in the largest error, of many intervals at once: Remez exchange on dense grids.

A polynomial of P free coefficients is best where its weighted error alternates P + 1 times at its largest value
(Chebyshev). From such a reference the polynomial follows by P + 1 linear equations; the reference takes in the point of
the largest error until none is larger.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

ROUNDS: Final = 200
CLOSE: Final = 1e-9
"""Relative gap between the largest error and that of the reference at which the exchange ends."""


class Fit(NamedTuple):
    """Polynomials of intervals.

    Attributes
    ----------
    coefficients : float64[intervals, degree + 1]
        Of powers of u = (x - low) / (high - low), lowest first.
    error : float64[intervals]
        Largest weighted error of each.
    """

    coefficients: Float64s
    error: Float64s


def best(
    value: Callable[[Any], Any],
    bounds: Float64s,
    degree: int,
    relative: bool,
    through_low: bool = False,
) -> Fit:
    """The polynomials of least largest error between each bound and the next.

    Parameters
    ----------
    value
        The function.
    bounds : float64[intervals + 1]
        Ends of the intervals, rising.
    relative
        Whether errors are divided by the function, which then has no zero there.
    through_low
        Whether a polynomial takes the function's own value at the low end of its interval.
    """
    grid = _grid(degree, len(bounds) - 1)
    width = np.diff(bounds)[:, None]
    target = np.asarray(value(bounds[:-1, None] + width * grid), dtype=np.float64)
    weight = 1.0 / np.abs(target) if relative else np.ones_like(target)
    start = target[:, :1] if through_low else np.zeros_like(target[:, :1])
    basis = _basis(grid, degree, through_low)
    found = _exchange(basis, target - start, weight)
    error = np.abs((target - start - found @ basis.T) * weight).max(axis=1)
    coefficients = np.zeros((len(width), degree + 1))
    if through_low:
        coefficients[:, 0] = start[:, 0]
    coefficients += found @ _to_powers(degree, through_low)
    return Fit(coefficients, error)


def _grid(degree: int, intervals: int) -> Float64s:
    """Points of [0, 1], ends and middle among them, closer at the ends; fewer where there are many intervals."""
    points = 64 if degree == 0 else 4096 // max(1, intervals // 8)
    return np.asarray(0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, max(128, points) * (degree + 1) + 1)))


def _basis(grid: Float64s, degree: int, through_low: bool) -> Float64s:
    """Chebyshev polynomials of 2 u - 1 at the grid, times u where they vanish at the low end: float64[points, free]."""
    columns = [np.ones_like(grid), 2 * grid - 1]
    for _ in range(degree):
        columns.append(2 * columns[1] * columns[-1] - columns[-2])
    table = np.stack(columns[: degree if through_low else degree + 1], axis=1)
    return np.asarray(table * grid[:, None] if through_low else table)


def _to_powers(degree: int, through_low: bool) -> Float64s:
    """The basis in powers of u: float64[free, degree + 1]; of T(k + 1) = 2 (2 u - 1) T(k) - T(k - 1)."""
    free = degree if through_low else degree + 1
    rows = np.zeros((degree + 2, degree + 2))
    rows[0, 0] = 1.0
    rows[1, :2] = -1.0, 2.0
    for k in range(2, free):
        rows[k, 1:] = 4 * rows[k - 1, :-1]
        rows[k] -= 2 * rows[k - 1] + rows[k - 2]
    if through_low:
        rows[:, 1:] = rows[:, :-1].copy()
        rows[:, 0] = 0.0
    return rows[:free, : degree + 1]


def _exchange(basis: Float64s, target: Float64s, weight: Float64s) -> Float64s:
    """Coefficients of the basis, float64[intervals, free], of least largest weighted error on the grid."""
    points, free = basis.shape
    intervals = len(target)
    skipped = int(np.all(basis[0] == 0.0))  # where the basis vanishes nothing can alternate
    spread = np.linspace(0.0, points - 1.0, free + 1 + skipped)[skipped:]
    at = np.tile(np.round(spread).astype(np.int64), (intervals, 1))
    signs = (-1.0) ** np.arange(free + 1)
    found = np.zeros((intervals, free))
    going = np.arange(intervals)
    for _ in range(ROUNDS):
        rows = np.arange(len(going))[:, None]
        system = np.empty((len(going), free + 1, free + 1))
        system[:, :, :free] = basis[at[going]]
        system[:, :, free] = signs / weight[going][rows, at[going]]
        solved = np.linalg.solve(system, target[going][rows, at[going]][:, :, None])[:, :, 0]
        found[going] = solved[:, :free]
        error = (target[going] - solved[:, :free] @ basis.T) * weight[going]
        worst = np.abs(error).argmax(axis=1)
        largest = np.abs(error[rows[:, 0], worst])
        floor = 4e-16 * np.abs(target[going] * weight[going]).max(axis=1)
        open_ = largest > np.abs(solved[:, free]) * (1 + CLOSE) + floor
        for i in np.flatnonzero(open_):
            at[going[i]] = _taken_in(at[going[i]], int(worst[i]), error[i])
        going = going[open_]
        if not len(going):
            break
    return found


def _taken_in(reference: Int64s, point: int, error: Float64s) -> Int64s:
    """The reference with `point` in the place of a neighbour of its sign, so that signs still alternate."""
    points = reference.copy()
    right = int(np.searchsorted(points, point))
    nearest = min(right, len(points) - 1)
    alike = bool((error[points[nearest]] >= 0) == (error[point] >= 0))
    if 0 < right < len(points):
        points[right if alike else right - 1] = point
    elif alike:
        points[nearest] = point
    elif right == 0:
        points[1:], points[0] = points[:-1].copy(), point
    else:
        points[:-1], points[-1] = points[1:].copy(), point
    return points
