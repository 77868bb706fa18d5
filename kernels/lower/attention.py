"""Attention on cores that read through the tap: keys and values stream by once per tile of queries, fused with an
online softmax, so scores never leave the core."""

import numpy as np

from bankside.arch.causes import REDUCE
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.attention_tiles import emit_attention
from bankside.kernels.lower.exchange import exchange
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.matmul import resources
from bankside.kernels.lower.memory import Tape
from bankside.kernels.lower.rowwise import unit_of
from bankside.kernels.mapping import ACCUMULATOR_BYTES
from bankside.kernels.mapping.attention import STATISTICS, Blocks, choose_blocks
from bankside.kernels.operators import Attention, MatMul, RowWise
from bankside.kernels.plan.split import Split


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
        emit_attention(low, core, node, label, op, blocks, share.items, share.inner)
        if blocks.context_cores > 1:
            _merge(low, core, node, label, op, blocks, share.items)
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


def _merge(
    low: Lowering, core: Core, node: NodeClass, label: int, op: Attention, b: Blocks, heads: int
) -> None:
    """Partial results of the cores that share a head are added in the node, one after the other."""
    rows = op.queries * op.group
    slot, unit = unit_of(core, "add")
    rounds = -(-heads // b.head_cores)
    sums = np.array([[rows], [op.d_v + STATISTICS], [2]], dtype=np.int64)
    cycles = (
        rounds * int(unit.cycles(sums, work="add").interval[0]) * max(1, (b.context_cores - 1).bit_length())
    )
    node.tail = [low.builder.fixed(node.units[slot], label, [(REDUCE, cycles)], node.tail)]
    merges = rounds * (b.context_cores - 1) * b.head_cores
    low.count_unit(core, slot, unit.events(sums, work="add"), merges * node.count)
