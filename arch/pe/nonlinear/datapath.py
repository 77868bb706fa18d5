"""Values of functions as a unit's datapath makes them: range reduction, table or iterations, rounding at every step."""

import math
from functools import lru_cache
from typing import Final

import numpy as np

from bankside.arch.pe.nonlinear import cordic
from bankside.arch.pe.nonlinear.elements import ELEMENTS, LN2, Float64s
from bankside.arch.pe.nonlinear.fit.pieces import Pieces, Request, fitted
from bankside.arch.pe.nonlinear.method import MethodSpec, Specs, parts_of
from bankside.arch.pe.nonlinear.rounding import Arithmetic, fixed, floating

LOG2E: Final = 1.0 / LN2
QUARTER: Final = math.pi / 2
CUBE: Final = 0.044715
SLOPE: Final = 2.0 * math.sqrt(2.0 / math.pi)
"""GELU as x sigmoid(SLOPE (x + CUBE x^3)): the tanh form of Hendrycks and Gimpel 2016."""

REAL_BITS: Final = 58
"""Of a CORDIC whose rounding is not to be seen."""

WIDEST: Final = 2200.0
"""Beyond it e^x is zero or infinite in every format."""


def evaluate(name: str, specs: Specs, x: Float64s) -> Float64s:
    """What the unit gives for x before it rounds to the format of its results: float64[n] -> float64[n].

    Parameters
    ----------
    name
        A function of `ELEMENTS`.
    specs
        Method of it, and of what it is made of.
    x
        Arguments, values of the unit's input format.
    """
    of = specs[name]
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        if of.method == "exact":
            return np.asarray(ELEMENTS[name].value(x), dtype=np.float64)
        if parts_of(name, specs):
            return _composed(name, specs, x)
        return _REDUCED[name](of, x) if ELEMENTS[name].reduced else _table(name, of, x)


def arithmetic(of: MethodSpec) -> Arithmetic:
    """How a method's datapath rounds."""
    if of.precision == "real":
        return Arithmetic(np.asarray, lambda a, b, c: np.asarray(a * b + c))
    if of.precision == "fixed" or of.method == "cordic":
        return fixed(of.fraction, of.rounding)
    return floating(of.precision)


def pieces_of(name: str, of: MethodSpec) -> Pieces:
    """The table of a method: over the reduced range best in relative error, which putting the exponent back keeps."""
    element = ELEMENTS[name]
    relative = element.reduced and name != "rope"
    return fitted(Request(name, *of.span(name), of.pieces, of.order, of.kind, of.spacing, relative))


@lru_cache(maxsize=256)
def _stored(name: str, of: MethodSpec) -> tuple[Float64s, Float64s]:
    """Low ends and coefficients of a table in x less the low end, rounded to the datapath."""
    unit, pieces = arithmetic(of), pieces_of(name, of)
    steep = np.diff(pieces.bounds)[:, None] ** np.arange(pieces.degree + 1)
    return unit.round(pieces.bounds[:-1]), unit.round(pieces.coefficients / steep)


def _polynomial(name: str, of: MethodSpec, x: Float64s) -> Float64s:
    """The piece that x lies in, by Horner; x less its low end is rounded too."""
    unit = arithmetic(of)
    ends, rows = _stored(name, of)
    at = np.clip(np.searchsorted(ends, x, side="right") - 1, 0, len(ends) - 1)
    inside = unit.round(x - ends[at])
    total = rows[at, rows.shape[1] - 1]
    for power in range(rows.shape[1] - 2, -1, -1):
        total = unit.fma(total, inside, rows[at, power])
    return np.asarray(total)


def _table(name: str, of: MethodSpec, x: Float64s) -> Float64s:
    """A function that is not reduced: its table, and beyond the table what holds there."""
    element, (low, high) = ELEMENTS[name], of.span(name)
    inside = _polynomial(name, of, arithmetic(of).round(np.clip(x, low, high)))
    return np.asarray(np.where(x < low, element.below(x), np.where(x > high, element.above(x), inside)))


def _exp2(of: MethodSpec, x: Float64s) -> Float64s:
    return _power(of, arithmetic(of).round(np.clip(x, -WIDEST, WIDEST)))


def _exp(of: MethodSpec, x: Float64s) -> Float64s:
    unit = arithmetic(of)
    x = np.clip(x, -WIDEST, WIDEST)
    if of.method == "cordic":
        whole = np.floor(x * LOG2E)
        return np.asarray(np.ldexp(_turned_exp(of, x - whole * LN2), whole.astype(np.int64)))
    scale = unit.round(np.array([LOG2E]))
    return _power(of, unit.fma(unit.round(x), scale, np.zeros(1)))


def _power(of: MethodSpec, x: Float64s) -> Float64s:
    """2^x: the fraction through the table, the integer as a shift."""
    whole = np.floor(x)
    part = x - whole
    inside = _turned_exp(of, part * LN2) if of.method == "cordic" else _polynomial("exp2", of, part)
    return np.asarray(np.ldexp(inside, whole.astype(np.int64)))


