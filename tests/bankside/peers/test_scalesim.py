"""SCALE-Sim's counts: measured rows of its release 3.0.0, and a fold-by-fold walk of its padded schedule."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.pe.systolic.fold import DATAFLOWS, IS, OS, WS
from bankside.peers import scalesim

# measured: dataflow, rows, cols, M, N, K; total cycles, SRAM reads of input and weights, writes of the result
MEASURED = [
    ("ws", 128, 32, 8, 688, 256, 12935, 45056, 176128, 11008),
    ("ws", 128, 128, 61, 67, 71, 442, 4331, 4757, 4087),
    ("is", 32, 8, 192, 192, 192, 37727, 36864, 884736, 221184),
    ("is", 128, 128, 509, 1, 127, 1531, 64643, 508, 509),
    ("os", 128, 32, 1, 768, 768, 22223, 18432, 589824, 4608),
    ("ws", 128, 128, 1024, 1024, 1024, 89983, 8388608, 1048576, 8388608),
]


def one(*case: int) -> list[int]:
    return [int(x) for x in scalesim.batch(np.array([case], np.int64))[0]]


@pytest.mark.parametrize("row", MEASURED)
def test_measured_rows(row: tuple[str, int, int, int, int, int, int, int, int, int]) -> None:
    dataflow = DATAFLOWS.index(row[0])
    counts = one(dataflow, *row[1:6], 1, 1, 0)
    assert counts[:4] == list(row[6:])
    assert scalesim.total_cycles(dataflow, *row[1:6]) == row[6]


def walk(dataflow: int, rows: int, cols: int, m: int, n: int, k: int) -> list[int]:
    """Lay the padded folds one after another and count the words that each asks for."""
    x, y, t = {WS: (k, n, m), OS: (m, n, k), IS: (k, m, n)}[dataflow]
    last, held, streamed, written = -1, 0, 0, 0
    for j in range(0, y, cols):
        for i in range(0, x, rows):
            r, c = min(rows, x - i), min(cols, y - j)
            last += (0 if dataflow == OS else rows) + t + rows - 1 + cols - 1
            held += t * c if dataflow == OS else r * c
            streamed += t * r
            written += r * c + rows + cols if dataflow == OS else t * c
    return [last, held, streamed, written] if dataflow == IS else [last, streamed, held, written]


def test_p2_every_small_shape() -> None:
    for dataflow, rows, cols in product((WS, OS, IS), (1, 4, 8), (1, 3, 8)):
        for m, n, k in product((1, 3, 9, 17), (1, 8, 13), (1, 4, 16, 21)):
            assert one(dataflow, rows, cols, m, n, k, 1, 1, 0)[:4] == walk(dataflow, rows, cols, m, n, k)


def test_sparse_rows() -> None:
    # ws 8x8, 97x40x83 at 1:4, and ws 16x16, 8x256x344 row-wise in blocks of 8: both measured
    assert one(WS, 8, 8, 97, 40, 83, 1, 4, 0)[:4] == [1784, 40740, 840, 11640]
    assert one(WS, 16, 16, 8, 256, 344, 1, 1, 8)[:2] == [9503, 518144]
    assert one(OS, 32, 8, 97, 40, 83, 1, 2, 0)[:4] == [1599, 20370, 6720, 4680]
    assert scalesim.mapping_efficiency(WS, 16, 16, 8, 256, 176, 8) == pytest.approx(0.625)
    assert scalesim.mapping_efficiency(WS, 8, 8, 64, 64, 32, 4) == pytest.approx(0.75)


def walked_reads(strips: list[int], passes: int, room: int) -> int:
    """Words that miss a buffer which drops everything when `room` words are in it."""
    reads, buffer = 0, set[tuple[int, int]]()
    for strip, words in enumerate(strips):
        for word in [*range(words)] * passes:
            if (strip, word) not in buffer:
                reads += 1
                buffer.add((strip, word))
                if len(buffer) == room:
                    buffer.clear()
    return reads


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 180), st.integers(0, 9), st.integers(0, 180), st.integers(1, 4), st.integers(1, 3))
def test_t1_reads_are_the_misses_of_a_buffer_that_drops_all(
    strip: int, strips: int, rest: int, passes: int, sets: int
) -> None:
    walked = walked_reads([strip] * strips + [rest], passes, 50 * sets)
    assert scalesim.dram_reads(strip, strips, rest, passes, 100 * sets + 99) == walked


def test_half_of_the_sram_is_used() -> None:
    assert scalesim.dram_reads(32749, 1, 0, 7, 65536) == 32749
    assert scalesim.dram_reads(32750, 1, 0, 7, 65536) == 7 * 32750
    assert scalesim.dram_reads(9, 1, 0, 7, 99) == 63  # sets of no words hold nothing
    assert scalesim.dram_writes(32768, 128, 65536) == 32768
    assert scalesim.dram_writes(32769, 128, 65536) == 32769 + 127
