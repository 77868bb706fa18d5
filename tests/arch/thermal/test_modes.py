"""Modes solve their equation, over equal and over unequal cells."""

import numpy as np
import pytest

from bankside.arch.thermal.modes import modes_of


def coupled(widths: np.ndarray) -> np.ndarray:
    matrix = np.zeros((len(widths), len(widths)))
    for i in range(len(widths) - 1):
        g = 2.0 / (widths[i] + widths[i + 1])
        matrix[i, i] += g
        matrix[i + 1, i + 1] += g
        matrix[i, i + 1] -= g
        matrix[i + 1, i] -= g
    return matrix


@pytest.mark.parametrize("widths", [np.full(7, 0.3), np.array([0.1, 0.5, 0.2, 0.9, 0.4]), np.array([2.0])])
def test_modes_solve_their_equation_and_are_orthonormal(widths: np.ndarray) -> None:
    squares, shapes = modes_of(widths)
    mass = np.diag(widths)
    assert shapes.T @ mass @ shapes == pytest.approx(np.eye(len(widths)), abs=1e-12)
    assert coupled(widths) @ shapes == pytest.approx(mass @ shapes * squares, abs=1e-10)
    assert squares[0] == 0.0 and np.ptp(shapes[:, 0]) == pytest.approx(0.0, abs=1e-12)


def test_cosines_are_the_eigenvectors_that_are_found() -> None:
    equal, found = modes_of(np.full(6, 0.5)), modes_of(np.full(6, 0.5) * (1 + 1e-9 * np.arange(6)))
    assert equal.squares == pytest.approx(found.squares, rel=1e-6, abs=1e-12)
    assert np.abs(equal.shapes) == pytest.approx(np.abs(found.shapes), abs=1e-6)
