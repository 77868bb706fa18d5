"""A PIM program: the column commands that one channel is asked for, in order, with fences between them.

An entry is a run of commands of one kind to consecutive columns of one row. Row commands are not in it: the controller
opens and closes rows as the columns need them. A fence means that nothing after a command goes before it or before
anything ahead of it. All pseudo-channels of the channel do what the program says of the first, in lock step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.source import PIM
from bankside.arch.dram.device.commands import COLUMN_COMMANDS, COMMANDS
from bankside.arch.dram.device.session import (
    BANK,
    COLUMN,
    COMMAND,
    COUNT,
    DATA,
    FENCE,
    FIELDS,
    GAP,
    MODE,
    OPERAND,
    PURPOSE,
    RESULT,
    ROW,
)

__all__ = [
    "BANK", "COLUMN", "COMMAND", "COUNT", "DATA", "FENCE", "FIELDS", "GAP", "HEAD", "LEAVE", "LOOPS", "LOOP_COUNT",
    "LOOP_FIRST", "LOOP_TIMES", "LOOP_WORDS", "MODE", "NO_LOOPS", "NO_ROW", "OPERAND", "PURPOSE",
    "RESULT", "RESULTS", "ROW", "ROWS", "Entries", "PimProgram", "commands", "commands_of_words", "merged", "words",
]  # fmt: skip

LEAVE: Final = 1
"""Word of a program that says whether the channel is left in the mode of ordinary requests."""

RESULTS, ROWS = 2, 3
"""Words of a program that say from which row on results are stored, -1: none are; and how many rows data and results go
round, behind which rows are reserved, -1: all. They are for who compares parts of programs."""

LOOPS: Final = 4
"""Word of a program that says how many loops it has."""

HEAD: Final = 5
"""Word at which the loops begin; behind them stand the entries, the bodies of loops once."""

LOOP_WORDS: Final = 3
LOOP_FIRST, LOOP_COUNT, LOOP_TIMES = range(LOOP_WORDS)
"""Words of a loop: the first entry of its body and their number, and how often it is gone through."""

NO_ROW: Final = -1
"""Row of an entry that touches registers or buffers only, so that no row has to be open."""

Entries = npt.NDArray[np.int64]

NO_LOOPS: Final = np.zeros((0, LOOP_WORDS), dtype=np.int64)


@dataclass
class PimProgram:
    """Entries under construction, in blocks.

    Attributes
    ----------
    blocks : list of numpy.ndarray
        int64, shape (n, len(FIELDS)) each.
    """

    blocks: list[Entries] = field(default_factory=list)

    def add(
        self, command: int, bank: int, row: int, columns: Sequence[int], purpose: int = DATA, gap: int = 0
    ) -> None:
        """Append one command for each of consecutive columns of a row (any row with `NO_ROW`).

        Raises
        ------
        ValueError
            When the command is no column command, or the columns are not consecutive.
        """
        if COMMANDS[command] not in COLUMN_COMMANDS:
            raise ValueError(f"{COMMANDS[command]} is no column command; rows are opened as columns need.")
        first, count = (columns[0], len(columns)) if columns else (0, 0)
        if list(columns) != list(range(first, first + count)):
            raise ValueError(f"A run of commands goes to consecutive columns, not {list(columns)}.")
        if count:
            self.blocks.append(
                np.array([[command, bank, row, first, count, 0, purpose, gap]], dtype=np.int64)
            )

    def extend(self, entries: Entries) -> None:
        """Append ready-made entries, shape (n, len(FIELDS))."""
        self.blocks.append(entries)

    def fence(self) -> None:
        """Let nothing that follows go before what stands here so far."""
        for block in reversed(self.blocks):
            if len(block):
                if block[-1, FENCE] == 0:
                    block[-1, FENCE] = block[-1, COUNT]
                return

    def entries(self) -> Entries:
        """All entries, int64, shape (n, len(FIELDS))."""
        return np.concatenate([np.zeros((0, len(FIELDS)), np.int64), *self.blocks])


def merged(entries: Entries) -> Entries:
    """The same program with single commands to consecutive columns made runs."""
    if not len(entries):
        return entries
    same = np.all(
        entries[1:, [COMMAND, BANK, ROW, PURPOSE, GAP]] == entries[:-1, [COMMAND, BANK, ROW, PURPOSE, GAP]],
        axis=1,
    )
    follows = entries[1:, COLUMN] == entries[:-1, COLUMN] + entries[:-1, COUNT]
    starts = np.flatnonzero(np.append(True, ~(same & follows & (entries[:-1, FENCE] == 0))))
    runs = entries[starts]
    runs[:, COUNT] = np.add.reduceat(entries[:, COUNT], starts)
    ends = np.append(starts[1:], len(entries)) - 1
    runs[:, FENCE] = np.where(entries[ends, FENCE] > 0, runs[:, COUNT], 0)
    return runs


def words(
    entries: Entries, leave: bool = False, results: int = -1, rows: int = -1, loops: Entries = NO_LOOPS
) -> Entries:
    """A program as a channel takes it; `leave` the mode of PIM at its end, where modes exclude each other; `results`,
    `rows`: see `RESULTS`; loops: int64[loops, LOOP_WORDS], in order."""
    head = np.array([PIM, leave, results, rows, len(loops)], dtype=np.int64)
    return np.concatenate([head, loops.ravel(), entries.ravel()])


def commands(entries: Entries, purpose: int | None = None) -> int:
    """Commands of a program, of one purpose or all."""
    counted = entries if purpose is None else entries[entries[:, PURPOSE] == purpose]
    return int(counted[:, COUNT].sum())


def commands_of_words(work: Entries) -> int:
    """Commands of a program by its words, bodies of loops in every turn."""
    begin = HEAD + int(work[LOOPS]) * LOOP_WORDS
    entries = work[begin:].reshape(-1, len(FIELDS))
    found = commands(entries)
    for first, count, times in work[HEAD:begin].reshape(-1, LOOP_WORDS).tolist():
        found += (times - 1) * commands(entries[first : first + count])
    return found
