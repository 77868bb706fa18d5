"""Lanes as units: of vectors, of dot products as a matrix unit, and of the columns that a bank reads."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from bankside.arch.pe.lanes.tapped import TappedLanes
from bankside.arch.pe.systolic.unit import MatrixUnit
from bankside.arch.pe.unit import (
    ELEMENTWISE,
    PRODUCT,
    STATE_STEPS,
    Costs,
    Int64s,
    Price,
    Unit,
    costs_of,
    macs,
    operand_price,
)
from bankside.arch.technology.process import ProcessSpec


class DotLanes(TappedLanes, MatrixUnit):
    """A matrix unit of multipliers under one adder tree: a dot product at a time."""

    unit: Literal["lanes"] = "lanes"

    def elements(self) -> int:
        """Multipliers."""
        return self.lanes

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """As matrix units; both operands are read, and the lanes of the tree share a sum."""
        operands = operand_price(process, number_format, sums=1 / self.lanes)
        return {**super().prices(process, number_format), "operands": operands}

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Costs:
        """An output after the other, `lanes` pairs a cycle."""
        from bankside.arch.pe.lanes.cycles import tree_tiles

        out = np.empty((2, tiles.shape[1]), dtype=np.int64)
        tree_tiles(self.lanes, self.packed(formats), self.stored(tiles, formats), out)
        return self.costs(tiles, out, formats)


class Lanes(TappedLanes):
    """Lanes for elementwise work and products; each does one multiply-accumulate, or one operation, a cycle."""

    slots: ClassVar[frozenset[str]] = frozenset({"vector"})

    by_format: dict[str, Annotated[int, Field(ge=1, le=1_000_000)]] = Field(
        default={},
        description="multiply-accumulates of a cycle with right operands of a format, where they are others",
    )
    in_place: tuple[Literal["add", "mul", "relu"], ...] = Field(
        default=(),
        description="functions whose results lanes inside a DRAM die write back to rows of their bank",
    )

    def can(self, work: str) -> bool:
        """Products, sums and products of elements, steps of a state that need no exp, and what is done in place."""
        known = work == PRODUCT or work in ELEMENTWISE or work in self.in_place
        return known or (work in STATE_STEPS and work != "selective_step")

    def writes_back(self) -> tuple[str, ...]:
        """What the YAML says."""
        return self.in_place

    def peak(self, formats: Sequence[str] = (), work: str = PRODUCT) -> int:
        """One a lane."""
        return self.of(formats) if work == PRODUCT else self.lanes

    def of(self, formats: Sequence[str]) -> int:
        """Lanes for operands of these formats."""
        return self.by_format.get(formats[-1], self.lanes) if formats else self.lanes

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Costs:
        """Products as the kind of lanes does them; of other work an operation for every operand after the first of
        each element."""
        if work == PRODUCT:
            return self.products(tiles, self.of(formats))
        return elementwise(self.lanes, tiles, work)

    def faults(self, formats: Sequence[str]) -> Iterator[str]:
        """Numbers of lanes beside a ratio."""
        yield from super().faults(formats)
        if self.lanes_per_byte is not None and self.by_format:
            yield "by_format counts lanes, and lanes_per_byte leaves their number to the tap; state lanes with it."

    @property
    def sums(self) -> float:
        """Sums that are read and written for a multiply-accumulate."""
        return 1.0

    @abstractmethod
    def products(self, tiles: Int64s, lanes: int) -> Costs:
        """Costs of tiles of products on so many lanes."""

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Mapping[str, int]:
        """Multiply-accumulates of products, elements of other work."""
        if work == PRODUCT:
            count = int(macs(tiles).sum())
            return {"mac": count, "operands": count}
        return {"vector_op": STATE_STEPS.get(work, 1) * int((tiles[0] * tiles[1]).sum())}

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """A multiplication of the format with its registers, and an operation on an element."""
        return {
            "mac": Price("mac", process.multiplier(number_format).energy),
            "operands": operand_price(process, number_format, sums=self.sums),
            "vector_op": Price("mac", process.vector.energy),
        }

    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Lanes of the process."""
        return self.lanes * process.vector.area


class VectorLanes(Lanes):
    """Lanes that add up in a tree, or make an output each."""

    unit: Literal["vector"] = "vector"

    def products(self, tiles: Int64s, lanes: int) -> Costs:
        """In whichever of the two ways is faster."""
        from bankside.arch.pe.lanes.cycles import vector_tiles

        out = np.empty((2, tiles.shape[1]), dtype=np.int64)
        vector_tiles(lanes, tiles, out)
        return costs_of(out[1], out[0], -(-macs(tiles) // lanes))

    def inside_dram(self) -> Unit:
        """The same lanes, fed by columns."""
        return BankLanes(**self.given, by_format=self.by_format, in_place=self.in_place)


class BankLanes(Lanes):
    """Lanes beside a bank, which multiply a column as it comes: what `vector` is at a tap inside the DRAM die."""

    unit: Literal["bank-lanes"] = "bank-lanes"

    @property
    def sums(self) -> float:
        """One for a column: its products are added up in a tree."""
        return 1 / self.lanes

    def products(self, tiles: Int64s, lanes: int) -> Costs:
        """All pairs of a tile one after the other, nothing to fill."""
        cycles = -(-macs(tiles) // lanes)
        return costs_of(cycles, cycles, cycles)


def elementwise(lanes: int, tiles: Int64s, work: str) -> Costs:
    """Costs of tiles (rows, columns, operands) on `lanes` lanes: an operation for every operand after the first, or
    those of a step of a state."""
    each = STATE_STEPS.get(work, np.maximum(1, tiles[2] - 1))
    cycles = -(-(tiles[0] * tiles[1] * each) // lanes)
    return costs_of(cycles, cycles, cycles)
