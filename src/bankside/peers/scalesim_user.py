"""SCALE-Sim's USER mode: stalls and DRAM accesses behind three private ports of finite width, count for count.

Each operand is cut into sets of ceil(bytes / 100) words in the order in which the array first needs them. Half of the
buffer holds a window of sets, filled before cycle 0. A word outside the window moves it on by the other half, again
and again until the word is in; each move takes ceil(half / port) + 1 cycles after the one before. The shortfall of
such a move delays the line of demands by twice its length; where the move was early, the surplus is a credit. Results
leave when half of their buffer is in use. The line waits for the slowest of the three, and so does everything after.

None of this is physical (a shortfall counts twice, the ports share no bus): it is their convention.

References
----------
SCALE-Sim v3, github.com/scalesim-project/SCALE-Sim at 1d62b68; equal on all rows of its measured runs.
"""

import numpy as np
from numpy.typing import NDArray

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic.fold import IS, OS, ceil_div, spatial
from bankside.peers.scalesim import fold_cycles

Int64s = NDArray[np.int64]

SETS, HELD, STEP, LINES, FIRST, END, ARRIVED, STARTED, FETCHED, PORT = range(10)  # fields of a read buffer
FREE, SIZE, WIDTH, OPEN, CLOSED, GONE, BUSY, BEGUN, ENDED, LEFT, OLDEST, NEWEST = range(
    12
)  # of the write buffer
PENDING = 4096  # lines with padding that may wait in the write buffer
UNTOLD = -1
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
def _streamed_sets(sets: Int64s, lanes: int, set_words: int) -> None:
    """Set of every word [vector, lane of the operand]: the folds, one above the other, along their diagonals."""
    streamed, extent = sets.shape
    height = streamed * ceil_div(extent, lanes)
    word = 0
    for diagonal in range(height + lanes - 1):
        for row in range(min(diagonal, height - 1), max(0, diagonal - lanes + 1) - 1, -1):
            at = row // streamed * lanes + diagonal - row
            if at < extent:
                sets[row % streamed, at] = word // set_words
                word += 1


@kernel
def _held_sets(sets: Int64s, cols: int, set_words: int) -> None:
    """Set of every word [array row, array column] of a stationary operand: row by row, strip by strip."""
    x, y = sets.shape
    word = 0
    for strip in range(0, y, cols):
        for row in range(x):
            for at in range(strip, min(strip + cols, y)):
                sets[row, at] = word // set_words
                word += 1


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
def _delay(buffer: Int64s, wanted: int, cycle: int, delay: int) -> int:
    """Delay of a line of demands after one more word of it, from set `wanted`, is in the buffer [cycle]."""
    while True:
        first, end = buffer[FIRST], buffer[END]
        if (first <= wanted < end) or (first >= end and (wanted >= first or wanted < end)):
            return delay
        buffer[FIRST] = (first + buffer[STEP]) % buffer[SETS]
        buffer[END] = (buffer[FIRST] + buffer[HELD]) % buffer[SETS]
        buffer[ARRIVED] += buffer[LINES] + 1
        buffer[FETCHED] += buffer[LINES] * buffer[PORT]
        short = buffer[ARRIVED] - (cycle + 1 + delay)
        delay += 2 * short if short > 0 else short


@kernel
def _stream_delay(buffer: Int64s, sets: Int64s, base: int, lanes: int, vector: int, cycle: int) -> int:
    """Delay by the skewed demands of one edge: lane i asks for vector - i."""
    delay = 0
    for lane in range(max(0, vector - sets.shape[0] + 1), min(lanes, sets.shape[1] - base, vector + 1)):
        delay = _delay(buffer, sets[vector - lane, base + lane], cycle, delay)
    return delay


@kernel
def _load_delay(buffer: Int64s, sets: Int64s, row: int, base: int, cols: int, cycle: int) -> int:
    """Delay by one row of a stationary operand."""
    delay = 0
    if row < sets.shape[0]:
        for at in range(base, min(base + cols, sets.shape[1])):
            delay = _delay(buffer, sets[row, at], cycle, delay)
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
def user_counts(
    dataflow: int, rows: int, cols: int, m: int, n: int, k: int,
    ifmap_byte: int, filter_byte: int, ofmap_byte: int, ifmap_words: int, filter_words: int, ofmap_words: int,
) -> Int64s:  # fmt: skip
    """Counts of one dense product.

    Parameters
    ----------
    ifmap_byte, filter_byte, ofmap_byte : int64
        Sizes of the three SRAMs [byte], of one-byte words.
    ifmap_words, filter_words, ofmap_words : int64
        Widths of their ports to memory [words/cycle].

    Returns
    -------
    int64 array, shape (10,)
        COUNTS [cycle, words]; all UNTOLD where too many lines wait for their drain.
    """
    x, y, streamed = spatial(dataflow, m, n, k)
    row_byte, row_words, other_byte, other_words = ifmap_byte, ifmap_words, filter_byte, filter_words
    if dataflow == IS:
        row_byte, row_words, other_byte, other_words = filter_byte, filter_words, ifmap_byte, ifmap_words
    strips, folds = ceil_div(y, cols), ceil_div(x, rows)
    row_sets = np.empty((streamed, x), np.int64)
    _streamed_sets(row_sets, rows, ceil_div(row_byte, 100))
    by_row = _read_buffer(x * streamed, folds * rows * streamed, row_byte, row_words)
    depth = streamed if dataflow == OS else x
    other_sets = np.empty((depth, y), np.int64)
    if dataflow == OS:
        _streamed_sets(other_sets, cols, ceil_div(other_byte, 100))
    else:
        _held_sets(other_sets, cols, ceil_div(other_byte, 100))
    other = _read_buffer(depth * y, depth * strips * cols, other_byte, other_words)
    out, pads = np.zeros(12, np.int64), np.empty((PENDING, 2), np.int64)
    out[FREE], out[SIZE], out[WIDTH] = ofmap_byte, ofmap_byte, ofmap_words

    period, lead = fold_cycles(dataflow, rows, cols, streamed), 0 if dataflow == OS else rows
    stalls = 0
    for fold in range(strips * folds):
        column, row = fold // folds * cols, fold % folds * rows
        for t in range(period):
            cycle = fold * period + t + stalls
            delay = _stream_delay(by_row, row_sets, row, rows, t - lead, cycle)
            if dataflow == OS:
                delay = max(delay, _stream_delay(other, other_sets, column, cols, t, cycle))
            else:
                load = (
                    _load_delay(other, other_sets, row + rows - 1 - t, column, cols, cycle) if t < rows else 0
                )
                delay = max(delay, load)
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
