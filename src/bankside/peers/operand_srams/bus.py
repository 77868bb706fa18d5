"""A systolic array behind finite SRAM and one bus to memory that all operands share.

While a fold computes, the bus brings what the next fold lacks and takes away what is finished, so with double
buffering each fold takes the longer of the two:

    total = first fill + sum over folds max(compute, bus)

Stalls (total minus the array's own cycles) are never negative and never grow with bandwidth or SRAM size.

What a fold lacks: its stationary tile always (ws, is); its slice of the operand along the inner loop (ws
input, is and os weights), unless all of that operand stays in SRAM after the first strip; partial sums of
the strip (ws, is) or its slice of the input (os), unless they stay in SRAM from fold to fold of the strip.
"""

import math

import numpy as np
from numpy.typing import NDArray

from bankside.arch.jit import hot_kernel, kernel
from bankside.arch.pe.systolic.fold import IS, OS, WS, spatial
from bankside.arch.pe.systolic.physical import gap, gemm_cycles, order, overlapped, tail

Int64s = NDArray[np.int64]

FOLDS, USED, IN, OUT = range(4)  # of a run of folds alike


@kernel
def bus_cycles(words: int, words_per_cycle: float) -> int:
    """Cycles of `words` on a bus: ceil(words / rate)."""
    return math.ceil(words / words_per_cycle)


@kernel
def needed_words(dataflow: int, rows: int, cols: int, m: int, n: int, k: int) -> tuple[int, int, int]:
    """Words of input, weight and result SRAM below which not one fold fits, for a single buffer.

    A stationary operand needs its tile, a streamed one a vector at the array's edge.
    """
    x, y, _ = spatial(dataflow, m, n, k)
    r, c = min(rows, x), min(cols, y)
    if dataflow == OS:
        return r, c, r * c
    if dataflow == IS:
        return r * c, r, c
    return r, r * c, c


@kernel
def _words_in(
    dataflow: int, i: int, o: int, t: int, first: bool, fetch_inner: bool, strip_stays: bool
) -> int:
    words = t * i if fetch_inner else 0
    if dataflow == OS:
        return words if strip_stays and not first else words + t * o
    words += i * o
    return words if strip_stays or first else words + t * o


@kernel
def words_out(dataflow: int, i: int, o: int, t: int, last: bool, strip_stays: bool) -> int:
    """Words that leave for memory after one fold: results, and partial sums that do not stay."""
    if dataflow == OS:
        return i * o
    return t * o if last or not strip_stays else 0


