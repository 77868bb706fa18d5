"""Vector lanes against schedules written out cycle by cycle."""

from itertools import product
from math import ceil, log2

from bankside.arch.pe.lanes import cycles as vector


def walk_tree(lanes: int, m: int, n: int, k: int) -> int:
    """Issue one slice of at most `lanes` products per cycle, then let the last one through the tree."""
    issued = 0
    for _ in range(m * n):
        left = k
        while left > 0:
            left -= lanes
            issued += 1
    return issued + (ceil(log2(lanes)) if lanes > 1 else 0)


def test_dot_products_equal_the_walk() -> None:
    for lanes, m, n, k in product((1, 2, 3, 8, 16), (1, 2), (1, 5), (1, 7, 8, 9, 33)):
        total, depth = vector.dot_cycles(lanes, m, n, k)
        assert total == walk_tree(lanes, m, n, k)
        assert depth == (ceil(log2(lanes)) if lanes > 1 else 0)


def test_taps_pack_short_dot_products() -> None:
    assert vector.tapped_dot_cycles(64, 1, 100, 16) == (25 + 4, 4)
    assert vector.tapped_dot_cycles(64, 1, 100, 17) == (50 + 5, 5)
    assert vector.tapped_dot_cycles(64, 1, 100, 65) == vector.dot_cycles(64, 1, 100, 65)
    for lanes, n, k in product((1, 3, 12, 16), (1, 7), (1, 3, 20)):
        assert vector.tapped_dot_cycles(lanes, 1, n, k)[0] <= vector.dot_cycles(lanes, 1, n, k)[0]


def test_lanes() -> None:
    assert vector.lane_cycles(16, 1, 17, 5) == 10
    assert vector.dot_cycles(8, 0, 3, 4) == (0, 0)
    assert vector.tapped_dot_cycles(8, 1, 3, 0) == (0, 0)
