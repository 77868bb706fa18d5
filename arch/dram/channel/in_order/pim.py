"""PIM streams: MAC columns over a scope of banks, operand broadcasts, result drains, and the switch of mode.

All pseudo-channels of the channel do the same, in lock step. MAC number u is column u % columns of segment
u // columns; segments take the slices of the scope in turn (`bank` has one slice, all banks; `bank_pair`
two; `bank_group` one for each bank of a group) and then the next row. The rows of a segment are opened by
ACT_AB in stages as the activation limits allow; where the next segment lies in another slice, it is opened
meanwhile.
"""

from typing import Any

from bankside.arch import events as names
from bankside.arch.causes import COMPUTE, DRAM_ACT_PRE, DRAM_COMMAND, DRAM_REFRESH, PIM_MODE
from bankside.arch.dram.banks.bank import (
    CLOSED,
    LOOK_AHEAD,
    NEVER,
    aligned,
    earliest_why,
    issue,
    note_wait_on,
    refresh_wait,
)
from bankside.arch.dram.banks.refresh import NONE, OFF, refresh_now
from bankside.arch.dram.banks.state import LATEST_SLOT
from bankside.arch.dram.channel.in_order.charge import charge
from bankside.arch.dram.device.commands import (
    ACT_AB,
    ENTER,
    EXIT,
    MAC,
    PIM_RD,
    PIM_WR,
    PRE_AB,
    PREA,
)
from bankside.arch.jit import kernel

ACTIVATE = names.ACTIVATE
COLUMN_READ = names.COLUMN_READ
MODE_SWITCH = names.MODE_SWITCH
BYTES_BANK = names.BYTES_BANK
BYTES_BANK_GROUP = names.BYTES_BANK_GROUP
BYTES_VAULT = names.BYTES_VAULT
WRAP = LOOK_AHEAD - 1
BANK_GROUP_SCOPE = 2
LATE = 1 << 60


@kernel
def switch_mode(packed: Any, state: Any, pim: bool, arrival: int, end: int, causes: Any, events: Any) -> int:
    """Enter or leave PIM mode where modes exclude each other: drain, precharge, switch; all charged to
    pim_mode."""
    std, st = packed[0], state[0]
    if not std["exclusive"] or (st["mode"] == 1) == pim:
        return end
    for bank in range(std["banks"]):
        if st["row"][bank] != CLOSED:
            when = max(earliest_why(packed, state, PREA, bank), arrival << 5)
            issue(packed, state, PREA, bank, aligned(packed, PREA, when) >> 5, 0)
    command = ENTER if pim else EXIT
    when = aligned(packed, command, max(earliest_why(packed, state, command, 0), arrival << 5))
    issue(packed, state, command, 0, when >> 5, 0)
    switched: int = max(end, (when >> 5) + (std["enter"] if pim else std["exit"]))
    causes[PIM_MODE] += switched - end
    events[MODE_SWITCH] += 1
    return switched


@kernel
def run_registers(
    packed: Any,
    state: Any,
    write: bool,
    count: int,
    min_gap: int,
    arrival: int,
    end: int,
    causes: Any,
    events: Any,
) -> int:
    """Broadcast (PIM_WR) or drain (PIM_RD) `count` bursts on every pseudo-channel; where registers lie in a row,
    it is opened in the last slice."""
    std, st = packed[0], state[0]
    command = PIM_WR if write else PIM_RD
    latency = std["write_latency"] if write else std["read_latency"]
    channels, slices, size = std["n_pseudo_channel"], std["slices"], std["slice_banks"]
    floor = max(arrival, st["column_slot"][(st["columns"] - st["depth"]) & WRAP])
    bank = std["member"][(slices - 1) * size]
    paced = NEVER >> 5
    for i in range(count):
        _open_registers(packed, state, floor, events)
        head = _when(packed, state, command, bank, arrival, paced)
        while std["refresh_mode"] != OFF and head >> 5 >= st["refresh_due"]:
            refresh_now(packed, state, NONE, events)
            _open_registers(packed, state, floor, events)
            head = _when(packed, state, command, bank, arrival, paced)
        last = head >> 5
        issue(packed, state, command, bank, last, 0)
        for channel in range(1, channels):
            other = std["member"][(channel * slices + slices - 1) * size]
            last = _when(packed, state, command, other, arrival, NEVER >> 5) >> 5
            issue(packed, state, command, other, last, 0)
        paced = (head >> 5) + min_gap
        latest = last - (head >> 5) + latency
        end = charge(st, bank, end, head >> 5, latest, std["burst"], arrival, head & 31, causes)
        st["column_slot"][(st["columns"] + i) & WRAP] = last
        if end > LATEST_SLOT:
            break
    moved = count * std["burst_bytes"] * std["n_pseudo_channel"]
    events[BYTES_VAULT] += moved
    events[BYTES_BANK_GROUP] += moved
    return end


