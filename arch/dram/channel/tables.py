"""Tables of rows of integers in one flat array, found by what they begin with.

A table is described by six words, which stand somewhere in the array: where its index begins, how many places that has
less one (a power of two less one), where its rows begin, words of a row, rows that it has, and how many it may have.
Whole keys are compared, so that two that hash alike are never taken for one another. Where a row is one word, one that
begins with more takes as many: rows are then of any length, numbered by where they begin, and counted in words.
"""

from typing import Any, Final

from bankside.arch.jit import flat_kernel

INDEX, MASK, ROWS, WIDTH, COUNT, ROOM = range(6)

TABLE_WORDS: Final = 6


@flat_kernel
def place_of(memory: Any, table: int, key: int, words: int) -> int:
    """Place in a table's index of the row that begins with the `words` words at `key` of the array, or where it would
    be put."""
    a = b = c = d = 0  # each waits for what it was before, so four go on beside each other
    whole = words - words % 4
    for k in range(key, key + whole, 4):
        a, b = _mixed(a, memory[k]), _mixed(b, memory[k + 1])
        c, d = _mixed(c, memory[k + 2]), _mixed(d, memory[k + 3])
    for k in range(key + whole, key + words):
        a = _mixed(a, memory[k])
    mask, at = memory[table + MASK], memory[table + INDEX]
    place = _mixed(_mixed(_mixed(a, b), c), d) & mask
    while memory[at + place] > 0:
        row = row_at(memory, table, memory[at + place] - 1)
        same = True
        for k in range(words):
            if memory[row + k] != memory[key + k]:
                same = False
                break
        if same:
            break
        place = (place + 1) & mask
    return int(place)


@flat_kernel
def _mixed(h: int, word: int) -> int:
    h = ((h ^ (word & 0x7FFFFFFF) ^ ((word >> 31) & 0x7FFFFFFF)) * 1566083941) & 0x7FFFFFFF
    return int(h ^ (h >> 15))


@flat_kernel
def row_at(memory: Any, table: int, row: int) -> int:
    """Where a row begins."""
    return int(memory[table + ROWS] + row * memory[table + WIDTH])


@flat_kernel
def found(memory: Any, table: int, place: int) -> int:
    """Row at a place of the index; -1: none."""
    return int(memory[memory[table + INDEX] + place] - 1)


@flat_kernel
def put(memory: Any, table: int, place: int, key: int, words: int) -> int:
    """A new row that begins with a key, at the place where it was not found; -1 where there is no room."""
    row = memory[table + COUNT]
    after = row - (-words // memory[table + WIDTH])
    if after > memory[table + ROOM]:
        return -1
    memory[table + COUNT] = after
    memory[memory[table + INDEX] + place] = row + 1
    at = row_at(memory, table, row)
    for k in range(words):
        memory[at + k] = memory[key + k]
    return int(row)


@flat_kernel
def kept(memory: Any, table: int, key: int, words: int) -> int:
    """The row that begins with a key, put there if there is none; -1 where there is no room."""
    place = place_of(memory, table, key, words)
    row = found(memory, table, place)
    return row if row >= 0 else put(memory, table, place, key, words)


@flat_kernel
def is_full(memory: Any, table: int) -> bool:
    """Whether there is no room for a further row, of a table whose rows are of one length."""
    return bool(memory[table + COUNT] >= memory[table + ROOM])


@flat_kernel
def emptied(memory: Any, table: int) -> None:
    """Take all rows out of a table."""
    memory[table + COUNT] = 0
    first = memory[table + INDEX]
    for k in range(first, first + memory[table + MASK] + 1):
        memory[k] = 0
