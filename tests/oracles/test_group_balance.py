"""Rounds and dispatches by hand, and the closed form of unordered rounds."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from tests.oracles.group_balance import (
    BALANCES,
    dispatched,
    expected_round,
    expected_width,
    sorted_groups,
    unordered,
)

WIDTHS = [4, 8, 4, 4, 8, 4, 4]


def test_three_ways_by_hand() -> None:
    # Rounds (4 8) (4 4) (8 4) (4); sorted (8 8) (4 4) (4 4) (4).
    assert unordered(WIDTHS, lanes=2) == (8 + 4 + 8 + 4, 36)
    assert sorted_groups(WIDTHS, lanes=2) == (8 + 4 + 4 + 4, 36)
    # Lane 0: 4, 4 (at 4), 4 (at 8, before lane 1), 4 (at 12), 4; lane 1: 8, 8.
    assert dispatched(WIDTHS, lanes=2) == (20, 36)
    assert unordered(WIDTHS, lanes=2).imbalance(2) == Fraction(48, 36)


def test_overhead_goes_with_every_group() -> None:
    assert dispatched([4, 4, 4], lanes=1, overhead=1) == (15, 12)
    assert dispatched([8, 4, 4], lanes=2, overhead=1) == (10, 16)


def test_one_width_is_balanced_without_overhead() -> None:
    for way in BALANCES.values():
        assert way([4] * 32, lanes=16) == (8, 128)


@pytest.mark.parametrize("share", [Fraction(1, 20), Fraction(1, 4), Fraction(1, 2), Fraction(0), Fraction(1)])
def test_mean_of_an_unordered_round(share: Fraction) -> None:
    assert expected_round(share) == 8 - 4 * (1 - share) ** 16
    assert expected_width(share) == 4 + 4 * share
    brute = Fraction(0)
    for widths in product((4, 8), repeat=3):
        wide = widths.count(8)
        brute += share**wide * (1 - share) ** (3 - wide) * unordered(widths, lanes=3).cycles
    assert expected_round(share, lanes=3) == brute


def test_sample_of_unordered_rounds_and_what_order_saves() -> None:
    drawn = np.where(np.random.default_rng(6).random(16 * 4000) < 0.1, 8, 4)
    rounds = drawn.reshape(-1, 16).max(axis=1)
    found = unordered(drawn.tolist(), lanes=16)
    assert found.cycles == rounds.sum()
    error = rounds.std(ddof=1) / 4000**0.5
    assert abs(found.cycles / 4000 - float(expected_round(Fraction(1, 10)))) < 3 * error
    ideal = found.work / 16
    in_order = sorted_groups(drawn.tolist(), lanes=16).cycles
    # At most one round mixes the widths.
    assert ideal <= in_order < ideal + 4
    assert ideal <= dispatched(drawn.tolist(), lanes=16).cycles <= ideal + 8
