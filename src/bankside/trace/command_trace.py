"""Command traces as DRAMsim3 writes them: `cycle command channel rank bankgroup bank row column`, one command a line.

The layout is that of its CMD_TRACE build (the clock left-aligned in 18 columns, the command in 20, four numbers in 3,
row and column hexadecimal in 8; -1 where a command has none), and its names of commands where it has one:
`precharge_all`, `activate_2` and `cas` are ours. Pseudo-channels are numbered as channels; where commands are issued on
half clocks, a clock has a fraction.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.device.commands import COMMANDS
from bankside.arch.dram.device.standard import Standard

Ints = npt.NDArray[np.int64]

NAMES: Final = {
    "RD": "read",
    "RDA": "read_p",
    "WR": "write",
    "WRA": "write_p",
    "ACT": "activate",
    "PRE": "precharge",
    "REF": "refresh",
    "REFSB": "refresh_bank",
    "PREA": "precharge_all",
    "ACT2": "activate_2",
    "CAS": "cas",
}
LINE: Final = "%-18s %-20s %3d %3d %3d %3d %#8x %#8x\n"
LINES_OF_A_PIECE: Final = 1 << 16
_BANKLESS: Final = ("REF", "PREA")


def command_lines(
    standard: Standard, traces: Iterable[tuple[int, Ints]], first_slot: int = 1
) -> Iterator[str]:
    """The text of a command trace in pieces, all channels in one, in order of time.

    Parameters
    ----------
    standard : Standard
    traces : iterable of (channel, array of shape (n, 5))
        Commands of a channel as `controller.run` records them: slot, command, bank, row, column.
    first_slot : int
        Slot of the clock that bears its number; later clocks are `slots_per_ck` slots apart.
    """
    held = list(traces)
    if len(held) == 1:  # already in order of time, and long ones are not copied
        channel, trace = held[0]
        channels = np.full(LINES_OF_A_PIECE, channel)
        for first in range(0, len(trace), LINES_OF_A_PIECE):
            rows = trace[first : first + LINES_OF_A_PIECE]
            yield _text(standard, channels[: len(rows)], rows, first_slot)
    elif held:
        every = np.concatenate([trace for _, trace in held])
        channels = np.repeat([channel for channel, _ in held], [len(trace) for _, trace in held])
        order = np.lexsort((channels, every[:, 0]))
        for first in range(0, len(every), LINES_OF_A_PIECE):
            chosen = order[first : first + LINES_OF_A_PIECE]
            yield _text(standard, channels[chosen], every[chosen], first_slot)


def _text(standard: Standard, channel: Ints, commands: Ints, first_slot: int) -> str:
    return "".join([LINE % row for row in _fields(standard, channel, commands, first_slot)])


def _fields(
    standard: Standard, channel: Ints, commands: Ints, first_slot: int
) -> Iterator[tuple[str | int, ...]]:
    slot, command, bank, row, column = commands.T
    group, banks, ranks = standard.bank_groups, standard.banks_per_group, standard.ranks
    inner = bank // banks
    bankless = np.isin(command, [COMMANDS.index(name) for name in _BANKLESS])
    per_clock = int(standard.packed[0]["slots_per_ck"])
    if per_clock == 1:
        clock = [str(value) for value in slot.tolist()]
    else:
        clock = [
            f"{(value - first_slot) / per_clock + first_slot:.1f}".removesuffix(".0")
            for value in slot.tolist()
        ]
    return zip(
        clock,
        [NAMES.get(COMMANDS[code], COMMANDS[code].lower()) for code in command.tolist()],
        (channel * standard.pseudo_channels + inner // (ranks * group)).tolist(),
        (inner // group % ranks).tolist(),
        np.where(bankless, -1, inner % group).tolist(),
        np.where(bankless, -1, bank % banks).tolist(),
        row.tolist(),
        column.tolist(),
        strict=True,
    )
