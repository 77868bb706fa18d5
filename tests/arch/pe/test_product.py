"""Cycles of a tile on the matrix unit, the lanes or both: the split is the best there is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.spec import MatmulSpec, VectorSpec
from bankside.arch.pe.product import (
    BOTH,
    FASTER,
    FASTEST,
    MATRIX,
    VECTOR,
    matrix_cycles,
    packed_units,
    product_cycles,
    vector_cycles,
)

WS = MatmulSpec(unit="systolic", rows=8, cols=8, arrays=2)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["ws", "os", "is"]), st.integers(1, 3), st.integers(1, 40), st.integers(1, 40), st.integers(1, 90),
    st.integers(1, 60),
)  # fmt: skip
def test_both_units_split_the_columns_where_it_is_fastest(
    flow: str, arrays: int, lanes: int, m: int, n: int, k: int
) -> None:
    matmul = MatmulSpec(unit="systolic", rows=8, cols=8, arrays=arrays, dataflow=flow)  # type: ignore[arg-type]
    units = packed_units(matmul, VectorSpec(lanes=lanes))
    whole = matrix_cycles(units, m, n, k)[1], vector_cycles(units, m, n, k)[1]
    splits = [
        max(matrix_cycles(units, m, n - own, k)[1], vector_cycles(units, m, own, k)[1])
        for own in range(n)
        if own and (n - own) % (8 * arrays) == 0
    ]
    _, interval, unit, columns = product_cycles(units, m, n, k, FASTEST)
    assert interval == min(*whole, *splits)
    assert (0 < columns < n) == (unit == BOTH)
    _, faster, one, _ = product_cycles(units, m, n, k, FASTER)
    assert faster == min(whole) == whole[(MATRIX, VECTOR).index(one)]


def test_streamed_vectors_enter_in_whole_groups() -> None:
    plain, grouped = (
        packed_units(WS.model_copy(update={"arrays": 1, "group": group}), None) for group in (1, 16)
    )
    assert matrix_cycles(grouped, 40, 8, 8) == matrix_cycles(plain, 48, 8, 8)
    assert matrix_cycles(plain, 40, 8, 8) < matrix_cycles(plain, 48, 8, 8)


def test_arrays_share_rows_where_there_are_few_columns() -> None:
    one = packed_units(WS.model_copy(update={"arrays": 1}), None)
    assert matrix_cycles(packed_units(WS, None), 256, 8, 64) == matrix_cycles(one, 128, 8, 64)
    assert matrix_cycles(packed_units(WS, None), 256, 16, 64) == matrix_cycles(one, 256, 8, 64)


@pytest.mark.parametrize(
    ("matmul", "vector", "unit"), [(WS, None, MATRIX), (None, VectorSpec(lanes=4), VECTOR)]
)
def test_a_core_with_one_unit_uses_it(
    matmul: MatmulSpec | None, vector: VectorSpec | None, unit: int
) -> None:
    assert product_cycles(packed_units(matmul, vector), 4, 40, 40, FASTEST)[2] == unit


@given(st.integers(1, 300), st.sampled_from([MatmulSpec(unit="lanes", lanes=48), WS]))
def test_packed_pairs_halve_the_depth_of_the_matrix_unit_alone(k: int, matmul: MatmulSpec) -> None:
    vector = VectorSpec(lanes=7)
    plain, packed = packed_units(matmul, vector), packed_units(matmul, vector, 2)
    assert matrix_cycles(packed, 5, 24, k) == matrix_cycles(plain, 5, 24, -(-k // 2))
    assert vector_cycles(packed, 5, 24, k) == vector_cycles(plain, 5, 24, k)


@pytest.mark.parametrize("n", [*range(1, 140), 256, 257])
def test_a_tile_for_both_units_never_takes_longer_than_the_matrix_unit_alone(n: int) -> None:
    """A node with a column less than the one that chose the units has whole strips, which lanes would only delay."""
    spec = load_machine("hybrid-3d").primary.spec
    units = packed_units(spec.matmul, spec.vector, 1)
    for m, k in ((1, 512), (40, 32), (64, 256)):
        both, alone = (product_cycles(units, m, n, k, unit)[1] for unit in (BOTH, MATRIX))
        assert both <= alone
