"""Cycle-by-cycle bank arbiter of an SRAM, and the exact and sampled cost of random accesses."""

from collections.abc import Sequence
from fractions import Fraction
from math import comb
from typing import NamedTuple

import numpy as np


class Served(NamedTuple):
    """Cycles until every access is served, and the number of accesses of each bank."""

    cycles: int
    loads: list[int]


def strided(accesses: int, stride: int, start: int = 0) -> list[int]:
    """Word addresses start, start + stride, ..."""
    return [start + i * stride for i in range(accesses)]


def arbitrate(addresses: Sequence[int], banks: int, ports: int = 1) -> Served:
    """Serve word addresses that are all waiting at cycle 0; bank = address mod banks.

    In a cycle each bank serves its oldest waiting accesses, one for each of its `ports`.
    """
    waiting = list(addresses)
    loads = [0] * banks
    cycles = 0
    while waiting:
        used = [0] * banks
        still_waiting = []
        for address in waiting:
            bank = address % banks
            if used[bank] < ports:
                used[bank] += 1
                loads[bank] += 1
            else:
                still_waiting.append(address)
        waiting = still_waiting
        cycles += 1
    return Served(cycles, loads)


def sampled_mean_cycles(
    accesses: int, banks: int, trials: int, seed: int, ports: int = 1
) -> tuple[float, float]:
    """Mean and standard error of the cycles of uniformly random accesses [cycle]."""
    draws = np.random.default_rng(seed).integers(0, banks, (trials, accesses))
    cycles = np.array([arbitrate(row.tolist(), banks, ports).cycles for row in draws], dtype=np.float64)
    return float(cycles.mean()), float(cycles.std(ddof=1) / np.sqrt(trials))


def expected_cycles(accesses: int, banks: int, ports: int = 1) -> Fraction:
    """Exact mean cycles of uniformly random accesses.

    E = sum over t >= 0 of P(some bank holds more than t * ports accesses); the number of placements in which
    no bank holds more than `most` is counted bank by bank.
    """
    total = Fraction(0)
    t = 0
    while t * ports < accesses:
        total += 1 - Fraction(_placements(accesses, banks, t * ports), banks**accesses)
        t += 1
    return total


def _placements(accesses: int, banks: int, most: int) -> int:
    ways = [1] + [0] * accesses  # ways[n]: n of the accesses placed in the banks so far
    for _ in range(banks):
        ways = [sum(comb(n, k) * ways[n - k] for k in range(min(n, most) + 1)) for n in range(accesses + 1)]
    return ways[accesses]
