"""Attention on cores that read through the tap: keys and values stream by once per tile of queries, fused with an
online softmax, so scores never leave the core."""

from dataclasses import dataclass

from bankside.arch import events as ev
from bankside.arch.causes import FILL_DRAIN, NONLINEAR, REDUCE
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.blocks import STATISTICS, Blocks, choose_blocks, token_bytes
from bankside.kernels.lower.cost import softmax_tile_cost, steady_and_fill, tile_cycles
from bankside.kernels.lower.matmul import resources
from bankside.kernels.lower.move import exchange
from bankside.kernels.lower.split import Split
from bankside.kernels.lower.state import Lowering, NodeClass
from bankside.kernels.lower.stream import Tape
from bankside.kernels.mapping import ACCUMULATOR_BYTES
from bankside.kernels.operators import Attention, MatMul, RowWise


def attention_split(op: Attention, nodes: int) -> Split:
    """Key-value heads of all sequences to nodes; a head's context is split when nodes are left over."""
    return Split(op.sequences * op.kv_heads, op.context, nodes)


def unfused(op: Attention) -> tuple[MatMul, RowWise, MatMul]:
    """Attention as two products with a softmax between, for cores whose softmax is done elsewhere."""
    heads, rows = op.sequences * op.kv_heads, op.group * op.queries
    q, kv, out = op.q_format, op.kv_format, op.out_format
    return (
        MatMul(op.label, heads, rows, op.context, op.d_qk, "kv", q, kv, q),
        RowWise(op.label, "softmax", op.softmax_rows, op.softmax_cols, 1, q),
        MatMul(op.label, heads, rows, op.d_v, op.context, "kv", q, kv, out),
    )


def lower_attention(low: Lowering, core: Core, op: Attention, label: int, last: bool) -> None:
    """Lower attention: queries to the heads' nodes, tiles of tokens, partial results merged where a head is split."""
    split = attention_split(op, core.nodes)
    share_byte = op.q_bytes / core.nodes
    if low.layout == "memory":
        for node in low.groups[core.name]:
            node.tail = [*node.tail, *Tape(low, core, node, label).move(share_byte, node.tail)]
    if low.layout != "full":
        if split.parts > 1:
            exchange(low, core, label, "all_gather", share_byte)
        else:
            exchange(low, core, label, "all_to_all", share_byte / core.nodes)
    for node in low.groups[core.name]:
        share = split.share(node.first)
        if share.items == 0:
            continue
        blocks = choose_blocks(op, core, share.items, share.inner, resources(low, core))
        _Tiles(low, core, node, label, op, blocks, share.items, share.inner).emit()
        if node.first == 0:
            low.mappings.append(
                {"label": op.label, "core": core.name, "nodes": split.active} | blocks.as_dict()
            )
    if split.parts > 1:
        rows = op.queries * op.group
        merged = split.items * rows * (op.d_v + STATISTICS) * ACCUMULATOR_BYTES
        exchange(low, core, label, "all_reduce", merged / split.items)
    if last:
        for node in low.groups[core.name]:
            tape = Tape(low, core, node, label, write=True)
            node.tail = tape.move(op.out_bytes / core.nodes, node.tail) or node.tail
    low.layout = "split"


@dataclass
class _Tiles:
    """The tiles of one node class: heads in rounds, then tiles of queries, then tiles of tokens."""

    low: Lowering
    core: Core
    node: NodeClass
    label: int
    op: Attention
    blocks: Blocks
    heads: int
    context: int

    def emit(self) -> None:
        """Emit reads, scores, softmax steps and weighted sums; the node's tail is then the last of them."""
        op, b, node = self.op, self.blocks, self.node
        reads = Tape(self.low, self.core, self.node, self.label)
        own = -(-self.context // b.context_cores)
        start = list(node.tail)
        for first in range(0, self.heads, b.head_cores):
            heads = min(b.head_cores, self.heads - first)
            for row in range(0, op.queries * op.group, b.rows):
                rows = min(b.rows, op.queries * op.group - row)
                seen = min(own, self._visible(-(-(row + rows) // op.group)))
                for t in range(0, seen, b.tokens):
                    tokens = min(b.tokens, seen - t)
                    at_node = min(self.context, (t + tokens) * b.context_cores) - min(
                        self.context, t * b.context_cores
                    )
                    ready = reads.move(heads * at_node * token_bytes(op), node.free_slot())
                    tail = self._tile(rows, tokens, heads, at_node, ready + start)
                    node.slots = [*node.slots, tail][-2:]
                    node.tail = [tail]
        if b.context_cores > 1:
            self._merge()

    def _visible(self, upto_query: int) -> int:
        """Tokens that a core has to pass for queries before `upto_query`: all, or those not masked."""
        op = self.op
        if not op.causal or op.queries == 1:
            return op.context
        return -(-(op.context - op.queries + upto_query) // self.blocks.context_cores)

    def _tile(self, rows: int, tokens: int, heads: int, at_node: int, deps: list[int]) -> int:
        """Scores, softmax step and weighted sum of one tile on one core; events of all cores of the class."""
        op, spec, low, node = self.op, self.core.spec, self.low, self.node
        packed = spec.packed(op.q_format.name, op.kv_format.name)
        cycles = tile_cycles(spec.matmul, spec.vector, packed)
        _, score, score_unit = cycles(rows, tokens, op.d_qk)
        _, gather, gather_unit = cycles(rows, op.d_v, tokens)
        assert spec.nonlinear is not None
        soft, exposed = softmax_tile_cost(spec.nonlinear, rows, tokens, op.d_v)
        units = {"matrix": node.matrix, "vector": node.vector}
        scored = low.builder.fixed(
            units[score_unit], self.label, steady_and_fill(spec, rows, tokens, op.d_qk, score, packed), deps
        )
        weighed = low.builder.fixed(
            node.nonlinear, self.label, [(NONLINEAR, soft - exposed), (FILL_DRAIN, exposed)], [scored]
        )
        elements = rows * at_node * heads * node.count
        low.count(self.core.owner, ev.MAC, elements * (op.d_qk + op.d_v))
        low.count(self.core.owner, ev.NONLINEAR_OP, elements)
        low.count(
            self.core.owner,
            ev.SRAM_READ,
            round(heads * at_node * (op.d_qk + op.d_v) * op.kv_format.bits / 8) * node.count,
        )
        return low.builder.fixed(
            units[gather_unit],
            self.label,
            steady_and_fill(spec, rows, op.d_v, tokens, gather, packed),
            [weighed],
        )

    def _merge(self) -> None:
        """Partial results of the cores that share a head are added in the node, one after the other."""
        op, b = self.op, self.blocks
        rows = op.queries * op.group
        lanes = self.core.spec.vector.lanes if self.core.spec.vector else self.core.spec.nonlinear.lanes  # type: ignore[union-attr]
        rounds = -(-self.heads // b.head_cores)
        cycles = (
            rounds * -(-rows * (op.d_v + STATISTICS) // lanes) * max(1, (b.context_cores - 1).bit_length())
        )
        self.node.tail = [
            self.low.builder.fixed(self.node.vector, self.label, [(REDUCE, cycles)], self.node.tail)
        ]
        merged = rounds * rows * (op.d_v + STATISTICS) * (b.context_cores - 1) * b.head_cores
        self.low.count(self.core.owner, ev.VECTOR_OP, merged * self.node.count)
