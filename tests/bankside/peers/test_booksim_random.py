"""The two streams are Knuth's: his own checks, and what follows from their seeds."""

import numpy as np

from bankside.peers.booksim_random import REAL_BITS, WHOLE_BITS, BookSimStream, start, step

KNUTH = 310952
"""Seed of the checks in rng.c and rng-double.c."""


def after(bits: int, sign: int, blocks: int, size: int) -> int:
    """First number of the block that follows so many of a size."""
    state, work = start(KNUTH, bits, sign), np.zeros(size, dtype=np.int64)
    for _ in range(blocks + 1):
        step(state, work, sign, (1 << bits) - 1)
    return int(work[0])


def test_whole_numbers_are_those_of_rng_c():
    assert after(WHOLE_BITS, -1, 2009, 1009) == after(WHOLE_BITS, -1, 1009, 2009) == 995235265


def test_reals_are_those_of_rng_double_c():
    real = after(REAL_BITS, 1, 2009, 1009) * 2.0**-REAL_BITS
    assert f"{real:.20f}" == f"{0.36410514377569680455:.20f}"


def test_streams_go_on_where_they_were_left():
    one, other = BookSimStream(5), BookSimStream(5)
    pieces = np.concatenate([one.whole(100), one.whole(200)])
    assert (pieces == other.whole(300)).all()
    assert len(other.reals(1)) == 100
    assert ((other.reals(1000) >= 0) & (other.reals(1000) < 1)).all()
