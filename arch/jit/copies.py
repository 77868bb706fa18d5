"""A copy from one array to another."""

from typing import Any

from bankside.arch.jit.kernels import hot_kernel


@hot_kernel
def copy_into(target: Any, source: Any) -> None:
    """Copy one dimension; numba's own assignment of slices holds the source in memory that it takes for that."""
    for at in range(len(source)):
        target[at] = source[at]
