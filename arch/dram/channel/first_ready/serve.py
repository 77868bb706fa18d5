"""Issuing a scheduled command: bank state, queues, counters, causes, and which answers found before it spoils."""

from typing import Any

from bankside.arch.causes import DRAM_COMMAND
from bankside.arch.dram.banks.bank import issue_column_on, issue_on
from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.banks.refresh import refreshed_banks
from bankside.arch.dram.channel.charge import charge, charge_column, charge_refresh, note_late
from bankside.arch.dram.channel.first_ready.picks import (
    column_command,
    consider_active,
    consider_row,
    judge_bank,
    time_at,
)
from bankside.arch.dram.channel.first_ready.queues import (
    ACCEPTED,
    AT_BANK,
    CLOSED,
    COLUMN,
    HIT,
    NONE,
    OP,
    ROW,
    STALE,
    activate_entry,
    filter_index,
    nothing_waits,
    release,
    remove,
    retire_active,
    sort_bank,
    unsort_bank,
)
from bankside.arch.dram.channel.sources import finish
from bankside.arch.dram.device.commands import ACT, PRE, PREA, REF, REFSB
from bankside.arch.dram.device.standard import PER_BANK
from bankside.arch.jit import flat_kernel


@flat_kernel
def record(q: Any, slot: int, command: int, bank: int, row: int, column: int) -> None:
    """Count a command and, where a trace is kept, write it down."""
    q["counts"][natural(command)] += 1
    if q["tracing"] != 0:
        line = q["trace"][q["traced"]]
        line[0] = slot
        line[1] = command
        line[2] = bank
        line[3] = row
        line[4] = column
        q["traced"] += 1


@flat_kernel
def issue_access(std: Any, st: Any, q: Any, command: int, bank: int, slot: int) -> None:
    """Tell the bank state of a column command."""
    if q["closing"] == 0:
        issue_column_on(std, st, command, bank, slot)
    else:
        issue_on(std, st, command, bank, slot, NONE)


@flat_kernel
def spoil(q: Any) -> None:
    """Every best candidate must be looked for again."""
    q["column_at"] = q["row_at"] = q["active_at"] = STALE


@flat_kernel
def spoil_by_bus(std: Any, st: Any, q: Any, command: int) -> None:
    """A command that holds the only command bus for several slots spoils the answers that come before it is free.

    The others are kept, and looked for again only where their slot has come by the time they are asked for.
    """
    if std["single_bus"] != 0 and std["occupancy"][command] > 1:
        free = st["bus_free"][0] >> 5
        q["column_at"] = q["column_at"] if q["column_at"] >> 5 > free else STALE
        q["row_at"] = q["row_at"] if q["row_at"] >> 5 > free else STALE
        q["active_at"] = q["active_at"] if q["active_at"] >> 5 > free else STALE
        q["column_kept"] = q["row_kept"] = q["active_kept"] = 1


@flat_kernel
def serve_column(std: Any, st: Any, q: Any, entry: int, when: int) -> None:
    """Issue the column command of an entry, its bank's active one or one of a queue, at the packed time `when`."""
    slot = when >> 5
    bank, op = q["entry"][entry, AT_BANK], q["entry"][entry, OP]
    command = column_command(op, q["closing"])
    charge_column(q, bank, slot, when)
    issue_access(std, st, q, command, bank, slot)
    if q["active"][bank] != entry:
        take_out(std, q, entry)
    else:
        retire_active(q, entry)
    finish_column(std, q, command, entry, slot)
    if q["closing"] != 0:
        closed_row(q, bank, slot)
    judge_bank(std, st, q, bank)
    consider_row(std, st, q, bank, slot + 1)
    q["column_at"] = q["active_at"] = STALE
    spoil_by_bus(std, st, q, command)


@flat_kernel
def take_out(std: Any, q: Any, entry: int) -> None:
    """Take an entry out of its queue; a write no longer lends its data to reads."""
    bank, row = q["entry"][entry, AT_BANK], q["entry"][entry, ROW]
    remove(std, q, entry, row)
    if q["entry"][entry, OP] == 1:
        q["filter"][filter_index(bank, row, q["entry"][entry, COLUMN])] -= 1


@flat_kernel
def finish_column(std: Any, q: Any, command: int, entry: int, slot: int) -> None:
    """Count the column command of an entry, which ends it."""
    line = q["entry"][natural(entry)]
    record(q, slot, command, line[AT_BANK], line[ROW], line[COLUMN])
    q["busy_until"] = max(q["busy_until"], slot + std["burst"])
    q["served"] += 1
    if line[OP] == 0:
        end = slot + std["read_latency"] + std["burst"]
        q["latency"] += end - line[ACCEPTED]
        q["last_read"] = max(q["last_read"], end)
    else:
        end = slot + std["write_latency"] + std["burst"]
        q["last_write"] = slot
    finish(q, q["of"][natural(entry)], end, 1)
    release(q, entry)


