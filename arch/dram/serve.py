"""Issuing a scheduled command: bank state, queues, counters, causes, and which earlier searches it spoils."""

from typing import Any

from bankside.arch.causes import DRAM_REFRESH
from bankside.arch.dram.bank import issue
from bankside.arch.dram.charge import charge
from bankside.arch.dram.commands import ACT, PRE, RD, REF
from bankside.arch.dram.picks import time_at
from bankside.arch.dram.queues import (
    CLOSED,
    NONE,
    STALE,
    activate_entry,
    filter_index,
    release,
    remove,
    retire_active,
    sort_bank,
)
from bankside.arch.jit import kernel

TRACE_FIELDS = ("slot", "command", "bank", "row", "column")


@kernel
def record(queue: Any, trace: Any, slot: int, command: int, bank: int, row: int, column: int) -> None:
    """Count a command and, while there is room, write it down."""
    q = queue[0]
    q["counts"][command] += 1
    at = q["traced"]
    if at < trace.shape[0]:
        trace[at, 0] = slot
        trace[at, 1] = command
        trace[at, 2] = bank
        trace[at, 3] = row
        trace[at, 4] = column
        q["traced"] = at + 1


@kernel
def forget(packed: Any, queue: Any, command: int) -> None:
    """A command that holds the only command bus for several slots spoils every search."""
    std, q = packed[0], queue[0]
    if std["occupancy"][command] > 1 and std["bus"][RD] == std["bus"][ACT]:
        q["column_at"] = q["row_at"] = q["active_at"] = STALE


@kernel
def serve_column(
    packed: Any, state: Any, queue: Any, trace: Any, causes: Any, command: int, entry: int, slot: int, waiting: bool
) -> None:
    """Issue the column command of an entry: out of its queue where it is `waiting` there, else the active entry."""
    std, st, q = packed[0], state[0], queue[0]
    bank, op = q["bank"][entry], q["op"][entry]
    row, column = q["row"][entry], q["column"][entry]
    charge(queue, causes, slot, time_at(packed, state, command, bank))
    issue(packed, state, command, bank, slot, row)
    record(queue, trace, slot, command, bank, row, column)
    q["busy_until"] = max(q["busy_until"], slot + std["burst"])
    if waiting:
        remove(queue, entry, row)
    else:
        retire_active(queue, entry)
    if st["row"][bank] == CLOSED:
        closed_row(packed, state, queue, bank, slot)
    q["column_at"] = q["active_at"] = STALE
    if q["row_at"] != STALE and q["miss"][q["writing"], bank] != NONE:
        q["row_at"] = STALE
    forget(packed, queue, command)
    q["served"] += 1
    if op == 0:
        end = slot + std["read_latency"] + std["burst"]
        q["latency"] += end - q["accept"][entry]
        q["last_read"] = max(q["last_read"], end)
    else:
        q["last_write"] = slot
        if waiting:
            q["filter"][filter_index(bank, row, column)] -= 1
    release(queue, entry)


@kernel
def opened_row(queue: Any, slot: int) -> None:
    """Keep the time during which any row of the channel is open."""
    q = queue[0]
    if q["open_banks"] == 0:
        q["open_since"] = slot
    q["open_banks"] += 1


@kernel
def closed_row(packed: Any, state: Any, queue: Any, bank: int, slot: int) -> None:
    """A bank's row was closed: nothing in its queues is a hit any more."""
    q = queue[0]
    if q["hit"][q["writing"], bank] != NONE:
        q["column_at"] = STALE
    sort_bank(queue, bank, CLOSED)
    q["row_at"] = STALE
    q["open_banks"] -= 1
    if q["open_banks"] == 0:
        q["open_slots"] += slot - q["open_since"]


@kernel
def serve_row(packed: Any, state: Any, queue: Any, trace: Any, causes: Any, entry: int, slot: int) -> None:
    """Issue the row command that an entry needs; an activation takes it out of its queue."""
    std, st, q = packed[0], state[0], queue[0]
    bank, row = q["bank"][entry], q["row"][entry]
    command = ACT if st["row"][bank] == CLOSED else PRE
    charge(queue, causes, slot, time_at(packed, state, command, bank))
    issue(packed, state, command, bank, slot, row)
    record(queue, trace, slot, command, bank, row if command == ACT else -1, -1)
    if command == PRE:
        closed_row(packed, state, queue, bank, slot)
    else:
        fold_windows(packed, state, bank)
        remove(queue, entry, CLOSED)
        sort_bank(queue, bank, row)
        activate_entry(queue, entry)
        opened_row(queue, slot)
        if q["op"][entry] == 1:
            q["filter"][filter_index(bank, row, q["column"][entry])] -= 1
        if q["hit"][q["writing"], bank] != NONE:
            q["column_at"] = STALE
        q["active_at"] = STALE
        q["row_at"] = STALE
        if std["second_within"] > 0:
            q["opening"] = entry
            q["opening_until"] = slot + std["second_within"]
    forget(packed, queue, command)


@kernel
def fold_windows(packed: Any, state: Any, bank: int) -> None:
    """Make the activation windows part of the nodes: the n-th last activation says when the next may come."""
    std, st = packed[0], state[0]
    klass = std["klass"][ACT]
    for w in range(std["n_window"]):
        if std["window_holds"][w, ACT]:
            count = std["window_count"][w]
            node = std["path"][bank, std["window_level"][w]]
            index = node - std["window_first"][w]
            oldest = st["ring_at"][w, index] % count
            when = (st["ring"][std["window_base"][w] + index * count + oldest] << 5) + std["window_value"][w]
            if when > st["next"][node, klass]:
                st["next"][node, klass] = when


@kernel
def serve_refresh(
    packed: Any, state: Any, queue: Any, trace: Any, causes: Any, command: int, bank: int, slot: int
) -> None:
    """Issue a precharge or a refresh of what is due; `bank` is any bank of the node, or the one to refresh."""
    std, st, q = packed[0], state[0], queue[0]
    charge(queue, causes, slot, ((slot + 1) << 5) + DRAM_REFRESH)
    level = std["refresh_level"]
    node = std["path"][bank, level]
    if command != REF:
        for other in range(std["banks"]):
            same = other == bank if command == PRE else std["path"][other, level] == node
            if same and st["row"][other] != CLOSED:
                closed_row(packed, state, queue, other, slot)
    issue(packed, state, command, bank, slot, -1)
    record(queue, trace, slot, command, bank, -1, -1)
    q["column_at"] = q["row_at"] = q["active_at"] = STALE
    forget(packed, queue, command)
