"""The special-function unit against a schedule of issues and arrivals."""

from itertools import product

import pytest

from bankside.arch.pe.lanes.cycles import tree_depth
from bankside.arch.pe.nonlinear import cycles as unit
from bankside.arch.pe.nonlinear import functions as names


def walk_two_passes(rows: int, step: int, statistic: int, last: int) -> int:
    """Issue every first pass, then every second pass as soon as its row's statistic is there."""
    clock, ready = 0, []
    for _ in range(rows):
        clock += step
        ready.append(clock + statistic)
    for row in range(rows):
        clock = max(clock, ready[row]) + step
    return clock + last


@pytest.mark.parametrize("method", range(len(names.METHODS)), ids=names.METHODS)
def test_row_functions_equal_the_schedule(method: int) -> None:
    evaluation = unit.latency_cycle(method, 6)
    for lanes, rows, cols in product((1, 4, 16), (1, 2, 5), (1, 16, 33)):
        step, depth = -(-cols // lanes), tree_depth(lanes)
        total, exposed = unit.cycles(names.SOFTMAX, method, 6, False, lanes, rows, cols)
        assert total == walk_two_passes(rows, step, 2 * evaluation + depth, evaluation + 1)
        assert total - exposed == 2 * rows * step
        norm, _ = unit.cycles(names.LAYERNORM, method, 6, False, lanes, rows, cols)
        assert norm == walk_two_passes(rows, step, 1 + depth + evaluation, 2)
        assert unit.cycles(names.RMSNORM, method, 6, False, lanes, rows, cols)[0] == norm


def test_folded_cordic_paces_evaluations_only() -> None:
    wide = unit.cycles(names.EXP, names.CORDIC, 12, False, 8, 4, 64)
    folded = unit.cycles(names.EXP, names.CORDIC, 12, True, 8, 4, 64)
    assert wide == (32 + 15, 15)
    assert folded == (32 * 12 + 15, 15)
    assert unit.cycles(names.RELU, names.CORDIC, 12, True, 8, 4, 64) == (33, 1)
    assert unit.cycles(names.ROPE, names.CORDIC, 12, True, 8, 4, 64) == (34, 2)
    assert unit.cycles(names.RMSNORM, names.CORDIC, 12, True, 8, 4, 64)[0] - 2 * 32 >= 2


def test_latencies_by_method() -> None:
    stages = [unit.latency_cycle(method, 4) - unit.RANGE_REDUCTION_CYCLE for method in range(5)]
    assert stages == [1, 3, 8, 4, 10]
    assert unit.cycles(names.SILU, names.PWL, 0, False, 16, 1, 16) == (1 + 7, 7)
    assert unit.cycles(names.GELU, names.LUT, 0, False, 16, 0, 16) == (0, 0)


def test_online_tile() -> None:
    total, exposed = unit.online_tile_cycles(names.PWL, 0, False, 16, 32, 64, 128)
    assert total - exposed == 32 * (4 + 5 + 8)
    assert exposed == 6 + 4 + 1
    assert unit.online_tile_cycles(names.PWL, 0, False, 16, 0, 64, 128) == (0, 0)
