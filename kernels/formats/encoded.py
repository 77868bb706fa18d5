"""Weights of which any may be zero: bits of a matrix in an encoding, and steps that find its values."""

from fractions import Fraction
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bankside.kernels.sparsity.encoding import Encoding, Statistics

LARGE: Final = 4096
"""Rows and columns of a matrix where only the format is known."""


@cache
def matrix_bits(name: str, density: Fraction, bits: int, shape: tuple[int, int] = (LARGE, LARGE)) -> int:
    """Bits of a matrix of `shape` rows and columns, of which a share is kept at `bits` each; rounded up [bit]."""
    stored, matrix = _stored(name, density, shape)
    return ceil(stored.expected_bits(matrix, bits) + matrix.nonzeros * bits - 1e-6)


def element_bits(name: str, density: Fraction, bits: int) -> Fraction:
    """Bits of an element of a large matrix, kept or not [bit]."""
    return Fraction(matrix_bits(name, density, bits), LARGE * LARGE)


def steps(name: str, density: Fraction) -> Fraction:
    """Items that a decoder takes for an element of a large matrix."""
    stored, matrix = _stored(name, density, (LARGE, LARGE))
    return Fraction(round(stored.expected_steps(matrix)), LARGE * LARGE)


def _stored(name: str, density: Fraction, shape: tuple[int, int]) -> "tuple[Encoding, Statistics]":
    # encodings need numpy, and formats are named by commands that do without
    from bankside.kernels.sparsity.encoding import Statistics
    from bankside.kernels.sparsity.known import encoding

    return encoding(name), Statistics(*shape, float(density))
