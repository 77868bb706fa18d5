"""The tiles of attention on one node, in order: heads in rounds, then tiles of queries, then tiles of tokens."""

from dataclasses import dataclass

import numpy as np

from bankside.arch.causes import FILL_DRAIN, NONLINEAR
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.cost import softmax_tile_cost, steady_and_fill, tile_cycles
from bankside.kernels.lower.lowering import Int64s, NodeClass
from bankside.kernels.operators import Attention
from bankside.kernels.plan.blocks import Blocks


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
    seen = np.minimum(-(-context // cores), _visible(op, cores, -(-(first + rows) // op.group)))
    count = -(-seen // blocks.tokens)
    done = (np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)) * blocks.tokens
    tokens = np.minimum(blocks.tokens, np.repeat(seen, count) - done)
    at_node = np.minimum(context, (done + tokens) * cores) - np.minimum(context, done * cores)
    served = np.minimum(blocks.head_cores, heads - np.arange(0, heads, blocks.head_cores))
    each_round = (np.repeat(rows, count), tokens, at_node)
    return AttentionSteps(
        np.repeat(served, len(tokens)), *(np.tile(each, len(served)) for each in each_round)
    )


def _visible(op: Attention, cores: int, upto_query: Int64s) -> Int64s:
    """Tokens that a core has to pass for queries before `upto_query`: all, or those not masked."""
    if not op.causal or op.queries == 1:
        return np.full_like(upto_query, op.context)
    return -(-(op.context - op.queries + upto_query) // cores)


def step_costs(core: Core, node: NodeClass, op: Attention, nest: AttentionSteps) -> tuple[Int64s, Int64s]:
    """Units and costs of the scores, the softmax step and the weighted sum of every tile.

    Returns
    -------
    tuple of numpy.ndarray
        int64[steps, 3]: units of the program; int64[steps, 3, 2, 2]: two pairs (cause, cycles) for each.
    """
    base = 1 + int(nest.tokens.max())
    shapes, which = np.unique(nest.rows * base + nest.tokens, return_inverse=True)
    found = [_shape_cost(core, node, op, *divmod(int(shape), base)) for shape in shapes]
    units = np.array([unit for unit, _ in found], dtype=np.int64)
    costs = np.array([cost for _, cost in found], dtype=np.int64)
    return units[which], costs[which]


def _shape_cost(
    core: Core, node: NodeClass, op: Attention, rows: int, tokens: int
) -> tuple[tuple[int, ...], tuple[tuple[tuple[int, int], ...], ...]]:
    """Units and pairs (cause, cycles) of one tile on one core."""
    spec = core.spec
    assert spec.nonlinear is not None
    packed = spec.packed(op.q.format.name, op.k.format.name)
    cycles = tile_cycles(spec.matmul, spec.vector, packed)
    _, score, score_unit = cycles(rows, tokens, op.d_qk)
    _, gather, gather_unit = cycles(rows, op.d_v, tokens)
    soft, exposed = softmax_tile_cost(spec.nonlinear, rows, tokens, op.d_v)
    units = {"matrix": node.matrix, "vector": node.vector}
    return (units[score_unit], node.nonlinear, units[gather_unit]), (
        steady_and_fill(spec, rows, tokens, op.d_qk, score, packed),
        ((NONLINEAR, soft - exposed), (FILL_DRAIN, exposed)),
        steady_and_fill(spec, rows, op.d_v, tokens, gather, packed),
    )
