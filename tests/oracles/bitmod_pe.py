"""BitMoD's PE: four weights a group, one signed power of two of each a cycle, parallel FP16 activations.

BitMoD HPCA 2025 (arXiv 2411.11745) and its pe_array.py; research/units.md section 3.9.
"""

from math import ceil

from tests.oracles.digit_terms import terms
from tests.oracles.lane_groups import Other, Rows, Served, serve

LANES = 4
"""Weights of a dot product."""

DEQUANT_CYCLES = 8
"""Bit-serial multiplication of a group's sum by its 8-bit scale."""


def latency(bits: float) -> int:
    """Cycles of a four-wide dot product: 2 up to 4 bits, 3 for 6, 4 for 8; metadata bits do not count."""
    return max(2, ceil(int(bits) / 2))


def bitmod(
    values: Rows, other: Other = None, *, bits: float, group: int = 128, encoding: str = "booth"
) -> Served:
    """Cycles of a scale group: ceil(group / 4) dot products, or the serial dequantisation when that is longer.

    `values` are integers in Booth digits ("booth"), or the points of a floating-point grid times two ("naf": each
    of FP3's and FP4's points, specials too, has at most two terms).
    """
    each_dot = latency(bits)

    def one(a: list[int], b: list[int]) -> tuple[int, int]:
        total = 0
        for at in range(0, group, LANES):
            total += _dot(a[at : at + LANES], b[at : at + LANES], int(bits), each_dot, encoding)
        return max(ceil(group / LANES) * each_dot, DEQUANT_CYCLES), total

    return serve(values, other, group=group, by=one)


def _dot(a: list[int], b: list[int], bits: int, cycles: int, encoding: str) -> int:
    # A point of the grid times two is at most 16, beyond the word that codes it.
    word = bits if encoding == "booth" else 6
    waiting = [terms(value, encoding=encoding, bits=word) for value in a]
    total = 0
    for _ in range(cycles):
        for lane, by in zip(waiting, b, strict=True):
            if lane:
                term = lane.pop(0)
                total += term.sign * by * 2**term.exponent
    if any(waiting):
        raise ValueError(f"A weight has more terms than the {cycles} cycles of a dot product of {bits} bits.")
    return total
