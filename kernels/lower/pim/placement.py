"""Where AttAcc puts its units, and what that means for dealing keys, values and moves of one channel.

The pseudo-channels of a channel take every PIM command together. Tokens of a head are dealt to the units that own a
token's whole row of keys (`token_ways`), head dimensions to units that share a token (`dim_ways`).
Source: AttAcc simulator c600051, pim_ramulator_src/trace_gen/gen_trace_attacc_{bank,bg,buffer}.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.device.commands import MAC, RD
from bankside.arch.dram.device.standard import Standard

PSEUDO_CHANNELS: Final = 2
"""Pseudo-channels of a channel of HBM3, each with its units."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Placement:
    """One placement on one device.

    Attributes
    ----------
    command : int
        What streams a column past the units: MAC, or RD where they sit at the buffer die.
    unit_byte : int
        Bytes of a column that one unit takes.
    token_ways, dim_ways : int
        Units that tokens are dealt to; units that the head dimensions of a token are dealt to.
    operand_banks, score_banks, context_banks : list of int
        Banks whose buffers are written with a query, drained of scores, drained of outputs; one move each.
    weight_banks : list of int
        Banks whose buffers are written with softmax results.
    locate : callable
        Bank, row and column of the n-th columns of a matrix (rows count from its first).
    """

    command: int
    unit_byte: int
    token_ways: int
    dim_ways: int
    operand_banks: list[int]
    score_banks: list[int]
    context_banks: list[int]
    weight_banks: list[int]
    locate: Callable[[Numbers], tuple[Numbers, Numbers, Numbers]]


def _flat(standard: Standard, rank: int, group: int, bank: int) -> int:
    return (rank * standard.bank_groups + group) * standard.banks_per_group + bank


def place(standard: Standard, name: str, together: int = PSEUDO_CHANNELS) -> Placement:
    """The placement `BA` (banks), `BG` (bank groups) or `BUFFER` (buffer die).

    `together`: units that each command to a node reaches, in all pseudo-channels.
    """
    byte = standard.burst_bytes * standard.pseudo_channels // together
    ranks, groups, banks = range(standard.ranks), range(standard.bank_groups), range(standard.banks_per_group)
    by_group = [_flat(standard, r, g, 0) for g in groups for r in ranks]
    by_rank = [_flat(standard, r, g, 0) for r in ranks for g in groups]
    columns, n_banks, n_groups = standard.columns, len(banks), len(ranks) * len(groups)

    def in_banks(n: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        return np.zeros_like(n), n // columns, n % columns

    def in_groups(n: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        return n // columns % n_banks, n // (columns * n_banks), n % columns

    def in_buffer(n: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        outer = n // n_groups
        bank = n % n_groups * n_banks + outer % n_banks
        return bank, outer // (n_banks * columns), outer // n_banks % columns

    if name == "BA":
        first = [_flat(standard, 0, 0, b) for b in banks]
        drained = [_flat(standard, r, 0, b) for b in banks for r in ranks]
        ways = together * n_groups
        return Placement(MAC, byte, ways, n_banks, first, by_group, drained, by_rank, in_banks)
    if name == "BG":
        drained = [_flat(standard, r, 0, 0) for r in ranks]
        return Placement(MAC, byte, together * n_groups, 1, [0], by_group, drained, by_rank, in_groups)
    return Placement(RD, byte, together, 1, [0], [0], [0], [0], in_buffer)


PLACEMENTS: Final = {"BA": "bank", "BG": "bank_group", "BUFFER": "bank_group"}
"""The scope of PIM commands of each placement; the buffer die's columns are ordinary reads."""
