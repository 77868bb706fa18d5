"""Rounds, run-ahead, orders and dispatch of groups side by side."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.pe.bit_serial.frame import dealt, framed
from bankside.arch.pe.bit_serial.frame_spec import Frame
from bankside.arch.pe.unit import Int64s

WORK = np.random.default_rng(0).integers(0, 9, (32, 6))


def test_rows_at_one_depth_start_together_and_of_a_single_row_its_groups() -> None:
    rounds = dealt(WORK, Frame(side=16))
    assert (rounds[1] == WORK[:16, 1]).all() and (rounds[6] == WORK[16:, 0]).all()
    assert (dealt(WORK[:1], Frame(side=4))[1] == [*WORK[0, 4:], 0, 0]).all()
    assert framed(WORK, Frame(side=16)) == rounds.max(axis=1).sum()
    assert framed(WORK, Frame()) == WORK.sum()


def test_a_round_lasts_as_long_as_its_operands_come() -> None:
    rounds = dealt(WORK, Frame(side=16)).max(axis=1)
    assert framed(WORK, Frame(side=16, fetch=7)) == np.maximum(7, rounds[:-1]).sum() + rounds[-1]
    assert framed(WORK, Frame(fetch=5)) == np.maximum(5, WORK).sum() - max(0, 5 - WORK[-1, -1])


def slow_run_ahead(rounds: Int64s, ahead: int) -> int:
    begin = np.zeros_like(rounds)
    for r in range(len(rounds)):
        for lane in range(rounds.shape[1]):
            own = begin[r - 1, lane] + rounds[r - 1, lane] if r else 0
            shared = begin[r - ahead].max() if 0 < ahead <= r else 0
            begin[r, lane] = max(own, shared)
    return int((begin + rounds).max())


@given(st.integers(1, 5), st.integers(0, 1000))
def test_lanes_run_ahead_by_as_many_groups_as_there_are_registers(ahead: int, seed: int) -> None:
    work = np.random.default_rng(seed).integers(0, 9, (4, 12))
    frame = Frame(side=4, run_ahead=ahead)
    assert framed(work, frame) == slow_run_ahead(dealt(work, frame), ahead)


def test_more_registers_wait_less_down_to_the_slowest_lane() -> None:
    cycles = [framed(WORK, Frame(side=16, run_ahead=ahead)) for ahead in (0, 1, 2, 4, 12, -1)]
    assert cycles == sorted(cycles, reverse=True) and cycles[0] > cycles[1] > cycles[2]
    assert cycles[-1] == dealt(WORK, Frame(side=16)).sum(axis=0).max()


def test_ordered_groups_wait_little_and_pay_for_their_places() -> None:
    flat = np.sort(WORK.reshape(-1))[::-1].reshape(-1, 16)
    assert framed(WORK, Frame(side=16, balance="sorted")) == flat.max(axis=1).sum()
    assert framed(WORK, Frame(side=16, balance="sorted", overhead=2)) == (flat + 2).max(axis=1).sum()


def slow_dispatch(work: Int64s, side: int, overhead: int) -> int:
    free = [0] * side
    for cycles in work.reshape(-1).tolist():
        lane = free.index(min(free))
        free[lane] += cycles + overhead
    return max(free)


@pytest.mark.parametrize("overhead", [0, 3])
@pytest.mark.parametrize("side", [1, 5, 16, 500])
def test_a_group_goes_to_the_lane_that_is_free_first(side: int, overhead: int) -> None:
    frame = Frame(side=side, balance="dynamic", overhead=overhead)
    assert framed(WORK, frame) == slow_dispatch(WORK, side, overhead)
