"""Units whose lanes take the digits of their values one after another, digit by digit.

`values` are the serial operand, `other` the parallel one (ones when absent, a vector serves every row);
groups are consecutive elements of a row. Cycle rules: research/units.md sections 3.1 to 3.3 and 3.11.
"""

from tests.oracles.digit_terms import Term, check_fits, pattern, terms
from tests.oracles.lane_groups import Other, Rows, Served, serve


def bit_parallel(values: Rows, other: Other = None, *, group: int) -> Served:
    """One cycle a group: a whole multiplier in each lane."""
    return serve(
        values, other, group=group, by=lambda a, b: (1, sum(x * y for x, y in zip(a, b, strict=True)))
    )


def stripes(values: Rows, other: Other = None, *, bits: int, group: int, signed: bool = True) -> Served:
    """As many cycles as a value has bits, whatever the bits (Stripes MICRO 2016; section 3.1)."""

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        total = 0
        for k in range(bits):
            plane = 0
            for value, by in zip(a, b, strict=True):
                check_fits(value, bits=bits, signed=signed)
                plane += by * pattern(value, bits=bits)[k]
            total += (-plane if signed and k == bits - 1 else plane) * 2**k
        return bits, total

    return serve(values, other, group=group, by=one)


def essential(
    values: Rows,
    other: Other = None,
    *,
    bits: int,
    group: int,
    encoding: str = "twos-complement",
    signed: bool = True,
    least: int = 0,
) -> Served:
    """Each lane retires one nonzero digit a cycle with a shifter of full width (sections 3.2, 3.11).

    A group takes the most nonzero digits of its lanes, and at least `least` cycles (section 3.11 counts
    a group of zeros as 0, a fetched group of Pragmatic takes 1).
    """

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        waiting = [terms(value, encoding=encoding, bits=bits, signed=signed) for value in a]
        taken = total = 0
        while any(waiting):
            for lane, by in zip(waiting, b, strict=True):
                if lane:
                    term = lane.pop(0)
                    total += term.sign * by * 2**term.exponent
            taken += 1
        return max(taken, least), total

    return serve(values, other, group=group, by=one)


def pragmatic(
    values: Rows,
    other: Other = None,
    *,
    bits: int,
    group: int,
    shift_bits: int,
    encoding: str = "twos-complement",
    signed: bool = True,
) -> Served:
    """Two-stage shifting: a lane shifts its operand by less than 2**shift_bits, one base serves all lanes.

    Each cycle the base is the lowest pending exponent over the lanes, and each lane whose lowest pending
    exponent is at most base + 2**shift_bits - 1 retires it; a group takes at least 1 cycle (section 3.2;
    Bit-Pragmatic arXiv 1610.06920 and DNNsim BitPragmatic.cpp).
    """

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        waiting = [terms(value, encoding=encoding, bits=bits, signed=signed) for value in a]
        taken = total = 0
        while any(waiting):
            base = min(lane[0].exponent for lane in waiting if lane)
            total += 2**base * _first_stage(waiting, b, base, shift_bits)
            taken += 1
        return max(taken, 1), total

    return serve(values, other, group=group, by=one)


def _first_stage(waiting: list[list[Term]], by: list[int], base: int, shift_bits: int) -> int:
    total = 0
    for lane, operand in zip(waiting, by, strict=True):
        if lane and lane[0].exponent - base <= 2**shift_bits - 1:
            term = lane.pop(0)
            total += term.sign * (operand << (term.exponent - base))
    return total


def laconic(
    values: Rows,
    other: Other = None,
    *,
    bits: int,
    group: int,
    other_bits: int | None = None,
    encoding: str = "booth",
    signed: bool = True,
) -> Served:
    """Both operands term by term: a lane takes t(a) t(w) cycles, the group its slowest lane, at least 1.

    Laconic ISCA 2019, DNNsim Laconic.cpp; section 3.3. The PEs of a tile step together: total_cycles with
    `columns`.
    """

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        slowest, total = 1, 0
        for value, by in zip(a, b, strict=True):
            lane = 0
            for left in terms(value, encoding=encoding, bits=bits, signed=signed):
                for right in terms(by, encoding=encoding, bits=other_bits or bits, signed=signed):
                    total += left.sign * right.sign * 2 ** (left.exponent + right.exponent)
                    lane += 1
            slowest = max(slowest, lane)
        return slowest, total

    return serve(values, other, group=group, by=one)
