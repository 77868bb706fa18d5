"""Different rows have different names, and a name leads back to its row."""

import numpy as np
import pytest

from bankside.arch.dram.channel.pim.memory.row_names import (
    BEHIND,
    CLOSE,
    DATA,
    NAMELESS,
    REACH,
    ROUND,
    STORED,
    STORES,
    move_on,
    named,
    row_of,
)
from bankside.arch.dram.channel.pim.program import FIELDS, PURPOSE, RESULT, ROW

ROWS, RESERVED = 500, 12


def bases_of(stores: bool, stored: int, *data: int) -> np.ndarray:
    bases = np.zeros(DATA + len(data), np.int64)
    bases[[ROUND, STORES, STORED]] = ROWS, stores, stored
    bases[DATA:] = data
    return bases


@pytest.mark.parametrize(
    "bases", [bases_of(False, 0, 3, 490), bases_of(True, 40, 2, 450), bases_of(True, 1, 499, 7)]
)
def test_names_are_of_one_row_each(bases):
    for s in (0, 1):
        names = {row: named(row, s, bases) for row in range(-2, ROWS + RESERVED)}
        known = {row: name for row, name in names.items() if name != NAMELESS}
        assert len(set(known.values())) == len(known)
        assert {row: row_of(name, s, bases) for row, name in known.items()} == {row: row for row in known}
        if bases[STORES]:
            assert len(known) <= 2 + RESERVED + 2 * REACH + 1 + BEHIND
        else:
            assert len(known) == len(names)


def test_data_and_results_that_come_close_are_told():
    bases = bases_of(True, 300, 10)
    entry = np.zeros(len(FIELDS), np.int64)
    seen = []
    for row in range(10, 480):
        entry[ROW] = row
        seen.append(bool(move_on(entry, 0, bases)))
    assert [10 + i for i, close in enumerate(seen) if close] == list(range(300 - CLOSE, 300 + CLOSE + 1))
    entry[PURPOSE], entry[ROW] = RESULT, 301
    assert not move_on(entry, 0, bases)
    assert bases[STORED] == 301
    entry[PURPOSE], entry[ROW] = 0, 200  # further from the last row than names reach
    assert move_on(entry, 0, bases)
