"""Mappings worth considering: grids of cores, tiles in balanced counts, both loop orders, as arrays."""

from typing import NamedTuple

import numpy as np

from bankside.kernels.plan.tiling import ACCUMULATOR_BYTES, UNITS, Int64s, Mapping, Problem, Resources, fits

GRIDS = 12  # core grids whose busiest core has least to do
WIDTHS = 3  # the widest tile that fits, and two narrower ones, which start computing earlier
FINE = 4  # grains up to which an extent is also parted regardless of them
ROUNDS = 4  # rounds of the batch that are tried beyond the fewest
TRIPS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24)  # how often a loop may turn; above, doubling


class Candidates(NamedTuple):
    """Candidates as int64 arrays; `kn` is 1 where a panel of a stays while n runs."""

    batch_cores: Int64s
    m_cores: Int64s
    n_cores: Int64s
    mt: Int64s
    nt: Int64s
    kt: Int64s
    kn: Int64s


def _up(a: int, b: int) -> int:
    return -(-a // b)


def sizes(extent: int, grain: int) -> Int64s:
    """Tile sizes, largest first, that part `extent` evenly, in whole grains as long as there is more than one.

    Extents of few grains are parted finer as well: lanes have no grain, and short trains are all ends.
    """
    trips = list(TRIPS)
    while trips[-1] < extent:
        trips.append(2 * trips[-1])
    found = {extent: None}
    for count in trips:
        even = _up(extent, count)
        found[min(extent, _up(even, grain) * grain)] = None
        if extent <= FINE * grain:
            found[even] = None
        elif even <= grain:
            break
    return np.array(sorted(found, reverse=True), dtype=np.int64)


def grids(cores: int, batch: int, m: int, n: int, grain: int, group: int = 1) -> list[tuple[int, int, int]]:
    """Ways to give batch, m and n to cores; those first whose busiest core has least to do, then to bring."""
    found: dict[tuple[int, int, int], tuple[int, int]] = {}
    fewest = _up(batch, min(cores, batch))
    for rounds in range(fewest, min(batch, fewest + ROUNDS) + 1):
        over_batch = _up(batch, rounds)
        rest = cores // over_batch
        for m_cores in range(1, min(rest, m) + 1):
            n_cores = min(rest // m_cores, n)
            rows, columns = _up(m, m_cores), _up(n, n_cores)
            padded = _up(rows, group) * group
            work = _up(batch, over_batch) * padded * min(_up(columns, grain) * grain, columns + grain - 1)
            grid = over_batch, _up(m, rows), _up(n, columns)
            found.setdefault(grid, (work, rows + columns))
    return sorted(found, key=lambda grid: (*found[grid], grid))[:GRIDS]


def candidates(problem: Problem, node: Resources) -> Candidates:
    """All candidates that fit the scratchpad."""
    parts = [
        _of_grid(problem, node, grid)
        for grid in grids(node.cores, problem.batch, problem.m, problem.n, node.cols, node.group)
    ]
    return Candidates(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _of_grid(problem: Problem, node: Resources, grid: tuple[int, int, int]) -> Candidates:
    m, n, k = _up(problem.m, grid[1]), _up(problem.n, grid[2]), problem.k
    grain = min(node.cols, n)
    rows, depths, columns = sizes(m, min(node.group, m)), sizes(k, node.rows), sizes(n, grain)
    mt, kt, nt = rows[:, None, None], depths[:, None], columns
    room = node.sram_bytes - 2 * kt * (mt * problem.moved_a_bytes + nt * problem.b_bytes)
    stays = room >= mt * nt * ACCUMULATOR_BYTES
    if n > FINE * grain:
        stays &= np.cumsum(stays, axis=2) <= WIDTHS
    panel = stays & (kt < k) & (nt < n) & (room >= mt * n * ACCUMULATOR_BYTES)
    kn = np.repeat(np.array([0, 1], dtype=np.int64), (np.count_nonzero(stays), np.count_nonzero(panel)))
    at_m, at_k, at_n = (
        np.concatenate(pair) for pair in zip(np.nonzero(stays), np.nonzero(panel), strict=True)
    )
    cores = [np.full(len(kn), of, dtype=np.int64) for of in grid]
    return Candidates._make([*cores, rows[at_m], columns[at_n], depths[at_k], kn])


def naive(problem: Problem, node: Resources) -> Mapping | None:
    """The plain tiling that a search has to be worth: one grid, one order, the largest tile that is nearly square.

    Cores over the batch, then over columns; the tile a cube of the largest power of two that fits, cut at the edges.
    None if not even one element fits.
    """
    batch_cores = min(node.cores, problem.batch)
    n_cores = min(node.cores // batch_cores, problem.n)
    edge = 1 << (max(problem.m, problem.n, problem.k) - 1).bit_length()
    unit = UNITS[0] if node.has_matrix else UNITS[1]
    while edge >= 1:
        mapping = Mapping(batch_cores, 1, n_cores, edge, edge, edge, "nk", unit).within(problem)
        if fits(problem, node, mapping):
            return mapping
        edge //= 2
    return None
