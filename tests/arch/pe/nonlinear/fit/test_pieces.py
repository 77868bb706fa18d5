"""Piecewise approximations against closed forms of 2^f, 1/x and general theory."""

import math

import numpy as np
import pytest

from bankside.arch.pe.nonlinear.elements import ELEMENTS
from bankside.arch.pe.nonlinear.fit.ideal import largest_error
from bankside.arch.pe.nonlinear.fit.pieces import Request, fitted

EXP2 = ("exp2", 0.0, 1.0)


def chord_gap(segments: int) -> float:
    """Of the last segment of 2^f: the chord above the curve where the curve has the chord's slope."""
    h = 1.0 / segments
    start = 1.0 - h
    slope = 2**start * (2**h - 1) / h
    touch = math.log2(slope / math.log(2))
    return 2**start + slope * (touch - start) - 2**touch


@pytest.mark.parametrize("segments", [1, 3, 4, 16, 100, 256])
def test_lines_of_a_power_of_two(segments: int) -> None:
    gap = chord_gap(segments)
    assert largest_error(Request(*EXP2, segments, 1)) == pytest.approx(gap / 2, rel=1e-4)
    assert largest_error(Request(*EXP2, segments, 1, "interpolating")) == pytest.approx(gap, rel=1e-4)


@pytest.mark.parametrize("entries", [5, 64, 1000])
def test_a_table_of_a_power_of_two(entries: int) -> None:
    assert largest_error(Request(*EXP2, entries, 0)) == pytest.approx(1 - 2 ** (-1 / entries), rel=1e-6)
    relative = largest_error(Request(*EXP2, entries, 0, relative=True))
    assert relative == pytest.approx(math.tanh(math.log(2) / (2 * entries)), rel=1e-6)


@pytest.mark.parametrize("segments", [8, 32])
def test_lines_of_a_reciprocal(segments: int) -> None:
    h = 1.0 / segments
    gap = (1 - 1 / math.sqrt(1 + h)) ** 2  # 1/x on [1, 1 + h] below its chord
    assert largest_error(Request("reciprocal", 1.0, 2.0, segments, 1)) == pytest.approx(gap / 2, rel=1e-4)


@pytest.mark.parametrize(("segments", "within"), [(8, 2e-3), (64, 1e-3)])
def test_segments_of_equal_error_reach_the_least(segments: int, within: float) -> None:
    least = (2 * (math.sqrt(2) - 1)) ** 2 / (16 * segments**2)
    request = Request(*EXP2, segments, 1, spacing="optimal")
    assert largest_error(request) == pytest.approx(least, rel=within)
    assert largest_error(request) < largest_error(Request(*EXP2, segments, 1))


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "gelu", "silu", "rsqrt", "rope"])
def test_lines_approach_as_the_square_of_their_length(name: str) -> None:
    element = ELEMENTS[name]
    x = np.linspace(element.low, element.high, 20_001)
    bend = np.abs(np.gradient(np.gradient(element.value(x), x), x))[2:-2].max()
    h = (element.high - element.low) / 512
    assert largest_error(Request(name, element.low, element.high, 512, 1)) == pytest.approx(
        bend * h * h / 16, rel=0.03
    )


def test_interpolating_lines_meet_on_the_function_and_polynomials_at_the_low_end() -> None:
    lines = fitted(Request("gelu", -4.0, 4.0, 16, 1, "interpolating"))
    np.testing.assert_allclose(lines(lines.bounds), ELEMENTS["gelu"].value(lines.bounds), atol=1e-15)
    assert fitted(Request(*EXP2, 1, 3, "anchored", relative=True))(np.zeros(1)) == 1.0
