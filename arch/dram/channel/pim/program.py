"""A PIM program: the column commands that one channel is asked for, in order, with fences between them.

Row commands are not in it: the controller opens and closes rows as the columns need them. A fence on an entry
means that nothing after it goes before it or before anything ahead of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.device.commands import COLUMN_COMMANDS, COMMANDS

FIELDS: Final = ("command", "bank", "row", "column", "fence", "purpose")

COMMAND, BANK, ROW, COLUMN, FENCE, PURPOSE = range(len(FIELDS))

NO_ROW: Final = -1
"""Row of an entry that touches registers or buffers only, so that no row has to be open."""

PURPOSES: Final = ("data", "operand", "result", "mode")

DATA, OPERAND, RESULT, MODE = range(len(PURPOSES))
"""What an entry is for: columns of the matrix, operand broadcast, result drain, mode switch or kernel code."""

Entries = npt.NDArray[np.int64]


@dataclass
class PimProgram:
    """Entries under construction, in blocks.

    Attributes
    ----------
    blocks : list of numpy.ndarray
        int64, shape (len(FIELDS), n) each.
    """

    blocks: list[Entries] = field(default_factory=list)

    def add(
        self, command: int, bank: int, row: int, columns: Sequence[int] | range, purpose: int = DATA
    ) -> None:
        """Append one entry for each column of a row (any row with `NO_ROW`).

        Raises
        ------
        ValueError
            When the command is no column command.
        """
        if COMMANDS[command] not in COLUMN_COMMANDS:
            raise ValueError(f"{COMMANDS[command]} is no column command; rows are opened as columns need.")
        block = np.zeros((len(FIELDS), len(columns)), np.int64)
        block[COMMAND], block[BANK], block[ROW], block[PURPOSE] = command, bank, row, purpose
        block[COLUMN] = columns
        self.blocks.append(block)

    def extend(self, entries: Entries) -> None:
        """Append ready-made entries, shape (len(FIELDS), n)."""
        self.blocks.append(entries)

    def fence(self) -> None:
        """Let nothing that follows go before what stands here so far."""
        for block in reversed(self.blocks):
            if block.shape[1]:
                block[FENCE, -1] = 1
                return

    def entries(self) -> Entries:
        """All entries, int64, shape (len(FIELDS), n)."""
        if not self.blocks:
            return np.zeros((len(FIELDS), 0), np.int64)
        return np.concatenate(self.blocks, axis=1)


def count(entries: Entries, purpose: int) -> int:
    """Entries of one purpose."""
    return int(np.count_nonzero(entries[PURPOSE] == purpose))
