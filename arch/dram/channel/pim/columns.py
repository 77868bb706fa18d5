"""Column commands of a PIM program: issued, counted, and the slots since the last one charged to a cause."""

from typing import Any

from bankside.arch import events as names
from bankside.arch.causes import DRAM_ACT_PRE, DRAM_COMMAND, DRAM_DATA, PIM_MODE
from bankside.arch.dram.banks.bank import issue_column_on, issue_on
from bankside.arch.dram.channel.pim.program import BANK, COLUMN, COMMAND, DATA, MODE, PURPOSE, ROW
from bankside.arch.dram.channel.pim.window import record
from bankside.arch.dram.device.commands import MAC, PIM_RD, PIM_WR, RD, WR, WRA
from bankside.arch.jit import kernel

COLUMN_READ, COLUMN_WRITE = names.COLUMN_READ, names.COLUMN_WRITE
BYTES_BANK, BYTES_BANK_GROUP, BYTES_VAULT = names.BYTES_BANK, names.BYTES_BANK_GROUP, names.BYTES_VAULT
BANK_GROUP_SCOPE = 2


@kernel
def do_column(
    std: Any,
    st: Any,
    w: Any,
    program: Any,
    trace: Any,
    entry: int,
    slot: int,
    when: int,
) -> None:
    """Issue the column command of an entry at `slot`; it has been ready since the packed time `when`."""
    command, bank, row = program[COMMAND, entry], program[BANK, entry], program[ROW, entry]
    if command in (RD, WR):
        issue_column_on(std, st, command, bank, slot)
    else:
        issue_on(std, st, command, bank, slot, row)
    record(w, trace, slot, command, bank, row, program[COLUMN, entry])
    end = slot + _length(std, command)
    gap = slot - w["last_column"]
    data = min(gap, std["mac_beat"] if command == MAC else std["burst"])
    if program[PURPOSE, entry] == MODE:
        w["causes"][PIM_MODE] += gap
    else:
        w["causes"][DRAM_DATA if program[PURPOSE, entry] == DATA else DRAM_COMMAND] += data
        cause, left = when & 31, gap - data
        if row >= 0 and (cause == DRAM_ACT_PRE or when >> 5 <= w["last_column"]):
            # the row was changed in between; its activation may itself have waited, for a refresh or a limit
            first = w["first"][bank] if command > WRA else bank
            held = max(0, min(left, st["wait"][first]))
            w["causes"][st["wait_cause"][first]] += held
            cause, left = DRAM_ACT_PRE, left - held
            st["wait"][first] = 0
        w["causes"][cause] += left
    w["last_column"] = slot
    w["end"] = max(w["end"], end)
    _count(std, w, command, row)


@kernel
def _length(std: Any, command: int) -> int:
    """Slots from a column command to the end of what it does."""
    if command == MAC:
        return int(std["mac_beat"])
    if command in (WR, PIM_WR):
        return int(std["write_latency"] + std["burst"])
    return int(std["read_latency"] + std["burst"])


@kernel
def _count(std: Any, w: Any, command: int, row: int) -> None:
    """Columns at banks and bytes up to the edge that data crosses; registers are reached from the vault edge."""
    banks = std["slice_banks"] if command == MAC else 1
    byte = banks * std["burst_bytes"]
    if command in (WR, PIM_WR):
        w["events"][COLUMN_WRITE] += banks if command == WR else 0
    elif command != PIM_RD:
        w["events"][COLUMN_READ] += banks
    if command in (MAC, RD, WR):
        w["events"][BYTES_BANK] += byte
    if command != MAC or std["scope"] == BANK_GROUP_SCOPE:
        w["events"][BYTES_BANK_GROUP] += byte
    if command != MAC:
        w["events"][BYTES_VAULT] += byte


@kernel
def close_account(w: Any) -> None:
    """Charge what is left after the last column command: the way of its data."""
    w["causes"][DRAM_COMMAND] += w["end"] - w["last_column"]
    w["last_column"] = w["end"]
