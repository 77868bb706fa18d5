"""Closed forms and the published tables (research/units.md section 3.11, bitserial_analytic.csv)."""

from fractions import Fraction
from itertools import product

import pytest
from tests.oracles.digit_expectations import (
    binomial,
    digit_counts,
    expected_columns,
    expected_max,
    expected_minority,
    expected_utilisation,
    mean,
    products,
    quantised_gaussian,
    uniform,
)

BITS = digit_counts(uniform(8), encoding="twos-complement", bits=8)
BOOTH = digit_counts(uniform(8), encoding="booth", bits=8)


@pytest.mark.parametrize(
    ("group", "published"), [(1, 4.0), (8, 5.96565), (16, 6.41365), (64, 7.12032), (256, 7.63274)]
)
def test_most_bits_of_a_group(group: int, published: float) -> None:
    assert float(expected_max(BITS, group)) == pytest.approx(published, abs=6e-6)


def test_a_group_of_zeros_is_the_difference_of_the_two_conventions() -> None:
    for group in (1, 2, 16):
        assert expected_max(BITS, group, least=1) == expected_max(BITS, group) + Fraction(1, 256) ** group


def test_largest_of_a_group_equals_enumeration() -> None:
    counts = {0: Fraction(1, 2), 1: Fraction(1, 3), 4: Fraction(1, 6)}
    for group, least in product((1, 2, 3), (0, 1, 2, 5)):
        brute = Fraction(0)
        for drawn in product(counts, repeat=group):
            chance = Fraction(1)
            for count in drawn:
                chance *= counts[count]
            brute += chance * max(*drawn, least)
        assert expected_max(counts, group, least=least) == brute


@pytest.mark.parametrize("n", [4, 7, 8, 10, 12])
def test_mean_naf_and_booth_digits(n: int) -> None:
    half = Fraction(-1, 2) ** n
    signed = digit_counts(uniform(n), encoding="naf", bits=n)
    assert mean(signed) == Fraction(n, 3) + Fraction(1, 9) - half / 9
    unsigned = digit_counts(uniform(n, signed=False), encoding="naf", bits=n, signed=False)
    assert mean(unsigned) == Fraction(n, 3) + Fraction(4, 9) - Fraction(1, 2 ** (n + 1)) + half / 18
    if n % 2 == 0:
        assert mean(digit_counts(uniform(n), encoding="booth", bits=n)) == Fraction(3 * n, 8)


def test_means_of_eight_bits_as_published() -> None:
    assert float(mean(digit_counts(uniform(8), encoding="naf", bits=8))) == pytest.approx(2.77734, abs=6e-6)
    assert mean(BOOTH) == 3


@pytest.mark.parametrize(
    ("encoding", "group", "published"), [("naf", 8, 3.80988), ("naf", 16, 3.96393), ("booth", 8, 3.95229)]
)
def test_most_digits_of_a_group(encoding: str, group: int, published: float) -> None:
    counts = digit_counts(uniform(8), encoding=encoding, bits=8)
    assert float(expected_max(counts, group)) == pytest.approx(published, abs=6e-6)


@pytest.mark.parametrize(
    ("encoding", "lanes", "published"),
    [("booth", 1, 9.0078), ("booth", 16, 15.2583), ("bits", 1, 16.0078), ("bits", 16, 32.5674)],
)
def test_laconic_lanes(encoding: str, lanes: int, published: float) -> None:
    counts = BOOTH if encoding == "booth" else BITS
    found = expected_max(products(counts, counts), lanes, least=1)
    assert float(found) == pytest.approx(published, abs=6e-5)


@pytest.mark.parametrize("group", [1, 4, 8, 32])
def test_kept_columns_of_uniform_words(group: int) -> None:
    found = expected_columns(uniform(8), group, encoding="twos-complement", bits=8)
    assert found == 8 * (1 - Fraction(1, 2**group))


def test_rarer_symbol_of_a_column() -> None:
    assert expected_minority(8) == Fraction(290625, 100000)
    assert [float(expected_minority(g)) for g in (4, 16, 32)] == pytest.approx(
        [1.25, 6.42896, 13.7608], abs=6e-5
    )


@pytest.mark.parametrize(
    ("sigmas", "encoding", "digits", "group", "most"),
    [
        (3.0, "sign-magnitude", 2.8653, 8, 4.54282),
        (3.0, "twos-complement", 3.99526, 16, 6.7827),
        (5.0, "sign-magnitude", 2.50555, 64, 4.95771),
        (5.0, "naf", 2.17928, 8, 3.14055),
        (5.0, "booth", 2.43774, 8, 3.57275),
    ],
)
def test_digits_of_a_gaussian(sigmas: float, encoding: str, digits: float, group: int, most: float) -> None:
    counts = digit_counts(quantised_gaussian(8, sigmas=sigmas), encoding=encoding, bits=8)
    assert float(mean(counts)) == pytest.approx(digits, abs=1e-5)
    assert float(expected_max(counts, group)) == pytest.approx(most, abs=1e-5)


@pytest.mark.parametrize(("group", "kept"), [(8, 6.20021), (32, 6.77464)])
def test_kept_magnitude_columns_of_a_gaussian(group: int, kept: float) -> None:
    values = quantised_gaussian(8, sigmas=4.0)
    found = expected_columns(values, group, encoding="sign-magnitude", bits=8)
    assert float(found) == pytest.approx(kept, abs=1e-5)


@pytest.mark.parametrize(
    ("length", "density", "lanes", "published"),
    [
        (64, Fraction(1, 4), 4, 0.816323),
        (64, Fraction(1, 4), 16, 0.717924),
        (64, Fraction(1, 4), 64, 0.654577),
        (16, Fraction(1, 10), 64, 0.32772),
    ],
)
def test_lanes_in_lock_step(length: int, density: Fraction, lanes: int, published: float) -> None:
    assert float(expected_utilisation(length, density, lanes)) == pytest.approx(published, abs=6e-7 * 10)
    assert sum(binomial(length, density).values()) == 1
