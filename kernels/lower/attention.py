"""Attention on cores that read through the tap: keys and values stream by once per tile of queries, fused with an
online softmax, so scores never leave the core."""

from dataclasses import dataclass

from bankside.arch import events as ev
from bankside.arch.causes import FILL_DRAIN, NONLINEAR, REDUCE
from bankside.arch.machine.machine import Core
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.cost import softmax_tile_cost, steady_and_fill, tile_cycles
from bankside.kernels.lower.matmul import UNBOUNDED_SRAM_BYTES
from bankside.kernels.lower.move import exchange
from bankside.kernels.lower.split import Split
from bankside.kernels.lower.state import Lowering, NodeClass
from bankside.kernels.lower.stream import Tape
from bankside.kernels.mapping import ACCUMULATOR_BYTES
from bankside.kernels.operators import Attention, MatMul, RowWise

STATISTICS = 2  # running maximum and sum of a row
FEWEST_TOKENS = 16  # a tile narrower than this wastes its columns; fewer rows at a time are better


def attention_split(op: Attention, nodes: int) -> Split:
    """Key-value heads of all sequences to nodes; a head's context is split when nodes are left over."""
    return Split(op.sequences * op.kv_heads, op.context, nodes)


@dataclass(frozen=True)
class Blocks:
    """How a node computes its heads: cores over heads and over one head's context; tile of query rows and tokens.

    `rows` of the queries x group rows that share keys are served in one pass over them.
    """

    head_cores: int
    context_cores: int
    rows: int
    tokens: int

    def as_dict(self) -> dict[str, object]:
        """For results."""
        return {
            "cores": {"heads": self.head_cores, "context": self.context_cores},
            "tile": {"rows": self.rows, "tokens": self.tokens},
            "unit": "matrix+nonlinear",
        }


def token_bytes(op: Attention) -> float:
    """Bytes that one token adds to what a head streams: its key, and its value unless that is part of the key."""
    return op.kv_format.bits / 8 * (op.d_qk + (0 if op.kv_shared else op.d_v))


def choose_blocks(op: Attention, core: Core, heads: int, context: int) -> Blocks:
    """As many rows per pass as fit beside two tiles of tokens; at least four tiles, so that reads and work overlap.

    Raises
    ------
    ConfigError
        If one query row against one token does not fit the SRAM.
    """
    head_cores = min(core.cores, heads)
    context_cores = max(1, min(core.cores // head_cores, context))
    own = -(-context // context_cores)
    sram_byte = core.spec.sram.size if core.spec.sram else UNBOUNDED_SRAM_BYTES
    row_byte = op.d_qk * op.q_format.bits / 8 + (op.d_v + STATISTICS) * ACCUMULATOR_BYTES
    rows = op.queries * op.group
    while True:
        room = sram_byte - rows * row_byte
        tokens = int(room // (2 * token_bytes(op) + rows * ACCUMULATOR_BYTES)) if room > 0 else 0
        if tokens >= min(own, FEWEST_TOKENS) or (rows == 1 and tokens >= 1):
            break
        if rows == 1:
            raise ConfigError(
                [
                    f"{op.label}: the {sram_byte:g} B SRAM of core {core.name} does not hold one query row of "
                    f"{op.d_qk} elements with one token of keys and values twice: give it more SRAM."
                ]
            )
        rows = -(-rows // 2)
    return Blocks(head_cores, context_cores, rows, max(1, min(tokens, -(-own // 4))))


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
        blocks = choose_blocks(op, core, share.items, share.inner)
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
        cycles = tile_cycles(spec.matmul, spec.vector)
        _, score, score_unit = cycles(rows, tokens, op.d_qk)
        _, gather, gather_unit = cycles(rows, op.d_v, tokens)
        assert spec.nonlinear is not None
        soft, exposed = softmax_tile_cost(spec.nonlinear, rows, tokens, op.d_v)
        units = {"matrix": node.matrix, "vector": node.vector}
        scored = low.builder.fixed(
            units[score_unit], self.label, steady_and_fill(spec, rows, tokens, op.d_qk, score), deps
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
            units[gather_unit], self.label, steady_and_fill(spec, rows, op.d_v, tokens, gather), [weighed]
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
