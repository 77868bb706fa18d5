"""What the banks of a channel do: operands are broadcast to them, column commands multiply in lock step, results are
drained.

Stationary operands are read once for as many input rows as a piece of the operand buffer holds and sums are kept of; a
column command then takes as long as the lanes need for its elements times those rows. When the piece holds less than k
elements, k is cut and each cut's partial sums are drained.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import COMPUTE, LINK_LATENCY, LINK_SERIAL
from bankside.arch.dram.channel.pim.program import words
from bankside.arch.dram.channel.source import READ
from bankside.arch.dram.device.standard import CAUSE_BITS
from bankside.arch.engine.program import Stream
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.machine.path import way
from bankside.arch.pe.product import FASTER, Turning
from bankside.kernels.formats import Format
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.pim.passes import DEPTH, OUTPUTS, ROWS, Passes, Shape, begins_of, cut_into
from bankside.kernels.lower.pim.product import Moves, Pieces, in_row, joined, product_program, reserved_rows
from bankside.kernels.lower.ways import PERIOD_ERROR
from bankside.kernels.plan.multipliers import turning_of
from bankside.kernels.plan.processor_tiling import SUM_BITS

BUFFERED_BURSTS = 16  # operand registers of a core that states no SRAM, in bursts

BODY = 256
"""Commands that the body of a loop has at least: a prefill layer of 8192 tokens on attacc-bg is served in 1.9 s so, in
2.8 and 3.1 s with 512 and 2048, in 1.9 to 2.2 s with fewer (CPU, single runs beside other work)."""

LOOPED = 4
"""Turns from which on passes are a loop."""

Int64s = npt.NDArray[np.int64]
T = TypeVar("T")

Formats = tuple[Format, Format, Format]
"""Of the operand that is broadcast, of the stationary one, and of the results."""


@dataclass
class Banks:
    """One PIM core kind during one operator: emits commands on its channels and counts what they move."""

    low: Lowering
    core: Core
    hub: Core
    label: int

    @property
    def burst_byte(self) -> int:
        """Bytes of one column access at one bank."""
        return self.core.memory.burst_bytes

    @property
    def pseudo_channels(self) -> int:
        """Pseudo-channels of a channel; each has its commands."""
        assert self.core.memory.standard is not None
        return self.core.memory.standard.pseudo_channels

    @property
    def buffer_byte(self) -> float:
        """Operand bytes that the banks of a channel hold."""
        sram = self.core.spec.sram
        return sram.size if sram else BUFFERED_BURSTS * self.burst_byte

    def arrive(self) -> list[int]:
        """From the hub to the channels: what every broadcast waits for."""
        return self.hop(self.low.tails(self.hub))

    def leave(self, ops: list[int]) -> None:
        """From the channels to the hub."""
        self.low.set_tails(self.hub, self.hop(ops))

    def hop(self, ops: list[int]) -> list[int]:
        """The way between hub and channels, in latency."""
        _, latency_s = way(self.low.machine, self.hub)
        if latency_s == 0:
            return ops
        delay = self.low.groups[self.hub.name][0].path_delay
        return [self.low.builder.fixed(delay, self.label, [(LINK_LATENCY, round(latency_s * FS_PER_S))], ops)]

    @property
    def beat_s(self) -> float:
        """Time between columns at the peak of the banks [s]."""
        return self.banks * self.burst_byte / self.core.memory.channel_peak(self.core.level)

    def rest_slots(self, rows: int, moving: Format, fmt: Format) -> int:
        """Slots that lanes slower than the columns still take when the last column has come."""
        return self.beyond_beat(self.gap_slots(rows, moving, fmt))

    def beyond_beat(self, slots: int) -> int:
        """Slots that lanes take for a column beyond the time between columns."""
        assert self.core.memory.standard is not None
        beat = self.beat_s * FS_PER_S / self.core.memory.standard.slot_fs
        return max(0, slots - ceil(beat * (1 - PERIOD_ERROR)))

    @property
    def banks(self) -> int:
        """Banks (or pairs, or bank groups) of a channel that read a column each in one step."""
        return self.core.cores // self.core.spec.per

    def columns(self, outputs: Int64s, depth: Int64s, fmt: Format) -> Int64s:
        """Column commands of `outputs` x `depth` elements, whole outputs in each bank."""
        byte = np.round(-(-outputs // self.banks) * depth * fmt.bits / 8).astype(np.int64)
        return np.asarray(-(-byte // self.burst_byte))

    def tiles(self, outputs: int, rows: int) -> Int64s:
        """Outputs whose sums of `rows` rows stay in the accumulators at a time; all at once where none are kept."""
        return cut_into(outputs, int(self._tile(*np.array([outputs, rows], dtype=np.int64))))

    def _tile(self, outputs: Int64s, rows: Int64s) -> Int64s:
        held = 1 if self.core.spec.sums else self.core.spec.accumulators
        return np.asarray(np.maximum(1, held // rows) * self.banks if held else outputs)

    def result_byte(self, fmt: Format) -> float:
        """Bytes that a result takes on its way out: a whole register, or a single number, which is a sum of 32 bits
        where integers are multiplied."""
        bits = max(SUM_BITS, fmt.bits) if fmt.kind == "int" else fmt.bits
        return self.burst_byte if self.core.spec.accumulators else bits / 8

    def gap_slots(self, rows: int, moving: Format, fmt: Format) -> int:
        """Slots that the cores of a bank take for a column's elements, of which each has its share, times `rows` of
        what is broadcast."""
        elements = int(self.burst_byte * 8 // fmt.bits)
        column = np.array([[rows], [1], [-(-elements // self.core.spec.per)]], dtype=np.int64)
        units = self.core.spec.multipliers(
            moving.computed, fmt.computed, turning=self.turning(moving, fmt), decided=fmt.decided
        )
        return self.slots(int(units.choose(column, FASTER).interval[0]))

    def slots(self, cycles: int) -> int:
        """Slots of so many cycles of a core."""
        assert self.core.memory.standard is not None
        slots = cycles * self.core.period_fs / self.core.memory.standard.slot_fs
        return ceil(slots * (1 - PERIOD_ERROR))

    def turning(self, moving: Format, stationary: Format) -> Turning:
        """What the lanes do to the elements of a column, and to sums for the scales of either operand; what is
        broadcast is turned once into what is multiplied, and not for every column."""
        scaled = float(moving.conversion.per_pair) if moving.conversion else 0.0
        return turning_of((stationary, stationary), "b", scaled)

    def count(self, shapes: Int64s, formats: Formats, times: int) -> None:
        """Count what the units of all banks of a channel compute of products, int64[3, n], `times` over."""
        for slot, counted in self._once(
            ("counts", shapes.tobytes(), formats), lambda: self._counts(shapes, formats)
        ):
            self.low.count_unit(self.core, slot, counted, times)
        self.count_operands(shapes, formats[0], times)

    def _counts(self, shapes: Int64s, formats: Formats) -> list[tuple[str, Mapping[str, int]]]:
        """What each unit counts of products."""
        units = self.core.spec.multipliers(
            formats[0].computed, formats[1].computed, decided=formats[1].decided
        )
        found: list[tuple[str, Mapping[str, int]]] = []
        turning = self.turning(*formats[:2])
        if any(turning):
            found.append(("vector", {"vector_op": int(np.round(turning.operations(shapes)).sum())}))
        chosen = units.choose(shapes, FASTER).unit
        for unit in np.unique(chosen).tolist():
            found += units.events(shapes[:, chosen == unit], unit).items()
        return found

    def count_operands(self, shapes: Int64s, fmt: Format, times: int) -> None:
        """Count the reads of the operand that is broadcast: an element for each multiply-accumulate, at every bank from
        its own store, or once for all banks from one that they share."""
        sram = self.core.spec.sram
        if sram is not None:
            rows, outputs, depth = shapes
            readers = -(-outputs // self.banks) if sram.shared else outputs
            read = np.round(rows * readers * depth * fmt.bits / 8).sum()
            self.low.count_unit(self.core, "sram", {"sram_read": int(read)}, times)

    def product(
        self,
        node: NodeClass,
        items: int,
        passes: Passes,
        formats: Formats,
        cut: int,
        deps: list[int],
    ) -> list[int]:
        """`items` products of a channel as one program, one after the other, each in `passes` over what is stationary
        of it: operands in, in pieces of depth `cut`, columns past the lanes, results or partial sums out."""
        standard = self.core.memory.standard
        assert standard is not None
        what = items, passes.key, formats, cut
        pieces = self._once(("pieces", *what), lambda: self.pieces(items, passes, formats, cut))
        moves, entries = self._once(
            ("program", *what, node.cursor), lambda: self._program(pieces, node.cursor)
        )
        node.cursor = moves.end
        elements = passes.shapes[OUTPUTS] * passes.shapes[DEPTH]
        useful = items * int((np.round(elements * formats[1].bits / 8).astype(np.int64) * passes.times).sum())
        self.count_columns(node, moves.columns, useful)
        stored = in_row(standard)
        self.count_edge(node, moves.written + (0 if stored else moves.read))
        tail = self.low.program(node, self.label, entries, moves.commands, deps)
        return self._read_back(node, moves.read * self.banks, tail) if stored else tail

    def _once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What equal products have in common, on whatever nodes and at whatever clock of the hub."""
        return self.low.once((key, self.core.name, self.hub.name), make, lasts=True)

    def _program(self, pieces: Pieces, cursor: int) -> tuple[Moves, Int64s]:
        """A program with columns from number `cursor` on, and its words."""
        standard, share = self.core.memory.standard, self.link_slots()
        assert standard is not None
        gap = (share << CAUSE_BITS) + LINK_SERIAL if share else 0
        moves = product_program(standard, pieces, self.core.spec.accumulators or 1, cursor, gap)
        rows = standard.rows - reserved_rows(standard)
        return moves, words(moves.entries, in_row(standard), moves.results, rows, moves.loops)

    def pieces(self, items: int, passes: Passes, formats: Formats, cut: int) -> Pieces:
        """The pieces of `items` products in their order. What is stationary lies once, so each pass begins where its
        product does."""
        told = self._told(passes.shapes, formats, cut)
        first = begins_of(told)
        times = np.add.reduceat(passes.times, first)
        _, at, of = np.unique(told[:, first], axis=1, return_index=True, return_inverse=True)
        shapes = passes.shapes[:, first[at]]
        gaps = {rows: self._gap(rows, formats) for rows in set(shapes[ROWS].tolist())}
        made = [self._pass((rows, *over), cut, formats, gaps[rows]) for rows, *over in shapes.T.tolist()]
        each: list[Pieces] = []
        for kind, count in zip(of.ravel().tolist(), times.tolist(), strict=True):
            body, turns = self._looped(made[kind], count)
            each += [made[kind].again(n, many) for n, many in ((body, turns), (count - body * turns, 1)) if n]
        return joined(each).of_products(items)

    def _told(self, shapes: Int64s, formats: Formats, cut: int) -> Int64s:
        """What tells the pieces of one pass from those of another, of shapes int64[3, n]: int64[words, n]."""
        rows, outputs, depth = shapes
        a, b, out = formats
        cuts, size = -(-depth // cut), self._tile(outputs, rows)
        tiles = -(-outputs // size)
        last, deep = outputs - (tiles - 1) * size, depth - (cuts - 1) * cut
        most = np.minimum(cut, depth)
        return np.stack(
            [
                *(rows, cuts, tiles),
                *(self._written(rows, of, a) for of in (most, deep)),
                *(self.columns(n, of, b) for n in (size, last) for of in (most, deep)),
                *(self._read_bursts(rows, n, out) for n in (size, last)),
            ]
        )

    def _looped(self, one: Pieces, count: int) -> tuple[int, int]:
        """Passes of the body of a loop over equal ones, and its turns; one turn where registers lie in rows."""
        assert self.core.memory.standard is not None
        commands_ = int((one.write + one.columns + one.read).sum())
        body = -(-BODY // max(1, commands_))
        return (
            (count, 1)
            if in_row(self.core.memory.standard) or count < LOOPED * body
            else (body, count // body)
        )

    def _gap(self, rows: int, formats: Formats) -> int:
        """Packed time between columns for so many rows, where it is longer than that of the banks."""
        slots = self.gap_slots(rows, *formats[:2])
        return (slots << CAUSE_BITS) + COMPUTE if self.beyond_beat(slots) else 0

    def _pass(self, shape: Shape, cut: int, formats: Formats, packed: int) -> Pieces:
        """One pass over the stationary operand."""
        (batch, outputs, depth), (a, b, out) = shape, formats
        tiles, deep = self.tiles(outputs, batch), cut_into(depth, cut)
        written = self._written(batch, deep, a)
        columns = self.columns(tiles[:, None], deep, b)
        if self.core.spec.sums is not None:
            return self._summed(written, columns, packed)
        read = np.zeros_like(columns)
        read[:, (-1 if self.core.spec.accumulators else 0) :] = self._read_bursts(batch, tiles, out)[:, None]
        return Pieces(
            np.repeat(np.arange(len(tiles)), len(deep)),
            np.tile(written, len(tiles)),
            columns.ravel(),
            read.ravel(),
            np.full(columns.size, packed),
        )

    def _written(self, rows: int | Int64s, depth: Int64s, fmt: Format) -> Int64s:
        """Bursts in which an operand comes."""
        byte = np.round(rows * depth * fmt.bits / 8).astype(np.int64)
        return np.asarray(-(-byte // self.burst_byte))

    def _summed(self, written: Int64s, columns: Int64s, gap: int) -> Pieces:
        """Sums one after the other, columns int64[tiles, cuts]: each takes a bias in and a result out, and none has
        columns in two rows where they fit one."""
        assert self.core.spec.sums is not None and self.core.memory.standard is not None
        tiles, cuts = columns.shape
        buffer, bias, result = (np.zeros((tiles, cuts), dtype=np.int64) for _ in range(3))
        if self.core.spec.sums.order == "held":
            buffer[0] = written
            bias[:], result[:] = 1, 1
            columns, buffer, bias, result = columns.T, buffer.T, bias.T, result.T
        else:
            buffer[:] = written
            bias[:, 0], result[:, -1] = 1, 1
        row = self.core.memory.standard.columns
        fit = np.maximum(1, row // np.maximum(1, columns))
        skip = np.where(columns <= row, row // fit - columns, 0)
        n = columns.size
        return Pieces(
            np.arange(n),
            (buffer + bias).ravel(),
            columns.ravel(),
            result.ravel(),
            np.full(n, gap, dtype=np.int64),
            skip.ravel(),
        )

    def _read_bursts(self, rows: int | Int64s, outputs: Int64s, fmt: Format) -> Int64s:
        """Bursts of each pseudo-channel in which results leave, or registers of each bank that hold them."""
        assert self.core.memory.standard is not None
        if in_row(self.core.memory.standard):
            return np.asarray(-(-outputs // self.banks) * rows)
        byte = np.round(rows * outputs * self.result_byte(fmt)).astype(np.int64)
        return np.asarray(-(-byte // (self.burst_byte * self.pseudo_channels)))

    def link_slots(self) -> int:
        """Slots that a channel's even share of links between vault edge and hub takes for a burst of every
        pseudo-channel, where they are narrower than all channels."""
        rate, _ = way(self.low.machine, self.hub)
        share = rate / self.hub.channels
        if share >= self.core.memory.channel_peak("vault") * (1 - PERIOD_ERROR):
            return 0
        assert self.core.memory.standard is not None
        serial_fs = self.burst_byte * self.pseudo_channels / share * FS_PER_S
        return ceil(serial_fs / self.core.memory.standard.slot_fs * (1 - PERIOD_ERROR))

    def count_columns(self, node: NodeClass, columns: int, useful_byte: int) -> None:
        """Count columns that the banks of a channel read, and what of them is of use [byte]."""
        self.low.traffic["useful"] += useful_byte * node.count
        self.low.traffic["read"] += columns * self.banks * self.burst_byte * node.count

    def count_edge(self, node: NodeClass, count: int) -> None:
        """Count bursts of each pseudo-channel that cross the channel's edge, and go on to the hub or come from it."""
        moved = count * self.burst_byte * self.pseudo_channels * node.count
        self.low.count_levels(self.core.memory, "base", self.hub.level, moved)
        self.low.net_bytes["link" if self.hub.level in ("board", "host") else "noc"] += moved

    def _read_back(self, node: NodeClass, bursts: int, deps: list[int]) -> list[int]:
        """The hub reads `bursts` of results of a channel that were stored in its rows."""
        self.count_edge(node, -(-bursts // self.pseudo_channels))
        gap = -(-self.link_slots() // self.pseudo_channels)
        return self.low.stream(node, self.label, Stream(READ, 0, bursts, min_gap=gap), deps)
