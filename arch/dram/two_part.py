"""Slots of a channel whose activations come in two halves and whose data clock must be synchronised (LPDDR5).

After the first half of an activation the second must follow within a number of slots; it gives way to other commands
until then, and no other row is activated meanwhile. When the data clock has stopped, a column command is preceded, in
the slot before it, by one that starts the clock (CAS); a burst keeps it running for a while.
"""

from typing import Any

from bankside.arch.dram.charge import charge
from bankside.arch.dram.commands import ACT2, CAS
from bankside.arch.dram.picks import column_command, time_at
from bankside.arch.dram.queues import NONE, STALE
from bankside.arch.dram.due import refresh_step
from bankside.arch.dram.serve import record, serve_row
from bankside.arch.dram.steps import hit_first
from bankside.arch.dram.turns import column_out, look_at_active, look_at_columns, look_at_rows, turn
from bankside.arch.jit import kernel


@kernel
def finish_activation(queue: Any, trace: Any, causes: Any, slot: int) -> int:
    """Issue the second half of the activation that lacks it."""
    q = queue[0]
    entry = q["opening"]
    charge(queue, causes, slot, 0)
    record(queue, trace, slot, ACT2, q["bank"][entry], q["row"][entry], -1)
    q["opening"] = NONE
    q["row_at"] = STALE
    return slot + 1


@kernel
def clocked_column(
    packed: Any, state: Any, queue: Any, trace: Any, causes: Any, entry: int, slot: int, closing: bool
) -> int:
    """Issue a column command with its data clock running, or the CAS that starts the clock."""
    std, q = packed[0], queue[0]
    op = q["op"][entry]
    latency = std["read_latency"] if op == 0 else std["write_latency"]
    if q["synced"] == NONE and slot >= q["synced_until"]:
        if q["opening"] != NONE and q["opening_until"] <= slot + 1:
            return finish_activation(queue, trace, causes, slot)
        charge(queue, causes, slot, 0)
        record(queue, trace, slot, CAS, q["bank"][entry], -1, -1)
        q["synced"] = entry
        return slot + 1
    q["synced"] = NONE
    q["synced_until"] = max(q["synced_until"], slot + latency + std["burst"] + std["clock_tail"])
    waiting = q["active"][q["bank"][entry]] != entry
    column_out(packed, state, queue, trace, causes, entry, slot, waiting, closing)
    return slot + 1


@kernel
def step_two_part(
    packed: Any, state: Any, queue: Any, trace: Any, causes: Any, slot: int, keep_hits: bool, closing: bool
) -> int:
    """One slot; the first slot at which the channel may do something next."""
    q = queue[0]
    if q["synced"] != NONE:
        entry = q["synced"]
        command = column_command(q["op"][entry], closing)
        when = time_at(packed, state, command, q["bank"][entry]) >> 5
        if when > slot:
            return when
        return clocked_column(packed, state, queue, trace, causes, entry, slot, closing)
    if q["opening"] != NONE and q["opening_until"] <= slot:
        return finish_activation(queue, trace, causes, slot)
    soonest = look_at_active(packed, state, queue, slot, closing)
    if soonest <= slot:
        return clocked_column(packed, state, queue, trace, causes, q["active_entry"], slot, closing)
    if q["refreshes"] > 0:
        when = refresh_step(packed, state, queue, trace, causes, slot)
        if when < 0:
            return slot + 1
        soonest = min(soonest, when)
    else:
        turn(queue)
        column = look_at_columns(packed, state, queue, slot, closing)
        row = look_at_rows(packed, state, queue, slot, keep_hits)
        if hit_first(queue, column, row, slot):
            return clocked_column(packed, state, queue, trace, causes, q["column_entry"], slot, closing)
        if row <= slot:
            serve_row(packed, state, queue, trace, causes, q["row_entry"], slot)
            return slot + 1
        soonest = min(soonest, min(column, row))
    if q["opening"] != NONE:
        return finish_activation(queue, trace, causes, slot)
    return soonest