def _turned_exp(of: MethodSpec, z: Float64s) -> Float64s:
    """e^z = cosh z + sinh z for 0 <= z < ln 2, by hyperbolic rotation of (1 / gain, 0)."""
    bits = cordic_bits(of)
    start = round(math.ldexp(1.0 / cordic.gain("hyperbolic", of.iterations), bits))
    x = np.full(z.shape, start, dtype=np.int64)
    cosh, sinh = cordic.turned("hyperbolic", of.iterations, x, np.zeros_like(x), _words(z, bits), bits)
    return np.ldexp((cosh + sinh).astype(np.float64), -bits)


def cordic_bits(of: MethodSpec) -> int:
    """Bits of fraction inside a CORDIC: log2 of the iterations more than outside (Walther 1971)."""
    if of.precision == "real":
        return REAL_BITS
    return of.fraction + math.ceil(math.log2(of.iterations + 1))


def _words(x: Float64s, bits: int) -> cordic.Int64s:
    return np.rint(np.ldexp(x, bits)).astype(np.int64)


def _reciprocal(of: MethodSpec, x: Float64s) -> Float64s:
    """1 / (m 2^e) = (1 / m) 2^-e, 1 <= m < 2."""
    part, exponent = np.frexp(np.abs(x))
    part, exponent = 2.0 * part, exponent - 1
    if of.method == "cordic":
        bits = cordic_bits(of)
        one = np.full(part.shape, 1 << bits, dtype=np.int64)
        inside = np.ldexp(
            cordic.divided(of.iterations, one, _words(part, bits), bits).astype(np.float64), -bits
        )
    else:
        inside = _polynomial("reciprocal", of, arithmetic(of).round(part))
    return np.asarray(np.where(x == 0, np.inf, np.copysign(np.ldexp(inside, -exponent), x)))


def _rsqrt(of: MethodSpec, x: Float64s) -> Float64s:
    """1 / sqrt(m 4^e) = (1 / sqrt m) 2^-e, 1 <= m < 4."""
    part, exponent = np.frexp(x)
    half = (exponent - 1) // 2
    part = np.ldexp(part, exponent - 2 * half)
    if of.method == "cordic":
        bits = cordic_bits(of)
        root = cordic.root(of.iterations, _words(part / 4, bits), bits)
        one = np.full(part.shape, 1 << (bits - 1), dtype=np.int64)
        inside = np.ldexp(cordic.divided(of.iterations, one, root, bits).astype(np.float64), -bits)
    else:
        inside = _polynomial("rsqrt", of, arithmetic(of).round(part))
    return np.asarray(np.where(x > 0, np.ldexp(inside, -half), np.where(x == 0, np.inf, np.nan)))


def _sine(of: MethodSpec, x: Float64s) -> Float64s:
    """sin x by quadrants: odd ones run backwards, the upper two change the sign."""
    quadrant = np.floor(x / QUARTER)
    inside = np.clip(x - quadrant * QUARTER, 0.0, QUARTER)
    turn = quadrant.astype(np.int64) & 3
    inside = np.where(turn & 1, QUARTER - inside, inside)
    if of.method == "cordic":
        bits = cordic_bits(of)
        start = round(math.ldexp(1.0 / cordic.gain("circular", of.iterations), bits))
        ahead = np.full(inside.shape, start, dtype=np.int64)
        words = _words(inside, bits)
        _, across = cordic.turned("circular", of.iterations, ahead, np.zeros_like(ahead), words, bits)
        value = np.ldexp(across.astype(np.float64), -bits)
    else:
        value = _polynomial("rope", of, arithmetic(of).round(inside))
    return np.asarray(np.where(turn & 2, -value, value))


_REDUCED: Final = {
    "exp2": _exp2,
    "exp": _exp,
    "reciprocal": _reciprocal,
    "division": _reciprocal,
    "rsqrt": _rsqrt,
    "rope": _sine,
}


def _composed(name: str, specs: Specs, x: Float64s) -> Float64s:
    """Sigmoid and its kin from e^-|u| and the reciprocal of one more than it, in the arithmetic of the exponential."""
    unit = arithmetic(specs["exp"])
    none = np.zeros(1)
    x = unit.round(x)
    inner = x
    if name == "gelu":
        square = unit.fma(x, x, none)
        slope, cube = (unit.round(np.array([factor])) for factor in (SLOPE, SLOPE * CUBE))
        inner = unit.fma(unit.fma(square, cube, slope), x, none)
    size = np.abs(inner) * (2.0 if name == "tanh" else 1.0)
    e = unit.round(evaluate("exp", specs, -size))
    below = unit.round(evaluate("reciprocal", specs, unit.fma(e, np.ones(1), np.ones(1))))
    if name == "tanh":
        return np.asarray(np.copysign(unit.fma(unit.fma(-e, np.ones(1), np.ones(1)), below, none), x))
    share = np.where(inner < 0, unit.fma(e, below, none), below)
    return share if name == "sigmoid" else unit.fma(x, share, none)
