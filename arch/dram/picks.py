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
def time_at(std: Any, st: Any, command: int, bank: int) -> int:
    """Earliest packed time of a command to one bank; activation windows are folded into the nodes."""
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
def rising(std: Any, when: int) -> int:
    """The packed time moved to the next slot on which a rising clock edge lies (odd slots, where slots are halves)."""
    if std["slots_per_ck"] == 2 and ((when >> 5) & 1) == 0:
        return (((when >> 5) + 1) << 5) + DRAM_COMMAND
    return when


@kernel
def better(q: Any, when: int, entry: int, best_when: int, best: int) -> bool:
    """Whether a candidate comes in an earlier slot than the best so far, or in the same slot for an older request."""
    if best == NONE:
        return True
    slot, best_slot = when >> 5, best_when >> 5
    return slot < best_slot or (slot == best_slot and q["id"][entry] < q["id"][best])


@kernel
def find_active(std: Any, st: Any, q: Any, closing: bool, floor: int) -> None:
    """Best column command of the requests whose rows were opened for them."""
    start = rising(std, (floor << 5) + DRAM_COMMAND)
    best, best_when = NONE, NEVER_PACKED
    for k in range(q["n_active"]):
        entry = q["actives"][k]
        command = column_command(q["op"][entry], closing)
        when = max(start, rising(std, time_at(std, st, command, q["bank"][entry])))
        if better(q, when, entry, best_when, best):
            best, best_when = entry, when
    q["active_entry"] = best
    q["active_at"] = best_when


@kernel
def find_column(std: Any, st: Any, q: Any, command: int, op: int, floor: int) -> None:
    """Best column command of the queue `op`: the row hits."""
    start = rising(std, (floor << 5) + DRAM_COMMAND)
    best, best_when = NONE, NEVER_PACKED
    oldest = q["front"][op]
    if oldest != NONE:
        bank = q["bank"][oldest]
        if q["row"][oldest] == st["row"][bank]:
            best = oldest
            best_when = max(start, rising(std, time_at(std, st, command, bank)))
            if best_when >> 5 <= max(start, _soonest_column(std, st, command)) >> 5:
                q["column_entry"] = best
                q["column_at"] = best_when
                return
    for k in range(q["n_occupied"][op]):
        bank = q["occupied"][op, k]
        entry = q["hit"][op, bank]
        if entry != NONE:
            when = max(start, rising(std, time_at(std, st, command, bank)))
            if better(q, when, entry, best_when, best):
                best, best_when = entry, when
    q["column_entry"] = best
    q["column_at"] = best_when


@kernel
def _soonest_column(std: Any, st: Any, command: int) -> int:
    """A bound below the packed time of the command at any bank: bus and pseudo-channels, all of them."""
    klass = std["klass"][command]
    last = std["banks"] - 1
    found = st["next"][std["path"][0, 3], klass]
    other = st["next"][std["path"][last, 3], klass]
    found = min(found, other)
    return max(found, st["bus_free"][std["bus"][command]])


@kernel
def row_candidate(q: Any, op: int, bank: int, open_row: int, keep_hits: bool) -> int:
    """The request of a bank that needs a row command, or NONE.

    A closed bank opens the row of its oldest request, one bank at a time where an activation has two halves. An
    open one may close for its oldest miss, unless a request still waits for the row that was opened for it; with
    `keep_hits` also unless an older hit waits.
    """
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
def row_time(std: Any, st: Any, bank: int, start: int) -> int:
    """Packed time of the row command that a bank needs: an activation on a rising edge, a precharge on any slot."""
    if st["row"][bank] == CLOSED:
        return rising(std, max(start, time_at(std, st, ACT, bank)))
    return max(start, time_at(std, st, PRE, bank))


@kernel
def find_row(std: Any, st: Any, q: Any, op: int, floor: int, keep_hits: bool) -> None:
    """Best row command of the queue `op`."""
    start = (floor << 5) + DRAM_COMMAND
    best, best_when = NONE, NEVER_PACKED
    for k in range(q["n_occupied"][op]):
        bank = q["occupied"][op, k]
        entry = row_candidate(q, op, bank, st["row"][bank], keep_hits)
        if entry != NONE:
            when = row_time(std, st, bank, start)
            if better(q, when, entry, best_when, best):
                best, best_when = entry, when
    q["row_entry"] = best
    q["row_at"] = best_when
