"""Passes over rows against a walk of their issues."""

from itertools import product

import numpy as np
from tests.oracles.softmax_units import walk

from bankside.arch.pe.nonlinear.cycles import depth, passes, pointwise


def test_two_passes_equal_the_walk() -> None:
    for rows, first, second, wait, last in product((1, 2, 7), (1, 3, 8), (1, 2, 8), (0, 5, 40), (0, 3)):
        steps = [np.array([first]), np.array([second])]
        taken = passes(np.array([rows]), steps, [wait], last)
        assert taken.total[0] == walk(rows, (first, second), (wait,), last)
        assert taken.total[0] - taken.exposed[0] == rows * (first + second)


def test_three_passes_equal_the_walk() -> None:
    for rows, step, pace, wait, later in product((1, 2, 9), (1, 4), (1, 3), (0, 6, 30), (0, 9, 50)):
        each = (step, step * pace, step)
        taken = passes(np.array([rows]), [np.array([one]) for one in each], [wait, later], 2)
        assert taken.total[0] == walk(rows, each, (wait, later), 2)


def test_elements_follow_each_other_at_the_pace() -> None:
    taken = pointwise(np.array([0, 1, 16, 17]), 16, 4, 9)
    assert taken.total.tolist() == [0, 9, 9, 13]
    assert pointwise(np.array([1]), 8, 1, 1).exposed.tolist() == [0]
    assert [depth(lanes) for lanes in (1, 2, 3, 16, 17)] == [0, 1, 2, 4, 5]
