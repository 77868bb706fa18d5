"""Digits: what they add up to, and how many there are on average."""

import numpy as np
import pytest

from bankside.arch.pe.bit_serial.encodings import ENCODINGS, counts, digits, highest, lengths, lowest, masks


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("bits", [2, 3, 7, 8, 16])
def test_digits_add_up_to_the_value(encoding: str, bits: int) -> None:
    values = np.arange(lowest(bits), highest(bits) + 1)
    plus, minus = digits(values, bits, encoding)
    assert (plus & minus == 0).all()
    assert (plus - minus == values).all()
    assert (counts(bits, encoding) == np.bitwise_count(masks(bits, encoding))).all()


@pytest.mark.parametrize("n", [4, 7, 8, 10, 12, 15, 16])
def test_naf_has_as_many_digits_as_its_closed_forms_say(n: int) -> None:
    digit = counts(n, "naf")
    signed, unsigned = digit[: 1 << n], digit[-lowest(n) :]
    assert signed.mean() == pytest.approx(n / 3 + 1 / 9 - (-0.5) ** n / 9, abs=1e-9)
    assert unsigned.mean() == pytest.approx(n / 3 + 4 / 9 - 2.0**-n / 2 + (-0.5) ** n / 18, abs=1e-9)


def test_no_two_digits_of_a_naf_are_neighbours() -> None:
    mask = masks(12, "naf")
    assert (mask & (mask >> 1) == 0).all()


def test_booth_digits_are_one_for_each_two_bits() -> None:
    mask = masks(8, "booth")
    pairs = [(mask >> place) & 3 for place in range(0, 10, 2)]
    assert all((pair != 3).all() for pair in pairs)
    assert counts(8, "booth")[:256].mean() == 3.0
    assert counts(8, "booth")[-lowest(8) :].max() == 5


def test_lengths_reach_the_highest_digit_and_the_sign() -> None:
    at = -lowest(8)
    size, twos = lengths(8, "sign-magnitude"), lengths(8, "twos-complement")
    assert [int(size[at + v]) for v in (0, 1, -1, 2, 127, -128, 255)] == [0, 1, 2, 2, 7, 9, 8]
    assert [int(twos[at + v]) for v in (0, 1, -1, -2, -128, 127, 255)] == [0, 1, 8, 8, 8, 7, 8]
