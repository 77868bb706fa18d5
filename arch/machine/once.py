"""What follows from a part of a machine alone, made when it is first asked for."""

from collections.abc import Callable, Hashable
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
T = TypeVar("T")

MOST_COLUMNS: Final = 1 << 14
"""Columns that are known at most, then none."""

FEW_COLUMNS: Final = 1 << 10
"""Columns that are looked for one by one: of more, arrays as a whole are faster."""


def once(owner: object, key: Hashable, make: Callable[[], T]) -> T:
    """The same each time, kept with `owner`, which never changes; a changed copy of it begins anew."""
    kept: dict[Hashable, T] = owner.__dict__.setdefault("_once", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]


def each_once(owner: object, key: Hashable, columns: Int64s, make: Callable[[Int64s], Int64s]) -> Int64s:
    """What `make` gives for columns, int64[d, n], that have nothing to do with each other, a row for each: int64[n, r].

    It is asked for no column again that it was asked for since `MOST_COLUMNS` different ones were known, unless there
    are many. A key is of one `make`.
    """
    if columns.shape[1] > FEW_COLUMNS:
        return make(columns)
    known = once(owner, key, _Columns)
    asked = list(map(tuple, columns.T.tolist()))
    new = [each for each in dict.fromkeys(asked) if each not in known.at]
    if len(known.at) + len(new) > MOST_COLUMNS:
        known.at.clear()
        new = list(dict.fromkeys(asked))
    if new:
        known.learn(new, make(np.ascontiguousarray(np.array(new, dtype=np.int64).T)))
    return known.rows[[known.at[each] for each in asked]]


class _Columns:
    """Columns that are known: `at` which of `rows` the answer to each is."""

    def __init__(self) -> None:
        self.at: dict[tuple[int, ...], int] = {}
        self.rows = np.empty((0, 0), dtype=np.int64)

    def learn(self, columns: list[tuple[int, ...]], found: Int64s) -> None:
        """Note a row for each column; there is room for as many again where there is none."""
        before, after = len(self.at), len(self.at) + len(columns)
        if after > len(self.rows):
            room = np.empty((2 * after, found.shape[1]), dtype=np.int64)
            room[:before] = self.rows[:before] if before else 0
            self.rows = room
        self.rows[before:after] = found
        self.at.update(zip(columns, range(before, after), strict=True))
