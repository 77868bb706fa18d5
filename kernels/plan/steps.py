"""The loop nest of mappings as arrays: which block every step computes, and what it brings and takes.

A step is one tile on every core of the node at once. Loops, outermost first: rounds of the batch, m, then n and k by
the mapping's order. In a step the cores stand side by side: with n_cores cores, step [ni, ni + nt) of one core covers
the node's columns [ni n_cores, (ni + nt) n_cores), and likewise rows. Steps of thread blocks are waves, in each the
depth of a slice: every block takes as long as a whole one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import flat_kernel, kernel
from bankside.kernels.plan.tiling import Int64s, Mapping, Problem, Real

Float64s = npt.NDArray[np.float64]

SHAPES: Final = 8
"""Shapes that tiles of a nest may have: whole or the last of their loop, in m, n and k."""

(BATCH_CORES, M_CORES, N_CORES, MT, NT, KT, ROUNDS, M_TILES, N_TILES, K_TILES, M, N, K, PANEL, BLOCKS, CORES, SLICES,
 POSTED) = range(18)  # fmt: skip
"""Columns of a nest: cores, tile, trips of the loops, extents of a core, whether n runs inside k; of thread blocks how
many there are, dealt to how many cores (0: none are dealt), in how many slices, and of how many waves a cache takes the
results."""


@dataclass(frozen=True)
class Steps:
    """Steps of a node in one nest or several, in order; all arrays have one entry a step but `start`, where each nest
    begins, and where the last ends.

    shape: of the tile, as in `Nests.shapes`; mt, nt, kt: tile of the busiest core; item, row, col, depth: first index
    of the node's block in batch, m, n and k; items, rows, cols: its extent (kt in k). a_byte, b_byte: bytes that the
    step brings to the cores, each once for all cores that share it; out_byte: results that it completes.
    """

    start: Int64s
    shape: Int64s
    mt: Int64s
    nt: Int64s
    kt: Int64s
    item: Int64s
    row: Int64s
    col: Int64s
    depth: Int64s
    items: Int64s
    rows: Int64s
    cols: Int64s
    a_byte: Float64s
    b_byte: Float64s
    out_byte: Float64s

    def of(self, nest: int) -> "Steps":
        """Those of one nest."""
        begin, end = self.start[nest : nest + 2].tolist()
        arrays = (getattr(self, each.name)[begin:end] for each in fields(self)[1:])
        return Steps(np.array([0, end - begin], dtype=np.int64), *arrays)


class Nests:
    """The nests of mappings of a problem.

    Attributes
    ----------
    problem, mappings
        As given.
    rows : int64[nests, 18]
        See BATCH_CORES to POSTED.
    total : int64[nests]
        Steps that each has.
    told
        What `step_of` is told of all: extents of the problem, bytes of elements, `rows`, and how often thread blocks
        read either operand, float64[nests, 2].
    """

    def __init__(self, problem: Problem, mappings: Sequence[Mapping]) -> None:
        self.problem, self.mappings = problem, mappings
        self.rows = np.array([_numbers(problem, each) for each in mappings], dtype=np.int64)
        self.total = self.rows[:, ROUNDS : K_TILES + 1].prod(axis=1)
        dealings = [each.dealing for each in mappings]
        often = np.array([(d.a_reads, d.b_reads) if d else (1.0, 1.0) for d in dealings])
        extents = problem.batch, problem.m, problem.n, problem.k
        byte = float(problem.moved_a_bytes), float(problem.b_bytes), float(problem.out_bytes)
        self.told = extents, byte, self.rows, often

    def steps(self, most: Int64s | None = None, last: Int64s | None = None) -> Steps:
        """The first `most` steps of each and the `last` ones after them; see `shown`.

        b is brought again unless the whole of it is the one tile that is held; a is held through a step's successors
        with the same rows and depth.
        """
        shown = self.shown(most, last)
        start = shown[0]
        whole = np.empty((11, start[-1]), dtype=np.int64)
        byte = np.empty((3, start[-1]), dtype=np.float64)
        _nest(*self.told, shown, whole, byte)
        return Steps(start, *whole, *byte)

    def shown(self, most: Int64s | None, last: Int64s | None) -> tuple[Int64s, Int64s, Int64s]:
        """Of the first `most` steps of each nest and the `last` ones after them, int64[nests], or of all: where those
        of each begin, and the last end, int64[nests + 1]; how many the first are; and from which one on the last."""
        head = self.total if most is None else np.minimum(self.total, most)
        after = head if last is None else np.maximum(head, self.total - last)
        start = np.zeros(len(self.rows) + 1, dtype=np.int64)
        np.cumsum(head + (self.total - after if last is not None else 0), out=start[1:])
        return start, head, after

    def until(self, byte: tuple[float, float], most: int) -> Int64s:
        """How many of the first steps move less than either in all, `most` at most: int64[nests, 2]."""
        found, problem = np.empty((len(self.rows), 2), dtype=np.int64), self.problem
        passing = float(problem.a_from_memory), float(problem.out_to_memory)
        steps = np.minimum(self.total, most)
        _until(*self.told, (*passing, *byte), steps, found)
        return found

    @cached_property
    def shapes(self) -> tuple[Int64s, Int64s]:
        """Shapes (m, n, k) of the busiest core's tiles, int64[3, nests, SHAPES], and how many steps have each: whole
        ones before the last of each loop; where a loop has one trip, they are the same."""
        shapes = np.empty((3, len(self.rows), SHAPES), dtype=np.int64)
        often = np.empty((len(self.rows), SHAPES), dtype=np.int64)
        _shapes(self.rows, shapes, often)
        return shapes, often


def _numbers(problem: Problem, of: Mapping) -> tuple[int, ...]:
    dealt = of.dealing
    thread_blocks = (dealt.cores, dealt.slices, dealt.posted) if dealt else (0, 1, 0)
    return (
        of.batch_cores, of.m_cores, of.n_cores, of.mt, of.nt, of.kt, *of.counts(problem), *of.extents(problem),
        of.order == "kn", of.blocks, *thread_blocks,
    )  # fmt: skip


@kernel
def _nest(
    extents: tuple[int, int, int, int],
    bytes_of: tuple[float, float, float],
    rows: Int64s,
    often: Float64s,
    shown: tuple[Int64s, Int64s, Int64s],
    whole: Int64s,
    byte: Float64s,
) -> None:
    """Fill the whole numbers and the bytes of `Steps`, in its order; `shown`: see there."""
    start = shown[0]
    for nest in range(rows.shape[0]):
        row, reads = rows[nest], often[nest]
        for i in range(start[nest], start[nest + 1]):
            step = number_of(shown, nest, i)
            told, moved = step_of(extents, bytes_of, row, reads, step)
            whole[0, i], whole[1, i], whole[2, i], whole[3, i], whole[4, i], whole[5, i] = told[:6]
            whole[6, i], whole[7, i], whole[8, i], whole[9, i], whole[10, i] = told[6:]
            byte[0, i], byte[1, i], byte[2, i] = moved


@kernel
def _shapes(rows: Int64s, shapes: Int64s, often: Int64s) -> None:
    """Fill `Nests.shapes`: of a shape, the bits from the highest on say of m, n and k whether it is the last."""
    for nest in range(rows.shape[0]):
        for shape in range(SHAPES):
            count = rows[nest, ROUNDS]
            for axis in range(3):
                size, trips = rows[nest, MT + axis], rows[nest, M_TILES + axis]
                last = (shape >> (2 - axis)) & 1 > 0
                whole = not last and trips > 1
                shapes[axis, nest, shape] = size if whole else rows[nest, M + axis] - (trips - 1) * size
                count *= 1 if last else trips - 1
            often[nest, shape] = count


@kernel
def _until(
    extents: tuple[int, int, int, int],
    bytes_of: tuple[float, float, float],
    rows: Int64s,
    often: Float64s,
    passing: tuple[float, float, float, float],
    steps: Int64s,
    found: Int64s,
) -> None:
    """Fill what `Nests.until` returns; `passing`: 1 where a and results pass the tap, and the bytes."""
    for nest in range(rows.shape[0]):
        row, reads = rows[nest], often[nest]
        upto_byte, under, step = 0.0, 0, 0
        while step < steps[nest]:
            _, (a_byte, b_byte, out_byte) = step_of(extents, bytes_of, row, reads, step)
            upto_byte += b_byte + a_byte * passing[0] + out_byte * passing[1]
            if upto_byte >= passing[3]:
                break
            step += 1
            if upto_byte < passing[2]:
                under = step
        found[nest, 0], found[nest, 1] = under, step


@flat_kernel
def number_of(shown: tuple[Int64s, Int64s, Int64s], nest: int, i: int) -> int:
    """Which step of a nest the one at place `i` of those that are shown is."""
    start, head, after = shown
    step = i - start[nest]
    return int(step if step < head[nest] else step + after[nest] - head[nest])


@kernel
def step_of(
    extents: tuple[int, int, int, int],
    bytes_of: tuple[float, float, float],
    nest: Int64s,
    often: Float64s,
    step: int,
) -> Any:
    """What a step of a nest is: the whole numbers of `Steps`, and the bytes, in its order."""
    batch, m, n, k = extents
    mt, nt, kt = nest[MT], nest[NT], nest[KT]
    m_tiles, n_tiles, k_tiles = nest[M_TILES], nest[N_TILES], nest[K_TILES]
    inner = n_tiles * k_tiles
    item, rest = step // (m_tiles * inner), step % (m_tiles * inner)
    mi, rest = rest // inner, rest % inner
    if nest[PANEL] > 0:
        ki, ni = rest // n_tiles, rest % n_tiles
    else:
        ni, ki = rest // k_tiles, rest % k_tiles
    tile_m, tile_n, tile_k = (
        min(mt, nest[M] - mi * mt),
        min(nt, nest[N] - ni * nt),
        min(kt, nest[K] - ki * kt),
    )
    shape = 4 * (mi == m_tiles - 1) + 2 * (ni == n_tiles - 1) + (ki == k_tiles - 1)
    a_byte = b_byte = out_byte = 0.0
    if nest[CORES] > 0:
        blocks = min(nest[CORES], nest[BLOCKS] - item * nest[CORES])
        share, outputs = blocks / nest[BLOCKS], batch * m * n
        a_byte = batch * m * k * bytes_of[0] * often[0] * share * tile_k / nest[K]
        b_byte = batch * n * k * bytes_of[1] * often[1] * share * tile_k / nest[K]
        if nest[POSTED] == 0:
            out_byte = outputs * bytes_of[2] * share if ki == k_tiles - 1 else 0.0
        elif item >= nest[POSTED]:  # what earlier waves left in the cache, all of which were whole
            out_byte = outputs * bytes_of[2] * nest[CORES] / nest[BLOCKS] * tile_k / nest[K]
        computed = int(np.rint(outputs * nest[SLICES] * share))
        told = (shape, tile_m, tile_n, tile_k, 0, 0, 0, ki * kt, 1, 1, computed)
        return told, (a_byte, b_byte, out_byte)
    row, col = min(m, mi * mt * nest[M_CORES]), min(n, ni * nt * nest[N_CORES])
    first = min(batch, item * nest[BATCH_CORES])
    rows = min(m, (mi * mt + tile_m) * nest[M_CORES]) - row
    cols = min(n, (ni * nt + tile_n) * nest[N_CORES]) - col
    items = min(batch, (item + 1) * nest[BATCH_CORES]) - first
    if ni == 0 or not (nest[PANEL] > 0 or k_tiles == 1):
        a_byte = items * rows * tile_k * bytes_of[0]
    if mi == 0 or inner != 1:
        b_byte = items * cols * tile_k * bytes_of[1]
    if ki == k_tiles - 1:
        out_byte = items * rows * cols * bytes_of[2]
    told = (shape, tile_m, tile_n, tile_k, first, row, col, ki * kt, items, rows, cols)
    return told, (a_byte, b_byte, out_byte)


def read_bytes(problem: Problem, mapping: Mapping) -> float:
    """Bytes that a node reads at the tap: each operand's footprint times how often the nest comes back to it."""
    return moved_bytes(problem, *_reads(problem, mapping), 0.0)


def total_bytes(problem: Problem, mapping: Mapping) -> float:
    """Bytes that a node reads and writes at the tap while it works."""
    return moved_bytes(problem, *_reads(problem, mapping), mapping.written)


def _reads(problem: Problem, mapping: Mapping) -> tuple[float, float]:
    """How often the nest comes back to each operand."""
    if mapping.dealing is not None:
        return mapping.dealing.a_reads, mapping.dealing.b_reads
    _, m_tiles, n_tiles, k_tiles = mapping.counts(problem)
    b_reads: float = 1 if n_tiles * k_tiles == 1 else m_tiles
    return n_tiles if mapping.order == "nk" and k_tiles > 1 else 1, b_reads


def moved_bytes(problem: Problem, a_reads: Real, b_reads: Real, written: Real) -> Real:
    """Bytes of operands that are read so often, and of that share of the results."""
    b = problem.batch * problem.k * problem.n * problem.b_bytes * b_reads
    a = problem.batch * problem.m * problem.k * problem.moved_a_bytes * a_reads
    results = problem.batch * problem.m * problem.n * problem.out_bytes * problem.out_to_memory
    return b + a * problem.a_from_memory + results * written
