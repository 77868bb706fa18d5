"""Loops over elements that lie in the bank, as steps of a processor's tasklets.

Each tasklet takes blocks of them: a transfer to the scratchpad, the loop, a transfer back. Elements are counted for
one processor.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from bankside.arch.pe.processor.instructions import Block, Pair
from bankside.arch.pe.processor.tasklets import BARRIER, COMPUTE, DMA, HAND, LOCKED, run_tasklets
from bankside.arch.pe.processor.unit import Processor

Step = tuple[int, float]

WORD_BYTE = 8
"""What a transfer moves is whole words of this size."""

FOLLOWED = 9
"""Instructions more of a hand-over in which an element and a count come along: three loads and a move for what
comes, an address, a load, a sum and two stores for what goes on. Counted in PrIM's UNI/dpu/task.c (3de4b49), beside two
comparisons of its elements."""


class Time(NamedTuple):
    """Cycles of a processor: those in which instructions start, those in which none does and the DMA engine works, and
    those in which tasklets wait for their next instruction or for others."""

    issued: int
    moving: int
    waiting: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.issued + self.moving + self.waiting

    def __add__(self, other: object) -> "Time":
        assert isinstance(other, Time)
        return Time(*(one + two for one, two in zip(self, other, strict=True)))


class Done(NamedTuple):
    """A loop on one processor: its time, instructions, and bytes that its DMA engine read and wrote."""

    time: Time
    instructions: int
    read_byte: int
    written_byte: int


def run(unit: Processor, steps: Sequence[Step], rounds: int) -> Time:
    """`rounds` rounds of steps, dealt to all tasklets."""
    each, more = divmod(rounds, unit.tasklets)
    dealt = np.array([each + (t < more) for t in range(unit.tasklets)], dtype=np.int64)
    spent = np.zeros(3)
    run_tasklets(unit.interval, np.array(steps, dtype=np.float64).reshape(-1, 2), dealt, spent)
    return Time(*(int(cycles) for cycles in np.ceil(spent - 1e-6)))


def product(unit: Processor, shape: tuple[int, int, int], pair: Pair, room_byte: int) -> Done:
    """(m x k) (k x n): rows of n are dealt to tasklets, and each takes a row in blocks.

    Parameters
    ----------
    shape
        m, n, k.
    pair
        An element of the left and one of the right operand.
    room_byte
        Of the scratchpad: the left operand is read into it once where it leaves room for the blocks, else a block of it
        with every block of a row.
    """
    m, n, k = shape
    row_byte, moving_byte = (max(WORD_BYTE, -(-k * each // 8)) for each in reversed(pair.widths))
    blocks = int(-(-row_byte // unit.block))
    block_byte = words(row_byte / blocks)
    steps: list[Step] = [(DMA, unit.reading(block_byte))]
    held = m * moving_byte <= room_byte - unit.tasklets * unit.block
    requests = 1
    if not held:
        requests += m
        steps += [(DMA, unit.reading(words(moving_byte / blocks)))] * m
    work = m * k / blocks * unit.macs(pair) + requests * unit.transfer
    time = run(unit, [*steps, (COMPUTE, work)], n * blocks)
    read_byte = n * blocks * block_byte + (0 if held else int(n * m * moving_byte))
    if held:
        time += _first(unit, int(m * moving_byte))
        read_byte += int(m * moving_byte)
    return Done(time, round(n * blocks * work), read_byte, 0)


def elementwise(unit: Processor, function: str, operands: int, elements: int, fmt: tuple[str, float]) -> Done:
    """A function of every element of vectors, whose results are written to another."""
    blocks, each, block_byte = _blocks(unit, elements, fmt[1])
    work = (
        each * unit.table(fmt[0]).packed(fmt[1]).function(function, operands, unit.operand_bits)
        + (operands + 1) * unit.transfer
    )
    steps: list[Step] = [(DMA, unit.reading(block_byte))] * operands
    steps += [(COMPUTE, work), (DMA, unit.writing(block_byte))]
    time = run(unit, steps, blocks)
    return Done(time, round(blocks * work), blocks * operands * block_byte, blocks * block_byte)


def summed(unit: Processor, elements: int, fmt: tuple[str, float]) -> Done:
    """The sum of all elements; those of the tasklets are added by one of them when all have ended."""
    blocks, each, block_byte = _blocks(unit, elements, fmt[1])
    work = each * unit.table(fmt[0]).packed(fmt[1]).summed + unit.transfer
    held = each * unit.carried(fmt[0])
    time = run(unit, [(DMA, unit.reading(block_byte)), (COMPUTE, work + held)], blocks)
    return Done(time, round(blocks * work), blocks * block_byte, 0)


def scanned(unit: Processor, elements: int, fmt: tuple[str, float]) -> Done:
    """Sums of all elements up to each: in a block, then handed from tasklet to tasklet and added to each block."""
    blocks, each, block_byte = _blocks(unit, elements, fmt[1])
    first, second = (each * one + unit.transfer for one in _scan(unit, fmt))
    held = each * unit.carried(fmt[0])
    steps: list[Step] = [
        (DMA, unit.reading(block_byte)), (COMPUTE, first + held), (HAND, unit.hand), (BARRIER, 0), (COMPUTE, second),
        (DMA, unit.writing(block_byte)),
    ]  # fmt: skip
    time = run(unit, steps, blocks)
    return Done(time, round(blocks * (first + second + unit.hand)), blocks * block_byte, blocks * block_byte)


def raised(unit: Processor, elements: int, fmt: tuple[str, float]) -> Done:
    """A number added to every element where it lies, the second launch of prefix sums."""
    blocks, each, block_byte = _blocks(unit, elements, fmt[1])
    _, one = _scan(unit, fmt)
    work = each * one + 2 * unit.transfer
    steps: list[Step] = [(DMA, unit.reading(block_byte)), (COMPUTE, work), (DMA, unit.writing(block_byte))]
    return Done(run(unit, steps, blocks), round(blocks * work), blocks * block_byte, blocks * block_byte)


def selected(unit: Processor, elements: int, fmt: tuple[str, float], share: float) -> Done:
    """The elements of which a condition holds, a `share` of them, in their order: places are handed from tasklet to
    tasklet."""
    blocks, each, block_byte = _blocks(unit, elements, fmt[1])
    table = unit.table(fmt[0]).packed(fmt[1])
    one, _ = written(unit, fmt[1], table.tested, Block(table.kept, 0))
    work = each * (one + share * table.kept) + 2 * unit.transfer
    kept_byte = words(share * block_byte)
    steps: list[Step] = [
        (DMA, unit.reading(block_byte)), (COMPUTE, work), (HAND, unit.hand), (BARRIER, 0),
        (DMA, unit.writing(kept_byte)),
    ]  # fmt: skip
    time = run(unit, steps, blocks)
    return Done(time, round(blocks * (work + unit.hand)), blocks * block_byte, blocks * kept_byte)


def unique(unit: Processor, elements: int, fmt: tuple[str, float], share: float) -> Done:
    """The elements that differ from the one before, a `share` of them: with its place a tasklet hands its last over."""
    blocks, each, block_byte = _blocks(unit, elements, fmt[1])
    table = unit.table(fmt[0]).packed(fmt[1])
    one, _ = written(unit, fmt[1], table.compared, Block(table.kept, 0))
    work = each * (one + share * (table.kept + 1 - table.equal)) + 2 * unit.transfer
    hand = unit.hand + FOLLOWED + table.equal
    kept_byte = words(share * block_byte)
    steps: list[Step] = [
        (DMA, unit.reading(block_byte)), (COMPUTE, work), (HAND, hand), (DMA, unit.writing(kept_byte)), (BARRIER, 0),
    ]  # fmt: skip
    time = run(unit, steps, blocks)
    return Done(time, round(blocks * (work + hand)), blocks * block_byte, blocks * kept_byte)


def counted(unit: Processor, elements: int, fmt: tuple[str, float]) -> Done:
    """A histogram in the scratchpad that all tasklets share: each counter is locked while one is added."""
    blocks, each, block_byte = _blocks(unit, elements, fmt[1])
    table = unit.table(fmt[0]).packed(fmt[1])
    work, locked = each * table.binned + unit.transfer, each * table.locked
    steps: list[Step] = [(DMA, unit.reading(block_byte)), (COMPUTE, work), (LOCKED, locked)]
    return Done(run(unit, steps, blocks), round(blocks * (work + locked)), blocks * block_byte, 0)


def _scan(unit: Processor, fmt: tuple[str, float]) -> tuple[int, int]:
    """Instructions of an element in the loops of prefix sums, whose program has the second one twice."""
    table = unit.table(fmt[0]).packed(fmt[1])
    first, second, _ = written(unit, fmt[1], table.scanned, table.raised, table.raised)
    return first, second


def written(unit: Processor, bits: float, *parts: Block) -> tuple[int, ...]:
    """Instructions of an element in loops over a block, all unrolled where the program memory holds them together."""
    elements = unit.block * 8 / bits
    if elements * sum(part.straight for part in parts) <= unit.program:
        return tuple(part.straight for part in parts)
    return tuple(sum(part) for part in parts)


def words(byte: float) -> int:
    """Bytes of the whole words that hold so many."""
    return max(WORD_BYTE, -(-round(byte) // WORD_BYTE) * WORD_BYTE)


def _blocks(unit: Processor, elements: int, bits: float) -> tuple[int, float, int]:
    """Blocks of so many elements, elements of each, and its bytes."""
    byte = elements * bits / 8
    blocks = max(1, -(-round(byte) // unit.block))
    return blocks, elements / blocks, words(byte / blocks)


def _first(unit: Processor, byte: int) -> Time:
    """An operand that is brought to the scratchpad before all else, by one tasklet."""
    requests = -(-byte // unit.dma.most)
    return Time(requests * unit.transfer, round(requests * unit.dma.read + byte * unit.dma.byte), 0)
