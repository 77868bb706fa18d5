"""Sums over parts of an operand."""

import numpy as np

from bankside.arch.pe.regions import Regions


def test_means_are_those_of_the_part() -> None:
    each = np.random.default_rng(0).random((3, 10, 6))
    regions = Regions.of("digest", 4, each)
    low, high = np.array([0, 3, 5]), np.array([10, 7, 5])
    part = regions.means((low, high), (np.array([0, 4, 0]), np.array([24, 18, 8])))
    assert np.allclose(part.round_cycle[:2], [each[0].mean(), each[0, 3:7, 1:5].mean()])
    assert np.allclose(part.lane_cycle[:2], [each[1].mean(), each[1, 3:7, 1:5].mean()])
    assert np.allclose(part.element_bit[:2], [each[2].mean() / 4, each[2, 3:7, 1:5].mean() / 4])
    assert (part.round_cycle[2], part.element_bit[2]) == (1, 0)
    assert regions == Regions("digest", 4, np.zeros((3, 1, 1))) and len({regions}) == 1
