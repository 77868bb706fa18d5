"""Functions of one element on a datapath, one argument at a time in exact fractions: slow and obvious.

Tables and polynomials come in as the exact values of their coefficients; every rounding is done on a fraction.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

Round = Callable[[Fraction], Fraction]


def to_float(significand: int, least: int) -> Round:
    """Round to nearest even with `significand` bits, exponents not below `least`."""

    def rounded(x: Fraction) -> Fraction:
        if x == 0:
            return x
        exponent = abs(x).numerator.bit_length() - x.denominator.bit_length()
        while abs(x) < Fraction(2) ** exponent:
            exponent -= 1
        exponent = max(least, exponent)
        quantum = Fraction(2) ** (exponent - significand + 1)
        return round(x / quantum) * quantum  # Python rounds ties to even

    return rounded


def to_fixed(fraction: int, nearest: bool) -> Round:
    """Round half up, or cut off, to `fraction` bits after the point."""
    half = Fraction(1, 2) if nearest else Fraction(0)
    return lambda x: Fraction(math.floor(x * 2**fraction + half), 2**fraction)


def horner(
    x: Fraction, ends: Sequence[Fraction], rows: Sequence[Sequence[Fraction]], rounded: Round
) -> Fraction:
    """The piece in which x lies, in x less the piece's low end; one rounding for that, and for each multiply-add."""
    low_ends = [rounded(end) for end in ends[:-1]]
    at = max([i for i, end in enumerate(low_ends) if end <= x], default=0)
    width = ends[at + 1] - ends[at]
    row = [rounded(c / width**k) for k, c in enumerate(rows[at])]
    total = row[-1]
    for c in reversed(row[:-1]):
        total = rounded(total * rounded(x - low_ends[at]) + c)
    return total


def exp(
    x: Fraction,
    log2e: Fraction,
    ends: Sequence[Fraction],
    rows: Sequence[Sequence[Fraction]],
    rounded: Round,
) -> Fraction:
    """e^x as 2^n 2^f."""
    scaled = rounded(rounded(x) * rounded(log2e))
    whole = math.floor(scaled)
    return horner(scaled - whole, ends, rows, rounded) * Fraction(2) ** whole


def cordic_exp(z: Fraction, shifts: Sequence[int], gain: float, bits: int) -> Fraction:
    """cosh z + sinh z in words of `bits` bits of fraction; shifts of words are cut off."""
    x, y, left = round(2**bits / Fraction(gain)), 0, round(z * 2**bits)
    for shift in shifts:
        angle = round(Fraction(math.atanh(2.0**-shift)) * 2**bits)
        sign = 1 if left >= 0 else -1
        x, y, left = x + sign * (y >> shift), y + sign * (x >> shift), left - sign * angle
    return Fraction(x + y, 2**bits)


def cordic_divide(dividend: int, divisor: int, iterations: int, bits: int) -> int:
    """dividend / divisor by adding and subtracting the shifted divisor."""
    quotient = 0
    for shift in range(1, iterations + 1):
        sign = 1 if dividend >= 0 else -1
        dividend -= sign * (divisor >> shift)
        quotient += sign * (2**bits >> shift)
    return quotient
