"""Attention whose softmax is in the stack: each channel works through whole heads of its own, two of them overlapped.

Where the hub sits on the buffer die, one program of a channel has all of it, as in AttAcc: scores go from the units to
the softmax and come back beside the columns of another head.
"""

from math import ceil

import numpy as np

from bankside.arch.causes import COMPUTE, LINK_SERIAL, NONLINEAR
from bankside.arch.dram.channel.pim.program import DATA, commands, words
from bankside.arch.dram.device.standard import CAUSE_BITS
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.lowering import NodeClass
from bankside.kernels.lower.pim.attention_commands import Pace, Shape, attention_program
from bankside.kernels.lower.pim.banks import Banks
from bankside.kernels.lower.pim.placement import PLACEMENTS, Placement, place
from bankside.kernels.lower.pim.product import in_row
from bankside.kernels.lower.rowwise import function_costs, tile
from bankside.kernels.lower.turning import unit_of
from bankside.kernels.lower.ways import PERIOD_ERROR
from bankside.kernels.operators import Attention
from bankside.kernels.plan.split import Split

IN_STACK = ("vault", "base")
"""Levels whose units the controller of a channel knows."""


def runs_in_pairs(core: Core, hub: Core, op: Attention, split: Split) -> bool:
    """Whether one query of each sequence meets heads that lie whole at channels, their softmax is in the stack, and its
    operands fit the units.

    A unit holds the queries of one head and the softmax results of the other at a time.
    """
    standard, sram = core.memory.standard, core.spec.sram
    assert standard is not None
    known = core.level in PLACEMENTS.values() and not in_row(standard) and not core.spec.accumulators
    near = hub.memory is core.memory and hub.level in IN_STACK
    plain = op.queries == 1 and op.q.format.bits == op.k.format.bits and op.k.format.bits % 8 == 0
    if not (known and near and plain) or split.parts > 1 or sram is None:
        return False
    where, shape = _where(core), shape_of(op)
    held = ceil(shape.dim / where.dim_ways) + ceil(shape.tokens / where.token_ways)
    return shape.rows * held * shape.element_bytes <= sram.size


def shape_of(op: Attention) -> Shape:
    """What one head of keys and values is."""
    return Shape(op.context, op.d_qk, int(op.k.format.bits // 8), op.group, op.d_v)


def _where(core: Core) -> Placement:
    standard = core.memory.standard
    assert standard is not None
    (name,) = (name for name, scope in PLACEMENTS.items() if scope == core.level and name != "BUFFER")
    return place(standard, name, core.spec.per * standard.pseudo_channels)


def lower_pairs(banks: Banks, op: Attention, split: Split) -> None:
    """One program on every channel that has heads."""
    low, core, hub = banks.low, banks.core, banks.hub
    arrived, ended, shape = banks.arrive(), [], shape_of(op)
    formats = (op.q.format, op.k.format, op.q.format)
    for node in low.groups[core.name]:
        heads = split.share(node.first).items
        if heads:
            node.tail = _program(banks, op, node, heads, arrived)
            ended += node.tail
            whole = np.array([[shape.rows], [op.context], [op.d_qk + op.d_v]], dtype=np.int64)
            banks.count(whole, formats, heads * node.count)
    slot, unit = unit_of(hub, "softmax")
    low.count_unit(hub, slot, unit.events(tile(1, op.score_elements, 1), work="softmax"))
    slot, unit = unit_of(hub, "add")
    low.count_unit(hub, slot, unit.events(tile(1, _added(banks, op), 2), work="add"))
    banks.leave(ended)


def _program(banks: Banks, op: Attention, node: NodeClass, heads: int, deps: list[int]) -> list[int]:
    """The program of a class of channels, and what it moves."""
    standard, shape = banks.core.memory.standard, shape_of(op)
    assert standard is not None
    each = standard.columns * int(standard.packed[0]["slices"])
    entries, row = attention_program(
        standard, _where(banks.core), shape, heads, _pace(banks, op), first_row=-(-node.cursor // each)
    )
    node.cursor = row * each
    banks.count_columns(node, commands(entries, DATA), heads * (op.k.bytes + op.v.bytes) // _heads(op))
    banks.count_edge(node, commands(entries) - commands(entries, DATA))
    return banks.low.program(node, banks.label, words(entries), commands(entries), deps)


def _heads(op: Attention) -> int:
    return op.sequences * op.kv_heads


def _pace(banks: Banks, op: Attention) -> Pace:
    """Lanes slower than columns, a link slower than moves, and the softmax of a head of every channel at once."""
    rows, hub, standard = op.group, banks.hub, banks.core.memory.standard
    assert standard is not None
    pair = op.q.format, op.k.format
    gap = banks.gap_slots(rows, *pair) if banks.rest_slots(rows, *pair) else 0
    share = banks.link_slots()
    together = rows * min(_heads(op), banks.core.nodes)
    _, unit = unit_of(hub, "softmax")
    shape = (-(-together // hub.count), op.context, 1)
    costs = function_costs(unit, "softmax", shape, together * op.context, hub.count)
    cycles = sum(each for _, each in costs)
    slots = ceil(cycles * hub.period_fs / standard.slot_fs * (1 - PERIOD_ERROR))
    return Pace(
        (gap << CAUSE_BITS) + COMPUTE if gap else 0,
        (share << CAUSE_BITS) + LINK_SERIAL if share else 0,
        (slots << CAUSE_BITS) + NONLINEAR if slots else 0,
    )


def _added(banks: Banks, op: Attention) -> int:
    """Partial results that the units of a head's tokens leave beyond the first, which are added on the way out."""
    ways = _where(banks.core).token_ways
    return _heads(op) * op.group * op.d_v * (min(ways, op.context) - 1)
