"""Work inside the DRAM die: operands are broadcast to the banks, column commands multiply in lock step, results are
drained. Activations live at the hub, the nearest core outside that runs row-wise functions.

Weights are read once for as many input rows as the operand buffer holds; a column command then takes as long as the
lanes need for its elements times those rows. When the buffer holds less than k elements, k is cut and each cut's
partial sums are drained.
"""

from dataclasses import dataclass

from bankside.arch import events as ev
from bankside.arch.causes import FILL_DRAIN, LINK_LATENCY, NONLINEAR, REDUCE
from bankside.arch.dram.stream import PIM_MAC, PIM_READ, PIM_WRITE
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.pe.vector import burst_cycles
from bankside.arch.program import Stream
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import Format
from bankside.kernels.lower.attention import attention_split
from bankside.kernels.lower.cost import macs_per_cycle, rowwise_cost
from bankside.kernels.lower.split import Share, Split
from bankside.kernels.lower.state import Lowering, NodeClass
from bankside.kernels.lower.stream import count_levels, way
from bankside.kernels.operators import Attention, MatMul

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
        return self._edge(PIM_WRITE, node, -(-round(byte) // self.burst_byte), deps)

    def read(self, node: NodeClass, byte: float, deps: list[int]) -> list[int]:
        """Drain result bytes from the banks of each channel of the class."""
        return self._edge(PIM_READ, node, -(-round(byte) // (self.burst_byte * self.pseudo_channels)), deps)

    def _edge(self, kind: int, node: NodeClass, count: int, deps: list[int]) -> list[int]:
        """Commands of each pseudo-channel that cross the channel's edge, and on to the hub."""
        if count == 0:
            return deps
        moved = count * self.burst_byte * self.pseudo_channels * node.count
        count_levels(self.low, self.core, self.hub.level, moved)
        self.low.net_bytes["link" if self.hub.level in ("board", "host") else "noc"] += moved
        return self.low.stream(node, self.label, Stream(kind, 0, count), deps)

    def mac(self, node: NodeClass, byte: float, rows: int, fmt: Format, deps: list[int]) -> list[int]:
        """Stream `byte` bytes of stationary operand of each channel past the lanes, for `rows` input rows."""
        banks = self.core.cores // self.core.spec.per
        count = -(-round(byte) // (banks * self.burst_byte))
        elements = int(self.burst_byte * 8 // fmt.bits)
        lanes = macs_per_cycle(self.core.spec.matmul, self.core.spec.vector) * self.core.spec.per
        assert self.core.memory.standard is not None
        gap_fs = burst_cycles(elements * rows, lanes) * self.core.period_fs
        gap = -(-gap_fs // self.core.memory.standard.slot_fs)
        moved = count * banks * self.burst_byte * node.count
        self.low.traffic["useful"] += round(byte) * node.count
        self.low.traffic["read"] += moved
        span = self.core.memory.standard.channel_bytes // (banks * self.burst_byte)
        if node.cursor + count > span:
            node.cursor = 0
        stream = Stream(PIM_MAC, node.cursor, count, min_gap=gap)
        node.cursor += count
        return self.low.stream(node, self.label, stream, deps)


def lower_matmul_pim(low: Lowering, core: Core, hub: Core, op: MatMul, label: int) -> None:
    """A matrix product in the banks: output columns are dealt to channels, then to banks."""
    banks = Banks(low, core, hub, label)
    split = Split(op.batch // op.shared_b, op.n, core.nodes)
    arrived, ended = banks.arrive(), []
    for node in low.groups[core.name]:
        share = split.share(node.first)
        if share.items:
            ended += _product(banks, node, share, op, arrived)
            low.count(core.owner, ev.MAC, share.items * op.shared_b * op.m * share.inner * op.k * node.count)
    low.mappings.append(
        {"label": op.label, "core": core.name, "nodes": split.active, "unit": "bank lanes",
         "tile": {"m": _rows_at_once(banks, op.m * op.shared_b, op.k, op.a_format), "n": core.cores, "k": op.k}}
    )  # fmt: skip
    banks.leave(ended)


def _rows_at_once(banks: Banks, rows: int, k: int, fmt: Format) -> int:
    return max(1, min(rows, int(banks.buffer_byte // (k * fmt.bits / 8))))


def _product(banks: Banks, node: NodeClass, share: Share, op: MatMul, deps: list[int]) -> list[int]:
    rows, a_byte = op.m * op.shared_b, op.a_format.bits / 8
    at_once = _rows_at_once(banks, rows, op.k, op.a_format)
    cut = min(op.k, max(1, int(banks.buffer_byte // (at_once * a_byte))))
    node.tail = deps
    for _ in range(share.items):
        for first in range(0, rows, at_once):
            batch = min(at_once, rows - first)
            for k in range(0, op.k, cut):
                depth = min(cut, op.k - k)
                ready = banks.write(node, batch * depth * a_byte, node.tail)
                weights = share.inner * depth * op.b_format.bits / 8
                done = banks.mac(node, weights, batch, op.b_format, ready)
                node.tail = banks.read(node, batch * share.inner * op.out_format.bits / 8, done)
    return node.tail


def lower_attention_pim(low: Lowering, core: Core, hub: Core, op: Attention, label: int) -> None:
    """Decode attention in the banks: scores over keys, softmax at the hub, weighted sum over values.

    A channel's tokens are dealt to its banks for the scores; values are stored transposed, so that the banks own
    output elements and no partial sums cross banks.
    """
    if hub.spec.nonlinear is None:
        raise ConfigError([f"{op.label}: no core outside the banks has a nonlinear unit for the softmax."])
    if op.queries > 1:
        low.warn(
            f"{op.label}: banks read keys and values again for every query; PIM has no reuse in prefill."
        )
    split = attention_split(op, core.nodes)
    banks = Banks(low, core, hub, label)
    rows = op.group * op.queries
    arrived, scored, ended = banks.arrive(), [], []
    shares = [(node, split.share(node.first)) for node in low.groups[core.name]]
    for node, share in shares:
        if share.items:
            node.tail = _pass(banks, node, share, op, rows, op.d_qk, share.inner, op.d_qk, arrived)
            scored += node.tail
            low.count(core.owner, ev.MAC, share.items * rows * share.inner * (op.d_qk + op.d_v) * node.count)
    soft = _softmax(banks, op, scored)
    for node, share in shares:
        if share.items:
            ended += _pass(banks, node, share, op, rows, share.inner, op.d_v, op.d_v, soft)
    if split.parts > 1:
        ended = _merge(banks, op, split, rows, ended)
    low.mappings.append(
        {"label": op.label, "core": core.name, "nodes": split.active, "unit": "bank lanes + hub softmax",
         "tile": {"rows": rows, "tokens": -(-op.context // split.parts)}}
    )  # fmt: skip
    banks.leave(ended)


def _pass(
    banks: Banks, node: NodeClass, share: Share, op: Attention, rows: int, depth: int, width: int, head_dim: int,
    deps: list[int],
) -> list[int]:  # fmt: skip
    """One product of all heads of a channel: rows x depth operand in, share.inner tokens x head_dim past the lanes,
    rows x width results out."""
    q_byte, kv_byte = op.q_format.bits / 8, op.kv_format.bits / 8
    tail = deps
    for _ in range(share.items):
        ready = banks.write(node, rows * depth * q_byte, tail)
        done = banks.mac(node, share.inner * head_dim * kv_byte, rows, op.kv_format, ready)
        tail = banks.read(node, rows * width * q_byte, done)
    return tail


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
