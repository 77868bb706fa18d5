"""Rows seen from the rows that a program is at: what two places of programs have in common that differ in rows alone.

All that a controller asks of a row is whether it is the same as another of its slice of the banks. So the rows of a
slice may be told by any names, as long as different ones have different names and keep them apart as the program goes
on: rows of data relative to the last of the slice, round all rows that are not reserved; rows of results that are kept
relative to the last of these; and reserved rows, which hold registers, as they are.

Where a program stores results, data go by them now and then, as they go round. As long as they are `CLOSE`, the place
itself belongs to what stands there; and a row that is further from the data of its slice has no name.
"""

from typing import Any, Final

from bankside.arch.dram.channel.pim.program import PURPOSE, RESULT, ROW
from bankside.arch.jit import kernel

ROUND, STORES, STORED, DATA = range(4)
"""What rows are told from: the rows of a round, behind which they are reserved; whether results are stored; the last of
their rows; from there on the last row of the data of each slice."""

NONE: Final = -(1 << 40)
STORED_FROM: Final = 1 << 40
RESERVED_FROM: Final = 1 << 41
HALF: Final = 1 << 39
"""Names of what is no row (negative numbers), of rows of results and of reserved rows lie around these."""

NAMELESS: Final = 1 << 42

BEHIND: Final = 4
"""Rows of results up to the last that have names of their own."""

REACH: Final = 64
"""Rows from the last data of a slice on, both ways, that have names where results are stored."""

CLOSE: Final = REACH + BEHIND


@kernel
def named(row: int, s: int, bases: Any) -> int:
    """The name of a row of slice `s`; NAMELESS: it has none."""
    if row < 0:
        return int(NONE + row)
    if row >= bases[ROUND]:
        return int(RESERVED_FROM + row)
    if bases[STORES] and 0 <= bases[STORED] - row < BEHIND:
        return int(STORED_FROM + row - bases[STORED])
    name = _from(row, bases[DATA + s], bases[ROUND])
    return NAMELESS if bases[STORES] and abs(name) > REACH else name


@kernel
def entry_named(entry: Any, s: int, bases: Any) -> int:
    """The name of an entry's row, as `named`, or the one that what it stores or reads has."""
    row = entry[ROW]
    if row < 0 or row >= bases[ROUND]:
        return named(row, s, bases)
    if stores(entry, bases):
        return int(STORED_FROM + _from(row, bases[STORED], bases[ROUND]))
    name = _from(row, bases[DATA + s], bases[ROUND])
    return NAMELESS if bases[STORES] and abs(name) > REACH else name


@kernel
def stores(entry: Any, bases: Any) -> bool:
    """Whether an entry stores results in rows of their own."""
    return bool(bases[STORES] and entry[PURPOSE] == RESULT)


@kernel
def _from(row: int, base: int, round_: int) -> int:
    """How far a row is from another, the shorter way round."""
    far = (row - base) % round_
    return int(far - round_ if far > round_ // 2 else far)


@kernel
def row_of(name: int, s: int, bases: Any) -> int:
    """The row of slice `s` that has a name."""
    if name < -HALF:
        return int(name - NONE)
    if name > RESERVED_FROM - HALF:
        return int(name - RESERVED_FROM)
    if name > HALF:
        return int(name - STORED_FROM + bases[STORED])
    return int((name + bases[DATA + s]) % bases[ROUND])


@kernel
def move_on(entry: Any, s: int, bases: Any) -> bool:
    """Let rows be told from that of one more entry; whether the place itself belongs to it."""
    row = entry[ROW]
    if row < 0 or row >= bases[ROUND]:
        return False
    place = STORED if stores(entry, bases) else DATA + s
    before, bases[place] = bases[place], row
    if not bases[STORES]:
        return False
    apart = _from(bases[DATA + s], bases[STORED], bases[ROUND])
    return bool(
        abs(apart) <= CLOSE or abs(_from(row, before, bases[ROUND])) > (BEHIND if place == STORED else REACH)
    )
