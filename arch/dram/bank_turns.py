"""Which bank issues: they are asked in turn, and the first with a command that may come now issues it."""

from typing import Any

from bankside.arch.dram.banked import CLOSES, READ_AT, SIZE, WRITE_AT
from bankside.arch.dram.commands import ACT, PRE, RD, WR
from bankside.arch.dram.picks import rule_time
from bankside.arch.dram.queues import CLOSED, NEVER_SLOT, NONE
from bankside.arch.jit import kernel


@kernel
def row_slot(std: Any, st: Any, q: Any, bank: int) -> int:
    """Slot at which a bank may have the row command it wants, the bus aside, or never."""
    if st["row"][bank] == CLOSED:
        return int(rule_time(std, st, ACT, bank) >> 5) if q["bank"][bank, SIZE] > 0 else NEVER_SLOT
    return int(rule_time(std, st, PRE, bank) >> 5) if q["bank"][bank, CLOSES] != 0 else NEVER_SLOT


@kernel
def column_choice(std: Any, st: Any, q: Any, bank: int, slot: int) -> tuple[int, int]:
    """(position, slot) of the first command of a bank's queue whose column command may come by `slot`.

    Where none may, position is NONE and slot the first at which one may.
    """
    line = q["bank"][bank]
    read = write = NEVER_SLOT
    if line[READ_AT] != NONE:
        read = rule_time(std, st, RD + q["closing"], bank) >> 5
    if line[WRITE_AT] != NONE:
        write = rule_time(std, st, WR + q["closing"], bank) >> 5
    if min(read, write) > slot:
        return NONE, min(read, write)
    if write > slot or (read <= slot and line[READ_AT] < line[WRITE_AT]):
        return int(line[READ_AT]), slot
    return int(line[WRITE_AT]), slot


ROW_COMMAND = -2
NOTHING = -3


@kernel
def ask_banks(std: Any, st: Any, q: Any, slot: int) -> int:
    """Ask the banks in turn what they may issue at `slot`, the bus aside; `turn` is the bank that answers.

    Returns
    -------
    int
        Position of a column command in its bank's queue, ROW_COMMAND, or NOTHING; then the floors say when
        to ask again.
    """
    banks = std["banks"]
    bank = q["turn"]
    column_floor = row_floor = NEVER_SLOT
    for _ in range(banks):
        bank = bank + 1 if bank + 1 < banks else 0
        if q["bank"][bank, SIZE] == 0:
            continue
        row = row_slot(std, st, q, bank)
        if row <= slot:
            q["turn"] = bank
            return ROW_COMMAND
        position, column = column_choice(std, st, q, bank, slot)
        if position != NONE:
            q["turn"] = bank
            return position
        column_floor = min(column_floor, column)
        row_floor = min(row_floor, row)
    q["column_floor"], q["row_floor"] = column_floor, row_floor
    return NOTHING


@kernel
def next_ask(std: Any, st: Any, q: Any, slot: int) -> int:
    """First slot from `slot` on at which asking the banks may be worth it."""
    column = NEVER_SLOT
    top = std["path"][0, 4]
    if q["reads_ready"] > 0:
        column = st["next"][top, std["klass"][RD + q["closing"]]] >> 5
    if q["writes_ready"] > 0:
        column = min(column, st["next"][top, std["klass"][WR + q["closing"]]] >> 5)
    return int(max(slot, min(max(column, q["column_floor"]), q["row_floor"])))
