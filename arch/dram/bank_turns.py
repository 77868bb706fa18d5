"""Which bank issues: they are asked in turn, and the first with a command that may come now issues it."""

from typing import Any

from bankside.arch.dram.banked import (
    READ_AT,
    WANT_AT,
    WANT_BANK,
    WANT_GROUP,
    WANT_OPEN,
    WANT_RANK,
    WANTS_COLUMN,
    WRITE_AT,
)
from bankside.arch.dram.commands import ACT, PRE, RD, WR
from bankside.arch.dram.picks import later, outside_banks, rule_time
from bankside.arch.dram.queues import NEVER_SLOT, NONE
from bankside.arch.jit import kernel

ROW_COMMAND = -2
NOTHING = -3


@kernel
def column_choice(std: Any, st: Any, q: Any, bank: int, slot: int) -> tuple[int, int]:
    """(position, slot) of the first command of a bank's queue whose column command may come by `slot`.

    Where none may, position is NONE and slot the first at which one may.
    """
    line = q["bank"][bank]
    read = write = NEVER_SLOT
    rise = std["slots_per_ck"] - 1  # columns and activations start on rising clock edges, odd slots
    if line[READ_AT] != NONE:
        read = max(slot, rule_time(std, st, RD + q["closing"], bank) >> 5) | rise
    if line[WRITE_AT] != NONE:
        write = max(slot, rule_time(std, st, WR + q["closing"], bank) >> 5) | rise
    if min(read, write) > slot:
        return NONE, int(min(read, write))
    if write > slot or (read <= slot and line[READ_AT] < line[WRITE_AT]):
        return int(line[READ_AT]), slot
    return int(line[WRITE_AT]), slot


@kernel
def ask_for_rows(std: Any, st: Any, q: Any, slot: int) -> int:
    """How many banks after the one that issued last the first is that may have its row command, or NEVER_SLOT.

    All banks are looked at, without a branch on what they answer, so that the floor is known for the others.
    """
    outside_banks(std, st, q, slot << 5)
    banks, after = std["banks"], q["turn"] + 1
    klass_pre, klass_more = std["klass"][PRE], std["klass"][ACT] - std["klass"][PRE]
    first, future, ready = NEVER_SLOT, NEVER_SLOT, 0
    rise = std["slots_per_ck"] - 1
    for k in range(q["n_row"]):
        want = q["row_want"][k]
        when = later(q["outside"][want[WANT_OPEN], want[WANT_RANK]], want[WANT_AT])
        when = later(when, st["next"][want[WANT_GROUP], klass_pre + want[WANT_OPEN] * klass_more]) >> 5
        when |= rise & want[WANT_OPEN]
        waits = (slot - when) >> 63  # all ones while the bank has to wait, else zero
        distance = want[WANT_BANK] - after
        distance += banks & (distance >> 63)
        distance |= NEVER_SLOT & waits
        first -= later(first - distance, 0)
        when |= NEVER_SLOT & ~waits
        future -= later(future - when, 0)
        ready += 1 + waits
    q["row_floor"] = slot if ready > 1 else future
    return int(first)


@kernel
def ask_for_columns(std: Any, st: Any, q: Any, slot: int, within: int) -> int:
    """How many banks after the one that issued last the first is that may have a column command, or NEVER_SLOT.

    Banks are asked in turn up to the distance `within`; `position` is the command of the bank that answers.
    """
    banks, bank = std["banks"], q["turn"]
    floor = NEVER_SLOT
    for distance in range(min(within, banks)):
        bank = bank + 1 if bank + 1 < banks else 0
        if q["bank"][bank, WANTS_COLUMN] != 0:
            position, when = column_choice(std, st, q, bank, slot)
            if position != NONE:
                q["position"] = position
                q["column_floor"] = 0
                return distance
            floor = min(floor, when)
    q["column_floor"] = floor if within >= banks else 0
    return NEVER_SLOT


@kernel
def bus_is_free(st: Any, bus: int, slot: int) -> bool:
    """Whether a command bus is free in a slot."""
    return bool(st["bus_free"][bus] >> 5 <= slot)


@kernel
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
    if columns and column_bound(std, st, q) <= slot:
        column = ask_for_columns(std, st, q, slot, nearest)
        if column < nearest:
            if answer == ROW_COMMAND:
                q["row_floor"] = slot
            nearest, answer = column, q["position"]
    if answer != NOTHING:
        q["turn"] = (after + nearest) % std["banks"]
    return int(answer)


@kernel
def ask_again(q: Any, answer: int, slot: int) -> None:
    """The bank that answered could not issue: it must be asked again."""
    if answer == ROW_COMMAND:
        q["row_floor"] = slot
    else:
        q["column_floor"] = 0


@kernel
def column_bound(std: Any, st: Any, q: Any) -> int:
    """A slot before which no bank has a column command."""
    if q["n_column"] == 0:
        return NEVER_SLOT
    top, read, write = std["path"][0, 4], std["klass"][RD + q["closing"]], std["klass"][WR + q["closing"]]
    return int(max(min(st["next"][top, read], st["next"][top, write]) >> 5, q["column_floor"]))


@kernel
def next_ask(std: Any, st: Any, q: Any, slot: int) -> int:
    """First slot from `slot` on at which asking the banks may be worth it."""
    column = max(column_bound(std, st, q), st["bus_free"][1 - std["single_bus"]] >> 5)
    row = max(q["row_floor"], st["bus_free"][0] >> 5)
    return int(max(slot, min(column, row)))
