"""Words of the input that parts of a convolution share.

As a matrix product a convolution has a row for every output pixel (in raster order) and a column for every word of the
window (filter row, filter column, channel; channels fastest). Windows overlap, so a tile of that matrix names a word of
the input many times; memory has to deliver it once. A range of pixels, and a range of window words of one channel, is
at most three rectangles, and the input rows and columns that a rectangle of pixels and one of the filter touch are
independent of each other: the words of a tile are a union of at most nine products of row and column sets.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic.fold import ceil_div

Int64s = NDArray[np.int64]

UNION = 1 << 9  # sets of nine products


class Convolution(NamedTuple):
    """Sizes of one image's convolution: input, filter, channels, and the strides down and across."""

    height: int
    width: int
    rows: int
    cols: int
    channels: int
    down: int
    across: int

    @property
    def out_height(self) -> int:
        """Rows of output pixels, ceil((H - R + s) / s)."""
        return -(-(self.height - self.rows + self.down) // self.down)

    @property
    def out_width(self) -> int:
        """Columns of output pixels."""
        return -(-(self.width - self.cols + self.across) // self.across)

    @property
    def pixels(self) -> int:
        """Output pixels: the rows of the product."""
        return self.out_height * self.out_width

    @property
    def window(self) -> int:
        """Words of a window: the depth of the product."""
        return self.rows * self.cols * self.channels


@kernel
def out_width(shape: Convolution) -> int:
    """Columns of output pixels."""
    return ceil_div(shape.width - shape.cols + shape.across, shape.across)


@kernel
def bands(first: int, end: int, width: int, found: Int64s) -> int:
    """Rectangles of the range [first, end) of a grid `width` wide in raster order, and their number.

    Parameters
    ----------
    found : int64 array, shape (3, 4)
        Filled with first row, end row, first column, end column of each.
    """
    row, col, last_row, last_col = first // width, first % width, end // width, end % width
    count = 0
    if row == last_row:
        if col < last_col:
            found[0, 0], found[0, 1], found[0, 2], found[0, 3] = row, row + 1, col, last_col
            count = 1
        return count
    if col > 0:
        found[0, 0], found[0, 1], found[0, 2], found[0, 3] = row, row + 1, col, width
        row += 1
        count = 1
    if row < last_row:
        found[count, 0], found[count, 1], found[count, 2], found[count, 3] = row, last_row, 0, width
        count += 1
    if last_col > 0:
        found[count, 0], found[count, 1], found[count, 2], found[count, 3] = (
            last_row,
            last_row + 1,
            0,
            last_col,
        )
        count += 1
    return count


@kernel
def _touches(place: int, first: int, end: int, offset: int, offset_end: int, step: int) -> bool:
    """Whether place = x step + s for an x in [first, end) and an s in [offset, offset_end)."""
    low = max(first, ceil_div(place - offset_end + 1, step))
    return low <= min(end - 1, (place - offset) // step)


@kernel
def _channel_words(shape: Convolution, pixels: Int64s, n_pixels: int, taps: Int64s, n_taps: int) -> int:
    """Words of one channel that rectangles of pixels touch through rectangles of the filter."""
    if n_pixels == 0 or n_taps == 0:
        return 0
    row, row_end = pixels[0, 0] * shape.down + taps[0, 0], (pixels[n_pixels - 1, 1] - 1) * shape.down
    row_end = min(row_end + taps[n_taps - 1, 1], shape.height)
    words_of = np.full(UNION, -1)
    total = 0
    for place in range(row, row_end):
        code = 0
        for i in range(n_pixels):
            for j in range(n_taps):
                if _touches(place, pixels[i, 0], pixels[i, 1], taps[j, 0], taps[j, 1], shape.down):
                    code |= 1 << (3 * i + j)
        if code > 0 and words_of[code] < 0:
            words_of[code] = _row_words(shape, pixels, taps, code)
        if code > 0:
            total += words_of[code]
    return total


@kernel
def _row_words(shape: Convolution, pixels: Int64s, taps: Int64s, code: int) -> int:
    """Columns of an input row that any of the products in `code` touches."""
    words = 0
    for place in range(shape.width):
        for pair in range(9):
            i, j = pair // 3, pair % 3
            if code >> pair & 1 and _touches(
                place, pixels[i, 2], pixels[i, 3], taps[j, 2], taps[j, 3], shape.across
            ):
                words += 1
                break
    return words


@kernel
def distinct_words(shape: Convolution, pixel: int, pixel_end: int, word: int, word_end: int) -> int:
    """Input words that the pixels [pixel, pixel_end) touch through the window words [word, word_end)."""
    if pixel >= pixel_end or word >= word_end:
        return 0
    pixels, taps = np.empty((3, 4), np.int64), np.empty((3, 4), np.int64)
    n_pixels = bands(pixel, pixel_end, out_width(shape), pixels)
    tap, channel = word // shape.channels, word % shape.channels
    tap_end, channel_end = word_end // shape.channels, word_end % shape.channels
    low, high = min(channel, channel_end), max(channel, channel_end)
    total = 0
    for part in range(3):  # channels below, between and above the first and the last one of the range
        start, end = (0, low) if part == 0 else ((low, high) if part == 1 else (high, shape.channels))
        if start < end:
            first = tap + (1 if start < channel else 0)
            n_taps = bands(first, max(first, tap_end + (1 if start < channel_end else 0)), shape.cols, taps)
            total += (end - start) * _channel_words(shape, pixels, n_pixels, taps, n_taps)
    return total


@kernel
def window_words(shape: Convolution, word: int, word_end: int) -> int:
    """Words that must stay while all pixels pass in raster order, so that none is fetched twice.

    The lines that the next output row needs again, and the window itself, of the channels of [word, word_end).
    """
    tap, tap_end = word // shape.channels, ceil_div(word_end, shape.channels)
    row, row_end = tap // shape.cols, ceil_div(tap_end, shape.cols)
    channels = min(shape.channels, word_end - word)
    return channels * (
        max(0, row_end - row - shape.down) * shape.width + min(tap_end - tap, (row_end - row) * shape.cols)
    )
