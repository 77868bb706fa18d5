"""Attention's tiles made of arrays: operation by operation what a plain loop appends."""

import dataclasses
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bankside.arch.causes import COMPUTE, LAUNCH, NONLINEAR
from bankside.arch.engine.program import Program
from bankside.arch.machine.machine import FS_PER_S, Core, load_machine
from bankside.arch.pe.sram.unit import Scratchpad
from bankside.arch.pe.unit import PRODUCT, SOFTMAX_STEP, TILE_CAUSES, Int64s, Unit
from bankside.kernels.formats import FORMATS
from bankside.kernels.lower.attention_tiles import emit_attention
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.memory import Tape
from bankside.kernels.operators import Attention
from bankside.kernels.plan.blocks import Blocks, token_bytes

BF16 = FORMATS["bf16"]
NAMES = ("axdimm", "base-die", "hmc-vault", "hybrid-3d", "sram-lpu", "tpu-like", "xpu-h100")
MACHINES = {name: load_machine(name) for name in NAMES}
CASE = "attn"


def lowering(name: str, split_channels: bool, used: int, near_end: bool) -> tuple[Lowering, NodeClass]:
    """A lowering that has come some way: `used` buffers are taken, and a tail is waited for."""
    machine = MACHINES[name]
    core = machine.primary
    low = Lowering(machine)
    last = core.memory.channels
    low.add_channels(core.memory, [(0, 1), (1, last)] if split_channels and last > 1 else [(0, last)])
    low.add_group(core, [(0, core.nodes)])
    low.builder.label(CASE)
    node = low.groups[core.name][0]
    node.slots = [low.builder.fixed(node.vector, 0, [(COMPUTE, 5)], []) for _ in range(used)]
    node.tail = [low.builder.fixed(node.vector, 0, [(COMPUTE, 9)], []) for _ in range(used)]
    if near_end and core.memory.channelled is not None:
        node.cursor = core.memory.channelled.channel_bytes // core.memory.burst_bytes - 7
    return low, node


def looped(
    low: Lowering, core: Core, node: NodeClass, op: Attention, blocks: Blocks, heads: int, context: int
) -> None:
    """The tiles as their definition says it, one after the other."""
    reads, start = Tape(low, core, node, 0), list(node.tail)
    free = early(node.slots, blocks.buffers)
    total, wide = op.queries * op.group, blocks.row_cores
    for round_ in range(0, heads, blocks.head_cores):
        served = min(blocks.head_cores, heads - round_)
        for first in range(0, total, blocks.rows * wide):
            side = range(first, min(total, first + blocks.rows * wide), blocks.rows)
            cores = [(min(blocks.rows, total - row), seen(op, blocks, context, row, total)) for row in side]
            longest = max(met for _, met in cores)
            busiest = next(rows for rows, met in cores if met == longest)
            for token in range(0, longest, blocks.tokens):
                tokens = min(blocks.tokens, longest - token)
                each = [(rows, min(met, token + tokens), token) for rows, met in cores if met > token]
                pairs = sum(rows * passed(blocks, context, upto, token) for rows, upto, _ in each)
                at_node = passed(blocks, context, token + tokens, token)
                ready = reads.move(served * at_node * token_bytes(op), free[-blocks.buffers])
                alone = core.spec.overlap or token + first + round_ == 0
                before = list(start) if alone else node.slots[-1:]
                if core.spec.open and op.queries > 1 and total > blocks.rows and token == 0:
                    costs = [(LAUNCH, round(core.spec.open * FS_PER_S))]
                    before.append(low.builder.fixed(node.path_delay, 0, costs, node.tail))
                shape = busiest, tokens, served * pairs
                last = tile(low, core, node, op, shape, ready + before)
                node.slots, node.tail = [*node.slots, last][-blocks.buffers :], [last]
                free.append([last])
                for rows, upto, _ in each:
                    own = rows, upto - token, served, passed(blocks, context, upto, token)
                    count(low, core, node, op, own)


def early(slots: list[int], buffers: int) -> list[list[int]]:
    """What the first tiles wait for: users of buffers of the same size, or of halves, which cover smaller ones."""
    if len(slots) >= buffers:
        return [[user] for user in slots[-buffers:]]
    halves: list[list[int]] = [[], [], *([user] for user in slots)]
    return [halves[-2] if 2 * (buffer + 1) <= buffers else halves[-1] for buffer in range(buffers)]


