"""What a node has to compute, what it offers, and what a choice says."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from bankside.kernels.formats import Format

Int64s: TypeAlias = npt.NDArray[np.int64]
Float64s: TypeAlias = npt.NDArray[np.float64]
Real = TypeVar("Real", float, Float64s)
"""One, or one of each of many mappings."""
Order = Literal["nk", "kn"]
"""Loops inside an m tile: "nk" keeps one output tile while k runs; "kn" keeps a panel of a while n runs."""

UNITS = ("matrix", "vector", "both")
"""Units that may compute a tile: the matrix unit, the vector lanes, or both with the columns split over them."""

SKINNY = (
    64  # rows up to which both units share a tile: beyond, the lanes add little and no machine feeds them
)
ACCUMULATOR_BYTES = 4  # fp32 or int32 partial sums, as every matrix unit modelled here keeps them


@dataclass(frozen=True)
class Problem:
    """What one node computes: `batch` products (m x k)(k x n); operand sizes in bytes per element.

    a_from_memory, out_to_memory: whether a is read, and out written, at the tap; otherwise they stay on chip.
    formats: of a and b; pack: operations of lanes on results, for each pair, see `packing_of`; at: the node's first
    column and depth of b, where the values of each part of it are known; a_uses: rows that an element of a stands in.
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
    formats: tuple[Format, ...] = ()
    pack: float = 0.0
    at: tuple[int, int] = (0, 0)
    a_uses: float = 1.0

    @property
    def moved_a_bytes(self) -> float:
        """Bytes that come to the node for each element of a that it multiplies."""
        return self.a_bytes / self.a_uses


@dataclass(frozen=True)
class Resources:
    """What a node offers: cores with SRAM each, bandwidth [B/s] and latency [s] at the tap, clock, cycle counts.

    cycles: (m, n, k: int64[x], unit: index in UNITS, -1 for the fastest) -> int64[x] each of cycles alone, cycles
    when it follows its like, unit, columns that the vector lanes compute. rows, cols, group: granularity of the matrix
    unit in k, n and m; sram_bytes_per_cycle: both operands' ports together; pause_s, pause_every_s: refreshes that
    stop the memory.
    """

    cores: int
    sram_bytes: float
    sram_bytes_per_cycle: float
    bandwidth_bytes_per_s: float
    latency_s: float
    clock_hz: float
    rows: int
    cols: int
    cycles: Callable[[Int64s, Int64s, Int64s, int], tuple[Int64s, Int64s, Int64s, Int64s]]
    has_matrix: bool = True
    group: int = 1
    pause_s: float = 0.0
    pause_every_s: float = float("inf")


@dataclass(frozen=True)
class Dealing:
    """Thread blocks that are dealt to `cores` cores in waves, of which each takes one of so many slices of the depth in
    tiles that have `stages` buffers.

    a_reads, b_reads: how often memory is read for an operand, as far as a shared cache does not hold it; posted: waves
    whose results that cache takes, so that they are written while so many later ones work, or after the kernel.
    """

    cores: int
    slices: int
    stages: int
    a_reads: float
    b_reads: float
    posted: int


