"""Work inside the DRAM die: operands are broadcast to the banks, column commands multiply in lock step, results are
drained. Activations live at the hub, the nearest core outside that runs row-wise functions.

Stationary operands are read once for as many input rows as a piece of the operand buffer holds; a column command then
takes as long as the lanes need for its elements times those rows. When the piece holds less than k elements, k is cut
and each cut's partial sums are drained. Queries and scores of attention go through the same buffer.
"""

from dataclasses import dataclass
from math import ceil

from bankside.arch import events as ev
from bankside.arch.causes import FILL_DRAIN, LINK_LATENCY, LINK_SERIAL, NONLINEAR, REDUCE
from bankside.arch.dram.stream import PIM_MAC, PIM_READ, PIM_WRITE
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.pe.vector import burst_cycles
from bankside.arch.program import Stream
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import Format
from bankside.kernels.lower.attention import attention_split
from bankside.kernels.lower.cost import macs_per_cycle, rowwise_cost
from bankside.kernels.lower.split import Split
from bankside.kernels.lower.state import Lowering, NodeClass
from bankside.kernels.lower.stream import Tape, count_levels, way
from bankside.kernels.operators import Attention, MatMul

PERIOD_ERROR = 1e-6  # of a clock period, which is a whole number of femtoseconds
BUFFERED_BURSTS = 16  # operand registers of a core that states no SRAM, in bursts


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
        self.low.where, self.low.layout = self.hub.name, "full"

    def hop(self, ops: list[int]) -> list[int]:
        """The way between hub and channels, in latency."""
        _, latency_s = way(self.low, self.hub)
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
        rate, _ = way(self.low, self.hub)
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
        return self.low.stream(node, self.label, stream, deps)

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
        """Slots that the lanes take for a column's elements times `rows`."""
        elements = int(self.burst_byte * 8 // fmt.bits)
        lanes = macs_per_cycle(self.core.spec.matmul, self.core.spec.vector) * self.core.spec.per
        assert self.core.memory.standard is not None
        slots = burst_cycles(elements * rows, lanes) * self.core.period_fs / self.core.memory.standard.slot_fs
        return ceil(slots * (1 - PERIOD_ERROR))

    def blocking(
        self, rows: int, outputs: int, depth: int, formats: tuple[Format, Format, Format]
    ) -> tuple[int, int]:
        """(rows, depth) of an operand piece that fits the buffer, with the least time on columns and edge.

        More rows read the stationary operand less often, but then fewer of its elements fit and partial sums are
        drained more often.

        Raises
        ------
        ConfigError
            If the buffer is smaller than a burst of the operand.
        """
        a, b, out = formats
        memory = self.core.memory
        assert memory.standard is not None
        slot_s = memory.standard.slot_fs / FS_PER_S
        beat = self.banks * self.burst_byte / memory.channel_peak(self.core.level) / slot_s
        edge = self.burst_byte * self.pseudo_channels / memory.channel_peak("vault") / slot_s

        def slots(at_once: int, cut: int) -> float:
            passes, cuts = -(-rows // at_once), -(-depth // cut)
            columns = cuts * self.columns(outputs, min(cut, depth), b) * max(beat, self.gap_slots(at_once, b))
            tiles, held = len(self.tiles(outputs, at_once)), bool(self.core.spec.accumulators)
            written = tiles * cuts * -(-round(at_once * cut * a.bits / 8) // self.burst_byte)
            drained = (1 if held else cuts) * -(
                -round(self.drained(at_once * outputs, out)) // (self.burst_byte * self.pseudo_channels)
            )
            return passes * (columns + (written + drained) * edge)

        options, at_once = [], rows
        while True:
            cut = min(depth, int(self.buffer_byte // (at_once * a.bits / 8)))
            if cut >= 1:
                options.append((slots(at_once, cut), -at_once, cut))
            if at_once == 1:
                break
            at_once = -(-at_once // 2)
        if not options or self.buffer_byte < self.burst_byte:
            raise ConfigError(
                [
                    f"The {self.buffer_byte:g} B SRAM of core {self.core.name} holds no burst of {self.burst_byte} B "
                    "of an operand: give it more SRAM."
                ]
            )
        _, most_rows, cut = min(options)
        return -most_rows, cut


def lower_matmul_pim(low: Lowering, core: Core, hub: Core, op: MatMul, label: int) -> None:
    """A matrix product in the banks: output columns are dealt to channels, then to banks."""
    banks = Banks(low, core, hub, label)
    split = Split(op.batch // op.shared_b, op.n, core.nodes)
    arrived, ended = banks.arrive(), []
    for node in low.groups[core.name]:
        share = split.share(node.first)
        if share.items:
            shape = (op.m * op.shared_b, share.inner, op.k)
            node.tail = _product(
                banks, node, share.items, shape, (op.a_format, op.b_format, op.out_format), arrived
            )
            ended += node.tail
            low.count(core.owner, ev.MAC, share.items * op.shared_b * op.m * share.inner * op.k * node.count)
    formats = (op.a_format, op.b_format, op.out_format)
    tile = banks.blocking(op.m * op.shared_b, split.share(0).inner, op.k, formats)
    low.mappings.append(
        {"label": op.label, "core": core.name, "nodes": split.active, "unit": "bank lanes",
         "tile": {"m": tile[0], "n": core.cores, "k": tile[1]}}
    )  # fmt: skip
    banks.leave(ended)
    if op.cached:
        for node in low.groups[hub.name]:
            node.tail = Tape(low, hub, node, label, write=True).move(op.out_bytes / hub.nodes, node.tail)


def _product(
    banks: Banks, node: NodeClass, items: int, shape: tuple[int, int, int], formats: tuple[Format, Format, Format],
    deps: list[int],
) -> list[int]:  # fmt: skip
    """`items` products of a channel, of (rows, outputs, depth): pieces of the operand that fit the buffer in, columns
    past the lanes, results or partial sums out."""
    (rows, outputs, depth), (a, b, out) = shape, formats
    at_once, cut = banks.blocking(rows, outputs, depth, formats)
    tail = deps
    for _ in range(items):
        for first in range(0, rows, at_once):
            batch = min(at_once, rows - first)
            for tile in banks.tiles(outputs, batch):
                for k in range(0, depth, cut):
                    piece = min(cut, depth - k)
                    ready = banks.write(node, batch * piece * a.bits / 8, tail)
                    tail = banks.mac(node, tile, piece, batch, b, ready)
                    if k + cut >= depth or not banks.core.spec.accumulators:
                        tail = banks.read(node, banks.drained(batch * tile, out), tail)
    return tail


def lower_attention_pim(low: Lowering, core: Core, hub: Core, op: Attention, label: int) -> None:
    """Decode attention in the banks: scores over keys, softmax at the hub, weighted sum over values.

    A channel's tokens are dealt to its banks for the scores; values are stored transposed, so that the banks own
    output elements and no partial sums cross banks.
    """
    if hub.spec.nonlinear is None:
        raise ConfigError([f"{op.label}: no core outside the banks has a nonlinear unit for the softmax."])
    if op.queries > 1:
        low.warn(
            f"{op.label}: banks read keys and values again for every buffer of queries; PIM reuses little."
        )
    split = attention_split(op, core.nodes)
    banks = Banks(low, core, hub, label)
    rows = op.group * op.queries
    formats = (op.q_format, op.kv_format, op.q_format)
    arrived, scored, ended = banks.arrive(), [], []
    shares = [(node, split.share(node.first)) for node in low.groups[core.name]]
    for node, share in shares:
        if share.items:
            node.tail = _product(banks, node, share.items, (rows, share.inner, op.d_qk), formats, arrived)
            scored += node.tail
            low.count(core.owner, ev.MAC, share.items * rows * share.inner * (op.d_qk + op.d_v) * node.count)
    soft = _softmax(banks, op, scored)
    for node, share in shares:
        if share.items:
            ended += _product(banks, node, share.items, (rows, op.d_v, share.inner), formats, soft)
    if split.parts > 1:
        ended = _merge(banks, op, split, rows, ended)
    low.mappings.append(
        {"label": op.label, "core": core.name, "nodes": split.active, "unit": "bank lanes + hub softmax",
         "tile": {"rows": rows, "tokens": -(-op.context // split.parts)}}
    )  # fmt: skip
    banks.leave(ended)


def _softmax(banks: Banks, op: Attention, deps: list[int]) -> list[int]:
    """All rows at the hub's cores."""
    low, hub = banks.low, banks.hub
    rows = -(-op.softmax_rows // hub.count)
    cycles, exposed, _ = rowwise_cost(hub.spec, "softmax", rows, op.softmax_cols, 1)
    low.count(hub.owner, ev.NONLINEAR_OP, op.score_elements)
    node = low.groups[hub.name][0]
    arrived = banks.hop(deps)
    costs = [(NONLINEAR, cycles - exposed), (FILL_DRAIN, exposed)]
    return banks.hop([low.builder.fixed(node.nonlinear, banks.label, costs, arrived)])


def _merge(banks: Banks, op: Attention, split: Split, rows: int, deps: list[int]) -> list[int]:
    """Partial results of channels that share a head are added at the hub."""
    low, hub = banks.low, banks.hub
    elements = split.items * rows * op.d_v * (split.parts - 1)
    spec = hub.spec
    lanes = spec.vector.lanes if spec.vector else spec.nonlinear.lanes if spec.nonlinear else 1
    node = low.groups[hub.name][0]
    low.count(hub.owner, ev.VECTOR_OP, elements)
    cycles = -(-elements // (lanes * hub.count))
    return [low.builder.fixed(node.vector, banks.label, [(REDUCE, cycles)], banks.hop(deps))]
