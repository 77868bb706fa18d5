"""N cycles a group whatever the values, masks, ports, and numpy's dot product."""

import numpy as np
import pytest
from tests.oracles.lane_groups import dot_products
from tests.oracles.nm_serial import (
    mask_bits,
    nm_serial,
    online_prune,
    output_stationary_cycles,
    stored,
    stored_fraction,
)

PATTERNS = [(1, 4), (2, 4), (3, 4), (1, 8), (2, 8), (4, 8), (2, 16), (4, 16), (8, 32), (4, 4)]


@pytest.mark.parametrize("mask", ["bitmap", "index"])
@pytest.mark.parametrize(("n", "m"), PATTERNS)
def test_kept_values_add_up_in_n_cycles(n: int, m: int, mask: str) -> None:
    random = np.random.default_rng(100 * n + m)
    dense = random.integers(-9, 10, (4, 64)).tolist()
    other = random.integers(-9, 10, 64).tolist()
    values, pruning = online_prune(dense, n=n, m=m)
    served = nm_serial(values, other, n=n, m=m, mask=mask)
    assert served.cycles == [[n] * (64 // m)] * 4
    assert dot_products(served) == (np.array(values) @ np.array(other)).tolist()
    assert pruning == 4 * 64
    largest = np.sort(np.abs(np.array(dense)).reshape(-1, m), axis=1)[:, m - n :].sum()
    assert np.abs(np.array(values)).sum() == largest


def test_pruning_keeps_the_earlier_of_equals() -> None:
    assert online_prune([[3, -3, 3, 1]], n=2, m=4)[0] == [[3, -3, 0, 0]]


def test_few_nonzeros_fill_up_and_too_many_are_refused() -> None:
    assert stored([0, 0, 7, 0], n=2) == ([0, 7], [0, 2])
    assert nm_serial([[0, 0, 7, 0]], n=2, m=4).cycles == [[2]]
    with pytest.raises(ValueError, match="3 nonzeros"):
        stored([1, 1, 1, 0], n=2)
    with pytest.raises(ValueError, match="1 <= N <= M, not 5:4"):
        nm_serial([[0, 0, 7, 0]], n=5, m=4)


def test_a_narrow_port_bounds_the_gain() -> None:
    values = [[1, 1, 0, 0, 0, 0, 0, 0]]
    assert [nm_serial(values, n=2, m=8, port_words=w).cycles[0][0] for w in (1, 2, 4, 8)] == [8, 4, 2, 2]


@pytest.mark.parametrize(
    ("n", "m", "bitmap", "index"),
    [(2, 4, 4, 4), (3, 4, 4, 6), (4, 8, 8, 12), (3, 8, 8, 9), (1, 4, 4, 2), (2, 8, 8, 6), (2, 16, 16, 8)],
)
def test_masks(n: int, m: int, bitmap: int, index: int) -> None:
    assert mask_bits(n=n, m=m, mask="bitmap") == bitmap
    assert mask_bits(n=n, m=m, mask="index") == index
    assert mask_bits(n=n, m=m, mask="combinatorial") <= min(bitmap, index)


def test_storage_of_two_in_four() -> None:
    assert [stored_fraction(n=2, m=4, bits=bits) for bits in (16, 8, 4)] == [0.5625, 0.625, 0.75]


def test_reduction_of_a_systolic_tile() -> None:
    assert output_stationary_cycles(k=512, n=2, m=8, rows=32, columns=32) == 128 + 62