@dataclass(frozen=True)
class Mapping:
    """A node's choice: cores over batch, m and n; tile (mt, nt, kt) of one core; loop order; unit.

    With a `dealing` there is a thread block in place of each core, and no more than one tile of outputs in it.
    """

    batch_cores: int
    m_cores: int
    n_cores: int
    mt: int
    nt: int
    kt: int
    order: Order
    unit: str
    dealing: Dealing | None = None

    @property
    def stages(self) -> int:
        """Buffers of each operand's tile."""
        return self.dealing.stages if self.dealing is not None else 2

    @property
    def blocks(self) -> int:
        """Parts that the grid has: one for each core, or thread blocks."""
        grid = self.batch_cores * self.m_cores * self.n_cores
        return grid * (self.dealing.slices if self.dealing else 1)

    @property
    def written(self) -> float:
        """Share of the results that are written to memory while the kernel works."""
        if self.dealing is None or not self.dealing.posted:
            return 1.0
        waves = -(-self.blocks // self.dealing.cores)
        return float(written_share(waves, self.dealing.posted, self.dealing.cores, self.blocks))

    def within(self, problem: Problem) -> "Mapping":
        """The same choice for a problem that may be smaller: no more cores and no larger tile than it has."""
        if self.dealing is not None:
            m_blocks, n_blocks = -(-problem.m // self.mt), -(-problem.n // self.nt)
            return replace(self, batch_cores=problem.batch, m_cores=m_blocks, n_cores=n_blocks)
        batch_cores, m_cores = min(self.batch_cores, problem.batch), min(self.m_cores, problem.m)
        n_cores = min(self.n_cores, problem.n)
        m, n = -(-problem.m // m_cores), -(-problem.n // n_cores)
        mt, nt, kt = min(self.mt, m), min(self.nt, n), min(self.kt, problem.k)
        return Mapping(batch_cores, m_cores, n_cores, mt, nt, kt, self.order, self.unit)

    def cut(self, mt: int, nt: int, kt: int) -> "Mapping":
        """The same choice with another tile."""
        cores = self.batch_cores, self.m_cores, self.n_cores
        return Mapping(*cores, mt, nt, kt, self.order, self.unit, self.dealing)

    def extents(self, problem: Problem) -> tuple[int, int, int]:
        """Rows, columns and depth that the busiest core, or any thread block, has of one product."""
        if self.dealing is not None:
            return self.mt, self.nt, -(-problem.k // self.dealing.slices)
        return -(-problem.m // self.m_cores), -(-problem.n // self.n_cores), problem.k

    def counts(self, problem: Problem) -> tuple[int, int, int, int]:
        """Trips of the loops over rounds of the batch (or waves of thread blocks), m, n and k of the busiest core."""
        m, n, k = self.extents(problem)
        rounds = -(-problem.batch // self.batch_cores)
        if self.dealing is not None:
            rounds = -(-self.blocks // self.dealing.cores)
        return rounds, -(-m // self.mt), -(-n // self.nt), -(-k // self.kt)

    def as_dict(self) -> dict[str, object]:
        """For results, and as a pin."""
        if self.dealing is not None:
            grid = {"batch": self.batch_cores, "m": self.m_cores, "n": self.n_cores}
            return {
                "blocks": grid | {"k": self.dealing.slices},
                "tile": {"m": self.mt, "n": self.nt, "k": self.kt},
                "order": self.order,
                "unit": self.unit,
            }
        return {
            "cores": {"batch": self.batch_cores, "m": self.m_cores, "n": self.n_cores},
            "tile": {"m": self.mt, "n": self.nt, "k": self.kt},
            "order": self.order,
            "unit": self.unit,
        }


@dataclass(frozen=True)
class ProductTiling:
    """The mapping of a product on node 0, and how many steps it has there."""

    mapping: Mapping
    tiles: int

    def as_dict(self) -> dict[str, object]:
        """For results, and as a pin."""
        return self.mapping.as_dict() | {"tiles": self.tiles}


def written_share(
    waves: int | Int64s, posted: int | Int64s, cores: int, blocks: int | Int64s
) -> float | Float64s:
    """Share of the results of so many thread blocks that is written while they work: of the waves that are not
    posted, which all are where none is."""
    return np.minimum(1.0, np.maximum(0, waves - posted) * cores / blocks)


def operand_bytes(problem: Problem, mt: Real, nt: Real, kt: Real) -> Real:
    """One buffer of each operand's tile [byte]."""
    return kt * (mt * problem.moved_a_bytes + nt * problem.b_bytes)


def tile_bytes(problem: Problem, mapping: Mapping) -> float:
    """Scratchpad that a core needs: buffers of each operand's tile, and the partial sums that stay, which those of a
    thread block do in registers [byte]."""
    columns = mapping.nt if mapping.order == "nk" else -(-problem.n // mapping.n_cores)
    operands = mapping.stages * operand_bytes(problem, mapping.mt, mapping.nt, mapping.kt)
    if mapping.dealing is not None:
        return operands
    return operands + mapping.mt * columns * ACCUMULATOR_BYTES


def fits(problem: Problem, node: Resources, mapping: Mapping) -> bool:
    """Whether the cores are there and the tile's buffers fit the scratchpad of each."""
    there = mapping.blocks <= node.cores or mapping.dealing is not None
    return there and tile_bytes(problem, mapping) <= node.sram_bytes
