"""The analytic bound of a mapping, against times put together by hand."""

import numpy as np
import pytest

from bankside.kernels.mapping.bound import times_s
from bankside.kernels.mapping.candidates import Candidates
from bankside.kernels.plan.tiling import Int64s, Problem, Resources

LATENCY_S, BYTES_PER_S, STEP_S = 500e-9, 100e9, 100e-9


def cycles(m: Int64s, n: Int64s, k: Int64s, unit: int) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    hundred, none = np.full_like(m, 100), np.zeros_like(m)
    return hundred, hundred, none, none


NODE = Resources(1, 1e6, 1e9, BYTES_PER_S, LATENCY_S, 1e9, 1, 1, cycles)


def bound_s(problem: Problem, mt: int, nt: int, kt: int) -> float:
    one = (np.array([size]) for size in (1, 1, 1, mt, nt, kt, 0))
    return float(times_s(problem, NODE, Candidates(*one))[0][0])


def test_every_two_steps_that_read_take_a_turn() -> None:
    # 32 B a step: the two buffers turn in latency, transfer and work
    problem = Problem(1, 1, 8, 16, 1, 1, 1, False, False)
    turn_s = LATENCY_S + 32 / BYTES_PER_S + STEP_S
    assert bound_s(problem, 1, 2, 16) == pytest.approx(max(turn_s + 3 * STEP_S, 2 * turn_s))


def test_weights_of_one_tile_are_read_before_the_first_step_alone() -> None:
    problem = Problem(1, 9, 8, 16, 1, 1, 1, False, False)
    assert bound_s(problem, 1, 8, 16) == pytest.approx(LATENCY_S + 8 * 16 / BYTES_PER_S + 9 * STEP_S)
    from_memory = Problem(1, 9, 8, 16, 1, 1, 1, True, False)
    turn_s = LATENCY_S + (8 * 16 + 9 * 16) / 9 / BYTES_PER_S + STEP_S
    assert bound_s(from_memory, 1, 8, 16) == pytest.approx(max(turn_s + 8 * STEP_S, 5 * turn_s))
