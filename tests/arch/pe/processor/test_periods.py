"""Periods that are followed once give, to the bit, what following every event gives."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.pe.processor import tasklets
from bankside.arch.pe.processor.periods import equal_steps, periods_ahead
from bankside.arch.pe.processor.tasklets import BARRIER, COMPUTE, DMA, HAND, LOCKED, run_tasklets

Steps = list[tuple[int, float]]

KINDS = st.sampled_from([
    (COMPUTE, 700.0), (COMPUTE, 31.7), (COMPUTE, 0.0), (DMA, 141.0), (DMA, 73.3), (LOCKED, 60.0), (HAND, 10.0),
])  # fmt: skip
RUNS = st.lists(st.tuples(KINDS, st.sampled_from([1, 1, 2, 40])), min_size=1, max_size=4)


def cycles(steps: Steps, rounds: list[int], run: Any = run_tasklets) -> tuple[float, list[float]]:
    spent = np.zeros(3)
    return run(11, np.array(steps, dtype=np.float64), np.array(rounds, dtype=np.int64), spent), spent.tolist()


def event_by_event(steps: Steps, rounds: list[int]) -> tuple[tuple[float, list[float]], int]:
    """What following each event gives, and how many periods would not have been followed."""
    spared = 0

    def counted(*known: Any) -> int:
        nonlocal spared
        spared += periods_ahead(*known)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasklets, "periods_ahead", counted)
        return cycles(steps, rounds, getattr(run_tasklets, "py_func", run_tasklets)), spared


@settings(max_examples=60, deadline=None)
@given(
    runs=RUNS, n=st.sampled_from([1, 2, 5, 16]), each=st.sampled_from([1, 3, 30]), more=st.integers(0, 16),
    barrier=st.booleans(),
)  # fmt: skip
def test_they_change_no_bit(
    runs: list[tuple[tuple[int, float], int]], n: int, each: int, more: int, barrier: bool
) -> None:
    steps: Steps = [one for one, times in runs for _ in range(1 if one[0] == HAND else times)]
    if barrier or any(kind == HAND for kind, _ in steps):  # turns begin anew where all wait
        steps = [
            *(one for k, one in enumerate(steps) if one[0] != HAND or steps.index(one) == k),
            (BARRIER, 0.0),
        ]
    rounds = [max(1, each * 8 // max(len(steps), 8)) + (t < more) for t in range(n)]
    found, _ = event_by_event(steps, rounds)
    assert cycles(steps, rounds) == found


@pytest.mark.parametrize(
    ("steps", "rounds"),
    [
        (
            [(DMA, 141.0)] * 400 + [(COMPUTE, 90000.0)],
            [3] * 4 + [2] * 4,
        ),  # a tasklet's transfers beside others' work
        ([(DMA, 60.0), (COMPUTE, 300.0)], [200] * 5),
        ([(DMA, 90.0), (COMPUTE, 80.0), (HAND, 10.0), (BARRIER, 0.0)], [60] * 6),
    ],
    ids=["transfers", "rounds", "barriers"],
)
def test_they_spare_most_of_the_way(steps: Steps, rounds: list[int]) -> None:
    found, spared = event_by_event(steps, rounds)
    assert cycles(steps, rounds) == found
    assert spared > 200


def test_equal_steps_are_found_in_runs() -> None:
    steps = np.array([(DMA, 8), (DMA, 8), (DMA, 9), (COMPUTE, 9), (COMPUTE, 9)], dtype=np.float64)
    assert equal_steps(steps).tolist() == [[0, 1], [0, 1], [2, 2], [3, 4], [3, 4]]
