"""Issuing a scheduled command: bank state, queues, counters, causes, and which earlier searches it spoils."""

from typing import Any

from bankside.arch.causes import DRAM_REFRESH
from bankside.arch.dram.bank import issue_on
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

@kernel
def record(q: Any, slot: int, command: int, bank: int, row: int, column: int) -> None:
    """Count a command and, where a trace is kept, write it down."""
    q["counts"][command] += 1
    if q["tracing"] != 0:
        line = q["trace"][q["traced"]]
        line[0] = slot
        line[1] = command
        line[2] = bank
        line[3] = row
        line[4] = column
        q["traced"] += 1


@kernel
def forget(std: Any, q: Any, command: int) -> None:
    """A command that holds the only command bus for several slots spoils every search."""
    if std["occupancy"][command] > 1 and std["bus"][RD] == std["bus"][ACT]:
        q["column_at"] = q["row_at"] = q["active_at"] = STALE


@kernel
def serve_column(
    std: Any, st: Any, q: Any, command: int, entry: int, slot: int, waiting: bool
) -> None:
    """Issue the column command of an entry: out of its queue where it is `waiting` there, else the active entry."""
    bank, op = q["bank"][entry], q["op"][entry]
    row, column = q["row"][entry], q["column"][entry]
    charge(q, slot, time_at(std, st, command, bank))
    issue_on(std, st, command, bank, slot, row)
    record(q, slot, command, bank, row, column)
    q["busy_until"] = max(q["busy_until"], slot + std["burst"])
    if waiting:
        remove(q, entry, row)
    else:
        retire_active(q, entry)
    if st["row"][bank] == CLOSED:
        closed_row(std, st, q, bank, slot)
    q["column_at"] = q["active_at"] = STALE
    if q["row_at"] != STALE and q["miss"][q["writing"], bank] != NONE:
        q["row_at"] = STALE
    forget(std, q, command)
    q["served"] += 1
    if op == 0:
        end = slot + std["read_latency"] + std["burst"]
        q["latency"] += end - q["accept"][entry]
        q["last_read"] = max(q["last_read"], end)
    else:
        q["last_write"] = slot
        if waiting:
            q["filter"][filter_index(bank, row, column)] -= 1
    release(q, entry)


@kernel
def opened_row(q: Any, slot: int) -> None:
    """Keep the time during which any row of the channel is open."""
    if q["open_banks"] == 0:
        q["open_since"] = slot
    q["open_banks"] += 1


@kernel
def closed_row(std: Any, st: Any, q: Any, bank: int, slot: int) -> None:
    """A bank's row was closed: nothing in its queues is a hit any more."""
    if q["hit"][q["writing"], bank] != NONE:
        q["column_at"] = STALE
    sort_bank(q, bank, CLOSED)
    q["row_at"] = STALE
    q["open_banks"] -= 1
    if q["open_banks"] == 0:
        q["open_slots"] += slot - q["open_since"]


@kernel
def serve_row(std: Any, st: Any, q: Any, entry: int, slot: int) -> None:
    """Issue the row command that an entry needs; an activation takes it out of its queue."""
    bank, row = q["bank"][entry], q["row"][entry]
    command = ACT if st["row"][bank] == CLOSED else PRE
    charge(q, slot, time_at(std, st, command, bank))
    issue_on(std, st, command, bank, slot, row)
    record(q, slot, command, bank, row if command == ACT else -1, -1)
    if command == PRE:
        closed_row(std, st, q, bank, slot)
    else:
        fold_windows(std, st, bank)
        remove(q, entry, CLOSED)
        sort_bank(q, bank, row)
        activate_entry(q, entry)
        opened_row(q, slot)
        if q["op"][entry] == 1:
            q["filter"][filter_index(bank, row, q["column"][entry])] -= 1
        if q["hit"][q["writing"], bank] != NONE:
            q["column_at"] = STALE
        q["active_at"] = STALE
        q["row_at"] = STALE
        if std["second_within"] > 0:
            q["opening"] = entry
            q["opening_until"] = slot + std["second_within"]
    forget(std, q, command)


@kernel
def fold_windows(std: Any, st: Any, bank: int) -> None:
    """Make the activation windows part of the nodes: the n-th last activation says when the next may come."""
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
    std: Any, st: Any, q: Any, command: int, bank: int, slot: int
) -> None:
    """Issue a precharge or a refresh of what is due; `bank` is any bank of the node, or the one to refresh."""
    charge(q, slot, ((slot + 1) << 5) + DRAM_REFRESH)
    level = std["refresh_level"]
    node = std["path"][bank, level]
    if command != REF:
        for other in range(std["banks"]):
            same = other == bank if command == PRE else std["path"][other, level] == node
            if same and st["row"][other] != CLOSED:
                closed_row(std, st, q, other, slot)
    issue_on(std, st, command, bank, slot, -1)
    record(q, slot, command, bank, -1, -1)
    q["column_at"] = q["row_at"] = q["active_at"] = STALE
    forget(std, q, command)
