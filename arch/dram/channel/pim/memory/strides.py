"""A program cut into strides, and strides into longer parts, each known by what it has in it.

Where it is cut follows from what stands there, so that what comes again is cut alike. What a stride has in it are its
entries and those behind it that the window of its controller may hold when it ends, rows seen from those before.
"""

from typing import Any, Final

from bankside.arch.dram.channel.pim.memory.layout import (
    ASKED,
    ENTRIES,
    ENTRY_KEY,
    PART_KEY,
    PARTS,
)
from bankside.arch.dram.channel.pim.memory.row_names import NAMELESS, entry_named, move_on
from bankside.arch.dram.channel.pim.program import BANK, COUNT, OPERAND, PURPOSE, ROW
from bankside.arch.dram.channel.tables import found, kept, place_of
from bankside.arch.jit import kernel

SHORTEST: Final = 16
LONGEST: Final = 64
"""Commands of a stride: from so many on it ends where operands come, and with the entry in which it has so many at the
latest. A stride into which a refresh falls is served, and refreshes come every 700 columns or so of HBM3. (A stride
costs some 30 us to remember, and 1 us a command or less to serve; measured.)"""

FAN: Final = 8
"""Strides of the next longer part, and of it the next, and so on."""

HERE, ENDS, GOES_ON = -1, -2, -3
"""In the place of an entry: the stride ends; behind what the window may hold the program ends, or goes on."""

BEGINS: Final = -2
"""In the place of what stands before: a stride begins; a longer part of level n: n less."""

NO_ROOM: Final = -1

PLACED: Final = -1 << 20
"""In the place of a part: it is like no other."""


@kernel
def entry_ids(
    program: Any, memory: Any, slice_of: Any, bases: Any, first: int, ids: Any, placed: Any
) -> bool:
    """Write what each entry is to `ids`, int64[entries], and to `placed` whether its place is part of it; whether there
    was room for all. Rows of entries before the `first` are left out. slice_of: int64[banks]."""
    key = memory[ASKED]
    for i in range(program.shape[0]):
        s = slice_of[program[i, BANK]]
        for field in range(ENTRY_KEY):
            memory[key + field] = program[i, field]
        memory[key + ROW] = entry_named(program[i], s, bases) if i >= first else NAMELESS
        ids[i] = kept(memory, ENTRIES, key, ENTRY_KEY)
        if ids[i] < 0:
            return False
        if i >= first:
            placed[i] = move_on(program[i], s, bases)
    return True


@kernel
def cut(program: Any, slice_of: Any, bases: Any, first: int, last: int, begins: Any) -> int:
    """Write where strides begin from entry `first` to before `last`, and what rows are told from there, int64[strides +
    1, 1 + bases]; returns how many there are. At `last` a further one would begin."""
    count, commands = 0, 0
    for i in range(first, last + 1):
        cuts = i in (first, last) or commands >= LONGEST
        if not cuts and commands >= SHORTEST:
            cuts = program[i, PURPOSE] == OPERAND and program[i - 1, PURPOSE] != OPERAND
        if cuts:
            begins[count, 0] = i
            for k in range(bases.shape[0]):
                begins[count, 1 + k] = bases[k]
            count, commands = count + 1, 0
        if i < last:
            move_on(program[i], slice_of[program[i, BANK]], bases)
            commands += program[i, COUNT]
    return count - 1


@kernel
def strides_told(
    program: Any, memory: Any, depth: int, ids: Any, placed: Any, begins: Any, parts: Any
) -> bool:
    """Write the part that each stride is to `parts`, int64[strides], PLACED where the place belongs to it; whether
    there was room for all.

    Behind it the window holds no more than `depth` commands, and whether others follow is asked then.
    """
    total = program.shape[0]
    for j in range(parts.shape[0]):
        part, held, i, place = BEGINS, 0, begins[j, 0], False
        while i < begins[j + 1, 0]:
            part, place = behind(memory, part, ids[i]), place or placed[i] != 0
            i += 1
        part = behind(memory, part, HERE)
        while i < total and held < depth:
            part, place = behind(memory, part, ids[i]), place or placed[i] != 0
            held += program[i, COUNT]
            i += 1
        part = behind(memory, part, ENDS if i == total else GOES_ON)
        if part == NO_ROOM:
            return False
        parts[j] = PLACED if place else part
    return True


@kernel
def longer_told(memory: Any, level: int, parts: Any, longer: Any) -> bool:
    """Write the parts that each FAN of `parts` make to `longer`; whether there was room for all."""
    for j in range(longer.shape[0]):
        part = BEGINS - level
        for k in range(FAN):
            shorter = parts[FAN * j + k]
            part = PLACED if shorter == PLACED or part == PLACED else behind(memory, part, shorter)
        if part == NO_ROOM:
            return False
        longer[j] = part
    return True


@kernel
def behind(memory: Any, before: int, what: int) -> int:
    """The part that something behind a part makes."""
    if before == NO_ROOM:
        return NO_ROOM
    key = memory[ASKED]
    memory[key], memory[key + 1] = before, what
    return kept(memory, PARTS, key, PART_KEY)


@kernel
def known_behind(memory: Any, before: int, what: int) -> int:
    """The same, NO_ROOM where there is none yet."""
    key = memory[ASKED]
    memory[key], memory[key + 1] = before, what
    return found(memory, PARTS, place_of(memory, PARTS, key, PART_KEY))
