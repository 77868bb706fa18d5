"""Which elements of a matrix are kept: N of every M, whole rows or columns, blocks, or any."""

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from bankside.arch.spec import ConfigError

Bools = npt.NDArray[np.bool_]
Float64s = npt.NDArray[np.float64]

Pattern: TypeAlias = Literal["unstructured", "nm", "rows", "columns", "block"]


def groups_of(n: int, m: int, columns: int) -> int:
    """Groups of M elements in a row.

    Raises
    ------
    ConfigError
        N is above M, or M does not divide the row.
    """
    if n > m:
        raise ConfigError(f"A pattern keeps at most all elements of a group: {n}:{m} keeps more.")
    if columns % m:
        raise ConfigError(f"Groups of {m} do not divide a row of {columns} elements.")
    return columns // m


def keep_nm(scores: Float64s, n: int, m: int) -> Bools:
    """The N largest magnitudes of every M consecutive elements of a row, the first of equal ones."""
    groups = groups_of(n, m, scores.shape[1])
    sizes = np.abs(scores).reshape(scores.shape[0], groups, m)
    order = np.argsort(-sizes, axis=2, kind="stable")
    kept = np.zeros(sizes.shape, dtype=np.bool_)
    np.put_along_axis(kept, order[..., :n], True, axis=2)
    return kept.reshape(scores.shape)


def keep_largest(scores: Float64s, density: float) -> Bools:
    """The largest magnitudes, a share `density` of all, the first of equal ones."""
    sizes = np.abs(scores).reshape(-1)
    kept = np.zeros(sizes.size, dtype=np.bool_)
    kept[np.argsort(-sizes, kind="stable")[: round(density * sizes.size)]] = True
    return kept.reshape(scores.shape)


def keep_blocks(scores: Float64s, density: float, block: tuple[int, int]) -> Bools:
    """Whole blocks of (rows, columns) with the largest sum of squares; those at the edges may be smaller."""
    rows, columns = scores.shape
    high, wide = block
    sums = np.add.reduceat(np.square(scores), np.arange(0, rows, high), axis=0)
    sums = np.add.reduceat(sums, np.arange(0, columns, wide), axis=1)
    kept = keep_largest(np.sqrt(sums), density)
    return np.repeat(np.repeat(kept, high, axis=0)[:rows], wide, axis=1)[:, :columns]


def keep(
    scores: Float64s, pattern: Pattern, density: float, nm: tuple[int, int], block: tuple[int, int]
) -> Bools:
    """What is kept of a matrix by a pattern; `density` is not read for N:M, whose N / M it is."""
    rows, columns = scores.shape
    if pattern == "nm":
        return keep_nm(scores, *nm)
    if pattern == "unstructured":
        return keep_largest(scores, density)
    shape = {"rows": (1, columns), "columns": (rows, 1), "block": block}[pattern]
    return keep_blocks(scores, density, shape)
