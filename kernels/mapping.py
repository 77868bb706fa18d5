"""Choosing how one node computes a matrix product: grid of cores, tile, loop order, unit.

An analytic bound on the time of every candidate (compute at the unit's exact cycle count, operand traffic at the
tap's peak bandwidth) orders them; the fastest wins, ties by fewer bytes, then by larger tiles. Candidates that do not
fit the double-buffered SRAM never appear.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from bankside.arch.spec import ConfigError

Order = Literal["nk", "kn"]
"""Loops inside an m tile: "nk" keeps one output tile while k runs; "kn" keeps a panel of a while n runs."""

TRIED_N_TILES = 3  # the widest tile that fits, and two narrower ones, which start computing earlier
ACCUMULATOR_BYTES = 4  # fp32 or int32 partial sums, as every matrix unit modelled here keeps them


@dataclass(frozen=True)
class Problem:
    """What one node computes: `batch` products (m x k)(k x n); operand sizes in bytes per element.

    a_from_memory, out_to_memory: whether a is read, and out written, at the tap; otherwise they stay on chip.
    """

    batch: int
    m: int
    n: int
    k: int
    a_bytes: float
    b_bytes: float
    out_bytes: float
    a_from_memory: bool
    out_to_memory: bool


@dataclass(frozen=True)
class Resources:
    """What a node offers: cores with SRAM each, bandwidth [B/s] and latency [s] at the tap, clock, cycle counts.

    cycles: (m, n, k) -> (cycles alone, cycles when it follows its like, name of the unit).
    rows, cols: granularity of the matrix unit (k and n); sram_bytes_per_cycle: both operands' ports together.
    """

    cores: int
    sram_bytes: float
    sram_bytes_per_cycle: float
    bandwidth_bytes_per_s: float
    latency_s: float
    clock_hz: float
    rows: int
    cols: int
    cycles: Callable[[int, int, int], tuple[int, int, str]]


@dataclass(frozen=True)
class Mapping:
    """A node's choice: cores over batch, m and n; tile (mt, nt, kt) of one core; loop order; what it costs."""

    batch_cores: int
    m_cores: int
    n_cores: int
    mt: int
    nt: int
    kt: int
    order: Order
    unit: str
    tiles: int
    read_bytes: int
    time_s: float

    def as_dict(self) -> dict[str, object]:
        """For results."""
        return {
            "cores": {"batch": self.batch_cores, "m": self.m_cores, "n": self.n_cores},
            "tile": {"m": self.mt, "n": self.nt, "k": self.kt},
            "order": self.order,
            "unit": self.unit,
            "tiles": self.tiles,
        }


