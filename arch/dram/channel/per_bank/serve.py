"""What a per-bank controller does in a slot: issue for a bank, refresh, move a transaction to its bank's queue."""

from typing import Any

from bankside.arch.dram.banks.bank import issue_on
from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.channel.charge import charge, charge_column, charge_refresh, note_late
from bankside.arch.dram.channel.first_ready.admission import push_return
from bankside.arch.dram.channel.first_ready.picks import column_command, outside_time, rising, time_at
from bankside.arch.dram.channel.first_ready.queues import (
    ACCEPTED,
    AT_BANK,
    CLOSED,
    COLUMN,
    ID,
    NEVER_SLOT,
    NONE,
    OP,
    ROW,
    release,
)
from bankside.arch.dram.channel.first_ready.serve import (
    fold_windows,
    issue_access,
    record,
    refresh_nodes,
    refreshed_first,
)
from bankside.arch.dram.channel.per_bank.queues import (
    BANK_DEPTH,
    HITS,
    MERGED,
    MERGED_ACCEPTED,
    SIZE,
    find_pending,
    next_to_move,
    note_pending,
    nothing_wanted,
    take_command,
    to_bank,
)
from bankside.arch.dram.channel.per_bank.wants import settle, settle_new
from bankside.arch.dram.channel.sources import finish
from bankside.arch.dram.device.commands import ACT, PRE, RD, REF, REFSB, WR
from bankside.arch.dram.device.standard import PER_BANK
from bankside.arch.jit import flat_kernel


@flat_kernel
def issue_row(std: Any, st: Any, q: Any, bank: int, slot: int) -> None:
    """Open the row of a bank's first command, or close the row that is open."""
    opens = st["row"][bank] == CLOSED
    command = ACT if opens else PRE
    row = q["entry"][q["commands"][bank, 0], ROW] if opens else NONE
    when = time_at(std, st, command, bank)
    charge(q, slot, when)
    if opens:
        accepted = q["entry"][q["commands"][bank, 0], ACCEPTED]
        note_late(
            q, bank, slot, when, max(st["next"][std["path"][bank, 0], std["klass"][ACT]] >> 5, accepted)
        )
    issue_on(std, st, command, bank, slot, row)
    record(q, slot, command, bank, row, NONE)
    if opens:
        fold_windows(std, st, bank)
        if q["open_banks"] == 0:
            q["open_since"] = slot
        q["open_banks"] += 1
        if q["closes_ready"] == 0:
            q["row_floor"] = min(q["row_future"], opened_again(std, st, q))
    else:
        count_closed(q, slot)
    settle(std, st, q, bank)


@flat_kernel
def opened_again(std: Any, st: Any, q: Any) -> int:
    """Slot before which the rules outside the bank groups let no further row be opened where one is wanted."""
    soonest, size, act = NEVER_SLOT, std["n_group"] * std["n_bank"], natural(std["klass"][ACT])
    for rank in range(std["n_pseudo_channel"] * std["n_rank"]):
        if q["row_wants"][rank] > 0:
            soonest = min(soonest, outside_time(st, std["path"][natural(rank * size)], act) >> 5)
    return int(soonest)


@flat_kernel
def count_closed(q: Any, slot: int) -> None:
    """Keep the time during which any row of the channel is open."""
    q["open_banks"] -= 1
    if q["open_banks"] == 0:
        q["open_slots"] += slot - q["open_since"]


@flat_kernel
def issue_column(std: Any, st: Any, q: Any, bank: int, position: int, slot: int) -> None:
    """Issue a column command of a bank's queue, for all the requests that wait for it."""
    entry = q["commands"][bank, position]
    command = (RD if q["entry"][entry, OP] == 0 else WR) + q["closing"]
    charge_column(q, bank, slot, time_at(std, st, command, bank))
    issue_access(std, st, q, command, bank, slot)
    take_command(q, bank, position)
    if q["closing"] != 0:
        count_closed(q, slot)
    q["bank"][bank, HITS] += 1
    settle(std, st, q, bank)
    bound_columns(std, st, q)
    finish_column(std, q, command, entry, slot)


@flat_kernel
def finish_column(std: Any, q: Any, command: int, entry: int, slot: int) -> None:
    """Count a column command, which ends an entry and the reads that wait with it."""
    line = q["entry"][natural(entry)]
    record(q, slot, command, line[AT_BANK], line[ROW], line[COLUMN])
    q["busy_until"] = max(q["busy_until"], slot + std["burst"])
    note_pending(q, entry, -1)
    q["served"] += 1 + line[MERGED]
    if line[OP] == 0:
        end = slot + std["read_latency"] + std["burst"]
        q["latency"] += end * (1 + line[MERGED]) - line[ACCEPTED] - line[MERGED_ACCEPTED]
        q["last_read"] = max(q["last_read"], end)
        for _ in range(1 + line[MERGED]):
            push_return(q, end)
    else:
        end = slot + std["write_latency"] + std["burst"]
        q["last_write"] = end
    finish(q, q["of"][natural(entry)], end, 1 + line[MERGED])
    release(q, entry)


