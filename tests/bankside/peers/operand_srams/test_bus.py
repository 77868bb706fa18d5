"""Finite bandwidth against a walk of all folds that keeps what each buffer holds."""

from itertools import pairwise, product
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.pe.systolic import physical
from bankside.arch.pe.systolic.fold import DATAFLOWS, IS, OS, WS
from bankside.peers.operand_srams import bus

SHAPES = list(product((2, 4), (3, 4), (1, 5, 18), (2, 7, 13), (1, 4, 18)))


def own_cycles(dataflow: int, order: list[tuple[int, int]], t: int, shadow: bool) -> list[int]:
    """The array's cycles from fold to fold (the first load counts to the first fold)."""
    starts, ends, clock = [], [], 0
    for i, (r, c) in enumerate(order):
        load, drain = (0, r) if dataflow == OS else (r, 0)
        if shadow:
            behind = order[i - 1][0] if dataflow == OS else load
            clock = load if i == 0 else clock + max(t, behind)
        else:
            clock = (ends[-1] if ends else 0) + load
        starts.append(clock)
        ends.append(clock + t + r + c - 2 + drain)
    if not shadow:
        return [end - begin for end, begin in zip(ends, [0, *ends[:-1]], strict=True)]
    marks = [0, *starts[1:], max(ends)]
    return [b - a for a, b in pairwise(marks)]


def walk(
    dataflow: int, rows: int, cols: int, m: int, n: int, k: int, shadow: bool, double: bool,
    capacity: tuple[int, int, int], rate: float,
) -> tuple[int, int, int]:  # fmt: skip
    x, y, t = {WS: (k, n, m), OS: (n, m, k), IS: (k, m, n)}[dataflow]  # inner, outer, streamed
    inner, outer = (cols, rows) if dataflow == OS else (rows, cols)
    ifmap, weights, ofmap = capacity
    inner_sram, strip_sram = (ifmap if dataflow == WS else weights), (ifmap if dataflow == OS else ofmap)
    copies = 2 if double else 1
    folds, wanted, finished = [], [], []
    for j in range(0, y, outer):
        o = min(outer, y - j)
        for i in range(0, x, inner):
            u = min(inner, x - i)
            lacks = t * u if j == 0 or x * t > inner_sram else 0
            held = t * o * copies <= strip_sram
            if dataflow == OS:
                lacks += t * o if i == 0 or not held else 0
                done = u * o
            else:
                lacks += u * o + (t * o if i > 0 and not held else 0)
                done = t * o if i + inner >= x or not held else 0
            folds.append((o, u) if dataflow == OS else (u, o))
            wanted.append(lacks)
            finished.append(done)
    compute = own_cycles(dataflow, folds, t, shadow)
    if double:
        total = ceil(wanted[0] / rate)
        for own, coming, going in zip(compute, [*wanted[1:], 0], finished, strict=True):
            total += max(own, ceil((coming + going) / rate))
    else:
        total = sum(
            ceil(a / rate) + own + ceil(b / rate) for a, own, b in zip(wanted, compute, finished, strict=True)
        )
    return total, sum(wanted), sum(finished)


@pytest.mark.parametrize("dataflow", [WS, OS, IS], ids=DATAFLOWS)
@pytest.mark.parametrize(("shadow", "double"), list(product((False, True), repeat=2)))
def test_equals_the_walk(dataflow: int, shadow: bool, double: bool) -> None:
    for rows, cols, m, n, k in SHAPES:
        for capacity, rate in product(((20, 20, 20), (40, 200, 40), (200, 40, 200)), (0.5, 3.0)):
            args = (dataflow, rows, cols, m, n, k, shadow, double)
            total, stalls, reads, writes = bus.stalled_cycles(*args, *capacity, rate)
            assert (total, reads, writes) == walk(*args, capacity, rate)
            assert total - stalls == physical.gemm_cycles(*args[:7])[0]


sizes = st.integers(1, 40)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([WS, OS, IS]), st.integers(1, 9), st.integers(1, 9), sizes, sizes, sizes, st.booleans(),
    st.integers(1, 4000), st.integers(1, 4000), st.floats(0.1, 100.0),
)  # fmt: skip
def test_t4_stalls_are_non_negative_and_monotone(
    dataflow: int, rows: int, cols: int, m: int, n: int, k: int, shadow: bool, small: int, large: int,
    rate: float,
) -> None:  # fmt: skip
    small, large = sorted((small, large))
    args = (dataflow, rows, cols, m, n, k, shadow, True)
    total, stalls, reads, writes = bus.stalled_cycles(*args, small, small, small, rate)
    assert stalls >= 0
    assert reads >= m * k + k * n
    assert writes >= m * n
    assert bus.stalled_cycles(*args, large, large, large, rate)[0] <= total
    assert bus.stalled_cycles(*args, small, small, small, 2 * rate)[0] <= total
    # enough SRAM: each operand moves once, and no faster than the bus
    roomy = bus.stalled_cycles(*args, 4000, 4000, 4000, rate)
    assert roomy[2:] == (m * k + k * n, m * n)
    assert roomy[0] >= ceil((m * k + k * n + m * n) / rate)


def test_bandwidth_decides_in_the_limit() -> None:
    # GEMV through 8 x 8 with shadow weights: the bus brings 64 weights and 8 inputs a fold
    total, stalls, reads, writes = bus.stalled_cycles(WS, 8, 8, 1, 64, 64, True, True, 64, 128, 64, 1.0)
    assert (reads, writes) == (64 * 64 + 64, 64)
    assert total == 72 + 7 * 72 + 7 * (64 + 8) + 49 * 64 + max(1 + 14, 8)
    assert stalls == total - physical.gemm_cycles(WS, 8, 8, 1, 64, 64, True)[0]


def test_needed_words() -> None:
    assert bus.needed_words(WS, 8, 4, 100, 3, 5) == (5, 15, 3)
    assert bus.needed_words(OS, 8, 4, 100, 3, 5) == (8, 3, 24)
    assert bus.needed_words(IS, 8, 4, 100, 3, 5) == (20, 5, 4)
