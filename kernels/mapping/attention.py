"""How a node cuts attention: cores over heads and context, rows of queries and tokens of a tile.

An analytic bound on the time of every candidate that fits the scratchpad orders them, as for matrix products: a small
tile starts computing early and skips what the mask hides, a large one pays the softmax's latency less often.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from bankside.arch.machine.machine import Core
from bankside.arch.pe.unit import SOFTMAX_STEP
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.attention_steps import groups, tile_costs
from bankside.kernels.lower.lowering import Int64s
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.resources import resources
from bankside.kernels.mapping.scene import Scene
from bankside.kernels.operators import Attention, MatMul, Operator, RowWise, Tensor
from bankside.kernels.plan.blocks import MERGES, STATISTICS, Blocks, merged_rows, token_bytes
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.partition import whole
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split
from bankside.kernels.plan.tiling import ACCUMULATOR_BYTES, Resources

MANY_ROWS, FEW_ROWS = 4096, 8  # so that there are never more than some thousand tiles to a core


def parts_of(core: Core, op: Attention) -> tuple[Operator, ...]:
    """Attention itself, or two products with a softmax between where the softmax is done elsewhere."""
    if core.in_dram_die or core.spec.can(SOFTMAX_STEP):
        return (op,)
    heads, rows = op.sequences * op.kv_heads, op.group * op.queries
    scores = Tensor(f"{op.label}.scores", (heads, rows, op.context), op.q.format)
    weights = Tensor(f"{op.label}.weights", (heads, rows, op.context), op.q.format)
    shape = (op.softmax_rows, op.softmax_cols)
    return (
        MatMul(op.label, heads, rows, op.context, op.d_qk, op.q, op.k, scores),
        RowWise(op.label, "softmax", *shape, (scores,), weights),
        MatMul(op.label, heads, rows, op.d_v, op.context, weights, op.v, op.out),
    )


def decide(scene: Scene, op: Attention) -> OperatorPlan:
    """Key-value heads of all sequences to nodes; a head's context is split when nodes are left over, and in decoding
    wherever that leaves fewer of them idle."""
    core = scene.core
    heads_and_tokens, evenly = ("heads", "context"), op.decodes
    split = Split(op.sequences * op.kv_heads, op.context, core.nodes, heads_and_tokens, evenly)
    shares = split.shares(0)
    node = resources(scene.bench.machine, core)
    heads_here = max(share.items for share in shares)  # those a token longer by themselves
    blocks = choose_blocks(op, core, heads_here, shares[0].inner, node, scene.pin)
    heads = (("heads", split.grid["heads"]),)
    tokens = (("context", split.parts),) if split.parts > 1 else ()
    cache = Placement(core.name, (*heads, *tokens), core.memory.name)
    lying = {
        op.q.name: whole(core) if tokens else Placement(core.name, heads),
        op.k.name: cache,
        op.v.name: cache,
        op.out.name: Placement(core.name, _results(op, split), copies=split.parts),
    }
    written = {op.out.name} if scene.last else set()
    streamed = frozenset({op.k.name, op.v.name} | written)
    return OperatorPlan(
        scene.key,
        core.name,
        scene.home.name,
        split,
        lying,
        streamed,
        blocks,
        scene.store(op),
        frozenset({"cores"}),
        _passes(op, blocks),
    )


def _passes(op: Attention, blocks: Blocks) -> tuple[str, ...]:
    """What decoding reads more than once, because not all queries that share it are at work together."""
    rows, together = op.queries * op.group, blocks.rows * blocks.row_cores
    if not op.decodes or together >= rows:
        return ()
    return (
        f"{op.label}: keys and values are read {-(-rows // together)} times, for {together} at a time of the {rows} "
        "query rows that share them: the SRAM of a core holds no more with their sums, or less time is so taken.",
    )


def _results(op: Attention, split: Split) -> tuple[tuple[str, int], ...]:
    """What of the results a node has: heads, which are columns where each has as many of one sequence."""
    dealt = split.grid["heads"]
    alike = op.sequences == 1 and split.parts == 1 and split.items % split.nodes == 0
    return (("columns" if alike else "heads", dealt),)


def choose_blocks(
    op: Attention, core: Core, heads: int, context: int, node: Resources, pin: PinSpec | None = None
) -> Blocks:
    """The tile with the least bound, ties by fewer reads of keys, then by larger tiles; or what is pinned of it.

    Parameters
    ----------
    heads, context
        Of one node.
    node
        Its SRAM, bandwidth, latency and clock.

    Raises
    ------
    ConfigError
        If one query row against one token, or the pinned tile, does not fit the SRAM.
    """
    found = list(_candidates(op, core, heads, context, node.sram_bytes, pin))
    bounds = _bounds_s(op, core, node, (heads, context), found)
    best = min(
        zip(bounds, ((-each.rows, -each.tokens) for each in found), range(len(found)), strict=True),
        default=None,
    )
    if best is None:
        if pin and pin.tile:
            raise ConfigError(
                [f"The pinned tile of {op.label} does not fit the SRAM of core {core.name} twice."]
            )
        raise ConfigError(
            [
                f"{op.label}: the {node.sram_bytes:g} B SRAM of core {core.name} does not hold one query row of "
                f"{op.d_qk} elements with one token of keys and values twice: give it more SRAM."
            ]
        )
    return found[best[2]]


def _candidates(
    op: Attention, core: Core, heads: int, context: int, sram_byte: float, pin: PinSpec | None
) -> Iterator[Blocks]:
    """Cores to heads first or to fewer of them at a time, those left over to tiles of queries, then to the context;
    with every tile that fits; of what is pinned only that."""
    cores, tile = (pin.cores, pin.tile) if pin else ({}, {})
    for head_cores in _at_once(min(core.cores, heads), heads, cores.get("heads")):
        left = core.cores // head_cores
        for rows in _rows(op, tile):
            tiles = min(left, -(-op.queries * op.group // rows))
            row_cores = min(cores.get("queries", tiles), tiles)
            context_cores = max(1, min(cores.get("context", core.cores), left // row_cores, context))
            own = -(-context // context_cores)
            most = _room_tokens(op, rows, sram_byte, core.spec.registers)
            pinned = tile.get("tokens")
            for tokens in _powers(min(most, own)) if pinned is None else [pinned] * (pinned <= most):
                yield Blocks(head_cores, context_cores, rows, tokens, row_cores)


def _at_once(most: int, heads: int, pinned: int | None) -> Iterator[int]:
    """Heads at a time: as many as there are cores for, and as few as the same number of rounds, twice, four times as
    many, need."""
    if pinned is not None:
        yield min(pinned, most)
        return
    yield most
    rounds, before = -(-heads // most), most
    while before > 1:
        if (now := -(-heads // rounds)) < before:
            yield now
            before = now
        rounds *= 2


def _rows(op: Attention, tile: Mapping[str, int]) -> Iterator[int]:
    """Query rows of a tile: all, and halves of them, or as pinned; of many rows no tiles of a few."""
    rows = total = tile.get("rows", op.queries * op.group)
    yield rows
    while rows > (FEW_ROWS if total > MANY_ROWS else 1) and "rows" not in tile:
        rows = -(-rows // 2)
        yield rows


def _room_tokens(op: Attention, rows: int, sram_byte: float, registers_byte: float | None) -> int:
    """Tokens whose keys and values fit beside a second tile, and whose scores fit: of queries and keys in the SRAM, and
    of sums and scores there too or in registers."""
    queries_byte = rows * op.d_qk * op.q.format.bits / 8
    sums_byte, score_byte = rows * (op.d_v + STATISTICS) * ACCUMULATOR_BYTES, rows * ACCUMULATOR_BYTES
    if registers_byte is None:
        room = sram_byte - queries_byte - sums_byte
        return max(0, int(room // (2 * token_bytes(op) + score_byte)))
    stored = (sram_byte - queries_byte) // (2 * token_bytes(op))
    return max(0, int(min(stored, (registers_byte - sums_byte) // score_byte)))


def _powers(most: int) -> Iterator[int]:
    """The most there may be, and every power of two below it."""
    if most >= 1:
        yield most
    tokens = 1
    while tokens < most:
        yield tokens
        tokens *= 2


def _bounds_s(
    op: Attention, core: Core, node: Resources, share: tuple[int, int], found: list[Blocks]
) -> list[float]:
    """Times of all tiles at the pace of the slowest of units, reads and half a buffer's turn, the first tile's way, and
    the merge of partial results, for each of the candidates `found`; share: heads, and tokens of each, of the node."""
    if not found:
        return []
    heads, context = share
    sizes = np.array([(each.rows, each.tokens) for each in found], dtype=np.int64).T
    shapes, which = np.unique(sizes, axis=1, return_inverse=True)
    (on, scores), (_, soft), (off, sums) = tile_costs(core, op, *np.ascontiguousarray(shapes))
    score, step, gather = scores.interval, soft.interval, sums.interval
    together = np.where(np.array(on) == np.array(off), score + gather, np.maximum(score, gather))
    chain = score + step + gather
    busy = (np.maximum(together, step) if core.spec.overlap else chain)[which.reshape(-1)]
    chain = chain[which.reshape(-1)]
    lanes = np.array([each.head_cores * each.context_cores for each in found])
    read_s = lanes * sizes[1] * token_bytes(op) / node.bandwidth_bytes_per_s
    chain_s = node.latency_s + read_s + chain / node.clock_hz
    pace_s = np.maximum(np.maximum(read_s, busy / node.clock_hz), chain_s / 2)
    tiles, opened = np.array(list(_counts(op, context, found))).T
    rounds = np.array([-(-heads // each.head_cores) for each in found])
    merges = np.array([_merge_s(op, core, each, heads) for each in found])
    open_s = opened * core.spec.open * np.array([each.opens(op) for each in found])
    return list(rounds * (tiles * pace_s + open_s) + chain_s + merges)


def _counts(op: Attention, context: int, found: list[Blocks]) -> Iterator[tuple[int, int]]:
    """Tiles that a core passes for one head, of which the node has `context` tokens, and how often it begins new
    queries."""
    known: dict[tuple[int, int, int], Int64s] = {}
    for each in found:
        key = each.rows, each.row_cores, each.context_cores
        if key not in known:
            known[key] = groups(op, each, context).longest
        yield int((-(-known[key] // each.tokens)).sum()), len(known[key])


def tile_count(op: Attention, blocks: Blocks, context: int) -> int:
    """Tiles that a core passes for one head, of which the node has `context` tokens."""
    ((count, _),) = _counts(op, context, [blocks])
    return count


def _merge_cycles(core: Core, rows: int, width: int, parts: int) -> int:
    found = core.spec.unit_for(MERGES)
    assert found is not None
    tile = np.array([[rows], [width], [parts]], dtype=np.int64)
    return int(found[1].cycles(tile, work=MERGES).interval[0])


def _merge_s(op: Attention, core: Core, blocks: Blocks, heads: int) -> float:
    """Time in which a core adds up its share of partial results [s]."""
    if blocks.context_cores == 1:
        return 0.0
    rows = merged_rows(op, blocks, heads)
    return _merge_cycles(core, rows, op.d_v + STATISTICS, blocks.context_cores) / core.spec.clock
