"""Passes of a product over what is stationary of it, in runs of equal ones."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]

Shape = tuple[int, int, int]
"""Input rows, outputs and depth of a product, or of a pass of one, on one channel."""

ROWS, OUTPUTS, DEPTH = range(3)


@dataclass(frozen=True)
class Passes:
    """Passes in their order.

    shapes: int64[3, runs], input rows, outputs and depth of the passes of each run; times: int64[runs], how many they
    are.
    """

    shapes: Int64s
    times: Int64s

    @classmethod
    def of(cls, rows: Int64s, outputs: int | Int64s, depth: int | Int64s) -> "Passes":
        """One after the other: `rows`, int64[passes], of each; outputs and depth of each, or of all."""
        each = np.stack([np.broadcast_to(of, rows.shape) for of in (rows, outputs, depth)])
        first = begins_of(each)
        return cls(each[:, first], lengths(first, len(rows)))

    @property
    def key(self) -> tuple[bytes, bytes]:
        """What tells them from others."""
        return self.shapes.tobytes(), self.times.tobytes()

    @property
    def together(self) -> Int64s:
        """Passes with the same outputs and depth as one with the rows of all: int64[3, kinds]."""
        kinds, of = np.unique(self.shapes[OUTPUTS:], axis=1, return_inverse=True)
        rows = np.zeros(kinds.shape[1], dtype=np.int64)
        np.add.at(rows, of.ravel(), self.shapes[ROWS] * self.times)
        return np.concatenate([rows[None], kinds])


def in_passes(shape: Shape, at_once: int) -> Passes:
    """A product in passes of `at_once` of its rows over all that is stationary."""
    rows, outputs, depth = shape
    return Passes.of(cut_into(rows, at_once), outputs, depth)


def cut_into(whole: int, size: int) -> Int64s:
    """Pieces of `size` that a whole is cut into, the last one shorter."""
    return np.minimum(size, whole - np.arange(0, whole, size))


def begins_of(each: Int64s) -> Int64s:
    """Where runs of equal columns of int64[words, n] begin."""
    return np.flatnonzero(np.append(True, np.any(each[:, 1:] != each[:, :-1], axis=0)))


def lengths(begins: Int64s, total: int) -> Int64s:
    """How long runs are that begin there, of so many in all."""
    return np.diff(np.append(begins, total))
