"""Densities and counts at which one encoding becomes smaller than another."""

import numpy as np

from bankside.kernels.sparsity.encoding import Statistics
from bankside.kernels.sparsity.flat import RunLength


def entropy_bits(density: float) -> float:
    """What a kept element's place takes at least, H(d) / d [bit]."""
    if density in (0.0, 1.0):
        return 0.0
    rest = 1.0 - density
    return float(-(density * np.log2(density) + rest * np.log2(rest)) / density)


def bitmap_below_dense(bits: int) -> float:
    """Sparsity above which a bitmap is smaller than all elements: s = 1 / b."""
    return 1.0 / bits


def index_below_bitmap(index: int) -> float:
    """Sparsity above which a list of `index` bits a value is smaller than a bitmap: s = 1 - 1 / i."""
    return 1.0 - 1.0 / index


def index_below_dense(index: int, bits: int) -> float:
    """Sparsity above which a list is smaller than all elements: s = i / (b + i)."""
    return index / (bits + index)


def bitmap_below_index(m: int) -> float:
    """Values of a group of M above which a bitmap is smaller than indices: N = M / log2 M."""
    return float(m / np.log2(m))


def runs_against_bitmap(run_bits: int, bits: int, points: int = 4096) -> list[float]:
    """Densities at which run lengths are as large as a bitmap, in rising order; between two, or below one, smaller."""
    code = RunLength(run_bits)

    def excess(density: float) -> float:
        return code.expected_bits(Statistics(1, 1, density), bits) - 1.0

    grid = np.linspace(0.0, 1.0, points + 1)[1:-1]
    above = np.array([excess(density) > 0 for density in grid])
    roots = []
    for at in np.flatnonzero(above[1:] != above[:-1]):
        low, high = float(grid[at]), float(grid[at + 1])
        rising = not above[at]
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (low, middle) if (excess(middle) > 0) == rising else (middle, high)
        roots.append((low + high) / 2)
    return roots
