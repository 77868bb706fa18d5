"""Patterns send where their definitions say."""

import numpy as np
import pytest

from bankside.arch.noc.fabric.fabric import NetworkError
from bankside.peers.booksim_patterns import PATTERNS, hotspot, pattern, random_permutation


def destinations(targets, nodes):
    """The list of destinations of every node."""
    pairs, listed = targets[: 2 * nodes].reshape(nodes, 2), targets[2 * nodes :]
    return [listed[first : first + choices].tolist() for first, choices in pairs.tolist()]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bitcomp", lambda s: 15 - s),
        ("bitrev", lambda s: int(f"{s:04b}"[::-1], 2)),
        ("shuffle", lambda s: (2 * s) % 16 + s // 8),
        ("transpose", lambda s: s % 4 * 4 + s // 4),
        ("tornado", lambda s: (s % 4 + 1) % 4 + (s // 4 + 1) % 4 * 4),
        ("neighbor", lambda s: (s % 4 + 1) % 4 + (s // 4 + 1) % 4 * 4),
    ],
)
def test_permutations(name, expected):
    assert destinations(pattern(name, 16, [4, 4]), 16) == [[expected(s)] for s in range(16)]


def test_tornado_goes_almost_half_round():
    assert destinations(pattern("tornado", 8, [8]), 8) == [[(s + 3) % 8] for s in range(8)]


def test_drawn_patterns():
    assert destinations(pattern("uniform", 5, [5]), 5) == [[0, 1, 2, 3, 4]] * 5
    assert destinations(pattern("diagonal", 3, [3]), 3)[2] == [0, 2, 2]
    assert destinations(pattern("asymmetric", 6, [6]), 6)[4] == [1, 4]
    bad = destinations(pattern("bad_dragon", 72, [2]), 72)
    assert bad[0] == list(range(8, 16))
    assert bad[71] == list(range(8))


def test_hot_spots_are_as_frequent_as_their_rates():
    assert destinations(hotspot(4, [1, 3], [2, 1]), 4) == [[1, 1, 3]] * 4


@pytest.mark.parametrize("name", ["bitcomp", "bitrev", "shuffle", "transpose"])
def test_bits_need_a_power_of_two(name):
    with pytest.raises(NetworkError, match=f"{name} needs"):
        pattern(name, 12, [12])


def test_an_unknown_pattern_is_named():
    with pytest.raises(NetworkError, match="not 'storm'"):
        pattern("storm", 4, [4])
    with pytest.raises(NetworkError, match="are not nodes of 0 to 3"):
        hotspot(4, [4], [1])
    assert all(np.all(f(np.arange(64), [8, 8]) >= 0) for f in PATTERNS.values())


def test_half_of_taper64_stays_near():
    listed = destinations(pattern("taper64", 64, [8, 8]), 64)[9]
    assert len(listed) == 1152
    counts = np.bincount(listed, minlength=64)
    assert [counts[node] for node in (0, 1, 2, 8, 9, 10, 16, 17, 18)] == [64 + 9] * 9
    assert counts[40] == 9
    with pytest.raises(NetworkError, match="taper64 is of 64 nodes"):
        pattern("taper64", 16, [4, 4])


def test_a_permutation_is_drawn_place_by_place():
    found = destinations(random_permutation(4, np.array([6, 0, 1, 5])), 4)
    assert found == [[1], [3], [0], [2]]
