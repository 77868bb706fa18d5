"""What follows from a part of a machine alone, made when it is first asked for."""

from collections.abc import Callable, Hashable
from typing import Final, TypeVar, cast

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
    rows = np.ascontiguousarray(columns.T, dtype=np.int64)
    asked = cast(list[bytes], rows.view(np.dtype((np.void, 8 * len(columns)))).ravel().tolist())
    new = list(dict.fromkeys(each for each in asked if each not in known.at))
    if len(known.at) + len(new) > MOST_COLUMNS:
        known.at.clear()
        new = list(dict.fromkeys(asked))
    if new:
        columns = np.frombuffer(b"".join(new), np.int64).reshape(len(new), -1).T
        known.learn(new, make(np.array(columns, order="C")))
    return known.rows[list(map(known.at.__getitem__, asked))]


class _Columns:
    """Columns that are known: `at` which of `rows` the answer to each is."""

    def __init__(self) -> None:
        self.at: dict[bytes, int] = {}
        self.rows = np.empty((0, 0), dtype=np.int64)

    def learn(self, columns: list[bytes], found: Int64s) -> None:
        """Note a row for each column; there is room for as many again where there is none."""
        before, after = len(self.at), len(self.at) + len(columns)
        if after > len(self.rows):
            room = np.empty((2 * after, found.shape[1]), dtype=np.int64)
            room[:before] = self.rows[:before] if before else 0
            self.rows = room
        self.rows[before:after] = found
        self.at.update(zip(columns, range(before, after), strict=True))
