"""Signed powers of two that a value is made of, one list an encoding, by the textbook rule of each.

The encodings are those that research on bit-serial units counts digits in (Pragmatic arXiv 1610.06920, Laconic
ISCA 2019, BitWave arXiv 2507.12444; Booth 1951 in its radix-4 form; NAF = Reitwiesner 1960).
"""

from typing import NamedTuple


class Term(NamedTuple):
    """sign * 2**exponent."""

    exponent: int
    sign: int


ENCODINGS = ("twos-complement", "sign-magnitude", "naf", "booth")


def terms(value: int, *, encoding: str, bits: int, signed: bool = True) -> list[Term]:
    """Nonzero digits of a `bits` wide value as signed powers of two, lowest first.

    signed=False reads the word as an unsigned number. A Booth digit of 2 is one term (one exponent higher),
    as a shifter sees it. Raises ValueError for a value that the word does not hold; -2**(bits-1) has no
    sign-magnitude.
    """
    check_fits(value, bits=bits, signed=signed)
    if encoding == "twos-complement":
        return _twos_complement(value, bits, signed)
    if encoding == "sign-magnitude":
        return _sign_magnitude(value, bits, signed)
    if encoding == "naf":
        return _naf(value)
    if encoding == "booth":
        return _booth(value, bits, signed)
    raise ValueError(f"There is no encoding {encoding!r}, only {', '.join(ENCODINGS)}.")


def check_fits(value: int, *, bits: int, signed: bool = True) -> None:
    """ValueError unless the word holds the value."""
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    if not low <= value <= high:
        raise ValueError(f"{value} is not within {low}..{high}, what {bits} bits hold.")


def pattern(value: int, *, bits: int) -> list[int]:
    """Bits of the word, lowest first; a negative value in two's complement."""
    return [(value >> k) & 1 for k in range(bits)]


def value_of(of: list[Term]) -> int:
    """Sum of the terms."""
    return sum(term.sign * 2**term.exponent for term in of)


def _twos_complement(value: int, bits: int, signed: bool) -> list[Term]:
    found = []
    for k, bit in enumerate(pattern(value, bits=bits)):
        if bit == 1:
            found.append(Term(k, -1 if signed and k == bits - 1 else 1))
    return found


def _sign_magnitude(value: int, bits: int, signed: bool) -> list[Term]:
    if signed and value == -(2 ** (bits - 1)):
        raise ValueError(f"{value} has no sign-magnitude form in {bits} bits.")
    sign = -1 if value < 0 else 1
    return [Term(k, sign) for k, bit in enumerate(pattern(abs(value), bits=bits)) if bit == 1]


def _naf(value: int) -> list[Term]:
    # Take the odd residue that leaves a multiple of four, so that the next digit is a zero.
    found = []
    left = value
    k = 0
    while left != 0:
        if left % 2 == 1:
            digit = 1 if left % 4 == 1 else -1
            found.append(Term(k, digit))
            left -= digit
        left //= 2
        k += 1
    return found


def _booth(value: int, bits: int, signed: bool) -> list[Term]:
    # An unsigned word gets a zero above its top bit; an odd width repeats its top bit.
    wide = bits if signed else bits + 1
    wide += wide % 2
    word = pattern(value, bits=wide)
    found = []
    for k in range(0, wide, 2):
        below = word[k - 1] if k > 0 else 0
        digit = below + word[k] - 2 * word[k + 1]
        if digit != 0:
            found.append(Term(k + abs(digit) - 1, 1 if digit > 0 else -1))
    return found
