"""The loop nest of a mapping as arrays: which block every step computes, and what it brings and takes.

A step is one tile on every core of the node at once. Loops, outermost first: rounds of the batch, m, then n and k by
the mapping's order. In a step the cores stand side by side: with n_cores cores, step [ni, ni + nt) of one core covers
the node's columns [ni n_cores, (ni + nt) n_cores), and likewise rows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.kernels.plan.tiling import Dealing, Int64s, Mapping, Problem


@dataclass(frozen=True)
class Steps:
    """Steps of a node, in order; all arrays have one entry a step, `total` is how many the nest has,
    and `ends` whether its last one is here.

    mt, nt, kt: tile of the busiest core; item, row, col, depth: first index of the node's block in batch, m, n and k;
    items, rows, cols: its extent (kt in k). a_byte, b_byte: bytes that the step brings to the cores, each once for
    all cores that share it; a_kept tells whether a comes from on chip instead; out_byte: results that it completes.
    """

    total: int
    ends: bool
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
    a_byte: npt.NDArray[np.float64]
    b_byte: npt.NDArray[np.float64]
    out_byte: npt.NDArray[np.float64]


def steps(problem: Problem, mapping: Mapping, most: int | None = None, last: int = 0) -> Steps:
    """The first `most` steps and the `last` ones after them, or all of them.

    b is brought again unless the whole of it is the one tile that is held; a is held through a step's successors
    with the same rows and depth.
    """
    if mapping.dealing is not None:
        return _waves(problem, mapping, mapping.dealing, most, last)
    trips = mapping.counts(problem)
    total = int(np.prod(trips, dtype=object))
    head = total if most is None else min(total, most)
    shown = np.concatenate([np.arange(head), np.arange(max(head, total - last), total)])
    rounds, m_tiles, n_tiles, k_tiles = trips
    inner = (n_tiles, k_tiles) if mapping.order == "nk" else (k_tiles, n_tiles)
    item, mi, x, y = np.unravel_index(shown, (rounds, m_tiles, *inner))
    ni, ki = (x, y) if mapping.order == "nk" else (y, x)

    core_m, core_n = -(-problem.m // mapping.m_cores), -(-problem.n // mapping.n_cores)
    mt = np.minimum(mapping.mt, core_m - mi * mapping.mt)
    nt = np.minimum(mapping.nt, core_n - ni * mapping.nt)
    kt = np.minimum(mapping.kt, problem.k - ki * mapping.kt)
    row, rows = _dealt(mi * mapping.mt, mt, mapping.m_cores, problem.m)
    col, cols = _dealt(ni * mapping.nt, nt, mapping.n_cores, problem.n)
    first_item, items = _dealt(item, np.ones_like(item), mapping.batch_cores, problem.batch)

    b_new = (mi == 0) if n_tiles * k_tiles == 1 else np.ones(len(shown), dtype=np.bool_)
    a_new = (ni == 0) if mapping.order == "kn" or k_tiles == 1 else np.ones(len(shown), dtype=np.bool_)
    a_byte = np.where(a_new, items * rows * kt * problem.moved_a_bytes, 0.0)
    b_byte = np.where(b_new, items * cols * kt * problem.b_bytes, 0.0)
    out_byte = np.where(ki == k_tiles - 1, items * rows * cols * problem.out_bytes, 0.0)
    depth = ki * mapping.kt
    ends = head == total or last > 0
    return Steps(
        total, ends, mt, nt, kt, first_item, row, col, depth, items, rows, cols, a_byte, b_byte, out_byte
    )  # fmt: skip


def _waves(problem: Problem, mapping: Mapping, dealing: Dealing, most: int | None, last: int) -> Steps:
    """Steps of thread blocks: waves, in each the depth of a slice. Every block takes as long as a whole one.

    A step brings its share of what the memory is read for, and takes its share of what earlier waves left in a cache;
    of the wave's outputs `cols` are computed in it.
    """
    waves, _, _, k_tiles = mapping.counts(problem)
    total, depth = waves * k_tiles, mapping.extents(problem)[2]
    head = total if most is None else min(total, most)
    shown = np.concatenate([np.arange(head), np.arange(max(head, total - last), total)])
    wave, ki = np.divmod(shown, k_tiles)
    kt = np.minimum(mapping.kt, depth - ki * mapping.kt)
    blocks = np.minimum(dealing.cores, mapping.blocks - wave * dealing.cores)
    share = blocks / mapping.blocks
    outputs = problem.batch * problem.m * problem.n
    a_byte = (
        problem.batch * problem.m * problem.k * problem.moved_a_bytes * dealing.a_reads * share * kt / depth
    )
    b_byte = problem.batch * problem.n * problem.k * problem.b_bytes * dealing.b_reads * share * kt / depth
    done_byte = outputs * problem.out_bytes * share
    out_byte = np.where(ki == k_tiles - 1, done_byte, 0.0)
    if dealing.posted:  # what earlier waves left in the cache, all of which were whole
        whole_byte = outputs * problem.out_bytes * dealing.cores / mapping.blocks
        out_byte = np.where(wave >= dealing.posted, whole_byte * kt / depth, 0.0)
    one, none = np.ones_like(wave), np.zeros_like(wave)
    computed = np.rint(outputs * dealing.slices * share).astype(np.int64)
    return Steps(
        total, head == total or last > 0, mapping.mt * one, mapping.nt * one, kt, none, none, none, ki * mapping.kt,
        one, one, computed, a_byte, b_byte, out_byte,
    )  # fmt: skip


def _dealt(first: Int64s, count: Int64s, cores: int, extent: int) -> tuple[Int64s, Int64s]:
    """First index and extent at the node of what `cores` cores cover together when each has [first, first + count)."""
    begin = np.minimum(extent, first * cores)
    return begin, np.minimum(extent, (first + count) * cores) - begin


def moved_bytes(problem: Problem, nest: Steps) -> npt.NDArray[np.float64]:
    """Bytes that each step moves at the tap, both ways."""
    read = nest.b_byte + nest.a_byte * problem.a_from_memory
    return read + nest.out_byte * problem.out_to_memory


def read_bytes(problem: Problem, mapping: Mapping) -> float:
    """Bytes that a node reads at the tap: each operand's footprint times how often the nest comes back to it."""
    _, m_tiles, n_tiles, k_tiles = mapping.counts(problem)
    b_reads: float = 1 if n_tiles * k_tiles == 1 else m_tiles
    a_reads: float = n_tiles if mapping.order == "nk" and k_tiles > 1 else 1
    if mapping.dealing is not None:
        a_reads, b_reads = mapping.dealing.a_reads, mapping.dealing.b_reads
    b = problem.batch * problem.k * problem.n * problem.b_bytes * b_reads
    a = problem.batch * problem.m * problem.k * problem.moved_a_bytes * a_reads
    return b + a * problem.a_from_memory


def total_bytes(problem: Problem, mapping: Mapping) -> float:
    """Bytes that a node reads and writes at the tap while it works."""
    results = problem.batch * problem.m * problem.n * problem.out_bytes * problem.out_to_memory
    return read_bytes(problem, mapping) + results * mapping.written
