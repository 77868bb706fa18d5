"""What follows from a part of a machine is made once, and of columns each once."""

import numpy as np

from bankside.arch.machine import once as at
from bankside.arch.machine.once import Int64s, each_once


class Part:
    """Anything that never changes."""


def test_each_column_is_asked_for_once_until_there_are_too_many(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    part, asked = Part(), list[tuple[int, ...]]()

    def sums(columns: Int64s) -> Int64s:
        asked.extend(map(tuple, columns.T.tolist()))
        return np.stack([columns.sum(axis=0), columns[0]], axis=1)

    def found(*columns: tuple[int, int]) -> list[list[int]]:
        return each_once(part, "sums", np.array(columns, dtype=np.int64).T, sums).tolist()

    monkeypatch.setattr(at, "MOST_COLUMNS", 3)
    assert found((1, 2), (3, 4), (1, 2)) == [[3, 1], [7, 3], [3, 1]]
    assert found((3, 4), (5, 6)) == [[7, 3], [11, 5]]
    assert asked == [(1, 2), (3, 4), (5, 6)]
    assert found((7, 8), (1, 2)) == [[15, 7], [3, 1]]
    assert asked[3:] == [(7, 8), (1, 2)]
