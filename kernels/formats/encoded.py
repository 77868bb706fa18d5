"""Formats of weights of which any elements may be zero: bits of a matrix, and steps that find its values."""

from fractions import Fraction
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Final

from bankside.kernels.sparsity.encoding import Statistics
from bankside.kernels.sparsity.known import encoding

if TYPE_CHECKING:
    from bankside.kernels.formats.format import Format

LARGE: Final = 4096
"""Rows and columns of a matrix where only the format is known."""


def row_bits(format: "Format", rows: int, columns: int) -> int:
    """Bits of a row of a matrix of which the format's share is kept, rounded up [bit]."""
    return ceil(_bits(format.encoding, format.density, format.element_bits, (rows, columns)) / rows - 1e-9)


def element_bits(format: "Format") -> Fraction:
    """Bits of an element of a large matrix, kept or not [bit]."""
    bits = _bits(format.encoding, format.density, format.element_bits, (LARGE, LARGE))
    return Fraction(ceil(bits), LARGE * LARGE)


def steps(format: "Format") -> Fraction:
    """Items that a decoder takes for an element of a large matrix."""
    matrix = Statistics(LARGE, LARGE, float(format.density))
    return Fraction(round(encoding(format.encoding).expected_steps(matrix)), LARGE * LARGE)


@cache
def _bits(name: str, density: Fraction, bits: int, shape: tuple[int, int]) -> float:
    matrix = Statistics(*shape, float(density))
    return encoding(name).expected_bits(matrix, bits) + matrix.nonzeros * bits
