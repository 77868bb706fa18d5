"""The random streams of BookSim2: Knuth's lagged Fibonacci generators, whole numbers and reals, from one seed.

    x[j] = x[j - 100] - x[j - 37]  mod 2^30        y[j] = y[j - 100] + y[j - 37]  mod 2^52, over 2^52

Of every 1009 numbers the first 100 are used (D. E. Knuth, The Art of Computer Programming, volume 2, third edition,
section 3.6; programs rng.c and rng-double.c of 2002, in the public domain).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import kernel

Int64s = npt.NDArray[np.int64]

LONG, SHORT = 100, 37
QUALITY: Final = 1009
SEPARATION: Final = 70
"""Streams of different seeds are at least 2^70 numbers apart."""

WHOLE_BITS, REAL_BITS = 30, 52


@kernel
def step(x: Int64s, work: Int64s, sign: int, mask: int) -> None:
    """Advance the state int64[100] by as many numbers as `work` has; `work` begins with those that are used."""
    for j in range(LONG):
        work[j] = x[j]
    for j in range(LONG, work.shape[0]):
        work[j] = (work[j - LONG] + sign * work[j - SHORT]) & mask
    end = work.shape[0]
    for j in range(SHORT):
        x[j] = (work[end + j - LONG] + sign * work[end + j - SHORT]) & mask
    for j in range(SHORT, LONG):
        x[j] = (work[end + j - LONG] + sign * x[j - SHORT]) & mask


@kernel
def fill(x: Int64s, work: Int64s, out: Int64s, sign: int, mask: int) -> None:
    """Next numbers of the stream, a multiple of 100 of them."""
    for block in range(0, out.shape[0], LONG):
        step(x, work, sign, mask)
        for j in range(LONG):
            out[block + j] = work[j]


@kernel
def start(seed: int, bits: int, sign: int) -> Int64s:
    """State int64[100] of the stream of a seed."""
    top = 1 << bits
    mask = top - 1
    x = np.zeros(2 * LONG, dtype=np.int64)
    value = 2 * ((seed & ((1 << WHOLE_BITS) - 1)) + 2) if sign > 0 else (seed + 2) & (top - 2)
    for j in range(LONG):
        x[j] = value
        value <<= 1
        if value >= top:
            value -= top - 2
    x[1] += 1
    left, rounds = seed & ((1 << WHOLE_BITS) - 1), SEPARATION - 1
    while rounds:
        for j in range(LONG - 1, 0, -1):
            x[2 * j], x[2 * j - 1] = x[j], 0
        for j in range(2 * LONG - 2, LONG - 1, -1):
            near, far = j - (LONG - SHORT), j - LONG
            x[near] = (x[near] + sign * x[j]) & mask
            x[far] = (x[far] + sign * x[j]) & mask
        if left & 1:
            for j in range(LONG, 0, -1):
                x[j] = x[j - 1]
            x[0] = x[LONG]
            x[SHORT] = (x[SHORT] + sign * x[LONG]) & mask
        if left:
            left >>= 1
        else:
            rounds -= 1
    state = np.concatenate((x[SHORT:LONG], x[:SHORT]))
    work = np.zeros(2 * LONG - 1, dtype=np.int64)
    for _ in range(10):
        step(state, work, sign, mask)
    return state


class BookSimStream:
    """Both streams of one seed."""

    def __init__(self, seed: int) -> None:
        self._whole = start(seed, WHOLE_BITS, -1)
        self._real = start(seed, REAL_BITS, 1)
        self._work = np.zeros(QUALITY, dtype=np.int64)

    def whole(self, count: int) -> Int64s:
        """At least `count` next whole numbers of 30 bits, int64[...]."""
        return self._next(self._whole, count, -1, WHOLE_BITS)

    def reals(self, count: int) -> npt.NDArray[np.float64]:
        """At least `count` next reals of [0, 1), float64[...]."""
        return np.ldexp(self._next(self._real, count, 1, REAL_BITS), -REAL_BITS)

    def successes(self, rate: float, tests: int) -> tuple[Int64s, int]:
        """Which of at least `tests` next reals are below a rate, counted from 0, and how many reals there were."""
        reals = self.reals(tests)
        return np.flatnonzero(reals < rate).astype(np.int64), len(reals)

    def _next(self, state: Int64s, count: int, sign: int, bits: int) -> Int64s:
        out = np.empty(-(-count // LONG) * LONG, dtype=np.int64)
        fill(state, self._work, out, sign, (1 << bits) - 1)
        return out
