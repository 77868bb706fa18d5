"""Groups of unlike widths on lanes that work side by side, and three ways to hand them out.

A group of w bits takes its lane w cycles. Source: research/units.md section 3 (common frame) and 3.8; the closed form
8 - 4(1-f)**16 is for an independent share f of 8-bit groups among 4-bit ones on 16 lanes.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Balanced(NamedTuple):
    """Cycles until every group has ended, and cycles that lanes worked on groups."""

    cycles: int
    work: int

    def imbalance(self, lanes: int) -> Fraction:
        """Cycles over those of a perfect balance."""
        return Fraction(self.cycles * lanes, self.work)


def unordered(widths: Sequence[int], *, lanes: int) -> Balanced:
    """Rounds of as many consecutive groups as lanes; a round takes its widest group, the last may be short."""
    cycles = 0
    for at in range(0, len(widths), lanes):
        cycles += max(widths[at : at + lanes])
    return Balanced(cycles, sum(widths))


def sorted_groups(widths: Sequence[int], *, lanes: int) -> Balanced:
    """The same rounds after the groups were put in order of width, once and outside the unit."""
    return unordered(sorted(widths, reverse=True), lanes=lanes)


def dispatched(widths: Sequence[int], *, lanes: int, overhead: int = 0) -> Balanced:
    """The next group in order goes to the lane that is free first (the lowest of several), no rounds.

    A lane pays `overhead` cycles with each group before it works.
    """
    free = [0] * lanes
    for width in widths:
        lane = free.index(min(free))
        free[lane] += overhead + width
    return Balanced(max(free), sum(widths))


BALANCES = {"unordered": unordered, "sorted": sorted_groups, "dispatched": dispatched}


def expected_round(share: Fraction, *, lanes: int = 16, narrow: int = 4, wide: int = 8) -> Fraction:
    """Exact mean cycles of an unordered round, by the probability that no lane has a wide group."""
    none = (1 - share) ** lanes
    return none * narrow + (1 - none) * wide


def expected_width(share: Fraction, *, narrow: int = 4, wide: int = 8) -> Fraction:
    """Mean width of a group: what a round takes in perfect balance."""
    return (1 - share) * narrow + share * wide
