"""The matrix unit of systolic arrays."""

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated, ClassVar, Final, Literal

import numpy as np
from pydantic import Field

from bankside.arch.pe.sparse_names import dense_of, pattern_of
from bankside.arch.pe.unit import (
    PRODUCT,
    Costs,
    Decided,
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

    skips: dict[str, Annotated[float, Field(gt=0, le=1)]] = Field(
        default_factory=dict,
        description="formats of weights that keep N of every M, as bf16_2:4, whose zeros take no time, and the share "
        "of the rate M / N that is reached with them",
    )

    @abstractmethod
    def elements(self) -> int:
        """Multiply-accumulate elements."""

    @property
    def skipped(self) -> Collection[str]:
        """Those of `skips`."""
        return self.skips

    def multiplies(self, formats: Sequence[str], decided: Decided | None = None) -> bool:
        """Dense formats that lie as they are, and sparse weights that it skips the zeros of."""
        return decided is None and all(name in self.skips or pattern_of(name) == (1, 1) for name in formats)

    def packed(self, formats: Sequence[str]) -> int:
        """Pairs of these formats that an element multiplies in a cycle."""
        return min((self.packing.get(dense_of(name), 1) for name in formats), default=1)

    def kept(self, formats: Sequence[str]) -> tuple[int, int, float]:
        """N and M of the weights, and the share of the rate M / N that the unit reaches."""
        last = formats[-1] if formats else ""
        return (*pattern_of(last), self.skips.get(last, 1.0))

    def stored(self, tiles: Int64s, formats: Sequence[str]) -> Int64s:
        """Tiles with the depth that is left of them without the zeros of N:M."""
        keep, of, _ = self.kept(formats)
        if keep == of:
            return tiles
        depth = tiles[2] // of * keep + np.minimum(tiles[2] % of, keep)
        return np.concatenate([tiles[:2], depth[None], tiles[3:]])

    def costs(self, tiles: Int64s, cycles: Int64s, formats: Sequence[str]) -> Costs:
        """Costs of tiles that take `cycles` (int64[2, n]: alone, following their like) without zeros."""
        share = self.kept(formats)[2]
        work = -(-macs(tiles) // self.peak(formats))
        if share < 1.0:
            cycles, work = (np.ceil(each / share).astype(np.int64) for each in (cycles, work))
        return costs_of(cycles[1], cycles[0], work)

    def can(self, work: str) -> bool:
        """Products."""
        return work == PRODUCT

    def peak(self, formats: Sequence[str] = (), work: str = PRODUCT) -> int:
        """All elements, with packed pairs, and pairs of zeros that take no time."""
        keep, of, _ = self.kept(formats)
        return -(-self.packed(formats) * self.elements() * of // keep)

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Mapping[str, int]:
        """Multiply-accumulates, none of skipped zeros, each of which takes operands from registers."""
        count = int(macs(self.stored(tiles, formats)).sum())
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
        """Formats that are packed or skipped and that the core does not have."""
        if strange := sorted(set(self.packing) - set(formats)):
            yield f"packing names {', '.join(strange)}, which is none of the core's formats."
        for name in self.skips:
            keep, of = pattern_of(name)
            if keep >= of or dense_of(name) not in formats:
                yield (
                    f"skips names {name}, which is not N of every M elements of one of the core's formats; "
                    f"name it like {formats[0]}_2:4."
                )


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
    narrow: int | None = Field(
        default=None, ge=1, le=65536,
        description="rows in whose multiples less than a group enters, where software gives a product of few rows the "
        "other side of an instruction; a whole group unless given",
    )  # fmt: skip

    def elements(self) -> int:
        """PEs of all arrays."""
        return self.rows * self.cols * self.arrays

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Mapping[str, int]:
        """Multiply-accumulates; registers move for whole groups of vectors, of which the rest are zeros."""
        stored = self.stored(tiles, formats)
        m, n, k = stored[:3]
        return {"mac": int(macs(stored).sum()), "operands": int((self.filled(m) * n * k).sum())}

    def filled(self, rows: Int64s) -> Int64s:
        """Rows (int64[tiles]) with the zeros that fill up a group."""
        if self.dataflow != "ws":
            return rows
        step = np.where(rows < self.group, self.narrow or self.group, self.group)
        return np.asarray(-(-rows // step) * step, dtype=np.int64)

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """As all matrix units; the products of a chain share the register of their sum."""
        operands = operand_price(process, number_format, reads=3, sums=1 / self.chain)
        return {**super().prices(process, number_format), "operands": operands}

    def grain(self, formats: Sequence[str] = ()) -> tuple[int, int, int]:
        """Whole groups of vectors, whole strips of all arrays, whole rows of PEs."""
        group = self.group if self.dataflow == "ws" else 1
        keep, of, _ = self.kept(formats)
        return group, self.cols * self.arrays, self.rows * self.packed(formats) * of // keep

    @property
    def across_rows(self) -> str:
        """The operand that rests, whose next depth loads a row of PEs; both where both are streamed."""
        return ACROSS[self.dataflow]

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Costs:
        """Exact cycles of the schedule, see `physical`."""
        from bankside.arch.pe.systolic.tiles import tiles_cycles

        out = np.empty((2, tiles.shape[1]), dtype=np.int64)
        stored = self.stored(tiles, formats)
        if self.narrow is not None:
            stored = np.concatenate([self.filled(stored[0])[None], stored[1:]])
        tiles_cycles(self.geometry, self.packed(formats), stored, out)
        return self.costs(tiles, out, formats)

    @cached_property
    def geometry(self) -> Int64s:
        """The arrays as `tiles` takes them."""
        flow, group = DATAFLOWS.index(self.dataflow), self.group if self.narrow is None else 1
        return np.array([flow, self.rows, self.cols, self.arrays, self.shadow, group], dtype=np.int64)
