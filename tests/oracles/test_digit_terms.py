"""Every word of every encoding stands for its value; forms worked by hand."""

from itertools import pairwise

import pytest
from tests.oracles.digit_terms import ENCODINGS, Term, terms, value_of


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("signed", [True, False])
def test_every_word_is_the_sum_of_its_terms(encoding: str, signed: bool) -> None:
    for bits in range(2, 10):
        low, high = (1 - 2 ** (bits - 1), 2 ** (bits - 1)) if signed else (0, 2**bits)
        for value in range(low, high):
            found = terms(value, encoding=encoding, bits=bits, signed=signed)
            assert value_of(found) == value
            exponents = [term.exponent for term in found]
            assert exponents == sorted(set(exponents))


def test_words_by_hand() -> None:
    assert terms(-1, encoding="twos-complement", bits=4) == [Term(0, 1), Term(1, 1), Term(2, 1), Term(3, -1)]
    assert terms(-6, encoding="sign-magnitude", bits=4) == [Term(1, -1), Term(2, -1)]
    assert terms(7, encoding="naf", bits=4) == [Term(0, -1), Term(3, 1)]
    assert terms(7, encoding="booth", bits=4) == [Term(0, -1), Term(3, 1)]
    # 0110 in pairs from below, each with the bit under it: 10|0 is -2, 01|1 is +2.
    assert terms(6, encoding="booth", bits=4) == [Term(1, -1), Term(3, 1)]
    assert terms(255, encoding="booth", bits=8, signed=False) == [Term(0, -1), Term(8, 1)]
    assert terms(0, encoding="booth", bits=8) == []


def test_naf_has_no_neighbours_and_booth_at_most_a_digit_for_two_bits() -> None:
    for value in range(-128, 128):
        exponents = [term.exponent for term in terms(value, encoding="naf", bits=8)]
        assert all(b - a >= 2 for a, b in pairwise(exponents))
        assert len(terms(value, encoding="booth", bits=8)) <= 4


@pytest.mark.parametrize(("value", "encoding"), [(128, "naf"), (-129, "booth"), (-128, "sign-magnitude")])
def test_what_a_word_does_not_hold_is_refused(value: int, encoding: str) -> None:
    with pytest.raises(ValueError, match=str(value)):
        terms(value, encoding=encoding, bits=8)
