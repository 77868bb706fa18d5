"""What a per-bank controller does in a slot: issue for a bank, refresh, move a transaction to its bank's queue."""

from typing import Any

from bankside.arch.causes import DRAM_REFRESH
from bankside.arch.dram.admission import push_return
from bankside.arch.dram.bank import issue_on
from bankside.arch.dram.bank_turns import row_slot
from bankside.arch.dram.banked import (
    BANK_DEPTH,
    CLOSES,
    HITS,
    MERGED,
    MERGED_ACCEPTED,
    SIZE,
    find_pending,
    forget_row,
    judge,
    note_pending,
    take_command,
    take_transaction,
)
from bankside.arch.dram.charge import charge
from bankside.arch.dram.commands import ACT, PRE, RD, REF, WR
from bankside.arch.dram.picks import time_at
from bankside.arch.dram.queues import ACCEPTED, AT_BANK, CLOSED, COLUMN, NEVER_SLOT, NONE, OP, ROW, release
from bankside.arch.dram.serve import fold_windows, record, refresh_nodes
from bankside.arch.jit import kernel


@kernel
def issue_row(std: Any, st: Any, q: Any, bank: int, slot: int) -> None:
    """Open the row of a bank's first command, or close the row that is open."""
    if st["row"][bank] == CLOSED:
        row = q["entry"][q["commands"][bank, 0], ROW]
        charge(q, slot, time_at(std, st, ACT, bank))
        issue_on(std, st, ACT, bank, slot, row)
        record(q, slot, ACT, bank, row, -1)
        fold_windows(std, st, bank)
        if q["open_banks"] == 0:
            q["open_since"] = slot
        q["open_banks"] += 1
        judge(q, bank, row)
        q["column_floor"] = 0
    else:
        charge(q, slot, time_at(std, st, PRE, bank))
        issue_on(std, st, PRE, bank, slot, CLOSED)
        record(q, slot, PRE, bank, -1, -1)
        row_closed(q, bank, slot)
    q["row_floor"] = 0


@kernel
def row_closed(q: Any, bank: int, slot: int) -> None:
    """Keep the time during which any row of the channel is open."""
    forget_row(q, bank)
    q["open_banks"] -= 1
    if q["open_banks"] == 0:
        q["open_slots"] += slot - q["open_since"]


@kernel
def issue_column(std: Any, st: Any, q: Any, bank: int, position: int, slot: int) -> None:
    """Issue a column command of a bank's queue, for all the requests that wait for it."""
    entry = q["commands"][bank, position]
    line = q["entry"][entry]
    command = (RD if line[OP] == 0 else WR) + q["closing"]
    charge(q, slot, time_at(std, st, command, bank))
    issue_on(std, st, command, bank, slot, line[ROW])
    record(q, slot, command, bank, line[ROW], line[COLUMN])
    q["busy_until"] = max(q["busy_until"], slot + std["burst"])
    take_command(q, bank, position)
    if q["closing"] != 0:
        row_closed(q, bank, slot)
    else:
        q["bank"][bank, HITS] += 1
        judge(q, bank, line[ROW])
    q["row_floor"] = min(q["row_floor"], row_slot(std, st, q, bank))
    q["column_floor"] = 0
    note_pending(q, entry, -1)
    q["served"] += 1 + line[MERGED]
    if line[OP] == 0:
        end = slot + std["read_latency"] + std["burst"]
        q["latency"] += end * (1 + line[MERGED]) - line[ACCEPTED] - line[MERGED_ACCEPTED]
        q["last_read"] = max(q["last_read"], end)
        for _ in range(1 + line[MERGED]):
            push_return(q, end)
    else:
        q["last_write"] = slot + std["write_latency"] + std["burst"]
    release(q, entry)


@kernel
def refresh_turn(std: Any, st: Any, q: Any, slot: int) -> int:
    """Close the rows of the node that is due, one bank at a time, then refresh it.

    Returns
    -------
    int
        -1 when a command was issued, else the slot at which one may be.
    """
    size = std["banks"] // refresh_nodes(std)
    first = q["refresh_node"] % refresh_nodes(std) * size
    soonest = time_at(std, st, REF, first) >> 5
    closed = True
    for bank in range(first, first + size):
        if st["row"][bank] != CLOSED:
            when = time_at(std, st, PRE, bank) >> 5
            if when <= slot:
                charge(q, slot, ((slot + 1) << 5) + DRAM_REFRESH)
                issue_on(std, st, PRE, bank, slot, CLOSED)
                record(q, slot, PRE, bank, -1, -1)
                row_closed(q, bank, slot)
                return -1
            soonest = when if closed else min(soonest, when)
            closed = False
    if not closed or soonest > slot:
        return int(soonest)
    charge(q, slot, ((slot + 1) << 5) + DRAM_REFRESH)
    issue_on(std, st, REF, first, slot, CLOSED)
    record(q, slot, REF, first, -1, -1)
    q["refreshes"] -= 1
    q["refresh_node"] += 1
    q["row_floor"] = q["column_floor"] = 0
    return -1


@kernel
def drain_more(q: Any, ended: bool) -> bool:
    """Whether the buffered writes start to move: the buffer is full, or nothing else is left to do."""
    writes = q["size"][1]
    if writes >= q["depth"][1] or (writes > BANK_DEPTH and q["queued"] == 0):
        return True
    return ended and writes > 0 and q["size"][0] == 0 and q["queued"] == 0


@kernel
def move_transaction(std: Any, st: Any, q: Any, slot: int, ended: bool) -> int:
    """Move the first transaction whose bank has room to the bank's queue.

    Returns
    -------
    int
        Slot at which another may move: the next one after a move, and after a write was held back by a read of
        its burst and the reads have their turn; else never, until something else happens.
    """
    if q["unified"] == 0 and q["draining"] == 0 and drain_more(q, ended):
        q["draining"] = q["size"][1]
    where = 1 if q["draining"] > 0 else 0
    position = first_with_room(q, where)
    if position == NONE:
        return NEVER_SLOT
    entry = q["waiting"][where, position]
    line = q["entry"][entry]
    if where == 1 and find_pending(q, 0, line[AT_BANK], line[ROW], line[COLUMN]) != NONE:
        q["draining"] = 0
        if not drain_more(q, ended):
            return slot + 1
        if q["queued"] > 0:
            return NEVER_SLOT
        where, position = 0, first_with_room(q, 0)  # the read itself waits behind the write: let it pass
        entry = q["waiting"][where, position]
    elif where == 1:
        q["draining"] -= 1
    take_transaction(q, where, position)
    put_command(std, st, q, entry)
    return slot + 1


@kernel
def first_with_room(q: Any, where: int) -> int:
    """Position of the first transaction whose bank's queue has room, or NONE."""
    for k in range(q["size"][where]):
        if q["bank"][q["entry"][q["waiting"][where, k], AT_BANK], SIZE] < BANK_DEPTH:
            return k
    return NONE


@kernel
def put_command(std: Any, st: Any, q: Any, entry: int) -> None:
    """Append a command to its bank's queue."""
    bank = q["entry"][entry, AT_BANK]
    line = q["bank"][bank]
    q["commands"][bank, line[SIZE]] = entry
    line[SIZE] += 1
    q["queued"] += 1
    if st["row"][bank] != CLOSED:
        judge(q, bank, st["row"][bank])
        if q["entry"][entry, ROW] == st["row"][bank]:
            q["column_floor"] = 0
    if st["row"][bank] == CLOSED or line[CLOSES] != 0:
        q["row_floor"] = min(q["row_floor"], row_slot(std, st, q, bank))
