"""Encodings of whole numbers in signed digits, each a power of two: how many are not zero, and where they stand.

A mask has bit j set where the digit of weight 2^j is not zero. Values are those of a tensor without negative numbers,
up to 2^bits - 1, or of one with, from -2^(bits-1) up to 2^(bits-1) - 1; sign-magnitude holds no -2^(bits-1), whose
magnitude then takes the column of the sign.
"""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]

ENCODINGS: Final = ("twos-complement", "sign-magnitude", "naf", "booth")
MOST_BITS: Final = 16
"""Of an operand: tables of digits have a row for each of its values."""


def lowest(bits: int) -> int:
    """The least value of `bits` bits."""
    return -(1 << (bits - 1))


def highest(bits: int) -> int:
    """The largest value of `bits` bits, without a sign."""
    return (1 << bits) - 1


def digits(values: Int64s, bits: int, encoding: str) -> tuple[Int64s, Int64s]:
    """Masks of the digits that count +2^j and of those that count -2^j: int64, as `values`.

    twos-complement: the bits, of which the top one of a negative value counts -2^(bits-1). sign-magnitude: the bits of
    the magnitude, with the sign. naf: the non-adjacent form, with the fewest nonzero digits (Reitwiesner 1960). booth:
    modified Booth digits of radix 4, -2 to 2, which take two more bits for a value of 2^(bits-1) and more.
    """
    size = np.abs(values)
    negative = values < 0
    if encoding == "twos-complement":
        pattern = values & highest(bits)
        top = np.where(negative, 1 << (bits - 1), 0)
        return pattern & ~top, pattern & top
    if encoding == "sign-magnitude":
        return np.where(negative, 0, size), np.where(negative, size, 0)
    if encoding == "naf":
        half = size >> 1
        third = size + half
        changed = third ^ half
        plus, minus = third & changed, half & changed
        return np.where(negative, minus, plus), np.where(negative, plus, minus)
    return _booth(values, bits)


def _booth(values: Int64s, bits: int) -> tuple[Int64s, Int64s]:
    """Digit i is b(2i-1) + b(2i) - 2 b(2i+1), its own power of two 2^(2i) or twice that."""
    plus, minus = np.zeros_like(values), np.zeros_like(values)
    for place in range(0, bits + 2, 2):
        below = (values >> (place - 1)) & 1 if place else np.zeros_like(values)
        digit = below + ((values >> place) & 1) - 2 * ((values >> (place + 1)) & 1)
        term = np.where(digit == 0, 0, np.abs(digit) << place)
        plus |= np.where(digit > 0, term, 0)
        minus |= np.where(digit < 0, term, 0)
    return plus, minus


@cache
def masks(bits: int, encoding: str) -> Int64s:
    """Places of the nonzero digits of every value from `lowest(bits)` to `highest(bits)`: int64[values]."""
    plus, minus = digits(np.arange(lowest(bits), highest(bits) + 1), bits, encoding)
    return plus | minus


@cache
def counts(bits: int, encoding: str) -> Int64s:
    """Nonzero digits of every value from `lowest(bits)` to `highest(bits)`: int64[values]."""
    return popcounts(masks(bits, encoding))


@cache
def lengths(bits: int, encoding: str) -> Int64s:
    """Significant length of every value: int64[values].

    Up to the highest digit that is not zero; with sign-magnitude a negative value has its sign besides.
    """
    negative = np.arange(lowest(bits), highest(bits) + 1) < 0
    return _length(masks(bits, encoding)) + (negative if encoding == "sign-magnitude" else 0)


def popcounts(words: Int64s) -> Int64s:
    """Ones of each word: int64."""
    return np.bitwise_count(words).astype(np.int64)


def _length(words: Int64s) -> Int64s:
    """Places up to the highest one."""
    return np.frexp(words.astype(np.float64))[1].astype(np.int64)
