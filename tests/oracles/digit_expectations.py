"""Exact expectations of cycles on random values, by enumeration of every word and exact fractions.

A distribution is {value: probability}. Closed forms that they are held to: research/units.md sections 3.3, 3.4, 3.7,
3.11 and reference bitserial_analytic.csv.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import comb, erf, sqrt

from tests.oracles.digit_terms import terms

Pmf = Mapping[int, Fraction]


def uniform(bits: int, *, signed: bool = True) -> dict[int, Fraction]:
    """Every word equally likely."""
    low = -(2 ** (bits - 1)) if signed else 0
    return {value: Fraction(1, 2**bits) for value in range(low, low + 2**bits)}


def quantised_gaussian(bits: int, *, sigmas: float) -> dict[int, Fraction]:
    """A Gaussian whose `sigmas` standard deviations are the largest magnitude; what lies beyond is clipped."""
    top = 2 ** (bits - 1) - 1
    step = sigmas / top

    def below(x: float) -> float:
        return 0.5 * (1 + erf(x * step / sqrt(2)))

    found = {value: below(value + 0.5) - below(value - 0.5) for value in range(-top + 1, top)}
    found[top] = found[-top] = 1 - below(top - 0.5)
    return {value: Fraction(each) for value, each in found.items()}


def counted(values: Pmf, count: Callable[[int], int]) -> dict[int, Fraction]:
    """Distribution of a count of values."""
    found: dict[int, Fraction] = {}
    for value, each in values.items():
        found[count(value)] = found.get(count(value), Fraction(0)) + each
    return found


def digit_counts(values: Pmf, *, encoding: str, bits: int, signed: bool = True) -> dict[int, Fraction]:
    """Distribution of the number of nonzero digits."""
    return counted(values, lambda value: len(terms(value, encoding=encoding, bits=bits, signed=signed)))


def products(left: Pmf, right: Pmf) -> dict[int, Fraction]:
    """Distribution of the product of two independent numbers (a lane of Laconic)."""
    found: dict[int, Fraction] = {}
    for a, pa in left.items():
        for b, pb in right.items():
            found[a * b] = found.get(a * b, Fraction(0)) + pa * pb
    return found


def binomial(trials: int, chance: Fraction) -> dict[int, Fraction]:
    """Distribution of the nonzeros among `trials` positions."""
    return {k: comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(trials + 1)}


def mean(counts: Pmf) -> Fraction:
    """Expectation of one number."""
    return sum((count * each for count, each in counts.items()), Fraction(0))


def expected_max(counts: Pmf, group: int, *, least: int = 0) -> Fraction:
    """E of the largest of `group` independent counts, and of `least`: sum over k of 1 - P(all <= k)."""
    total = Fraction(0)
    for k in range(max(*counts, least)):
        if k < least:
            total += 1
        else:
            total += 1 - sum((each for count, each in counts.items() if count <= k), Fraction(0)) ** group
    return total


def expected_columns(values: Pmf, group: int, *, encoding: str, bits: int, signed: bool = True) -> Fraction:
    """E of the columns in which any of `group` independent values has a digit."""
    total = Fraction(0)
    for k in range(bits):
        empty = Fraction(0)
        for value, each in values.items():
            if all(term.exponent != k for term in terms(value, encoding=encoding, bits=bits, signed=signed)):
                empty += each
        total += 1 - empty**group
    return total


def expected_minority(group: int) -> Fraction:
    """E of the rarer symbol's count in a column of `group` random bits (bi-directional sparsity)."""
    return sum((min(k, group - k) * each for k, each in binomial(group, Fraction(1, 2)).items()), Fraction(0))


def expected_utilisation(length: int, density: Fraction, lanes: int) -> Fraction:
    """Lanes in lock step over chunks of `length` positions: K d / E of the most nonzeros."""
    return length * density / expected_max(binomial(length, density), lanes)
