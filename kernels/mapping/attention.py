"""How a node cuts attention: cores over heads and context, rows of queries and tokens of a tile.

An analytic bound on the time of every candidate that fits the scratchpad orders them, as for matrix products: a small
tile starts computing early and skips what the mask hides, a large one pays the softmax's latency less often.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import log2

import numpy as np

from bankside.arch.engine.trains import alike
from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.once import once
from bankside.arch.pe.product import SLOTS
from bankside.arch.pe.unit import SOFTMAX_STEP
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.attention_steps import Groups, groups, tile_costs
from bankside.kernels.mapping.bound import Float64s
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.resources import resources
from bankside.kernels.mapping.scene import Scene
from bankside.kernels.operators import Attention, MatMul, Operator, RowWise, Tensor
from bankside.kernels.plan.blocks import MERGES, STATISTICS, Blocks, merged_rows, token_bytes
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.partition import whole
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split
from bankside.kernels.plan.tiling import ACCUMULATOR_BYTES, UNITS, Resources

IN_TURN, IN_STEP = (2,), (2, 3)
"""Buffers of keys and values: one is read while products and softmax take turns on another, or while each has one."""

ALIKE, TILE_S = 1.01, 1e-6
"""Bounds within this factor of the least are as good; of their tiles that one is best which takes about as long to
read: of small ones ends are much, large ones meet refreshes, and are long to simulate."""

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
    split = split_of(core, op)
    blocks, _ = blocks_of(scene.bench.machine, core, op, scene.pin)
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


def split_of(core: Core, op: Attention) -> Split:
    """Heads, and where it is even their tokens, to nodes."""
    return Split(op.sequences * op.kv_heads, op.context, core.nodes, ("heads", "context"), op.decodes)


def blocks_of(
    machine: Machine, core: Core, op: Attention, pin: PinSpec | None = None
) -> tuple[Blocks, float]:
    """How a node cuts its share, and the bound on its time, by which it was chosen [s]; the same work is decided once.

    Raises
    ------
    ConfigError
        If one query row against one token, or the pinned tile, does not fit the SRAM.
    """

    def make() -> tuple[Blocks, float]:
        shares = split_of(core, op).shares(0)
        heads = max(share.items for share in shares)  # those a token longer by themselves
        return choose_blocks(op, core, heads, shares[0].inner, resources(machine, core), pin)

    return once(core, ("blocks", op.nameless, pin.tiling() if pin else ()), make)


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
) -> tuple[Blocks, float]:
    """The tile with the least bound, ties by fewer reads of keys, then by larger tiles; or what is pinned of it; and
    its bound [s].

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
    bounds, reads_s = _bounds_s(op, core, node, (heads, context), found)
    if not found:
        if pin and pin.tile:
            raise ConfigError(
                [
                    f"The pinned tile of {op.label} does not fit the SRAM of core {core.name} in "
                    f"{pin.tile.get('buffers', IN_TURN[0])} buffers."
                ]
            )
        raise ConfigError(
            [
                f"{op.label}: the {node.sram_bytes:g} B SRAM of core {core.name} does not hold one query row of "
                f"{op.d_qk} elements with one token of keys and values twice: give it more SRAM."
            ]
        )
    least = min(bounds)
    alike = (
        (-each.rows, abs(log2(each_s / TILE_S)), bound, at)
        for at, (each, bound, each_s) in enumerate(zip(found, bounds, reads_s, strict=True))
        if bound <= ALIKE * least
    )
    at = min(alike)[-1]
    return replace(found[at], multiplier=_multiplier(op, core, found[at])), bounds[at]


def _multiplier(op: Attention, core: Core, blocks: Blocks) -> str:
    """Who multiplies a whole tile."""
    (scores, _), _, (sums, _) = tile_costs(core, op, np.array([blocks.rows]), np.array([blocks.tokens]))
    return "+".join(name for slot, name in zip(SLOTS, UNITS, strict=False) if slot in (scores[0], sums[0]))


