"""Cases by hand, closed forms and published means, and the dot product of numpy for every unit.

Published means: research/units.md sections 3.2, 3.3 and 3.11, bitserial_analytic.csv; those of Pragmatic's shifter are
samples of 20,000 groups whose standard errors stand beside them.
"""

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from tests.oracles.bit_serial import bit_parallel, essential, laconic, pragmatic, stripes
from tests.oracles.digit_expectations import digit_counts, expected_columns, expected_max, products, uniform
from tests.oracles.digit_terms import ENCODINGS
from tests.oracles.lane_groups import Served, dot_products, mean_cycles, total_cycles

RANDOM = np.random.default_rng(11)
VALUES = RANDOM.integers(-127, 128, (6, 32)).tolist()
OTHER = RANDOM.integers(-127, 128, (6, 32)).tolist()

UNITS: dict[str, Callable[..., Served]] = {
    "bit-parallel": lambda a, b: bit_parallel(a, b, group=8),
    "stripes": lambda a, b: stripes(a, b, bits=8, group=8),
    **{f"essential {e}": lambda a, b, e=e: essential(a, b, bits=8, group=8, encoding=e) for e in ENCODINGS},
    **{
        f"pragmatic {e} {shift}": lambda a, b, e=e, shift=shift: pragmatic(
            a, b, bits=8, group=16, shift_bits=shift, encoding=e
        )
        for e, shift in product(ENCODINGS, range(5))
    },
    **{f"laconic {e}": lambda a, b, e=e: laconic(a, b, bits=8, group=8, encoding=e) for e in ENCODINGS},
}


@pytest.mark.parametrize("unit", UNITS)
def test_digits_add_up_to_the_dot_product(unit: str) -> None:
    served = UNITS[unit](VALUES, OTHER)
    assert dot_products(served) == (np.array(VALUES) * np.array(OTHER)).sum(axis=1).tolist()


def test_one_vector_serves_every_row_and_ones_serve_without() -> None:
    assert (
        dot_products(stripes(VALUES, OTHER[0], bits=8, group=8))
        == (np.array(VALUES) @ np.array(OTHER[0])).tolist()
    )
    assert dot_products(stripes(VALUES, bits=8, group=8)) == np.array(VALUES).sum(axis=1).tolist()


def test_unsigned_words() -> None:
    values = np.random.default_rng(4).integers(0, 256, (3, 16)).tolist()
    expected = np.array(values).sum(axis=1).tolist()
    assert dot_products(stripes(values, bits=8, group=4, signed=False)) == expected
    for encoding in ENCODINGS:
        assert dot_products(essential(values, bits=8, group=4, encoding=encoding, signed=False)) == expected


def test_groups_by_hand() -> None:
    values = [[0b0111, 0b0001, 0, 0, 0, 0, 0b0101, 0b0100]]
    assert bit_parallel(values, group=4).cycles == [[1, 1]]
    assert stripes(values, bits=4, group=4).cycles == [[4, 4]]
    assert essential(values, bits=4, group=2).cycles == [[3, 0, 0, 2]]
    assert essential(values, bits=4, group=2, least=1).cycles == [[3, 1, 1, 2]]
    assert essential(values, bits=4, group=2, encoding="naf").cycles == [[2, 0, 0, 2]]


@pytest.mark.parametrize(("shift_bits", "cycles"), [(0, 5), (1, 4), (2, 4), (3, 4)])
def test_shifter_by_hand(shift_bits: int, cycles: int) -> None:
    # Lanes a = 0b0100111 and b = 0b1000110.
    # L=0: a0; a1 b1; a2 b2; a5; b6.
    # L=1: base 0 retires a0 b1; base 1 a1 b2; base 2 a2 (6 is beyond 3); base 5 a5 b6.
    # L=2: base 0 retires a0 b1; base 1 a1 b2; base 2 a2 (6 is beyond 5); base 5 a5 b6.
    # L=3: base 0 retires a0 b1; base 1 a1 b2; base 2 a2 b6; base 5 a5.
    served = pragmatic([[0b0100111, 0b1000110]], bits=8, group=2, shift_bits=shift_bits)
    assert served.cycles == [[cycles]]


