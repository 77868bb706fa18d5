"""Indices of flat and inner kernels count from the start; others count from the end too, whoever compiles them."""

import numpy as np

from bankside.arch.jit import flat_kernel, inner_kernel, kernel


@kernel
def last(values: np.ndarray) -> int:
    """The last of an array, by an index from its end."""
    back = -values[0]
    return int(values[back])


@flat_kernel
def at_and_last(values: np.ndarray, place: int) -> int:
    """One by its place, and the last by way of a kernel that counts from the end."""
    return int(1000 * values[place] + last(values))


@inner_kernel
def stored(values: np.ndarray, place: int) -> int:
    """One by its place, after the last has been put there."""
    values[place] = last(values)
    return int(values[place])


@flat_kernel
def stored_twice(values: np.ndarray) -> int:
    """What two calls of an inner kernel return, the second after what the first has stored."""
    return 10 * stored(values, 1) + stored(values, 0)


def test_inner_kernels_act_on_the_array_of_their_caller():
    values = np.array([1, 5, 7], dtype=np.int64)
    assert stored_twice(values) == 77
    assert values.tolist() == [7, 7, 7]


def test_callees_of_flat_kernels_count_as_they_say():
    values = np.array([1, 5, 7], dtype=np.int64)
    assert at_and_last(values, 1) == 5007
    assert last(values) == 7
