"""SCALE-Sim convention: the arithmetic of SCALE-Sim v3 (3.0.0), reproduced count for count.

It differs from the physical convention on purpose: `total cycles` is the index of the last cycle (one less
than the count), every fold is padded to the full array, folds never overlap, an output-stationary fold has
no drain, the SRAM writes of os carry a stray rows + cols per fold, and half of each SRAM is out of use.
Words are one byte.

References ---------- SCALE-Sim v3, github.com/scalesim-project/SCALE-Sim at 1d62b68; the formulas hold on
all rows of its measured runs.
"""

import numpy as np
from numpy.typing import NDArray

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic.fold import IS, OS, WS, ceil_div, spatial
from bankside.peers.sparse_weights.pattern import compressed_length

COLUMNS_IN = ("dataflow", "rows", "cols", "m", "n", "k", "keep", "group", "block")
COLUMNS_OUT = (
    "total_cycles",
    "ifmap_sram_reads",
    "filter_sram_reads",
    "ofmap_sram_writes",
    "folds",
    "fold_cycles",
    "reduction",
)


@kernel
def reduction_length(k: int, keep: int, group: int, block: int) -> int:
    """Length of the reduction dimension after compression.

    Parameters
    ----------
    keep, group : int64
        The n:m pattern; keep = group is dense.
    block : int64
        Block size of row-wise sparsity (their "optimized mapping"), which always halves: ceil(k / 2b) b; 0
        without.
    """
    if block > 0:
        return ceil_div(k, 2 * block) * block
    return compressed_length(k, keep, group)


@kernel
def fold_cycles(dataflow: int, rows: int, cols: int, streamed: int) -> int:
    """Cycles of any fold: R + C + T - 2, and R more to load the stationary operand."""
    return rows + cols + streamed - 2 + (0 if dataflow == OS else rows)


@kernel
def total_cycles(dataflow: int, rows: int, cols: int, m: int, n: int, k: int) -> int:
    """Their "Total Cycles" of a dense product without stalls: folds x fold cycles - 1."""
    x, y, t = spatial(dataflow, m, n, k)
    return ceil_div(x, rows) * ceil_div(y, cols) * fold_cycles(dataflow, rows, cols, t) - 1


@kernel
def _ifmap_reads(
    dataflow: int, rows: int, cols: int, m: int, n: int, reduced: int, keep: int, group: int, block: int
) -> int:
    if dataflow == IS:
        return m * reduced
    strips = ceil_div(n, cols)
    if dataflow == OS:
        return m * reduced * strips
    if block > 0:
        # each fold holds skewed copies: m + R - 1 lines of 2 R columns repeated b / 2 times
        return (m + rows - 1) * 2 * rows * (block // 2) * ceil_div(reduced, rows) * strips
    return m * reduced * strips * group // keep


@kernel
def batch(cases: NDArray[np.int64]) -> NDArray[np.int64]:
    """Counts of many products.

    Parameters
    ----------
    cases : int64 array, shape (n, 9)
        Columns COLUMNS_IN; dense products have keep = group = 1 and block = 0.

    Returns
    -------
    int64 array, shape (n, 7)
        Columns COLUMNS_OUT [cycles, words].
    """
    out = np.empty((cases.shape[0], 7), np.int64)
    for i in range(cases.shape[0]):
        dataflow, rows, cols = cases[i, 0], cases[i, 1], cases[i, 2]
        m, n, k = cases[i, 3], cases[i, 4], cases[i, 5]
        keep, group, block = cases[i, 6], cases[i, 7], cases[i, 8]
        reduced = reduction_length(k, keep, group, block)
        x, y, t = spatial(dataflow, m, n, reduced)
        folds = ceil_div(x, rows) * ceil_div(y, cols)
        period = fold_cycles(dataflow, rows, cols, t)
        out[i, 0] = folds * period - 1
        out[i, 1] = _ifmap_reads(dataflow, rows, cols, m, n, reduced, keep, group, block)
        if dataflow == OS:
            out[i, 2] = n * reduced * ceil_div(m, rows)
            out[i, 3] = m * n + folds * (rows + cols)
        else:
            out[i, 2] = n * reduced * (1 if dataflow == WS else ceil_div(m, cols))
            out[i, 3] = m * n * ceil_div(reduced, rows)
        out[i, 4], out[i, 5], out[i, 6] = folds, period, reduced
    return out


@kernel
def mapping_efficiency(
    dataflow: int, rows: int, cols: int, m: int, n: int, reduced: int, block: int
) -> float:
    """Mean share of PEs in use over the folds [0..1].

    With row-wise sparsity the tool leaves a random 1 .. b/2 of every b/2 compressed slots non-zero; the
    returned value is then the expectation, (1 + b/2) / b of the dense share.
    """
    x, y, _ = spatial(dataflow, m, n, reduced)
    share = x * y / (ceil_div(x, rows) * ceil_div(y, cols) * rows * cols)
    if block > 1:
        share *= (1 + block // 2) / (2 * (block // 2))
    return share


@kernel
def compute_utilisation(dataflow: int, mapping: float, streamed: int, period: int, cols: int) -> float:
    """Their "Compute Util": mapping x T / Q, where ws and is count the column skew twice (Q = P + C - 1)."""
    window = period if dataflow == OS else period + cols - 1
    return mapping * streamed / window


@kernel
def dram_writes(words: int, cols: int, sram_byte: int) -> int:
    """DRAM writes of `words` results: beyond half the SRAM a drain leaves C - 1 words of padding."""
    return words + (cols - 1 if 2 * words > sram_byte else 0)


@kernel
def dram_reads(strip_words: int, strips: int, rest_words: int, passes: int, sram_byte: int) -> int:
    """DRAM reads of an operand of which strip after strip passes `passes` times through a buffer.

    The buffer takes 50 of 100 sets of floor(bytes / 100) words; when it is full all of it is dropped. A strip that
    passes a full stop is read again up to there, a strip as large as the buffer on every pass.

    Parameters
    ----------
    strip_words, strips : int64
        Words of a whole strip, and their number.
    rest_words : int64
        Words of a ragged strip after them, or 0.
    """
    room = 50 * (sram_byte // 100)
    if passes == 1 or room == 0:
        return (strip_words * strips + rest_words) * passes
    held, reads = 0, 0
    if strip_words >= room:
        reads = strip_words * strips * passes
        held = reads % room
    elif strips > 0:
        fit = (room - 1) // strip_words  # strips that a buffer holds without a stop
        again = (strips - 1) // fit  # from the second stop on, one after every `fit` strips
        reads = strip_words * strips + again * (room - fit * strip_words)
        held = (1 + (strips - 1) % fit) * strip_words
    if rest_words >= room:
        return reads + rest_words * passes
    return reads + rest_words + (room - held if held + rest_words >= room and rest_words > 0 else 0)
