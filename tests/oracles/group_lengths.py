"""Units that leave out what no value of a group needs: significant lengths, and bricks of two bits.

Cycle rules: research/units.md sections 3.4 and 3.5.
"""

from math import ceil

from tests.oracles.digit_terms import check_fits, pattern
from tests.oracles.lane_groups import Other, Rows, Served, serve

LENGTHS = ("pattern", "sign-magnitude", "sign-extended")


def length(value: int, *, bits: int, rule: str) -> int:
    """Significant bits of a value.

    pattern: highest set bit of the `bits` wide word plus one, what the closed form p - sum 2**(-jG) counts;
    a negative value takes the whole word. sign-magnitude: of the magnitude, one more when negative (DNNsim
    ShapeShifter.cpp). sign-extended: the shortest two's complement word, a zero takes none.
    """
    if rule == "pattern":
        set_bits = [k for k, bit in enumerate(pattern(value, bits=bits)) if bit == 1]
        return set_bits[-1] + 1 if set_bits else 0
    if rule == "sign-magnitude":
        return abs(value).bit_length() + (1 if value < 0 else 0)
    if rule == "sign-extended":
        if value == 0:
            return 0
        return next(n for n in range(1, bits + 1) if -(2 ** (n - 1)) <= value < 2 ** (n - 1))
    raise ValueError(f"There is no length {rule!r}, only {', '.join(LENGTHS)}.")


def shapeshifter(
    values: Rows,
    other: Other = None,
    *,
    bits: int,
    group: int,
    rule: str = "pattern",
    signed: bool = True,
    least: int = 0,
) -> Served:
    """Cycles of a group: its longest significant length (ShapeShifter MICRO 2019, Dynamic Stripes)."""

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        for value in a:
            check_fits(value, bits=bits, signed=signed)
        taken = max(length(value, bits=bits, rule=rule) for value in a)
        return max(taken, least), _serial(a, b, bits, taken, rule, signed)

    return serve(values, other, group=group, by=one)


def _serial(a: list[int], b: list[int], bits: int, taken: int, rule: str, signed: bool) -> int:
    total = 0
    for k in range(taken):
        for value, by in zip(a, b, strict=True):
            total += _plane_bit(value, k, bits, taken, rule, signed) * by * 2**k
    return total


def _plane_bit(value: int, k: int, bits: int, taken: int, rule: str, signed: bool) -> int:
    if rule == "sign-magnitude":
        bit = pattern(abs(value), bits=bits)[k]
        return -bit if value < 0 else bit
    top = bits - 1 if rule == "pattern" else taken - 1
    bit = pattern(value, bits=bits)[k]
    return -bit if signed and k == top else bit


def loom(
    values: Rows,
    other: Other = None,
    *,
    bits: int,
    group: int,
    rule: str = "pattern",
    signed: bool = True,
    fully_connected: bool = False,
    least: int = 0,
) -> Served:
    """Both operands serial: longest length of `values` (activations) times that of `other` (weights).

    Loom DAC 2018: Pa x Pw for a convolution, Pw alone when every weight is used once (fully connected).
    Words of `bits`, both signed or both not. A group without any significant bit takes `least`.
    """

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        for value in a + b:
            check_fits(value, bits=bits, signed=signed)
        pa = max(length(value, bits=bits, rule=rule) for value in a)
        pw = max(length(value, bits=bits, rule=rule) for value in b)
        total = 0
        second = [[_plane_bit(value, j, bits, pw, rule, signed) for value in b] for j in range(pw)]
        for i in range(pa):
            own = [_plane_bit(value, i, bits, pa, rule, signed) for value in a]
            for j in range(pw):
                total += sum(x * y for x, y in zip(own, second[j], strict=True)) * 2 ** (i + j)
        return max(pw if fully_connected else pa * pw, least), total

    return serve(values, other, group=group, by=one)


def bit_fusion(values: Rows, other: Other = None, *, bits: int, other_bits: int, group: int) -> Served:
    """A Fusion Unit of 16 bricks of 2 x 2 bits (Bit Fusion ISCA 2018): a product takes (a/2)(w/2) bricks.

    Widths go up to the next of 2, 4, 8, 16. A group takes ceil(group * bricks / 16) cycles: 16/((a/2)(w/2))
    products a cycle, four cycles for 16 x 16 bits.
    """
    a_bits, w_bits = _fused(bits), _fused(other_bits)

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        total = 0
        for left, right in zip(a, b, strict=True):
            for i, low in enumerate(_bricks(left, a_bits)):
                for j, high in enumerate(_bricks(right, w_bits)):
                    total += low * high * 4 ** (i + j)
        return ceil(group * (a_bits // 2) * (w_bits // 2) / 16), total

    return serve(values, other, group=group, by=one)


def _fused(bits: int) -> int:
    return next(width for width in (2, 4, 8, 16) if width >= bits)


def _bricks(value: int, bits: int) -> list[int]:
    check_fits(value, bits=bits)
    digits = [(value >> k) & 3 for k in range(0, bits, 2)]
    if digits[-1] >= 2:  # the top brick is signed
        digits[-1] -= 4
    return digits
