"""Columns by hand, the exact mean over every group, and numpy's dot product of what the columns stand for."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from tests.oracles.bit_columns import (
    anda,
    anda_compressor_cycles,
    anda_mantissas,
    bitvert,
    bitvert_stored_bits,
    bitwave,
    bitwave_stored_bits,
    prune,
)
from tests.oracles.column_pruning import averaged, redundant_columns, shifted
from tests.oracles.lane_groups import dot_products, mean_cycles

RANDOM = np.random.default_rng(13)
VALUES = RANDOM.integers(-127, 128, (4, 64))
OTHER = RANDOM.integers(-127, 128, (4, 64))
DOTS = (VALUES * OTHER).sum(axis=1).tolist()


@pytest.mark.parametrize("sign", ["free", "column"])
@pytest.mark.parametrize("encoding", ["sign-magnitude", "twos-complement"])
def test_kept_columns_add_up_to_the_dot_product(encoding: str, sign: str) -> None:
    served = bitwave(VALUES.tolist(), OTHER.tolist(), bits=8, group=8, encoding=encoding, sign=sign)
    assert dot_products(served) == DOTS


def test_kept_columns_by_hand() -> None:
    values = [[5, 1, -4, 0, 0, 0]]  # magnitudes 101 001, 100 000, 000 000
    assert bitwave(values, bits=8, group=2).cycles == [[2, 1, 0]]
    assert bitwave(values, bits=8, group=2, sign="column").cycles == [[2, 2, 0]]
    assert bitwave(values, bits=8, group=2, encoding="twos-complement").cycles == [[2, 6, 0]]
    assert bitwave_stored_bits(values, bits=8, group=2) == [[2 * 2 + 8, 2 * 2 + 8, 8]]


def test_signed_digits_have_no_columns() -> None:
    with pytest.raises(ValueError, match="no bit columns in 'naf'"):
        bitwave([[1, 2]], bits=8, group=2, encoding="naf")


def test_kept_columns_of_every_group() -> None:
    every = [list(group) for group in product(range(8), repeat=3)]
    served = bitwave(every, bits=3, group=3, signed=False)
    assert mean_cycles(served) == 3 * (1 - Fraction(1, 8))


@pytest.mark.parametrize("removed", [0, 2, 4])
@pytest.mark.parametrize("pruning", ["averaged", "shifted"])
def test_bidirectional_columns_add_up_to_the_pruned_dot_product(pruning: str, removed: int) -> None:
    served = bitvert(VALUES.tolist(), OTHER.tolist(), bits=8, group=16, removed=removed, pruning=pruning)
    assert {cycles for row in served.cycles for cycles in row} == {8 - removed}
    for row, by, found in zip(VALUES.tolist(), OTHER.tolist(), dot_products(served), strict=True):
        new = []
        for at in range(0, 64, 16):
            new += prune(row[at : at + 16], bits=8, removed=removed, pruning=pruning).values()
        assert found == int(np.dot(new, by))
        assert new == row or removed > 0


def test_a_pruning_group_of_32_takes_two_passes() -> None:
    served = bitvert(VALUES.tolist(), bits=8, group=32, removed=4, pruning="shifted")
    assert served.cycles == [[8, 8]] * 4
    assert [bitvert_stored_bits(bits=8, removed=n) for n in (2, 4)] == [6.25, 4.25]


def test_too_few_selectors_take_more_cycles() -> None:
    # Columns 0 of both sub-groups have two ones of four; the others are empty.
    values = [[1, 1, 0, 0, 1, 0, 0, 0]]
    assert bitvert(values, bits=4, group=8, subgroup=4, selectors=2).cycles == [[4]]
    assert bitvert(values, bits=4, group=8, subgroup=4, selectors=1).cycles == [[5]]


def test_a_column_of_ones_subtracts_nothing() -> None:
    assert bitvert([[-1, -1, -1, -1]], [[2, 3, 5, 7]], bits=8, group=4).sums == [[-17]]


def test_rounded_averaging_by_hand() -> None:
    # 00110101 00100110 11010111 11101000: below the sign one redundant column, so of three two low ones
    # go: 01 10 11 00 have the mean 1.5, to the even 2.
    group = [0b00110101, 0b00100110, 0b11010111 - 256, 0b11101000 - 256]
    assert redundant_columns(group, bits=8) == 1
    pruned = averaged(group, bits=8, removed=3)
    assert (pruned.redundant, pruned.low, pruned.offset) == (1, 2, 2)
    assert pruned.values() == [54, 38, -42, -22]
    assert all(-16 <= word < 16 for word in pruned.words)


def test_zero_point_shifting_by_hand() -> None:
    # All are 7 above a multiple of 16: the constants -23, -7, 9 and 25 lose nothing, and the first wins.
    pruned = shifted([7, 23, -9, 103], bits=8, removed=4)
    assert (pruned.low, pruned.offset) == (4, 23)
    assert pruned.values() == [7, 23, -9, 103]


def test_pruned_words_fit_and_shifting_costs_no_more_than_dropping() -> None:
    for row in VALUES.tolist():
        for removed in (1, 2, 4, 6):
            for way in (averaged, shifted):
                pruned = way(row[:32], bits=8, removed=removed)
                assert all(-(2 ** (7 - removed)) <= word < 2 ** (7 - removed) for word in pruned.words)
            error = sum((a - b) ** 2 for a, b in zip(pruned.values(), row[:32], strict=True))
            dropped = [min(round(v / 2**removed), 2 ** (7 - removed) - 1) * 2**removed for v in row[:32]]
            assert error <= sum((a - b) ** 2 for a, b in zip(dropped, row[:32], strict=True))


def test_mantissa_planes_add_up_whatever_the_values() -> None:
    served = anda((VALUES // 16).tolist(), OTHER.tolist(), mantissa_bits=4, group=64)
    assert served.cycles == [[4]] * 4
    assert dot_products(served) == ((VALUES // 16) * OTHER).sum(axis=1).tolist()
    assert anda_compressor_cycles(mantissa_bits=4) == 5
    with pytest.raises(ValueError, match="does not fit 4 bits"):
        anda([[16, 0]], mantissa_bits=4, group=2)


def test_mantissas_by_hand() -> None:
    values = np.array([[5.0, -2.9, 0.4, 0.0]])
    assert anda_mantissas(values, mantissa_bits=4, group=4) == ([[10, -5, 0, 0]], [[-1]])
    assert anda_mantissas(values, mantissa_bits=4, group=4, rounded=True) == ([[10, -6, 1, 0]], [[-1]])


@pytest.mark.parametrize(
    ("mantissa_bits", "rounded", "published"), [(4, False, 17.163), (4, True, 22.949), (8, False, 41.029)]
)
def test_mantissas_of_a_gaussian_lose_what_the_table_says(
    mantissa_bits: int, rounded: bool, published: float
) -> None:
    values = np.random.default_rng(0).standard_normal((16, 4096))
    mantissas, units = anda_mantissas(values, mantissa_bits=mantissa_bits, rounded=rounded)
    kept = np.array(mantissas) * np.repeat(2.0 ** np.array(units), 64, axis=1)
    sqnr = 10 * np.log10((values**2).sum() / ((values - kept) ** 2).sum())
    assert sqnr == pytest.approx(published, abs=0.05)
