"""Errors of approximations in exact arithmetic, over a whole range."""

from typing import Final

import numpy as np

from bankside.arch.pe.nonlinear.elements import ELEMENTS, Float64s
from bankside.arch.pe.nonlinear.fit.pieces import Pieces, Request, fitted

POINTS: Final = 1 << 16


def largest_error(request: Request) -> float:
    """The largest error over low .. high, in the norm that the approximation is asked to be best in."""
    pieces = fitted(request)
    x, u, at = sampled(pieces)
    true = np.asarray(ELEMENTS[request.name].value(x), dtype=np.float64)
    total = pieces.coefficients[at, pieces.degree]
    for power in range(pieces.degree - 1, -1, -1):
        total = total * u + pieces.coefficients[at, power]
    error = np.abs(total - true)
    return float((error / np.abs(true) if request.relative else error).max())


def sampled(pieces: Pieces) -> tuple[Float64s, Float64s, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Points of every piece, both of its ends among them, close at the ends: x, u and the number of the piece."""
    each = max(65, POINTS // pieces.pieces)
    u = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, each))
    width = np.diff(pieces.bounds)[:, None]
    x = pieces.bounds[:-1, None] + width * u
    at = np.repeat(np.arange(pieces.pieces), each)
    return x.ravel(), np.tile(u, pieces.pieces), at
