"""Scratchpad SRAM: banks and ports, conflicts of strided and random access, double buffering.

A bank serves `ports` accesses a cycle, one word each; word `i` lies in bank `(i // granule) mod banks`,
with a granule of 1 where none is named. A group of accesses issued together takes as long as its most
loaded bank.
"""

import math

import numpy as np
from numpy.typing import NDArray

from bankside.arch.jit import kernel

NEGLIGIBLE = 1e-9  # cycles: the tail of the sum, which falls faster than geometrically, is cut here
TINY = 1e-140  # coefficients below change nothing, and their products would be slow denormal numbers


@kernel
def gcd(a: int, b: int) -> int:
    """Greatest common divisor of two non-negative integers; gcd(0, b) = b."""
    while b:
        a, b = b, a % b
    return a


def strided_cycles(accesses: int, stride: int, banks: int, ports: int) -> int:
    """Cycles of one run of `accesses` words at a stride of `stride` words.

    The run visits banks / gcd(stride, banks) banks in turn, so the first of them serves
    ceil(accesses gcd(stride, banks) / banks) accesses.
    """
    return int(_strided(np.array([accesses]), np.array([stride]), banks, ports)[0])


def _strided(
    accesses: NDArray[np.int64], stride: NDArray[np.int64], banks: int, ports: int
) -> NDArray[np.int64]:
    """`strided_cycles` of many runs."""
    load = -(-(accesses * np.gcd(np.abs(stride), banks)) // banks)
    return np.asarray(-(-load // ports))


def strided_tiles(banks: int, ports: int, granule: int, tiles: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cycles of `tiles[2]` runs of `tiles[0]` words at a stride of `tiles[1]` words.

    tiles: int64[3 or more, n]; returns int64[n].
    """
    if granule == 1:
        return np.asarray(tiles[2] * _strided(tiles[0], tiles[1], banks, ports))
    out = np.empty(tiles.shape[1], dtype=np.int64)
    _interleaved_tiles(banks, ports, granule, tiles, out)
    return out


@kernel
def _interleaved_tiles(
    banks: int, ports: int, granule: int, tiles: NDArray[np.int64], out: NDArray[np.int64]
) -> None:
    for i in range(tiles.shape[1]):
        out[i] = tiles[2, i] * interleaved_cycles(tiles[0, i], tiles[1, i], banks, ports, granule)


@kernel
def interleaved_cycles(accesses: int, stride: int, banks: int, ports: int, granule: int) -> int:
    """As `strided_cycles` where `granule` successive words share a bank; the banks are counted one access
    at a time.

    The pattern repeats after granule banks words / gcd with the stride, so a longer run is counted in
    periods.
    """
    span = granule * banks
    period = span // gcd(abs(stride), span)
    whole, rest = accesses // period, accesses % period
    load = np.zeros(banks, np.int64)
    worst = 0
    for i in range(min(accesses, period)):
        bank = (i * stride) // granule % banks
        load[bank] += whole + (1 if i < rest else 0)
        worst = max(worst, load[bank])
    return -(-worst // ports)


def each_group_cycles(bank_of: NDArray[np.int64], group: int, banks: int, ports: int) -> NDArray[np.int64]:
    """Cycles of each group of `group` accesses issued together: its most loaded bank, `ports` at a time.

    Parameters
    ----------
    bank_of : int64 array, shape (accesses,)
        Bank of each access in order, 0 <= bank < banks; the last group may be shorter.

    Returns
    -------
    int64 array, shape (ceil(accesses / group),)
        Cycles of each group [cycle]; groups follow one another, so a trace takes their sum.
    """
    cycles = np.zeros(-(-bank_of.size // group), np.int64)
    _count_groups(bank_of, group, ports, np.zeros(banks, np.int64), cycles)
    return cycles


@kernel
def _count_groups(
    bank_of: NDArray[np.int64], group: int, ports: int, load: NDArray[np.int64], cycles: NDArray[np.int64]
) -> None:
    for i in range(cycles.size):
        for bank in range(load.size):
            load[bank] = 0
        worst = 0
        for j in range(i * group, min((i + 1) * group, bank_of.size)):
            load[bank_of[j]] += 1
            worst = max(worst, load[bank_of[j]])
        cycles[i] = -(-worst // ports)


@kernel
def expected_random_cycles(accesses: int, banks: int, ports: int) -> float:
    """Expected cycles of `accesses` words in independent uniform banks, issued together.

    E[ceil(max load / ports)] = sum over q = 0, ports, 2 ports, ... of P(max load > q). Independent Poisson
    loads of mean W / B, given their sum W, are the loads of W uniform accesses, so with p_j the Poisson
    probabilities

        P(max load <= q) = [z^W] (sum over j <= q of p_j z^j)^B / (W^W e^-W / W!).
    """
    expected = 0.0
    bound = 0
    while bound < accesses:
        beyond = 1.0 if bound * banks < accesses else 1.0 - _within(accesses, banks, bound)
        if beyond < NEGLIGIBLE:
            break
        expected += beyond
        bound += ports
    return expected


@kernel
def _within(accesses: int, banks: int, bound: int) -> float:
    """Probability that no bank is given more than `bound` of `accesses` uniform accesses."""
    mean = accesses / banks
    base = np.zeros(accesses + 1, np.float64)
    for j in range(min(bound, accesses) + 1):
        base[j] = max(math.exp(j * math.log(mean) - mean - math.lgamma(j + 1.0)), TINY)
    power = np.zeros(accesses + 1, np.float64)
    power[0] = 1.0
    left = banks
    while left > 0:
        if left & 1:
            power = _product(power, base)
        left >>= 1
        if left > 0:
            base = _product(base, base)
    log_sum = accesses * math.log(float(accesses)) - accesses - math.lgamma(accesses + 1.0)
    return float(power[accesses] / math.exp(log_sum))


@kernel
def _product(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Product of two polynomials of non-negative coefficients, cut to the length of the first."""
    out = np.zeros(a.size, np.float64)
    for i in range(a.size):
        if a[i] > 0.0:
            for j in range(a.size - i):
                out[i + j] += a[i] * b[j]
    for i in range(out.size):
        if out[i] < TINY:
            out[i] = 0.0
    return out


def random_banks(accesses: int, banks: int, groups: int, seed: int) -> NDArray[np.int64]:
    """Banks of `groups` groups of independent uniform accesses, int64 (accesses x groups,)."""
    return np.random.default_rng(seed).integers(0, banks, accesses * groups, dtype=np.int64)
