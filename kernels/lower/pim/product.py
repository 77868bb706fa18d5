"""A product on one channel as a PIM program: operands in, columns past the lanes, results out.

The outputs of a tile stay in the accumulators of the banks' lanes; the operand comes in pieces of some rows and some
depth, each of which is broadcast and then multiplied with the columns that belong to it. Where registers are buffers of
the banks, results are drained after the last piece of a tile (after every one where nothing accumulates) and columns go
on from slice to slice of the banks. Where registers lie in a row, as in HBM-PIM, the pieces of a tile are dealt to the
slices, of which one after the other computes; a unit's kernel is a loop over its registers, with a fence after each
turn; results are stored to a row, and the host reads them when it has left the mode of PIM. Sequence of these: Samsung
PIMSimulator b464dde, src/tests/PIMKernel.cpp (computeGemv). What is stationary lies once: passes for further rows of
the operand go over the same columns (executeGemv, read at 2efbd27: no address of a weight depends on the vector).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.pim.program import (
    DATA,
    FIELDS,
    NO_LOOPS,
    NO_ROW,
    OPERAND,
    RESULT,
    Entries,
    commands,
)
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR
from bankside.arch.dram.device.session import steps
from bankside.arch.dram.device.standard import Standard
from bankside.arch.spec import ConfigError

Int64s = npt.NDArray[np.int64]

OPERAND_COLUMN = 8
"""Column of the row of registers where those of operands begin, in front of which kernel code and mode bits lie."""

START, WRITE, COLUMNS, READ, STOP = range(5)
"""What is done for a piece, in this order."""


@dataclass(frozen=True)
class Pieces:
    """Pieces of the operand of successive products, in their order; n pieces.

    tile: int64[n], the tile of outputs that a piece belongs to; write, columns, read: int64[n], bursts of its operand,
    columns in every bank, and bursts or registers of results after it; gap: int64[n], packed time between columns;
    skip: int64[n], columns behind it that are left out, none where it is not given; turn, product: int64[n], the pass
    over what is stationary that a piece belongs to, and of which product that is, one where they are not given; loop,
    times: int64[n], the loop whose body a piece belongs to (-1: none) and how often that is gone through, none where
    they are not given.
    """

    tile: Int64s
    write: Int64s
    columns: Int64s
    read: Int64s
    gap: Int64s
    skip: Int64s | None = None
    turn: Int64s | None = None
    product: Int64s | None = None
    loop: Int64s | None = None
    times: Int64s | None = None

    def __len__(self) -> int:
        return len(self.tile)

    @property
    def taken(self) -> Int64s:
        """Columns of every bank from each piece to the next of its pass."""
        return self.columns if self.skip is None else self.columns + self.skip

    @property
    def turns(self) -> Int64s:
        """How often each piece comes."""
        return np.ones_like(self.tile) if self.times is None else self.times

    @property
    def of(self) -> tuple[Int64s, Int64s]:
        """The pass and the product of each."""
        none = np.zeros_like(self.tile)
        return none if self.turn is None else self.turn, none if self.product is None else self.product

    @property
    def loops(self) -> list[tuple[int, int, int]]:
        """First piece, end of the pieces and times of each loop, in order."""
        if self.loop is None or self.times is None:
            return []
        edges = np.flatnonzero(np.diff(self.loop, prepend=-1, append=-1)).tolist()
        found = [(a, b) for a, b in pairwise(edges) if self.loop[a] >= 0]
        return [(a, b, int(self.times[a])) for a, b in found]

    def again(self, count: int, times: int) -> "Pieces":
        """One pass, `count` times over; all that `times` times, as a loop, where that is more than once."""
        passes = self._over(count)
        n = len(passes)
        return replace(passes, loop=np.full(n, 0 if times > 1 else -1), times=np.full(n, times))

    def of_products(self, count: int) -> "Pieces":
        """The same of so many products, one behind the other."""
        if count == 1:
            return self
        return replace(self._over(count), product=np.repeat(np.arange(count), len(self)))

    def _over(self, count: int) -> "Pieces":
        """The same passes, `count` times over."""

        def further(numbers: Int64s) -> Int64s:
            shift = np.arange(count)[:, None] * (int(numbers.max()) + 1)
            return np.where(numbers < 0, numbers, numbers + shift).ravel()

        return Pieces(
            further(self.tile),
            np.tile(self.write, count),
            np.tile(self.columns, count),
            np.tile(self.read, count),
            np.tile(self.gap, count),
            skip=np.tile(self.taken - self.columns, count),
            turn=further(self.of[0]),
            loop=further(self.numbered_loops),
            times=np.tile(self.turns, count),
        )

    @property
    def numbered_loops(self) -> Int64s:
        """The loop of each piece, -1: none."""
        return np.full(len(self), -1) if self.loop is None else self.loop


def joined(parts: Sequence[Pieces]) -> Pieces:
    """Pieces of successive passes of one product."""

    def numbered(each: Sequence[Int64s]) -> Int64s:
        begins = np.cumsum([0, *[int(numbers.max()) + 1 for numbers in each]])[:-1]
        whole, shift = np.concatenate(each), np.repeat(begins, [len(numbers) for numbers in each])
        return np.where(whole < 0, whole, whole + shift)

    return Pieces(
        numbered([part.tile for part in parts]),
        np.concatenate([part.write for part in parts]),
        np.concatenate([part.columns for part in parts]),
        np.concatenate([part.read for part in parts]),
        np.concatenate([part.gap for part in parts]),
        np.concatenate([part.taken - part.columns for part in parts]),
        turn=numbered([part.of[0] for part in parts]),
        loop=numbered([part.numbered_loops for part in parts]),
        times=np.concatenate([part.turns for part in parts]),
    )


@dataclass(frozen=True)
class Moves:
    """What a program has, in bursts of each pseudo-channel and columns of each bank; `end` is the next free column,
    `results` the row from which on results are stored (-1: none are), loops: int64[loops, LOOP_WORDS]."""

    entries: Entries
    written: int
    columns: int
    read: int
    end: int
    results: int = -1
    loops: Int64s = field(default_factory=lambda: NO_LOOPS)

    @property
    def commands(self) -> int:
        """Commands of all turns."""
        count = commands(self.entries)
        for first, entries, times in self.loops.tolist():
            count += (times - 1) * commands(self.entries[first : first + entries])
        return count


def reserved_rows(standard: Standard) -> int:
    """Last rows of each bank that hold registers or are stepped into by a switch of modes."""
    pim = standard.spec.pim
    if pim is None:
        return 0
    sequences = (*pim.enter, *pim.exit, *pim.start, *pim.stop)
    return max([int(in_row(standard)), *(-step.row for step in sequences)])


def in_row(standard: Standard) -> bool:
    """Whether operand registers are columns of a row."""
    return int(standard.packed[0]["register_row"]) >= 0


def product_program(
    standard: Standard, pieces: Pieces, registers: int, cursor: int = 0, move_gap: int = 0
) -> Moves:
    """The program of `pieces`, of which the first product begins with the first row from column number `cursor` of the
    banks on.

    Parameters
    ----------
    registers : int
        Accumulators of a bank's lanes, which are the turns of a kernel's loop where registers lie in a row.
    move_gap : int
        Packed time between bursts of operands or results.

    Raises
    ------
    ConfigError
        When an operand has more bursts than there are columns in the row of registers, or results find no room.
    """
    packed = standard.packed[0]
    slices, columns = int(packed["slices"]), standard.columns
    rows = standard.rows - reserved_rows(standard)
    heads = [int(packed["member"][s * packed["slice_banks"]]) for s in range(slices)]
    row_wise = in_row(standard)
    if row_wise:
        order, slice_of = _dealt(pieces.tile, slices)
    else:
        order, slice_of = np.arange(len(pieces.tile)), np.zeros(len(pieces.tile), dtype=np.int64)
    tile, write, count, read, gap = (
        values[order] for values in (pieces.tile, pieces.write, pieces.columns, pieces.read, pieces.gap)
    )
    taken, turn, product = (values[order] for values in (pieces.taken, *pieces.of))
    place, base = np.arange(len(tile)), -(-cursor // (columns * slices)) * columns
    if row_wise:
        first, used = _per_slice((taken, turn, product), slice_of, slices)
        which, at, here = _runs(base + first, count, columns)
        s, row = slice_of[which], at // columns
        end = (base + -(-used // columns) * columns) * slices
    else:
        first, used = _places(taken, turn, product)
        which, at, here = _runs(base * slices + first, count, columns)
        segment = at // columns
        s, row, end = segment % slices, segment // slices, base * slices + used
    last = np.append(which[1:] != which[:-1], True)
    fence = np.minimum(here, registers) if row_wise else np.where(last, here, 0)
    parts = [
        _block(
            (which, COLUMNS), MAC, np.array(heads)[s], row % rows, at % columns, here, fence, DATA, gap[which]
        )
    ]
    register_row = standard.rows - 1 if row_wise else NO_ROW
    results = -1
    start = _operand_column(standard, int(write.max(initial=0))) if row_wise else 0
    some = write > 0
    parts.append(
        _block(
            (place[some], WRITE),
            PIM_WR,
            heads[-1],
            register_row,
            start,
            write[some],
            write[some],
            OPERAND,
            move_gap,
        )
    )
    some = read > 0
    if row_wise:
        results = end // slices // columns % rows
        parts += _stores(
            (place[some], READ), read[some], heads[-1], (end // slices // columns, rows, columns)
        )
        end += -(-int(read.sum()) // columns) * columns * slices
        ends = np.append(tile[1:] != tile[:-1], True)
        begins = np.append(True, tile[1:] != tile[:-1])
        assert standard.spec.pim is not None
        parts.append(_steps((place[begins], START), steps(standard.spec, standard.spec.pim.start)))
        parts.append(_steps((place[ends], STOP), steps(standard.spec, standard.spec.pim.stop)))
    else:
        parts.append(
            _block((place[some], READ), PIM_RD, heads[0], NO_ROW, 0, read[some], read[some], RESULT, move_gap)
        )
    keys = np.concatenate([key for key, _ in parts])
    sorting = np.argsort(keys, kind="stable")
    entries, turns = np.concatenate([block for _, block in parts])[sorting], pieces.turns[order]
    loops = np.array(pieces.loops, dtype=np.int64).reshape(-1, 3).T
    first, end_ = (np.searchsorted(keys[sorting], 8 * of) for of in loops[:2])
    written, used, drained = (int((each * turns).sum()) for each in (write, count, read))
    return Moves(
        entries,
        written,
        used,
        drained,
        end,
        results,
        np.stack([first, end_ - first, loops[2]], axis=1),
    )


def _places(taken: Int64s, turn: Int64s, product: Int64s) -> tuple[Int64s, int]:
    """Column where each piece begins, and columns of all: behind the one before it in its pass, which begins where its
    product does; and that lies behind the longest pass of the product before."""
    begins = np.flatnonzero(np.diff(turn, prepend=-1))
    longest = np.zeros(int(product.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(longest, product[begins], np.add.reduceat(taken, begins) if len(begins) else begins)
    upto = np.cumsum(taken) - taken
    within = upto - np.repeat(upto[begins], np.diff(np.append(begins, len(turn))))
    return within + (np.cumsum(longest) - longest)[product], int(longest.sum())


def _dealt(tile: Int64s, slices: int) -> tuple[Int64s, Int64s]:
    """Pieces of each tile dealt to slices in turn: the order in which slice after slice has its own, and its slice."""
    begins = np.flatnonzero(np.append(True, tile[1:] != tile[:-1]))
    within = np.arange(len(tile)) - np.repeat(begins, np.diff(np.append(begins, len(tile))))
    order = np.lexsort((within % slices, np.cumsum(np.append(False, tile[1:] != tile[:-1]))))
    return order, (within % slices)[order]


def _per_slice(pieces: tuple[Int64s, Int64s, Int64s], slice_of: Int64s, slices: int) -> tuple[Int64s, int]:
    """Column of its slice where each piece begins, and columns that the fullest slice has."""
    first = np.zeros_like(slice_of)
    used = 0
    for s in range(slices):
        own = slice_of == s
        first[own], here = _places(*(of[own] for of in pieces))
        used = max(used, here)
    return first, used


def _runs(first: Int64s, count: Int64s, columns: int) -> tuple[Int64s, Int64s, Int64s]:
    """Runs cut at the ends of rows: which piece each is of, its first column, and columns."""
    segments = np.where(count > 0, (first + count - 1) // columns - first // columns + 1, 0)
    which = np.repeat(np.arange(len(count)), segments)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(segments) - segments, segments)
    begin = np.maximum(first[which], (first[which] // columns + nth) * columns)
    end = np.minimum((first + count)[which], (first[which] // columns + nth + 1) * columns)
    return which, begin, end - begin


def _operand_column(standard: Standard, bursts: int) -> int:
    """Column where operand registers begin.

    Raises
    ------
    ConfigError
        If there are not as many.
    """
    if bursts > standard.columns:
        raise ConfigError(
            [
                f"An operand of {bursts} bursts does not fit the {standard.columns} columns of the row of registers; "
                "give the core less SRAM."
            ]
        )
    return min(OPERAND_COLUMN, standard.columns - bursts)


def _stores(
    key: tuple[Int64s, int], count: Int64s, bank: int, room: tuple[int, int, int]
) -> list[tuple[Int64s, Entries]]:
    """Registers written to rows of a slice from row `room[0]` on, one tile after the other."""
    row, rows, columns = room
    first = row * columns + np.cumsum(count) - count
    which, at, here = _runs(first, count, columns)
    last = np.append(which[1:] != which[:-1], True)
    fence = np.where(last, here, 0)
    return [
        _block(
            (key[0][which], key[1]), PIM_WR, bank, at // columns % rows, at % columns, here, fence, RESULT, 0
        )
    ]


def _block(key: tuple[Int64s, int], *fields: int | Int64s) -> tuple[Int64s, Entries]:
    """Keys of entries, by which they stand in the program, and the entries."""
    entries = np.empty((len(key[0]), len(FIELDS)), dtype=np.int64)
    for name, value in enumerate(fields):
        entries[:, name] = value
    return key[0] * 8 + key[1], entries


def _steps(key: tuple[Int64s, int], sequence: Entries) -> tuple[Int64s, Entries]:
    """The same steps in several places."""
    return np.repeat(key[0] * 8 + key[1], len(sequence)), np.tile(sequence, (len(key[0]), 1))
