"""Lengths and bricks by hand, closed forms, and numpy's dot product."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from tests.oracles.digit_expectations import counted, expected_max, uniform
from tests.oracles.group_lengths import LENGTHS, bit_fusion, length, loom, shapeshifter
from tests.oracles.lane_groups import dot_products

RANDOM = np.random.default_rng(12)
VALUES = RANDOM.integers(-100, 101, (5, 24)) // RANDOM.integers(1, 40, (5, 24))
OTHER = RANDOM.integers(-100, 101, (5, 24)) // RANDOM.integers(1, 40, (5, 24))
DOTS = (VALUES * OTHER).sum(axis=1).tolist()


@pytest.mark.parametrize("rule", LENGTHS)
def test_planes_add_up_to_the_dot_product(rule: str) -> None:
    served = shapeshifter(VALUES.tolist(), OTHER.tolist(), bits=8, group=4, rule=rule)
    assert dot_products(served) == DOTS
    assert dot_products(loom(VALUES.tolist(), OTHER.tolist(), bits=8, group=4, rule=rule)) == DOTS


@pytest.mark.parametrize(
    ("rule", "lengths"),
    [("pattern", [0, 1, 3, 8, 8]), ("sign-magnitude", [0, 1, 3, 2, 4]), ("sign-extended", [0, 2, 4, 1, 4])],
)
def test_lengths_by_hand(rule: str, lengths: list[int]) -> None:
    assert [length(value, bits=8, rule=rule) for value in (0, 1, 5, -1, -7)] == lengths


def test_longest_of_a_group_by_hand() -> None:
    values = [[1, 5, 0, 0, -7, 1]]
    assert shapeshifter(values, bits=8, group=2).cycles == [[3, 0, 8]]
    assert shapeshifter(values, bits=8, group=2, rule="sign-magnitude", least=1).cycles == [[3, 1, 4]]


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("group", [1, 4, 16])
def test_longest_pattern_follows_the_closed_form(bits: int, group: int) -> None:
    counts = {0: Fraction(1, 2**bits)}
    for n in range(1, bits + 1):
        counts[n] = Fraction(2 ** (n - 1), 2**bits)
    closed = bits - sum(Fraction(1, 2 ** (j * group)) for j in range(1, bits + 1))
    assert expected_max(counts, group) == closed
    if bits == 8:
        assert counted(uniform(8, signed=False), lambda v: length(v, bits=8, rule="pattern")) == counts


def test_loom_takes_the_product_of_the_lengths() -> None:
    a, b = [[3, 1, 0, 0]], [[5, 7, 9, 1]]
    assert loom(a, b, bits=8, group=2).cycles == [[2 * 3, 0]]
    assert loom(a, b, bits=8, group=2, fully_connected=True).cycles == [[3, 4]]


@pytest.mark.parametrize(
    ("a", "w", "rate"),
    [(2, 2, 16), (4, 2, 8), (4, 4, 4), (8, 2, 4), (8, 4, 2), (8, 8, 1), (16, 8, 0.5), (16, 16, 0.25)],
)
def test_bricks_give_the_published_products_a_cycle(a: int, w: int, rate: float) -> None:
    random = np.random.default_rng(5)
    left = random.integers(-(2 ** (a - 1)), 2 ** (a - 1), (2, 32))
    right = random.integers(-(2 ** (w - 1)), 2 ** (w - 1), (2, 32))
    served = bit_fusion(left.tolist(), right.tolist(), bits=a, other_bits=w, group=16)
    assert {16 / cycles for row in served.cycles for cycles in row} == {rate}
    assert dot_products(served) == (left * right).sum(axis=1).tolist()


def test_odd_widths_take_the_next_brick() -> None:
    assert bit_fusion([[1, 1]], [[1, 1]], bits=3, other_bits=5, group=2).cycles == [[1]]
    assert bit_fusion([[1] * 16], [[1] * 16], bits=3, other_bits=5, group=16).cycles == [[8]]


def test_every_small_product_of_bricks() -> None:
    for a, b in product(range(-8, 8), repeat=2):
        assert bit_fusion([[a]], [[b]], bits=4, other_bits=4, group=1).sums == [[a * b]]
