"""Thread blocks of a product on a programmable core: sizes of tiles, slices of the depth, and how they are dealt.

A wave of blocks, one on each core, runs in step along the depth, so that what several of them need is read from memory
once. Whether what later waves need again still lies in the shared cache follows from the order in which blocks are
dealt: panels of so many tiles of rows (or of columns), each over all columns (or rows).

A product of a single row is no tile for a matrix unit: libraries have kernels for it that multiply in the vector lanes.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.kernels.lower.product_tiles import cache_cycles, issued, slices_fs
from bankside.kernels.plan.parts import known
from bankside.kernels.plan.steps import total_bytes
from bankside.kernels.plan.tiling import UNITS, Dealing, Mapping, Problem, Resources, fits

FEW: Final = 4  # mappings that a trial in the engine decides among,
CLOSE: Final = 1.15  # of those whose bound is within this factor of the least
MATRIX, VECTOR = UNITS[:2]
DEPTHS: Final = (64, 32, 16)
"""Depths of a tile [elements]: the largest of which all stages fit."""
SLICES: Final = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32)
SLICE: Final = 256  # depth of a slice at least
KEPT: Final = 0.5
"""Share of the cache that holds what later waves read again; the rest passes through."""


Said = dict[str, int]
"""Sizes that a pin states, by block and loop: "tile.m", "blocks.k"."""


def best_blocks(
    core: Core, node: Resources, problem: Problem, said: Said | None = None, unit: str | None = None
) -> list[Mapping]:
    """The mappings on thread blocks that a trial is worth, by their bound; none where products are cut freely, or none
    is as it was `said` and on the `unit` that was."""
    if core.spec.blocks is None or not node.has_matrix:
        return []
    if problem.formats and known(problem.formats[-1]):
        return []
    own = VECTOR if problem.m == 1 and "vector" in core.spec.units else MATRIX
    if unit not in (None, MATRIX, own):
        return []
    found = candidates(core, node, problem, said or {}, unit or own)
    if not found:
        return []
    shapes = list(dict.fromkeys((each.mt, each.nt, each.kt) for each in found))
    m, n, k = np.ascontiguousarray(np.array(shapes, dtype=np.int64).T)
    cycles = node.cycles(m, n, k, UNITS.index(unit or own))[1]
    of_tile = dict(zip(shapes, issued(core, cycles).tolist(), strict=True))
    busy = _cycles(core, problem, found, [of_tile[each.mt, each.nt, each.kt] for each in found])
    ranked = sorted((bound_s(core, node, problem, each, busy[i]), i) for i, each in enumerate(found))
    return [found[i] for time_s, i in ranked[:FEW] if time_s <= CLOSE * ranked[0][0]]


def candidates(core: Core, node: Resources, problem: Problem, said: Said, unit: str) -> list[Mapping]:
    """All tiles and slices that fit, each as deep as the scratchpad has room for, or those that were said; on the
    vector lanes of as many rows as there are."""
    stated = core.spec.blocks
    assert stated is not None
    most = min(stated.slices, max(1, problem.k // SLICE))
    slices = _said(said, "blocks.k", [parts for parts in SLICES if parts <= most])
    return [
        mapping
        for rows in _said(said, "tile.m", [problem.m] if unit == VECTOR else _sizes(stated.rows, problem.m))
        for columns in _said(said, "tile.n", _sizes(stated.columns, problem.n))
        if rows * columns <= stated.outputs
        for parts in slices
        if parts <= min(stated.slices, problem.k)
        for mapping in _tiled(
            core, node, problem, (rows, columns, unit), parts, _said(said, "tile.k", DEPTHS)
        )
        if _as_said(mapping, said)
    ]


def _said(said: Said, name: str, otherwise: Sequence[int]) -> Sequence[int]:
    return [said[name]] if name in said else otherwise


def _as_said(mapping: Mapping, said: Said) -> bool:
    grid = (("batch", mapping.batch_cores), ("m", mapping.m_cores), ("n", mapping.n_cores))
    return all(said.get(f"blocks.{loop}", many) == many for loop, many in grid)


def _sizes(stated: Sequence[int], extent: int) -> list[int]:
    """Sizes up to the first that covers the extent."""
    ordered = sorted(stated)
    covering = next((size for size in ordered if size >= extent), ordered[-1])
    return [size for size in ordered if size <= covering]


def _tiled(
    core: Core,
    node: Resources,
    problem: Problem,
    tile: tuple[int, int, str],
    slices: int,
    depths: Sequence[int],
) -> Iterator[Mapping]:
    """The first depth of a tile (rows, columns, unit) that fits, if any does."""
    stated, (rows, columns, unit) = core.spec.blocks, tile
    assert stated is not None
    grid = problem.batch, -(-problem.m // rows), -(-problem.n // columns)
    waves = -(-math.prod(grid) * slices // node.cores)
    often = reads(core, problem, (rows, columns), slices)
    dealing = Dealing(node.cores, slices, stated.stages, *often, posted(core, problem, waves))
    for deep in depths:
        kt = min(deep, -(-problem.k // slices))
        mapping = Mapping(*grid, rows, columns, kt, "nk", unit, dealing)
        if fits(problem, node, mapping):
            yield mapping
            return


def posted(core: Core, problem: Problem, waves: int) -> int:
    """Waves whose results the cache takes: all, where it has room for all; or one, which leaves as the next comes."""
    results = problem.batch * problem.m * problem.n * problem.out_bytes
    kept = KEPT * core.cache.size if core.cache is not None else 0.0
    if results <= kept:
        return waves
    return int(results / waves <= kept)


def reads(core: Core, problem: Problem, tile: tuple[int, int], slices: int) -> tuple[float, float]:
    """How often a and b are read from memory: the order of dealing that reads least, panels over rows or columns."""
    a, b = problem.m * problem.k * problem.a_bytes, problem.n * problem.k * problem.b_bytes
    kept = KEPT * core.cache.size if core.cache is not None else 0.0
    if min(a, b) <= kept:
        return 1.0, 1.0
    m_tiles, n_tiles = -(-problem.m // tile[0]), -(-problem.n // tile[1])
    best = float("inf"), 1.0, 1.0
    for along_rows in (True, False):
        inner, outer = (m_tiles, n_tiles) if along_rows else (n_tiles, m_tiles)
        panel, other = (a, b) if along_rows else (b, a)
        high = 1
        while high <= inner:
            panels = -(-inner // high)
            again = 1.0 if panel / panels <= kept else max(1.0, high * outer * slices / core.cores)
            pair = (again, float(panels)) if along_rows else (float(panels), again)
            best = min(best, (panel * again + other * panels, *pair))
            high *= 2
    return best[1], best[2]


def _cycles(core: Core, problem: Problem, found: Sequence[Mapping], unit_cycles: Sequence[int]) -> list[int]:
    """Cycles that a tile of each mapping keeps the busier of its unit, which takes so many, and the cache [cycle]."""
    if core.cache is None:
        return list(unit_cycles)
    tiles = np.array([(each.mt, each.nt, each.kt) for each in found], dtype=np.int64)
    blocks = np.array([each.blocks for each in found], dtype=np.int64)
    cached = cache_cycles(core, problem, blocks, np.ascontiguousarray(tiles.T))
    return [max(pair) for pair in zip(unit_cycles, cached.tolist(), strict=True)]


def bound_s(core: Core, node: Resources, problem: Problem, mapping: Mapping, cycles: int) -> float:
    """Time of waves at the pace of the busier of a core, which takes so many cycles for a tile, and memory, with the
    first tile's way [s]."""
    waves, _, _, k_tiles = mapping.counts(problem)
    depth = mapping.extents(problem)[2]
    work_s = waves * cycles * depth / mapping.kt / node.clock_hz
    byte = total_bytes(problem, mapping)
    assert core.spec.blocks is not None
    awake = node.bandwidth_bytes_per_s * min(core.spec.blocks.reach, 1 - node.pause_s / node.pause_every_s)
    first_s = node.latency_s + byte / awake / (waves * k_tiles)
    return max(work_s, byte / awake) + first_s + slices_fs(core, problem, mapping) / FS_PER_S
