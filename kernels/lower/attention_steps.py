"""The tiles of attention on one node, in order: heads in rounds, then tiles of queries, then tiles of tokens.

Cores over queries take tiles of queries side by side: as many tiles as there are such cores are a group, whose cores go
over their tokens in step, and the group takes as long as that of them which meets most.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import COMPUTE, NONLINEAR
from bankside.arch.engine.trains import Tiles, alike
from bankside.arch.machine.machine import Core
from bankside.arch.machine.once import each_once
from bankside.arch.pe.core import dealt
from bankside.arch.pe.unit import SOFTMAX_STEP, TILE_CAUSES, Costs
from bankside.kernels.lower.lowering import Int64s, NodeClass
from bankside.kernels.operators import Attention
from bankside.kernels.plan.blocks import Blocks
from bankside.kernels.plan.multipliers import units_for

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class AttentionSteps:
    """Tiles: int64[steps] each.

    heads: served at once; rows, tokens: the most of a core that has tokens left, of its tile; at_node: tokens of a head
    that its cores read together; pairs: (query row, token) of one head that its cores compute together; opens: whether
    tiles of queries begin.
    """

    heads: Int64s
    rows: Int64s
    tokens: Int64s
    at_node: Int64s
    pairs: Int64s
    opens: Bools


@dataclass(frozen=True)
class TilesMet:
    """Tiles that cores pass, those of each core by themselves: int64[kinds] each, as of `AttentionSteps`, and how often
    there is such a tile."""

    heads: Int64s
    rows: Int64s
    tokens: Int64s
    at_node: Int64s
    times: Int64s


@dataclass(frozen=True)
class Groups:
    """Tiles of queries in groups that run side by side: int64[groups, row cores] each, 0 where there is none.

    rows: of each tile; seen: tokens that one core meets for it; union: int64[groups], what a group meets.
    """

    rows: Int64s
    seen: Int64s
    union: Int64s

    @property
    def longest(self) -> Int64s:
        """Tokens of the core that meets most: int64[groups]."""
        return np.asarray(self.seen.max(axis=1))

    def tiles(self, tokens: int) -> Int64s:
        """Tiles of so many tokens that each group passes: int64[groups]."""
        return np.asarray(-(-self.longest // tokens))


def groups(op: Attention, blocks: Blocks, context: int) -> Groups:
    """All tiles of queries on a node that has `context` tokens of a head."""
    cores, total, wide = blocks.context_cores, op.queries * op.group, blocks.row_cores
    first = np.arange(0, total, blocks.rows)
    rows = np.minimum(blocks.rows, total - first)
    query, upto = first // op.group, -(-(first + rows) // op.group)
    own = -(-context // cores)
    seen = np.minimum(own, _visible(op, context, cores, query, upto))
    count = -(-len(first) // wide)
    last = np.minimum(np.arange(1, count + 1) * wide, len(first)) - 1
    union = np.minimum(own, _visible(op, context, cores, query[::wide], upto[last]))
    padded = np.zeros((2, count * wide), dtype=np.int64)
    padded[:, : len(first)] = rows, seen
    shape = count, wide
    return Groups(padded[0].reshape(shape), padded[1].reshape(shape), union)


def attention_steps(op: Attention, blocks: Blocks, heads: int, context: int) -> AttentionSteps:
    """All tiles of a node that has `heads` heads, and of each head `context` tokens."""
    cores, made = blocks.context_cores, groups(op, blocks, context)
    longest, count = made.longest, made.tiles(blocks.tokens)
    of = np.repeat(np.arange(len(count)), count)
    done = (np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)) * blocks.tokens
    upto = np.minimum(done + blocks.tokens, longest[of])
    rows = made.rows.max(axis=1)[of]
    last = slice(len(of) - int(count[-1]), None)  # of tiles of queries the last alone may have fewer rows
    rows[last] = np.where(made.seen[-1] > done[last, None], made.rows[-1], 0).max(axis=1)
    read = (np.minimum(context, -(-each * made.union[of] // longest[of]) * cores) for each in (done, upto))
    before, after = read
    pairs = _pairs(made, cores, context, (count, done, upto))
    served = np.minimum(blocks.head_cores, heads - np.arange(0, heads, blocks.head_cores))
    times = len(served)
    return AttentionSteps(
        heads=np.repeat(served, len(of)),
        rows=np.tile(rows, times),
        tokens=np.tile(upto - done, times),
        at_node=np.tile(after - before, times),
        pairs=np.tile(pairs, times),
        opens=np.tile(done == 0, times),
    )


def step_count(op: Attention, blocks: Blocks, heads: int, context: int) -> int:
    """How many tiles such a node has."""
    rounds = -(-heads // blocks.head_cores)
    return rounds * int(groups(op, blocks, context).tiles(blocks.tokens).sum())


def tiles_met(op: Attention, blocks: Blocks, heads: int, context: int) -> TilesMet:
    """What cores over queries compute and read, each for itself: of its tiles of queries all whole tiles of tokens,
    which are alike where the queries are as many, and the last of each."""
    made = groups(op, replace(blocks, row_cores=1), context)
    rows, seen, whole = made.rows[:, 0], made.seen[:, 0], made.tiles(blocks.tokens) - 1
    before, cores = whole * blocks.tokens, blocks.context_cores
    like = np.full(2, blocks.tokens)
    one = (
        np.concatenate([[blocks.rows], rows[-1:], rows]),
        np.concatenate([like, seen - before]),
        np.concatenate([like * cores, np.minimum(context, seen * cores) - before * cores]),
        np.concatenate([[whole[:-1].sum(), whole[-1]], np.ones_like(whole)]),
    )
    rounds = np.array([heads // blocks.head_cores, min(1, heads % blocks.head_cores)])
    served = np.array([blocks.head_cores, heads % blocks.head_cores])
    rows, tokens, at_node, times = (np.tile(each, 2) for each in one)
    of = np.repeat([0, 1], len(one[0]))
    times = times * rounds[of]
    found = times > 0
    return TilesMet(served[of][found], rows[found], tokens[found], at_node[found], times[found])


def _pairs(made: Groups, cores: int, context: int, steps: tuple[Int64s, Int64s, Int64s]) -> Int64s:
    """Pairs of all cores of a group in each of its steps; `steps`: how many each group has, the tokens before them and
    upto their end."""
    count, done, upto = steps
    if made.rows.shape[1] == 1:
        tokens = np.minimum(context, upto * cores) - np.minimum(context, done * cores)
        return np.asarray(np.repeat(made.rows[:, 0], count) * tokens)
    ends = np.cumsum(count)
    found = [
        _until(made, group, cores, context, upto[ends[group] - n : ends[group]])
        for group, n in enumerate(count.tolist())
    ]
    return np.concatenate([np.diff(each, prepend=0) for each in found])


def _until(made: Groups, group: int, cores: int, context: int, upto: Int64s) -> Int64s:
    """Pairs of a group when each of its cores has met so many tokens, or all of its own."""
    order = np.argsort(made.seen[group])
    seen, rows = made.seen[group][order], made.rows[group][order]
    over = np.concatenate([[0], np.cumsum(rows * np.minimum(context, seen * cores))])
    ended = np.searchsorted(seen, upto, side="right")
    return np.asarray(
        over[ended]
        + (rows.sum() - np.concatenate([[0], np.cumsum(rows)])[ended]) * np.minimum(context, upto * cores)
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


def tile_kinds(core: Core, node: NodeClass, op: Attention, nest: AttentionSteps, label: Int64s) -> Tiles:
    """Tiles of three parts, scores, softmax step and weighted sum, by shape and what all cores do together; `label` has
    the numbers of what moves and of each part, and may have more."""
    at, of = alike(np.stack([nest.rows, nest.tokens, nest.heads, nest.pairs]))
    rows, tokens = nest.rows[at], nest.tokens[at]
    together = nest.heads[at] * nest.pairs[at]
    found = tile_costs(core, op, rows, tokens)
    units = np.array([[node.units[slot] for slot in slots] for slots, _ in found], dtype=np.int64).T
    cycles = np.stack([dealt(each, rows * tokens, together, core.cores).each for _, each in found], axis=1)
    causes = np.array([(work, *TILE_CAUSES) for work in (COMPUTE, NONLINEAR, COMPUTE)], dtype=np.int64)
    return Tiles(of, np.ascontiguousarray(units), causes, cycles, label, not core.spec.overlap)


def tile_units(core: Core, node: NodeClass, op: Attention, met: TilesMet) -> Int64s:
    """The units alone: int64[kinds, 3]."""
    at, of = alike(np.stack([met.rows, met.tokens]))
    found = tile_costs(core, op, met.rows[at], met.tokens[at])
    return np.array([[node.units[slot] for slot in slots] for slots, _ in found], dtype=np.int64).T[of]


def tile_costs(core: Core, op: Attention, rows: Int64s, tokens: Int64s) -> list[tuple[list[str], Costs]]:
    """Slots of the units and costs of the scores, the softmax step and the weighted sum of tiles on one core; of equal
    tiles, which are compared, then emitted and counted, they are found once."""
    slots = list(core.spec.units)

    def parts(tiles: Int64s) -> Int64s:
        found = _tile_costs(core, op, *tiles)
        return np.column_stack(
            [each for on, of in found for each in ([slots.index(slot) for slot in on], of.each, of.last)]
        )

    key = "costs of attention", op.q.format, op.k.format, op.v.format, op.d_qk, op.d_v
    three = np.split(each_once(core, key, np.stack([rows, tokens]), parts), 3, axis=1)
    return [([slots[i] for i in of[:, 0].tolist()], Costs(of[:, 1:-1], of[:, -1])) for of in three]


def _tile_costs(core: Core, op: Attention, rows: Int64s, tokens: Int64s) -> list[tuple[list[str], Costs]]:
    """The same of tiles that are asked for the first time."""
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