@kernel
def _open_registers(packed: Any, state: Any, floor: int, events: Any) -> None:
    """Open the row of the registers in the last slice, where they lie in a row and it is not open."""
    std = packed[0]
    if std["register_row"] < 0:
        return
    segment = std["register_row"] * std["slices"] + std["slices"] - 1
    steps = std["n_pseudo_channel"] * (1 + std["slice_banks"] // std["stage"])
    step = 0
    while step < steps:
        step = _open_step(packed, state, segment, step, floor, events)


@kernel
def run_mac(
    packed: Any,
    state: Any,
    first: int,
    stride: int,
    count: int,
    min_gap: int,
    arrival: int,
    end: int,
    causes: Any,
    events: Any,
) -> int:
    """One MAC column in every bank of the scope per step, `count` steps."""
    std, st = packed[0], state[0]
    columns, slices, size = std["columns"], std["slices"], std["slice_banks"]
    channels = std["n_pseudo_channel"]
    floor = max(arrival, st["column_slot"][(st["columns"] - st["depth"]) & WRAP])
    paced = NEVER >> 5
    segment, ahead = NEVER, NEVER
    step, ahead_step = 0, 0  # row commands of the segment done so far
    steps = channels * (1 + size // std["stage"])
    i = 0
    while i < count:
        u = first + i * stride
        if u // columns != segment:
            segment = u // columns
            step = ahead_step if ahead == segment else 0
            ahead, ahead_step = segment, steps
            following = _next_segment(u, stride, columns, first + (count - 1) * stride)
            if following % slices != segment % slices:
                ahead, ahead_step = following, 0
        while step < steps:
            step = _open_step(packed, state, segment, step, floor, events)
        head = std["member"][segment % slices * size]
        when = _when(packed, state, MAC, head, arrival, paced)
        due = st["refresh_due"] if std["refresh_mode"] != OFF else LATE
        while ahead_step < steps:
            slot = _open_slot(packed, state, ahead, ahead_step, floor)
            if slot > when >> 5 or slot >= due:
                break
            ahead_step = _open_step(packed, state, ahead, ahead_step, floor, events)
            when = _when(packed, state, MAC, head, arrival, paced)
        if when >> 5 >= due:
            refresh_now(packed, state, NONE, events)
            step = 0
            ahead_step = 0 if ahead != segment else steps
            continue
        last = when >> 5
        issue(packed, state, MAC, head, last, 0)
        for channel in range(1, channels):
            bank = std["member"][(channel * slices + segment % slices) * size]
            last = _when(packed, state, MAC, bank, arrival, NEVER >> 5) >> 5
            issue(packed, state, MAC, bank, last, 0)
        paced = (when >> 5) + min_gap
        latest = last - (when >> 5)
        end = charge(st, head, end, when >> 5, latest, std["mac_beat"], arrival, when & 31, causes)
        st["column_slot"][(st["columns"] + i) & WRAP] = last
        i += 1
        if end > LATEST_SLOT:
            break
    moved = count * size * channels
    events[COLUMN_READ] += moved
    events[BYTES_BANK] += moved * std["burst_bytes"]
    if std["scope"] == BANK_GROUP_SCOPE:
        events[BYTES_BANK_GROUP] += moved * std["burst_bytes"]
    return end


@kernel
def _when(packed: Any, state: Any, command: int, bank: int, arrival: int, paced: int) -> int:
    """Earliest packed time of a command of the stream, not before it arrived nor faster than its lanes."""
    when = max(earliest_why(packed, state, command, bank), (arrival << 5) + DRAM_COMMAND)
    return aligned(packed, command, max(when, (paced << 5) + COMPUTE))


@kernel
def _next_segment(u: int, stride: int, columns: int, final: int) -> int:
    """The segment after that of MAC `u`, or its own when the stream ends or stays in it."""
    segment = u // columns
    if stride <= 0:
        return segment
    left = (columns - 1 - u % columns) // stride
    return min(u + (left + 1) * stride, max(u, final)) // columns


@kernel
def _target(packed: Any, segment: int, step: int) -> tuple[int, int]:
    """Bank that row command `step` of a segment goes to, and the row; precharges first, then the stages."""
    std = packed[0]
    channels, slices, size = std["n_pseudo_channel"], std["slices"], std["slice_banks"]
    stage = step // channels - 1
    at = (step % channels * slices + segment % slices) * size
    if stage > 0:
        at += stage * std["stage"]
    return std["member"][at], segment // slices % std["rows"]


@kernel
def _open_command(packed: Any, state: Any, segment: int, step: int) -> int:
    """The row command of a step: PRE_AB, ACT_AB, or -1 where the rows are as they should be."""
    std, st = packed[0], state[0]
    bank, row = _target(packed, segment, step)
    command = PRE_AB if step < std["n_pseudo_channel"] else ACT_AB
    span = std["span"][command]
    first = std["position"][bank] // span * span
    for i in range(first, first + span):
        found = st["row"][std["member"][i]]
        if found != row and (found != CLOSED or command == ACT_AB):
            return command
    return -1


@kernel
def _open_slot(packed: Any, state: Any, segment: int, step: int, floor: int) -> int:
    """Slot at which the next row command of a segment can come; NEVER where there is nothing to do."""
    command = _open_command(packed, state, segment, step)
    if command < 0:
        return NEVER
    bank, _ = _target(packed, segment, step)
    return aligned(packed, command, max(earliest_why(packed, state, command, bank), floor << 5)) >> 5


@kernel
def _open_step(packed: Any, state: Any, segment: int, step: int, floor: int, events: Any) -> int:
    """Do the next row command of a segment; returns how many are done, 0 when a refresh came first."""
    std, st = packed[0], state[0]
    command = _open_command(packed, state, segment, step)
    if command < 0:
        return step + 1
    bank, row = _target(packed, segment, step)
    why = max(earliest_why(packed, state, command, bank), floor << 5)
    slot = aligned(packed, command, why) >> 5
    if std["refresh_mode"] != OFF and slot >= st["refresh_due"]:
        refresh_now(packed, state, NONE, events)
        return 0
    if command == ACT_AB:
        # the MAC that waits looks at the first bank of the scope, whose row was wanted by the first stage
        head = std["member"][std["position"][bank] // std["slice_banks"] * std["slice_banks"]]
        cause = why & 31 if why >> 5 > floor else DRAM_ACT_PRE
        if head == bank:
            note_wait_on(std, st, ACT_AB, bank, slot, cause, floor)
        else:
            held = slot - st["wanted"][head]
            st["wait"][head] = min(held, refresh_wait(std, ACT_AB)) if cause == DRAM_REFRESH else held
            st["wait_cause"][head] = cause
        events[ACTIVATE] += std["span"][ACT_AB]
    issue(packed, state, command, bank, slot, row)
    return step + 1
