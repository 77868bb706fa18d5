"""A convolution behind finite SRAM and one bus: `bus` with input words that windows share.

Memory delivers a word of the input once while what has to stay for that fits in the input SRAM:

    all words                              once for the whole convolution
    ws  the lines of a window              once for each slice of the window that is stationary
        less                               once for each output row and slice
    os  lines and the words of a tile      once; without the lines, once for each tile of pixels
        less                               once for each tile and filter row, or as often as windows name it
    is  lines and the words of a strip     once; without the lines, once for each strip of pixels
        less                               once for each tile

A tile's words for the array come out of that SRAM, so ports and SRAM reads are those of the product.
"""

import numpy as np
from numpy.typing import NDArray

from bankside.arch.jit import hot_kernel, kernel
from bankside.arch.pe.systolic.fold import IS, OS, WS, ceil_div, spatial
from bankside.arch.pe.systolic.physical import gemm_cycles, order
from bankside.peers.operand_srams.bus import (
    bus_cycles,
    edge_cycles,
    fold_cycles,
    window_cycles,
    words_out,
)
from bankside.peers.operand_srams.convolution import Convolution, distinct_words, out_width, window_words

Int64s = NDArray[np.int64]

USED, IN, OUT = range(3)  # of a fold: PEs along the inner loop, words in and out


