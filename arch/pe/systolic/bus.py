"""A systolic array behind finite SRAM and one bus to memory that all operands share.

While a fold computes, the bus brings what the next fold lacks and takes away what is finished, so with double
buffering each fold takes the longer of the two:

    total = first fill + sum over folds max(compute, bus)

Stalls (total minus the array's own cycles) are never negative and never grow with bandwidth or SRAM size.

What a fold lacks: its stationary tile always (ws, is); its slice of the operand along the rows, unless all
of that operand stays in SRAM after the first column strip; partial sums of the strip (ws, is), or the slice
along the columns (os), unless they stay in SRAM from row fold to row fold.
"""

import math

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic.fold import IS, OS, phases, spatial
from bankside.arch.pe.systolic.physical import gap, gemm_cycles, overlapped, tail


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
    dataflow: int, r: int, c: int, t: int, first_row: bool, fetch_rows: bool, strip_stays: bool
) -> int:
    words = t * r if fetch_rows else 0
    if dataflow == OS:
        return words if strip_stays and not first_row else words + t * c
    words += r * c
    return words if strip_stays or first_row else words + t * c


@kernel
def _words_out(dataflow: int, r: int, c: int, t: int, last_row: bool, strip_stays: bool) -> int:
    if dataflow == OS:
        return r * c
    return t * c if last_row or not strip_stays else 0


@kernel
def _strip(
    dataflow: int,
    rows: int,
    x: int,
    c: int,
    c_next: int,
    t: int,
    shadow: bool,
    double: bool,
    fetch_rows: bool,
    fetch_next: bool,
    strip_words: int,
    words_per_cycle: float,
    lead_cycles: int,
    last_cycles: int,
) -> tuple[int, int, int]:
    """Cycles of one column strip, and words in and out.

    Parameters
    ----------
    c_next : int64
        Width of the next strip, 0 after the last.
    fetch_rows, fetch_next : bool
        Whether this strip, the next strip, must fetch the operand along the rows.
    strip_words : int64
        SRAM of what may stay from row fold to row fold [words].
    lead_cycles : int64
        Cycles of the array before its first fold streams, counted to the strip's first fold.
    last_cycles : int64
        Compute of the product's last fold, read when c_next = 0.
    """
    copies = 2 if double else 1
    stays = t * c * copies <= strip_words
    total, words_in, words_out = 0, 0, 0
    for start in range(0, x, rows):
        r = min(rows, x - start)
        first, last = start == 0, start + rows >= x
        here = _words_in(dataflow, r, c, t, first, fetch_rows, stays)
        out = _words_out(dataflow, r, c, t, last, stays)
        following = 0
        if not last:
            r_next, width = min(rows, x - start - rows), c
            following = _words_in(dataflow, r_next, c, t, False, fetch_rows, stays)
        else:
            r_next, width = min(rows, x), c_next
            if c_next > 0:
                next_stays = t * c_next * copies <= strip_words
                following = _words_in(dataflow, r_next, c_next, t, True, fetch_next, next_stays)
        load, _, _ = phases(dataflow, r, c, t, 0, 0, 0)
        if width == 0:
            compute = last_cycles
        elif shadow:
            compute = gap(dataflow, r, c, r_next, width, t, 0, 0, 0)
        else:
            compute = load + tail(dataflow, r, c, t, 0, 0, 0)
        if first:
            compute += lead_cycles
        if double:
            total += max(compute, bus_cycles(following + out, words_per_cycle))
        else:
            total += bus_cycles(here, words_per_cycle) + compute + bus_cycles(out, words_per_cycle)
        words_in += here
        words_out += out
    return total, words_in, words_out


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
    stream_words = filter_words if dataflow == IS else ifmap_words
    strip_words = filter_words if dataflow == OS else ofmap_words
    rows_stay = t * x <= stream_words
    full, rest = y // cols, y % cols
    c_first, c_last = min(cols, y), (y - 1) % cols + 1
    r_first, r_last = min(rows, x), (x - 1) % rows + 1
    begin, _, _ = phases(dataflow, r_first, c_first, t, 0, 0, 0)
    last_load, _, _ = phases(dataflow, r_last, c_last, t, 0, 0, 0)
    last_cycles = last_load + tail(dataflow, r_last, c_last, t, 0, 0, 0)
    if shadow:
        end, last, _ = overlapped(dataflow, rows, cols, x, y, t, 0, 0, 0)
        last_cycles = end - last

    strips = full + (1 if rest > 0 else 0)
    total, reads, writes = 0, 0, 0
    for kind in range(4):  # the first strip, all alike ones, the one before a ragged strip, the last
        if kind == 0:
            count, c, c_next = 1, c_first, 0 if strips == 1 else (cols if strips > 2 or rest == 0 else rest)
        elif kind == 1:
            count, c, c_next = max(strips - 3, 0), cols, cols
        elif kind == 2:
            count, c, c_next = 1 if strips > 2 else 0, cols, c_last
        else:
            count, c, c_next = 1 if strips > 1 else 0, c_last, 0
        if count == 0:
            continue
        cycles, words_in, words_out = _strip(
            dataflow, rows, x, c, c_next, t, shadow, double, kind == 0 or not rows_stay,
            not rows_stay, strip_words, words_per_cycle, begin if shadow and kind == 0 else 0, last_cycles,
        )  # fmt: skip
        total += count * cycles
        reads += count * words_in
        writes += count * words_out
    if double:
        stays = t * c_first * 2 <= strip_words
        total += bus_cycles(_words_in(dataflow, r_first, c_first, t, True, True, stays), words_per_cycle)
    return total, total - gemm_cycles(dataflow, rows, cols, m, n, k, shadow)[0], reads, writes
