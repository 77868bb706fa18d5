"""Steps worked by hand, and the relations between the kinds of synchronisation."""

from fractions import Fraction

import numpy as np
import pytest
from tests.oracles.lane_groups import Served, grouped, mean_cycles, speedup, total_cycles


def test_one_column_takes_the_sum() -> None:
    assert total_cycles([[3, 1], [2, 5]]) == 11
    assert total_cycles([]) == 0


def test_pallet_sync_by_hand() -> None:
    assert total_cycles([[3, 1, 2], [1, 4, 2]], columns=2) == 3 + 4 + 2
    assert total_cycles([[3, 1], [1, 4], [2, 2]], columns=2) == 3 + 4 + 2 + 2


def test_a_register_lets_the_faster_column_run_ahead() -> None:
    # Column 1 begins step 1 at cycle 1, and ends it at 5; column 0 ends its own at 4. Step 2 waits for the
    # slower end of step 0 (3) only.
    assert total_cycles([[3, 1, 2], [1, 4, 2]], columns=2, runahead=1) == 7
    # Three registers, as many as needed: each column takes its own sum.
    assert total_cycles([[5, 1, 1, 1], [1, 1, 1, 5]], columns=2, runahead=3) == 8
    assert total_cycles([[5, 1, 1, 1], [1, 1, 1, 5]], columns=2, runahead=0) == 12
    # Step 2 of column 1 begins when column 0 has ended step 0, at 5; step 3 at 6.
    assert total_cycles([[5, 1, 1, 1], [1, 1, 1, 5]], columns=2, runahead=1) == 11


def test_a_step_waits_for_its_operands() -> None:
    # The fetch of step k begins with step k-1: max(work, fetch), but for the last step.
    assert total_cycles([[1, 5, 2]], fetch_cycles=3) == 3 + 5 + 2
    # A second register begins the fetch one step earlier: fetched at 3, then 6.
    assert total_cycles([[5, 1, 2]], fetch_cycles=3, runahead=1) == 5 + 1 + 2
    assert total_cycles([[5, 1, 2]], fetch_cycles=3, runahead=0) == 5 + 3 + 2


def test_more_registers_never_cost_cycles_and_bounds_hold() -> None:
    random = np.random.default_rng(3)
    for _ in range(50):
        cycles = random.integers(1, 9, (4, 12)).tolist()
        taken = [total_cycles(cycles, columns=4, runahead=r) for r in range(13)]
        assert taken == sorted(taken, reverse=True)
        assert taken[0] == sum(max(step) for step in zip(*cycles, strict=True))
        assert taken[-1] == max(sum(row) for row in cycles)


def test_a_group_has_to_divide_the_row() -> None:
    assert grouped([[1, 2, 3, 4]], 2) == [[[1, 2], [3, 4]]]
    with pytest.raises(ValueError, match="A group of 3 does not divide 4 elements"):
        grouped([[1, 2, 3, 4]], 3)


def test_mean_and_speedup() -> None:
    served = Served([[1, 2], [3, 4]], [[0, 0], [0, 0]])
    assert mean_cycles(served) == Fraction(5, 2)
    assert speedup(served, parallel_cycles=8) == Fraction(16, 5)