@kernel
def _row_by_row(shape: Convolution, word: int, word_end: int, pixels: int) -> int:
    """Words of a slice of the window when none stays from one output row to the next."""
    width = out_width(shape)
    whole = distinct_words(shape, 0, width, word, word_end)
    return (pixels // width - 1) * whole + distinct_words(shape, pixels - width, pixels, word, word_end)


@kernel
def _ws_words(words: Int64s, shape: Convolution, rows: int, pixels: int, held: int, again: bool) -> None:
    """Input words of the folds of one strip, ws; `again` after the first strip."""
    depth = shape.rows * shape.cols * shape.channels
    stays = distinct_words(shape, 0, pixels, 0, depth) <= held
    before = 0
    for fold in range(words.shape[0]):
        word, end = fold * rows, min((fold + 1) * rows, depth)
        if stays:
            until = distinct_words(shape, 0, pixels, 0, end)
            words[fold] = 0 if again else until - before
            before = until
        elif window_words(shape, word, end) <= held:
            words[fold] = distinct_words(shape, 0, pixels, word, end)
        else:
            words[fold] = _row_by_row(shape, word, end, pixels)


@kernel
def _strip_words(shape: Convolution, pixel: int, end: int, held: int) -> int:
    """Words that memory delivers for a strip of pixels whose words stay together: new ones where lines stay too."""
    depth = shape.rows * shape.cols * shape.channels
    own = distinct_words(shape, pixel, end, 0, depth)
    if window_words(shape, 0, depth) + own <= held:
        return distinct_words(shape, 0, end, 0, depth) - distinct_words(shape, 0, pixel, 0, depth)
    return own


@kernel
def _os_words(words: Int64s, shape: Convolution, pixel: int, end: int, held: int, copies: int) -> None:
    """Input words of the folds of one strip, os: all of them by the first fold where they stay."""
    depth, line = shape.rows * shape.cols * shape.channels, shape.cols * shape.channels
    whole = distinct_words(shape, 0, shape_pixels(shape), 0, depth) <= held
    if whole or copies * distinct_words(shape, pixel, end, 0, depth) <= held:
        words[:] = 0
        words[0] = _strip_words(shape, pixel, end, depth * shape.height * shape.width if whole else held)
    elif (end - pixel) * shape.channels <= held:
        words[:] = 0
        for row in range(shape.rows):
            words[:] += distinct_words(shape, pixel, end, row * line, (row + 1) * line)
    else:
        words[:] = depth * (end - pixel)


@kernel
def _is_words(words: Int64s, shape: Convolution, rows: int, pixel: int, end: int, held: int) -> None:
    """Input words of the folds of one strip, is: where they stay the first folds bring all that is new."""
    depth = shape.rows * shape.cols * shape.channels
    whole = distinct_words(shape, 0, shape_pixels(shape), 0, depth) <= held
    stays = whole or distinct_words(shape, pixel, end, 0, depth) <= held
    left = 0
    if stays:
        left = _strip_words(shape, pixel, end, depth * shape.height * shape.width if whole else held)
    for fold in range(words.shape[0]):
        words[fold] = distinct_words(shape, pixel, end, fold * rows, min((fold + 1) * rows, depth))
        if stays:
            words[fold] = min(words[fold], left)
            left -= words[fold]


@kernel
def shape_pixels(shape: Convolution) -> int:
    """Output pixels."""
    return ceil_div(shape.height - shape.rows + shape.down, shape.down) * out_width(shape)


@hot_kernel
def _turn_cycles(
    dataflow: int, turn: Int64s, o: int, t: int, following: Int64s, o_next: int, shadow: bool, double: bool,
    words_per_cycle: float, lead_cycles: int, last_cycles: int,
) -> int:  # fmt: skip
    """Cycles of one turn of the inner loop.

    Parameters
    ----------
    turn, following : int64 array, shape (folds, 3)
        USED, IN and OUT of this turn and of the next, which is unread where `o_next` is 0: after the last.
    lead_cycles, last_cycles : int64
        Cycles of the array before its first fold streams, counted to the turn's first fold, and of the product's last
        fold, read when o_next = 0.
    """
    total, folds = 0, turn.shape[0]
    for fold in range(folds):
        i, i_next, width, coming = turn[fold, USED], 0, o_next, 0
        if fold + 1 < folds:
            i_next, width, coming = turn[fold + 1, USED], o, turn[fold + 1, IN]
        elif o_next > 0:
            i_next, coming = following[0, USED], following[0, IN]
        compute = fold_cycles(dataflow, i, o, i_next, width, t, shadow, last_cycles)
        if fold == 0:
            compute += lead_cycles
        total += window_cycles(compute, turn[fold, IN], coming, turn[fold, OUT], double, words_per_cycle)
    return total


@kernel
def stalled_convolution(
    dataflow: int,
    rows: int,
    cols: int,
    shape: Convolution,
    filters: int,
    shadow: bool,
    double: bool,
    ifmap_words: int,
    filter_words: int,
    ofmap_words: int,
    words_per_cycle: float,
) -> tuple[int, int, int, int]:
    """Cycles of one convolution with finite SRAM and bandwidth; arguments and results as of `bus.stalled_cycles`."""
    m, k = shape_pixels(shape), shape.rows * shape.cols * shape.channels
    x, y, t = spatial(dataflow, m, filters, k)
    lead, last_cycles = edge_cycles(dataflow, rows, cols, m, filters, k, shadow)
    inner, x, outer, y = order(dataflow, rows, cols, x, y)
    copies = 2 if double else 1
    weights_again = t * x > filter_words
    folds, strips = ceil_div(x, inner), ceil_div(y, outer)
    turn, following = np.empty((folds, 3), np.int64), np.empty((folds, 3), np.int64)
    words = np.empty(folds, np.int64)
    total, reads, writes = 0, 0, 0
    for strip in range(-1, strips):
        turn, following = following, turn
        if strip + 1 < strips:  # fill the turn after this one
            first, o = strip + 1 == 0, min(outer, y - (strip + 1) * outer)
            pixel = (strip + 1) * outer
            if dataflow == WS and strip < 1:
                _ws_words(words, shape, rows, m, ifmap_words, not first)
            elif dataflow == OS:
                _os_words(words, shape, pixel, pixel + o, ifmap_words, copies)
            elif dataflow == IS:
                _is_words(words, shape, rows, pixel, pixel + o, ifmap_words)
            stays = t * o * copies <= ofmap_words
            for fold in range(folds):
                i = min(inner, x - fold * inner)
                following[fold, USED] = i
                following[fold, IN] = words[fold]
                if dataflow == WS:
                    following[fold, IN] += i * o
                elif first or weights_again:
                    following[fold, IN] += t * i
                if dataflow != OS and fold > 0 and not stays:
                    following[fold, IN] += t * o
                following[fold, OUT] = words_out(dataflow, i, o, t, fold == folds - 1, stays)
        if strip < 0:
            if double:
                total += bus_cycles(following[0, IN], words_per_cycle)
            continue
        o = min(outer, y - strip * outer)
        o_next = min(outer, max(0, y - (strip + 1) * outer))
        total += _turn_cycles(
            dataflow, turn, o, t, following, o_next, shadow, double, words_per_cycle, lead, last_cycles
        )
        lead = 0
        reads += turn[:, IN].sum()
        writes += turn[:, OUT].sum()
    return total, total - gemm_cycles(dataflow, rows, cols, m, filters, k, shadow)[0], reads, writes
