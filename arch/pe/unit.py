"""What a unit of a core is: a frozen specification that says what its tiles cost, count, consume and occupy.

A machine's YAML names units in the slots of its cores (`matmul: {unit: systolic, rows: 32, ...}`). Whoever needs
cycles, peaks, energy or area asks the unit, by this contract and never by its name. A new unit is a class of its own
and one call of `register`.
"""

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from bankside.arch.causes import FILL_DRAIN, IMBALANCE, SRAM_BANDWIDTH, SRAM_CONFLICT
from bankside.arch.pe.sparse_names import pattern_of
from bankside.arch.spec import Bytes, Registered, Spec
from bankside.arch.technology.process import ProcessSpec

Int64s = npt.NDArray[np.int64]
U = TypeVar("U", bound="Unit")

PRODUCT: Final = "product"
"""Work on tiles (m, n, k): an (m x k) (k x n) matrix product. Formats are those of its two operands."""

SOFTMAX_STEP: Final = "softmax step"
"""Work on tiles (rows, new scores, width of the output): the online softmax between two tiles of attention."""

ELEMENTWISE: Final = frozenset({"add", "mul", "weighted_sum", "conv", "gather"})
"""Work on tiles (rows, columns, operands) without a function of a single element; every other row-wise function of
kernels is work of its name on the same tiles."""

STATE_STEPS: Final = {"linear_step": 3, "delta_step": 4, "selective_step": 5}
"""Work on tiles (rows, columns, operands) of the state of a recurrence, which a token passes: multiply-accumulates of
each element, for its decay, the outer product and the result; a delta rule looks its key up first, and a selective step
makes the exponent of a decay for every element, whose exp it needs besides."""

WORK, FILL, UNEVEN, PORT, CONFLICT = range(5)
"""Columns of `Costs.each`."""

TILE_CAUSES: Final = (FILL_DRAIN, IMBALANCE, SRAM_BANDWIDTH, SRAM_CONFLICT)
"""Causes of the columns after WORK, whose cause is that of the operation (compute, nonlinear)."""

GIVEN_CYCLES, GIVEN_BYTES = 3, 4
"""Rows of tiles, after m, n and k, that data decided: cycles and bytes of each."""


class Costs(NamedTuple):
    """Cycles of tiles.

    Attributes
    ----------
    each : int64[tiles, 5] [cycle]
        Of a tile that follows its like, by cause: work at the unit's peak, filling and draining, waiting for the
        slowest of unequal parts, ports of the scratchpad, conflicts of its banks.
    last : int64[tiles] [cycle]
        What the tile takes beyond that when none follows it.
    """

    each: Int64s
    last: Int64s

    @property
    def interval(self) -> Int64s:
        """Cycles from a tile to the next of its like: int64[tiles]."""
        return np.asarray(self.each.sum(axis=1), dtype=np.int64)


class Price(NamedTuple):
    """Energy of one count of an event [J], and the part of all energy that it belongs to."""

    part: str
    count_j: float


