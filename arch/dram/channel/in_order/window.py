"""The look-ahead window of a stream: the next bursts, and the row changes that they need, in order.

A row change may be done once every earlier burst of its bank has been served. It is a precharge and an
activation, each as soon as legal; among those ready at the same slot the oldest goes first.
"""

from typing import Any

from bankside.arch import events as names
from bankside.arch.causes import DRAM_ACT_PRE, DRAM_COMMAND
from bankside.arch.dram.banks.bank import (
    CLOSED,
    LOOK_AHEAD,
    NEVER,
    aligned_on,
    by_rules,
    issue_on,
    note_wait_on,
)
from bankside.arch.dram.banks.refresh import refreshed_banks
from bankside.arch.dram.channel.deferred import settle_run
from bankside.arch.dram.device.commands import ACT, PRE
from bankside.arch.jit import flat_kernel

ACTIVATE = names.ACTIVATE
WRAP = LOOK_AHEAD - 1
LATE = 1 << 60
"""A slot after everything."""


@flat_kernel
def reset_window(packed: Any, state: Any) -> None:
    """Empty the window; the rows that are open are the rows planned."""
    st = state[0]
    st["pending"] = 0
    for bank in range(packed[0]["banks"]):
        st["planned_row"][bank] = st["row"][bank]
        st["last_use"][bank] = -1
        st["opened_for"][bank] = -1


@flat_kernel
def admit(st: Any, burst: int, bank: int, row: int, floor: int) -> None:
    """Let a burst into the window at slot `floor`."""
    st["window_bank"][burst & WRAP] = bank
    st["window_row"][burst & WRAP] = row
    if st["planned_row"][bank] != row:
        k = st["pending"]
        st["pending_burst"][k] = burst
        st["pending_after"][k] = st["last_use"][bank]
        st["pending_floor"][k] = floor
        st["pending_bound"][k] = NEVER
        st["pending"] = k + 1
        st["planned_row"][bank] = row
    st["last_use"][bank] = burst


@flat_kernel
def rewind_rows(packed: Any, state: Any, served: int, entered: int) -> None:
    """Plan the rows of the window anew after a refresh has closed some: bursts `served` .. `entered` - 1
    wait."""
    st = state[0]
    reset_window(packed, state)
    for burst in range(served, entered):
        at = burst & WRAP
        admit(st, burst, st["window_bank"][at], st["window_row"][at], NEVER >> 5)


@flat_kernel
def next_row(std: Any, st: Any, served: int, column: int, until: int) -> tuple[int, int, int]:
    """The row change that can go on first, by slot `until`: its place in the list (-1: none), slot and cause of the
    wait. `column`: command of the stream, of which the banks are told before they are asked."""
    best, best_slot, cause = -1, until + 1, 0
    for k in range(st["pending"]):
        if st["pending_after"][k] < served and st["pending_bound"][k] < best_slot:
            bank = st["window_bank"][st["pending_burst"][k] & WRAP]
            if st["closing"] >= 0 and (bank - st["closing"]) % refreshed_banks(std) == 0:
                continue  # not to be opened again before its refresh
            settle_run(std, st, st, column)
            command = ACT if st["row"][bank] == CLOSED else PRE
            when = by_rules(std, st, command, bank)
            ready = max(when >> 5, st["pending_floor"][k])
            slot = _on_row_bus(std, st, command, ready, st["columns"] + served)
            st["pending_bound"][k] = slot
            if slot < best_slot:
                best, best_slot = k, slot
                cause = when & 31 if when >> 5 > st["pending_floor"][k] else DRAM_ACT_PRE
                if slot > ready + 1:
                    cause = DRAM_COMMAND
    return best, best_slot if best >= 0 else LATE, cause


@flat_kernel
def _on_row_bus(std: Any, st: Any, command: int, slot: int, issued: int) -> int:
    """The first slot from `slot` on at which the bus takes a row command; `issued` columns have been.

    On a bus that columns share, a row command of this stream may fall between columns of the one before.
    """
    free = st["bus_free"][std["bus"][command]] >> 5
    if slot >= free or not std["single_bus"]:
        return aligned_on(std, command, max(slot, free) << 5) >> 5
    slot = max(slot, st["row_bus_free"])
    again = True
    while again:
        again = False
        for k in range(st["depth"]):
            column = st["column_slot"][(issued - 1 - k) & WRAP]
            if column - std["occupancy"][command] < slot < column + std["column_occupancy"]:
                slot = column + std["column_occupancy"]
                again = True
    return slot


@flat_kernel
def change_row(std: Any, st: Any, k: int, slot: int, cause: int, events: Any) -> None:
    """Issue the next command of row change `k`; an activation ends it, and notes what it has waited for."""
    burst = st["pending_burst"][k]
    bank = st["window_bank"][burst & WRAP]
    if st["row"][bank] != CLOSED:
        issue_on(std, st, PRE, bank, slot, 0)
        st["row_bus_free"] = slot + std["occupancy"][PRE]
        return
    note_wait_on(std, st, ACT, bank, slot, cause, st["pending_floor"][k])
    issue_on(std, st, ACT, bank, slot, st["window_row"][burst & WRAP])
    st["row_bus_free"] = slot + std["occupancy"][ACT]
    st["opened_for"][bank] = burst
    events[ACTIVATE] += 1
    left = st["pending"] - 1
    st["pending"] = left
    for later in range(k, left):
        st["pending_burst"][later] = st["pending_burst"][later + 1]
        st["pending_after"][later] = st["pending_after"][later + 1]
        st["pending_floor"][later] = st["pending_floor"][later + 1]
        st["pending_bound"][later] = st["pending_bound"][later + 1]
