"""Gains of kernels on machines of bit-serial elements are bounded by what their elements save."""

import pytest

from bankside.validation.operands import serial_runs


def test_what_is_not_sparse_bounds_the_gain() -> None:
    assert serial_runs.sat_gain(2, 8, 1.0) == pytest.approx(4, rel=1e-3)
    assert serial_runs.sat_gain(2, 8, 2 / 3) == pytest.approx(2, rel=1e-3)


def test_bitvert_gains_at_most_its_columns_and_its_multipliers() -> None:
    assert 2.4 < serial_runs.gain_of("bert-mrpc", "time", 2, 0.1) < 2 * 8 / 6.2
    assert 3.0 < serial_runs.gain_of("bert-mrpc", "time", 4, 0.2) < 2 * 8 / 4.8
