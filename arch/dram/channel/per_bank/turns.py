"""Which bank issues: they are asked in turn, and the first with a command that may come now issues it."""

from typing import Any

from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.channel.first_ready.picks import outside_time, rule_time
from bankside.arch.dram.channel.first_ready.queues import AT_ONCE, NEVER_SLOT, NONE
from bankside.arch.dram.channel.per_bank.queues import (
    READ_AT,
    WRITE_AT,
)
from bankside.arch.dram.device.commands import ACT, PRE, RD, WR
from bankside.arch.jit import flat_kernel

ROW_COMMAND = -2
NOTHING = -3


@flat_kernel
def column_choice(std: Any, st: Any, q: Any, bank: int, slot: int) -> int:
    """Position of the first command of a bank's queue whose column command may come at `slot`; there is one."""
    line = q["bank"][bank]
    if line[READ_AT] == NONE or line[WRITE_AT] == NONE:
        return int(max(line[READ_AT], line[WRITE_AT]))
    earlier, command = (READ_AT, RD) if line[READ_AT] < line[WRITE_AT] else (WRITE_AT, WR)
    if rule_time(std, st, command + q["closing"], bank) >> 5 <= slot:
        return int(line[earlier])
    return int(line[READ_AT + WRITE_AT - earlier])


@flat_kernel
def ask_for_rows(std: Any, st: Any, q: Any, slot: int) -> int:
    """How many banks after the one that issued last the first is that may have its row command, or NEVER_SLOT.

    All banks are looked at, so that the floor is known for the others.
    """
    first, size = NEVER_SLOT, std["n_group"] * std["n_bank"]
    pre, act = natural(std["klass"][PRE]), natural(std["klass"][ACT])
    q["row_future"], q["rows_ready"], q["closes_ready"] = NEVER_SLOT, 0, 0
    for rank in range(std["n_pseudo_channel"] * std["n_rank"]):
        if q["row_wants"][rank] > 0:
            path = std["path"][natural(rank * size)]
            close = max(slot << 5, outside_time(st, path, pre))
            opens = max(slot << 5, outside_time(st, path, act))
            for group in range(path[1], path[1] + std["n_group"]):
                times = st["next"][natural(group)]
                if times[pre] > close:
                    _fold_group(q, group, 0, times[pre])
                if times[act] > opens:
                    _fold_group(q, group, 1, times[act])
            first = min(first, _first_row(std, q, rank, close, opens, slot))
    q["row_floor"] = slot if q["rows_ready"] > 1 else q["row_future"]
    return int(first)


@flat_kernel
def _fold_group(q: Any, group: int, opens: int, when: int) -> None:
    """Make what a bank group allows part of what its banks allow: later commands only raise times."""
    for k in range((q["n_row"] + AT_ONCE - 1) & -AT_ONCE):
        held = q["row_group"][k] == group and q["row_opens"][k] == opens
        q["row_at"][k] = max(q["row_at"][k], when if held else 0)


@flat_kernel
def _first_row(std: Any, q: Any, rank: int, close: int, opens: int, slot: int) -> int:
    """`ask_for_rows` of the banks of a rank, several at once, without a branch on what they answer."""
    rise, banks, after = std["slots_per_ck"] - 1, std["banks"], q["turn"] + 1
    first, future, ready, closes = NEVER_SLOT, NEVER_SLOT, 0, 0
    for k in range((q["n_row"] + AT_ONCE - 1) & -AT_ONCE):
        act = q["row_opens"][k]
        when = (max(opens if act == 1 else close, q["row_at"][k]) >> 5) | (rise & act)
        distance = q["row_bank"][k] - after
        distance += banks & (distance >> 63)
        mine = q["row_rank"][k] == rank
        now = mine and when <= slot
        first = min(first, distance if now else NEVER_SLOT)
        future = min(future, when if mine and when > slot else NEVER_SLOT)
        ready += 1 if now else 0
        closes += 1 - act if now else 0
    q["row_future"] = min(q["row_future"], future)
    q["rows_ready"] += ready
    q["closes_ready"] += closes
    return int(first)


