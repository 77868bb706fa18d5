"""SCALE-Sim's USER mode: stalls and DRAM accesses behind three private ports of finite width, count for count.

Each operand is cut into sets of ceil(bytes / 100) words in the order in which the array first needs them. Half of the
buffer holds a window of sets, filled before cycle 0. A word outside the window moves it on by the other half, again
and again until the word is in; each move takes ceil(half / port) + 1 cycles after the one before. The shortfall of
such a move delays the line of demands by twice its length; where the move was early, the surplus is a credit. Results
leave when half of their buffer is in use. The line waits for the slowest of the three, and so does everything after.

Windows of a convolution name a word of the input several times, and every time it takes its place in a set: the word is
there while any of its sets is. What a last window names beyond the input is neither fetched nor asked for.

None of this is physical (a shortfall counts twice, the ports share no bus): it is their convention.

References
----------
SCALE-Sim v3, github.com/scalesim-project/SCALE-Sim at 1d62b68; equal on all rows of its measured runs.
"""

import numpy as np
from numpy.typing import NDArray

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic.fold import IS, OS, WS, ceil_div, spatial
from bankside.peers.operand_srams.convolution import Convolution, out_width
from bankside.peers.scalesim import fold_cycles

Int64s = NDArray[np.int64]

SETS, HELD, STEP, LINES, FIRST, END, ARRIVED, STARTED, FETCHED, PORT = range(10)  # fields of a read buffer
FREE, SIZE, WIDTH, OPEN, CLOSED, GONE, BUSY, BEGUN, ENDED, LEFT, OLDEST, NEWEST = range(
    12
)  # of the write buffer
PENDING = 4096  # lines with padding that may wait in the write buffer
UNTOLD = -1
PRODUCT = Convolution(0, 0, 0, 0, 0, 1, 1)
"""Stands for: no convolution, every word of the input is named once."""
COUNTS = (
    "stall_cycles",
    "ifmap_dram_start",
    "ifmap_dram_stop",
    "ifmap_dram_reads",
    "filter_dram_start",
    "filter_dram_stop",
    "filter_dram_reads",
    "ofmap_dram_start",
    "ofmap_dram_stop",
    "ofmap_dram_writes",
)


@kernel
def _streamed_sets(sets: Int64s, lanes: int, set_words: int) -> int:
    """Number the sets of all words [vector, lane]: the folds, one above the other, along their diagonals.

    Words below 0 lie outside the input and are in no set; the number of the others is returned.
    """
    streamed, extent = sets.shape
    height = streamed * ceil_div(extent, lanes)
    word = 0
    for diagonal in range(height + lanes - 1):
        for row in range(min(diagonal, height - 1), max(0, diagonal - lanes + 1) - 1, -1):
            at = row // streamed * lanes + diagonal - row
            if at < extent and sets[row % streamed, at] >= 0:
                sets[row % streamed, at] = word // set_words
                word += 1
    return word


@kernel
def _held_sets(sets: Int64s, cols: int, set_words: int) -> int:
    """Number the sets of a stationary operand [array row, array column]: row by row, strip by strip."""
    x, y = sets.shape
    word = 0
    for strip in range(0, y, cols):
        for row in range(x):
            for at in range(strip, min(strip + cols, y)):
                if sets[row, at] >= 0:
                    sets[row, at] = word // set_words
                    word += 1
    return word


@kernel
def _address(shape: Convolution, pixel: int, word: int) -> int:
    """Place in the input of one word of one window, channels fastest; below 0 outside the input."""
    width = out_width(shape)
    tap, channel = word // shape.channels, word % shape.channels
    row = pixel // width * shape.down + tap // shape.cols
    col = pixel % width * shape.across + tap % shape.cols
    if row >= shape.height or col >= shape.width:
        return -1
    return (row * shape.width + col) * shape.channels + channel


