"""Softermax: base 2, an integer maximum, a table of four values for the fraction, renormalisation by shifts.

Reference
---------
Stevens et al., Softermax, DAC 2021: scores Q6.2, exponentials Q1.15, sum Q10.6, reciprocal and results Q1.7; the
maximum is rounded up, so that what was summed before it grew is only shifted; two fraction bits need only the four
values of the piecewise linear 2^f, not its slopes. What shifts drop is cut off, tables are rounded to nearest
(assumed); a vector of scores is added up whole before its sum is cut to Q10.6 (assumed).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.pe.nonlinear.fit.pieces import Request, fitted

Int64s = npt.NDArray[np.int64]

SCORE_BITS: Final = 2
"""Bits of fraction of scores, in powers of two: a score x is the exponent x of 2."""

EXP_BITS: Final = 15
SUM_BITS: Final = 6
OUT_BITS: Final = 7
LEAST: Final = -(1 << 7)
MOST: Final = (1 << 7) - 1
SEGMENTS: Final = 4


def scores_of(x: npt.NDArray[np.float64]) -> Int64s:
    """Scores in Q6.2: float64 -> int64 of -128 .. 127 quarters, rounded half up, saturated."""
    return np.asarray(np.clip(np.floor(x * (1 << SCORE_BITS) + 0.5), LEAST, MOST), dtype=np.int64)


def fractions() -> Int64s:
    """2^f for f = 0, 1/4, 1/2, 3/4 in Q1.15: int64[4]."""
    return np.asarray(np.rint(np.exp2(np.arange(4) / 4) * (1 << EXP_BITS)), dtype=np.int64)


def probabilities(scores: Int64s, part: int) -> Int64s:
    """Probabilities in units of 1/128, of rows taken `part` scores at a time: int64[rows, n] -> int64[rows, n]."""
    whole = np.full(len(scores), LEAST >> SCORE_BITS, dtype=np.int64)
    total = np.zeros(len(scores), dtype=np.int64)
    for first in range(0, scores.shape[1], part):
        piece = scores[:, first : first + part]
        grown = np.maximum(whole, -(-piece.max(axis=1) >> SCORE_BITS))
        added = exponentials(piece, grown).sum(axis=1) >> (EXP_BITS - SUM_BITS)
        total = np.minimum((total >> (grown - whole)) + added, (1 << 16) - 1)
        whole = grown
    share, exponent = reciprocals(np.maximum(total, 1))
    product = exponentials(scores, whole) * share[:, None]
    down = EXP_BITS + exponent[:, None]
    return np.asarray(np.minimum(product >> down, (1 << (OUT_BITS + 1)) - 1))


def exponentials(scores: Int64s, whole: Int64s) -> Int64s:
    """2^(score - maximum) in Q1.15: the fraction from the table, the integer as a shift."""
    less = scores - (whole[:, None] << SCORE_BITS)
    return np.asarray(fractions()[less & 3] >> np.minimum(-(less >> SCORE_BITS), 62))


def reciprocals(total: Int64s) -> tuple[Int64s, Int64s]:
    """1 / total of a sum in Q10.6, as a Q1.7 number of 1/2 to 1 and the exponent of 2 that divides it."""
    lead = np.floor(np.log2(total)).astype(np.int64)
    pieces = fitted(Request("reciprocal", 1.0, 2.0, SEGMENTS, 1))
    share = np.rint(pieces(np.ldexp(total.astype(np.float64), -lead)) * (1 << OUT_BITS)).astype(np.int64)
    return share, lead - SUM_BITS
