"""In-order streams of bursts on one channel, with a look-ahead window: the path that kernels use.

Bursts are served in the order of the calls. The row commands of the next bursts, `depth` of the state, may run ahead
as soon as they are legal; column commands stay in order. Every slot between the later of (arrival, end of the burst
before) and the end of a burst is charged: at most one burst time to the data, the rest to the constraint that the
column waited for. When a column waits for its activation, the part that the activation itself waited for (tRRD, tFAW,
power, refresh) is charged there, the rest to opening the row; what is left is the latency of the command
(dram_command).

What column commands mean to others is told to the bank state when a row command may come before the next of them, or a
refresh does, from the last of each bank (`deferred`).
"""

from typing import Any

import numpy as np

from bankside.arch import events as names
from bankside.arch.causes import SYNC
from bankside.arch.dram.banks.bank import LOOK_AHEAD, NEVER, stay_awake
from bankside.arch.dram.banks.refresh import idle_until, refresh_now
from bankside.arch.dram.banks.state import LATEST_SLOT
from bankside.arch.dram.channel.deferred import issue_within_run, settle_run
from bankside.arch.dram.channel.gather import gathered
from bankside.arch.dram.channel.in_order.charge import charge
from bankside.arch.dram.channel.in_order.laps import LEAST, SERVED, lap_of, laps_ahead, next_column, run_laps
from bankside.arch.dram.channel.in_order.window import (
    LATE,
    admit,
    change_row,
    next_row,
    reset_window,
    rewind_rows,
)
from bankside.arch.dram.channel.source import (
    ARRAYS,
    COUNT,
    DRAW,
    FIRST,
    GAP,
    GATHER,
    N_ARRAY,
    PLACES,
    READ,
    REQUESTS,
    RUN,
    STRIDE,
    WRITE,
)
from bankside.arch.dram.device.address import decode
from bankside.arch.dram.device.commands import RD, WR
from bankside.arch.dram.device.standard import OFF
from bankside.arch.jit import flat_kernel, kernel

__all__ = ["READ", "WRITE", "run_stream"]

WRAP = LOOK_AHEAD - 1
COLUMN_READ = names.COLUMN_READ
COLUMN_WRITE = names.COLUMN_WRITE
BYTES_BANK = names.BYTES_BANK
BYTES_BANK_GROUP = names.BYTES_BANK_GROUP
BYTES_VAULT = names.BYTES_VAULT


@kernel
def run_stream(
    packed: Any,
    address: Any,
    state: Any,
    kind: int,
    first: int,
    stride: int,
    count: int,
    min_gap: int,
    arrival: int,
    causes: Any,
    events: Any,
) -> int:
    """`run_source` for a stream."""
    work = np.array((kind, first, stride, count, min_gap))
    return run_source(packed, address, state, work, arrival, causes, events, True)


@flat_kernel
def run_source(
    packed: Any,
    address: Any,
    state: Any,
    work: Any,
    arrival: int,
    causes: Any,
    events: Any,
    foresee: Any,
) -> int:
    """Serve a stream on one channel, after all sources before it; returns the slot at which it ends. One that would go
    on beyond `LATEST_SLOT` stops there, with bursts left.

    Parameters
    ----------
    packed, address, state : numpy.ndarray
        STANDARD, ADDRESS and STATE of the channel, each of shape (1,).
    work : numpy.ndarray
        int64, the words of a stream: READ or WRITE, then first, stride, count: bursts first, first + stride, ...:
        numbers within the channel, decoded by `address`. Last comes min_gap: slots from one column command to the next
        at least, the pace of a consumer slower than the memory. Or the words of a gather.
    arrival : int
        Slot before which nothing of the source is known.
    causes : numpy.ndarray
        int64, shape (N_CAUSE,), slots; grows by end - max(arrival, end of the source before).
    events : numpy.ndarray
        int64, shape (N_EVENT,): activations, columns, refreshes, bytes moved up to the vault edge.
    foresee
        None: all bursts are served one by one, and nothing is compiled of what foresees laps of them.
    """
    kind, count = work[0], work[COUNT]
    end = max(arrival, state[0]["frontier"])
    if count <= 0:
        return int(end)
    idle_until(packed, state, arrival, events)
    return run_bursts(
        packed, address, state, work, 0, count, kind == WRITE, arrival, end, causes, events, foresee
    )


@flat_kernel
def run_array(
    packed: Any, address: Any, state: Any, work: Any, arrival: int, causes: Any, events: Any
) -> int:  # fmt: skip
    """Serve a request array, those of one kind that are offered by the time of the first of them together."""
    st, per_clock = state[0], packed[0]["slots_per_ck"]
    n = (work.shape[0] - ARRAYS) // N_ARRAY
    op, at_cycle = work[ARRAYS : ARRAYS + n], work[ARRAYS + 6 * n : ARRAYS + 7 * n]
    end = max(arrival, st["frontier"])
    i = 0
    while i < n:
        offer = max(arrival, at_cycle[i] * per_clock)
        until = i + 1
        while until < n and op[until] == op[i] and at_cycle[until] * per_clock <= offer:
            until += 1
        idle_until(packed, state, offer, events)
        if offer > end:
            causes[SYNC] += offer - end
            end = offer
        end = run_bursts(
            packed, address, state, work, i, until - i, op[i] == WRITE, offer, end, causes, events, None
        )
        i = until
    return int(end)


