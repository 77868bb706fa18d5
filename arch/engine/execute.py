"""The event-driven executor: a Program runs on its units, and every femtosecond gets one cause.

An operation becomes ready when the last operation it waits for has ended. Operations are taken in order of their
ready time, ties in order of their number, so a unit serves in order of arrival and the run is deterministic. What a
unit does with an operation is its kind's affair (`kinds`). A unit that is not done when something else may reach it
stands in the heap under a slot that it cannot be done before, behind all that becomes ready by then.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import N_CAUSE
from bankside.arch.engine.critical_path import charge_path
from bankside.arch.engine.hardware import NO_HARDWARE, Hardware
from bankside.arch.engine.heap import pop, push
from bankside.arch.engine.kinds import AT_ONCE, FAILED, KINDS, ONE_BY_ONE, Kind, advance_at, compiled
from bankside.arch.engine.program import DEP, LABEL, LATEST_FS, ROW, UNIT, WORK, Program, RunTooLongError
from bankside.arch.events import N_EVENT
from bankside.arch.jit import heard, hot_kernel

Int64s = npt.NDArray[np.int64]

(KIND, PERIOD, ADMITS, FREE, OCCUPANT, PARAMS, PARAMS_END, STATE, STATE_END, MEMORY, MEMORY_END, EVENTS) = (
    range(12)
)
"""Columns of a unit: its function, clock period [fs] and how it admits; when it is free and after which operation;
where its parameters, its state and its memory are; its row of `events`."""

READY, START, END, BEFORE, WAITING, GATE, HEAP_TIME, HEAP_KEY = range(8)
"""Rows of what is known of operations: times [fs], and the operation that each had to wait for last; how many it still
waits for, and the last of those so far; the heap."""

NEVER: Final = 1 << 62

TOO_LONG: Final = FAILED
"""What the loop returns where an operation would end after `LATEST_FS`."""


@dataclass(frozen=True)
class Timeline:
    """What happened: times per operation, causes, events of each part, and the critical path.

    start_fs, end_fs, before: int64[n] (`before` = the operation whose end set the start, -1 if none); causes:
    int64[rows, N_CAUSE] slots of their units, of the operations whose work does not say them, in order; events:
    int64[parts, N_EVENT]; path_fs: int64[labels, N_CAUSE], every femtosecond of the run charged to one label and one
    cause; origin_fs: when the run began.
    """

    start_fs: Int64s
    end_fs: Int64s
    before: Int64s
    causes: Int64s
    events: Int64s
    path_fs: Int64s
    origin_fs: int = 0

    @property
    def total_fs(self) -> int:
        """Time from the beginning to the end of the last operation [fs]."""
        return int(self.end_fs.max(initial=self.origin_fs)) - self.origin_fs


@hot_kernel
def _prepare(start: Int64s, dep: Int64s, origin_fs: int, starts: Int64s, succ: Int64s, time: Int64s) -> None:
    """Begin `time`, and turn the lists of dependencies round: fill `starts` and `succ` as `_execute` takes them."""
    n = time.shape[1]
    for i in range(n):
        for row in range(time.shape[0]):
            time[row, i] = 0
        time[READY, i] = origin_fs
        time[BEFORE, i] = time[GATE, i] = -1
        time[WAITING, i] = start[DEP, i + 1] - start[DEP, i]
    for i in range(n + 1):
        starts[0, i], starts[1, i] = start[WORK, i], 0
    for k in range(dep.shape[0]):
        starts[1, dep[k] + 1] += 1
    for i in range(n):
        starts[1, i + 1] += starts[1, i]
    for i in range(n):
        for k in range(start[DEP, i], start[DEP, i + 1]):
            succ[starts[1, dep[k]]] = i
            starts[1, dep[k]] += 1
    for i in range(n, 0, -1):
        starts[1, i] = starts[1, i - 1]
    starts[1, 0] = 0


@hot_kernel
def begin_op(time: Int64s, unit: Int64s, i: int, gate: int) -> int:
    """Note when operation `i` begins and what it waited for; returns the slot at which it is handed over."""
    now, period = time[READY, i], unit[PERIOD]
    slot = -(-now // period)
    time[START, i] = slot * period
    time[BEFORE, i] = gate
    if unit[ADMITS] != AT_ONCE and unit[FREE] > now:
        time[BEFORE, i] = unit[OCCUPANT]
        time[START, i] = max(slot * period, unit[FREE])
        if unit[ADMITS] == ONE_BY_ONE:
            slot = -(-time[START, i] // period)
            time[START, i] = slot * period
    return int(slot)


@hot_kernel
def _execute(
    advance: Any,
    op: Int64s,
    work: Int64s,
    starts: Int64s,
    succ: Int64s,
    unit: Int64s,
    params: Int64s,
    states: Int64s,
    memory: Int64s,
    time: Int64s,
    causes: Int64s,
    events: Int64s,
) -> int:
    """Run all operations; `time`, `causes` and `events` are filled. `succ`: who waits for each; starts:
    int64[2, n + 1], where the words of each begin, and its part of `succ`.

    Returns
    -------
    int
        How many operations have ended, TOO_LONG, or -1 - i when operation i failed; its end then holds what its kind
        returned.
    """
    n = op.shape[0]
    work_start, succ_start = starts[0], starts[1]
    waiting, gate, heap_time, heap_key = time[WAITING], time[GATE], time[HEAP_TIME], time[HEAP_KEY]
    size = done = 0
    for i in range(n):
        if waiting[i] == 0:
            size = push(heap_time, heap_key, size, time[READY, i], i)
    while size > 0:
        now, key = heap_time[0], heap_key[0]
        size = pop(heap_time, heap_key, size)
        i = key if key < n else key - n  # beyond n: operations that go on, after all that are new
        u = unit[op[i, UNIT]]
        period = u[PERIOD]
        slot = begin_op(time, u, i, gate[i]) if key < n else -(-now // period)
        until = -(-heap_time[0] // period) if size > 0 else NEVER
        if key >= n:
            until = max(until, slot + 1)
        end = advance_at(advance[u[KIND]])(
            params[u[PARAMS] : u[PARAMS_END]],
            states[u[STATE] : u[STATE_END]],
            memory[u[MEMORY] : u[MEMORY_END]],
            work[work_start[i] : work_start[i + 1]],
            slot,
            until,
            causes[op[i, ROW]],
            events[u[EVENTS]],
        )
        if end <= FAILED:
            time[END, i] = end
            return int(-1 - i)
        if end < 0:
            size = push(heap_time, heap_key, size, max(until, -1 - end) * period, i + n)
            continue
        if end > LATEST_FS // period:
            return TOO_LONG
        end_fs = max(end * period, time[START, i])
        time[END, i] = end_fs
        u[FREE] = end_fs
        u[OCCUPANT] = i
        done += 1
        for j in range(succ_start[i], succ_start[i + 1]):
            after = succ[j]
            waiting[after] -= 1
            if end_fs > time[READY, after] or gate[after] < 0:
                time[READY, after] = end_fs
                gate[after] = i
            if waiting[after] == 0:
                size = push(heap_time, heap_key, size, time[READY, after], after)
    return done


def execute(program: Program, hardware: Hardware = NO_HARDWARE, origin_fs: int = 0) -> Timeline:
    """Run `program` on `hardware` (its states are changed in place) and charge its critical path.

    `origin_fs` is when the run begins; after another on the same hardware, no earlier than that one's end.

    Raises
    ------
    ValueError
        When operations wait for each other in a circle, or a unit cannot do what it is asked to.
    RunTooLongError
        When one ends after `LATEST_FS`.
    """
    time, causes, events = _run(program, hardware, origin_fs)
    path_fs = np.zeros((len(program.labels), N_CAUSE), dtype=np.int64)
    if program.n_ops:
        charge_path(
            program.op, program.work, program.work_start, program.unit_period_fs, time[START], time[END],
            time[BEFORE], causes, path_fs, origin_fs,
        )  # fmt: skip
    return Timeline(
        time[START], time[END], time[BEFORE], causes[:-1, :N_CAUSE], events[:-1], path_fs, origin_fs
    )


def ends_fs(program: Program, hardware: Hardware = NO_HARDWARE) -> Int64s:
    """When each operation of `program` ends on `hardware` [fs], and no more: int64[n]; raises as `execute` does."""
    time, _, _ = _run(program, hardware, 0)
    return np.asarray(time[END])


def _run(program: Program, hardware: Hardware, origin_fs: int) -> tuple[Int64s, Int64s, Int64s]:
    """Times, causes with a scratch row at the end, and events with a row for units that are no part."""
    n, kinds = program.n_ops, [_kind(program, hardware, k) for k in range(len(program.kinds))]
    time = np.empty((8, n), dtype=np.int64)
    rows = int(program.op[:, ROW].max(initial=-1)) + 1
    causes = np.zeros((rows + 1, N_CAUSE + 1), dtype=np.int64)  # the last is scratch, which row -1 is
    events = np.zeros((len(hardware.place) + 1, N_EVENT), dtype=np.int64)
    if n:
        starts, succ = np.empty((2, n + 1), dtype=np.int64), np.empty(len(program.dep), dtype=np.int64)
        _prepare(program.start, program.dep, origin_fs, starts, succ, time)
        functions = compiled(tuple(kinds))
        with heard():
            done = _execute(
                functions, program.op, program.work, starts, succ, _units(program, hardware, origin_fs),
                hardware.params, hardware.states, hardware.memory, time, causes, events,
            )  # fmt: skip
        if done == TOO_LONG:
            raise RunTooLongError(
                f"The run takes longer than {LATEST_FS / 1e15:,.0f} s (2^62 fs), the most that can be counted."
            )
        if done < 0:
            raise ValueError(_failed(program, -1 - done, int(time[END, -1 - done])))
        if done != n:
            raise ValueError(f"{n - done} of {n} operations never became ready: they wait for each other.")
    return time, causes, events


def _kind(program: Program, hardware: Hardware, number: int) -> Kind:
    """The kind of a number, or the one that does the same without a memory."""
    kind = KINDS[program.kinds[number]]
    if kind.brief is None:
        return kind
    these = program.unit_kind == number
    if not hardware.remembers(program.unit_part[these]):
        return kind.brief
    ops = np.flatnonzero(these[program.op[:, UNIT]])
    return kind if kind.long(program.work, program.work_start, ops) else kind.brief


def _units(program: Program, hardware: Hardware, origin_fs: int) -> Int64s:
    """The table of units, all free: int64[u, 12]."""
    unit = np.zeros((len(program.unit_kind), 12), dtype=np.int64)
    admits = np.array([KINDS[name].admits for name in program.kinds], dtype=np.int64)
    part = program.unit_part
    unit[:, KIND] = program.unit_kind
    unit[:, PERIOD] = program.unit_period_fs
    unit[:, ADMITS] = admits[program.unit_kind]
    unit[:, FREE] = origin_fs
    unit[:, OCCUPANT] = -1
    unit[part >= 0, PARAMS : MEMORY_END + 1] = hardware.place[part[part >= 0]]
    unit[:, EVENTS] = part
    return unit


def _failed(program: Program, i: int, code: int) -> str:
    """What operation `i` could not do."""
    unit = program.op[i, UNIT]
    kind = KINDS[program.kinds[program.unit_kind[unit]]]
    number = FAILED - code
    why = (
        kind.failures[number]
        if number < len(kind.failures)
        else f"the kind '{kind.name}' failed with code {number}."
    )
    return f"Operation {i} ({program.labels[program.op[i, LABEL]]}) on unit {program.unit_names[unit]}: {why}"
