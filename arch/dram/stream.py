"""In-order streams of bursts on one channel, with a look-ahead window: the path that kernels use.

Bursts are served in the order of the calls. The row commands of the next 32 bursts may run ahead as soon as they
are legal; column commands stay in order. Every slot between the later of (arrival, end of the burst before) and
the end of a burst is charged: at most one burst time to the data, the rest to the constraint that the column waited
for. When a column waits for its activation, the part that the activation itself waited for (tRRD, tFAW, power,
refresh) is charged there, the rest to opening the row; what is left is the latency of the command (dram_command).
"""

from typing import Any

from bankside.arch import events as names
from bankside.arch.causes import COMPUTE, DRAM_ACT_PRE, DRAM_COMMAND, DRAM_DATA
from bankside.arch.dram.address import decode
from bankside.arch.dram.bank import LOOK_AHEAD, NEVER, aligned, column_why, issue_column
from bankside.arch.dram.commands import RD, WR
from bankside.arch.dram.refresh import OFF, idle_until, refresh_now
from bankside.arch.dram.stream_window import LATE, admit, change_row, next_row, reset_window, rewind_rows
from bankside.arch.jit import kernel

READ, WRITE, PIM_MAC, PIM_WRITE, PIM_READ = range(5)
"""Kinds of streams."""

WRAP = LOOK_AHEAD - 1
COLUMN_READ = names.COLUMN_READ
COLUMN_WRITE = names.COLUMN_WRITE
BYTES_BANK = names.BYTES_BANK
BYTES_BANK_GROUP = names.BYTES_BANK_GROUP
BYTES_VAULT = names.BYTES_VAULT


@kernel
def run_bursts(
    packed: Any,
    address: Any,
    state: Any,
    write: bool,
    first: int,
    stride: int,
    count: int,
    min_gap: int,
    arrival: int,
    causes: Any,
    events: Any,
) -> int:
    """Serve an ordinary stream after all streams before; see `run_stream`."""
    std, st = packed[0], state[0]
    column = WR if write else RD
    latency = std["write_latency"] if write else std["read_latency"]
    burst = std["burst"]
    end = max(arrival, st["frontier"])
    idle_until(packed, state, arrival, events)
    reset_window(packed, state)
    base = st["columns"]
    refreshes = std["refresh_mode"] != OFF
    entered = 0
    last = NEVER >> 5
    for served in range(count):
        while entered < count and entered < served + LOOK_AHEAD:
            bank, row, _ = decode(address, first + entered * stride)
            floor = max(arrival, st["column_slot"][(base + entered) & WRAP])
            admit(state, entered, bank, row, floor)
            entered += 1
        bank = st["window_bank"][served & WRAP]
        row = st["window_row"][served & WRAP]
        when = 0
        waiting = True
        while waiting:
            slot = LATE
            if st["row"][bank] == row:
                when = max(column_why(packed, state, column, bank), (arrival << 5) + DRAM_COMMAND)
                when = max(when, ((last + min_gap) << 5) + COMPUTE)
                when = aligned(packed, column, when)
                slot = when >> 5
            k, row_slot, cause = -1, LATE, 0
            if st["pending"] > 0:
                k, row_slot, cause = next_row(packed, state, served)
            due = refreshes and min(slot, row_slot) >= st["refresh_due"]
            if due and (slot == LATE or st["opened_for"][bank] != served):
                refresh_now(packed, state, events)
                rewind_rows(packed, state, served, entered)
            elif not due and (row_slot < slot or (row_slot == slot and not std["single_bus"])):
                change_row(packed, state, k, row_slot, cause, events)
            else:
                waiting = False
        last = when >> 5
        issue_column(packed, state, column, bank, last)
        st["column_slot"][(base + served) & WRAP] = last
        end = charge(state, bank, end, last, latency, burst, arrival, when & 31, causes)
    st["columns"] = base + count
    st["frontier"] = end
    events[COLUMN_WRITE if write else COLUMN_READ] += count
    events[BYTES_BANK] += count * std["burst_bytes"]
    events[BYTES_BANK_GROUP] += count * std["burst_bytes"]
    events[BYTES_VAULT] += count * std["burst_bytes"]
    return end


@kernel
def charge(
    state: Any,
    bank: int,
    end: int,
    slot: int,
    latency: int,
    burst: int,
    arrival: int,
    cause: int,
    causes: Any,
) -> int:
    """Charge the slots from `end` to the end of a burst whose column command came at `slot`; returns that end."""
    st = state[0]
    gap = slot + latency + burst - end
    if gap <= 0:
        return end
    data = min(gap, burst)
    causes[DRAM_DATA] += data
    if gap > data:
        late = min(gap - data, max(0, slot - max(end - latency, arrival)))
        if cause == DRAM_ACT_PRE:
            held = max(0, min(late, st["wait"][bank]))
            causes[st["wait_cause"][bank]] += held
            causes[DRAM_ACT_PRE] += late - held
        else:
            causes[cause] += late
        causes[DRAM_COMMAND] += gap - data - late
    return end + gap
