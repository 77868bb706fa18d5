"""Physical convention: exact cycle counts of one matrix product on a systolic array.

Folds run strip by strip: rows fastest (ws, is), columns fastest (os). Without shadow registers a fold is
over before the next begins:

    ws, is   sum over folds (r + T + r + c - 2)        load, stream, skew
    os       sum over folds (T + r + c - 2 + r)        stream, skew, drain

With shadow registers the next fold's weights (ws, is) shift in, or the last fold's results (os) shift out,
behind the stream, so folds start max(T, r) apart; the first load, the skew and the last drain stay exposed.
All counts are counts: a product that ends in cycle index 9 took 10 cycles.
"""

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic.fold import IS, OS, ceil_div, phases, spatial


@kernel
def order(dataflow: int, rows: int, cols: int, x: int, y: int) -> tuple[int, int, int, int]:
    """Size and extent of the inner, then of the outer fold loop: rows are inner for ws and is, columns for
    os."""
    if dataflow == OS:
        return cols, y, rows, x
    return rows, x, cols, y


@kernel
def gap(
    dataflow: int, i: int, o: int, i_next: int, o_next: int, t: int, hold: int, row: int, col: int
) -> int:
    """Cycles between the starts of streaming of two successive folds with shadow registers.

    `i` and `o` are the used PEs along the inner and the outer loop, here and below.
    """
    r, c, r_next, c_next = i, o, i_next, o_next
    if dataflow == OS:
        r, c, r_next, c_next = o, i, o_next, i_next
    _, stream, drain = phases(dataflow, r, c, t, hold, row, col)
    load, _, _ = phases(dataflow, r_next, c_next, t, hold, row, col)
    return max(stream, load, drain)


@kernel
def _strip(dataflow: int, size: int, extent: int, o: int, t: int, hold: int, row: int, col: int) -> int:
    """Cycles from the first to the last start of streaming within one turn of the inner loop."""
    full, rest = extent // size, extent % size
    span = 0
    if full > 1:
        span += (full - 1) * gap(dataflow, size, o, size, o, t, hold, row, col)
    if full > 0 and rest > 0:
        span += gap(dataflow, size, o, rest, o, t, hold, row, col)
    return span


@kernel
def tail(dataflow: int, i: int, o: int, t: int, hold: int, row: int, col: int) -> int:
    """Cycles from a fold's start of streaming to its last result."""
    r, c = (o, i) if dataflow == OS else (i, o)
    _, stream, drain = phases(dataflow, r, c, t, hold, row, col)
    return stream + r + c - 2 + drain


