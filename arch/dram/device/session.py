"""Accesses by which a host switches modes of a PIM device and starts its units: steps of a device file as entries.

Registers, mode bits and kernel code lie in reserved rows, so that a switch is a sequence of column accesses, and costs
what the timings make of it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.device.commands import COMMANDS

if TYPE_CHECKING:
    from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.sections import Step

FIELDS: Final = ("command", "bank", "row", "column", "count", "fence", "purpose", "gap")

COMMAND, BANK, ROW, COLUMN, COUNT, FENCE, PURPOSE, GAP = range(len(FIELDS))
"""Fields of an entry of a PIM program: a run of `count` commands to a row of a bank, or of the slice that the bank is
in, from `column` on; a fence after every `fence`-th command and the last (0: none); what it is for; and packed with a
cause, `slots * 32 + cause`, how long the next command of its kind stays away at least."""

PURPOSES: Final = ("data", "operand", "result", "mode")

DATA, OPERAND, RESULT, MODE = range(len(PURPOSES))
"""What an entry is for: columns of the matrix, operand broadcast, results, mode switch or kernel code."""

Entries = npt.NDArray[np.int64]


def steps(spec: "DeviceSpec", sequence: "Sequence[Step]") -> Entries:
    """A sequence of a device as entries, int64 of shape (n, len(FIELDS)), with a fence after each step."""
    levels = spec.levels
    groups = levels.rank * levels.bank_group
    every = [group * levels.bank + bank for bank in range(levels.bank) for group in range(groups)]
    found = []
    for step in sequence:
        banks = every if step.banks == "all" else list(step.banks)
        for bank in banks:
            row, column = step.row % levels.row, step.column % levels.column
            last = bank == banks[-1]
            found.append(
                [COMMANDS.index(step.command), bank, row, column, step.count, step.count * last, MODE, 0]
            )
    return np.array(found, dtype=np.int64).reshape(-1, len(FIELDS))
