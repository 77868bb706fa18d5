"""BitVert's pruning of bit columns: what weights become (Chen et al., BBS, MICRO 2024, section III-B)."""

from typing import Final

import numpy as np

from bankside.arch.pe.bit_serial.scheme import Int64s

GROUP: Final = 32
"""Weights that share 8 bits of metadata."""

MOST_REDUNDANT: Final = 3
"""Columns below the sign that may be left out because they equal it: two bits of the metadata."""


def averaged(values: Int64s, bits: int, removed: int, group: int = GROUP) -> Int64s:
    """Weights without `removed` columns: int64[rows, k], two's complement of `bits` bits.

    Of each group as many go as equal the sign in all weights, at no loss, and then the lowest ones, in whose place is
    their rounded mean (half to even).
    """
    groups = values.reshape(len(values), -1, group)
    unlike = (groups ^ (groups >> (bits - 1))) & ((1 << (bits - 1)) - 1)
    longest = np.frexp(np.bitwise_or.reduce(unlike, axis=2).astype(np.float64))[1]
    redundant = np.minimum(np.minimum(bits - 1 - longest, MOST_REDUNDANT), removed)
    low = (removed - redundant)[..., None]
    rest = groups & ((1 << low) - 1)
    mean = np.rint(rest.mean(axis=2, keepdims=True)).astype(np.int64)
    return np.asarray((((groups >> low) << low) + mean).reshape(values.shape), dtype=np.int64)
