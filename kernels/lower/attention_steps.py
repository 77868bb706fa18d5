"""The tiles of attention on one node, in order: heads in rounds, then tiles of queries, then tiles of tokens."""

from dataclasses import dataclass

import numpy as np

from bankside.arch.causes import COMPUTE, NONLINEAR
from bankside.arch.machine.machine import Core
from bankside.arch.pe.core import dealt
from bankside.arch.pe.unit import SOFTMAX_STEP, TILE_CAUSES, Costs
from bankside.kernels.lower.lowering import Int64s, NodeClass
from bankside.kernels.operators import Attention
from bankside.kernels.plan.blocks import Blocks
from bankside.kernels.plan.multipliers import units_for


@dataclass(frozen=True)
class AttentionSteps:
    """Tiles: int64[steps] each.

    heads: served at once; rows, tokens: of one core's tile; at_node: tokens of a head that its cores pass together.
    """

    heads: Int64s
    rows: Int64s
    tokens: Int64s
    at_node: Int64s


def attention_steps(op: Attention, blocks: Blocks, heads: int, context: int) -> AttentionSteps:
    """All tiles of a node that has `heads` heads, and of each head `context` tokens."""
    cores, total = blocks.context_cores, op.queries * op.group
    first = np.arange(0, total, blocks.rows)
    rows = np.minimum(blocks.rows, total - first)
    seen = np.minimum(
        -(-context // cores), _visible(op, context, cores, first // op.group, -(-(first + rows) // op.group))
    )
    count = -(-seen // blocks.tokens)
    done = (np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)) * blocks.tokens
    tokens = np.minimum(blocks.tokens, np.repeat(seen, count) - done)
    at_node = np.minimum(context, (done + tokens) * cores) - np.minimum(context, done * cores)
    served = np.minimum(blocks.head_cores, heads - np.arange(0, heads, blocks.head_cores))
    each_round = (np.repeat(rows, count), tokens, at_node)
    return AttentionSteps(
        np.repeat(served, len(tokens)), *(np.tile(each, len(served)) for each in each_round)
    )


def visible(op: Attention, query: Int64s, upto: Int64s) -> Int64s:
    """Tokens that queries from `query` to before `upto` meet between them: all, or those not masked."""
    before = op.context - op.queries
    first, last = np.zeros_like(query), np.full_like(upto, op.context)
    if op.causal:
        last = before + upto
    if op.window:
        reach = op.window - 1 if op.causal else op.window // 2
        first = np.maximum(0, before + query - reach)
        last = np.minimum(last, before + upto + (0 if op.causal else reach))
    if op.chunk:
        first = (before + query) // op.chunk * op.chunk
        last = np.minimum(last, -(-(before + upto) // op.chunk) * op.chunk)
    return np.asarray(last - first, dtype=np.int64)


def _visible(op: Attention, context: int, cores: int, query: Int64s, upto: Int64s) -> Int64s:
    """The same of a core of a node that has `context` tokens; what a window or a chunk leaves lies on all alike."""
    if op.queries == 1 and not (op.window or op.chunk):
        return np.full_like(upto, op.context)
    seen = visible(op, query, upto)
    if op.window or op.chunk:
        seen = -(-seen * context // op.context)
    return -(-seen // cores)


def step_costs(core: Core, node: NodeClass, op: Attention, nest: AttentionSteps) -> tuple[Int64s, Int64s]:
    """Units and costs of the scores, the softmax step and the weighted sum of every tile.

    Returns
    -------
    tuple of numpy.ndarray
        int64[steps, 3]: units of the program; int64[steps, 3, 5, 2]: pairs (cause, cycles) of each, by the causes of
        `Costs.each`.
    """
    shapes, which = np.unique(np.stack([nest.rows, nest.tokens]), axis=1, return_inverse=True)
    of_step = which.reshape(-1)
    units, pairs = [], []
    for part, (slots, found) in enumerate(tile_costs(core, op, *shapes)):
        units.append(np.array([node.units[slot] for slot in slots], dtype=np.int64)[of_step])
        costs = Costs(found.each[of_step], found.last[of_step])
        each, _ = dealt(costs, nest.rows * nest.tokens, nest.heads * nest.rows * nest.at_node, core.cores)
        causes = np.broadcast_to((NONLINEAR if part == 1 else COMPUTE, *TILE_CAUSES), each.shape)
        pairs.append(np.stack([causes, each], axis=2))
    return np.stack(units, axis=1), np.stack(pairs, axis=1)


def tile_costs(core: Core, op: Attention, rows: Int64s, tokens: Int64s) -> list[tuple[list[str], Costs]]:
    """Slots of the units and costs of the scores, the softmax step and the weighted sum of tiles on one core."""
    units = units_for(core, op.q.format, op.k.format)
    after = units_for(core, op.q.format, op.v.format, turned="b")
    step = core.spec.unit_for(SOFTMAX_STEP)
    assert step is not None
    tile = np.stack([rows, tokens, np.full_like(rows, op.d_v)])
    soft = [step[0]] * len(rows), step[1].cycles(tile, work=SOFTMAX_STEP)
    element = op.q.format.bits / 8, op.k.format.bits / 8
    scores = units.faster(np.stack([rows, tokens, np.full_like(rows, op.d_qk)]), element)
    sums = after.faster(np.stack([rows, np.full_like(rows, op.d_v), tokens]), element, along="b")
    return [scores, soft, sums]
