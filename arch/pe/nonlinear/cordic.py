"""CORDIC: rotations by angles whose tangent is a power of two, one shift and add an iteration and coordinate.

References
----------
Walther, A unified algorithm for elementary functions, SJCC 1971: hyperbolic iterations 4, 13, 40, ... (k to 3 k + 1)
are done twice, without which the rest of an angle is not always reached; log2 n more bits hold n roundings.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

Float64s = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]
Mode = Literal["hyperbolic", "circular", "linear"]

LONGEST: Final = 62
"""Iterations of which the shifts of a 64-bit datapath still say something."""


PRODUCT_BITS: Final = 30
"""Of words whose products hold in 64 bits."""


@cache
def shifts(mode: Mode, iterations: int) -> tuple[int, ...]:
    """Shift of each iteration: from 1, circular ones from 0, hyperbolic ones with their repetitions."""
    found: list[int] = []
    shift, twice = (0 if mode == "circular" else 1), 4
    while len(found) < iterations:
        found.append(shift)
        if mode == "hyperbolic" and shift == twice and len(found) < iterations:
            found.append(shift)
            twice = 3 * twice + 1
        shift += 1
    return tuple(found)


def angles(mode: Mode, of: Sequence[int]) -> Float64s:
    """Angle of each shift s: atanh, atan or the tangent 2^-s itself."""
    tangent = np.ldexp(1.0, -np.array(of, dtype=np.int64))
    if mode == "linear":
        return tangent
    return np.arctanh(tangent) if mode == "hyperbolic" else np.arctan(tangent)


def gain(mode: Mode, iterations: int = LONGEST) -> float:
    """What a vector's length is multiplied by: the product of sqrt(1 -+ 2^-2s)."""
    sign = {"hyperbolic": -1.0, "circular": 1.0, "linear": 0.0}[mode]
    return math.prod(math.sqrt(1.0 + sign * 4.0**-s) for s in shifts(mode, iterations))


def reach(mode: Mode, iterations: int = LONGEST) -> float:
    """The largest angle that the iterations turn by: the sum of their angles [rad]."""
    return math.fsum(angles(mode, shifts(mode, iterations)).tolist())


def rest(mode: Mode, iterations: int) -> float:
    """The largest angle that iterations leave of one within their reach [rad].

    An angle that an iteration takes past zero by its whole step comes back by what all later ones turn; where that is
    less than the step the difference stays.
    """
    steps = angles(mode, shifts(mode, iterations))
    later = np.concatenate([np.cumsum(steps[::-1])[::-1][1:], [0.0]])
    return float(max(steps[-1], (steps - later).max()))


def exp_error(iterations: int) -> float:
    """Largest relative error of e^z for |z| <= ln 2 in exact arithmetic: e^rest - 1."""
    return math.expm1(rest("hyperbolic", iterations))


def turned(mode: Mode, iterations: int, x: Int64s, y: Int64s, z: Int64s, bits: int) -> tuple[Int64s, Int64s]:
    """Rotate (x, y) by the angle z: fixed-point words of `bits` bits of fraction, angles of the table rounded to
    nearest, shifts truncated as hardware does.

    Returns
    -------
    tuple of int64[n]
        (x, y) after all iterations, longer by the gain.
    """
    sense = {"hyperbolic": 1, "circular": -1, "linear": 0}[mode]
    steps = np.rint(np.ldexp(angles(mode, shifts(mode, iterations)), bits)).astype(np.int64)
    for shift, step in zip(shifts(mode, iterations), steps.tolist(), strict=True):
        turn = np.where(z >= 0, 1, -1)
        x, y = x + sense * turn * (y >> shift), y + turn * (x >> shift)
        z = z - turn * step
    return x, y


def divided(iterations: int, dividend: Int64s, divisor: Int64s, bits: int) -> Int64s:
    """dividend / divisor, of size 1 at most, by linear iterations that drive the dividend to zero: int64[n]."""
    quotient = np.zeros_like(dividend)
    left = dividend.copy()
    for shift in shifts("linear", iterations):
        turn = np.where(left >= 0, 1, -1)
        left = left - turn * (divisor >> shift)
        quotient = quotient + turn * ((1 << bits) >> shift)
    return quotient


def root(iterations: int, value: Int64s, bits: int) -> Int64s:
    """sqrt(value) for value in [1/4, 1), by hyperbolic iterations that drive y of (value + 1/4, value - 1/4) to zero,
    times the reciprocal of the gain: int64[n]."""
    quarter = np.int64(1 << (bits - 2))
    x, y = value + quarter, value - quarter
    for shift in shifts("hyperbolic", iterations):
        turn = np.where(y < 0, 1, -1)
        x, y = x + turn * (y >> shift), y + turn * (x >> shift)
    share = 1.0 / gain("hyperbolic", iterations)
    if bits > PRODUCT_BITS:
        return np.asarray(np.floor(x * share), dtype=np.int64)
    return np.asarray((x * round(math.ldexp(share, bits))) >> bits)
