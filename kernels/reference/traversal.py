"""What becomes of a vector that is traversed."""

from collections.abc import Callable
from typing import Final

import numpy as np

from bankside.kernels.reference.rowwise import Array


def _largest(x: Array, count: int) -> Array:
    """The `count` largest elements in the order in which they lie, the first of equal ones."""
    kept = np.sort(np.argsort(-x, kind="stable")[:count])
    return np.asarray(x[kept])


def _unique(x: Array, count: int) -> Array:
    """The first and the `count` - 1 others that differ most from the one before: all runs where there are as many."""
    apart = np.abs(np.diff(x, prepend=np.nan))
    apart[0] = np.inf
    return np.asarray(x[np.sort(np.argsort(-apart, kind="stable")[:count])])


def _histogram(x: Array, bins: int) -> Array:
    return np.asarray(np.histogram(x, bins)[0], dtype=np.float64)


_REFERENCES: Final[dict[str, Callable[[Array, int], Array]]] = {
    "sum": lambda x, _: np.asarray([x.sum()]),
    "prefix_sum": lambda x, _: np.cumsum(x),
    "select": _largest,
    "unique": _unique,
    "histogram": _histogram,
}


def traversal(function: str, x: Array, count: int) -> Array:
    """The `count` elements of the result; a transfer changes none.

    Parameters
    ----------
    x
        Shape (elements,).
    """
    made = _REFERENCES.get(function)
    return x if made is None else made(x, count)
