"""Words that windows share, against sets of addresses written out."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.peers.operand_srams.convolution import Convolution, distinct_words, window_words

size, step = st.integers(1, 4), st.integers(1, 5)


@st.composite
def shapes(draw: st.DrawFn) -> Convolution:
    rows, cols = draw(size), draw(size)
    height, width = rows + draw(st.integers(0, 5)), cols + draw(st.integers(0, 5))
    return Convolution(height, width, rows, cols, draw(size), draw(step), draw(step))


def address(shape: Convolution, pixel: int, word: int) -> tuple[int, int, int] | None:
    """Row, column and channel of a window's word, or None beyond the input."""
    tap, channel = divmod(word, shape.channels)
    row = pixel // shape.out_width * shape.down + tap // shape.cols
    col = pixel % shape.out_width * shape.across + tap % shape.cols
    return (row, col, channel) if row < shape.height and col < shape.width else None


@settings(max_examples=300, deadline=None)
@given(shapes(), st.tuples(*[st.floats(0, 1)] * 4))
def test_equals_a_set_of_addresses(shape: Convolution, ends: tuple[float, float, float, float]) -> None:
    pixel, pixel_end = sorted(round(end * shape.pixels) for end in ends[:2])
    word, word_end = sorted(round(end * shape.window) for end in ends[2:])
    named = {address(shape, i, j) for i in range(pixel, pixel_end) for j in range(word, word_end)}
    assert distinct_words(shape, pixel, pixel_end, word, word_end) == len(named - {None})


@settings(max_examples=100, deadline=None)
@given(shapes())
def test_no_more_words_wait_for_reuse_than_the_window(shape: Convolution) -> None:
    first, last = {}, {}
    for pixel in range(shape.pixels):
        for word in range(shape.window):
            if (where := address(shape, pixel, word)) is not None:
                first.setdefault(where, pixel)
                last[where] = pixel
    waiting = [sum(first[a] <= pixel <= last[a] for a in first) for pixel in range(shape.pixels)]
    assert max(waiting) <= window_words(shape, 0, shape.window)


def test_extents_round_up() -> None:
    shape = Convolution(224, 200, 11, 7, 3, 4, 3)
    assert (shape.out_height, shape.out_width) == (55, 66)  # ceil(217 / 4), ceil(196 / 3)
    assert (shape.pixels, shape.window) == (55 * 66, 231)