@kernel
def _input(words: Int64s, shape: Convolution, across_pixels: bool) -> None:
    """Addresses of the input as an operand: [pixel, word of the window], or transposed with `across_pixels`."""
    for i in range(words.shape[0]):
        for j in range(words.shape[1]):
            words[i, j] = _address(shape, j, i) if across_pixels else _address(shape, i, j)


@kernel
def _homes(sets: Int64s, addresses: Int64s, size: int) -> tuple[Int64s, Int64s]:
    """Sets of every address: `homes[first[a] : first[a + 1]]`."""
    first = np.zeros(size + 2, np.int64)
    for i in range(sets.shape[0]):
        for j in range(sets.shape[1]):
            first[addresses[i, j] + 2] += 1 if addresses[i, j] >= 0 else 0
    first = np.cumsum(first)
    homes = np.empty(first[size + 1], np.int64)
    for i in range(sets.shape[0]):
        for j in range(sets.shape[1]):
            if addresses[i, j] >= 0:
                homes[first[addresses[i, j] + 1]] = sets[i, j]
                first[addresses[i, j] + 1] += 1
    return first, homes


@kernel
def _read_buffer(words: int, padded_words: int, size_byte: int, port_words: int) -> Int64s:
    """A read buffer with its first half full; `padded_words` are fetched, unused lanes among them."""
    half = ceil_div(size_byte, 2)
    set_words = ceil_div(size_byte, 100)
    buffer = np.zeros(10, np.int64)
    buffer[SETS] = words // set_words + 1
    buffer[HELD] = min(buffer[SETS], ceil_div(half, set_words))
    buffer[STEP] = min(buffer[SETS] - buffer[HELD], ceil_div(size_byte - half, set_words))
    buffer[LINES] = ceil_div(size_byte - half, port_words)
    buffer[END] = buffer[HELD]
    first_lines = min(ceil_div(half, port_words), ceil_div(padded_words, port_words))
    buffer[STARTED], buffer[ARRIVED] = -first_lines, -1
    buffer[FETCHED], buffer[PORT] = first_lines * port_words, port_words
    return buffer


@kernel
def _held(buffer: Int64s, wanted: int) -> bool:
    """Whether the window holds a set."""
    first, end = buffer[FIRST], buffer[END]
    if first < end:
        return bool(first <= wanted < end)
    return bool(wanted >= first or wanted < end)


@kernel
def _there(buffer: Int64s, first: Int64s, homes: Int64s, wanted: int) -> bool:
    """Whether the window holds any set of a word: of an address, or set `wanted` itself where `first` is empty."""
    if first.shape[0] == 0:
        return _held(buffer, wanted)
    held = False
    for home in range(first[wanted], first[wanted + 1]):
        held = held or _held(buffer, homes[home])
    return held


@kernel
def _delay(buffer: Int64s, first: Int64s, homes: Int64s, wanted: int, cycle: int, delay: int) -> int:
    """Delay of a line of demands after one more word of it is in the buffer [cycle]."""
    while wanted >= 0 and not _there(buffer, first, homes, wanted):
        buffer[FIRST] = (buffer[FIRST] + buffer[STEP]) % buffer[SETS]
        buffer[END] = (buffer[FIRST] + buffer[HELD]) % buffer[SETS]
        buffer[ARRIVED] += buffer[LINES] + 1
        buffer[FETCHED] += buffer[LINES] * buffer[PORT]
        short = buffer[ARRIVED] - (cycle + 1 + delay)
        delay += 2 * short if short > 0 else short
    return delay


@kernel
def _stream_delay(
    buffer: Int64s,
    words: Int64s,
    first: Int64s,
    homes: Int64s,
    base: int,
    lanes: int,
    vector: int,
    cycle: int,
) -> int:
    """Delay by the skewed demands of one edge: lane i asks for vector - i."""
    delay = 0
    for lane in range(max(0, vector - words.shape[0] + 1), min(lanes, words.shape[1] - base, vector + 1)):
        delay = _delay(buffer, first, homes, words[vector - lane, base + lane], cycle, delay)
    return delay


