"""The tridiagonal systems of all modes, against dense ones."""

import numpy as np
import pytest

from bankside.arch.thermal.columns import Columns


def test_every_mode_is_solved_as_a_dense_system() -> None:
    draw = np.random.default_rng(1)
    squares, sheet = draw.uniform(0, 1e6, (2, 3)), draw.uniform(1e-3, 1e-2, 5)
    squares[0, 0] = 0.0
    own, up = np.array([0.0, 0.0, 7.0, 0.0, 2e4]), draw.uniform(1e4, 1e8, 4)
    columns, heat = Columns(squares, sheet, own, up), draw.normal(size=(4, 5, 2, 3))
    found = columns.solve(heat)
    for row, column in np.ndindex(2, 3):
        dense = np.diag(sheet * squares[row, column] + own)
        dense[:4, :4] += np.diag(up)
        dense[1:, 1:] += np.diag(up)
        dense -= np.diag(up, 1) + np.diag(up, -1)
        expected = np.linalg.solve(dense, heat[:, :, row, column].T).T
        assert found[:, :, row, column] == pytest.approx(expected, rel=1e-7)
    assert columns.of_slice(3) == pytest.approx(columns.solve(np.eye(5)[3][:, None, None] * np.ones((2, 3))))


def test_a_thin_slice_loses_no_digits_of_a_weak_way_out() -> None:
    """1e9 W/m2K between slices, 10 out of the top: the mean rise is that of the way out, not of a difference."""
    columns = Columns(np.zeros((1, 1)), np.ones(3), np.array([0.0, 0.0, 10.0]), np.array([1e9, 1e9]))
    rise = columns.solve(np.array([1.0, 0.0, 0.0])[:, None, None]).ravel()
    assert rise[2] == pytest.approx(0.1, rel=1e-14)
    assert rise[0] == pytest.approx(0.1 + 2e-9, rel=1e-14)
