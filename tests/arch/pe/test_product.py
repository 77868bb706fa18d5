"""Tiles on the matrix unit, the lanes or both: the split is the best there is, and asked of the units alone."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.machine.machine import load_machine
from bankside.arch.pe.lanes.unit import VectorLanes
from bankside.arch.pe.product import BOTH, FASTER, FASTEST, MATRIX, VECTOR, ProductUnits, Turning
from bankside.arch.pe.systolic.unit import SystolicArrays
from bankside.arch.pe.unit import WORK, Int64s, Unit

WS = SystolicArrays(rows=8, cols=8, arrays=2)


def products(count: int) -> dict[str, int]:
    """What a unit counts of so many multiply-accumulates."""
    return {"mac": count, "operands": count}


def tile(m: int, n: int, k: int) -> Int64s:
    return np.array([[m], [n], [k]], dtype=np.int64)


def interval(unit: Unit, m: int, n: int, k: int) -> int:
    return int(unit.cycles(tile(m, n, k)).interval[0])


def one(units: ProductUnits, m: int, n: int, k: int, wanted: int) -> list[int]:
    """Cycles alone, following its like, unit, columns of the lanes."""
    return [int(each[0]) for each in units.choose(tile(m, n, k), wanted)]


FLOWS: Any = st.sampled_from(["ws", "os", "is"])


@settings(max_examples=200, deadline=None)
@given(
    FLOWS, st.integers(1, 3), st.integers(1, 40), st.integers(1, 40), st.integers(1, 90), st.integers(1, 60)
)
def test_both_units_split_the_columns_where_it_is_fastest(
    flow: Any, arrays: int, lanes: int, m: int, n: int, k: int
) -> None:
    matrix = SystolicArrays(rows=8, cols=8, arrays=arrays, dataflow=flow)
    vector = VectorLanes(lanes=lanes)
    units = ProductUnits(matrix, vector, None, ())
    whole = interval(matrix, m, n, k), interval(vector, m, n, k)
    splits = [
        max(interval(matrix, m, n - own, k), interval(vector, m, own, k))
        for own in range(n)
        if own and own < n and (n - own) % (8 * arrays) == 0
    ]
    _, best, unit, columns = one(units, m, n, k, FASTEST)
    assert best == min(*whole, *splits)
    assert (0 < columns < n) == (unit == BOTH)
    _, faster, which, _ = one(units, m, n, k, FASTER)
    assert faster == min(whole) == whole[(MATRIX, VECTOR).index(which)]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 64), st.integers(1, 900), st.integers(1, 90)), min_size=66, max_size=90)
)
def test_many_tiles_at_once_are_each_as_by_themselves(shapes: list[tuple[int, int, int]]) -> None:
    """Few tiles are parted finely, many by halves: the same splits are found."""
    units = ProductUnits(WS, VectorLanes(lanes=16), None, ())
    many = units.choose(np.array(shapes, dtype=np.int64).T, FASTEST)
    for i, shape in enumerate(shapes):
        assert [int(each[i]) for each in many] == one(units, *shape, FASTEST)


@pytest.mark.parametrize(
    ("matrix", "vector", "unit"), [(WS, None, MATRIX), (None, VectorLanes(lanes=4), VECTOR)]
)
def test_a_core_with_one_unit_uses_it(matrix: Unit | None, vector: Unit | None, unit: int) -> None:
    units = ProductUnits(matrix, vector, None, ())
    assert one(units, 4, 40, 40, FASTEST)[2] == unit
    assert units.faster(tile(4, 40, 40))[0] == [("matmul", "vector")[unit]]


@pytest.mark.parametrize("n", [*range(1, 140), 256, 257])
def test_a_tile_for_both_units_never_takes_longer_than_the_matrix_unit_alone(n: int) -> None:
    """A node with a column less than the one that chose the units has whole strips, which lanes would only delay."""
    units = load_machine("hybrid-3d").primary.spec.multipliers("bf16", "bf16")
    for m, k in ((1, 512), (40, 32), (64, 256)):
        both, alone = (one(units, m, n, k, unit)[1] for unit in (BOTH, MATRIX))
        assert both <= alone


def test_costs_are_those_of_the_choice_and_work_is_what_the_peak_leaves() -> None:
    lanes = VectorLanes(lanes=16)
    units = ProductUnits(WS, lanes, None, ())
    assert [units.peak(unit) for unit in (MATRIX, VECTOR, BOTH, FASTER, FASTEST)] == [128, 16, 144, 128, 144]
    tiles = np.array([[4, 9], [90, 50], [33, 64]], dtype=np.int64)
    for unit in (MATRIX, VECTOR, BOTH):
        costs, chosen = units.costs(tiles, unit), units.choose(tiles, unit)
        assert costs.interval.tolist() == chosen.interval.tolist()
        assert (costs.interval + costs.last).tolist() == chosen.alone.tolist()
        assert costs.each[:, WORK].tolist() == [-(-m * n * k // units.peak(unit)) for m, n, k in tiles.T]


def test_macs_are_counted_where_they_are_made_and_none_is_lost() -> None:
    units = ProductUnits(WS, VectorLanes(lanes=64), None, ())
    shape = tile(1, 300, 64)
    own = int(units.choose(shape, BOTH).lane_columns[0])
    assert 0 < own < 300
    assert units.events(shape, BOTH) == {"matmul": products((300 - own) * 64), "vector": products(own * 64)}
    assert units.events(shape, VECTOR) == {"vector": products(300 * 64)}


def test_lanes_turn_operands_while_the_matrix_unit_multiplies() -> None:
    spec = load_machine("base-die").primary.spec
    tiles = np.array([[1, 64], [32, 32], [32, 512]], dtype=np.int64)
    plain = spec.multipliers("bf16", "bf16")
    turning = Turning(b=2.0, pair=1 / 32)
    turned = spec.multipliers("bf16", "bf16", turning=turning)
    work = -(-(2 * tiles[1] * tiles[2] + tiles[0] * tiles[1] * tiles[2] // 32) // 64)
    before, after = plain.costs(tiles, MATRIX), turned.costs(tiles, MATRIX)
    np.testing.assert_array_equal(after.interval, np.maximum(before.interval, work))
    np.testing.assert_array_equal(after.last - before.last, np.minimum(before.interval, work))
    alone, together = plain.costs(tiles, VECTOR), turned.costs(tiles, VECTOR)
    np.testing.assert_array_equal(together.interval, alone.interval + work)
    # no tile is shared while the lanes turn operands
    assert set(turned.choose(tiles, FASTEST).unit) <= {MATRIX, VECTOR}
