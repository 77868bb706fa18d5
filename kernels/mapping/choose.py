"""The choice: an analytic bound prunes the candidates, a trial in the engine decides among the best few.

Short trains are all ends, where the bound is coarse; they run in no time, so the search goes on from the best of them.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np
import numpy.typing as npt

from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.bound import TIED, Float64s, effort, times_s
from bankside.kernels.mapping.candidates import Candidates, candidates, naive
from bankside.kernels.plan.tiling import UNITS, Mapping, Order, Problem, Resources, fits

FEW = 6  # candidates that are tried, besides the plain tiling,
MANY = 20  # or this many where the best has at most SHORT steps
SHORT = 64
LONG = 4096  # up to which the number of steps does not matter where times are alike
STEPS = 4  # from the best of them to better neighbours
POOL = 64  # of which these are looked at
CLOSE, COARSE = (
    1.25,
    2.0,
)  # and only those whose bound is within this factor of the best, where it is coarse the second

Trials = Callable[[Sequence[Mapping], float], list[float]]
"""Times of mappings [s]; infinity for those that take longer than `TIED` times the fastest of them, or a time that is
known."""


def choose(
    problem: Problem,
    node: Resources,
    trials_s: Trials | None = None,
    only: Sequence[Mapping] = (),
) -> Mapping:
    """The fastest mapping of `problem` on one node; of those that take as long within `TIED`, and where trials decide
    no longer than the plain tiling, the one that reads fewest bytes, then that brings fewest to its cores, then, of
    long trains, that of fewest tiles, then the faster.

    Parameters
    ----------
    trials_s
        Times of mappings as the engine finds them [s]; without it the bound alone decides.
    only
        Mappings that fit, of which one has to be chosen; without them all there are.

    Raises
    ------
    ConfigError
        If not even the smallest tile fits the SRAM.
    """
    found = _as_candidates(only) if only else candidates(problem, node)
    if not len(found.mt):
        raise ConfigError(
            [
                f"No tile of a product of {problem.m} x {problem.k} x {problem.n} fits the {node.sram_bytes:g} B SRAM "
                "of a core in two buffers: give the core more SRAM or a smaller array."
            ]
        )
    time_s, _, unit = times_s(problem, node, found)
    longer = np.floor((time_s / time_s.min() - 1) / (TIED - 1))
    ranked = np.lexsort((found.kn, time_s, *_effort(problem, found), longer))
    few = _few(problem, found, ranked, time_s)
    best = [only[i] if only else as_mapping(found, i, UNITS[unit[i]]) for i in few]
    if trials_s is None:
        return best[0]
    plain = None if only else naive(problem, node)
    first = dict.fromkeys([*best, *([plain] if plain else [])])
    tried = dict(zip(first, trials_s(list(first), math.inf), strict=True))
    if not only and math.prod(best[0].counts(problem)) <= SHORT:
        _climb(problem, node, trials_s, tried)
    most_s = min(TIED * min(tried.values()), tried[plain] if plain else math.inf)
    alike = sorted((of for of, took_s in tried.items() if took_s <= most_s), key=tried.__getitem__)
    return alike[int(np.lexsort(_effort(problem, _as_candidates(alike)))[0])]


def _effort(problem: Problem, found: Candidates) -> tuple[Float64s, Float64s, Float64s]:
    """Keys by which `np.lexsort` orders candidates that take as long: bytes read decide, which are last."""
    tiles, brought, read = effort(problem, found)
    return np.maximum(tiles, LONG), brought, read


def fastest(mappings: Sequence[Mapping], trials_s: Trials) -> Mapping:
    """The first of those that take least."""
    times = trials_s(mappings, math.inf)
    return mappings[times.index(min(times))]


def _as_candidates(mappings: Sequence[Mapping]) -> Candidates:
    rows = [
        (of.batch_cores, of.m_cores, of.n_cores, of.mt, of.nt, of.kt, of.order == "kn") for of in mappings
    ]
    return Candidates(*np.ascontiguousarray(np.array(rows, dtype=np.int64).T))


def _few(problem: Problem, found: Candidates, ranked: npt.NDArray[np.intp], time_s: Float64s) -> list[int]:
    """The first of the ranking, no more than half of them on one grid of cores if there are several."""
    steps = as_mapping(found, int(ranked[0]), UNITS[0]).counts(problem)
    short = math.prod(steps) <= SHORT
    most, within = (MANY, COARSE) if short else (FEW, CLOSE)
    pool = ranked[:POOL]
    close = pool[time_s[pool] <= within * time_s[pool[0]]]
    grids: Counter[tuple[int, ...]] = Counter()
    first: list[int] = []
    later: list[int] = []
    for i, *cores in zip(close.tolist(), *(of[close].tolist() for of in found[:3]), strict=True):
        grid = tuple(cores)
        grids[grid] += 1
        (first if grids[grid] <= most // 2 else later).append(i)
    return [*first, *later][:most]


def _climb(problem: Problem, node: Resources, trials_s: Trials, tried: dict[Mapping, float]) -> None:
    """Try the neighbours of the best until none is better or STEPS were taken."""
    for _ in range(STEPS):
        best = min(tried, key=lambda mapping: tried[mapping])
        near = dict.fromkeys(mapping for mapping in neighbours(problem, best) if mapping not in tried)
        new = [mapping for mapping in near if fits(problem, node, mapping)]
        tried |= zip(new, trials_s(new, tried[best]), strict=True)
        if min(tried.values()) == tried[best]:
            break


def neighbours(problem: Problem, mapping: Mapping) -> Iterator[Mapping]:
    """The other loop order, and in either order one loop cut more or less often, one cut twice as often and another
    half as often, or single rows or columns; and one core more or less for rows or columns."""
    other: Order = "kn" if mapping.order == "nk" else "nk"
    extents = mapping.extents(problem)
    _, *counts = mapping.counts(problem)
    for order in (mapping.order, other):
        turned = replace(mapping, order=order)
        yield turned
        for trips in _trips(counts):
            if all(1 <= trip <= extent for trip, extent in zip(trips, extents, strict=True)):
                yield _cut(turned, extents, trips)
        for kt in (mapping.kt, problem.k):
            yield turned.cut(1, extents[1], kt)
            yield turned.cut(extents[0], 1, kt)
    for cores in ("m_cores", "n_cores"):
        for more in (-1, 1):
            if getattr(mapping, cores) + more >= 1:
                grid = replace(mapping, **{cores: getattr(mapping, cores) + more}).within(problem)
                yield grid
                yield _cut(grid, grid.extents(problem), counts)
                yield _cut(grid, grid.extents(problem), (counts[0], counts[1], counts[2] + 1))


def _trips(counts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """How often the loops may turn instead."""
    for loop, count in enumerate(counts):
        for trips in (count - 1, count + 1, count + 2, 2 * count):
            yield *counts[:loop], trips, *counts[loop + 1 :]
    for finer, coarser in permutations(range(len(counts)), 2):
        trades = list(counts)
        trades[finer], trades[coarser] = 2 * counts[finer], -(-counts[coarser] // 2)
        yield tuple(trades)


def _cut(mapping: Mapping, extents: Sequence[int], trips: Sequence[int]) -> Mapping:
    mt, nt, kt = (-(-extent // min(trip, extent)) for extent, trip in zip(extents, trips, strict=True))
    return mapping.cut(mt, nt, kt)


def as_mapping(found: Candidates, i: int, unit: str) -> Mapping:
    """Candidate `i`, on a unit."""
    batch_cores, m_cores, n_cores, mt, nt, kt, kn = (int(of[i]) for of in found)
    order: Order = "kn" if kn else "nk"
    return Mapping(batch_cores, m_cores, n_cores, mt, nt, kt, order, unit)