def seen(op: Attention, blocks: Blocks, context: int, row: int, total: int) -> int:
    """Tokens that a core meets for the tile of queries from `row` on."""
    rows, cores, met = min(blocks.rows, total - row), blocks.context_cores, op.context
    if op.causal and op.queries > 1:
        met = -(-(op.context - op.queries - (-(row + rows) // op.group)) // cores)
    return min(-(-context // cores), met)


def passed(blocks: Blocks, context: int, upto: int, token: int) -> int:
    """Tokens of all cores of a head from `token` to `upto` of one core."""
    cores = blocks.context_cores
    return min(context, upto * cores) - min(context, token * cores)


def parts(op: Attention, rows: int, tokens: int) -> tuple[tuple[str, tuple[int, int, int]], ...]:
    """Work and sizes of the scores, the softmax step and the weighted sum."""
    return (
        (PRODUCT, (rows, tokens, op.d_qk)),
        (SOFTMAX_STEP, (rows, tokens, op.d_v)),
        (PRODUCT, (rows, op.d_v, tokens)),
    )


def doer(core: Core, work: str, sizes: tuple[int, int, int]) -> tuple[str, Unit]:
    able = [(slot, unit) for slot, unit in core.spec.units.items() if unit.can(work)]
    _, slot, unit = min((ready(unit, work, sizes), slot, unit) for slot, unit in able)
    return slot, unit


def tile(
    low: Lowering, core: Core, node: NodeClass, op: Attention, shape: tuple[int, int, int], deps: list[int]
) -> int:
    """Scores, softmax step and weighted sum of the busiest core, each after the one before; `shape` ends with the pairs
    of all cores."""
    rows, tokens, together = shape
    for part, (work, sizes) in enumerate(parts(op, rows, tokens)):
        slot, unit = doer(core, work, sizes)
        steady, fill, *_ = unit.cycles(column(*sizes), work=work).each[0].tolist()
        even = min(steady, -(-steady * together // (core.cores * rows * tokens)))
        cause = COMPUTE if work == PRODUCT else NONLINEAR
        ports, shared = (0, 0) if work == SOFTMAX_STEP else reading(core, sizes, slot, keys=part == 0)
        beyond = max(0, ports - steady - fill), max(0, ports + shared - max(steady + fill, ports))
        costs = list(zip((cause, *TILE_CAUSES), (even, fill, steady - even, *beyond), strict=True))
        deps = [low.builder.fixed(node.units[slot], 1 + part, costs, deps)]
    return deps[0]


def count(
    low: Lowering, core: Core, node: NodeClass, op: Attention, shape: tuple[int, int, int, int]
) -> None:
    """What cores with such a tile compute and read, of all heads and of a head's tokens."""
    rows, tokens, served, at_node = shape
    streamed = served * at_node
    whole = ((rows, streamed, op.d_qk), (served * rows, at_node, op.d_v), (rows, op.d_v, streamed))
    for (work, sizes), all_of_it in zip(parts(op, rows, tokens), whole, strict=True):
        slot, unit = doer(core, work, sizes)
        low.count_unit(core, slot, unit.events(column(*all_of_it), work=work), node.count)
    operand_byte = round(streamed * (op.d_qk + op.d_v) * op.k.format.bits / 8)
    low.count_unit(core, "sram", {"sram_read": operand_byte}, node.count)


def reading(core: Core, sizes: tuple[int, int, int], slot: str, keys: bool) -> tuple[int, int]:
    """Cycles of the scratchpad's ports, and those that conflicts add: one depth of all keys loads a row of an array."""
    sram, (m, n, k) = core.spec.sram, sizes
    assert isinstance(sram, Scratchpad)
    ports, shared = -(-2 * k * (m + n) // (sram.banks * sram.width)), 0
    if sram.layout == "rows" and slot == "matmul" and keys:
        words = -(-k * 2 // sram.width)
        shared = words * (-(-n * math.gcd(words, sram.banks) // sram.banks) - -(-n // sram.banks))
    return ports, shared


def column(*sizes: int) -> Int64s:
    return np.array(sizes, dtype=np.int64)[:, None]


def ready(unit: Unit, work: str, sizes: tuple[int, int, int]) -> tuple[int, int]:
    """When the unit is ready for the next tile, and when it is done; the matrix unit wins a tie."""
    costs = unit.cycles(column(*sizes), work=work)
    return int(costs.interval[0]), int(costs.interval[0] + costs.last[0])


def equal(one: Program, other: Program) -> None:
    for field in dataclasses.fields(Program):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if field.name == "dep":
            owner = np.repeat(np.arange(one.n_ops), np.diff(one.dep_start))
            mine, theirs = (deps[np.lexsort((deps, owner))] for deps in (mine, theirs))
        assert np.array_equal(mine, theirs), field.name


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(NAMES), st.booleans(), st.integers(0, 3), st.booleans(),
    st.tuples(st.integers(1, 4), st.integers(1, 60), st.integers(0, 60), st.booleans(), st.booleans()),
    st.tuples(st.integers(1, 90), st.integers(1, 70)),
    st.tuples(
        st.integers(1, 4), st.integers(1, 5), st.integers(1, 50), st.integers(1, 40), st.integers(1, 4),
        st.integers(1, 4),
    ),
    st.integers(1, 6), st.integers(1, 120),
)  # fmt: skip
def test_attention_made_of_arrays_is_the_loop(
    name: str, split_channels: bool, used: int, near_end: bool, shape: tuple[int, int, int, bool, bool],
    width: tuple[int, int], cut: tuple[int, int, int, int, int, int], heads: int, share: int,
) -> None:  # fmt: skip
    group, queries, earlier, causal, shared = shape
    context, core = queries + earlier, MACHINES[name].primary
    op = Attention.of(CASE, (3, 2, group, queries, context), width, (BF16, BF16, BF16), causal, shared)
    own, blocks = min(context, share), Blocks(*cut)
    fast, node = lowering(name, split_channels, used, near_end)
    emit_attention(fast, core, node, 0, op, blocks, heads, own)
    slow, slow_node = lowering(name, split_channels, used, near_end)
    looped(slow, core, slow_node, op, blocks, heads, own)
    equal(fast.builder.build(), slow.builder.build())
    assert node == slow_node
    assert fast.traffic == slow.traffic
    assert fast.events.keys() == slow.events.keys()
    assert all(np.array_equal(fast.events[owner], slow.events[owner]) for owner in slow.events)
    assert fast.unit_events == slow.unit_events