def test_a_wide_shifter_is_the_essential_unit_and_none_is_the_occupied_columns() -> None:
    for encoding in ENCODINGS:
        wide = pragmatic(VALUES, bits=8, group=16, shift_bits=4, encoding=encoding)
        assert wide == essential(VALUES, bits=8, group=16, encoding=encoding, least=1)
    none = pragmatic(VALUES, bits=8, group=4, shift_bits=0)
    for row, groups in zip(VALUES, none.cycles, strict=True):
        occupied = [int(np.bitwise_or.reduce([v & 255 for v in row[at : at + 4]])) for at in range(0, 32, 4)]
        assert groups == [bits.bit_count() for bits in occupied]


def test_pragmatic_of_zeros_takes_a_cycle() -> None:
    assert pragmatic([[0, 0]], bits=8, group=2, shift_bits=2) == Served([[1]], [[0]])


def test_essential_equals_its_expectation_over_every_group() -> None:
    every = [list(group) for group in product(range(-4, 4), repeat=3)]
    for encoding in ("twos-complement", "naf", "booth"):
        counts = digit_counts(uniform(3), encoding=encoding, bits=3)
        served = essential(every, bits=3, group=3, encoding=encoding)
        assert mean_cycles(served) == expected_max(counts, 3)


def test_laconic_equals_its_expectation_over_every_group() -> None:
    every = list(product(range(-4, 4), repeat=4))
    served = laconic([g[:2] for g in every], [g[2:] for g in every], bits=3, group=2)
    counts = digit_counts(uniform(3), encoding="booth", bits=3)
    assert mean_cycles(served) == expected_max(products(counts, counts), 2, least=1)


def test_laconic_by_hand() -> None:
    # 7 = 8 - 1 has two Booth digits, 5 = 4 + 1 two, 1 one, 0 none.
    assert laconic([[7, 1, 0, 0]], [[5, 5, 7, 0]], bits=4, group=2).cycles == [[4, 1]]
    assert laconic([[7, 1, 0, 0]], [[5, 5, 7, 0]], bits=4, group=1).cycles == [[4, 2, 1, 1]]


@pytest.mark.parametrize(
    ("bits", "shift_bits", "published", "error"),
    [
        (8, 1, 6.86855, 0.0034),
        (8, 2, 6.4113, 0.0051),
        (8, 3, 6.4086, 0.0052),
        (16, 1, 13.3711, 0.0046),
        (16, 2, 11.8117, 0.0063),
        (16, 3, 11.4809, 0.0075),
    ],
)
def test_shifter_on_uniform_words(bits: int, shift_bits: int, published: float, error: float) -> None:
    words = np.random.default_rng(100 * bits + shift_bits).integers(0, 2**bits, (800, 16)).tolist()
    served = pragmatic(words, bits=bits, group=16, shift_bits=shift_bits, signed=False)
    cycles = np.array(served.cycles, dtype=float)
    own = float(cycles.std(ddof=1)) / cycles.size**0.5
    assert abs(cycles.mean() - published) < 3 * (own**2 + error**2) ** 0.5


def test_ends_of_the_shifter_are_the_occupied_columns_and_the_most_digits() -> None:
    # L = 0 and L = infinity are exact.
    columns = expected_columns(uniform(8), 16, encoding="twos-complement", bits=8)
    assert columns == 8 * (1 - Fraction(1, 2**16))
    counts = digit_counts(uniform(8), encoding="twos-complement", bits=8)
    assert float(expected_max(counts, 16, least=1)) == pytest.approx(6.41365, abs=5e-6)


def test_sync_of_sixteen_windows_is_a_group_of_all_lanes() -> None:
    # Pallet sync: the 16 windows of 16 lanes take as long as their slowest of 256 lanes.
    words = np.random.default_rng(8).integers(0, 256, (16, 16)).tolist()
    windows = essential(words, bits=8, group=16, signed=False)
    pallet = essential([[word for window in words for word in window]], bits=8, group=256, signed=False)
    assert total_cycles(windows.cycles, columns=16) == pallet.cycles[0][0]
