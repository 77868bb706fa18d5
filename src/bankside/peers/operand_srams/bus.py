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

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic.fold import IS, OS, WS, spatial
from bankside.arch.pe.systolic.physical import gap, gemm_cycles, order, overlapped, tail


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


@kernel
def fold_cycles(
    dataflow: int, i: int, o: int, i_next: int, o_next: int, t: int, shadow: bool, last_cycles: int
) -> int:
    """Cycles of the array for one fold until the next may begin; `last_cycles` where none follows (`o_next` is 0).

    `i` and `o` are the PEs in use along the inner and the outer loop, here and below.
    """
    if o_next == 0:
        return last_cycles
    if shadow:
        return gap(dataflow, i, o, i_next, o_next, t, 0, 0, 0)
    return own_cycles(dataflow, i, o, t)


@kernel
def window_cycles(
    compute: int, words_in: int, words_next: int, words_out: int, double: bool, words_per_cycle: float
) -> int:
    """Cycles of one fold with its transfers: behind its computation are what the next fold lacks and what it leaves."""
    if double:
        return max(compute, bus_cycles(words_next + words_out, words_per_cycle))
    return bus_cycles(words_in, words_per_cycle) + compute + bus_cycles(words_out, words_per_cycle)


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
def _strip(
    dataflow: int, inner: int, x: int, o: int, o_next: int, t: int, shadow: bool, double: bool,
    fetches: tuple[bool, bool], strip_words: int, words_per_cycle: float, edges: tuple[int, int],
) -> tuple[int, int, int]:  # fmt: skip
    """Cycles of one turn of the inner loop, and words in and out.

    Parameters
    ----------
    inner, x : int64
        Size and extent of the inner fold loop.
    o, o_next : int64
        PEs in use along the outer loop, in this turn and in the next (0 after the last).
    fetches : tuple of bool
        Whether this turn, the next turn, must fetch the operand along the inner loop.
    strip_words : int64
        SRAM of what may stay from fold to fold of one turn [words].
    edges : tuple of int64
        Cycles of the array before its first fold streams, counted to the turn's first fold, and of the product's last
        fold, read when o_next = 0.
    """
    copies = 2 if double else 1
    stays, next_stays = t * o * copies <= strip_words, t * o_next * copies <= strip_words
    total, words_in, words_left = 0, 0, 0
    start, full = 0, x // inner
    while start < x:
        alike = full - 2 if start == inner and full > 2 else 1  # whole folds between whole folds
        i = min(inner, x - start)
        first, last = start == 0, start + inner >= x
        here = _words_in(dataflow, i, o, t, first, fetches[0], stays)
        out = words_out(dataflow, i, o, t, last, stays)
        i_next, width, coming = min(inner, x), o_next, 0
        if not last:
            i_next, width = min(inner, x - start - inner), o
            coming = _words_in(dataflow, i_next, o, t, False, fetches[0], stays)
        elif o_next > 0:
            coming = _words_in(dataflow, i_next, o_next, t, True, fetches[1], next_stays)
        compute = fold_cycles(dataflow, i, o, i_next, width, t, shadow, edges[1])
        if first:
            compute += edges[0]
        total += alike * window_cycles(compute, here, coming, out, double, words_per_cycle)
        words_in += alike * here
        words_left += alike * out
        start += alike * inner
    return total, words_in, words_left


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
    strips, o_last = -(-y // outer), (y - 1) % outer + 1
    o, done = min(outer, y), 0
    total, reads, writes = 0, 0, 0
    if double:
        total += bus_cycles(_words_in(dataflow, min(inner, x), o, t, True, True, True), words_per_cycle)
    while done < strips:  # the first turn, whole ones before whole ones, the one before the last, the last
        count = strips - 3 if done == 1 and strips > 3 else 1
        left = strips - done - count
        o_next = 0 if left == 0 else (o_last if left == 1 else outer)
        cycles, words_in, words_left = _strip(
            dataflow, inner, x, o, o_next, t, shadow, double, (done == 0 or fetch_again, fetch_again),
            strip_words, words_per_cycle, (lead_cycles if done == 0 else 0, last_cycles),
        )  # fmt: skip
        total += count * cycles
        reads += count * words_in
        writes += count * words_left
        o, done = o_next, done + count
    return total, total - gemm_cycles(dataflow, rows, cols, m, n, k, shadow)[0], reads, writes
