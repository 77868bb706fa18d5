"""Cycles of groups of lanes that start together, from the digits of their operands.

Every kernel reads values as places of a table (a value less the least one), `group` consecutive ones to a group, and
writes a number for each group.
"""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import kernel

Int64s = npt.NDArray[np.int64]


@kernel
def largest(places: Int64s, table: Int64s, group: int, out: Int64s) -> None:
    """The largest entry of each group: essential digits that lanes take one a cycle, or significant lengths."""
    for i in range(out.size):
        most = 0
        for j in range(i * group, (i + 1) * group):
            most = max(most, table[places[j]])
        out[i] = most


@kernel
def largest_product(
    places: Int64s, others: Int64s, table: Int64s, second: Int64s, group: int, out: Int64s
) -> None:
    """The largest product of two operands' entries in each group, at least 1 (Laconic)."""
    for i in range(out.size):
        most = 1
        for j in range(i * group, (i + 1) * group):
            most = max(most, table[places[j]] * second[others[j]])
        out[i] = most


@kernel
def union(places: Int64s, table: Int64s, group: int, out: Int64s) -> None:
    """Masks of the columns that any value of each group has a digit in."""
    for i in range(out.size):
        seen = 0
        for j in range(i * group, (i + 1) * group):
            seen |= table[places[j]]
        out[i] = seen


@kernel
def total(places: Int64s, table: Int64s, group: int, out: Int64s) -> None:
    """Sum of the entries of each group."""
    for i in range(out.size):
        added = 0
        for j in range(i * group, (i + 1) * group):
            added += table[places[j]]
        out[i] = added


@kernel
def matching(places: Int64s, others: Int64s, table: Int64s, second: Int64s, group: int, out: Int64s) -> None:
    """Pairs of each group of which neither is zero, at least 1 (SparTen's inner join of a chunk)."""
    for i in range(out.size):
        pairs = 0
        for j in range(i * group, (i + 1) * group):
            if table[places[j]] > 0 and second[others[j]] > 0:
                pairs += 1
        out[i] = max(1, pairs)


@kernel
def shifted(places: Int64s, table: Int64s, group: int, reach: int, pending: Int64s, out: Int64s) -> None:
    """Cycles of each group with a shifter of two stages, at least 1 (Pragmatic).

    In every cycle the second stage stands at the lowest digit that any lane has left, and a lane takes its own lowest
    one if that is less than `reach` = 2^L places above.

    Parameters
    ----------
    pending : int64[group]
        Scratch: digits that lanes have left.
    """
    for i in range(out.size):
        left = 0
        for lane in range(group):
            mask = table[places[i * group + lane]]
            pending[lane] = mask
            left |= mask
        cycles = 0
        while left != 0:
            base = left & -left
            within = (base << reach) - base
            left = 0
            for lane in range(group):
                mask = pending[lane]
                mask &= ~((mask & -mask) & within)
                pending[lane] = mask
                left |= mask
            cycles += 1
        out[i] = max(1, cycles)


@kernel
def minority(places: Int64s, table: Int64s, group: int, columns: int, out: Int64s) -> None:
    """The rarer of ones and zeros of each of the lowest `columns` columns, added up over these (BitVert)."""
    for i in range(out.size):
        chosen = 0
        for column in range(columns):
            ones = 0
            for j in range(i * group, (i + 1) * group):
                ones += (table[places[j]] >> column) & 1
            chosen += min(ones, group - ones)
        out[i] = chosen