def _candidates(
    op: Attention, core: Core, heads: int, context: int, sram_byte: float, pin: PinSpec | None
) -> Iterator[Blocks]:
    """Cores to heads first or to fewer of them at a time, those left over to tiles of queries, then to the context;
    with every tile that fits; of what is pinned only that."""
    cores, tile = (pin.cores, pin.tile) if pin else ({}, {})
    several = IN_STEP if core.spec.overlap else IN_TURN
    for head_cores in _at_once(min(core.cores, heads), heads, cores.get("heads")):
        left = core.cores // head_cores
        for rows in _rows(op, tile):
            tiles = min(left, -(-op.queries * op.group // rows))
            row_cores = min(cores.get("queries", tiles), tiles)
            context_cores = max(1, min(cores.get("context", core.cores), left // row_cores, context))
            own = -(-context // context_cores)
            pinned = tile.get("tokens")
            for buffers in (tile["buffers"],) if "buffers" in tile else several:
                most = _room_tokens(op, core, (rows, buffers), sram_byte)
                for tokens in _powers(min(most, own)) if pinned is None else [pinned] * (pinned <= most):
                    yield Blocks(head_cores, context_cores, rows, tokens, row_cores, buffers)


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


def _room_tokens(op: Attention, core: Core, tile: tuple[int, int], sram_byte: float) -> int:
    """Tokens whose keys and values fit into one of the buffers, and whose scores fit, of each buffer where its tile is
    at work beside others: of queries and keys in the SRAM, and of sums and scores there too or in registers; tile:
    rows, buffers."""
    (rows, buffers), registers_byte = tile, core.spec.registers
    queries_byte = rows * op.d_qk * op.q.format.bits / 8
    sums_byte = rows * (op.d_v + STATISTICS) * ACCUMULATOR_BYTES
    score_byte = rows * ACCUMULATOR_BYTES * (buffers if core.spec.overlap else 1)
    if registers_byte is None:
        room = sram_byte - queries_byte - sums_byte
        return max(0, int(room // (buffers * token_bytes(op) + score_byte)))
    stored = (sram_byte - queries_byte) // (buffers * token_bytes(op))
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
) -> tuple[list[float], list[float]]:
    """Times of all tiles at their pace, the first tile's way, and the merge of partial results, for each of the
    candidates `found`, and what reading a tile takes; share: heads, and tokens of each, of the node [s]."""
    if not found:
        return [], []
    heads, context = share
    lanes = np.array([each.head_cores * each.context_cores for each in found])
    tokens = np.array([each.tokens for each in found])
    awake = node.bandwidth_bytes_per_s * (1 - node.pause_s / node.pause_every_s)
    read_s = lanes * tokens * token_bytes(op) / awake
    pace_s, chain_s = _paces_s(op, core, node.clock_hz, (node.latency_s, read_s), found)
    tiles, opened = np.array(list(_counts(op, context, found))).T
    rounds = np.array([-(-heads // each.head_cores) for each in found])
    open_s = opened * core.spec.open * np.array([each.opens(op) for each in found])
    times_s = rounds * (tiles * pace_s + open_s) + chain_s + _merges_s(op, core, heads, found)
    return times_s.tolist(), read_s.tolist()


def _paces_s(
    op: Attention, core: Core, clock_hz: float, read_s: tuple[float, Float64s], found: list[Blocks]
) -> tuple[Float64s, Float64s]:
    """Time from tile to tile, and of one tile by itself, float64[candidates] each [s]; read_s: latency, and a tile's
    keys and values.

    A buffer is read and then worked on to the end, others meanwhile. With two, scores that are ready before the softmax
    of the tile before has ended are made ahead of that tile's values, and what is read next waits for both.
    """
    sizes = np.array([(each.rows, each.tokens) for each in found], dtype=np.int64).T
    first, at = alike(np.ascontiguousarray(sizes))
    (on, scores), (_, soft), (off, sums) = tile_costs(core, op, *sizes[:, first])
    score_s, step_s, sum_s = (each.interval[at] / clock_hz for each in (scores, soft, sums))
    buffers = np.array([each.buffers for each in found])
    latency_s, transfer_s = read_s
    there_s = latency_s + transfer_s
    chain_s = there_s + score_s + step_s + sum_s
    pace_s = np.maximum(transfer_s, chain_s / buffers)
    if not core.spec.overlap:
        return np.maximum(pace_s, score_s + step_s + sum_s), chain_s
    one_unit = (np.array(on) == np.array(off))[at]
    products_s = np.where(one_unit, score_s + sum_s, np.maximum(score_s, sum_s))
    ahead = (buffers == 2) & one_unit & (there_s + sum_s <= step_s)
    turn_s = np.where(ahead, there_s + score_s + sum_s, 0.0)
    return np.maximum.reduce([pace_s, products_s, step_s, turn_s]), chain_s


def _counts(op: Attention, context: int, found: list[Blocks]) -> Iterator[tuple[int, int]]:
    """Tiles that a core passes for one head, of which the node has `context` tokens, and how often it begins new
    queries."""
    known: dict[tuple[int, int, int], Groups] = {}
    counted: dict[tuple[int, ...], tuple[int, int]] = {}
    for each in found:
        key = each.rows, each.row_cores, each.context_cores
        if key not in known:
            known[key] = groups(op, each, context)
        if (*key, each.tokens) not in counted:
            tiles = known[key].tiles(each.tokens)
            counted[*key, each.tokens] = int(tiles.sum()), len(tiles)
        yield counted[*key, each.tokens]


def _merges_s(op: Attention, core: Core, heads: int, found: list[Blocks]) -> Float64s:
    """Time in which a core adds up its share of partial results, float64[candidates] [s]."""
    tiles = np.array(
        [(merged_rows(op, each, heads), op.d_v + STATISTICS, each.context_cores) for each in found],
        dtype=np.int64,
    )
    several = tiles[:, 2] > 1
    cycles = np.zeros(len(found))
    if several.any():
        adder = core.spec.unit_for(MERGES)
        assert adder is not None
        parts = np.ascontiguousarray(tiles[several].T)
        cycles[several] = adder[1].cycles(parts, work=MERGES).interval
    return cycles / core.spec.clock
