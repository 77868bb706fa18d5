"""Binary pruning of BitVert: which bit columns of a group are left out, and what stands for them.

BBS, MICRO 2024 (arXiv 2409.05227) section III-B: at most three redundant columns below the sign go without loss,
the rest of the columns to remove are the lowest ones. Rounded averaging puts one constant in their place,
zero-point shifting (Algorithm 1) adds the constant to the group that makes zeroing them cost least.
"""

from fractions import Fraction
from typing import NamedTuple

MOST_REDUNDANT = 3
"""Two bits of the eight-bit metadata of a group."""

CONSTANT_BITS = 6
"""The others, a constant for the low columns or the zero point."""


class Pruned(NamedTuple):
    """Stored words (two's complement, removed columns fewer), and value = word * 2**low + offset."""

    words: list[int]
    redundant: int
    low: int
    offset: int

    def values(self) -> list[int]:
        """What the group stands for now."""
        return [word * 2**self.low + self.offset for word in self.words]


def redundant_columns(group: list[int], *, bits: int) -> int:
    """Columns right below the sign that equal it in every value, at most three."""
    count = 0
    for k in range(bits - 2, -1, -1):
        if any((value >> k) & 1 != (value >> (bits - 1)) & 1 for value in group):
            break
        count += 1
    return min(count, MOST_REDUNDANT)


def averaged(group: list[int], *, bits: int, removed: int) -> Pruned:
    """Rounded averaging; a mean halfway goes to the even constant (as the authors' code rounds)."""
    redundant = min(redundant_columns(group, bits=bits), removed)
    low = removed - redundant
    remainders = [value % 2**low for value in group]
    constant = round(Fraction(sum(remainders), len(group)))
    return Pruned([value >> low for value in group], redundant, low, constant)


def shifted(group: list[int], *, bits: int, removed: int) -> Pruned:
    """Zero-point shifting: of all constants the first with the smallest squared error.

    A value halfway between two multiples goes to the one nearer to zero; words saturate.
    """
    best: tuple[int, Pruned] | None = None
    for constant in range(-(2 ** (CONSTANT_BITS - 1)), 2 ** (CONSTANT_BITS - 1)):
        moved = [_clip(value + constant, bits) for value in group]
        redundant = min(redundant_columns(moved, bits=bits), removed)
        low = removed - redundant
        words = [_clip(_nearest(value, 2**low), bits - removed) for value in moved]
        pruned = Pruned(words, redundant, low, -constant)
        error = sum((new - old) ** 2 for new, old in zip(pruned.values(), group, strict=True))
        if best is None or error < best[0]:
            best = error, pruned
    assert best is not None
    return best[1]


def _clip(value: int, bits: int) -> int:
    half = 1 << (bits - 1)
    return max(-half, min(half - 1, value))


def _nearest(value: int, step: int) -> int:
    lower = value // step
    left = value - lower * step
    if 2 * left == step:
        return lower if lower >= 0 else lower + 1
    return lower if 2 * left < step else lower + 1
