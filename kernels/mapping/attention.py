"""How a node cuts attention: cores over heads and context, rows of queries and tokens of a tile.

An analytic bound on the time of every candidate that fits the scratchpad orders them, as for matrix products: a small
tile starts computing early and skips what the mask hides, a large one pays the softmax's latency less often.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bankside.arch.machine.machine import Core
from bankside.arch.pe.unit import SOFTMAX_STEP, Costs, Int64s
from bankside.arch.spec import ConfigError
from bankside.kernels.mapping import ACCUMULATOR_BYTES, Resources
from bankside.kernels.operators import Attention

STATISTICS = 2  # running maximum and sum of a row


@dataclass(frozen=True)
class Blocks:
    """How a node computes its heads: cores over heads and over one head's context; tile of query rows and tokens.

    `rows` of the queries x group rows that share keys are served in one pass over them.
    """

    head_cores: int
    context_cores: int
    rows: int
    tokens: int

    def as_dict(self) -> dict[str, object]:
        """For results."""
        return {
            "cores": {"heads": self.head_cores, "context": self.context_cores},
            "tile": {"rows": self.rows, "tokens": self.tokens},
            "unit": "matrix+nonlinear",
        }


def token_bytes(op: Attention) -> float:
    """Bytes that one token adds to what a head streams: its key, and its value unless that is part of the key."""
    return op.kv_format.bits / 8 * (op.d_qk + (0 if op.kv_shared else op.d_v))


def choose_blocks(op: Attention, core: Core, heads: int, context: int, node: Resources) -> Blocks:
    """The tile with the least bound, ties by fewer reads of keys, then by larger tiles.

    Parameters
    ----------
    heads, context
        Of one node.
    node
        Its SRAM, bandwidth, latency and clock.

    Raises
    ------
    ConfigError
        If one query row against one token does not fit the SRAM.
    """
    head_cores = min(core.cores, heads)
    context_cores = max(1, min(core.cores // head_cores, context))
    own = -(-context // context_cores)
    found = list(_fitting(op, own, node.sram_bytes))
    lanes = head_cores * context_cores
    bounds = _bounds_s(op, core, node, -(-heads // head_cores), own, lanes, found)
    best = min(
        ((bound, -rows, -tokens) for bound, (rows, tokens) in zip(bounds, found, strict=True)), default=None
    )
    if best is None:
        raise ConfigError(
            [
                f"{op.label}: the {node.sram_bytes:g} B SRAM of core {core.name} does not hold one query row of "
                f"{op.d_qk} elements with one token of keys and values twice: give it more SRAM."
            ]
        )
    return Blocks(head_cores, context_cores, -best[1], -best[2])


def _fitting(op: Attention, own: int, sram_byte: float) -> Iterator[tuple[int, int]]:
    """Tiles of halved rows and of powers of two of tokens, and the widest, that fit beside a second one."""
    row_byte = op.d_qk * op.q_format.bits / 8 + (op.d_v + STATISTICS) * ACCUMULATOR_BYTES
    rows = op.queries * op.group
    while True:
        room = sram_byte - rows * row_byte
        most = int(room // (2 * token_bytes(op) + rows * ACCUMULATOR_BYTES)) if room > 0 else 0
        if most >= 1:
            yield rows, min(most, own)
        tokens = 1
        while tokens < min(most, own):
            yield rows, tokens
            tokens *= 2
        if rows == 1:
            return
        rows = -(-rows // 2)


def _bounds_s(
    op: Attention,
    core: Core,
    node: Resources,
    rounds: int,
    own: int,
    lanes: int,
    found: list[tuple[int, int]],
) -> list[float]:
    """Times of all tiles at the pace of the slowest of units, reads and half a buffer's turn, and the first tile's way,
    for each size of tile `found`: (rows, tokens).

    `own` tokens of a head are a core's; `lanes` cores read at once.
    """
    if not found:
        return []
    sizes = np.array(found, dtype=np.int64)
    (on, scores), (_, soft), (off, sums) = tile_costs(core, op, *np.ascontiguousarray(sizes.T))
    score, step, gather = scores.interval, soft.interval, sums.interval
    unit = np.where(np.array(on) == np.array(off), score + gather, np.maximum(score, gather))
    read_s = lanes * sizes[:, 1] * token_bytes(op) / node.bandwidth_bytes_per_s
    chain_s = node.latency_s + read_s + (score + step + gather) / node.clock_hz
    pace_s = np.maximum(np.maximum(read_s, np.maximum(unit, step) / node.clock_hz), chain_s / 2)
    tiles = np.array([tile_count(op, own, rows, tokens) for rows, tokens in found])
    return list(rounds * tiles * pace_s + chain_s)


def tile_costs(core: Core, op: Attention, rows: Int64s, tokens: Int64s) -> list[tuple[list[str], Costs]]:
    """Slots of the units and costs of the scores, the softmax step and the weighted sum of tiles on one core."""
    units = core.spec.multipliers(op.q_format.name, op.kv_format.name)
    step = core.spec.unit_for(SOFTMAX_STEP)
    assert step is not None
    tile = np.stack([rows, tokens, np.full_like(rows, op.d_v)])
    soft = [step[0]] * len(rows), step[1].cycles(tile, work=SOFTMAX_STEP)
    scores = units.faster(np.stack([rows, tokens, np.full_like(rows, op.d_qk)]))
    sums = units.faster(np.stack([rows, np.full_like(rows, op.d_v), tokens]))
    return [scores, soft, sums]


def tile_count(op: Attention, own: int, rows: int, tokens: int) -> int:
    """Tiles of a core for one head, of whose tokens `own` are the core's: fewer for queries that the mask cuts."""
    first = np.arange(0, op.queries * op.group, rows)
    upto = -(-np.minimum(first + rows, op.queries * op.group) // op.group)
    masked = op.queries - upto if op.causal else np.zeros_like(upto)
    return int((-(-np.maximum(1, own - masked * own // op.context) // tokens)).sum())
