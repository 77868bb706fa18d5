"""Closed forms of the physical convention against a fold-by-fold walk."""

from itertools import product

import pytest

from bankside.arch.pe.systolic import physical
from bankside.arch.pe.systolic.fold import DATAFLOWS, IS, OS, WS

Fold = tuple[int, int]


def extents(dataflow: int, m: int, n: int, k: int) -> tuple[int, int, int]:
    return {WS: (k, n, m), OS: (m, n, k), IS: (k, m, n)}[dataflow]


def folds(dataflow: int, rows: int, cols: int, x: int, y: int) -> list[Fold]:
    heights = [min(rows, x - i) for i in range(0, x, rows)]
    widths = [min(cols, y - j) for j in range(0, y, cols)]
    if dataflow == OS:
        return [(r, c) for r in heights for c in widths]
    return [(r, c) for c in widths for r in heights]


def slots(words: int, port: int) -> int:
    return 1 if port == 0 else -(-words // port)


def walk(
    dataflow: int, order: list[Fold], t: int, shadow: bool, ports: tuple[int, int, int] = (0, 0, 0)
) -> int:
    hold, row, col = ports
    clock, previous, end = 0, 0, 0
    for r, c in order:
        stream = t * max(slots(r, row), slots(c, col))
        shift = r * slots(c, hold)
        load, drain = (0, shift) if dataflow == OS else (shift, 0)
        if shadow:
            clock = load if clock == 0 and previous == 0 else clock + max(previous, load)
            previous = max(stream, drain)
        else:
            clock = end + load
        end = max(end, clock + stream + r + c - 2 + drain)
    return end


@pytest.mark.parametrize("dataflow", [WS, OS, IS], ids=DATAFLOWS)
@pytest.mark.parametrize("shadow", [False, True])
def test_every_small_product_equals_the_walk(dataflow: int, shadow: bool) -> None:
    for rows, cols, m, n, k in product((1, 2, 3, 5), (1, 2, 4), (1, 2, 7), (1, 3, 5, 9), (1, 2, 4, 7)):
        x, y, t = extents(dataflow, m, n, k)
        order = folds(dataflow, rows, cols, x, y)
        total, fill = physical.gemm_cycles(dataflow, rows, cols, m, n, k, shadow)
        assert total == walk(dataflow, order, t, shadow), (rows, cols, m, n, k)
        assert total - fill == len(order) * t
        first, following = physical.ported_cycles(dataflow, rows, cols, m, n, k, shadow, 0, 0, 0)
        assert first + 2 * following == walk(dataflow, order * 3, t, shadow)


@pytest.mark.parametrize("dataflow", [WS, OS, IS], ids=DATAFLOWS)
@pytest.mark.parametrize("shadow", [False, True])
def test_ports_slow_each_phase_by_whole_vectors(dataflow: int, shadow: bool) -> None:
    for ports in product((0, 1, 3), repeat=3):
        for rows, cols, m, n, k in product((2, 5), (3, 4), (1, 6), (2, 7), (5, 11)):
            x, y, t = extents(dataflow, m, n, k)
            total, interval = physical.ported_cycles(dataflow, rows, cols, m, n, k, shadow, *ports)
            order = folds(dataflow, rows, cols, x, y)
            assert total == walk(dataflow, order, t, shadow, ports)
            assert total + interval == walk(dataflow, order * 2, t, shadow, ports)


def test_figures_on_paper() -> None:
    assert physical.gemm_cycles(OS, 4, 4, 4, 4, 10, False) == (10 + 4 + 4 - 2 + 4, 10)
    assert physical.gemm_cycles(WS, 4, 4, 10, 4, 4, False) == (4 + 10 + 4 + 4 - 2, 10)
    # GEMV on 128 x 128 with shadow weights: one fold every 128 cycles
    total, _ = physical.gemm_cycles(WS, 128, 128, 1, 4096, 4096, True)
    assert total == 128 + 1023 * 128 + 1 + 254


def test_nothing_to_do_takes_no_time() -> None:
    assert physical.ported_cycles(WS, 4, 4, 0, 3, 3, True, 0, 0, 0) == (0, 0)


def test_accesses_on_paper() -> None:
    assert physical.accesses(WS, 4, 4, 10, 9, 6) == (10 * 6 * 3, 54, 180, 90)
    assert physical.accesses(IS, 4, 4, 10, 9, 6) == (60, 9 * 6 * 3, 180, 90)
    assert physical.accesses(OS, 4, 4, 10, 9, 6) == (180, 162, 90, 0)
