"""A program whose bodies are repeated, unrolled where it is looked at."""

from typing import Any, Final

import numpy as np

from bankside.arch.dram.channel.pim.program import COUNT, FIELDS, LOOP_WORDS
from bankside.arch.dram.channel.pim.program import LOOP_COUNT as ENTRIES
from bankside.arch.dram.channel.pim.program import LOOP_FIRST as FIRST
from bankside.arch.dram.channel.pim.program import LOOP_TIMES as TIMES
from bankside.arch.jit import kernel

N_FIELD = len(FIELDS)

AT: Final = LOOP_WORDS
"""Behind the words of a loop: the entry of the unrolled program that it begins with."""


@kernel
def placed(program: Any, loops: Any) -> Any:
    """The loops with where they begin, int64[loops + 1, LOOP_WORDS + 1]; the last, of no entries, begins where the
    program ends."""
    found, more = np.zeros((loops.shape[0] + 1, LOOP_WORDS + 1), dtype=np.int64), 0
    for k in range(loops.shape[0]):
        found[k, :LOOP_WORDS] = loops[k]
        found[k, AT] = loops[k, FIRST] + more
        more += loops[k, ENTRIES] * (loops[k, TIMES] - 1)
    found[-1, FIRST], found[-1, AT] = program.shape[0], program.shape[0] + more
    return found


@kernel
def unrolled(program: Any, loops: Any, first: int, out: Any) -> None:
    """Write entries from number `first` on of the unrolled program to `out`, int64[entries, FIELDS]; loops as of
    `placed`."""
    k, last = 0, loops.shape[0] - 1
    while k < last:
        middle = (k + last) // 2
        if loops[middle, AT] + loops[middle, ENTRIES] * loops[middle, TIMES] <= first:
            k = middle + 1
        else:
            last = middle
    for n in range(out.shape[0]):
        while first + n >= loops[k, AT] + loops[k, ENTRIES] * loops[k, TIMES] and k + 1 < loops.shape[0]:
            k += 1
        into = first + n - loops[k, AT]
        _copy(program[loops[k, FIRST] + (into if into < 0 else into % loops[k, ENTRIES])], out[n])


@kernel
def commands_of(program: Any, loops: Any) -> int:
    """Commands of the unrolled program; loops as of `placed`, or without places."""
    commands = 0
    for i in range(program.shape[0]):
        commands += program[i, COUNT]
    for k in range(loops.shape[0]):
        for i in range(loops[k, FIRST], loops[k, FIRST] + loops[k, ENTRIES]):
            commands += program[i, COUNT] * (loops[k, TIMES] - 1)
    return int(commands)


@kernel
def _copy(entry: Any, out: Any) -> None:
    for field in range(N_FIELD):
        out[field] = entry[field]
