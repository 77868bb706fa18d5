"""A session on HBM-PIM: the host enters all-bank mode, writes kernel code and registers, runs columns, leaves.

Everything the host does is a column access. Registers, mode bits and kernel code lie in reserved rows, so that
reaching them costs a row change: modes are switched by activating reserved rows of banks 0 and 1 (and of two banks
of another group on the way in), after all banks have been parked in a row that holds no data. Sequence and counts:
Samsung PIMSimulator b464dde, src/tests/PIMKernel.cpp (parkIn, changePIMMode, programCrf, computeGemv, parkOut) and
src/Rank.cpp (which rows switch modes).
"""

from bankside.arch.dram.channel.pim.program import DATA, MODE, OPERAND, RESULT, Entries, PimProgram
from bankside.arch.dram.device.commands import MAC, PIM_WR, RD, WR
from bankside.arch.dram.device.standard import Standard
from bankside.arch.spec import ConfigError

REGISTERS = 8
"""Vector registers of one column each that hold operands (GRF_A), and as many that accumulate (GRF_B)."""

COMMANDS_PER_COLUMN = 8
"""Instructions of kernel code that one column write carries: 32 bit each."""

RESERVED_ROWS = 4
"""Rows of registers, of the ways in and out, and to park in."""

CODE_COLUMN, OPERAND_COLUMN = 4, 8
"""Columns of the register row where kernel code and operand registers begin."""


class Session:
    """A program under construction for one pseudo-channel.

    Parameters
    ----------
    standard : Standard
        Compiled for scope bank_pair: a PIM command goes to all even (slice 0) or all odd banks (slice 1).
    rows : int
        Rows of each bank that operands and results take.

    Raises
    ------
    ConfigError
        When the rows reach the reserved ones.
    """

    def __init__(self, standard: Standard, rows: int = 0) -> None:
        free = standard.rows - RESERVED_ROWS
        if rows > free:
            raise ConfigError([f"The operands need {rows} rows of each bank, and a bank has {free}."])
        self.program = PimProgram()
        self.columns = standard.columns
        packed = standard.packed[0]
        self.slices = [int(packed["member"][s * packed["slice_banks"]]) for s in range(int(packed["slices"]))]
        self.banks = [
            group * standard.banks_per_group + bank
            for bank in range(standard.banks_per_group)
            for group in range(standard.bank_groups)
        ]
        other_group = standard.bank_groups // 2 * standard.banks_per_group
        self.switching_banks = [0, 1, other_group, other_group + 1]
        top = standard.rows - 1
        self.register_row, self.enter_row, self.exit_row, self.park_row = top, top - 1, top - 2, top - 3

    def _park(self) -> None:
        for bank in self.banks:
            self.program.add(RD, bank, self.park_row, [0], MODE)
        self.program.fence()

    def enter(self, instructions: int) -> None:
        """Park all banks, switch to all-bank mode and write `instructions` of kernel code."""
        self._park()
        for bank in self.switching_banks:
            self.program.add(WR, bank, self.enter_row, [self.columns - 1], MODE)
        self.program.fence()
        writes = -(-instructions // COMMANDS_PER_COLUMN)
        code = range(CODE_COLUMN, CODE_COLUMN + writes)
        self.program.add(PIM_WR, self.slices[-1], self.register_row, code, MODE)
        self.program.fence()

    def leave(self) -> None:
        """Switch back to single-bank mode and park all banks."""
        for bank in self.slices[:2]:
            self.program.add(PIM_WR, bank, self.exit_row, [self.columns - 1], MODE)
        self.program.fence()
        self._park()

    def toggle(self) -> None:
        """Start or stop the units; starting resets the program counter and clears accumulators."""
        self.program.add(PIM_WR, self.slices[0], self.register_row, [0], MODE)
        self.program.fence()

    def operands(self) -> None:
        """Broadcast one column to each operand register of all units."""
        columns = range(OPERAND_COLUMN, OPERAND_COLUMN + REGISTERS)
        self.program.add(PIM_WR, self.slices[-1], self.register_row, columns, OPERAND)
        self.program.fence()

    def run(self, s: int, row: int, first: int) -> None:
        """One column of every bank of slice `s` for each register, from column `first` of `row` on."""
        self._columns(MAC, s, row, first, DATA)

    def store(self, s: int, row: int, first: int) -> None:
        """Write each register to a column of every bank of slice `s`."""
        self._columns(PIM_WR, s, row, first, RESULT)

    def _columns(self, command: int, s: int, row: int, first: int, purpose: int) -> None:
        row, first = row + first // self.columns, first % self.columns
        here = min(REGISTERS, self.columns - first)
        self.program.add(command, self.slices[s], row, range(first, first + here), purpose)
        if here < REGISTERS:
            self.program.add(command, self.slices[s], row + 1, range(REGISTERS - here), purpose)
        self.program.fence()

    def read_back(self, row: int, first: int, columns: int) -> None:
        """The host reads `columns` columns of every bank of the last slice in single-bank mode."""
        for bank in self.banks:
            if bank % 2 == self.slices[-1] % 2:
                self.program.add(RD, bank, row + first // self.columns, range(columns), RESULT)

    def entries(self) -> Entries:
        """The program."""
        return self.program.entries()