@hot_kernel
def _product_turn(
    turn: Int64s, dataflow: int, inner: int, x: int, o: int, t: int, fetch_inner: bool, strip_stays: bool
) -> int:
    """One turn of the inner loop as runs of folds alike: the first, whole ones between, the last.

    Parameters
    ----------
    turn : int64 array, shape (3, 4)
        Filled, as far as there are runs: FOLDS, USED (PEs along the inner loop), IN and OUT (words of each fold).
    inner, x : int64
        Size and extent of the inner fold loop.
    o : int64
        PEs in use along the outer loop, here and below.

    Returns
    -------
    int64
        How many runs.
    """
    folds, last_used = -(-x // inner), (x - 1) % inner + 1
    runs = min(folds, 3)
    for run in range(runs):
        first, last = run == 0, run == runs - 1
        used = last_used if last else inner
        turn[run, FOLDS] = 1 if first or last else folds - 2
        turn[run, USED] = used
        turn[run, IN] = _words_in(dataflow, used, o, t, first, fetch_inner, strip_stays)
        turn[run, OUT] = words_out(dataflow, used, o, t, last, strip_stays)
    return runs


@hot_kernel
def moved_words(turn: Int64s, direction: int) -> int:
    """Words IN or OUT of all folds of a turn."""
    words = 0
    for run in range(turn.shape[0]):
        words += turn[run, FOLDS] * turn[run, direction]
    return words


@hot_kernel
def turn_cycles(
    dataflow: int, turn: Int64s, o: int, t: int, following: Int64s, o_next: int, shadow: bool, double: bool,
    words_per_cycle: float, lead_cycles: int, last_cycles: int,
) -> int:  # fmt: skip
    """Cycles of one turn of the inner loop.

    Parameters
    ----------
    following : int64 array, shape (runs, 4)
        The turn after this one; unread where `o_next` is 0, which is after the last.
    lead_cycles : int64
        Cycles of the array before its first fold streams, counted to the turn's first fold.
    last_cycles : int64
        Compute of the product's last fold, read when o_next = 0.
    """
    total = 0
    for run in range(turn.shape[0]):
        i, out = turn[run, USED], turn[run, OUT]
        for within in range(2):  # folds that one of the same run follows, and the last of the run
            count = 1 if within else turn[run, FOLDS] - 1
            if count == 0:
                continue
            i_next, width, coming = i, o, turn[run, IN]
            if within and run + 1 < turn.shape[0]:
                i_next, coming = turn[run + 1, USED], turn[run + 1, IN]
            elif within:
                width, coming = o_next, 0
                if o_next > 0:
                    i_next, coming = following[0, USED], following[0, IN]
            if width == 0:
                compute = last_cycles
            elif shadow:
                compute = gap(dataflow, i, o, i_next, width, t, 0, 0, 0)
            else:
                compute = own_cycles(dataflow, i, o, t)
            if run == 0:  # always one fold
                compute += lead_cycles
            if double:
                window = max(compute, bus_cycles(coming + out, words_per_cycle))
            else:
                here = bus_cycles(turn[run, IN], words_per_cycle)
                window = here + compute + bus_cycles(out, words_per_cycle)
            total += count * window
    return total


@kernel
def own_cycles(dataflow: int, i: int, o: int, t: int) -> int:
    """Cycles of one fold alone on the array."""
    load = 0 if dataflow == OS else i
    return load + tail(dataflow, i, o, t, 0, 0, 0)


@kernel
def edge_cycles(dataflow: int, rows: int, cols: int, m: int, n: int, k: int, shadow: bool) -> tuple[int, int]:
    """Cycles before the first fold streams, and of the last fold."""
    x, y, t = spatial(dataflow, m, n, k)
    if shadow:
        end, last, _ = overlapped(dataflow, rows, cols, x, y, t, 0, 0, 0)
        return 0 if dataflow == OS else min(rows, x), end - last
    inner, x, outer, y = order(dataflow, rows, cols, x, y)
    return 0, own_cycles(dataflow, (x - 1) % inner + 1, (y - 1) % outer + 1, t)


@kernel
def stalled_cycles(
    dataflow: int,
    rows: int,
    cols: int,
    m: int,
    n: int,
    k: int,
    shadow: bool,
    double: bool,
    ifmap_words: int,
    filter_words: int,
    ofmap_words: int,
    words_per_cycle: float,
) -> tuple[int, int, int, int]:
    """Cycles of one (m x k) (k x n) product with finite SRAM and bandwidth.

    Parameters
    ----------
    double : bool
        Double buffering: transfers lie behind the computation; else they alternate with it.
    ifmap_words, filter_words, ofmap_words : int64
        Capacity of the input, weight and result SRAM [words], at least `needed_words` per buffer.
    words_per_cycle : float64
        Rate of the bus to memory, shared by all operands and directions [words/cycle].

    Returns
    -------
    tuple of int64
        (total [cycle], stalls [cycle], words read from memory, words written to memory).
    """
    x, y, t = spatial(dataflow, m, n, k)
    lead_cycles, last_cycles = edge_cycles(dataflow, rows, cols, m, n, k, shadow)
    inner, x, outer, y = order(dataflow, rows, cols, x, y)
    inner_words = ifmap_words if dataflow == WS else filter_words
    strip_words = ifmap_words if dataflow == OS else ofmap_words
    fetch_again = t * x > inner_words
    copies = 2 if double else 1
    full, rest = y // outer, y % outer
    o_first, o_last = min(outer, y), (y - 1) % outer + 1

    strips = full + (1 if rest > 0 else 0)
    total, reads, writes = 0, 0, 0
    held = np.empty((2, 3, 4), np.int64)
    for kind in range(4):  # the first turn, all alike ones, the one before a ragged turn, the last
        count, o, o_next = 1, o_first, 0
        if kind == 0:
            o_next = 0 if strips == 1 else (o_last if strips == 2 else outer)
        elif kind == 1:
            count, o, o_next = max(strips - 3, 0), outer, outer
        elif kind == 2:
            count, o, o_next = 1 if strips > 2 else 0, outer, o_last
        else:
            count, o, o_next = 1 if strips > 1 else 0, o_last, 0
        if count == 0:
            continue
        lead = lead_cycles if kind == 0 else 0
        stays = t * o * copies <= strip_words
        runs = _product_turn(held[0], dataflow, inner, x, o, t, kind == 0 or fetch_again, stays)
        turn = following = held[0, :runs]
        if o_next > 0:
            stays = t * o_next * copies <= strip_words
            runs = _product_turn(held[1], dataflow, inner, x, o_next, t, fetch_again, stays)
            following = held[1, :runs]
        total += count * turn_cycles(
            dataflow, turn, o, t, following, o_next, shadow, double, words_per_cycle, lead, last_cycles
        )
        reads += count * moved_words(turn, IN)
        writes += count * moved_words(turn, OUT)
        if kind == 0 and double:
            total += bus_cycles(turn[0, IN], words_per_cycle)
    return total, total - gemm_cycles(dataflow, rows, cols, m, n, k, shadow)[0], reads, writes