@flat_kernel
def ask_for_columns(std: Any, st: Any, q: Any, slot: int) -> int:
    """How many banks after the one that issued last the first is that may have a column command, or NEVER_SLOT.

    As `ask_for_rows`: all are looked at, and the floor is known for the others.
    """
    first, size = NEVER_SLOT, std["n_group"] * std["n_bank"]
    read, write = natural(std["klass"][RD + q["closing"]]), natural(std["klass"][WR + q["closing"]])
    q["column_future"], q["columns_ready"] = NEVER_SLOT, 0
    for rank in range(std["n_pseudo_channel"] * std["n_rank"]):
        if q["column_wants"][rank] > 0:
            path = std["path"][natural(rank * size)]
            reads = max(slot << 5, outside_time(st, path, read))
            writes = max(slot << 5, outside_time(st, path, write))
            first = min(first, _first_column(std, st, q, rank, reads, writes, slot))
    q["column_floor"] = slot if q["columns_ready"] > 1 else q["column_future"]
    return int(first)


@flat_kernel
def _first_column(std: Any, st: Any, q: Any, rank: int, reads: int, writes: int, slot: int) -> int:
    """`ask_for_columns` of the banks of a rank, several at once, without a branch on what they answer."""
    rise = std["slots_per_ck"] - 1  # columns start on rising clock edges, odd slots
    banks, after = std["banks"], q["turn"] + 1
    read, write = natural(std["klass"][RD + q["closing"]]), natural(std["klass"][WR + q["closing"]])
    first, future, ready = NEVER_SLOT, NEVER_SLOT, 0
    for k in range((q["n_column"] + AT_ONCE - 1) & -AT_ONCE):
        group = natural(q["column_group"][k])
        when = max(max(reads, q["read_when"][k]), st["next"][group, read])
        other = max(max(writes, q["write_when"][k]), st["next"][group, write])
        when = (min(when, other) >> 5) | rise
        distance = q["column_bank"][k] - after
        distance += banks & (distance >> 63)
        mine = q["column_rank"][k] == rank
        now = mine and when <= slot
        first = min(first, distance if now else NEVER_SLOT)
        future = min(future, when if mine and when > slot else NEVER_SLOT)
        ready += 1 if now else 0
    q["column_future"] = min(q["column_future"], future)
    q["columns_ready"] += ready
    return int(first)


@flat_kernel
def bus_is_free(st: Any, bus: int, slot: int) -> bool:
    """Whether a command bus is free in a slot."""
    return bool(st["bus_free"][bus] >> 5 <= slot)


@flat_kernel
def ask_banks(std: Any, st: Any, q: Any, slot: int, rows: bool, columns: bool) -> int:
    """Ask the banks in turn what row or column command they may issue at `slot`; `turn` is the bank that answers.

    Returns
    -------
    int
        Position of a column command in its bank's queue, ROW_COMMAND, or NOTHING; the floors say when to ask again.
    """
    after = q["turn"] + 1
    nearest, answer = NEVER_SLOT, NOTHING
    if rows and row_bound(q) <= slot:
        nearest = ask_for_rows(std, st, q, slot)
        if nearest < NEVER_SLOT:
            answer = ROW_COMMAND
    if columns and column_bound(q) <= slot:
        column = ask_for_columns(std, st, q, slot)
        if column < nearest:
            if answer == ROW_COMMAND:
                q["row_floor"] = slot
            q["turn"] = (after + column) % std["banks"]
            return column_choice(std, st, q, q["turn"], slot)
        if column < NEVER_SLOT:
            q["column_floor"] = slot
    if answer != NOTHING:
        q["turn"] = (after + nearest) % std["banks"]
    return int(answer)


@flat_kernel
def ask_again(q: Any, answer: int, slot: int) -> None:
    """The bank that answered could not issue: it must be asked again."""
    if answer == ROW_COMMAND:
        q["row_floor"] = slot
    else:
        q["column_floor"] = slot


@flat_kernel
def column_bound(q: Any) -> int:
    """A slot before which no bank has a column command."""
    if q["n_column"] == 0:
        return NEVER_SLOT
    return int(max(q["column_outside"], q["column_floor"]))


@flat_kernel
def row_bound(q: Any) -> int:
    """A slot before which no bank has a row command."""
    return int(q["row_floor"]) if q["n_row"] > 0 else NEVER_SLOT


@flat_kernel
def next_ask(std: Any, st: Any, q: Any, slot: int) -> int:
    """First slot from `slot` on at which asking the banks may be worth it."""
    column = max(column_bound(q), st["bus_free"][1 - std["single_bus"]] >> 5)
    row = max(row_bound(q), st["bus_free"][0] >> 5)
    return int(max(slot, min(column, row)))