@flat_kernel
def closed_row(q: Any, bank: int, slot: int) -> None:
    """A bank's row was closed: nothing in its queues is a hit any more."""
    if q["line"][q["writing"], bank, HIT] != NONE:
        q["column_at"] = STALE
    unsort_bank(q, bank)
    q["open_banks"] -= 1
    if q["open_banks"] == 0:
        q["open_slots"] += slot - q["open_since"]


@flat_kernel
def opened_row(std: Any, st: Any, q: Any, entry: int, slot: int) -> None:
    """The row of an entry was opened: the entry leaves its queue and is the bank's active one."""
    bank, row = q["entry"][entry, AT_BANK], q["entry"][entry, ROW]
    take_out(std, q, entry)
    if q["closing"] == 0:  # else the row closes with the column command of this entry: no other is a hit
        sort_bank(q, bank, row)
    activate_entry(q, entry)
    if q["open_banks"] == 0:
        q["open_since"] = slot
    q["open_banks"] += 1
    if q["line"][q["writing"], bank, HIT] != NONE:
        q["column_at"] = STALE
    if q["active_at"] != STALE:
        consider_active(std, st, q, entry, ((slot + 1) << 5) + DRAM_COMMAND)
    if std["second_within"] > 0:
        q["opening"] = entry
        q["opening_until"] = slot + std["second_within"]


@flat_kernel
def serve_row(std: Any, st: Any, q: Any, entry: int, when: int) -> None:
    """Issue the row command that an entry needs at the packed time `when`."""
    slot, bank, row = when >> 5, q["entry"][entry, AT_BANK], q["entry"][entry, ROW]
    charge(q, slot, when)
    opens = st["row"][bank] == CLOSED
    command = ACT if opens else PRE
    if opens:
        wanted = max(st["next"][std["path"][bank, 0], std["klass"][ACT]] >> 5, q["entry"][entry, ACCEPTED])
        note_late(q, bank, slot, when, wanted)
    issue_on(std, st, command, bank, slot, row)
    record(q, slot, command, bank, row if opens else NONE, NONE)
    if opens:
        fold_windows(std, st, bank)
        opened_row(std, st, q, entry, slot)
    else:
        closed_row(q, bank, slot)
    spoil_by_bus(std, st, q, command)
    judge_bank(std, st, q, bank)
    q["row_at"] = STALE


@flat_kernel
def fold_windows(std: Any, st: Any, bank: int) -> None:
    """Make the activation windows part of the nodes: the n-th last activation says when the next may come."""
    _fold_windows_for(std, st, ACT, bank)
    if std["refresh_mode"] == PER_BANK:
        _fold_windows_for(std, st, REFSB, bank)


@flat_kernel
def _fold_windows_for(std: Any, st: Any, command: int, bank: int) -> None:
    klass = std["klass"][command]
    for w in range(std["n_window"]):
        if std["window_holds"][w, command]:
            count = std["window_count"][w]
            node = std["path"][bank, std["window_level"][w]]
            index = node - std["window_first"][w]
            oldest = st["ring_at"][w, index]
            when = (st["ring"][std["window_base"][w] + index * count + oldest] << 5) + std["window_value"][w]
            if when > st["next"][node, klass]:
                st["next"][node, klass] = when


@flat_kernel
def refresh_nodes(std: Any) -> int:
    """Nodes of the channel that are refreshed one by one: every bank, or all banks of a rank or pseudo-channel."""
    if std["refresh_mode"] == PER_BANK:
        return int(std["banks"])
    level = std["refresh_level"]
    return int(std["path"][std["banks"] - 1, level] - std["path"][0, level] + 1)


@flat_kernel
def refreshed_first(std: Any, turn: int) -> int:
    """First bank of the node whose turn it is; bank by bank, the same bank of every rank or pseudo-channel follows."""
    if std["refresh_mode"] != PER_BANK:
        nodes = refresh_nodes(std)
        return int(turn % nodes * (std["banks"] // nodes))
    size = refreshed_banks(std)
    apart = std["banks"] // size
    return int(turn % apart * size + turn // apart % size)


@flat_kernel
def serve_refresh(std: Any, st: Any, q: Any, command: int, bank: int, slot: int) -> None:
    """Issue a precharge or a refresh of what is due; `bank` is the first of the node, or the one to refresh."""
    charge_refresh(q, nothing_waits(q), slot, time_at(std, st, command, bank))
    first, last = bank, bank + 1
    if command in (PREA, REF):
        last = bank + std["banks"] // refresh_nodes(std)
    for other in range(first, last):
        if st["row"][other] != CLOSED:
            closed_row(q, other, slot)
    issue_on(std, st, command, bank, slot, -1)
    record(q, slot, command, bank, -1, -1)
    if command == REFSB:
        fold_windows(std, st, bank)
    for other in range(first, last):
        judge_bank(std, st, q, other)
    spoil(q)
