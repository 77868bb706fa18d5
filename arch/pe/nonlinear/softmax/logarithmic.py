"""SOLE: exponentials as 4-bit powers of two, a sum by shifts, a division of logarithms.

Reference
---------
Wang et al., SOLE, ICCAD 2023, arXiv 2510.17189: e^x is 2^-k, k = -floor(x + x>>1 - x>>4), since 1 + 1/2 - 1/16 is
within 0.4 % of log2 e; of the sum the leading one and the next bit are kept (recalled).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]

CODES: Final = 15
"""The largest code of four bits."""

SUM_BITS: Final = 15
OUT_BITS: Final = 8

MIDDLE: Final = (round(256 * 5 / 6), round(256 * 7 / 12))
"""1 / s for 1 <= s < 3/2 and 3/2 <= s < 2, in units of 1/256: the middle of its extremes."""


def codes(scores: Int64s, top: Int64s, fraction: int) -> Int64s:
    """k of each score, fixed-point numbers with `fraction` bits: int64[rows, n] -> int64[rows, n] of 0 .. 15."""
    x = scores - top[:, None]
    scaled = x + (x >> 1) - (x >> 4)
    return np.asarray(np.minimum(-(scaled >> fraction), CODES), dtype=np.int64)


def probabilities(scores: Int64s, fraction: int, part: int) -> Int64s:
    """Probabilities in units of 1/256, of rows taken `part` scores at a time; earlier sums are shifted where the
    maximum grows: int64[rows, n] -> int64[rows, n]."""
    top = scores[:, 0].copy()
    total = np.zeros(len(scores), dtype=np.int64)
    for first in range(0, scores.shape[1], part):
        piece = scores[:, first : first + part]
        grown = np.maximum(top, piece.max(axis=1))
        past = codes(top[:, None], grown, fraction)[:, 0]
        added = (np.int64(1 << SUM_BITS) >> codes(piece, grown, fraction)).sum(axis=1)
        total = (total >> past) + added
        top = grown
    lead = np.floor(np.log2(total)).astype(np.int64)
    upper = (total >> (lead - 1)) & 1
    share = np.array(MIDDLE, dtype=np.int64)[upper]
    down = codes(scores, top, fraction) + (lead - SUM_BITS)[:, None]
    return np.asarray(share[:, None] >> np.minimum(down, 62))
