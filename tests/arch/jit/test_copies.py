"""Copies take all of the source, also where both lie in one array."""

import numpy as np

from bankside.arch.jit import copy_into


def test_a_copy_is_the_source() -> None:
    rows = np.arange(12, dtype=np.int64).reshape(3, 4)
    expected = rows.copy()
    expected[2] = rows[0]
    copy_into(rows[2], rows[0])
    np.testing.assert_array_equal(rows, expected)
    copy_into(rows[:0, 0], rows[:0, 1])
    np.testing.assert_array_equal(rows, expected)
