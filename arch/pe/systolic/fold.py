"""One fold of a systolic array: which dimension lies where, and what its phases cost.

A fold is the part of a matrix product that is resident at once: r x c of the array's PEs, one stream of T
vectors. A ragged fold occupies its true r x c corner and costs what an array of that size would: unused
rows and columns are bypassed at the edges. Operands enter skewed by one cycle per row and column.

References
----------
S. Y. Kung, VLSI Array Processors, 1988, for the schedules; the PE-by-PE oracle proves the counts.
"""

from typing import Final

from bankside.arch.jit import kernel

DATAFLOWS: Final = ("ws", "os", "is")
WS, OS, IS = range(3)


@kernel
def ceil_div(a: int, b: int) -> int:
    """Quotient a / b rounded up, b > 0."""
    return -(-a // b)


@kernel
def spatial(dataflow: int, m: int, n: int, k: int) -> tuple[int, int, int]:
    """Extents of an (m x k) (k x n) product over array rows, array columns and time.

    Returns
    -------
    tuple of int64
        Extent over rows, over columns, and streamed vectors per fold: (k, n, m) for weight, (m, n, k) for
        output and (k, m, n) for input stationary.
    """
    if dataflow == WS:
        return k, n, m
    if dataflow == OS:
        return m, n, k
    return k, m, n


@kernel
def steps(words: int, port_words: int) -> int:
    """Cycles of one vector of `words` through a port of `port_words` words per cycle; 0 is unlimited."""
    if port_words <= 0:
        return 1
    return ceil_div(words, port_words)


@kernel
def port_roles(dataflow: int, ifmap_words: int, filter_words: int, ofmap_words: int) -> tuple[int, int, int]:
    """Ports of input, weight and result SRAM [words/cycle] in the order (hold, row, col) of `phases`."""
    if dataflow == WS:
        return filter_words, ifmap_words, ofmap_words
    if dataflow == OS:
        return ofmap_words, ifmap_words, filter_words
    return ifmap_words, filter_words, ofmap_words


@kernel
def phases(
    dataflow: int, r: int, c: int, streamed: int, hold_words: int, row_words: int, col_words: int
) -> tuple[int, int, int]:
    """Cycles of the phases of one r x c fold: load before, stream, drain after (the skew r + c - 2 comes on
    top).

    The edge holds the skewing registers, so a port hands over whole vectors: a vector of x words takes
    ceil(x/port) cycles and the array advances with bubbles.

    Parameters
    ----------
    hold_words : int64
        Port of the stationary operand (ws, is: loaded row by row) or of the results (os: drained row by row)
        [words/cycle]; 0 is unlimited, here and below.
    row_words : int64
        Port of the operand that enters along the rows, r words a vector.
    col_words : int64
        Port at the column edge, c words a vector: partial sums out (ws, is) or the second operand in (os).

    Returns
    -------
    tuple of int64
        (load, stream, drain) [cycle].
    """
    pace = max(steps(r, row_words), steps(c, col_words))
    shift = r * steps(c, hold_words)
    if dataflow == OS:
        return 0, streamed * pace, shift
    return shift, streamed * pace, 0
