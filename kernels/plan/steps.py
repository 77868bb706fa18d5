"""The loop nest of a mapping as arrays: which block every step computes, and what it brings and takes.

A step is one tile on every core of the node at once. Loops, outermost first: rounds of the batch, m, then n and k by
the mapping's order. In a step the cores stand side by side: with n_cores cores, step [ni, ni + nt) of one core covers
the node's columns [ni n_cores, (ni + nt) n_cores), and likewise rows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import kernel
from bankside.kernels.plan.tiling import Dealing, Int64s, Mapping, Problem

Float64s = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Steps:
    """Steps of a node, in order; all arrays have one entry a step, `total` is how many the nest has,
    and `ends` whether its last one is here.

    mt, nt, kt: tile of the busiest core; item, row, col, depth: first index of the node's block in batch, m, n and k;
    items, rows, cols: its extent (kt in k). a_byte, b_byte: bytes that the step brings to the cores, each once for
    all cores that share it; out_byte: results that it completes.
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
    a_byte: Float64s
    b_byte: Float64s
    out_byte: Float64s


def steps(problem: Problem, mapping: Mapping, most: int | None = None, last: int = 0) -> Steps:
    """The first `most` steps and the `last` ones after them, or all of them.

    b is brought again unless the whole of it is the one tile that is held; a is held through a step's successors
    with the same rows and depth.
    """
    if mapping.dealing is not None:
        return _waves(problem, mapping, mapping.dealing, most, last)
    rounds, m_tiles, n_tiles, k_tiles = mapping.counts(problem)
    total = rounds * m_tiles * n_tiles * k_tiles
    head = total if most is None else min(total, most)
    after = max(head, total - last)
    whole = np.empty((10, head + total - after), dtype=np.int64)
    byte = np.empty((3, whole.shape[1]), dtype=np.float64)
    _nest(
        (problem.batch, problem.m, problem.n, problem.k),
        (mapping.batch_cores, mapping.m_cores, mapping.n_cores),
        (mapping.mt, mapping.nt, mapping.kt),
        (m_tiles, n_tiles, k_tiles, int(mapping.order == "kn")),
        (head, after),
        (float(problem.moved_a_bytes), float(problem.b_bytes), float(problem.out_bytes)),
        whole,
        byte,
    )
    return Steps(total, head == total or last > 0, *whole, *byte)


@kernel
def _nest(
    extents: tuple[int, int, int, int],
    cores: tuple[int, int, int],
    tile: tuple[int, int, int],
    trips: tuple[int, int, int, int],
    shown: tuple[int, int],
    bytes_of: tuple[float, float, float],
    whole: Int64s,
    byte: Float64s,
) -> None:
    """Fill the whole numbers and the bytes of `Steps`, in its order; the last of `trips` tells the order of loops, and
    `shown` how many of the first steps are, and from which one on the last."""
    batch, m, n, k = extents
    batch_cores, m_cores, n_cores = cores
    mt, nt, kt = tile
    m_tiles, n_tiles, k_tiles, panel = trips
    core_m, core_n = -(-m // m_cores), -(-n // n_cores)
    inner = n_tiles * k_tiles
    for i in range(whole.shape[1]):
        step = i if i < shown[0] else shown[1] + i - shown[0]
        item, rest = step // (m_tiles * inner), step % (m_tiles * inner)
        mi, rest = rest // inner, rest % inner
        if panel:
            ki, ni = rest // n_tiles, rest % n_tiles
        else:
            ni, ki = rest // k_tiles, rest % k_tiles
        tile_m, tile_n = min(mt, core_m - mi * mt), min(nt, core_n - ni * nt)
        tile_k = min(kt, k - ki * kt)
        row, col, first = min(m, mi * mt * m_cores), min(n, ni * nt * n_cores), min(batch, item * batch_cores)
        rows = min(m, (mi * mt + tile_m) * m_cores) - row
        cols = min(n, (ni * nt + tile_n) * n_cores) - col
        items = min(batch, (item + 1) * batch_cores) - first
        whole[0, i], whole[1, i], whole[2, i] = tile_m, tile_n, tile_k
        whole[3, i], whole[4, i], whole[5, i], whole[6, i] = first, row, col, ki * kt
        whole[7, i], whole[8, i], whole[9, i] = items, rows, cols
        a_new = ni == 0 or not (panel or k_tiles == 1)
        b_new = mi == 0 or inner != 1
        byte[0, i] = items * rows * tile_k * bytes_of[0] if a_new else 0.0
        byte[1, i] = items * cols * tile_k * bytes_of[1] if b_new else 0.0
        byte[2, i] = items * rows * cols * bytes_of[2] if ki == k_tiles - 1 else 0.0


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


def moved_bytes(problem: Problem, nest: Steps) -> Float64s:
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
