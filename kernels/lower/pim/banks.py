"""What the banks of a channel do: operands are broadcast to them, column commands multiply in lock step, results are
drained.

Stationary operands are read once for as many input rows as a piece of the operand buffer holds; a column command then
takes as long as the lanes need for its elements times those rows. When the piece holds less than k elements, k is cut
and each cut's partial sums are drained.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from bankside.arch.causes import COMPUTE, LINK_LATENCY, LINK_SERIAL
from bankside.arch.dram.channel.in_order.stream import PIM_MAC, PIM_READ, PIM_WRITE
from bankside.arch.engine.program import Stream
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.pe.product import FASTER, Turning
from bankside.kernels.formats import Format
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.memory import count_levels, way
from bankside.kernels.plan.multipliers import turning_of

PERIOD_ERROR = 1e-6  # of a clock period, which is a whole number of femtoseconds
BUFFERED_BURSTS = 16  # operand registers of a core that states no SRAM, in bursts

Shape = tuple[int, int, int]
"""Input rows, outputs and depth of a product on one channel."""

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

    def write(self, node: NodeClass, byte: float, deps: list[int]) -> list[int]:
        """Broadcast operand bytes to all banks of each channel of the class: every pseudo-channel gets them."""
        count = -(-round(byte) // self.burst_byte)
        return self._edge(PIM_WRITE, node, count, self._link(node, count, deps))

    def read(self, node: NodeClass, byte: float, deps: list[int]) -> list[int]:
        """Drain result bytes from the banks of each channel of the class."""
        count = -(-round(byte) // (self.burst_byte * self.pseudo_channels))
        return self._link(node, count, self._edge(PIM_READ, node, count, deps))

    def _edge(self, kind: int, node: NodeClass, count: int, deps: list[int]) -> list[int]:
        """Commands of each pseudo-channel that cross the channel's edge, and on to the hub."""
        if count == 0:
            return deps
        moved = count * self.burst_byte * self.pseudo_channels * node.count
        count_levels(self.low, self.core, self.hub.level, moved)
        self.low.net_bytes["link" if self.hub.level in ("board", "host") else "noc"] += moved
        return self.low.stream(node, self.label, Stream(kind, 0, count), deps)

    def _link(self, node: NodeClass, count: int, deps: list[int]) -> list[int]:
        """A channel's even share of links between vault edge and hub, where they are narrower than all channels."""
        rate, _ = way(self.low.machine, self.hub)
        share = rate / self.hub.channels
        if count == 0 or share >= self.core.memory.channel_peak("vault") * (1 - PERIOD_ERROR):
            return deps
        serial_fs = round(count * self.burst_byte * self.pseudo_channels / share * FS_PER_S)
        unit = self.low.link_unit(node)
        return [self.low.builder.fixed(unit, self.label, [(LINK_SERIAL, serial_fs)], deps)]

    def mac(
        self, node: NodeClass, outputs: int, depth: int, rows: int, fmt: Format, deps: list[int]
    ) -> list[int]:
        """Stream `outputs` columns of `depth` stationary elements of each channel past the lanes, for `rows` input
        rows.

        Whole outputs belong to banks, so the bank with the most of them sets the time of all: ceil(outputs / banks)
        columns in every bank.
        """
        byte = outputs * depth * fmt.bits / 8
        count = self.columns(outputs, depth, fmt)
        moved = count * self.banks * self.burst_byte * node.count
        self.low.traffic["useful"] += round(byte) * node.count
        self.low.traffic["read"] += moved
        assert self.core.memory.standard is not None
        span = self.core.memory.standard.channel_bytes // (self.banks * self.burst_byte)
        if node.cursor + count > span:
            node.cursor = 0
        stream = Stream(PIM_MAC, node.cursor, count, min_gap=self.gap_slots(rows, fmt))
        node.cursor += count
        ops = self.low.stream(node, self.label, stream, deps)
        rest_fs = self.rest_slots(rows, fmt) * self.core.memory.standard.slot_fs
        return (
            [self.low.builder.fixed(node.path_delay, self.label, [(COMPUTE, rest_fs)], ops)]
            if rest_fs
            else ops
        )

    @property
    def beat_s(self) -> float:
        """Time between columns at the peak of the banks [s]."""
        return self.banks * self.burst_byte / self.core.memory.channel_peak(self.core.level)

    def rest_slots(self, rows: int, fmt: Format) -> int:
        """Slots that lanes slower than the columns still take when the last column has come."""
        assert self.core.memory.standard is not None
        beat = self.beat_s * FS_PER_S / self.core.memory.standard.slot_fs
        return max(0, self.gap_slots(rows, fmt) - ceil(beat * (1 - PERIOD_ERROR)))

    @property
    def banks(self) -> int:
        """Banks (or pairs, or bank groups) of a channel that read a column each in one step."""
        return self.core.cores // self.core.spec.per

    def columns(self, outputs: int, depth: int, fmt: Format) -> int:
        """Column commands of `outputs` x `depth` elements, whole outputs in each bank."""
        return -(-round(-(-outputs // self.banks) * depth * fmt.bits / 8) // self.burst_byte)

    def tiles(self, outputs: int, rows: int) -> list[int]:
        """Outputs whose sums of `rows` rows stay in the accumulators at a time; all at once where none are kept."""
        held = self.core.spec.accumulators
        size = max(1, held // rows) * self.banks if held else outputs
        return [min(size, outputs - first) for first in range(0, outputs, size)]

    def drained(self, results: int, fmt: Format) -> float:
        """Bytes that `results` results take on their way out: whole registers, or single numbers."""
        return results * (self.burst_byte if self.core.spec.accumulators else fmt.bits / 8)

    def gap_slots(self, rows: int, fmt: Format) -> int:
        """Slots that the cores of a bank take for a column's elements, of which each has its share, times `rows`."""
        elements = int(self.burst_byte * 8 // fmt.bits)
        column = np.array([[rows], [1], [-(-elements // self.core.spec.per)]], dtype=np.int64)
        # what is broadcast is turned once into what is multiplied, and not for every column
        units = self.core.spec.multipliers(fmt.computed, turning=self.turning(fmt))
        cycles = int(units.choose(column, FASTER).interval[0])
        assert self.core.memory.standard is not None
        slots = cycles * self.core.period_fs / self.core.memory.standard.slot_fs
        return ceil(slots * (1 - PERIOD_ERROR))

    def turning(self, stationary: Format) -> Turning:
        """What the lanes do to the elements of a column."""
        return turning_of((stationary, stationary), "b")

    def count(self, shape: Shape, formats: Formats, times: int) -> None:
        """Count what the units of all banks of a channel compute of a product, `times` over."""
        units = self.core.spec.multipliers(formats[0].computed, formats[1].computed)
        whole = np.array(shape, dtype=np.int64)[:, None]
        turning = self.turning(formats[1])
        if any(turning):
            turned = round(float(turning.operations(whole).sum()))
            self.low.count_unit(self.core, "vector", {"vector_op": turned}, times)
        unit = int(units.choose(whole, FASTER).unit[0])
        for slot, counted in units.events(whole, unit).items():
            self.low.count_unit(self.core, slot, counted, times)

    def product(
        self, node: NodeClass, shape: Shape, formats: Formats, piece: tuple[int, int], deps: list[int]
    ) -> list[int]:
        """One product of a channel: operands in, in pieces of (rows, depth), columns past the lanes, results or
        partial sums out."""
        (rows, outputs, depth), (a, b, out), (at_once, cut) = shape, formats, piece
        tail = deps
        for first in range(0, rows, at_once):
            batch = min(at_once, rows - first)
            for tile in self.tiles(outputs, batch):
                for k in range(0, depth, cut):
                    deep = min(cut, depth - k)
                    ready = self.write(node, batch * deep * a.bits / 8, tail)
                    tail = self.mac(node, tile, deep, batch, b, ready)
                    if k + cut >= depth or not self.core.spec.accumulators:
                        tail = self.read(node, self.drained(batch * tile, out), tail)
        return tail