@kernel
def _load_delay(
    buffer: Int64s, words: Int64s, first: Int64s, homes: Int64s, row: int, base: int, cols: int, cycle: int
) -> int:
    """Delay by one row of a stationary operand."""
    delay = 0
    if row < words.shape[0]:
        for at in range(base, min(base + cols, words.shape[1])):
            delay = _delay(buffer, first, homes, words[row, at], cycle, delay)
    return delay


@kernel
def _close(buffer: Int64s, pads: Int64s) -> None:
    """Close the line that is being filled; what it lacks is padding."""
    if buffer[OPEN] > 0:
        slot = buffer[NEWEST] % PENDING
        pads[slot, 0], pads[slot, 1] = buffer[CLOSED], buffer[WIDTH] - buffer[OPEN]
        buffer[NEWEST] += 1
        buffer[OPEN] = 0
        buffer[CLOSED] += 1


@kernel
def _drain(buffer: Int64s, pads: Int64s, cycle: int) -> None:
    """Send half a buffer of lines to memory, one a cycle; of padding only that of the last line is known."""
    first = buffer[GONE]
    buffer[GONE] = min(first + ceil_div(buffer[SIZE] // 2, buffer[WIDTH]), buffer[CLOSED])
    words = (buffer[GONE] - first) * buffer[WIDTH]
    while buffer[OLDEST] < buffer[NEWEST] and pads[buffer[OLDEST] % PENDING, 0] < buffer[GONE]:
        if pads[buffer[OLDEST] % PENDING, 0] == buffer[GONE] - 1:
            words -= pads[buffer[OLDEST] % PENDING, 1]
        buffer[OLDEST] += 1
    if first == 0:
        buffer[BEGUN] = cycle
    buffer[BUSY] = cycle + buffer[GONE] - first - 1
    buffer[ENDED] = max(buffer[ENDED], buffer[BUSY])
    buffer[FREE] += words
    buffer[LEFT] += words


@kernel
def _write_delay(buffer: Int64s, pads: Int64s, words: int, cycle: int) -> int:
    """Delay by `words` results of one cycle."""
    now = cycle
    for _ in range(words):
        buffer[FREE] -= 1
        buffer[OPEN] += 1
        if buffer[OPEN] == buffer[WIDTH]:
            buffer[OPEN] = 0
            buffer[CLOSED] += 1
        if now < buffer[BUSY]:
            if buffer[FREE] <= 0:
                now = buffer[BUSY]
        elif buffer[FREE] < buffer[SIZE] - buffer[SIZE] // 2:
            _close(buffer, pads)
            _drain(buffer, pads, now)
    return now - cycle


@kernel
def _results(dataflow: int, rows: int, cols: int, x: int, streamed: int, base: int, used: int, t: int) -> int:
    """Results that leave in cycle t of a fold: column j is j cycles late, and os shifts out its padded rows too."""
    if dataflow == OS:
        first, last = streamed - 1 + max(0, base + rows - x), streamed - 1 + rows
    else:
        first, last = 2 * rows - 1, 2 * rows - 1 + streamed
    return max(0, min(used, t - first + 1) - max(0, t - last + 1))


@kernel
def _operand(
    words: Int64s, shape: Convolution, across_pixels: bool, lanes: int, held: bool, padded_words: int,
    size_byte: int, port_words: int,
) -> tuple[Int64s, Int64s, Int64s]:  # fmt: skip
    """Read buffer of one operand, and the sets of its addresses; `words` becomes its demands.

    Parameters
    ----------
    words : int64 array [vector, lane] or, held, [array row, array column]
        Filled with sets, or with addresses where `shape` says that the operand is a convolution's input.
    """
    set_words = ceil_div(size_byte, 100)
    first, homes = np.empty(0, np.int64), np.empty(0, np.int64)
    if shape.channels == 0:
        words[:] = 0
        count = _held_sets(words, lanes, set_words) if held else _streamed_sets(words, lanes, set_words)
    else:
        _input(words, shape, across_pixels)
        sets = words.copy()
        count = _held_sets(sets, lanes, set_words) if held else _streamed_sets(sets, lanes, set_words)
        first, homes = _homes(sets, words, shape.height * shape.width * shape.channels)
    return _read_buffer(count, padded_words, size_byte, port_words), first, homes


@kernel
def user_counts(
    dataflow: int, rows: int, cols: int, m: int, n: int, k: int,
    sizes: tuple[int, int, int], ports: tuple[int, int, int], shape: Convolution,
) -> Int64s:  # fmt: skip
    """Counts of one dense product.

    Parameters
    ----------
    sizes : tuple of int64
        Sizes of the SRAMs of input, weights and results [byte], of one-byte words.
    ports : tuple of int64
        Widths of their ports to memory [words/cycle].
    shape : Convolution
        PRODUCT, or the convolution that the product stands for.

    Returns
    -------
    int64 array, shape (10,)
        COUNTS [cycle, words]; all UNTOLD where too many lines wait for their drain.
    """
    x, y, streamed = spatial(dataflow, m, n, k)
    by_row_is, other_is = (1, 0) if dataflow == IS else (0, 1)  # operand at the rows, and at the columns
    row_shape, other_shape = (PRODUCT, shape) if dataflow == IS else (shape, PRODUCT)
    across = dataflow != WS  # pixels lie side by side in the input operand
    strips, folds = ceil_div(y, cols), ceil_div(x, rows)
    row_words = np.empty((streamed, x), np.int64)
    padded = folds * rows * streamed
    by_row, row_first, row_homes = _operand(
        row_words, row_shape, across, rows, False, padded, sizes[by_row_is], ports[by_row_is]
    )
    depth = streamed if dataflow == OS else x
    other_words = np.empty((depth, y), np.int64)
    padded = depth * strips * cols
    other, other_first, other_homes = _operand(
        other_words, other_shape, across, cols, dataflow != OS, padded, sizes[other_is], ports[other_is]
    )
    out, pads = np.zeros(12, np.int64), np.empty((PENDING, 2), np.int64)
    out[FREE], out[SIZE], out[WIDTH] = sizes[2], sizes[2], ports[2]

    period, lead = fold_cycles(dataflow, rows, cols, streamed), 0 if dataflow == OS else rows
    stalls, cycle, waited = 0, 0, 0
    for fold in range(strips * folds):
        column, row = fold // folds * cols, fold % folds * rows
        for t in range(period):
            cycle = fold * period + t + stalls
            delay = _stream_delay(by_row, row_words, row_first, row_homes, row, rows, t - lead, cycle)
            if dataflow == OS:
                own = _stream_delay(other, other_words, other_first, other_homes, column, cols, t, cycle)
                delay = max(delay, own)
            elif t < rows:
                last = row + rows - 1 - t
                own = _load_delay(other, other_words, other_first, other_homes, last, column, cols, cycle)
                delay = max(delay, own)
            words = _results(dataflow, rows, cols, x, streamed, row, min(cols, y - column), t)
            waited = _write_delay(out, pads, words, cycle)
            stalls += max(delay, waited)
            if out[NEWEST] - out[OLDEST] >= PENDING:
                return np.full(10, UNTOLD)
    cycle += waited
    _close(out, pads)
    while out[GONE] < out[CLOSED]:
        _drain(out, pads, cycle)
        cycle = out[BUSY] + 1
    counts = np.empty(10, np.int64)
    counts[0] = stalls
    ifmap, weights = (other, by_row) if dataflow == IS else (by_row, other)
    counts[1], counts[2], counts[3] = ifmap[STARTED], ifmap[ARRIVED], ifmap[FETCHED]
    counts[4], counts[5], counts[6] = weights[STARTED], weights[ARRIVED], weights[FETCHED]
    counts[7], counts[8], counts[9] = out[BEGUN], out[ENDED], out[LEFT]
    return counts
