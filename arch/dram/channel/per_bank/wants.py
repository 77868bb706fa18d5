"""What each bank of a per-bank controller wants: a row opened or closed, a read or write of the open row."""

from typing import Any

from bankside.arch.dram.banks.branchless import natural
from bankside.arch.dram.channel.first_ready.picks import NEVER_PACKED, rule_time
from bankside.arch.dram.channel.first_ready.queues import CLOSED, COLUMN, NONE, OP, ROW
from bankside.arch.dram.channel.per_bank.queues import (
    CLOSES,
    COLUMN_PLACE,
    HITS,
    READ_AT,
    ROW_PLACE,
    SIZE,
    WRITE_AT,
    WRITES,
    same_burst,
)
from bankside.arch.dram.device.commands import ACT, PRE, RD, WR
from bankside.arch.jit import flat_kernel

VICTIM_HITS = 4
"""Column commands after which a row may be closed although queued commands still use it."""


@flat_kernel
def look_at_row(q: Any, bank: int, open_row: int) -> None:
    """Find what a bank with an open row may do: its first read and write of that row, and whether it may close.

    A write does not pass a read of its burst. The row may be closed for the first command only, when no queued
    command uses it or four have already.
    """
    line = q["bank"][bank]
    size, writes = line[SIZE], line[WRITES]
    read, write = NONE, NONE
    for k in range(size):
        entry = q["commands"][bank, k]
        if q["entry"][entry, ROW] == open_row:
            if q["entry"][entry, OP] == 0:
                if read == NONE:
                    read = k
                    if writes == 0:
                        break
            elif write == NONE and (read == NONE or not _follows_read(q, bank, k)):
                write = k
                if read != NONE:
                    break
    line[READ_AT], line[WRITE_AT] = read, write
    missing = size > 0 and q["entry"][q["commands"][bank, 0], ROW] != open_row
    line[CLOSES] = 1 if missing and ((read == NONE and write == NONE) or line[HITS] >= VICTIM_HITS) else 0


@flat_kernel
def _follows_read(q: Any, bank: int, position: int) -> bool:
    """Whether a write of a bank's queue comes after a read of the same burst there."""
    line = q["entry"][q["commands"][bank, position]]
    found = False
    for k in range(position):
        found = found or same_burst(q, q["commands"][bank, k], 0, line[ROW], line[COLUMN])
    return found


@flat_kernel
def settle(std: Any, st: Any, q: Any, bank: int) -> None:
    """Find what a bank wants after its row or its queue has changed, and lower the floors to it."""
    line = q["bank"][bank]
    row = st["row"][bank]
    if row == CLOSED:
        line[READ_AT] = line[WRITE_AT] = NONE
        line[CLOSES] = line[HITS] = 0
        _want_row(std, st, q, bank, line[SIZE] > 0, 1)
    else:
        look_at_row(q, bank, row)
        _want_row(std, st, q, bank, line[CLOSES] != 0, 0)
    _want_column(std, st, q, bank)


@flat_kernel
def settle_new(std: Any, st: Any, q: Any, bank: int, entry: int) -> None:
    """`settle` after a command has joined a bank's queue; most change nothing."""
    line = q["bank"][bank]
    if line[SIZE] > 1:
        if st["row"][bank] != q["entry"][entry, ROW]:
            return  # not the first, and no hit
        if q["entry"][entry, OP] == 0 and line[READ_AT] != NONE and line[CLOSES] == 0:
            return
    settle(std, st, q, bank)


@flat_kernel
def _want_row(std: Any, st: Any, q: Any, bank: int, wanted: bool, opens: int) -> None:
    place, rank = q["bank"][bank, ROW_PLACE], std["path"][bank, 2] - std["path"][0, 2]
    if wanted:
        if place == NONE:
            place = q["n_row"]
            q["n_row"] = place + 1
            q["bank"][bank, ROW_PLACE] = place
            q["row_wants"][rank] += 1
        command = ACT if opens == 1 else PRE
        place = natural(place)
        q["row_bank"][place] = bank
        q["row_at"][place] = st["next"][std["path"][bank, 0], std["klass"][command]]
        q["row_opens"][place] = opens
        q["row_group"][place] = std["path"][bank, 1]
        q["row_rank"][place] = rank
        q["row_floor"] = min(q["row_floor"], rule_time(std, st, command, bank) >> 5)
    elif place != NONE:
        last, place = natural(q["n_row"] - 1), natural(place)
        moved = natural(q["row_bank"][last])
        q["n_row"] = last
        q["row_bank"][place] = moved
        q["row_at"][place] = q["row_at"][last]
        q["row_opens"][place] = q["row_opens"][last]
        q["row_group"][place] = q["row_group"][last]
        q["row_rank"][place] = q["row_rank"][last]
        q["row_rank"][last] = NONE
        q["bank"][moved, ROW_PLACE] = place
        q["bank"][bank, ROW_PLACE] = NONE
        q["row_wants"][rank] -= 1


@flat_kernel
def _want_column(std: Any, st: Any, q: Any, bank: int) -> None:
    line = q["bank"][bank]
    place, rank = line[COLUMN_PLACE], std["path"][bank, 2] - std["path"][0, 2]
    if line[READ_AT] != NONE or line[WRITE_AT] != NONE:
        if place == NONE:
            place = q["n_column"]
            q["n_column"] = place + 1
            line[COLUMN_PLACE] = place
            q["column_wants"][rank] += 1
            if q["column_wants"][rank] == 1:
                q["column_outside"] = 0
        own, place = st["next"][std["path"][bank, 0]], natural(place)
        read, write = std["klass"][RD + q["closing"]], std["klass"][WR + q["closing"]]
        q["column_bank"][place] = bank
        q["read_when"][place] = own[read] if line[READ_AT] != NONE else NEVER_PACKED
        q["write_when"][place] = own[write] if line[WRITE_AT] != NONE else NEVER_PACKED
        q["column_group"][place] = std["path"][bank, 1]
        q["column_rank"][place] = rank
        q["column_floor"] = min(q["column_floor"], min(q["read_when"][place], q["write_when"][place]) >> 5)
    elif place != NONE:
        last, place = natural(q["n_column"] - 1), natural(place)
        moved = natural(q["column_bank"][last])
        q["n_column"] = last
        q["column_bank"][place] = moved
        q["read_when"][place] = q["read_when"][last]
        q["write_when"][place] = q["write_when"][last]
        q["column_group"][place] = q["column_group"][last]
        q["column_rank"][place] = q["column_rank"][last]
        q["column_rank"][last] = NONE
        q["bank"][moved, COLUMN_PLACE] = place
        line[COLUMN_PLACE] = NONE
        q["column_wants"][rank] -= 1
