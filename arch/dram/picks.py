"""Which command a first-ready, first-come scheduler issues next: of those that can come soonest, the oldest.

A search starts at a floor slot and finds the earliest slot at which any candidate may come, and of the candidates
ready in that slot the oldest request. Until something changes, that answer holds; a new request can only improve it.
"""

from typing import Any

from bankside.arch.causes import DRAM_COMMAND
from bankside.arch.dram.commands import ACT, PRE, RD, WR
from bankside.arch.dram.queues import CLOSED, NEVER_SLOT, NONE
from bankside.arch.jit import kernel

NEVER_PACKED = NEVER_SLOT << 5


@kernel
def time_at(packed: Any, state: Any, command: int, bank: int) -> int:
    """Earliest packed time of a command to one bank; activation windows are folded into the nodes."""
    std, st = packed[0], state[0]
    klass = std["klass"][command]
    found = st["bus_free"][std["bus"][command]]
    for level in range(5):
        when = st["next"][std["path"][bank, level], klass]
        if when > found:
            found = when
    return found


@kernel
def column_command(op: int, auto_precharge: bool) -> int:
    """RD or WR, or their forms that close the row."""
    if auto_precharge:
        return RD + 1 if op == 0 else WR + 1
    return RD if op == 0 else WR


@kernel
def rising(packed: Any, when: int) -> int:
    """The packed time moved to the next slot on which a rising clock edge lies (odd slots, where slots are halves)."""
    if packed[0]["slots_per_ck"] == 2 and ((when >> 5) & 1) == 0:
        return (((when >> 5) + 1) << 5) + DRAM_COMMAND
    return when


@kernel
def better(queue: Any, when: int, entry: int, best_when: int, best: int) -> bool:
    """Whether a candidate comes in an earlier slot than the best so far, or in the same slot for an older request."""
    q = queue[0]
    if best == NONE:
        return True
    slot, best_slot = when >> 5, best_when >> 5
    return slot < best_slot or (slot == best_slot and q["id"][entry] < q["id"][best])


@kernel
def find_active(packed: Any, state: Any, queue: Any, closing: bool, floor: int) -> None:
    """Best column command of the requests whose rows were opened for them."""
    q = queue[0]
    start = rising(packed, (floor << 5) + DRAM_COMMAND)
    best, best_when = NONE, NEVER_PACKED
    for k in range(q["n_active"]):
        entry = q["actives"][k]
        command = column_command(q["op"][entry], closing)
        when = max(start, rising(packed, time_at(packed, state, command, q["bank"][entry])))
        if better(queue, when, entry, best_when, best):
            best, best_when = entry, when
    q["active_entry"] = best
    q["active_at"] = best_when


@kernel
def find_column(packed: Any, state: Any, queue: Any, command: int, op: int, floor: int) -> None:
    """Best column command of the queue `op`: the row hits."""
    q, st = queue[0], state[0]
    start = rising(packed, (floor << 5) + DRAM_COMMAND)
    best, best_when = NONE, NEVER_PACKED
    oldest = q["front"][op]
    if oldest != NONE:
        bank = q["bank"][oldest]
        if q["row"][oldest] == st["row"][bank]:
            best = oldest
            best_when = max(start, rising(packed, time_at(packed, state, command, bank)))
            if best_when >> 5 <= max(start, _soonest_column(packed, state, command)) >> 5:
                q["column_entry"] = best
                q["column_at"] = best_when
                return
    for k in range(q["n_occupied"][op]):
        bank = q["occupied"][op, k]
        entry = q["hit"][op, bank]
        if entry != NONE:
            when = max(start, rising(packed, time_at(packed, state, command, bank)))
            if better(queue, when, entry, best_when, best):
                best, best_when = entry, when
    q["column_entry"] = best
    q["column_at"] = best_when


@kernel
def _soonest_column(packed: Any, state: Any, command: int) -> int:
    """A bound below the packed time of the command at any bank: bus and pseudo-channels, all of them."""
    std, st = packed[0], state[0]
    klass = std["klass"][command]
    last = std["banks"] - 1
    found = st["next"][std["path"][0, 3], klass]
    other = st["next"][std["path"][last, 3], klass]
    found = min(found, other)
    return max(found, st["bus_free"][std["bus"][command]])


@kernel
def row_candidate(queue: Any, op: int, bank: int, open_row: int, keep_hits: bool) -> int:
    """The request of a bank that needs a row command, or NONE.

    A closed bank opens the row of its oldest request, one bank at a time where an activation has two halves. An
    open one may close for its oldest miss, unless a request still waits for the row that was opened for it; with
    `keep_hits` also unless an older hit waits.
    """
    q = queue[0]
    if open_row == CLOSED:
        return q["head"][op, bank] if q["opening"] == NONE else NONE
    entry = q["miss"][op, bank]
    if entry != NONE:
        if q["active"][bank] != NONE:
            return NONE
        if keep_hits:
            hit = q["hit"][op, bank]
            if hit != NONE and q["id"][hit] < q["id"][entry]:
                return NONE
    return entry


@kernel
def row_time(packed: Any, state: Any, bank: int, start: int) -> int:
    """Packed time of the row command that a bank needs: an activation on a rising edge, a precharge on any slot."""
    if state[0]["row"][bank] == CLOSED:
        return rising(packed, max(start, time_at(packed, state, ACT, bank)))
    return max(start, time_at(packed, state, PRE, bank))


@kernel
def find_row(packed: Any, state: Any, queue: Any, op: int, floor: int, keep_hits: bool) -> None:
    """Best row command of the queue `op`."""
    q, st = queue[0], state[0]
    start = (floor << 5) + DRAM_COMMAND
    best, best_when = NONE, NEVER_PACKED
    for k in range(q["n_occupied"][op]):
        bank = q["occupied"][op, k]
        entry = row_candidate(queue, op, bank, st["row"][bank], keep_hits)
        if entry != NONE:
            when = row_time(packed, state, bank, start)
            if better(queue, when, entry, best_when, best):
                best, best_when = entry, when
    q["row_entry"] = best
    q["row_at"] = best_when
