"""One slot of a first-ready, first-come channel: what is issued in it, and when something may happen next."""

from typing import Any

from bankside.arch.dram.channel.first_ready.due import refresh_step
from bankside.arch.dram.channel.first_ready.queues import ID
from bankside.arch.dram.channel.first_ready.serve import serve_row
from bankside.arch.dram.channel.first_ready.turns import (
    column_out,
    look_at_active,
    look_at_columns,
    look_at_rows,
    turn,
)
from bankside.arch.jit import flat_kernel


@flat_kernel
def hit_first(q: Any, column: int, row: int, slot: int) -> bool:
    """Whether, of the best row hit and the best row command, the hit is the one to issue in this slot."""
    if column > slot:
        return False
    return row > slot or q["entry"][q["column_entry"], ID] < q["entry"][q["row_entry"], ID]


@flat_kernel
def step_single(std: Any, st: Any, q: Any, slot: int, horizon: int) -> int:
    """Go on from a slot of a channel with one command bus until a command is issued or the horizon is reached.

    Returns
    -------
    int
        The first slot at which something may happen next; one more than that of the command that was issued.
    """
    while True:
        active = look_at_active(std, st, q, slot)
        if active <= slot:
            column_out(std, st, q, q["active_entry"], q["active_at"])
            return slot + 1
        if q["refreshes"] > 0:
            when = refresh_step(std, st, q, slot)
            return slot + 1 if when < 0 else min(active, when)
        turn(q)
        column = look_at_columns(std, st, q, slot)
        row = look_at_rows(std, st, q, slot)
        if min(column, row) <= slot:
            if hit_first(q, column, row, slot):
                column_out(std, st, q, q["column_entry"], q["column_at"])
            else:
                serve_row(std, st, q, q["row_entry"], q["row_at"])
            return slot + 1
        slot = min(active, min(column, row))
        if slot >= horizon:
            return slot


@flat_kernel
def step_split(std: Any, st: Any, q: Any, slot: int, horizon: int) -> int:
    """`step_single` with a column and a row command bus: a command of each kind in a slot, the column's first."""
    while True:
        active = look_at_active(std, st, q, slot)
        issued = active <= slot
        if issued:
            column_out(std, st, q, q["active_entry"], q["active_at"])
        elif q["refreshes"] == 0:
            turn(q)
            if look_at_columns(std, st, q, slot) <= slot:
                column_out(std, st, q, q["column_entry"], q["column_at"])
                issued = True
        if q["refreshes"] > 0:
            when = refresh_step(std, st, q, slot)
            return slot + 1 if issued or when < 0 else min(active, when)
        turn(q)
        row = look_at_rows(std, st, q, slot)
        if row <= slot:
            serve_row(std, st, q, q["row_entry"], q["row_at"])
            issued = True
        if issued:
            return slot + 1
        slot = min(min(active, row), look_at_columns(std, st, q, slot))
        if slot >= horizon:
            return slot
