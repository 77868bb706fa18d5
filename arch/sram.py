"""Scratchpad SRAM: banks and ports, conflicts of strided and random access, double buffering.

A bank serves `ports` accesses a cycle, one word each; word `i` lies in bank `i mod banks`. A group of
accesses issued together takes as long as its most loaded bank.
"""

import numpy as np
from numpy.typing import NDArray

from bankside.arch.jit import kernel


@kernel
def gcd(a: int, b: int) -> int:
    """Greatest common divisor of two non-negative integers; gcd(0, b) = b."""
    while b:
        a, b = b, a % b
    return a


@kernel
def transfer_cycles(n_byte: int, width_byte: int, ports: int) -> int:
    """Cycles that `n_byte` take through `ports` ports of `width_byte` each: ceil(n / (width ports))."""
    return -(-n_byte // (width_byte * ports))


@kernel
def strided_cycles(accesses: int, stride: int, banks: int, ports: int) -> int:
    """Cycles of one run of `accesses` words at a stride of `stride` words.

    The run visits banks / gcd(stride, banks) banks in turn, so the first of them serves
    ceil(accesses gcd(stride, banks) / banks) accesses.
    """
    load = -(-(accesses * gcd(abs(stride), banks)) // banks)
    return -(-load // ports)


@kernel
def group_cycles(bank_of: NDArray[np.int64], group: int, banks: int, ports: int) -> int:
    """Cycles of a trace of accesses issued `group` at a time: the sum over groups of the most loaded bank.

    Parameters
    ----------
    bank_of : int64 array, shape (accesses,)
        Bank of each access, 0 <= bank < banks.
    """
    load = np.zeros(banks, np.int64)
    total = 0
    for start in range(0, bank_of.size, group):
        load[:] = 0
        worst = 0
        for i in range(start, min(start + group, bank_of.size)):
            load[bank_of[i]] += 1
            worst = max(worst, load[bank_of[i]])
        total += -(-worst // ports)
    return total


@kernel
def expected_random_cycles(accesses: int, banks: int, ports: int) -> float:
    """Expected cycles of `accesses` words in independent uniform banks, issued together.

    E[ceil(max load / ports)] = sum over q >= 0 of P(max load > q ports), with P(max load <= q) = [z^W] of
    (sum over j <= q of z^j / j!)^B times W! / B^W, built up bank by bank in probabilities: given that w
    accesses remain for b banks, the first takes a Binomial(w, 1/b) share.
    """
    expected = 0.0
    bound = 0
    while bound < accesses:
        expected += 1.0 - _within(accesses, banks, bound)
        bound += ports
    return expected


@kernel
def _within(accesses: int, banks: int, bound: int) -> float:
    """Probability that no bank is given more than `bound` of `accesses` uniform accesses."""
    if bound * banks < accesses:
        return 0.0
    left = np.zeros(accesses + 1, np.float64)
    left[accesses] = 1.0
    for b in range(banks, 1, -1):
        p = 1.0 / b
        following = np.zeros(accesses + 1, np.float64)
        for w in range(accesses + 1):
            if left[w] > 0.0:
                term = (1.0 - p) ** w
                for j in range(min(w, bound) + 1):
                    following[w - j] += left[w] * term
                    term *= (w - j) / (j + 1.0) * p / (1.0 - p)
        left = following
    inside = 0.0
    for w in range(min(bound, accesses) + 1):
        inside += left[w]
    return inside


@kernel
def double_buffered(compute: NDArray[np.int64], transfer: NDArray[np.int64]) -> int:
    """Cycles of a train of tiles whose operands arrive while the tile before computes.

    transfer[0] + sum over i of max(compute[i], transfer[i + 1]) + compute[last]: the first fill is exposed,
    then the slower of the two sides decides each step.

    Parameters
    ----------
    compute, transfer : int64 arrays, shape (tiles,)
        Cycles of each tile's computation and of the transfer that it waits for [cycle].
    """
    if compute.size == 0:
        return 0
    total = transfer[0]
    for i in range(compute.size - 1):
        total += max(compute[i], transfer[i + 1])
    return int(total + compute[compute.size - 1])


@kernel
def double_buffered_train(tiles: int, compute: int, transfer: int) -> int:
    """As `double_buffered` for equal tiles: transfer + (tiles - 1) max(compute, transfer) + compute."""
    if tiles <= 0:
        return 0
    return transfer + (tiles - 1) * max(compute, transfer) + compute


@kernel
def single_buffered_train(tiles: int, compute: int, transfer: int) -> int:
    """Cycles of equal tiles with one buffer: nothing overlaps."""
    return tiles * (compute + transfer)


def random_banks(accesses: int, banks: int, groups: int, seed: int) -> NDArray[np.int64]:
    """Banks of `groups` groups of independent uniform accesses, int64 (accesses x groups,)."""
    return np.random.default_rng(seed).integers(0, banks, accesses * groups, dtype=np.int64)