@kernel
def _serial(
    dataflow: int, rows: int, cols: int, x: int, y: int, t: int, hold: int, row: int, col: int
) -> int:
    """Cycles when every fold ends before the next begins: four kinds of fold, each times its number."""
    total = 0
    for ragged_row in range(2):
        r, n_r = (x % rows, 1) if ragged_row else (rows, x // rows)
        for ragged_col in range(2):
            c, n_c = (y % cols, 1) if ragged_col else (cols, y // cols)
            if r > 0 and c > 0 and n_r * n_c > 0:
                load, stream, drain = phases(dataflow, r, c, t, hold, row, col)
                total += n_r * n_c * (load + stream + r + c - 2 + drain)
    return total


@kernel
def overlapped(
    dataflow: int, rows: int, cols: int, x: int, y: int, t: int, hold: int, row: int, col: int
) -> tuple[int, int, int]:
    """Cycles with shadow registers, the last fold's start, and the interval at which the product can
    repeat."""
    inner, x, outer, y = order(dataflow, rows, cols, x, y)
    full, rest = y // outer, y % outer
    i_first, i_last = min(inner, x), (x - 1) % inner + 1
    o_first, o_last = min(outer, y), (y - 1) % outer + 1
    turn = gap(dataflow, i_last, outer, i_first, outer, t, hold, row, col)
    last_strip = _strip(dataflow, inner, x, o_last, t, hold, row, col)
    strip = _strip(dataflow, inner, x, outer, t, hold, row, col)

    begin = 0 if dataflow == OS else phases(dataflow, i_first, o_first, t, hold, row, col)[0]
    last = begin + last_strip
    if rest == 0:
        last += (full - 1) * (strip + turn)
        enter = turn
    else:
        enter = gap(dataflow, i_last, outer, i_first, o_last, t, hold, row, col)
        if full > 0:
            last += full * strip + (full - 1) * turn + enter
    # a larger fold that started earlier may still end later than the ragged last one
    end = last + tail(dataflow, i_last, o_last, t, hold, row, col)
    if x > inner:
        before = last - gap(dataflow, inner, o_last, i_last, o_last, t, hold, row, col)
        end = max(end, before + tail(dataflow, inner, o_last, t, hold, row, col))
    if y > outer:
        above = last - last_strip - enter
        end = max(end, above + tail(dataflow, i_last, outer, t, hold, row, col))
        if x > inner:
            above -= gap(dataflow, inner, outer, i_last, outer, t, hold, row, col)
            end = max(end, above + tail(dataflow, inner, outer, t, hold, row, col))
    interval = last - begin + gap(dataflow, i_last, o_last, i_first, o_first, t, hold, row, col)
    return end, last, interval


@kernel
def ported_cycles(
    dataflow: int,
    rows: int,
    cols: int,
    m: int,
    n: int,
    k: int,
    shadow: bool,
    hold_words: int,
    row_words: int,
    col_words: int,
) -> tuple[int, int]:
    """Cycles of one (m x k) (k x n) product with SRAM ports of finite width, alone and following itself.

    Parameters
    ----------
    dataflow : int64
        WS, OS or IS of `fold`.
    rows, cols : int64
        PEs of the array.
    shadow : bool
        Second register per PE: the next weights load (ws, is) or the last results drain (os) behind the
        stream.
    hold_words, row_words, col_words : int64
        Port widths [words/cycle] as in `fold.phases`; 0 is unlimited.

    Returns
    -------
    tuple of int64
        (total, interval) [cycle]: `x` equal products in a row take total + (x - 1) interval.
    """
    x, y, t = spatial(dataflow, m, n, k)
    if m <= 0 or n <= 0 or k <= 0:
        return 0, 0
    if shadow:
        end, _, interval = overlapped(dataflow, rows, cols, x, y, t, hold_words, row_words, col_words)
        return end, interval
    total = _serial(dataflow, rows, cols, x, y, t, hold_words, row_words, col_words)
    return total, total


@kernel
def steady_cycles(dataflow: int, rows: int, cols: int, m: int, n: int, k: int) -> int:
    """Cycles in which a vector enters the array: folds x T, the part of every total that is compute."""
    x, y, t = spatial(dataflow, m, n, k)
    return ceil_div(x, rows) * ceil_div(y, cols) * t


@kernel
def gemm_cycles(dataflow: int, rows: int, cols: int, m: int, n: int, k: int, shadow: bool) -> tuple[int, int]:
    """Exact cycles of one (m x k) (k x n) product, and the part that fills, skews and drains.

    Returns
    -------
    tuple of int64
        (total, fill_drain) [cycle]; total - fill_drain = folds x T is steady compute.
    """
    total, _ = ported_cycles(dataflow, rows, cols, m, n, k, shadow, 0, 0, 0)
    return total, total - steady_cycles(dataflow, rows, cols, m, n, k)


@kernel
def accesses(dataflow: int, rows: int, cols: int, m: int, n: int, k: int) -> tuple[int, int, int, int]:
    """SRAM accesses of one (m x k) (k x n) product [words].

    Returns
    -------
    tuple of int64
        Input reads, weight reads, result writes and partial-sum reads: a reduction longer than the array is
        accumulated in the result SRAM (ws, is), a write and a read back per further fold.
    """
    if dataflow == OS:
        return m * k * ceil_div(n, cols), n * k * ceil_div(m, rows), m * n, 0
    folds = ceil_div(k, rows)
    if dataflow == IS:
        return m * k, n * k * ceil_div(m, cols), m * n * folds, m * n * (folds - 1)
    return m * k * ceil_div(n, cols), n * k, m * n * folds, m * n * (folds - 1)
