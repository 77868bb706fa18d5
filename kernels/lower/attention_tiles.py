"""The tiles of attention on one node as a train of operations: bring, scores, softmax step, weighted sum.

The whole train is made of arrays, as that of a matrix product. A step's keys and values wait for a buffer, which is
that of the tile two steps before; its scores wait for them and for what came before the train, and where a core's units
take turns also for the tile before. Each part is a line of its own in reports.
"""

import numpy as np

from bankside.arch.causes import LAUNCH
from bankside.arch.dram.channel.in_order.stream import READ
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.pe.unit import PRODUCT, SOFTMAX_STEP
from bankside.kernels.lower.attention_steps import (
    AttentionSteps,
    attention_steps,
    each_core,
    step_costs,
    tile_units,
)
from bankside.kernels.lower.block import Weave, length
from bankside.kernels.lower.lowering import Int64s, Lowering, NodeClass
from bankside.kernels.lower.memory import count_transfers, placed, stripes
from bankside.kernels.lower.ways import way_of
from bankside.kernels.operators import Attention
from bankside.kernels.operators.attention import MOVED
from bankside.kernels.operators.attention import SCORES as FIRST_PART
from bankside.kernels.plan.blocks import Blocks, token_bytes
from bankside.kernels.plan.multipliers import turning_of

SCORES, SOFTMAX, SUM, TILE_OPS = range(4)  # operations of a tile, in order, and how many they are


def emit_attention(
    low: Lowering, core: Core, node: NodeClass, label: int, op: Attention, blocks: Blocks, heads: int,
    context: int,
) -> None:  # fmt: skip
    """Append all tiles of a node that has `heads` heads, and of each head `context` tokens; `label` is the number of
    the operator's first line.

    The node's tail is then the last weighted sum.
    """
    nest = attention_steps(op, blocks, heads, context)
    wanted = np.float64(token_bytes(op)) * (nest.heads * nest.at_node)
    brought = stripes(core, wanted)
    count_transfers(low, core, node, wanted, int(brought.sum()), write=False)

    way = way_of(low, core, node)
    chain = length(node, way) * (brought > 0)
    opens = nest.opens & (core.spec.open > 0 and blocks.opens(op))
    of_step = chain + opens + TILE_OPS
    first = np.cumsum(of_step) - of_step
    tile = first + chain + opens
    weave = Weave(core, node, way, int(of_step.sum()), low.builder.n_ops)
    reads = np.flatnonzero(brought)
    weave.transfers(READ, first[reads], placed(core, node, brought)[reads], brought[reads])
    units, costs = step_costs(core, node, op, nest)
    _count_tiles(
        low, core, node, op, nest if blocks.row_cores == 1 else each_core(op, blocks, heads, context)
    )
    labels = np.full(len(weave.unit), label + MOVED, dtype=np.int64)
    for part in range(TILE_OPS):
        weave.fixed(tile + part, units[:, part], costs[:, part])
        labels[tile + part] = label + FIRST_PART + part

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
    _open(weave, core, node, tile, np.flatnonzero(opens))
    if not core.spec.overlap:
        weave.wait(tile[1:] + SCORES, tile[:-1] + SUM)

    sums = low.builder.extend(labels, weave.block()) + tile + SUM
    node.slots = [*node.slots, *sums[-2:].tolist()][-2:]
    node.tail = [int(sums[-1])]


def _open(weave: Weave, core: Core, node: NodeClass, tile: Int64s, begin: Int64s) -> None:
    """Tiles of queries begin some time after those before them have ended."""
    if not len(begin):
        return
    at = tile[begin] - 1
    cost = np.array([[[LAUNCH, round(core.spec.open * FS_PER_S)]]], dtype=np.int64)
    weave.fixed(at, np.full_like(at, node.path_delay), np.repeat(cost, len(at), axis=0))
    weave.wait_outside(at[:1], node.tail)
    weave.wait(at[1:], tile[begin[1:] - 1] + SUM)
    weave.wait(tile[begin] + SCORES, at)


def _count_tiles(low: Lowering, core: Core, node: NodeClass, op: Attention, nest: AttentionSteps) -> None:
    """Count what all cores of all nodes of the class compute, and the operands that they read."""
    units = tile_units(core, node, op, nest)
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
