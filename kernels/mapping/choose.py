"""The choice: an analytic bound prunes the candidates, a trial in the engine decides among the best few."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.bound import Float64s, times_s
from bankside.kernels.mapping.candidates import Candidates, candidates
from bankside.kernels.mapping.naive import naive
from bankside.kernels.mapping.problem import UNITS, Int64s, Mapping, Order, Problem, Resources

FEW = 6  # candidates that are tried, besides the plain tiling
POOL = 64  # of which these are looked at
CLOSE = 1.25  # and only those whose bound is within this factor of the best


def choose(
    problem: Problem, node: Resources, trial_s: Callable[[Problem, Mapping], float] | None = None
) -> Mapping:
    """The fastest mapping of `problem` on one node; ties by fewer bytes, then by fewer tiles.

    Parameters
    ----------
    trial_s
        Time of a mapping as the engine finds it [s]; without it the bound alone decides.

    Raises
    ------
    ConfigError
        If not even the smallest tile fits the SRAM.
    """
    found = candidates(problem, node)
    if not len(found.mt):
        raise ConfigError(
            [
                f"No tile of {min(problem.m, 1)} x {min(problem.k, node.rows)} x {min(problem.n, node.cols)} fits the "
                f"{node.sram_bytes:g} B SRAM of a core in two buffers: give the core more SRAM or a smaller array."
            ]
        )
    time_s, read, unit = times_s(problem, node, found)
    volume = found.mt * found.nt * found.kt
    ranked = np.lexsort((found.kn, -volume, read, time_s))
    best = [_mapping(found, unit, i) for i in _few(found, ranked, time_s)]
    if trial_s is None:
        return best[0]
    plain = naive(problem, node)
    tried = dict.fromkeys([*best, *([plain] if plain else [])])
    return min(tried, key=lambda mapping: trial_s(problem, mapping))


def _few(found: Candidates, ranked: npt.NDArray[np.intp], time_s: Float64s) -> list[int]:
    """The first of the ranking, no more than half of them on one grid of cores if there are several."""
    close = [int(i) for i in ranked[:POOL] if time_s[i] <= CLOSE * time_s[ranked[0]]]
    grids: Counter[tuple[int, ...]] = Counter()
    first, later = [], []
    for i in close:
        grid = tuple(int(of[i]) for of in found[:3])
        grids[grid] += 1
        (first if grids[grid] <= FEW // 2 else later).append(i)
    return [*first, *later][:FEW]


def _mapping(found: Candidates, unit: Int64s, i: int) -> Mapping:
    order: Order = "kn" if found.kn[i] else "nk"
    return Mapping(*(int(of[i]) for of in found[:6]), order, UNITS[unit[i]])
