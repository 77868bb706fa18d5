"""A program whose bodies are repeated, unrolled where it is looked at."""

from typing import Any

from bankside.arch.dram.channel.pim.program import COUNT, FIELDS
from bankside.arch.dram.channel.pim.program import LOOP_COUNT as ENTRIES
from bankside.arch.dram.channel.pim.program import LOOP_FIRST as FIRST
from bankside.arch.dram.channel.pim.program import LOOP_TIMES as TIMES
from bankside.arch.jit import kernel

N_FIELD = len(FIELDS)


@kernel
def unrolled(program: Any, loops: Any, first: int, out: Any) -> None:
    """Write entries from number `first` on of the unrolled program to `out`, int64[entries, FIELDS]."""
    last, at, i = first + out.shape[0], 0, 0
    for k in range(loops.shape[0] + 1):
        upto = loops[k, FIRST] if k < loops.shape[0] else program.shape[0]
        for v in range(max(first, at), min(last, at + upto - i)):
            _copy(program[i + v - at], out[v - first])
        at, i = at + upto - i, upto
        if k < loops.shape[0]:
            body = loops[k, ENTRIES]
            for v in range(max(first, at), min(last, at + body * loops[k, TIMES])):
                _copy(program[i + (v - at) % body], out[v - first])
            at, i = at + body * loops[k, TIMES], i + body


@kernel
def unrolled_length(program: Any, loops: Any) -> int:
    """Entries of the unrolled program."""
    length = program.shape[0]
    for k in range(loops.shape[0]):
        length += loops[k, ENTRIES] * (loops[k, TIMES] - 1)
    return int(length)


@kernel
def commands_of(program: Any, loops: Any) -> int:
    """Commands of the unrolled program."""
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
