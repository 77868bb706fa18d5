"""A processor of a bank: many tasklets in one pipeline, which hides no latency but by the other tasklets."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final, Literal

import numpy as np
from pydantic import Field

from bankside.arch.pe.processor.instructions import MAX_TASKLETS, InstructionsSpec, Pair
from bankside.arch.pe.unit import PRODUCT, Costs, Int64s, Price, Unit, costs_of, macs
from bankside.arch.spec import Area, Bytes, Energy, Spec
from bankside.arch.technology.process import ProcessSpec

IN_PLACE: Final = ("add", "mul")
"""Functions of elements that its loops leave in the bank."""

SCALES: Final = "fp32"
"""The format that scales of blocks are multiplied in."""

TRAVERSALS: Final = ("sum", "prefix_sum", "select", "unique", "histogram")
"""Work on all elements of a vector that rests in the bank."""


class DmaSpec(Spec):
    """The engine between a bank and the scratchpad, which serves one request at a time: a fixed time and one a byte."""

    read: float = Field(ge=0, le=100_000, description="cycles of a read of no byte")
    write: float = Field(ge=0, le=100_000, description="cycles of a write of no byte")
    byte: float = Field(gt=0, le=1000, description="cycles of a byte")
    most: Bytes = Field(description="bytes of the longest request")


class Processor(Unit):
    """A processor that runs a program of its own on what lies in its bank."""

    unit: Literal["processor"] = "processor"
    slots: ClassVar[frozenset[str]] = frozenset({"vector"})

    tasklets: int = Field(ge=1, le=MAX_TASKLETS, description="threads that share the pipeline")
    interval: int = Field(ge=1, le=1000, description="cycles between two instructions of a tasklet")
    dma: DmaSpec
    block: Bytes = Field(description="bytes that a tasklet transfers at a time")
    program: int = Field(ge=1, le=1_000_000, description="instructions that the program memory holds")
    transfer: int = Field(ge=0, le=100_000, description="instructions around a transfer")
    hand: int = Field(ge=0, le=100_000, description="instructions of waiting for and waking the next tasklet")
    operand_bits: int = Field(ge=1, le=64, description="bits of the smaller factor of a product in software")
    instructions: dict[str, InstructionsSpec] = Field(min_length=1, description="by number format")
    energy: Energy = Field(description="of an instruction")
    area: Area = Field(description="of a processor with its memories of instructions and data")

    def can(self, work: str) -> bool:
        """Products and loops over what lies in its bank."""
        return work == PRODUCT or work in IN_PLACE or work in TRAVERSALS

    def multiplies(self, formats: Sequence[str], decided: object = None) -> bool:
        """Where it has instructions for every format."""
        return decided is None and all(name in self.instructions for name in formats)

    def writes_back(self) -> tuple[str, ...]:
        """What loops leave in the bank."""
        return IN_PLACE

    def table(self, number_format: str) -> InstructionsSpec:
        """Instructions for a format."""
        return self.instructions[number_format]

    def macs(self, pair: Pair) -> float:
        """Instructions of a multiply-accumulate of a pair, by the routines of its format."""
        return self.table(pair.format).macs(self.operand_bits, pair)

    def carried(self, number_format: str) -> float:
        """Instructions that a sum which is carried from element to element holds up: a pipeline that is full waits with
        it, of few tasklets only its own."""
        return self.table(number_format).carried * min(self.tasklets, self.interval) / self.interval

    def reading(self, byte: int) -> float:
        """Cycles of the DMA engine to read so many bytes, in requests of its longest."""
        return -(-byte // self.dma.most) * self.dma.read + byte * self.dma.byte

    def writing(self, byte: int) -> float:
        """Cycles of the DMA engine to write so many bytes."""
        return -(-byte // self.dma.most) * self.dma.write + byte * self.dma.byte

    def cycles(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Costs:
        """Instructions of products in the scratchpad, one a cycle; what the bank and the tasklets add is said by
        `loops`."""
        each = self.mac_cycles(formats) if work == PRODUCT else 1
        spent = np.asarray(macs(tiles) * each, dtype=np.int64)
        return costs_of(spent, spent, spent)

    def mac_cycles(self, formats: Sequence[str]) -> int:
        """Instructions of a multiply-accumulate by the longest routine of the formats, each a cycle at least."""
        known = [name for name in formats if name in self.instructions] or [next(iter(self.instructions))]
        return int(max(self.table(name).macs(self.operand_bits) for name in known))

    @property
    def scaling(self) -> int:
        """Instructions that multiply a sum by its scale and add it to another: routines of fp32 where it has them."""
        scales = self.instructions.get(SCALES, next(iter(self.instructions.values())))
        assert scales.add is not None
        return scales.product(self.operand_bits) + scales.add

    def peak(self, formats: Sequence[str] = (), work: str = PRODUCT) -> int:
        """Less than one a cycle, which is what this says; `mac_cycles` is exact."""
        return 1

    def events(self, tiles: Int64s, formats: Sequence[str] = (), work: str = PRODUCT) -> Mapping[str, int]:
        """Instructions."""
        return {"instruction": int(self.cycles(tiles, formats, work).interval.sum())}

    def prices(self, process: ProcessSpec, number_format: str) -> Mapping[str, Price]:
        """An instruction, whatever it does."""
        return {"instruction": Price("control", self.energy)}

    def area_m2(self, process: ProcessSpec, formats: Sequence[str]) -> float:
        """As stated."""
        return self.area

    def least_program(self, formats: Sequence[str]) -> int:
        """Instructions of the longest loop of products that is not unrolled, with its routine and its transfers."""
        tables = [self.instructions[name] for name in formats if name in self.instructions]
        known = [table for table in tables if not any(table.lacking())]
        longest = max((table.macs(self.operand_bits) for table in known), default=0)
        return int(longest) + 3 * self.transfer + self.hand

    def faults(self, formats: Sequence[str]) -> Iterator[str]:
        """Formats without instructions, and instructions that a product of one needs."""
        for name in formats:
            if name not in self.instructions:
                known = ", ".join(self.instructions)
                yield f"the processor computes in {name} and has instructions for {known} alone."
                continue
            for lacking in self.table(name).lacking():
                yield f"the processor computes in {name}, and its instructions say nothing of its {lacking}."
        if (least := self.least_program(formats)) > self.program:
            yield (
                f"the program memory holds {self.program} instructions, and a loop of products takes {least} with its "
                "routine and its transfers."
            )
        if self.block > self.dma.most or self.block % 8:
            yield f"a block is whole words of 8 B up to {self.dma.most} B, not {self.block} B."
