"""How a node cuts attention: cores over heads and context, rows of queries and tokens of a tile.

An analytic bound on the time of every candidate that fits the scratchpad orders them, as for matrix products: a small
tile starts computing early and skips what the mask hides, a large one pays the softmax's latency less often.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from bankside.arch.machine.machine import Core
from bankside.arch.pe.unit import SOFTMAX_STEP
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.attention_steps import tile_costs, visible
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.resources import resources
from bankside.kernels.mapping.scene import Scene
from bankside.kernels.operators import Attention, MatMul, Operator, RowWise, Tensor
from bankside.kernels.plan.blocks import STATISTICS, Blocks, token_bytes
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.partition import whole
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split
from bankside.kernels.plan.tiling import ACCUMULATOR_BYTES, Resources


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
    """Key-value heads of all sequences to nodes; a head's context is split when nodes are left over."""
    core = scene.core
    split = Split(op.sequences * op.kv_heads, op.context, core.nodes, ("heads", "context"))
    share = split.share(0)
    node = resources(scene.bench.machine, core)
    blocks = choose_blocks(op, core, share.items, share.inner, node, scene.pin)
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
        scene.store(),
        frozenset({"cores"}),
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
    cores, tile = (pin.cores, pin.tile) if pin else ({}, {})
    head_cores = min(cores.get("heads", core.cores), core.cores, heads)
    context_cores = max(1, min(cores.get("context", core.cores), core.cores // head_cores, context))
    own = -(-context // context_cores)
    found = list(_fitting(op, own, node.sram_bytes, tile))
    bounds = _bounds_s(op, core, node, (-(-heads // head_cores), own, head_cores * context_cores), found)
    best = min(
        ((bound, -rows, -tokens) for bound, (rows, tokens) in zip(bounds, found, strict=True)), default=None
    )
    if best is None:
        if tile:
            raise ConfigError(
                [f"The pinned tile of {op.label} does not fit the SRAM of core {core.name} twice."]
            )
        raise ConfigError(
            [
                f"{op.label}: the {node.sram_bytes:g} B SRAM of core {core.name} does not hold one query row of "
                f"{op.d_qk} elements with one token of keys and values twice: give it more SRAM."
            ]
        )
    return Blocks(head_cores, context_cores, -best[1], -best[2])


def _fitting(op: Attention, own: int, sram_byte: float, tile: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Tiles of halved rows and of powers of two of tokens, and the widest, that fit beside a second one; `tile` has
    what is said of them already."""
    row_byte = op.d_qk * op.q.format.bits / 8 + (op.d_v + STATISTICS) * ACCUMULATOR_BYTES
    rows = tile.get("rows", op.queries * op.group)
    while True:
        room = sram_byte - rows * row_byte
        most = int(room // (2 * token_bytes(op) + rows * ACCUMULATOR_BYTES)) if room > 0 else 0
        if "tokens" in tile:
            if tile["tokens"] <= most:
                yield rows, tile["tokens"]
        else:
            yield from ((rows, tokens) for tokens in _powers(min(most, own)))
        if rows == 1 or "rows" in tile:
            return
        rows = -(-rows // 2)


def _powers(most: int) -> Iterator[int]:
    """The most there may be, and every power of two below it."""
    if most >= 1:
        yield most
    tokens = 1
    while tokens < most:
        yield tokens
        tokens *= 2


def _bounds_s(
    op: Attention, core: Core, node: Resources, share: tuple[int, int, int], found: list[tuple[int, int]]
) -> list[float]:
    """Times of all tiles at the pace of the slowest of units, reads and half a buffer's turn, and the first tile's way,
    for each size of tile `found`: (rows, tokens).

    share: rounds of heads, tokens of a head that are a core's, and cores that read at once.
    """
    if not found:
        return []
    rounds, own, lanes = share
    sizes = np.array(found, dtype=np.int64)
    (on, scores), (_, soft), (off, sums) = tile_costs(core, op, *np.ascontiguousarray(sizes.T))
    score, step, gather = scores.interval, soft.interval, sums.interval
    unit = np.where(np.array(on) == np.array(off), score + gather, np.maximum(score, gather))
    read_s = lanes * sizes[:, 1] * token_bytes(op) / node.bandwidth_bytes_per_s
    chain_s = node.latency_s + read_s + (score + step + gather) / node.clock_hz
    pace_s = np.maximum(np.maximum(read_s, np.maximum(unit, step) / node.clock_hz), chain_s / 2)
    tiles = np.array([tile_count(op, own, rows, tokens) for rows, tokens in found])
    return list(rounds * tiles * pace_s + chain_s)


def tile_count(op: Attention, own: int, rows: int, tokens: int) -> int:
    """Tiles of a core for one head, of whose tokens `own` are the core's: fewer for queries that the mask cuts."""
    first = np.arange(0, op.queries * op.group, rows)
    upto = -(-np.minimum(first + rows, op.queries * op.group) // op.group)
    masked = op.context - visible(op, first // op.group, upto)
    return int((-(-np.maximum(1, own - masked * own // op.context) // tokens)).sum())
