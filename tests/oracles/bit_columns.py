"""Units that take one bit column of a group a cycle: BitWave, BitVert, Anda.

Cycle rules: research/units.md sections 3.6, 3.7, 3.10.
"""

from math import ceil, floor, log2

import numpy as np
from tests.oracles.column_pruning import Pruned, averaged, shifted
from tests.oracles.digit_terms import terms
from tests.oracles.lane_groups import Other, Rows, Served, grouped, serve

PE_WEIGHTS = 16
"""Weights that one BitVert PE takes a column of in a cycle."""


def bitwave(
    values: Rows,
    other: Other = None,
    *,
    bits: int,
    group: int,
    encoding: str = "sign-magnitude",
    signed: bool = True,
    sign: str = "free",
) -> Served:
    """A column is kept when any value of the group has its bit set; a kept column takes a cycle.

    sign: "free" loads the signs beside the magnitudes, "column" gives them a cycle when any value is
    negative (BitWave arXiv 2507.12444 handles the sign column once; the closed forms count magnitudes). In two's
    complement the sign is an ordinary column; other encodings have no columns and are refused.
    """
    if encoding not in ("sign-magnitude", "twos-complement"):
        raise ValueError(f"There are no bit columns in {encoding!r}.")

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        every = [terms(value, encoding=encoding, bits=bits, signed=signed) for value in a]
        taken = total = 0
        for k in range(bits):
            column = []
            for digits, by in zip(every, b, strict=True):
                column += [term.sign * by for term in digits if term.exponent == k]
            if column:
                total += sum(column) * 2**k
                taken += 1
        if sign == "column" and encoding == "sign-magnitude" and min(a) < 0:
            taken += 1
        return taken, total

    return serve(values, other, group=group, by=one)


def bitwave_stored_bits(values: Rows, *, bits: int, group: int) -> list[list[int]]:
    """Bits of each group: kept columns times the group, and one index bit for each of the `bits` columns.

    The sign column is one of them, kept when any value is negative.
    """
    kept = bitwave(values, bits=bits, group=group, sign="column").cycles
    return [[columns * group + bits for columns in row] for row in kept]


def bitvert(
    values: Rows,
    other: Other = None,
    *,
    bits: int,
    group: int,
    removed: int = 0,
    pruning: str = "averaged",
    subgroup: int = 8,
    selectors: int = 4,
) -> Served:
    """Each column of 16 weights goes by its rarer symbol (BBS MICRO 2024 sections III-A and IV-A).

    A sub-group adds the activations of its ones, or subtracts those of its zeros from the sum of all;
    `selectors` of them a cycle, the slowest sub-group decides. `removed` columns are pruned before, and
    their constant is multiplied by the sum of activations beside the columns, in no cycle of its own. A group
    wider than a PE takes a pass for each 16 weights.
    """

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        pruned = prune(a, bits=bits, removed=removed, pruning=pruning)
        taken = 0
        total = pruned.offset * sum(b)
        for at in range(0, group, PE_WEIGHTS):
            words, by = pruned.words[at : at + PE_WEIGHTS], b[at : at + PE_WEIGHTS]
            for k in range(bits - removed):
                column, longest = _bidirectional(words, by, k, subgroup, selectors)
                top = k == bits - removed - 1
                total += (-column if top else column) * 2 ** (k + pruned.low)
                taken += longest
        return taken, total

    return serve(values, other, group=group, by=one)


def prune(group: list[int], *, bits: int, removed: int, pruning: str) -> Pruned:
    """A group without its `removed` columns, by the named way."""
    if removed == 0:
        return Pruned(list(group), 0, 0, 0)
    return {"averaged": averaged, "shifted": shifted}[pruning](group, bits=bits, removed=removed)


def _bidirectional(words: list[int], by: list[int], k: int, subgroup: int, selectors: int) -> tuple[int, int]:
    total, longest = 0, 1
    for at in range(0, len(words), subgroup):
        column = [(word >> k) & 1 for word in words[at : at + subgroup]]
        operands = by[at : at + subgroup]
        rarer = 1 if sum(column) <= len(column) - sum(column) else 0
        selected = [operand for bit, operand in zip(column, operands, strict=True) if bit == rarer]
        total += sum(selected) if rarer == 1 else sum(operands) - sum(selected)
        longest = max(longest, ceil(len(selected) / selectors))
    return total, longest


def bitvert_stored_bits(*, bits: int, removed: int, pruned_group: int = 32) -> float:
    """Bits of an element with the eight metadata bits of its group (section V-H: 6.25 and 4.25)."""
    return bits - removed + 8 / pruned_group


def anda(values: Rows, other: Other = None, *, mantissa_bits: int, group: int = 64) -> Served:
    """One mantissa plane a cycle over all lanes: `mantissa_bits` cycles whatever the values (Anda HPCA 2025).

    `values` are signed mantissas below 2**mantissa_bits; the shared exponent scales the sum afterwards.
    """

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        if max(abs(value) for value in a) >= 2**mantissa_bits:
            raise ValueError(f"A mantissa of the group does not fit {mantissa_bits} bits.")
        total = 0
        for k in range(mantissa_bits - 1, -1, -1):
            plane = 0
            for value, by in zip(a, b, strict=True):
                plane += ((abs(value) >> k) & 1) * (-by if value < 0 else by)
            total = 2 * total + plane
        return mantissa_bits, total

    return serve(values, other, group=group, by=one)


def anda_compressor_cycles(*, mantissa_bits: int) -> int:
    """The sign plane and the mantissa planes of a group, written one after another (section 3.10)."""
    return mantissa_bits + 1


def anda_mantissas(
    values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
    *,
    mantissa_bits: int,
    group: int = 64,
    rounded: bool = False,
) -> tuple[list[list[int]], list[list[int]]]:
    """Signed mantissas, and the exponent of a mantissa's unit of each group, [row][group].

    The largest magnitude keeps its leading one in the top plane; the others are aligned to it and truncated, or
    rounded (half to even) and held below 2**mantissa_bits.
    """
    mantissas: list[list[int]] = []
    units: list[list[int]] = []
    for row in grouped_floats(values, group):
        mantissas.append([])
        units.append([])
        for each in row:
            largest = max(abs(value) for value in each)
            unit = (floor(log2(largest)) if largest > 0 else 0) - (mantissa_bits - 1)
            units[-1].append(unit)
            for value in each:
                scaled = abs(value) / 2.0**unit
                whole = min(round(scaled), 2**mantissa_bits - 1) if rounded else floor(scaled)
                mantissas[-1].append(-whole if value < 0 else whole)
    return mantissas, units


def grouped_floats(
    values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", group: int
) -> list[list[list[float]]]:
    """Groups of consecutive numbers, [row][group][lane]."""
    grouped([[0] * len(row) for row in values], group)
    return [[[float(v) for v in row[at : at + group]] for at in range(0, len(row), group)] for row in values]
