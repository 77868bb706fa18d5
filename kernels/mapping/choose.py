"""The choice: an analytic bound prunes the candidates, a trial in the engine decides among the best few.

Short trains are all ends, where the bound is coarse; they run in no time, so the search goes on from the best of them.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.bound import Float64s, times_s
from bankside.kernels.mapping.candidates import Candidates, candidates
from bankside.kernels.mapping.naive import naive
from bankside.kernels.mapping.problem import UNITS, Mapping, Order, Problem, Resources, fits

FEW = 6  # candidates that are tried, besides the plain tiling,
MANY = 16  # or this many where the best has at most SHORT steps
SHORT = 64
STEPS = 3  # from the best of them to better neighbours
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
                f"No tile of a product of {problem.m} x {problem.k} x {problem.n} fits the {node.sram_bytes:g} B SRAM "
                "of a core in two buffers: give the core more SRAM or a smaller array."
            ]
        )
    time_s, read, unit = times_s(problem, node, found)
    volume = found.mt * found.nt * found.kt
    ranked = np.lexsort((found.kn, -volume, read, time_s))
    best = [_mapping(found, i, UNITS[unit[i]]) for i in _few(problem, found, ranked, time_s)]
    if trial_s is None:
        return best[0]
    plain = naive(problem, node)
    first = dict.fromkeys([*best, *([plain] if plain else [])])
    tried = {mapping: trial_s(problem, mapping) for mapping in first}
    if math.prod(best[0].counts(problem)) <= SHORT:
        _climb(problem, node, trial_s, tried)
    return min(tried, key=lambda mapping: tried[mapping])


def _few(problem: Problem, found: Candidates, ranked: npt.NDArray[np.intp], time_s: Float64s) -> list[int]:
    """The first of the ranking, no more than half of them on one grid of cores if there are several."""
    close = [int(i) for i in ranked[:POOL] if time_s[i] <= CLOSE * time_s[ranked[0]]]
    steps = _mapping(found, close[0], UNITS[0]).counts(problem)
    most = MANY if math.prod(steps) <= SHORT else FEW
    grids: Counter[tuple[int, ...]] = Counter()
    first: list[int] = []
    later: list[int] = []
    for i in close:
        grid = tuple(int(of[i]) for of in found[:3])
        grids[grid] += 1
        (first if grids[grid] <= most // 2 else later).append(i)
    return [*first, *later][:most]


def _climb(
    problem: Problem,
    node: Resources,
    trial_s: Callable[[Problem, Mapping], float],
    tried: dict[Mapping, float],
) -> None:
    """Try the neighbours of the best, and of the next best, until none is better or STEPS were taken."""
    for _ in range(STEPS):
        best = min(tried, key=lambda mapping: tried[mapping])
        for mapping in neighbours(problem, best):
            if mapping not in tried and fits(problem, node, mapping):
                tried[mapping] = trial_s(problem, mapping)
        if min(tried.values()) == tried[best]:
            break


def neighbours(problem: Problem, mapping: Mapping) -> Iterator[Mapping]:
    """The other loop order, and in either order one loop cut once more or less, or single rows or columns."""
    other: Order = "kn" if mapping.order == "nk" else "nk"
    extents = -(-problem.m // mapping.m_cores), -(-problem.n // mapping.n_cores), problem.k
    for order in (mapping.order, other):
        turned = replace(mapping, order=order)
        yield turned
        for loop, extent in zip(("mt", "nt", "kt"), extents, strict=True):
            count = -(-extent // getattr(mapping, loop))
            for trips in (count - 1, count + 1, 2 * count):
                if 1 <= trips <= extent:
                    yield replace(turned, **{loop: -(-extent // trips)})
        yield replace(turned, mt=1, nt=extents[1])
        yield replace(turned, mt=extents[0], nt=1)


def _mapping(found: Candidates, i: int, unit: str) -> Mapping:
    batch_cores, m_cores, n_cores, mt, nt, kt, kn = (int(of[i]) for of in found)
    order: Order = "kn" if kn else "nk"
    return Mapping(batch_cores, m_cores, n_cores, mt, nt, kt, order, unit)
