"""Thread blocks of a product on a programmable core: sizes of tiles, slices of the depth, and how they are dealt.

A wave of blocks, one on each core, runs in step along the depth, so that what several of them need is read from memory
once. Whether what later waves need again still lies in the shared cache follows from the order in which blocks are
dealt: panels of so many tiles of rows (or of columns), each over all columns (or rows).

A product of a single row is no tile for a matrix unit: libraries have kernels for it that multiply in the vector lanes.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.kernels.lower.product_tiles import cache_cycles, issued, sums_fs
from bankside.kernels.mapping.blocks.grids import Grids
from bankside.kernels.plan.parts import known
from bankside.kernels.plan.steps import moved_bytes
from bankside.kernels.plan.tiling import (
    UNITS,
    Float64s,
    Int64s,
    Mapping,
    Problem,
    Resources,
    operand_bytes,
    written_share,
)

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
    if not len(found.mt):
        return []
    time_s = bounds_s(core, node, problem, found, _cycles(core, node, problem, found))
    ranked = np.argsort(time_s, kind="stable")[:FEW]
    return [found.mapping(int(i)) for i in ranked if time_s[i] <= CLOSE * time_s[ranked[0]]]


def candidates(core: Core, node: Resources, problem: Problem, said: Said, unit: str) -> Grids:
    """All tiles and slices that fit, each as deep as the scratchpad has room for, or those that were said; on the
    vector lanes of as many rows as there are."""
    stated = core.spec.blocks
    assert stated is not None
    most = min(stated.slices, max(1, problem.k // SLICE))
    slices = _said(said, "blocks.k", [parts for parts in SLICES if parts <= most])
    cuts = [
        (rows, columns, parts)
        for rows in _said(said, "tile.m", [problem.m] if unit == VECTOR else _sizes(stated.rows, problem.m))
        for columns in _said(said, "tile.n", _sizes(stated.columns, problem.n))
        if rows * columns <= stated.outputs
        for parts in slices
        if parts <= min(stated.slices, problem.k)
    ]
    mt, nt, parts = np.array(cuts, dtype=np.int64).reshape(-1, 3).T
    kt = np.minimum(np.array([_said(said, "tile.k", DEPTHS)]).T, -(-problem.k // parts))
    byte = stated.stages * operand_bytes(problem, *(each.astype(np.float64) for each in (mt, nt, kt)))
    room = byte <= node.sram_bytes
    m_blocks, n_blocks = -(-problem.m // mt), -(-problem.n // nt)
    kept = room.any(axis=0)
    for loop, many in (("batch", np.full_like(mt, problem.batch)), ("m", m_blocks), ("n", n_blocks)):
        kept &= many == said.get(f"blocks.{loop}", many)
    deep = kt[room.argmax(axis=0), np.arange(len(mt))]
    mt, nt, kt, m_blocks, n_blocks, parts = (each[kept] for each in (mt, nt, deep, m_blocks, n_blocks, parts))
    waves = -(-problem.batch * m_blocks * n_blocks * parts // node.cores)
    often = reads(core, problem, (mt, nt), parts)
    return Grids(
        unit, problem.batch, node.cores, stated.stages, m_blocks, n_blocks, mt, nt, kt, parts, *often,
        posted(core, problem, waves),
    )  # fmt: skip


def _said(said: Said, name: str, otherwise: Sequence[int]) -> Sequence[int]:
    return [said[name]] if name in said else otherwise


def _sizes(stated: Sequence[int], extent: int) -> list[int]:
    """Sizes up to the first that covers the extent."""
    ordered = sorted(stated)
    covering = next((size for size in ordered if size >= extent), ordered[-1])
    return [size for size in ordered if size <= covering]


def _kept(core: Core) -> float:
    """What of a cache holds what later waves read again [byte]."""
    return KEPT * core.cache.size if core.cache is not None else 0.0


def posted(core: Core, problem: Problem, waves: Int64s) -> Int64s:
    """Waves whose results the cache takes: all, where it has room for all; or one, which leaves as the next comes."""
    results, kept = problem.batch * problem.m * problem.n * problem.out_bytes, _kept(core)
    return waves if results <= kept else (results / waves <= kept).astype(np.int64)


def reads(
    core: Core, problem: Problem, tile: tuple[Int64s, Int64s], slices: Int64s
) -> tuple[Float64s, Float64s]:
    """How often a and b are read from memory: the order of dealing that reads least, panels over rows or columns."""
    a, b = problem.m * problem.k * problem.a_bytes, problem.n * problem.k * problem.b_bytes
    kept = _kept(core)
    if min(a, b) <= kept or not len(slices):
        once = np.ones(len(slices))
        return once, once
    m_tiles, n_tiles = -(-problem.m // tile[0]), -(-problem.n // tile[1])
    found = []
    for inner, outer, panel, other in ((m_tiles, n_tiles, a, b), (n_tiles, m_tiles, b, a)):
        high = 1 << np.arange(int(inner.max()).bit_length())[:, None]
        panels = -(-inner // high)
        spread = np.maximum(1.0, high * outer * slices / core.cores)
        again = np.where(panel / panels <= kept, 1.0, spread)
        byte = np.where(high <= inner, panel * again + other * panels, np.inf)
        found.append((byte, again, panels.astype(np.float64)))
    rows, columns = found
    byte, of_a, of_b = (
        np.concatenate(pair) for pair in ((rows[0], columns[0]), (rows[1], columns[2]), (rows[2], columns[1]))
    )
    best = np.lexsort((of_b, of_a, byte), axis=0)[:1]
    return np.take_along_axis(of_a, best, 0)[0], np.take_along_axis(of_b, best, 0)[0]


def _cycles(core: Core, node: Resources, problem: Problem, found: Grids) -> Int64s:
    """Cycles that a tile of each mapping keeps the busier of its unit and the cache [cycle]."""
    tiles = np.stack([found.mt, found.nt, found.kt])
    shapes = list(zip(*tiles.tolist(), strict=True))
    distinct = {shape: at for at, shape in enumerate(dict.fromkeys(shapes))}
    m, n, k = np.ascontiguousarray(np.array(list(distinct), dtype=np.int64).T)
    unit = issued(core, node.cycles(m, n, k, UNITS.index(found.unit))[1])[
        [distinct[shape] for shape in shapes]
    ]
    if core.cache is None:
        return unit
    return np.maximum(unit, cache_cycles(core, problem, found.blocks, tiles))


def bounds_s(core: Core, node: Resources, problem: Problem, found: Grids, cycles: Int64s) -> Float64s:
    """Time of waves at the pace of the busier of a core, which takes so many cycles for a tile, and memory, with the
    first tile's way [s]."""
    waves, depth = found.waves, -(-problem.k // found.slices)
    k_tiles = -(-depth // found.kt)
    work_s = waves * cycles * depth / found.kt / node.clock_hz
    written = np.asarray(written_share(waves, found.posted, found.cores, found.blocks))
    byte = moved_bytes(problem, found.a_reads, found.b_reads, written)
    assert core.spec.blocks is not None
    awake = node.bandwidth_bytes_per_s * min(core.spec.blocks.reach, 1 - node.pause_s / node.pause_every_s)
    first_s = node.latency_s + byte / awake / (waves * k_tiles)
    added_fs = {parts: sums_fs(core, problem, parts) for parts in set(found.slices.tolist())}
    added_s = np.array([added_fs[parts] / FS_PER_S for parts in found.slices.tolist()])
    return np.asarray(np.maximum(work_s, byte / awake) + first_s + added_s)