@flat_kernel
def place_in_array(std: Any, work: Any, i: int) -> tuple[int, int]:
    """Bank and row of request `i` of an array."""
    n = (work.shape[0] - ARRAYS) // N_ARRAY
    at = ARRAYS + i
    group = work[at + n] * std["n_rank"] * std["n_group"] + work[at + 2 * n]
    return group * std["n_bank"] + work[at + 3 * n], work[at + 4 * n]


@flat_kernel
def run_bursts(
    packed: Any,
    address: Any,
    state: Any,
    work: Any,
    begin: int,
    count: int,
    write: bool,
    arrival: int,
    end: int,
    causes: Any,
    events: Any,
    foresee: Any,
) -> int:
    """Serve `count` ordinary reads or writes of a source, from number `begin` on; `end` is where charging starts. See
    `run_source`."""
    std, st = packed[0], state[0]
    column = WR if write else RD
    delays = std["write_latency"] if write else std["read_latency"], std["burst"]
    reset_window(packed, state)
    base, depth = st["columns"], st["depth"]
    array, gather = work[0] == REQUESTS, work[0] == GATHER
    first, stride, min_gap = work[FIRST], work[STRIDE], 0 if array else work[GAP]
    refreshes = std["refresh_mode"] != OFF
    lap = (0, 1)
    if foresee is not None and stride == 1 and not (array or gather):
        lap = lap_of(address)
    near = lap[0] if lap[0] > 0 else count
    fresh = SERVED * near
    look = fresh if lap[1] >= fresh + LEAST else count
    served = entered = 0
    last = NEVER >> 5
    while served < count:
        while entered < count and entered < served + depth:
            if array:
                bank, row = place_in_array(std, work, begin + entered)
            elif gather:
                at = gathered(first, work[DRAW], work[RUN], work[PLACES], entered)
                bank, row, _ = decode(address, at)
            elif entered >= near and (first + entered) & (lap[1] - 1) >= near:
                like = (entered - near) & WRAP
                bank, row = st["window_bank"][like], st["window_row"][like]
            else:
                bank, row, _ = decode(address, first + entered * stride)
            floor = max(arrival, st["column_slot"][(base + entered - depth) & WRAP])
            admit(st, entered, bank, row, floor)
            entered += 1
        if foresee is not None and served == look:
            look += lap[0]
            place = base, served, entered, count
            laps = laps_ahead(std, st, column, lap, first, place, end, delays[0] + delays[1])
            if laps > 0:
                times = arrival, min_gap, end
                end = run_laps(
                    std, address, st, column, lap, laps, first, place, times, delays, causes, events
                )
                served += laps * lap[0]
                entered, look = min(count, served - 1 + depth), served + fresh
                last = st["column_slot"][(base + served - 1) & WRAP]
                continue
        bank = st["window_bank"][served & WRAP]
        row = st["window_row"][served & WRAP]
        when = 0
        waiting = True
        while waiting:
            slot = LATE
            if st["row"][bank] == row:
                when = next_column(std, st, column, bank, arrival, last + min_gap)
                slot = when >> 5
            k, row_slot, cause = -1, LATE, 0
            if st["pending"] > 0:
                k, row_slot, cause = next_row(std, st, served, column, slot)
            due = refreshes and min(slot, row_slot) >= st["refresh_due"]
            if due and (slot == LATE or st["opened_for"][bank] != served):
                settle_run(std, st, st, column)
                refresh_now(packed, state, served, events)
                rewind_rows(packed, state, served, entered)
                look = max(look, served + fresh)
            elif not due and (row_slot < slot or (row_slot == slot and not std["single_bus"])):
                change_row(std, st, k, row_slot, cause, events)
                if not std["rows_apart"]:
                    look = max(look, served + fresh)
            else:
                waiting = False
        last = when >> 5
        issue_within_run(std, st, st, column, bank, last)
        stay_awake(std, st, column, last)
        st["column_slot"][(base + served) & WRAP] = last
        end = charge(st, bank, end, last, delays, arrival, when & 31, causes, 1)
        served += 1
        if end > LATEST_SLOT:
            break
    settle_run(std, st, st, column)
    events[COLUMN_WRITE if write else COLUMN_READ] += count
    events[BYTES_BANK] += count * std["burst_bytes"]
    events[BYTES_BANK_GROUP] += count * std["burst_bytes"]
    events[BYTES_VAULT] += count * std["burst_bytes"]
    st["columns"] += count
    st["frontier"] = end
    return int(end)
