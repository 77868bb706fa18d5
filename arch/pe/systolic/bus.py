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
def _words_out(dataflow: int, i: int, o: int, t: int, last: bool, strip_stays: bool) -> int:
    if dataflow == OS:
        return i * o
    return t * o if last or not strip_stays else 0


@kernel
def _strip(
    dataflow: int,
    inner: int,
    x: int,
    o: int,
    o_next: int,
    t: int,
    shadow: bool,
    double: bool,
    fetch_inner: bool,
    fetch_next: bool,
    strip_words: int,
    words_per_cycle: float,
    lead_cycles: int,
    last_cycles: int,
) -> tuple[int, int, int]:
    """Cycles of one turn of the inner loop, and words in and out.

    Parameters
    ----------
    inner, x : int64
        Size and extent of the inner fold loop.
    o, o_next : int64
        PEs in use along the outer loop, in this turn and in the next (0 after the last).
    fetch_inner, fetch_next : bool
        Whether this turn, the next turn, must fetch the operand along the inner loop.
    strip_words : int64
        SRAM of what may stay from fold to fold of one turn [words].
    lead_cycles : int64
        Cycles of the array before its first fold streams, counted to the turn's first fold.
    last_cycles : int64
        Compute of the product's last fold, read when o_next = 0.
    """
    copies = 2 if double else 1
    stays = t * o * copies <= strip_words
    total, words_in, words_out = 0, 0, 0
    start, full = 0, x // inner
    while start < x:
        alike = full - 2 if start == inner and full > 2 else 1  # whole folds between whole folds
        i = min(inner, x - start)
        first, last = start == 0, start + inner >= x
        here = _words_in(dataflow, i, o, t, first, fetch_inner, stays)
        out = _words_out(dataflow, i, o, t, last, stays)
        following = 0
        if not last:
            i_next, width = min(inner, x - start - inner), o
            following = _words_in(dataflow, i_next, o, t, False, fetch_inner, stays)
        else:
            i_next, width = min(inner, x), o_next
            if o_next > 0:
                next_stays = t * o_next * copies <= strip_words
                following = _words_in(dataflow, i_next, o_next, t, True, fetch_next, next_stays)
        if width == 0:
            compute = last_cycles
        elif shadow:
            compute = gap(dataflow, i, o, i_next, width, t, 0, 0, 0)
        else:
            compute = own_cycles(dataflow, i, o, t)
        if first:
            compute += lead_cycles
        if double:
            window = max(compute, bus_cycles(following + out, words_per_cycle))
        else:
            window = bus_cycles(here, words_per_cycle) + compute + bus_cycles(out, words_per_cycle)
        total += alike * window
        words_in += alike * here
        words_out += alike * out
        start += alike * inner
    return total, words_in, words_out


@kernel
def own_cycles(dataflow: int, i: int, o: int, t: int) -> int:
    """Cycles of one fold alone on the array."""
    load = 0 if dataflow == OS else i
    return load + tail(dataflow, i, o, t, 0, 0, 0)


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
    last_cycles, lead_cycles = 0, 0
    if shadow:
        end, last, _ = overlapped(dataflow, rows, cols, x, y, t, 0, 0, 0)
        last_cycles = end - last
        lead_cycles = 0 if dataflow == OS else min(rows, x)
    inner, x, outer, y = order(dataflow, rows, cols, x, y)
    inner_words = ifmap_words if dataflow == WS else filter_words
    strip_words = ifmap_words if dataflow == OS else ofmap_words
    fetch_again = t * x > inner_words
    full, rest = y // outer, y % outer
    i_first, i_last = min(inner, x), (x - 1) % inner + 1
    o_first, o_last = min(outer, y), (y - 1) % outer + 1
    if not shadow:
        last_cycles = own_cycles(dataflow, i_last, o_last, t)

    strips = full + (1 if rest > 0 else 0)
    total, reads, writes = 0, 0, 0
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
        cycles, words_in, words_out = _strip(
            dataflow, inner, x, o, o_next, t, shadow, double, kind == 0 or fetch_again, fetch_again,
            strip_words, words_per_cycle, lead, last_cycles,
        )  # fmt: skip
        total += count * cycles
        reads += count * words_in
        writes += count * words_out
    if double:
        first_words = _words_in(dataflow, i_first, o_first, t, True, True, True)
        total += bus_cycles(first_words, words_per_cycle)
    return total, total - gemm_cycles(dataflow, rows, cols, m, n, k, shadow)[0], reads, writes
