"""The array computes the product, its schedule cannot be tightened, and it obeys the closed forms below."""

import itertools
import os

import numpy as np
import pytest
from tests.oracles import systolic_pe
from tests.oracles.systolic_pe import Ints, Run, simulate

# Interpreted, the whole grid would take minutes.
JITTED = os.environ.get("NUMBA_DISABLE_JIT", "0") == "0"
SMALL = [1, 2, 3, 5] if JITTED else [2, 5]
ARRAY = [1, 2, 3, 4] if JITTED else [1, 3]


def folds_of(
    dataflow: str, rows: int, cols: int, m: int, n: int, k: int
) -> tuple[int, list[tuple[int, int]]]:
    """Streamed length and the used (r, c) of every fold, in order."""
    down, across, stream, down_inside = {
        "ws": (k, n, m, True),
        "is": (k, m, n, True),
        "os": (m, n, k, False),
    }[dataflow]
    r = [min(rows, down - i) for i in range(0, down, rows)]
    c = [min(cols, across - j) for j in range(0, across, cols)]
    return stream, [(x, y) for y in c for x in r] if down_inside else [(x, y) for x in r for y in c]


def closed_form(dataflow: str, rows: int, cols: int, m: int, n: int, k: int, overlap: bool) -> int:
    """Cycles of a GEMM, from units.md section 1 made exact for ragged folds."""
    stream, folds = folds_of(dataflow, rows, cols, m, n, k)
    if not overlap:
        return sum(2 * r + c + stream - 2 for r, c in folds)
    if dataflow == "os":
        # A fold follows after max(K, r of the fold before); it ends K + r + c - 2 + r after its start.
        starts = [0, *itertools.accumulate(max(stream, r) for r, _ in folds[:-1])]
        return max(s + stream + 2 * r + c - 2 for s, (r, c) in zip(starts, folds, strict=True))
    # The first load is exposed; a fold follows after max(M, r of its own load); it ends M + r + c - 2 later.
    starts = list(itertools.accumulate([folds[0][0]] + [max(stream, r) for r, _ in folds[1:]]))
    return max(s + stream + r + c - 2 for s, (r, c) in zip(starts, folds, strict=True))


def matrices(m: int, n: int, k: int, seed: int = 0) -> tuple[Ints, Ints]:
    draw = np.random.default_rng(seed)
    return draw.integers(-99, 100, (m, k)), draw.integers(-99, 100, (k, n))


def run_both(dataflow: str, rows: int, cols: int, m: int, n: int, k: int, overlap: bool) -> Run:
    a, b = matrices(m, n, k)
    run = simulate(dataflow, a, b, rows, cols, overlap=overlap)
    assert np.array_equal(run.product, a @ b)
    return run


@pytest.fixture
def jitted(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, function in systolic_pe.jitted().items():
        monkeypatch.setattr(systolic_pe, name, function)


VARIANTS = list(itertools.product(["ws", "os", "is"], [False, True]))


@pytest.mark.parametrize(("dataflow", "overlap"), VARIANTS)
@pytest.mark.usefixtures("jitted")
def test_p1_products_and_closed_forms_on_small_shapes(dataflow: str, overlap: bool) -> None:
    for rows, cols, m, n, k in itertools.product(ARRAY, ARRAY, SMALL, SMALL, SMALL):
        run = run_both(dataflow, rows, cols, m, n, k, overlap)
        assert run.cycles == closed_form(dataflow, rows, cols, m, n, k, overlap), (rows, cols, m, n, k)


@pytest.mark.slow
@pytest.mark.parametrize(("dataflow", "overlap"), VARIANTS)
@pytest.mark.usefixtures("jitted")
def test_p1_products_and_closed_forms_on_every_shape_to_six_and_random_ones(
    dataflow: str, overlap: bool
) -> None:
    draw = np.random.default_rng(1)
    grid = [list(shape) for shape in itertools.product(range(1, 7), repeat=5)]
    random = draw.integers(1, 13, (2000, 5)).tolist()
    large = np.hstack([draw.integers(1, 20, (1000, 2)), draw.integers(1, 60, (1000, 3))]).tolist()
    for rows, cols, m, n, k in grid + random + large:
        run = run_both(dataflow, rows, cols, m, n, k, overlap)
        assert run.cycles == closed_form(dataflow, rows, cols, m, n, k, overlap), (rows, cols, m, n, k)


@pytest.mark.parametrize(("dataflow", "overlap"), VARIANTS)
def test_interpreted_run_agrees_on_a_ragged_shape(dataflow: str, overlap: bool) -> None:
    run = run_both(dataflow, 3, 4, 5, 6, 7, overlap)
    assert run.cycles == closed_form(dataflow, 3, 4, 5, 6, 7, overlap)


@pytest.mark.parametrize("dataflow", ["ws", "os", "is"])
@pytest.mark.parametrize("stream", [1, 2, 3, 4, 9])
def test_no_fold_can_start_a_cycle_earlier(dataflow: str, stream: int) -> None:
    m, n, k = {"ws": (stream, 8, 8), "is": (8, stream, 8), "os": (8, 8, stream)}[dataflow]
    a, b = matrices(m, n, k)
    right = simulate(dataflow, a, b, 4, 4, overlap=True)
    wrong = simulate(dataflow, a, b, 4, 4, overlap=True, early=1)
    assert np.array_equal(right.product, a @ b)
    assert set(np.diff(right.starts)) == {max(stream, 4)}
    assert wrong.cycles == -1 or not np.array_equal(wrong.product, a @ b)


def test_latest_end_is_not_always_the_last_fold() -> None:
    # The last fold uses 1 of 6 rows and starts one cycle after the one before, which ends four cycles later.
    run = run_both("ws", 6, 1, 1, 1, 7, True)
    assert run.starts.tolist() == [6, 7]
    assert run.cycles == 6 + 1 + 6 + 1 - 2


def test_hand_counted_single_products() -> None:
    one = np.array([[3]])
    # A 1 x 1 array: load 1, multiply 1; or multiply 1, shift out 1.
    assert simulate("ws", one, one, 1, 1).cycles == 2
    assert simulate("os", one, one, 1, 1).cycles == 2
    # Two k on a 2 x 1 array: load 2, operands in rows 0 and 1 one cycle apart.
    assert simulate("ws", np.array([[3, 4]]), np.array([[5], [6]]), 2, 1).cycles == 4
    # Two shadow-loaded 1 x 1 folds: load, multiply, multiply.
    assert simulate("ws", one, np.array([[5, 6]]), 1, 1, overlap=True).cycles == 3


def test_uniform_folds_give_the_published_forms() -> None:
    # units.md section 1: overlapped R + folds max(M, R) + R + C - 2 needs M >= R, else the last spacing is M.
    rows, cols, m, n, k = 4, 3, 9, 9, 12
    folds = (k // rows) * (n // cols)
    assert run_both("ws", rows, cols, m, n, k, True).cycles == rows + folds * max(m, rows) + rows + cols - 2
    assert run_both("ws", rows, cols, m, n, k, False).cycles == folds * (2 * rows + cols + m - 2)
    folds = (12 // rows) * (n // cols)
    assert run_both("os", rows, cols, 12, n, k, True).cycles == folds * k + rows + cols - 2 + rows
    gemv = run_both("ws", rows, cols, 1, n, k, True)
    assert gemv.cycles == rows + (9 - 1) * rows + 1 + rows + cols - 2
