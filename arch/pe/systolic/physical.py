"""Physical convention: exact cycle counts of one matrix product on a systolic array.

Folds run column strip by column strip, rows fastest. Without shadow registers a fold is over before the
next begins:

    ws, is   sum over folds (r + T + r + c - 2)        load, stream, skew
    os       sum over folds (T + r + c - 2 + r)        stream, skew, drain

With shadow registers the next fold's weights (ws, is) shift in, or the last fold's results (os) shift out,
behind the stream, so folds start max(T, r) apart; the first load, the skew and the last drain stay exposed.
All counts are counts: a product that ends in cycle index 9 took 10 cycles.
"""

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic.fold import IS, OS, ceil_div, phases, spatial


@kernel
def gap(
    dataflow: int, r: int, c: int, r_next: int, c_next: int, t: int, hold: int, row: int, col: int
) -> int:
    """Cycles between the starts of streaming of two successive folds with shadow registers."""
    _, stream, drain = phases(dataflow, r, c, t, hold, row, col)
    load, _, _ = phases(dataflow, r_next, c_next, t, hold, row, col)
    return max(stream, load, drain)


@kernel
def _strip(dataflow: int, rows: int, extent: int, c: int, t: int, hold: int, row: int, col: int) -> int:
    """Cycles from the first to the last start of streaming within one strip of `c` columns."""
    full, rest = extent // rows, extent % rows
    span = 0
    if full > 1:
        span += (full - 1) * gap(dataflow, rows, c, rows, c, t, hold, row, col)
    if full > 0 and rest > 0:
        span += gap(dataflow, rows, c, rest, c, t, hold, row, col)
    return span


@kernel
def tail(dataflow: int, r: int, c: int, t: int, hold: int, row: int, col: int) -> int:
    """Cycles from a fold's start of streaming to its last result."""
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
                load, _, _ = phases(dataflow, r, c, t, hold, row, col)
                total += n_r * n_c * (load + tail(dataflow, r, c, t, hold, row, col))
    return total


@kernel
def overlapped(
    dataflow: int, rows: int, cols: int, x: int, y: int, t: int, hold: int, row: int, col: int
) -> tuple[int, int, int]:
    """Cycles with shadow registers, the last fold's start, and the interval at which the product can
    repeat."""
    full, rest = y // cols, y % cols
    r_first, r_last = min(rows, x), (x - 1) % rows + 1
    c_first, c_last = min(cols, y), (y - 1) % cols + 1
    turn = gap(dataflow, r_last, cols, r_first, cols, t, hold, row, col)
    last_strip = _strip(dataflow, rows, x, c_last, t, hold, row, col)
    strip = _strip(dataflow, rows, x, cols, t, hold, row, col)

    begin, _, _ = phases(dataflow, r_first, c_first, t, hold, row, col)
    last = begin + last_strip
    if rest == 0:
        last += (full - 1) * (strip + turn)
        enter = turn
    else:
        enter = gap(dataflow, r_last, cols, r_first, c_last, t, hold, row, col)
        if full > 0:
            last += full * strip + (full - 1) * turn + enter
    # a larger fold that started earlier may still end later than the ragged last one
    end = last + tail(dataflow, r_last, c_last, t, hold, row, col)
    before = last - gap(dataflow, rows, c_last, r_last, c_last, t, hold, row, col)
    if x > rows:
        end = max(end, before + tail(dataflow, rows, c_last, t, hold, row, col))
    if y > cols:
        above = last - last_strip - enter
        end = max(end, above + tail(dataflow, r_last, cols, t, hold, row, col))
        if x > rows:
            above -= gap(dataflow, rows, cols, r_last, cols, t, hold, row, col)
            end = max(end, above + tail(dataflow, rows, cols, t, hold, row, col))
    interval = last - begin + gap(dataflow, r_last, c_last, r_first, c_first, t, hold, row, col)
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
def tile_cycles(dataflow: int, rows: int, cols: int, m: int, n: int, k: int, shadow: bool) -> tuple[int, int]:
    """Cycles of a tile that starts on an idle array, and of each equal tile that follows it directly.

    Returns
    -------
    tuple of int64
        (first, next) [cycle]: a train of `x` equal tiles takes first + (x - 1) next.
    """
    return ported_cycles(dataflow, rows, cols, m, n, k, shadow, 0, 0, 0)


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


@kernel
def array_share(
    dataflow: int, rows: int, cols: int, arrays: int, m: int, n: int, k: int, shadow: bool
) -> tuple[int, int]:
    """Cycles of one product dealt to several equal arrays, whole folds or streamed vectors each.

    Two splits that need no reduction between arrays are compared: column strips (for os also row strips),
    and the streamed dimension of a stationary operand (every array then holds its own copy). The largest
    share decides.

    Returns
    -------
    tuple of int64
        (total, fill_drain) [cycle] of the slowest array under the faster split.
    """
    y = m if dataflow == IS else n
    share = min(y, ceil_div(ceil_div(y, cols), arrays) * cols)
    if dataflow == IS:
        best = gemm_cycles(dataflow, rows, cols, share, n, k, shadow)
        other = gemm_cycles(dataflow, rows, cols, m, ceil_div(n, arrays), k, shadow)
    else:
        best = gemm_cycles(dataflow, rows, cols, m, share, k, shadow)
        unit = rows if dataflow == OS else 1
        part = min(m, ceil_div(ceil_div(m, unit), arrays) * unit)
        other = gemm_cycles(dataflow, rows, cols, part, n, k, shadow)
    return other if other[0] < best[0] else best
