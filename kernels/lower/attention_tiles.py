"""The tiles of attention on one node as a train of operations: bring, scores, softmax step, weighted sum.

The whole train is made of arrays, as that of a matrix product. A step's keys and values wait for a buffer, which is
that of the tile two steps before; its scores wait for them and for what came before the train.
"""

import numpy as np

from bankside.arch.dram.channel.in_order.stream import READ
from bankside.arch.machine.machine import Core
from bankside.arch.pe.unit import PRODUCT, SOFTMAX_STEP
from bankside.kernels.lower.attention_steps import AttentionSteps, attention_steps, step_costs
from bankside.kernels.lower.block import Weave, length
from bankside.kernels.lower.lowering import Int64s, Lowering, NodeClass
from bankside.kernels.lower.memory import count_transfers, placed, stripes
from bankside.kernels.lower.ways import way_of
from bankside.kernels.operators import Attention
from bankside.kernels.plan.blocks import Blocks, token_bytes
from bankside.kernels.plan.multipliers import turning_of

SCORES, SOFTMAX, SUM, TILE_OPS = range(4)  # operations of a tile, in order, and how many they are


def emit_attention(
    low: Lowering, core: Core, node: NodeClass, label: int, op: Attention, blocks: Blocks, heads: int,
    context: int,
) -> None:  # fmt: skip
    """Append all tiles of a node that has `heads` heads, and of each head `context` tokens.

    The node's tail is then the last weighted sum.
    """
    nest = attention_steps(op, blocks, heads, context)
    wanted = np.float64(token_bytes(op)) * (nest.heads * nest.at_node)
    brought = stripes(core, wanted)
    count_transfers(low, core, node, wanted, int(brought.sum()), write=False)

    way = way_of(low, core, node)
    chain = length(node, way) * (brought > 0)
    of_step = chain + TILE_OPS
    first = np.cumsum(of_step) - of_step
    tile = first + chain
    weave = Weave(core, node, way, int(of_step.sum()), low.builder.n_ops)
    reads = np.flatnonzero(brought)
    weave.transfers(READ, first[reads], placed(core, node, brought)[reads], brought[reads])
    units, costs = step_costs(core, node, op, nest)
    _count_tiles(low, core, node, op, nest, units)
    for part in range(TILE_OPS):
        weave.fixed(tile + part, units[:, part], costs[:, part])

    buffers = reads[reads >= 2]
    free = (node.slots[-2:-1], node.slots[-1:])
    for channel in range(len(node.channels)):
        weave.wait(first[buffers] + channel, tile[buffers - 2] + SUM)
        for step in reads[reads < 2]:
            weave.wait_outside(first[[step]] + channel, free[step])
    weave.wait_transfers(tile[reads], first[reads])
    weave.wait_outside(tile, node.tail)
    weave.wait(tile + SOFTMAX, tile + SCORES)
    weave.wait(tile + SUM, tile + SOFTMAX)

    sums = low.builder.extend(label, weave.block()) + tile + SUM
    node.slots = [*node.slots, *sums[-2:].tolist()][-2:]
    node.tail = [int(sums[-1])]


def _count_tiles(
    low: Lowering, core: Core, node: NodeClass, op: Attention, nest: AttentionSteps, units: Int64s
) -> None:
    """Count what all cores of all nodes of the class compute on `units` of the program (int64[steps, 3]), and the
    operands that they read."""
    streamed = nest.heads * nest.at_node
    formats = op.q.format.computed, op.k.format.computed
    width, depth = np.full_like(streamed, op.d_v), np.full_like(streamed, op.d_qk)
    tiles = (
        (PRODUCT, (nest.rows, streamed, depth)),
        (SOFTMAX_STEP, (nest.heads * nest.rows, nest.at_node, width)),
        (PRODUCT, (nest.rows, width, streamed)),
    )
    for part, (work, sizes) in enumerate(tiles):
        whole = np.stack(sizes)
        for slot, unit in core.spec.units.items():
            own = units[:, part] == node.units.get(slot, -1)
            if own.any():
                low.count_unit(core, slot, unit.events(whole[:, own], formats, work), node.count)
    _count_turning(low, core, node, op, nest)
    operand_byte = np.rint(streamed * (op.d_qk + op.d_v) * op.k.format.bits / 8).astype(np.int64)
    low.count_unit(core, "sram", {"sram_read": int(operand_byte.sum())}, node.count)


def _count_turning(low: Lowering, core: Core, node: NodeClass, op: Attention, nest: AttentionSteps) -> None:
    """Count what the lanes do to turn queries, keys and values into what is multiplied."""
    before = turning_of((op.q.format, op.k.format))
    after = turning_of((op.q.format, op.v.format), "b")
    if not any((*before, *after)):
        return
    heads, tokens = nest.heads.astype(np.float64), nest.at_node.astype(np.float64)
    rows = nest.rows.astype(np.float64)
    scores = before.a * rows + before.b * tokens + before.pair * rows * tokens
    sums = after.b * tokens + after.pair * rows * tokens
    counted = float((heads * (op.d_qk * scores + op.d_v * sums)).sum())
    low.count_unit(core, "vector", {"vector_op": round(counted)}, node.count)
