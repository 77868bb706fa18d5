"""Geometry of windows, and what of their images moves."""

from dataclasses import replace
from fractions import Fraction

import pytest

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import MatMul, Windows

INT8 = (FORMATS["int8"],) * 3


@pytest.mark.parametrize(
    ("windows", "rows", "depth", "uses"),
    [
        (Windows(224, 224, 3, 7, 2, 3), 112 * 112, 147, Fraction(112 * 112 * 49, 224 * 224)),
        (Windows(56, 56, 64, 3, 1, 1), 56 * 56, 576, Fraction(9)),
        (Windows(224, 224, 3, 16, 16), 14 * 14, 768, Fraction(1)),
        (Windows(56, 56, 256, 1, 2), 28 * 28, 256, Fraction(1, 4)),
        (Windows(1, 1, 1, 1), 1, 1, Fraction(1)),
    ],
)
def test_rows_depth_and_uses(windows: Windows, rows: int, depth: int, uses: Fraction) -> None:
    assert (windows.rows, windows.depth, windows.uses) == (rows, depth, uses)


def test_a_product_of_windows_moves_the_image_once() -> None:
    windows = Windows(14, 14, 256, 3, 1, 1)
    op = MatMul.of("conv", (1, 196, 512, 2304), "weights", INT8, windows=windows)
    assert op.a.bytes == 14 * 14 * 256
    assert op.macs == 196 * 512 * 2304
    assert op.bytes_min == 14 * 14 * 256 + 512 * 2304 + 196 * 512


def test_rows_that_are_not_the_windows_are_refused() -> None:
    op = MatMul.of("conv", (1, 196, 8, 144), "weights", INT8, windows=Windows(14, 14, 16, 3, 1, 1))
    with pytest.raises(ValueError, match="conv: its rows and depth are not those of its windows"):
        replace(op, m=195)
