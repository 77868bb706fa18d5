"""A look at the window of a controller that opens rows ahead: what is ready first, and when the others will be."""

from typing import Any, Final

from bankside.arch.dram.channel.pim.program import BANK, COLUMN, COMMAND, COUNT, FENCE, ROW
from bankside.arch.dram.channel.pim.window import column_time, learn, time_of
from bankside.arch.dram.device.commands import ACT, ACT_AB, PRE, PRE_AB, WRA
from bankside.arch.jit import hot_kernel

NOTHING, ROW_COMMAND, COLUMN_COMMAND = range(3)

SINGLE, WHOLE = 0, 1
"""What older commands of a look are about: one of the banks of a slice, or all of it."""

NO_TIME: Final = 1 << 62
"""Packed time of what there is not."""

NOTHING_YET: Final = -(1 << 62)
"""A slot at which nothing is ready."""


@hot_kernel
def look(
    std: Any, st: Any, w: Any, program: Any, slot: int, taken: int
) -> tuple[int, int, int, int, int, int]:
    """The first entry that is ready at `slot`: its place (-1: none) and packed time; else when others are: packed, the
    oldest, if it is a column command, the soonest row command, the soonest of the other column commands, and how many
    runs of these there are.

    Commands of the kind whose bus is `taken` in this slot are not looked at.
    """
    learn(std, st, w, program)
    w["look"] += 1
    oldest = rows = columns = NO_TIME
    runs = k = 0
    behind = False
    before, bank_before, row_before = -1, -1, -1
    while k < w["n"]:
        at = w["start"] + k
        entry = w["order"][at]
        command, bank, row = program[entry, COMMAND], program[entry, BANK], program[entry, ROW]
        if command != before or bank != bank_before or row != row_before:
            before, bank_before, row_before = command, bank, row
            what = w["what"][at]
            hits = row >= 0 and what == command
            first = row < 0 or hits or (w["claimed"][bank] < w["look"] and not _is_held(w, command, bank))
            if row >= 0:
                w["claimed"][bank] = w["look"]
                w["held"][SINGLE if command <= WRA else WHOLE][w["slice"][bank]] = w["look"]
            kind = ROW_COMMAND if is_row(what) else COLUMN_COMMAND
            if (
                first
                and kind != taken
                and (not behind or kind == ROW_COMMAND)
                and (k == 0 or hits or w["hits"][bank] == 0)
            ):
                target = w["target"][at]
                when = (
                    time_of(std, st, what, target)
                    if kind == ROW_COMMAND
                    else column_time(std, st, w, what, target)
                )
                if when >> 5 <= slot:
                    return k, when, oldest, rows, columns, runs
                if kind == ROW_COMMAND:
                    rows = min(rows, when)
                elif k == 0:
                    oldest = when
                else:
                    columns, runs = min(columns, when), runs + 1
        k = _last_alike(w, program, entry, k)
        if w["fence"][w["start"] + k]:
            behind = True
            before = -1
        k += 1
    return -1, 0, oldest, rows, columns, runs


@hot_kernel
def is_row(command: int) -> bool:
    """Whether it is a row command."""
    return command in (ACT, ACT_AB, PRE, PRE_AB)


@hot_kernel
def _is_held(w: Any, command: int, bank: int) -> bool:
    """Whether an older command is about a single bank of the slice that this is about, or about the slice it is in."""
    return bool(w["held"][WHOLE if command <= WRA else SINGLE][w["slice"][bank]] == w["look"])


@hot_kernel
def _last_alike(w: Any, program: Any, entry: int, k: int) -> int:
    """Place of the last command of the window up to which those from place `k` on are of one entry, and no fence is
    between them: they have come in order, and leave so."""
    count, every = program[entry, COUNT], program[entry, FENCE]
    if 0 < every < count:
        return k
    come = w["within"] if entry == w["admitted"] else count
    return int(k + program[entry, COLUMN] + come - 1 - w["column"][w["start"] + k])
