"""Look-ups: gathers of rows on the channels of a node, a round at a time, and sums of them on its cores.

A row begins at a burst and lies on as many of a node's channels as it has bursts, evenly by chance; on all of them, in
runs as even as they can be, where it has more.
"""

from fractions import Fraction
from math import ceil
from typing import NamedTuple

import numpy as np

from bankside.arch.dram.channel.source import GATHER
from bankside.arch.engine.program import Stream
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.memory import count_transfers
from bankside.kernels.lower.moves import bring_tensor, leave
from bankside.kernels.lower.rowwise import function_costs, tile
from bankside.kernels.lower.turning import turn, unit_of
from bankside.kernels.lower.ways import stripe_bytes, way_of
from bankside.kernels.operators import Lookup
from bankside.kernels.plan.operator_plan import OperatorPlan

ROUNDS = 64  # at most, so that many bags stay a short program


def lower_lookup(low: Lowering, plan: OperatorPlan, op: Lookup, label: int) -> None:
    """Bring the numbers of rows to the nodes, gather and add, and leave sums where they are made."""
    core = low.machine.cores[plan.core]
    bring_tensor(low, core, op.indices, plan.tensors[op.indices.name], label)
    for node in low.groups[core.name]:
        share = plan.split.share(node.first)
        if share.items:
            _gather(low, core, node, op, label, (share.items, share.inner))
            if op.out.name in plan.streamed:
                byte = op.out.bytes * share.items * share.inner / (op.tables * op.columns)
                leave(low, core, node, label, byte)


def _gather(
    low: Lowering, core: Core, node: NodeClass, op: Lookup, label: int, share: tuple[int, int]
) -> None:
    """All rounds of a node of (tables, columns): rows of a round are read while those of the one before are added."""
    tables, columns = share
    lookups = tables * op.lookups
    row_byte = columns * op.table.format.bits / 8
    lying = _lying(core, tables * op.table.shape[1], row_byte)
    slot, unit = unit_of(core, "add")
    begin = read_after = list(node.tail)
    added: list[int] = []
    done = draw = 0
    drawn = [0] * len(lying.runs)
    count = min(ROUNDS, tables * op.out.shape[1])
    for index in range(count):
        own = (index + 1) * lookups // count - done
        done += own
        ops, bursts = list[int](), 0
        for k, (run, upto) in enumerate(lying.upto(done)):
            draws, drawn[k] = upto - drawn[k], upto
            if draws:
                stream = Stream(GATHER, 0, draws * run, stride=draw, run=run, places=lying.places)
                ops += low.stream(node, label, stream, read_after)
                draw, bursts = draw + draws, bursts + draws * run
        for stage in way_of(low, core, node) if bursts else ():
            byte = bursts * stripe_bytes(core)
            ops = [low.builder.op(link.unit, label, link.words(byte), ops) for link in stage]
        count_transfers(low, core, node, np.array([own * row_byte]), bursts, False)
        share_of_table = own * columns / op.table.elements
        ops = turn(low, core, node, label, op.table.turned * share_of_table, ops)
        each = -(-own * columns // core.cores)
        costs = function_costs(unit, "add", (1, each, 2), own * columns, core.cores)
        read_after = added or begin
        added = [low.builder.fixed(node.units[slot], label, costs, [*begin, *ops, *added])]
    low.count_unit(core, slot, unit.events(tile(1, lookups * columns, 2), work="add"), node.count)
    whole = op.tables * op.columns
    node.tail = turn(low, core, node, label, op.out.turned * tables * columns / whole, added)


class Lying(NamedTuple):
    """How a node's rows lie on each of its channels: bursts of one of the two runs that a row may have there, places,
    and the share of the rows that have a burst more."""

    run: int
    places: int
    longer: Fraction

    @property
    def runs(self) -> list[int]:
        """Bursts that a row has on a channel."""
        return [run for run in (self.run, self.run + 1) if run]

    def upto(self, lookups: int) -> list[tuple[int, int]]:
        """Of so many rows, which go evenly to all channels: bursts of a run, and how many of those a channel reads."""
        more = ceil(lookups * self.longer)
        return list(zip(self.runs, [lookups - more, more][-len(self.runs) :], strict=True))


def _lying(core: Core, rows: int, row_byte: float) -> Lying:
    assert core.memory.channelled is not None
    burst_byte = core.memory.burst_bytes
    run, over = divmod(max(1, ceil(row_byte / burst_byte)), core.channels)
    longest = run + (over > 0)
    held = core.memory.channelled.channel_bytes // burst_byte // longest
    taken = ceil(rows * row_byte / burst_byte / core.channels / longest)
    return Lying(run, max(1, min(taken, held)), Fraction(over, core.channels))
