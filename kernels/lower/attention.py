"""Attention on cores that read through the tap: keys and values stream by once per tile of queries, fused with an
online softmax, so scores never leave the core."""

from math import ceil
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
from bankside.kernels.operators.attention import MERGE
from bankside.kernels.plan.blocks import MERGES, STATISTICS, Blocks, merged_rows, partial_bytes
from bankside.kernels.plan.operator_plan import OperatorPlan


def lower_attention(low: Lowering, plan: OperatorPlan, op: Attention, label: int) -> None:
    """Lower attention: queries to the heads' nodes, tiles of tokens, partial results merged where a head is split.

    `label` is the number of the operator's first line in reports.
    """
    core, split, blocks = low.machine.cores[plan.core], plan.split, cast(Blocks, plan.tiling)
    bring_tensor(low, core, op.q, plan.tensors[op.q.name], label)
    for node in low.groups[core.name]:
        for share in split.shares(node.first):
            own = blocks.within(share.items, share.inner)
            emit_attention(low, core, node, label, op, own, share.items, share.inner)
            if own.context_cores > 1:
                rows = merged_rows(op, own, share.items)
                _merge(low, core, node, label, (op, own.context_cores), rows, share.items)
    if split.parts > 1:
        _merge_nodes(low, core, plan, op, label)
    for node in low.groups[core.name]:
        tokens = sum(share.items * share.inner for share in split.shares(node.first))
        operations = op.out.turned * tokens / (op.sequences * op.kv_heads * op.context)
        node.tail = turn(low, core, node, label, operations, node.tail)
    if op.out.name in plan.streamed:
        for node in low.groups[core.name]:
            tape = Tape(low, core, node, label, write=True)
            node.tail = tape.move(op.out.bytes / core.nodes, node.tail) or node.tail


def _merge_nodes(low: Lowering, core: Core, plan: OperatorPlan, op: Attention, label: int) -> None:
    """Partial results cross the network, and each node that has a part of a head adds up a part of its rows."""
    split, parts = plan.split, plan.split.parts
    most = sum(share.items for share in split.shares(0))
    exchange(low, core, label + MERGE, "all_reduce", most * partial_bytes(op))
    for node in low.groups[core.name]:
        if items := sum(share.items for share in split.shares(node.first)):
            rows = items * -(-op.queries * op.group // (parts * core.cores))
            _merge(low, core, node, label, (op, parts), rows, items / parts)


def _merge(
    low: Lowering,
    core: Core,
    node: NodeClass,
    label: int,
    what: tuple[Attention, int],
    rows: int,
    heads: float,
) -> None:
    """Sums of so many partial results, each in its weight: `rows` of the busiest core, of `heads` heads in all."""
    op, parts = what
    slot, unit = unit_of(core, MERGES)
    busiest = np.array([[rows], [op.d_v + STATISTICS], [parts]], dtype=np.int64)
    cycles = int(unit.cycles(busiest, work=MERGES).interval[0])
    node.tail = [low.builder.fixed(node.units[slot], label + MERGE, [(REDUCE, cycles)], node.tail)]
    whole = np.array([[ceil(heads * op.queries * op.group)], [op.d_v + STATISTICS], [parts]], dtype=np.int64)
    low.count_unit(core, slot, unit.events(whole, work=MERGES), node.count)
    passed = ceil(heads * parts * partial_bytes(op))
    low.count_unit(core, "sram", {"sram_read": passed, "sram_write": passed}, node.count)
