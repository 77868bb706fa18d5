"""The physical closed forms of the systolic array equal the PE-by-PE, cycle-by-cycle oracle."""

import itertools
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles import systolic_pe

from bankside.arch.pe.systolic.fold import DATAFLOWS, OS
from bankside.arch.pe.systolic.physical import accesses, gemm_cycles, ported_cycles

VARIANTS = list(itertools.product(range(len(DATAFLOWS)), [False, True]))
Shape = tuple[int, int, int, int, int]
Oracle = Callable[[int, Shape, bool], int]


@pytest.fixture(scope="module")
def oracle() -> Oracle:
    walks = systolic_pe.jitted()
    weights, outputs = walks["weight_stationary"], walks["output_stationary"]

    def cycles(dataflow: int, shape: Shape, shadow: bool) -> int:
        rows, cols, m, n, k = shape
        draw = np.random.default_rng(0)
        a, b = draw.integers(-99, 100, (m, k)), draw.integers(-99, 100, (k, n))
        if DATAFLOWS[dataflow] == "is":
            left, right = np.ascontiguousarray(b.T), np.ascontiguousarray(a.T)
        else:
            left, right = a, b
        product, count, _ = (outputs if dataflow == OS else weights)(left, right, rows, cols, shadow, 0)
        assert np.array_equal(product, left @ right)
        return int(count)

    return cycles


def agree(oracle: Oracle, dataflow: int, shadow: bool, shapes: Iterable[Shape]) -> None:
    for shape in shapes:
        assert gemm_cycles(dataflow, *shape, shadow)[0] == oracle(dataflow, shape, shadow), shape


def drawn(count: int, array: int, extent: int, seed: int) -> list[Shape]:
    draw = np.random.default_rng(seed)
    pes, sizes = draw.integers(1, array + 1, (count, 2)), draw.integers(1, extent + 1, (count, 3))
    return [tuple(int(x) for x in row) for row in np.hstack([pes, sizes])]  # type: ignore[misc]


@pytest.mark.parametrize(("dataflow", "shadow"), VARIANTS)
def test_p1_closed_forms_equal_the_pe_oracle(oracle: Oracle, dataflow: int, shadow: bool) -> None:
    agree(oracle, dataflow, shadow, itertools.product([1, 2, 4], [1, 3], [1, 2, 5], [1, 4, 5], [1, 3, 6]))
    agree(oracle, dataflow, shadow, drawn(150, 12, 12, seed=2))


@pytest.mark.slow
@pytest.mark.parametrize(("dataflow", "shadow"), VARIANTS)
def test_p1_on_every_shape_to_six_and_random_ones(oracle: Oracle, dataflow: int, shadow: bool) -> None:
    agree(oracle, dataflow, shadow, itertools.product(range(1, 7), repeat=5))
    agree(oracle, dataflow, shadow, drawn(2000, 12, 12, seed=3))
    agree(oracle, dataflow, shadow, drawn(1000, 20, 60, seed=4))


@pytest.mark.parametrize(("dataflow", "shadow"), VARIANTS)
def test_p1_a_train_of_tiles_is_a_longer_product(oracle: Oracle, dataflow: int, shadow: bool) -> None:
    # tiles that fill whole strips, put side by side along the outer loop, are one product
    for tiles in (1, 2, 4):
        rows, cols, m, n, k = 3, 4, 7, 8, 5
        wide = {"ws": (m, n * tiles, k), "os": (6 * tiles, n, k), "is": (8 * tiles, n, k)}
        one = {"ws": (m, n, k), "os": (6, n, k), "is": (8, n, k)}
        first, following = ported_cycles(dataflow, rows, cols, *one[DATAFLOWS[dataflow]], shadow, 0, 0, 0)
        shape = (rows, cols, *wide[DATAFLOWS[dataflow]])
        assert first + (tiles - 1) * following == oracle(dataflow, shape, shadow)


sizes = st.integers(1, 3000)
arrays = st.integers(1, 256)
products = given(st.sampled_from(range(3)), arrays, arrays, sizes, sizes, sizes, st.booleans())


@settings(max_examples=200, deadline=None)
@products
def test_t3_cycles_are_at_least_the_work_over_the_array(
    dataflow: int, rows: int, cols: int, m: int, n: int, k: int, shadow: bool
) -> None:
    total, fill_drain = gemm_cycles(dataflow, rows, cols, m, n, k, shadow)
    assert total * rows * cols >= m * n * k
    assert 0 < fill_drain <= total
    assert (
        gemm_cycles(dataflow, rows, cols, m, n, k, True)[0]
        <= gemm_cycles(dataflow, rows, cols, m, n, k, False)[0]
    )


ALONG_ROWS = {"ws": 2, "os": 0, "is": 2}  # which of m, n, k lies along the array's rows


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(range(3)), arrays, arrays, st.tuples(sizes, sizes, sizes), st.booleans(), st.floats(0, 1)
)
def test_t6_a_product_in_parts_is_never_faster(
    dataflow: int, rows: int, cols: int, shape: tuple[int, int, int], shadow: bool, where: float
) -> None:
    whole, _ = gemm_cycles(dataflow, rows, cols, *shape, shadow)
    for loop, extent in enumerate(shape):
        cut = int(where * extent)
        if loop == ALONG_ROWS[DATAFLOWS[dataflow]]:
            cut = cut // rows * rows  # elsewhere the parts may have folds of other heights than the whole has
        parts = [
            tuple(x if i == loop else other for i, other in enumerate(shape)) for x in (cut, extent - cut)
        ]
        assert sum(gemm_cycles(dataflow, rows, cols, *part, shadow)[0] for part in parts) >= whole  # type: ignore[call-arg]
    first, following = ported_cycles(dataflow, rows, cols, *shape, shadow, 0, 0, 0)
    assert first == whole
    assert following <= first


@pytest.mark.parametrize(("dataflow", "shape"), [(0, (3, 1, 2, 5, 4)), (2, (3, 1, 5, 2, 4))])
def test_p1_folds_of_equal_height_beat_a_high_and_a_low_one(
    oracle: Oracle, dataflow: int, shape: Shape
) -> None:
    # Folds start max(T, r) apart for the next fold's r rows: with T = 2 a depth of 3 + 1 pays 3 + 2, 2 + 2 pays 2 + 2.
    # Five columns make that win more than the second fill and drain lose.
    rows, cols, m, n, k = shape
    half = (rows, cols, m, n, k // 2)
    assert oracle(dataflow, shape, True) == gemm_cycles(dataflow, *shape, True)[0] == 27
    assert oracle(dataflow, half, True) == gemm_cycles(dataflow, *half, True)[0] == 13


@settings(max_examples=200, deadline=None)
@products
def test_t4_wider_ports_are_never_slower(
    dataflow: int, rows: int, cols: int, m: int, n: int, k: int, shadow: bool
) -> None:
    times = [
        ported_cycles(dataflow, rows, cols, m, n, k, shadow, *(width,) * 3)[0] for width in (1, 7, 64, 256, 0)
    ]
    assert times == sorted(times, reverse=True)
    assert times[-1] == gemm_cycles(dataflow, rows, cols, m, n, k, shadow)[0]


@settings(max_examples=200, deadline=None)
@products
def test_t1_accesses_are_footprints_times_passes(
    dataflow: int, rows: int, cols: int, m: int, n: int, k: int, shadow: bool
) -> None:
    ifmap, weights, written, read_back = accesses(dataflow, rows, cols, m, n, k)
    assert ifmap % (m * k) == weights % (n * k) == written % (m * n) == 0
    assert written - read_back == m * n  # every result leaves once; all other writes are read back