def _up(a: int, b: int) -> int:
    return -(-a // b)


def _halvings(extent: int, grain: int, most: int = 12) -> list[int]:
    """extent, then halves rounded up to whole grains, down to one grain."""
    sizes = [extent]
    while sizes[-1] > grain and len(sizes) < most:
        sizes.append(min(sizes[-1] - 1, max(grain, _up(_up(sizes[-1], 2), grain) * grain)))
    return sizes


def _grids(cores: int, batch: int, m: int, n: int, cols: int) -> Iterator[tuple[int, int, int]]:
    """Ways to give batch, m and n to cores: batch first, then m by powers of two, n with what is left."""
    over_batch = min(cores, batch)
    rest = cores // over_batch
    m_cores = 1
    while m_cores <= min(rest, m):
        yield over_batch, m_cores, min(rest // m_cores, n)
        m_cores *= 2
    if rest > n and over_batch == 1:
        yield over_batch, min(_up(rest, n), m), n


def choose(problem: Problem, node: Resources) -> Mapping:
    """The fastest mapping of `problem` on one node.

    Raises
    ------
    ConfigError
        If not even the smallest tile fits the SRAM.
    """
    best: Mapping | None = None
    for grid in _grids(node.cores, problem.batch, problem.m, problem.n, node.cols):
        for candidate in _candidates(problem, node, grid):
            if best is None or _key(candidate) < _key(best):
                best = candidate
    if best is None:
        raise ConfigError(
            [
                f"No tile of {min(problem.m, 1)} x {min(problem.k, node.rows)} x {min(problem.n, node.cols)} fits the "
                f"{node.sram_bytes:g} B SRAM of a core in two buffers: give the core more SRAM or a smaller array."
            ]
        )
    return best


def _key(mapping: Mapping) -> tuple[float, int, int]:
    return mapping.time_s, mapping.read_bytes, mapping.tiles


def _candidates(problem: Problem, node: Resources, grid: tuple[int, int, int]) -> Iterator[Mapping]:
    _, m_cores, n_cores = grid
    extent = (_up(problem.m, m_cores), _up(problem.n, n_cores), problem.k)
    for mt in _halvings(extent[0], 1):
        for kt in _halvings(extent[2], node.rows):
            fitting = 0
            for nt in _halvings(extent[1], node.cols):
                orders = _orders(problem, node, extent, (mt, nt, kt))
                for order in orders:
                    yield _evaluate(problem, node, grid, extent, (mt, nt, kt), order)
                fitting += bool(orders)
                if fitting == TRIED_N_TILES:
                    break


def _orders(
    problem: Problem, node: Resources, extent: tuple[int, int, int], tile: tuple[int, int, int]
) -> tuple[Order, ...]:
    """Loop orders whose buffers fit: two of each operand's tile, and the partial sums that stay."""
    (_, n, k), (mt, nt, kt) = extent, tile
    room = node.sram_bytes - 2 * kt * (mt * problem.a_bytes + nt * problem.b_bytes)
    if room < mt * nt * ACCUMULATOR_BYTES:
        return ()
    if kt < k and nt < n and room >= mt * n * ACCUMULATOR_BYTES:
        return "nk", "kn"
    return ("nk",)


def _evaluate(
    problem: Problem,
    node: Resources,
    grid: tuple[int, int, int],
    extent: tuple[int, int, int],
    tile: tuple[int, int, int],
    order: Order,
) -> Mapping:
    """Bound of a candidate: tiles times the longest of compute, traffic and half a buffer's turn, plus the ends.

    A buffer is read (latency, transfer) and then worked on, and there are two of them: a step cannot be shorter than
    half of that turn.
    """
    (batch_cores, m_cores, n_cores), (m, n, k), (mt, nt, kt) = grid, extent, tile
    m_tiles, n_tiles, k_tiles = _up(m, mt), _up(n, nt), _up(k, kt)
    tiles = _up(problem.batch, batch_cores) * m_tiles * n_tiles * k_tiles
    alone, interval, unit = node.cycles(mt, nt, kt)
    port = (kt * (mt * problem.a_bytes + nt * problem.b_bytes)) / node.sram_bytes_per_cycle
    step = max(float(interval), port)
    compute_s = step / node.clock_hz

    b_reads = 1 if n_tiles * k_tiles == 1 else m_tiles
    a_reads = n_tiles if order == "nk" and k_tiles > 1 else 1
    read = problem.batch * k * problem.n * problem.b_bytes * b_reads
    if problem.a_from_memory:
        read += problem.batch * problem.m * k * problem.a_bytes * a_reads
    written = problem.batch * problem.m * problem.n * problem.out_bytes if problem.out_to_memory else 0.0
    memory_s = (read + written) / node.bandwidth_bytes_per_s / tiles
    turn_s = (node.latency_s + memory_s + compute_s) / 2
    ends_s = node.latency_s + memory_s + compute_s + (alone - interval) / node.clock_hz
    time_s = tiles * max(compute_s, memory_s, turn_s) + ends_s
    return Mapping(
        batch_cores, m_cores, n_cores, mt, nt, kt, order, unit, tiles, round(read), time_s
    )  # fmt: skip
