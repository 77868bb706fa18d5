"""One slot of a first-ready, first-come channel: what is issued in it, and when something may happen next."""

from typing import Any

from bankside.arch.dram.due import refresh_step
from bankside.arch.dram.serve import serve_row
from bankside.arch.dram.turns import column_out, look_at_active, look_at_columns, look_at_rows, turn
from bankside.arch.jit import kernel


@kernel
def hit_first(queue: Any, column: int, row: int, slot: int) -> bool:
    """Whether, of the best row hit and the best row command, the hit is the one to issue in this slot."""
    q = queue[0]
    if column > slot:
        return False
    return row > slot or q["id"][q["column_entry"]] < q["id"][q["row_entry"]]


@kernel
def step_single(
    packed: Any, state: Any, queue: Any, trace: Any, causes: Any, slot: int, keep_hits: bool, closing: bool
) -> int:
    """One slot of a channel with one command bus; the first slot at which it may do something next."""
    q = queue[0]
    active = look_at_active(packed, state, queue, slot, closing)
    if active <= slot:
        column_out(packed, state, queue, trace, causes, q["active_entry"], slot, False, closing)
        return slot + 1
    if q["refreshes"] > 0:
        when = refresh_step(packed, state, queue, trace, causes, slot)
        return slot + 1 if when < 0 else min(active, when)
    turn(queue)
    column = look_at_columns(packed, state, queue, slot, closing)
    row = look_at_rows(packed, state, queue, slot, keep_hits)
    if min(column, row) > slot:
        return min(active, min(column, row))
    if hit_first(queue, column, row, slot):
        column_out(packed, state, queue, trace, causes, q["column_entry"], slot, True, closing)
    else:
        serve_row(packed, state, queue, trace, causes, q["row_entry"], slot)
    return slot + 1


@kernel
def step_split(
    packed: Any, state: Any, queue: Any, trace: Any, causes: Any, slot: int, keep_hits: bool, closing: bool
) -> int:
    """One slot of a channel with a column and a row command bus: a command of each kind, the column's first."""
    q = queue[0]
    active = look_at_active(packed, state, queue, slot, closing)
    issued = active <= slot
    if issued:
        column_out(packed, state, queue, trace, causes, q["active_entry"], slot, False, closing)
    elif q["refreshes"] == 0:
        turn(queue)
        if look_at_columns(packed, state, queue, slot, closing) <= slot:
            column_out(packed, state, queue, trace, causes, q["column_entry"], slot, True, closing)
            issued = True
    if q["refreshes"] > 0:
        when = refresh_step(packed, state, queue, trace, causes, slot)
        return slot + 1 if issued or when < 0 else min(active, when)
    turn(queue)
    row = look_at_rows(packed, state, queue, slot, keep_hits)
    if row <= slot:
        serve_row(packed, state, queue, trace, causes, q["row_entry"], slot)
        issued = True
    if issued:
        return slot + 1
    return min(min(active, row), look_at_columns(packed, state, queue, slot, closing))
