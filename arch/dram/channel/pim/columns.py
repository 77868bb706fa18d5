"""Column commands of a PIM program: issued, counted, and the slots since the last one charged to a cause."""

from typing import Any

from bankside.arch import events as names
from bankside.arch.causes import DRAM_ACT_PRE, DRAM_COMMAND, DRAM_DATA, PIM_MODE, SYNC
from bankside.arch.dram.banks.bank import issue_column_on, issue_on
from bankside.arch.dram.channel.pim.program import BANK, COMMAND, DATA, GAP, MODE, PURPOSE, RESULT, ROW
from bankside.arch.dram.channel.pim.window import own_banks, record, twin_slot
from bankside.arch.dram.device.commands import MAC, PIM_WR, RD, WR, WRA
from bankside.arch.jit import hot_kernel

COLUMN_READ, COLUMN_WRITE = names.COLUMN_READ, names.COLUMN_WRITE
BYTES_BANK, BYTES_BANK_GROUP, BYTES_VAULT = names.BYTES_BANK, names.BYTES_BANK_GROUP, names.BYTES_VAULT
BANK_GROUP_SCOPE = 2


@hot_kernel
def do_column(
    std: Any,
    st: Any,
    w: Any,
    program: Any,
    trace: Any,
    k: int,
    slot: int,
    when: int,
    times: int,
    late: int,
) -> int:
    """Issue command `k` of the window, of a column, at `slot`; it has been ready since the packed time `when`.

    With more `times` it is the last of so many like it, equally far apart from the last column on, of each of which the
    second pseudo-channel's is `late` by so many slots. Returns how late that of the last pseudo-channel is.
    """
    entry, column = w["order"][w["start"] + k], w["column"][w["start"] + k]
    command, bank, row = program[entry, COMMAND], program[entry, BANK], program[entry, ROW]
    if command in (RD, WR):
        issue_column_on(std, st, command, bank, slot)
    else:
        issue_on(std, st, command, bank, slot, row)
    record(w, trace, slot, command, bank, row, column)
    latest = slot
    for c in range(1, std["n_pseudo_channel"]):
        twin = bank + c * own_banks(std)
        latest = slot + late if times > 1 else twin_slot(std, st, command, twin, slot)
        issue_on(std, st, command, twin, latest, row)
        record(w, trace, latest, command, twin, row, column)
    end = latest + _length(std, command)
    gap = (slot - w["last_column"]) // times
    data = min(gap, std["mac_beat"] if command == MAC else std["burst"])
    w["mode"] = 1 if program[entry, PURPOSE] == MODE else 0
    if w["mode"]:
        w["causes"][PIM_MODE] += times * gap
    else:
        w["causes"][DRAM_DATA if program[entry, PURPOSE] == DATA else DRAM_COMMAND] += times * data
        cause, left = when & 31, times * (gap - data)
        if row >= 0 and (cause == DRAM_ACT_PRE or when >> 5 <= slot - gap):
            # the row was changed in between; its activation may itself have waited, for a refresh or a limit
            first = w["first"][bank] if command > WRA else bank
            held = max(0, min(left, st["wait"][first]))
            w["causes"][st["wait_cause"][first]] += held
            cause, left = DRAM_ACT_PRE, left - held
            st["wait"][first] = 0
        w["causes"][cause] += left
    w["last_column"] = slot
    w["data_end"] = max(w["data_end"], end)
    w["end"] = max(w["end"], end)
    _pace(w, command, slot, program[entry, GAP], w["fence"][w["start"] + k])
    if k == 0 and w["fence_slots"] > 0 and w["fence"][w["start"]]:
        until = ((slot + w["fence_slots"]) << 5) + SYNC
        w["paced"][0], w["paced"][1] = max(w["paced"][0], until), max(w["paced"][1], until)
    _count(std, w, command, program[entry, PURPOSE], times)
    return int(latest - slot)


@hot_kernel
def _pace(w: Any, command: int, slot: int, gap: int, fenced: int) -> None:
    """Hold the next command of the kind back by a packed gap; a fence holds moves back until lanes have ended."""
    if gap == 0:
        return
    until = (slot << 5) + gap
    kind = 0 if command == MAC else 1
    w["paced"][kind] = until
    if kind == 0 and fenced:
        w["paced"][1] = max(w["paced"][1], until)
    if until >> 5 > w["end"]:
        w["end"], w["rest"] = until >> 5, until & 31


@hot_kernel
def _length(std: Any, command: int) -> int:
    """Slots from a column command to the end of what it does."""
    if command == MAC:
        return int(std["mac_beat"])
    if command in (WR, PIM_WR):
        return int(std["write_latency"] + std["burst"])
    return int(std["read_latency"] + std["burst"])


@hot_kernel
def _count(std: Any, w: Any, command: int, purpose: int, times: int) -> None:
    """Columns at banks and bytes up to the edge that data crosses; registers are reached from the vault edge, results
    are stored from registers."""
    stored = command == PIM_WR and purpose == RESULT
    banks = times * std["n_pseudo_channel"] * (std["slice_banks"] if command == MAC or stored else 1)
    byte = banks * std["burst_bytes"]
    if command == WR or stored:
        w["events"][COLUMN_WRITE] += banks
    elif command in (MAC, RD):
        w["events"][COLUMN_READ] += banks
    if command in (MAC, RD, WR) or stored:
        w["events"][BYTES_BANK] += byte
    if not (command == MAC or stored) or std["scope"] == BANK_GROUP_SCOPE:
        w["events"][BYTES_BANK_GROUP] += byte
    if not (command == MAC or stored):
        w["events"][BYTES_VAULT] += byte


@hot_kernel
def close_account(w: Any) -> None:
    """Charge what is left after the last column command: the way of its data, and what is done with them."""
    w["causes"][PIM_MODE if w["mode"] else DRAM_COMMAND] += w["data_end"] - w["last_column"]
    w["causes"][w["rest"]] += w["end"] - w["data_end"]
    w["last_column"] = w["data_end"] = w["end"]
