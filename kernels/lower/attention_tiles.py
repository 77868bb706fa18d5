"""The tiles of attention on one node as a train of operations: bring, scores, softmax step, weighted sum.

The whole train is made of arrays, as that of a matrix product. A step's keys and values wait for a buffer, which is
that of the tile two steps before, or three; its scores wait for them and for what came before the train, and where a
core's units take turns also for the tile before. Each part is a line of its own in reports.
"""

import numpy as np

from bankside.arch.causes import LAUNCH
from bankside.arch.engine.trains import Closes, Opens
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.pe.unit import PRODUCT, SOFTMAX_STEP
from bankside.kernels.lower.attention_steps import (
    Bools,
    TilesMet,
    attention_steps,
    step_count,
    tile_kinds,
    tile_units,
    tiles_met,
)
from bankside.kernels.lower.block import append_train, chained
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.memory import count_transfers, stripes
from bankside.kernels.lower.ways import way_of
from bankside.kernels.operators import Attention
from bankside.kernels.plan.blocks import Blocks, token_bytes
from bankside.kernels.plan.multipliers import turning_of


def emit_attention(
    low: Lowering, core: Core, node: NodeClass, label: int, op: Attention, blocks: Blocks, heads: int,
    context: int,
) -> None:  # fmt: skip
    """Append all tiles of a node that has `heads` heads, and of each head `context` tokens; `label` is the number of
    the operator's first line.

    The node's tail is then the last weighted sum.
    """
    low.builder.reserve(step_count(op, blocks, heads, context))
    nest = attention_steps(op, blocks, heads, context)
    wanted = np.float64(token_bytes(op)) * (nest.heads * nest.at_node)
    brought = stripes(core, wanted[None])[:, 0]
    count_transfers(low, core, node, wanted, int(brought.sum()), write=False)

    _count_tiles(low, core, node, op, tiles_met(op, blocks, heads, context))
    tiles = tile_kinds(core, node, op, nest, label + np.arange(len(op.lines)))
    low.builder.check_length(node.matrix, tiles.cycles)
    count = np.stack([brought, np.zeros_like(brought)], axis=1)
    free = node.free_slots(blocks.buffers)
    waits = (
        len(free), np.cumsum([0, *map(len, free)]), np.array([op for ops in free for op in ops], dtype=np.int64),
        np.array(node.tail, dtype=np.int64),
    )  # fmt: skip
    opens = _opens(low, core, node, nest.opens & blocks.opens(op))
    way = way_of(low, core, node)
    sums = append_train(
        low, core, node, chained(low, core, node, way, count, (tiles, opens, Closes()), waits)
    )
    node.slots = [*node.slots, *sums[-blocks.buffers :].tolist()][-blocks.buffers :]
    node.tail = [int(sums[-1])]


def _opens(low: Lowering, core: Core, node: NodeClass, begins: Bools) -> Opens:
    """Tiles of queries begin some time after those before them have ended."""
    opens_fs = round(core.spec.open * FS_PER_S)
    low.builder.check_length(node.path_delay, np.array([opens_fs]))
    return Opens((begins & (opens_fs > 0)).astype(np.int64), node.path_delay, LAUNCH, opens_fs)


def _count_tiles(low: Lowering, core: Core, node: NodeClass, op: Attention, met: TilesMet) -> None:
    """Count what all cores of all nodes of the class compute, and the operands that they read."""
    units = tile_units(core, node, op, met)
    streamed = met.heads * met.at_node
    formats = op.q.format.computed, op.k.format.computed
    width, depth = np.full_like(streamed, op.d_v), np.full_like(streamed, op.d_qk)
    tiles = (
        (PRODUCT, (met.rows, streamed, depth)),
        (SOFTMAX_STEP, (met.heads * met.rows, met.at_node, width)),
        (PRODUCT, (met.rows, width, streamed)),
    )
    for part, (work, sizes) in enumerate(tiles):
        whole = np.stack(sizes)
        for slot, unit in core.spec.units.items():
            own = units[:, part] == node.units.get(slot, -1)
            for times in np.unique(met.times[own]).tolist():
                events = unit.events(whole[:, own & (met.times == times)], formats, work)
                low.count_unit(core, slot, events, node.count * times)
    _count_turning(low, core, node, op, met)
    operand_byte = np.rint(streamed * (op.d_qk + op.d_v) * op.k.format.bits / 8).astype(np.int64)
    low.count_unit(core, "sram", {"sram_read": int((met.times * operand_byte).sum())}, node.count)


def _count_turning(low: Lowering, core: Core, node: NodeClass, op: Attention, met: TilesMet) -> None:
    """Count what the lanes do to turn queries, keys and values into what is multiplied."""
    before = turning_of((op.q.format, op.k.format))
    after = turning_of((op.q.format, op.v.format), "b")
    if not any((*before, *after)):
        return
    heads, tokens = (met.times * met.heads).astype(np.float64), met.at_node.astype(np.float64)
    rows = met.rows.astype(np.float64)
    scores = before.a * rows + before.b * tokens + before.pair * rows * tokens
    sums = after.b * tokens + after.pair * rows * tokens
    counted = float((heads * (op.d_qk * scores + op.d_v * sums)).sum())
    low.count_unit(core, "vector", {"vector_op": round(counted)}, node.count)
