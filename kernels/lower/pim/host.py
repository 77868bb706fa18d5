"""What a host without PIM does for the same kernels: it streams operands in and results out.

Consecutive bursts go to channel after channel, in a channel to the banks of a group, then to the next group, then
to the next column and row: row, column, bank group, bank, channel, most significant first (PIMSimulator's Scheme8).
"""

import numpy as np

from bankside.arch.dram.channel.pim.program import BANK, COLUMN, COMMAND, COUNT, FIELDS, ROW, Entries
from bankside.arch.dram.device.commands import RD, WR
from bankside.arch.dram.device.standard import Standard
from bankside.arch.spec import ConfigError

MAX_BURSTS = 1 << 22
"""Bursts of one channel in one go."""


def stream(standard: Standard, write: bool, first_byte: int, size_byte: int, channels: int) -> Entries:
    """One channel's share of a stream over all channels that starts at `first_byte` of the memory."""
    step = standard.burst_bytes * channels
    burst = np.arange(first_byte // step, -(-(first_byte + size_byte) // step), dtype=np.int64)
    entries = np.zeros((len(burst), len(FIELDS)), np.int64)
    entries[:, COMMAND], entries[:, COUNT] = (WR if write else RD), 1
    banks = standard.bank_groups * standard.banks_per_group
    entries[:, BANK] = burst % banks  # flat numbers count the banks of a group first
    entries[:, COLUMN] = burst // banks % standard.columns
    entries[:, ROW] = burst // (banks * standard.columns)
    return entries


def host_programs(
    standard: Standard, reads_byte: list[int], written_byte: int, channels: int
) -> list[Entries]:
    """Programs of one channel: all operands are read, one after the other; then the result is written.

    Parameters
    ----------
    reads_byte : list of int
        Sizes of the operands [byte], which lie one after the other from address 0 on.
    written_byte : int
        Size of the result [byte], which lies behind them.

    Raises
    ------
    ConfigError
        When a channel would be asked for more bursts than are kept at a time.
    """
    bursts = -(-(sum(reads_byte) + written_byte) // (standard.burst_bytes * channels))
    if bursts > MAX_BURSTS:
        raise ConfigError([f"{bursts} bursts for each channel are too many; {MAX_BURSTS} are the most."])
    at = 0
    reads = []
    for size in reads_byte:
        reads.append(stream(standard, False, at, size, channels))
        at += size
    programs = [np.concatenate(reads)] if reads else []
    if written_byte:
        programs.append(stream(standard, True, at, written_byte, channels))
    return programs
