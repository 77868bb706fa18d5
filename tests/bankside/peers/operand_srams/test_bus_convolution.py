"""A convolution behind a bus: words once where they fit, and the product's own counts where none are shared."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.bankside.peers.operand_srams.test_convolution import shapes

from bankside.arch.pe.systolic import physical
from bankside.arch.pe.systolic.fold import DATAFLOWS, IS, OS, WS
from bankside.peers.operand_srams import bus
from bankside.peers.operand_srams.bus_convolution import stalled_convolution
from bankside.peers.operand_srams.convolution import Convolution, distinct_words

LARGE = 1 << 20


@pytest.mark.parametrize("dataflow", [WS, OS, IS], ids=DATAFLOWS)
def test_windows_that_share_nothing_are_a_product(dataflow: int) -> None:
    for shape, rows, cols, double in product(
        (Convolution(7, 5, 1, 1, 6, 1, 1), Convolution(8, 6, 2, 3, 2, 2, 3)), (3, 4), (2, 5), (False, True)
    ):
        for words, rate in product((60, LARGE), (0.5, 3.0)):
            args = (dataflow, rows, cols)
            memory = (True, double, words, words, words, rate)
            found = stalled_convolution(*args, shape, 7, *memory)
            assert found == bus.stalled_cycles(*args, shape.pixels, 7, shape.window, *memory)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([WS, OS, IS]), shapes(), st.integers(1, 6), st.integers(1, 6), st.integers(1, 9),
    st.booleans(), st.integers(64, 600), st.integers(64, 600),
)  # fmt: skip
def test_reads_shrink_with_the_sram_to_every_word_once(
    dataflow: int, shape: Convolution, rows: int, cols: int, filters: int, shadow: bool, small: int, large: int
) -> None:  # fmt: skip
    small, large = sorted((small, large))
    once = distinct_words(shape, 0, shape.pixels, 0, shape.window) + filters * shape.window
    args = (dataflow, rows, cols, shape, filters, shadow, True)
    total, stalls, reads, writes = stalled_convolution(*args, LARGE, LARGE, LARGE, 4.0)
    assert (reads, writes) == (once, filters * shape.pixels)
    assert (
        total - stalls
        == physical.gemm_cycles(dataflow, rows, cols, shape.pixels, filters, shape.window, shadow)[0]
    )
    fewer, more = (stalled_convolution(*args, words, LARGE, LARGE, 4.0) for words in (small, large))
    assert fewer[2] >= more[2] >= once
    assert stalls >= 0
    # no more than the product, which names every word of every window
    assert (
        fewer[2]
        <= bus.stalled_cycles(
            dataflow, rows, cols, shape.pixels, filters, shape.window, shadow, True, small, LARGE, LARGE, 4.0
        )[2]
    )


def test_a_small_layer_stalls_at_its_edges_alone() -> None:
    # 12 x 12 x 4 words of input, 8 filters of 3 x 3 x 4, 8 x 8 PEs: 602 cycles of compute, 416 of bus
    shape = Convolution(12, 12, 3, 3, 4, 1, 1)
    total, stalls, reads, writes = stalled_convolution(
        WS, 8, 8, shape, 8, False, True, 65536, 65536, 65536, 4.0
    )
    assert (reads, writes) == (576 + 288, 800)
    first_fill = (10 * 11 * 4 + 64) // 4  # two taps of every channel, and their weights
    last_drain = 800 // 4 - (4 + 100 + 4 + 8 - 2)
    assert (total, stalls) == (602 + first_fill + last_drain, first_fill + last_drain)


def test_less_than_all_words_are_fetched_for_every_slice() -> None:
    shape = Convolution(12, 12, 3, 3, 4, 1, 1)
    slices = [(k, min(k + 8, 36)) for k in range(0, 36, 8)]
    each = sum(distinct_words(shape, 0, 100, *part) for part in slices)
    reads = stalled_convolution(WS, 8, 8, shape, 8, False, True, 575, LARGE, LARGE, 4.0)[2]
    assert reads == each + 288
