"""Slots of a channel whose activations come in two halves and whose data clock must be synchronised (LPDDR5).

After the first half of an activation the second must follow within a number of slots; it gives way to other commands
until then, and no other row is activated meanwhile. When the data clock has stopped, a column command is preceded, in
the slot before it, by one that starts the clock (CAS); a burst keeps it running for a while.
"""

from typing import Any

from bankside.arch.causes import DRAM_COMMAND
from bankside.arch.dram.channel.charge import charge
from bankside.arch.dram.channel.first_ready.due import refresh_step
from bankside.arch.dram.channel.first_ready.picks import column_command, time_at
from bankside.arch.dram.channel.first_ready.queues import AT_BANK, NONE, OP, ROW, STALE
from bankside.arch.dram.channel.first_ready.serve import record, serve_row
from bankside.arch.dram.channel.first_ready.steps import hit_first
from bankside.arch.dram.channel.first_ready.turns import (
    column_out,
    look_at_active,
    look_at_columns,
    look_at_rows,
    turn,
)
from bankside.arch.dram.device.commands import ACT2, CAS
from bankside.arch.jit import flat_kernel


@flat_kernel
def finish_activation(q: Any, slot: int) -> int:
    """Issue the second half of the activation that lacks it."""
    entry = q["opening"]
    charge(q, slot, 0)
    record(q, slot, ACT2, q["entry"][entry, AT_BANK], q["entry"][entry, ROW], -1)
    q["opening"] = NONE
    q["row_at"] = STALE
    return slot + 1


@flat_kernel
def clocked_column(std: Any, st: Any, q: Any, entry: int, slot: int) -> int:
    """Issue a column command with its data clock running, or the CAS that starts the clock."""
    command = column_command(q["entry"][entry, OP], q["closing"])
    when = time_at(std, st, command, q["entry"][entry, AT_BANK])
    if q["synced"] == NONE and std["wake"] > 0 and slot >= st["awake_until"]:
        if q["opening"] != NONE and q["opening_until"] <= slot + 1:
            return finish_activation(q, slot)
        charge(q, slot, when)
        record(q, slot, CAS, q["entry"][entry, AT_BANK], -1, -1)
        q["synced"] = entry
        return slot + 1
    q["synced"] = NONE
    column_out(std, st, q, entry, when if when >> 5 == slot else (slot << 5) + DRAM_COMMAND)
    return slot + 1


@flat_kernel
def step_two_part(std: Any, st: Any, q: Any, slot: int) -> int:
    """One slot; the first slot at which the channel may do something next."""
    if q["synced"] != NONE:
        entry = q["synced"]
        command = column_command(q["entry"][entry, OP], q["closing"])
        when = time_at(std, st, command, q["entry"][entry, AT_BANK]) >> 5
        if when > slot:
            return when
        return clocked_column(std, st, q, entry, slot)
    if q["opening"] != NONE and q["opening_until"] <= slot:
        return finish_activation(q, slot)
    soonest = look_at_active(std, st, q, slot)
    if soonest <= slot:
        return clocked_column(std, st, q, q["active_entry"], slot)
    if q["refreshes"] > 0:
        when = refresh_step(std, st, q, slot)
        if when < 0:
            return slot + 1
        soonest = min(soonest, when)
    else:
        turn(q)
        column = look_at_columns(std, st, q, slot)
        row = look_at_rows(std, st, q, slot)
        if hit_first(q, column, row, slot):
            return clocked_column(std, st, q, q["column_entry"], slot)
        if row <= slot:
            serve_row(std, st, q, q["row_entry"], q["row_at"])
            return slot + 1
        soonest = min(soonest, min(column, row))
    if q["opening"] != NONE:
        return finish_activation(q, slot)
    return soonest
