"""Causes of operations whose work does not say them: a row of all while one is under way, pairs once it has ended.

Millions of operations end in a run, each with a few causes; few of them are under way at a time.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import N_CAUSE
from bankside.arch.jit import hot_kernel

Int64s = npt.NDArray[np.int64]

SPARE, FRESH, USED, KEPT = range(4)
"""Notes: the row that was given back last (0: none, its first word is the one before it), the first that never was
taken, how many words of pairs there are, and from `KEPT` on where pairs were kept last (0: none, else one more)."""

PLACES: Final = 512
"""Places of `KEPT`: equal pairs, which most operations have that do the same over and over, are kept once."""

MARKS: Final = (1 << 31) - 1

MOST_WORDS: Final = 1 + 2 * N_CAUSE
"""Most words of an operation's pairs (cause, slots), behind how many there are."""


@hot_kernel
def take_row(rows: Int64s, notes: Int64s) -> int:
    """A row of zeros in `rows`, int64[..., N_CAUSE + 1], of which the first is never taken."""
    row = notes[SPARE]
    if row > 0:
        notes[SPARE], rows[row, 0] = rows[row, 0], 0
        return int(row)
    notes[FRESH] += 1
    return int(notes[FRESH])


@hot_kernel
def keep_row(rows: Int64s, row: int, pairs: Int64s, notes: Int64s) -> int:
    """Note what is in a row as pairs, and give it back; returns where they begin."""
    at = notes[USED]
    upto, mark = at + 1, 0
    for cause in range(N_CAUSE):
        if rows[row, cause] != 0:
            pairs[upto], pairs[upto + 1] = cause, rows[row, cause]
            mark = (mark * 31 + cause + rows[row, cause]) % MARKS
            upto += 2
            rows[row, cause] = 0
    rows[row, N_CAUSE] = 0
    pairs[at] = (upto - at) // 2
    rows[row, 0], notes[SPARE] = notes[SPARE], row
    place = KEPT + mark % PLACES
    kept = notes[place] - 1
    if kept >= 0:
        same = 0
        while same < upto - at and pairs[kept + same] == pairs[at + same]:
            same += 1
        if same == upto - at:
            return int(kept)
    notes[place], notes[USED] = at + 1, upto
    return int(at)


def rows_of(pairs: Int64s, begins: Int64s) -> Int64s:
    """Slots by cause of the operations whose pairs begin there: int64[len(begins), N_CAUSE]."""
    rows = np.zeros((len(begins), N_CAUSE), dtype=np.int64)
    for row, at in zip(rows, begins.tolist(), strict=True):
        own = pairs[at + 1 : at + 1 + 2 * pairs[at]]
        row[own[::2]] = own[1::2]
    return rows
