"""Attention on cores that read through the tap: keys and values stream by once per tile of queries, fused with an
online softmax, so scores never leave the core."""

from typing import cast

import numpy as np

from bankside.arch.causes import REDUCE
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.attention_tiles import emit_attention
from bankside.kernels.lower.exchange import exchange
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.memory import Tape
from bankside.kernels.lower.moves import bring_tensor
from bankside.kernels.lower.turning import turn, unit_of
from bankside.kernels.operators import Attention
from bankside.kernels.plan.blocks import STATISTICS, Blocks
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.tiling import ACCUMULATOR_BYTES


def lower_attention(low: Lowering, plan: OperatorPlan, op: Attention, label: int) -> None:
    """Lower attention: queries to the heads' nodes, tiles of tokens, partial results merged where a head is split."""
    core, split, blocks = low.machine.cores[plan.core], plan.split, cast(Blocks, plan.tiling)
    bring_tensor(low, core, op.q, plan.tensors[op.q.name], label)
    for node in low.groups[core.name]:
        share = split.share(node.first)
        if share.items == 0:
            continue
        own = blocks.within(share.items, share.inner)
        emit_attention(low, core, node, label, op, own, share.items, share.inner)
        if own.context_cores > 1:
            _merge(low, core, node, label, op, own, share.items)
    if split.parts > 1:
        merged = op.queries * op.group * (op.d_v + STATISTICS) * ACCUMULATOR_BYTES
        exchange(low, core, label, "all_reduce", merged)
    for node in low.groups[core.name]:
        if items := split.share(node.first).items:
            operations = op.out.turned * items / (op.sequences * op.kv_heads * split.parts)
            node.tail = turn(low, core, node, label, operations, node.tail)
    if op.out.name in plan.streamed:
        for node in low.groups[core.name]:
            tape = Tape(low, core, node, label, write=True)
            node.tail = tape.move(op.out.bytes / core.nodes, node.tail) or node.tail


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
