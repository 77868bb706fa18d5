"""ConSmax: exponentials times a learned constant, with no maximum and no sum.

Reference
---------
Liu et al., ConSmax, ICCAD 2024, arXiv 2402.10930: e^(x - beta) / gamma = C e^x; an 8-bit x is 16 h + l, and its
exponential the product of two tables of 16 values, here in fp16.
"""

import math

import numpy as np
import numpy.typing as npt

from bankside.arch.pe.nonlinear.rounding import FLOATS, rounded

Int64s = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]


def values(scores: Int64s, scale: float, constant: float) -> Float64s:
    """C e^(scale score): int64[rows, n] of -128 .. 127 -> float64[rows, n], every product rounded to fp16."""
    of = FLOATS["fp16"]
    high = rounded(np.exp(scale * 16 * np.arange(-8, 8)), of)
    low = rounded(np.exp(scale * np.arange(16)), of)
    e = rounded(high[(scores >> 4) + 8] * low[scores & 15], of)
    return rounded(e * rounded(np.array([constant]), of), of)


def constant_for(scores: Float64s) -> float:
    """The C that makes the mean row sum to one, as training finds it: of scores in their own unit."""
    return 1.0 / math.fsum(np.exp(scores).mean(axis=0).tolist())
