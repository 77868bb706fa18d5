"""The loop nest of a mapping as arrays: which block every step computes, and what it brings and takes.

A step is one tile on every core of the node at once. Loops, outermost first: rounds of the batch, m, then n and k by
the mapping's order. In a step the cores stand side by side: with n_cores cores, step [ni, ni + nt) of one core covers
the node's columns [ni n_cores, (ni + nt) n_cores), and likewise rows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.kernels.plan.tiling import Int64s, Mapping, Problem


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
    b_reads = 1 if n_tiles * k_tiles == 1 else m_tiles
    a_reads = n_tiles if mapping.order == "nk" and k_tiles > 1 else 1
    b = problem.batch * problem.k * problem.n * problem.b_bytes * b_reads
    a = problem.batch * problem.m * problem.k * problem.moved_a_bytes * a_reads
    return b + a * problem.a_from_memory


def total_bytes(problem: Problem, mapping: Mapping) -> float:
    """Bytes that a node reads and writes at the tap."""
    written = problem.batch * problem.m * problem.n * problem.out_bytes * problem.out_to_memory
    return read_bytes(problem, mapping) + written
