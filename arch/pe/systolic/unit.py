"""The matrix unit of systolic arrays."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, ClassVar, Final, Literal

import numpy as np
from pydantic import Field

from bankside.arch.pe.unit import (
    PRODUCT,
    Costs,
    Int64s,
    Price,
    Unit,
    costs_of,
    macs,
    operand_price,
)
from bankside.arch.technology.process import ProcessSpec, widest_mac

DATAFLOWS: Final = ("ws", "os", "is")  # in the order of `fold`
ACROSS: Final = {
    "ws": "b",
    "os": "ab",
    "is": "a",
}  # one depth of all columns loads a row of stationary operands


class MatrixUnit(Unit):
    """What matrix units have in common: multiply-accumulate elements, and narrow formats side by side in them."""

    slots: ClassVar[frozenset[str]] = frozenset({"matmul"})

    packing: dict[str, Annotated[int, Field(ge=1, le=64)]] = Field(
        default_factory=dict,
        description="pairs of a narrow format that one element multiplies in a cycle, side by side along the depth; "
        "one unless given, and of two formats as the wider allows",
    )

    def elements(self) -> int:
        """Multiply-accumulate elements."""
        raise NotImplementedError

    def packed(self, formats: Sequence[str]) -> int:
        """Pairs of these formats that an element multiplies in a cycle."""
        return min((self.packing.get(name, 1) for name in formats), default=1)

    def can(self, work: str) -> bool:
        """Products."""
        return work == PRODUCT

    def peak(self, formats: Sequence[str] = (), work: str = PRODUCT) -> int:
        """All elements, with packed pairs."""
        return self.packed(formats) * self.elements()

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Mapping[str, int]:
        """Multiply-accumulates, each of which takes operands from registers."""
        count = int(macs(tiles).sum())
        return {"mac": count, "operands": count}

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """A multiplication of the format, and its registers: the operand that rests is read, the other and the sum
        move on from register to register."""
        return {
            "mac": Price("mac", process.multiplier(number_format).energy),
            "operands": operand_price(process, number_format, reads=3),
        }

    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """Elements that multiply the widest format."""
        return self.elements() * widest_mac(process, formats).area

    def faults(self, formats: Sequence[str]) -> Iterator[str]:
        """Formats that are packed and that the core does not have."""
        if strange := sorted(set(self.packing) - set(formats)):
            yield f"packing names {', '.join(strange)}, which is none of the core's formats."


class SystolicArrays(MatrixUnit):
    """Equal systolic arrays that share each tile."""

    unit: Literal["systolic"] = "systolic"
    rows: int = Field(default=1, ge=1, le=65536, description="rows of PEs of an array")
    cols: int = Field(default=1, ge=1, le=65536, description="columns of PEs of an array")
    dataflow: Literal["ws", "os", "is"] = Field(
        default="ws", description="what rests in the PEs: weights (ws), outputs (os) or inputs (is)"
    )
    arrays: int = Field(default=1, ge=1, le=65536, description="equal arrays")
    shadow: bool = Field(
        default=True,
        description="a second register per PE, behind which the next tile loads or the last one drains",
    )
    chain: int = Field(
        default=1, ge=1, le=65536,
        description="products along the depth that are added up before a register holds their sum",
    )  # fmt: skip
    group: int = Field(
        default=1, ge=1, le=65536,
        description="streamed vectors that enter together; a part of a group takes the time of a whole one",
    )  # fmt: skip

    def elements(self) -> int:
        """PEs of all arrays."""
        return self.rows * self.cols * self.arrays

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Mapping[str, int]:
        """Multiply-accumulates; registers move for whole groups of vectors, of which the rest are zeros."""
        m, n, k = tiles[:3]
        group = self.group if self.dataflow == "ws" else 1
        return {"mac": int(macs(tiles).sum()), "operands": int((-(-m // group) * group * n * k).sum())}

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """As all matrix units; the products of a chain share the register of their sum."""
        operands = operand_price(process, number_format, reads=3, sums=1 / self.chain)
        return {**super().prices(process, number_format), "operands": operands}

    def grain(self, formats: Sequence[str] = ()) -> tuple[int, int, int]:
        """Whole groups of vectors, whole strips of all arrays, whole rows of PEs."""
        group = self.group if self.dataflow == "ws" else 1
        return group, self.cols * self.arrays, self.rows * self.packed(formats)

    @property
    def across_rows(self) -> str:
        """The operand that rests, whose next depth loads a row of PEs; both where both are streamed."""
        return ACROSS[self.dataflow]

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Costs:
        """Exact cycles of the schedule, see `physical`."""
        from bankside.arch.pe.systolic.tiles import tiles_cycles

        out = np.empty((2, tiles.shape[1]), dtype=np.int64)
        tiles_cycles(self.geometry, self.packed(formats), tiles, out)
        return costs_of(out[1], out[0], -(-macs(tiles) // self.peak(formats)))

    @cached_property
    def geometry(self) -> Int64s:
        """The arrays as `tiles` takes them."""
        flow = DATAFLOWS.index(self.dataflow)
        return np.array([flow, self.rows, self.cols, self.arrays, self.shadow, self.group], dtype=np.int64)