@flat_kernel
def bound_columns(std: Any, st: Any, q: Any) -> None:
    """Find when the rules outside the bank groups let the next column command come to a rank that wants one."""
    bound = NEVER_SLOT
    read, write = natural(std["klass"][RD + q["closing"]]), natural(std["klass"][WR + q["closing"]])
    size = std["n_group"] * std["n_bank"]
    for rank in range(std["n_pseudo_channel"] * std["n_rank"]):
        if q["column_wants"][rank] > 0:
            path = std["path"][natural(rank * size)]
            first_read = outside_time(st, path, read)
            bound = min(bound, min(first_read, outside_time(st, path, write)) >> 5)
    q["column_outside"] = bound if bound < NEVER_SLOT else 0


@flat_kernel
def held_open(q: Any, bank: int) -> bool:
    """Whether an open row waits for its first column command although a refresh is due.

    It does when a refresh has closed it for the same request before: with little time between refreshes the row would
    be opened and closed for ever. A row that a PIM program has left open waits for nothing.
    """
    if q["bank"][bank, HITS] > 0 or q["bank"][bank, SIZE] == 0:
        return False
    return bool(q["cut"][bank] == 1 + q["entry"][q["commands"][bank, 0], ID])


@flat_kernel
def first_column(std: Any, st: Any, q: Any, bank: int) -> int:
    """Slot at which the column command may come for which a bank's row was opened."""
    command = column_command(q["entry"][q["commands"][bank, 0], OP], q["closing"])
    return rising(std, time_at(std, st, command, bank)) >> 5


@flat_kernel
def close_for_refresh(std: Any, st: Any, q: Any, bank: int, slot: int) -> None:
    """Precharge a bank whose refresh is due, and note the request whose row has had no column command."""
    if q["bank"][bank, HITS] == 0 and q["bank"][bank, SIZE] > 0:
        q["cut"][bank] = 1 + q["entry"][q["commands"][bank, 0], ID]
    charge_refresh(q, nothing_wanted(q), slot, time_at(std, st, PRE, bank))
    issue_on(std, st, PRE, bank, slot, CLOSED)
    record(q, slot, PRE, bank, -1, -1)
    count_closed(q, slot)
    settle(std, st, q, bank)


@flat_kernel
def refresh_turn(std: Any, st: Any, q: Any, slot: int) -> int:
    """Close the rows of the node (or the bank) that is due, one bank at a time, then refresh it.

    Returns
    -------
    int
        Slot at which the next command may be issued.
    """
    size = std["banks"] // refresh_nodes(std)
    first = refreshed_first(std, q["refresh_node"])
    command = REFSB if std["refresh_mode"] == PER_BANK else REF
    soonest = rising(std, max(slot << 5, time_at(std, st, command, first))) >> 5
    closed = True
    for bank in range(first, first + size):
        if st["row"][bank] != CLOSED:
            held = held_open(q, bank)
            when = first_column(std, st, q, bank) if held else time_at(std, st, PRE, bank) >> 5
            if when <= slot:
                if held:
                    issue_column(std, st, q, bank, 0, slot)
                else:
                    close_for_refresh(std, st, q, bank, slot)
                return slot + 1
            soonest = when if closed else min(soonest, when)
            closed = False
    if not closed or soonest > slot:
        return int(soonest)
    charge_refresh(q, nothing_wanted(q), slot, time_at(std, st, command, first))
    issue_on(std, st, command, first, slot, CLOSED)
    record(q, slot, command, first, -1, -1)
    if command == REFSB:
        fold_windows(std, st, first)
    q["refreshes"] -= 1
    q["refresh_node"] += 1
    for bank in range(first, first + size):
        settle(std, st, q, bank)
    return slot + 1


@flat_kernel
def drain_more(q: Any, ended: bool) -> bool:
    """Whether the buffered writes start to move: the buffer is full, or nothing else is left to do."""
    writes = q["size"][1]
    if writes >= q["depth"][1] or (writes > BANK_DEPTH and q["queued"] == 0):
        return True
    return ended and writes > 0 and q["size"][0] == 0 and q["queued"] == 0


@flat_kernel
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
    entry = next_to_move(q, where)
    if entry == NONE:
        return NEVER_SLOT
    line = q["entry"][entry]
    if where == 1 and find_pending(q, 0, line[AT_BANK], line[ROW], line[COLUMN]) != NONE:
        q["draining"] = 0
        if not drain_more(q, ended):
            return slot + 1
        if q["queued"] > 0:
            return NEVER_SLOT
        where, entry = 0, next_to_move(q, 0)  # the read itself waits behind the write: let it pass
    elif where == 1:
        q["draining"] -= 1
    to_bank(q, where, entry)
    settle_new(std, st, q, q["entry"][entry, AT_BANK], entry)
    return slot + 1
