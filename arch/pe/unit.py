"""What a unit of a core is: a frozen specification that says what its tiles cost, count, consume and occupy.

A machine's YAML names units in the slots of its cores (`matmul: {unit: systolic, rows: 32, ...}`). Whoever needs
cycles, peaks, energy or area asks the unit, by this contract and never by its name. A new unit is a class of its own
and one call of `register`.
"""

from abc import abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import Field

from bankside.arch.causes import FILL_DRAIN, IMBALANCE, SRAM_BANDWIDTH, SRAM_CONFLICT
from bankside.arch.pe.regions import Part, Regions
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

GIVEN_CYCLES, GIVEN_BYTES, GIVEN_WORK = 3, 4, 5
"""Rows of tiles, after m, n and k, that data decided: cycles of each, bytes of its stationary operand in memory, and
cycles that it would take if all parts of the unit had equal work."""


class Decided(NamedTuple):
    """What the values of a stationary operand decide on the unit that it is stored for, on average over the operand.

    Attributes
    ----------
    round_cycle
        From the start of the groups that a unit works on side by side to that of the next [cycle].
    lane_cycle
        Of these, how long one of them takes by itself [cycle].
    element_bit
        Bits of an element in memory [bit].
    regions
        The same of each part of the operand, where its values are known.
    """

    round_cycle: float
    lane_cycle: float
    element_bit: float
    regions: Regions | None = None


class Moving(NamedTuple):
    """Operands that move past a stationary one.

    Attributes
    ----------
    bits
        Of an element [bit].
    values : int[vectors, depth]
        Whole numbers, where the unit asks for them.
    """

    bits: int
    values: npt.NDArray[Any] | None = None


PLAIN: Final = Moving(8)


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


class Numerics(NamedTuple):
    """The largest error of a function, over what it was taken; the relative one None where there is none.

    Attributes
    ----------
    format : str
        Number format of arguments and results.
    over : str
        Arguments, in words.
    """

    max_abs_err: float
    max_rel_err: float | None
    format: str
    over: str


class Unit(Spec):
    """A part of a core.

    Every subclass states `unit`, a Literal of its name with that name as default, and `slots`, the slots of a core that
    it may stand in. Methods take tiles as int64[3, n] (m, n, k) or, where data decided, int64[6, n] (and cycles, bytes
    and work given for each), the operands' formats by name, and the work that is asked for.
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

    def operations(self, counted: Mapping[str, int]) -> int:
        """How many operations a programmable core's instructions start for what it counted; as many as it takes
        operands for where it counts those, zeros that fill up a group among them."""
        return sum(count for name, count in counted.items() if name != "mac" or "operands" not in counted)

    def numerics(self, counted: Iterable[str], number_format: str) -> Mapping[str, Numerics]:
        """How far from the exact function the results of counted events are; of those that are not exact."""
        return {}

    @abstractmethod
    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Area of the unit in a process, for all formats of its core [m2]."""

    def multiplies(self, formats: Sequence[str], decided: Decided | None = None) -> bool:
        """Whether it multiplies operands in these formats, the second stored as was decided; dense ones that lie as
        they are, unless the unit knows better."""
        return decided is None and all(pattern_of(name) == (1, 1) for name in formats)

    @property
    def skipped(self) -> Collection[str]:
        """Sparse formats of stationary operands whose zeros it skips."""
        return ()

    def leakage_w(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Leakage at the process's reference temperature [W]; that of logic unless the unit knows better."""
        return process.leakage_w(self.area_m2(process, formats), 0.0)

    def passes(self, m: int, n: int) -> tuple[int, int]:
        """How often a product of so many rows and columns reads either operand at the scratchpad, beyond which the unit
        keeps it."""
        return 1, 1

    def grain(self, formats: Sequence[str] = ()) -> tuple[int, int, int]:
        """Sizes in m, n and k of which a tile of a product is best a multiple."""
        return 1, 1, 1

    @property
    def across_rows(self) -> str:
        """Operands of a product, "a" (rows m) or "b" (rows n), of which the unit takes one depth of many rows at a
        time, so that it reads the scratchpad at the stride of a row."""
        return ""

    def row_passes(self, work: str) -> int:
        """How often it goes over a row."""
        return 1

    @property
    def longest_row(self) -> int:
        """Elements of the longest row that its softmax adds up; 0 where its sums hold any."""
        return 0

    def writes_back(self) -> tuple[str, ...]:
        """Row-wise functions whose results it writes to rows of the bank that it sits beside."""
        return ()

    def inside_dram(self) -> "Unit":
        """The unit as it works beside a bank, where column commands feed it."""
        return self

    def at_tap(self, bytes_per_cycle: float) -> "Unit":
        """The unit of a core whose tap gives it so many bytes in a cycle of its clock."""
        return self

    def faults(self, formats: Sequence[str]) -> Iterator[str]:
        """What is wrong with the unit in a core of these formats, as sentences."""
        yield from ()


class Deciding(Unit):
    """A unit whose work the values of the stationary operand decide, which is stored for it."""

    @property
    @abstractmethod
    def storing(self) -> str:
        """How it stores what it multiplies, for a sentence."""

    @property
    @abstractmethod
    def reads(self) -> bool:
        """Whether the values decide, and not their number alone."""

    @abstractmethod
    def holds(self, kind: str, bits: int) -> bool:
        """Whether it stores elements of so many bits, of whole numbers ("int") or floating-point ones ("float")."""

    @abstractmethod
    def refusal(self, moving: str, kind: str, bits: int) -> str:
        """Why it does not multiply moving operands of a format; "" if it does."""

    @abstractmethod
    def unfit(self, values: npt.NDArray[Any]) -> str:
        """Why it does not store these values; "" if it does."""

    @property
    def asks(self) -> str:
        """Distribution of the moving operands' values, where these decide too; else ""."""
        return ""

    @abstractmethod
    def decide(
        self, values: npt.NDArray[Any], bits: int, digest: str = "", moving: Moving = PLAIN
    ) -> Decided:
        """What values [outputs, depth] of `bits` bits decide beside those that move past them; with a digest of them
        also what each part does."""

    @abstractmethod
    def plain(self, formats: Sequence[str]) -> Decided | None:
        """What it takes of operands of these formats that are not stored for it, of which it skips nothing; None where
        it does not multiply such."""

    @abstractmethod
    def given(self, tiles: Int64s, decided: Decided | Part) -> Int64s:
        """Tiles int64[3, n] with what was decided on average, or of each, int64[6, n]."""

    @abstractmethod
    def most(self, decided: Decided) -> int:
        """The most multiply-accumulates of a cycle with operands of which this was decided."""

    def peak(self, formats: Sequence[str] = (), work: str = PRODUCT) -> int:
        """With plain operands."""
        decided = self.plain(formats)
        return 0 if decided is None else self.most(decided)

    def multiplies(self, formats: Sequence[str], decided: Decided | None = None) -> bool:
        """What is stored for it, and plain operands that it takes, of which the moving ones are dense."""
        if decided is not None:
            return True
        return all(pattern_of(name) == (1, 1) for name in formats[:-1]) and self.plain(formats) is not None


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
