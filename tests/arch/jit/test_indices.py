"""Indices of flat kernels count from the start; those of others count from the end too, whoever compiles them."""

import numpy as np

from bankside.arch.jit import flat_kernel, kernel


@kernel
def last(values: np.ndarray) -> int:
    """The last of an array, by an index from its end."""
    back = -values[0]
    return int(values[back])


@flat_kernel
def at_and_last(values: np.ndarray, place: int) -> int:
    """One by its place, and the last by way of a kernel that counts from the end."""
    return int(1000 * values[place] + last(values))


def test_callees_of_flat_kernels_count_as_they_say():
    values = np.array([1, 5, 7], dtype=np.int64)
    assert at_and_last(values, 1) == 5007
    assert last(values) == 7