class Unit(Spec):
    """A part of a core.

    Every subclass states `unit`, a Literal of its name with that name as default, and `slots`, the slots of a core that
    it may stand in. Methods take tiles as int64[3, n] (m, n, k) or, where data decided, int64[5, n] (and cycles and
    bytes given for each), the operands' formats by name, and the work that is asked for.
    """

    slots: ClassVar[frozenset[str]]

    unit: str = Field(description="name under which the unit is registered")

    @abstractmethod
    def can(self, work: str) -> bool:
        """Whether the unit does this work."""

    @abstractmethod
    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Costs:
        """What tiles cost, each by itself."""

    @abstractmethod
    def peak(self, formats: Sequence[str] = (), work: str = PRODUCT) -> int:
        """The most multiply-accumulates (of products) or elements (of other work) of a cycle."""

    @abstractmethod
    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Mapping[str, int]:
        """What all tiles together count, by name of the event."""

    @abstractmethod
    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """What one count of each of its events consumes in a process."""

    @abstractmethod
    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Area of the unit in a process, for all formats of its core [m2]."""

    def multiplies(self, formats: Sequence[str]) -> bool:
        """Whether it multiplies operands in these formats; dense ones, unless the unit knows better."""
        return all(pattern_of(name) == (1, 1) for name in formats)

    @property
    def skipped(self) -> Collection[str]:
        """Sparse formats of stationary operands whose zeros it skips."""
        return ()

    def leakage_w(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Leakage at the process's reference temperature [W]; that of logic unless the unit knows better."""
        return process.leakage_w(self.area_m2(process, formats), 0.0)

    def grain(self, formats: Sequence[str] = ()) -> tuple[int, int, int]:
        """Sizes in m, n and k of which a tile of a product is best a multiple."""
        return 1, 1, 1

    @property
    def across_rows(self) -> str:
        """Operands of a product, "a" (rows m) or "b" (rows n), of which the unit takes one depth of many rows at a
        time, so that it reads the scratchpad at the stride of a row."""
        return ""

    def writes_back(self) -> tuple[str, ...]:
        """Row-wise functions whose results it writes to rows of the bank that it sits beside."""
        return ()

    def inside_dram(self) -> "Unit":
        """The unit as it works beside a bank, where column commands feed it."""
        return self

    def faults(self, formats: Sequence[str]) -> Iterator[str]:
        """What is wrong with the unit in a core of these formats, as sentences."""
        yield from ()


def operand_price(process: ProcessSpec, number_format: str, reads: int = 2, sums: float = 1.0) -> Price:
    """Registers of a multiply-accumulate: operands read, and `sums` times a sum that is read and written."""
    return Price("registers", process.operand_j(number_format, reads, sums))


class Store(Unit):
    """A unit that holds the tiles of the others: a scratchpad."""

    size: Bytes = Field(description="capacity of one core's scratchpad")
    shared: bool = Field(
        default=False, description="one store for all cores of a node, what it reads goes to all of them"
    )

    @property
    @abstractmethod
    def bytes_per_cycle(self) -> int:
        """Bytes that all ports together read, and as many that they write, in a cycle."""

    @abstractmethod
    def feeding(self, costs: Costs, tiles: Int64s, operand_bytes: tuple[float, float], across: str) -> Costs:
        """`costs` of products with what reading their operands adds.

        Parameters
        ----------
        operand_bytes
            Bytes of an element of a and of b.
        across
            `across_rows` of the unit that computes.
        """


UNITS: Final[dict[str, type[Unit]]] = {}
"""Every unit by name."""


def register(unit: type[U]) -> type[U]:
    """Make a unit known under its name.

    Raises
    ------
    ValueError
        When another unit has that name.
    """
    name = unit.model_fields["unit"].default
    if UNITS.setdefault(name, unit) is not unit:
        raise ValueError(f"There is already a unit {name!r}.")
    return unit


def fitting(slot: str) -> dict[str, type[Unit]]:
    """The units that may stand in a slot, by name."""
    return {name: unit for name, unit in UNITS.items() if slot in unit.slots}


def in_slot(slot: str, default: str | None = None) -> Registered:
    """Marks a field that holds a unit fit for `slot`: the one that its key `unit` names."""
    return Registered("unit", partial(fitting, slot), default)


def costs_of(interval: Int64s, alone: Int64s, work: Int64s) -> Costs:
    """Costs of tiles from their cycles: `work` of them at the unit's peak, the rest filling and draining."""
    each = np.zeros((len(interval), CONFLICT + 1), dtype=np.int64)
    each[:, WORK] = np.minimum(interval, work)
    each[:, FILL] = interval - each[:, WORK]
    return Costs(each, alone - interval)


def macs(tiles: Int64s) -> Any:
    """Multiply-accumulates of each tile of a product: int64[n]."""
    return tiles[0] * tiles[1] * tiles[2]
