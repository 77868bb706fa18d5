"""Arithmetic that rounds as hardware does: floating-point formats, fixed point, and every value of a format."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from bankside.arch.pe.nonlinear.elements import Float64s


class FloatFormat(NamedTuple):
    """Binary floating point: bits of significand with the hidden one, and exponents of normal numbers."""

    significand: int
    least: int
    most: int

    @property
    def largest(self) -> float:
        """The largest finite value."""
        return float(np.ldexp(2.0 - 2.0 ** (1 - self.significand), self.most))

    @property
    def normal(self) -> float:
        """The smallest normal value."""
        return float(np.ldexp(1.0, self.least))


FLOATS: Final = {
    "fp32": FloatFormat(24, -126, 127),
    "fp16": FloatFormat(11, -14, 15),
    "bf16": FloatFormat(8, -126, 127),
}


class Arithmetic(NamedTuple):
    """Rounding to nearest of a value, and of a x b + c done in one step."""

    round: Callable[[Float64s], Float64s]
    fma: Callable[[Float64s, Float64s, Float64s], Float64s]


def floating(name: str) -> Arithmetic:
    """Arithmetic of a floating-point format: round to nearest even, subnormal numbers kept."""
    of = FLOATS[name]
    return Arithmetic(lambda x: rounded(x, of), lambda a, b, c: rounded(_odd(a, b, c), of))


def fixed(fraction: int, rounding: str) -> Arithmetic:
    """Fixed point with `fraction` bits after the point: half up, or cut off. At most 24, so that products are exact."""
    scale, half = float(1 << fraction), 0.5 if rounding == "nearest" else 0.0

    def quantised(x: Float64s) -> Float64s:
        return np.asarray(np.floor(x * scale + half) / scale)

    return Arithmetic(quantised, lambda a, b, c: quantised(a * b + c))


def rounded(x: Float64s, of: FloatFormat) -> Float64s:
    """The nearest value of a format, ties to even; infinite beyond its largest."""
    x = np.asarray(x, dtype=np.float64)
    exponent = np.maximum(np.frexp(x)[1] - 1, of.least)
    quantum = np.ldexp(1.0, exponent - of.significand + 1)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.rint(x / quantum) * quantum
    near = np.where(np.isfinite(x), near, x)
    return np.asarray(np.where(np.abs(near) > of.largest, np.copysign(np.inf, x), near))


def _odd(a: Float64s, b: Float64s, c: Float64s) -> Float64s:
    """a x b + c in float64 rounded to odd, so that rounding it again to 51 bits or fewer is exact.

    The product of two 24-bit significands is exact; what the sum drops is found exactly (Knuth, two-sum), and where
    anything is dropped the last bit is set (Boldo and Melquiond, IEEE TC 2008).
    """
    product = np.asarray(a * b, dtype=np.float64)
    total = product + c
    shadow = total - product
    dropped = (product - (total - shadow)) + (c - shadow)
    with np.errstate(invalid="ignore"):
        inexact = np.isfinite(total) & (dropped != 0.0)
    toward_zero = np.where(inexact & ((dropped > 0) != (total > 0)), np.nextafter(total, 0.0), total)
    bits = np.ascontiguousarray(toward_zero).view(np.int64)
    return np.asarray(np.where(inexact, bits | 1, bits).view(np.float64))


def tree_sum(values: Float64s, unit: Arithmetic) -> Float64s:
    """Sum of each row by a binary tree whose adders round: float64[rows, n] -> float64[rows, 1]."""
    while values.shape[1] > 1:
        pairs = values.shape[1] & ~1
        paired = unit.round(values[:, 0:pairs:2] + values[:, 1:pairs:2])
        values = np.concatenate([paired, values[:, pairs:]], axis=1)
    return values


SAMPLES: Final = 1 << 18
"""Of fp32, whose every value is too many."""


@lru_cache(maxsize=16)
def every(name: str, low: float, high: float) -> Float64s:
    """All finite values of fp16 or bf16 between low and high, of fp32 evenly spaced ones: float64[n], rising."""
    if name == "fp32":
        values = rounded(np.linspace(low, high, SAMPLES), FLOATS[name])
        return np.asarray(values[np.append(True, np.diff(values) > 0)])
    words = np.arange(1 << 15, dtype=np.uint16)
    sizes = words.view(np.float16) if name == "fp16" else (words.astype(np.uint32) << 16).view(np.float32)
    with np.errstate(invalid="ignore"):
        finite = sizes[np.isfinite(sizes)].astype(np.float64)
    both = np.concatenate([-finite[:0:-1], finite])
    return np.asarray(both[(both >= low) & (both <= high)])
