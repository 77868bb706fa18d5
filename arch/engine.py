"""The event-driven executor: a Program runs on its units, and every femtosecond gets one cause.

An operation becomes ready when the last operation it waits for has ended. Operations are taken in order of their
ready time, ties in order of their number, so a unit serves in order of arrival and the run is deterministic. A server
starts on its next own clock edge; a delay never queues; a channel hands its streams, in order of arrival, to its
banks or planes, whose state carries on from the stream before.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import N_CAUSE, SYNC
from bankside.arch.dram.flash import FLASH
from bankside.arch.dram.flash_stream import FLASH_STATE, run_flash
from bankside.arch.dram.stream import run_stream
from bankside.arch.events import N_EVENT
from bankside.arch.jit import kernel
from bankside.arch.program import LATEST_FS, Program, RunTooLongError, UnitKind

Int64s = npt.NDArray[np.int64]

CHANNEL_UNIT = int(UnitKind.CHANNEL)
DELAY_UNIT = int(UnitKind.DELAY)
FLASH_UNIT = int(UnitKind.FLASH)
TOO_LONG = -1
"""What the loop returns where an operation would end after `LATEST_FS`."""


@dataclass(frozen=True)
class FlashChannels:
    """States of the simulated flash channels, and the compiled device of each.

    devices: FLASH[kinds]; states: FLASH_STATE[channels], changed in place; kind: int64[channels] (row of `devices`).
    """

    devices: Any = field(default_factory=lambda: np.zeros(1, FLASH))
    states: Any = field(default_factory=lambda: np.zeros(0, FLASH_STATE))
    kind: Int64s = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


@dataclass(frozen=True)
class Channels:
    """Bank states of the simulated DRAM channels, and the compiled standard of each; flash channels beside them.

    standards: STANDARD[kinds]; addresses: ADDRESS[kinds]; states: STATE[channels], changed in place; kind:
    int64[channels] (row of `standards` and `addresses`).
    """

    standards: Any
    addresses: Any
    states: Any
    kind: Int64s
    flash: FlashChannels = field(default_factory=FlashChannels)


@dataclass(frozen=True)
class Timeline:
    """What happened: times per operation, the causes of each stream, events of each channel, and the critical path.

    start_fs, end_fs, before: int64[n] (`before` = the operation whose end set the start, -1 if none);
    stream_cause_fs: int64[s, N_CAUSE]; events: int64[DRAM channels, then flash channels; N_EVENT];
    path_fs: int64[labels, N_CAUSE], every femtosecond of the run charged to one label and one cause.
    """

    start_fs: Int64s
    end_fs: Int64s
    before: Int64s
    stream_cause_fs: Int64s
    events: Int64s
    path_fs: Int64s

    @property
    def total_fs(self) -> int:
        """Time from 0 to the end of the last operation [fs]."""
        return int(self.end_fs.max(initial=0))


@kernel
def _push(heap_time: Int64s, heap_op: Int64s, size: int, time: int, op: int) -> int:
    i = size
    while i > 0:
        up = (i - 1) // 2
        if heap_time[up] < time or (heap_time[up] == time and heap_op[up] < op):
            break
        heap_time[i] = heap_time[up]
        heap_op[i] = heap_op[up]
        i = up
    heap_time[i] = time
    heap_op[i] = op
    return size + 1


@kernel
def _pop(heap_time: Int64s, heap_op: Int64s, size: int) -> int:
    """Remove the first entry; the caller has read it."""
    size -= 1
    time = heap_time[size]
    op = heap_op[size]
    i = 0
    while True:
        down = 2 * i + 1
        if down >= size:
            break
        right = down + 1
        if right < size and (
            heap_time[right] < heap_time[down]
            or (heap_time[right] == heap_time[down] and heap_op[right] < heap_op[down])
        ):
            down = right
        if time < heap_time[down] or (time == heap_time[down] and op < heap_op[down]):
            break
        heap_time[i] = heap_time[down]
        heap_op[i] = heap_op[down]
        i = down
    heap_time[i] = time
    heap_op[i] = op
    return size


@kernel
def _successors(n: int, dep_start: Int64s, dep: Int64s) -> tuple[Int64s, Int64s]:
    """The dependency lists turned round: CSR of the operations that wait for each operation."""
    start = np.zeros(n + 1, dtype=np.int64)
    for d in dep:
        start[d + 1] += 1
    for i in range(n):
        start[i + 1] += start[i]
    fill = start[:-1].copy()
    out = np.empty(len(dep), dtype=np.int64)
    for i in range(n):
        for j in range(dep_start[i], dep_start[i + 1]):
            out[fill[dep[j]]] = i
            fill[dep[j]] += 1
    return start, out


@kernel
def _execute(
    unit: Int64s,
    cost_fs: Int64s,
    stream: Int64s,
    streams: Int64s,
    dep_start: Int64s,
    dep: Int64s,
    unit_kind: Int64s,
    unit_period_fs: Int64s,
    unit_channel: Int64s,
    standards: Any,
    addresses: Any,
    states: Any,
    channel_kind: Int64s,
    flash_devices: Any,
    flash_states: Any,
    flash_kind: Int64s,
    start_fs: Int64s,
    end_fs: Int64s,
    before: Int64s,
    stream_cause: Int64s,
    events: Int64s,
) -> int:
    """Run all operations; the last five arguments are filled. Returns how many became ready."""
    n = len(unit)
    waiting = np.empty(n, dtype=np.int64)
    ready = np.zeros(n, dtype=np.int64)
    gate = np.full(n, -1, dtype=np.int64)
    free_fs = np.zeros(len(unit_kind), dtype=np.int64)
    occupant = np.full(len(unit_kind), -1, dtype=np.int64)
    succ_start, succ = _successors(n, dep_start, dep)
    heap_time = np.empty(n, dtype=np.int64)
    heap_op = np.empty(n, dtype=np.int64)
    size = 0
    for i in range(n):
        waiting[i] = dep_start[i + 1] - dep_start[i]
        if waiting[i] == 0:
            size = _push(heap_time, heap_op, size, 0, i)
    done = 0
    while size > 0:
        now = heap_time[0]
        op = heap_op[0]
        size = _pop(heap_time, heap_op, size)
        u = unit[op]
        period = unit_period_fs[u]
        before[op] = gate[op]
        begin = now
        if unit_kind[u] != DELAY_UNIT and free_fs[u] > begin:
            begin = free_fs[u]
            before[op] = occupant[u]
        if stream[op] >= 0:
            s = stream[op]
            arrival = -(-now // period)
            ch = unit_channel[u]
            if unit_kind[u] == FLASH_UNIT:
                std = flash_kind[ch]
                end_slot = run_flash(
                    flash_devices[std : std + 1], flash_states[ch : ch + 1], streams[s, 0], streams[s, 1],
                    streams[s, 2], streams[s, 3], streams[s, 4], arrival, stream_cause[s],
                    events[len(states) + ch],
                )  # fmt: skip
            else:
                std = channel_kind[ch]
                end_slot = run_stream(
                    standards[std : std + 1],
                    addresses[std : std + 1], states[ch : ch + 1], streams[s, 0], streams[s, 1], streams[s, 2],
                    streams[s, 3], streams[s, 4], arrival, stream_cause[s], events[ch],
                )  # fmt: skip
            if end_slot > LATEST_FS // period:
                return TOO_LONG
            begin = max(begin, arrival * period)
            end = max(end_slot * period, begin)
        else:
            if unit_kind[u] != DELAY_UNIT:
                begin = -(-begin // period) * period
            end = begin
            for c in range(cost_fs.shape[1]):
                end += cost_fs[op, c]
            if end > LATEST_FS:
                return TOO_LONG
        if unit_kind[u] != DELAY_UNIT:
            free_fs[u] = end
            occupant[u] = op
        start_fs[op] = begin
        end_fs[op] = end
        done += 1
        for j in range(succ_start[op], succ_start[op + 1]):
            after = succ[j]
            waiting[after] -= 1
            if end > ready[after] or gate[after] < 0:
                ready[after] = end
                gate[after] = op
            if waiting[after] == 0:
                size = _push(heap_time, heap_op, size, ready[after], after)
    return done


@kernel
def _charge_path(
    start_fs: Int64s,
    end_fs: Int64s,
    before: Int64s,
    label: Int64s,
    cost_fs: Int64s,
    cost_cause: Int64s,
    stream: Int64s,
    stream_cause: Int64s,
    path_fs: Int64s,
) -> None:
    """Walk the critical path backwards from the operation that ends last; charge each interval to its causes."""
    op = 0
    for i in range(len(end_fs)):
        if end_fs[i] > end_fs[op]:
            op = i
    while op >= 0:
        if stream[op] >= 0:
            for c in range(stream_cause.shape[1]):
                path_fs[label[op], c] += stream_cause[stream[op], c]
        else:
            for c in range(cost_fs.shape[1]):
                path_fs[label[op], cost_cause[op, c]] += cost_fs[op, c]
        prior = before[op]
        came = end_fs[prior] if prior >= 0 else 0
        path_fs[label[op], SYNC] += start_fs[op] - came
        op = prior


def _check_bytes(program: Program, channels: Channels) -> None:
    """Refuse streams whose bytes, from every bank at once at the most, events could not count."""
    std, flash = channels.standards, channels.flash.devices
    at_once = (std["burst_bytes"].astype(float) * std["banks"]).max(initial=0.0)
    byte = float(program.streams[:, 3].sum(dtype=float)) * max(
        at_once, float(flash["burst_bytes"].max(initial=0))
    )
    if byte > LATEST_FS:
        raise RunTooLongError(
            f"The run moves {byte:.3g} bytes on one channel; 2^62 are the most that can be counted."
        )


def execute(program: Program, channels: Channels) -> Timeline:
    """Run `program` with the bank states of `channels` (changed in place) and charge its critical path.

    Raises ValueError when operations wait for each other in a circle, RunTooLongError when one ends after `LATEST_FS`.
    """
    n = program.n_ops
    start_fs, end_fs = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    before = np.full(n, -1, dtype=np.int64)
    stream_cause = np.zeros((len(program.streams), N_CAUSE), dtype=np.int64)
    flash = channels.flash
    _check_bytes(program, channels)
    events = np.zeros((len(channels.states) + len(flash.states), N_EVENT), dtype=np.int64)
    done = _execute(
        program.unit, program.cost_fs, program.stream, program.streams, program.dep_start, program.dep,
        program.unit_kind, program.unit_period_fs, program.unit_channel,
        channels.standards,
        channels.addresses, channels.states, channels.kind, flash.devices, flash.states, flash.kind,
        start_fs, end_fs, before, stream_cause, events,
    )  # fmt: skip
    if done == TOO_LONG:
        raise RunTooLongError(
            f"The run takes longer than {LATEST_FS / 1e15:,.0f} s (2^62 fs), the most that can be counted."
        )
    if done != n:
        raise ValueError(f"{n - done} of {n} operations never became ready: they wait for each other.")
    of_op = program.unit[program.stream >= 0]
    stream_cause *= program.unit_period_fs[of_op][:, None]
    path_fs = np.zeros((len(program.labels), N_CAUSE), dtype=np.int64)
    if n:
        _charge_path(
            start_fs, end_fs, before, program.label, program.cost_fs, program.cost_cause, program.stream,
            stream_cause, path_fs,
        )  # fmt: skip
    return Timeline(start_fs, end_fs, before, stream_cause, events, path_fs)
