"""Which bank issues: they are asked in turn, and the first with a command that may come now issues it."""

from typing import Any

from bankside.arch.dram.banks.branchless import later, natural
from bankside.arch.dram.channel.first_ready.picks import outside_banks, outside_time, rule_time
from bankside.arch.dram.channel.first_ready.queues import NEVER_SLOT, NONE
from bankside.arch.dram.channel.per_bank.queues import (
    COLUMN_BANK,
    COLUMN_GROUP,
    COLUMN_RANK,
    READ_AT,
    READ_WHEN,
    WANT_AT,
    WANT_BANK,
    WANT_GROUP,
    WANT_OPEN,
    WANT_RANK,
    WRITE_AT,
    WRITE_WHEN,
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

    All banks are looked at, without a branch on what they answer, so that the floor is known for the others.
    """
    outside_banks(std, st, q, slot << 5)
    banks, after = std["banks"], q["turn"] + 1
    klass_pre, klass_more = std["klass"][PRE], std["klass"][ACT] - std["klass"][PRE]
    first, future, ready, closes = NEVER_SLOT, NEVER_SLOT, 0, 0
    rise = std["slots_per_ck"] - 1
    for k in range(q["n_row"]):
        want = q["row_want"][k]
        opens = natural(want[WANT_OPEN])
        when = later(q["outside"][opens, natural(want[WANT_RANK])], want[WANT_AT])
        klass = natural(klass_pre + opens * klass_more)
        when = later(when, st["next"][natural(want[WANT_GROUP]), klass]) >> 5
        when |= rise & opens
        waits = (slot - when) >> 63  # all ones while the bank has to wait, else zero
        distance = want[WANT_BANK] - after
        distance += banks & (distance >> 63)
        distance |= NEVER_SLOT & waits
        first -= later(first - distance, 0)
        when |= NEVER_SLOT & ~waits
        future -= later(future - when, 0)
        ready += 1 + waits
        closes += (1 + waits) & (1 - opens)
    q["row_future"], q["closes_ready"] = future, closes
    q["row_floor"] = slot if ready > 1 else future
    return int(first)


@flat_kernel
def ask_for_columns(std: Any, st: Any, q: Any, slot: int) -> int:
    """How many banks after the one that issued last the first is that may have a column command, or NEVER_SLOT.

    As `ask_for_rows`: all are looked at, and the floor is known for the others.
    """
    _outside_columns(std, st, q, slot << 5)
    banks, after = std["banks"], q["turn"] + 1
    read, write = natural(std["klass"][RD + q["closing"]]), natural(std["klass"][WR + q["closing"]])
    first, future, ready = NEVER_SLOT, NEVER_SLOT, 0
    rise = std["slots_per_ck"] - 1  # columns and activations start on rising clock edges, odd slots
    for k in range(q["n_column"]):
        want = q["column_want"][k]
        group, rank = natural(want[COLUMN_GROUP]), natural(want[COLUMN_RANK])
        when = later(later(q["outside_column"][0, rank], want[READ_WHEN]), st["next"][group, read])
        other = later(later(q["outside_column"][1, rank], want[WRITE_WHEN]), st["next"][group, write])
        when = ((when - later(when - other, 0)) >> 5) | rise
        waits = (slot - when) >> 63  # all ones while the bank has to wait, else zero
        distance = want[COLUMN_BANK] - after
        distance += banks & (distance >> 63)
        distance |= NEVER_SLOT & waits
        first -= later(first - distance, 0)
        when |= NEVER_SLOT & ~waits
        future -= later(future - when, 0)
        ready += 1 + waits
    q["column_floor"] = slot if ready > 1 else future
    return int(first)


@flat_kernel
def _outside_columns(std: Any, st: Any, q: Any, start: int) -> None:
    """Packed times before which no bank of a rank can have a read (first row) or a write (second)."""
    size = std["n_group"] * std["n_bank"]
    read, write = natural(std["klass"][RD + q["closing"]]), natural(std["klass"][WR + q["closing"]])
    for rank in range(std["n_pseudo_channel"] * std["n_rank"]):
        if q["column_wants"][rank] > 0:
            path = std["path"][natural(rank * size)]
            q["outside_column"][0, rank] = max(start, outside_time(st, path, read))
            q["outside_column"][1, rank] = max(start, outside_time(st, path, write))


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
    if rows and q["row_floor"] <= slot and q["n_row"] > 0:
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
def next_ask(std: Any, st: Any, q: Any, slot: int) -> int:
    """First slot from `slot` on at which asking the banks may be worth it."""
    column = max(column_bound(q), st["bus_free"][1 - std["single_bus"]] >> 5)
    row = max(q["row_floor"], st["bus_free"][0] >> 5) if q["n_row"] > 0 else NEVER_SLOT
    return int(max(slot, min(column, row)))
