"""Formats the slow way: every code point is listed by its definition, and the nearest is sought by exact fractions.

Elements are lists of (code, value) made from the fields of the code; scales are rounded by the machine's own
half and single precision (struct). Nothing is shared with the package.
"""

import struct
from bisect import bisect
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

Points = tuple[tuple[int, Fraction], ...]

FP4 = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
FP3 = (0.0, 1.0, 2.0, 4.0)


@cache
def minifloat(exponent: int, mantissa: int, specials: int) -> Points:
    """Codes and values of a floating-point element; the last `specials` codes of each sign are no numbers."""
    bias = 2 ** (exponent - 1) - 1
    points = []
    for sign in (0, 1):
        for body in range(2 ** (exponent + mantissa) - specials):
            field, fraction = divmod(body, 2**mantissa)
            if field == 0:
                size = Fraction(fraction, 2**mantissa) * Fraction(2) ** (1 - bias)
            else:
                size = (1 + Fraction(fraction, 2**mantissa)) * Fraction(2) ** (field - bias)
            points.append((sign << (exponent + mantissa) | body, -size if sign else size))
    return tuple(points)


@cache
def whole(top: int, low: int) -> Points:
    """Codes and values of whole numbers from `low` to `top`."""
    return tuple((step, Fraction(step)) for step in range(low, top + 1))


def nearest(points: Points, value: Fraction) -> Fraction:
    """The value of the point next to `value`, of two the one with the even code."""
    rising = _rising(points)
    at = bisect(rising, value, key=lambda point: point[1])
    beside = rising[max(0, at - 1) : at + 1]
    return min(beside, key=lambda point: (abs(point[1] - value), point[0] & 1))[1]


@cache
def _rising(points: Points) -> Points:
    return tuple(sorted(points, key=lambda point: point[1]))


def rounded(kind: str, value: Fraction) -> Fraction:
    """`value` as a number of half ("e") or single ("f") precision, by way of a double."""
    return Fraction(struct.unpack(f"<{kind}", struct.pack(f"<{kind}", float(value)))[0])


def log2_floor(value: Fraction) -> int:
    """The largest power of two that is not above a positive value."""
    power = 0
    while Fraction(2) ** power > value:
        power -= 1
    while Fraction(2) ** (power + 1) <= value:
        power += 1
    return power


def mx(points: Points, highest: int, block: Sequence[float], step: Fraction = Fraction(1)) -> list[Fraction]:
    """A block in a microscaling format, whose elements are points times `step`."""
    exact = [Fraction(value) for value in block]
    largest = max(map(abs, exact))
    power = max(-127, log2_floor(largest) - highest) if largest else -127
    scale = Fraction(2) ** power * step
    return [nearest(points, value / scale) * scale for value in exact]


def scaled(points: Points, top: Fraction, kind: str, block: Sequence[float]) -> list[Fraction]:
    """A block whose largest magnitude is the largest point, under a rounded scale."""
    exact = [Fraction(value) for value in block]
    scale = rounded(kind, max(map(abs, exact)) / top)
    if not scale:
        return [Fraction(0) for _ in exact]
    return [nearest(points, value / scale) * scale for value in exact]


def with_zero(bits: int, kind: str, block: Sequence[float]) -> list[Fraction]:
    """A block of whole numbers from zero up, with a zero point."""
    exact = [Fraction(value) for value in block]
    low, high = min(0, *exact), max(0, *exact)
    top = 2**bits - 1
    scale = rounded(kind, Fraction(high - low) / top)
    if not scale:
        return [Fraction(0) for _ in exact]
    points = whole(top, 0)
    zero = nearest(points, Fraction(-low) / scale)
    return [(nearest(points, value / scale + zero) - zero) * scale for value in exact]


def nvfp4(block: Sequence[float], tensor_largest: float) -> list[Fraction]:
    """A block of a tensor whose largest magnitude is given."""
    exact = [Fraction(value) for value in block]
    tensor = rounded("f", Fraction(tensor_largest) / (448 * 6))
    part = nearest(minifloat(4, 3, 1), max(map(abs, exact)) / 6 / tensor)
    scale = part * tensor
    if not scale:
        return [Fraction(0) for _ in exact]
    return [nearest(minifloat(2, 1, 0), value / scale) * scale for value in exact]


def anda(mantissa: int, block: Sequence[float], truncated: bool) -> list[Fraction]:
    """64 values with one exponent, that of the largest, and so many bits of magnitude."""
    exact = [Fraction(value) for value in block]
    largest = max(map(abs, exact))
    power = min(15, max(-14, log2_floor(largest))) if largest else -14
    step = Fraction(2) ** (power + 1 - mantissa)
    found = []
    for value in exact:
        if truncated:
            steps = Fraction(min(2**mantissa - 1, abs(value) // step))
        else:
            steps = nearest(whole(2**mantissa - 1, 0), abs(value) / step)
        found.append(steps * step * (-1 if value < 0 else 1))
    return found


def bitmod(element: str, rows: Sequence[Sequence[float]]) -> list[list[Fraction]]:
    """The blocks of one row, each with the special value that loses least."""
    base, specials = {"fp4": (FP4, (5, -5, 8, -8)), "fp3": (FP3, (3, -3, 6, -6))}[element]
    exact = [[Fraction(value) for value in block] for block in rows]
    largest = [max(map(abs, block)) for block in exact]
    row = rounded("e", Fraction(max(largest)) / Fraction(max(base)) / 255)
    found = []
    for block, high in zip(exact, largest, strict=True):
        tries = []
        for special in specials:
            levels = sorted({*base, *(-level for level in base), special})
            points = tuple((place, Fraction(level)) for place, level in enumerate(levels))
            top = max(abs(level) for level in levels)
            scale = nearest(whole(255, 0), Fraction(high) / Fraction(top) / row) * row if row else Fraction(0)
            values = [nearest(points, value / scale) * scale if scale else Fraction(0) for value in block]
            tries.append((sum((a - b) ** 2 for a, b in zip(values, block, strict=True)), values))
        found.append(min(tries, key=lambda each: each[0])[1])
    return found
