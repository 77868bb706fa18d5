"""The event-driven executor: a Program runs on its units, and every femtosecond gets one cause.

An operation becomes ready when the last operation it waits for has ended. Operations are taken in order of their
ready time, ties in order of their number, so a unit serves in order of arrival and the run is deterministic. What a
unit does with an operation is its kind's affair (`kinds`). A unit that is not done when something else may reach it
stands in the heap under a slot that it cannot be done before, behind all that becomes ready by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import N_CAUSE
from bankside.arch.engine.critical_path import charge_path
from bankside.arch.engine.hardware import NO_HARDWARE, Hardware
from bankside.arch.engine.heap import pop, push
from bankside.arch.engine.itemised import KEPT, MOST_WORDS, PLACES, USED, keep_row, rows_of, take_row
from bankside.arch.engine.kinds import AT_ONCE, FAILED, KINDS, ONE_BY_ONE, Kind, advance_at, compiled
from bankside.arch.engine.program import DEP, LABEL_AT, LATEST_FS, OF_UNIT, WORK, Program, RunTooLongError
from bankside.arch.events import N_EVENT
from bankside.arch.jit import heard, hot_kernel

Int64s = npt.NDArray[np.int64]

(
    KIND,
    PERIOD,
    ADMITS,
    PRICED,
    FREE,
    OCCUPANT,
    PARAMS,
    PARAMS_END,
    STATE,
    STATE_END,
    MEMORY,
    MEMORY_END,
    EVENTS,
) = range(13)
"""Columns of a unit: its function, clock period [fs], how it admits, and whether the work of its operations says their
causes; when it is free and after which operation; where its parameters, its state and its memory are; its row of
`events`."""

START, END, BEFORE, CAUSES_AT = range(4)
"""Rows of what is known of operations: times [fs], the operation that each had to wait for last (-1: none), and where
its causes are (-1: its work says them)."""

READY, WAITING, GATE = START, END, BEFORE
"""The same rows before an operation begins: when it is ready, for how many it still waits, the last of those so far."""

ROWS: Final = 4
HEAP_TIME, HEAP_KEY = range(2)

NEVER: Final = 1 << 62

TOO_LONG: Final = FAILED
"""What the loop returns where an operation would end after `LATEST_FS`."""


@dataclass(frozen=True)
class Timeline:
    """What happened: times per operation, causes, events of each part, and the critical path.

    start_fs, end_fs, before: int64[n] (`before` = the operation whose end set the start, -1 if none); causes_at:
    int64[n], where the causes of each begin in `pairs` (see `itemised`), -1 where its work says them; events:
    int64[parts, N_EVENT]; path_fs: int64[labels, N_CAUSE], every femtosecond of the run charged to one label and one
    cause; origin_fs: when the run began.
    """

    start_fs: Int64s
    end_fs: Int64s
    before: Int64s
    causes_at: Int64s
    pairs: Int64s
    events: Int64s
    path_fs: Int64s
    origin_fs: int = 0

    @property
    def total_fs(self) -> int:
        """Time from the beginning to the end of the last operation [fs]."""
        return int(self.end_fs.max(initial=self.origin_fs)) - self.origin_fs

    @property
    def causes(self) -> Int64s:
        """Slots of their units, of the operations whose work does not say them, in order: int64[..., N_CAUSE]."""
        return rows_of(self.pairs, self.causes_at[self.causes_at >= 0])


@hot_kernel
def _prepare(
    start: Int64s, dep: Int64s, origin_fs: int, succ_start: Int64s, succ: Int64s, time: Int64s
) -> None:
    """Begin `time`, and turn the lists of dependencies round: fill `succ_start` and `succ` as `_execute` takes them."""
    n = time.shape[1]
    for i in range(n):
        time[READY, i], time[GATE, i], time[CAUSES_AT, i] = origin_fs, -1, -1
        time[WAITING, i] = start[DEP, i + 1] - start[DEP, i]
    for i in range(n + 1):
        succ_start[i] = 0
    for k in range(dep.shape[0]):
        succ_start[dep[k] + 1] += 1
    for i in range(n):
        succ_start[i + 1] += succ_start[i]
    for i in range(n):
        for k in range(start[DEP, i], start[DEP, i + 1]):
            succ[succ_start[dep[k]]] = i
            succ_start[dep[k]] += 1
    for i in range(n, 0, -1):
        succ_start[i] = succ_start[i - 1]
    succ_start[0] = 0


@hot_kernel
def begin_op(time: Int64s, unit: Int64s, i: int) -> int:
    """Note when operation `i` begins and what it waited for; returns the slot at which it is handed over."""
    now, period = time[READY, i], unit[PERIOD]
    slot = -(-now // period)
    time[START, i] = slot * period
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
    program: tuple[Int64s, Int64s, Int64s],
    succ_start: Int64s,
    succ: Int64s,
    unit: Int64s,
    hardware: tuple[Int64s, Int64s, Int64s],
    time: Int64s,
    heap: Int64s,
    causes: tuple[Int64s, Int64s, Int64s],
    events: Int64s,
) -> int:
    """Run all operations; `time`, `events` and of `causes` (rows, pairs and notes of `itemised`) all but the rows are
    filled. `succ`: who waits for each, from `succ_start` on; heap: int64[2, n], room.

    Returns
    -------
    int
        How many operations have ended, TOO_LONG, or -1 - i when operation i failed; its end then holds what its kind
        returned.
    """
    op, work, work_start = program
    params, states, memory = hardware
    rows, pairs, notes = causes
    heap_time, heap_key = heap[HEAP_TIME], heap[HEAP_KEY]
    n = op.shape[0]
    size = done = 0
    for i in range(n):
        if time[WAITING, i] == 0:
            size = push(heap_time, heap_key, size, time[READY, i], i)
    while size > 0:
        now, key = heap_time[0], heap_key[0]
        size = pop(heap_time, heap_key, size)
        i = key if key < n else key - n  # beyond n: operations that go on, after all that are new
        u = unit[op[i] & OF_UNIT]
        period = u[PERIOD]
        slot = begin_op(time, u, i) if key < n else -(-now // period)
        until = -(-heap_time[0] // period) if size > 0 else NEVER
        if key >= n:
            until = max(until, slot + 1)
        elif u[PRICED] == 0:
            time[CAUSES_AT, i] = take_row(rows, notes)
        end = advance_at(advance[u[KIND]])(
            params[u[PARAMS] : u[PARAMS_END]],
            states[u[STATE] : u[STATE_END]],
            memory[u[MEMORY] : u[MEMORY_END]],
            work[work_start[i] : work_start[i + 1]],
            slot,
            until,
            rows[max(0, time[CAUSES_AT, i])],
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
        if u[PRICED] == 0:
            time[CAUSES_AT, i] = keep_row(rows, time[CAUSES_AT, i], pairs, notes)
        end_fs = max(end * period, time[START, i])
        time[END, i] = end_fs
        u[FREE] = end_fs
        u[OCCUPANT] = i
        done += 1
        for j in range(succ_start[i], succ_start[i + 1]):
            after = succ[j]
            time[WAITING, after] -= 1
            if end_fs > time[READY, after] or time[GATE, after] < 0:
                time[READY, after] = end_fs
                time[GATE, after] = i
            if time[WAITING, after] == 0:
                size = push(heap_time, heap_key, size, time[READY, after], after)
    return done


@hot_kernel
def run_all(
    advance: Any,
    program: tuple[Int64s, Int64s, Int64s, Int64s],
    origin_fs: int,
    room: tuple[Int64s, Int64s, Int64s],
    unit: Int64s,
    hardware: tuple[Int64s, Int64s, Int64s],
    time: Int64s,
    causes: tuple[Int64s, Int64s, Int64s],
    events: Int64s,
) -> int:
    """As `_execute`, from the beginning; `program`: operations, words, where both begin, and dependencies; `room`:
    int64[n + 1] and int64[dependencies], for what `_prepare` fills, and int64[2, n], for the heap."""
    op, work, start, dep = program
    succ_start, succ, heap = room
    _prepare(start, dep, origin_fs, succ_start, succ, time)
    return _execute(
        advance, (op, work, start[WORK]), succ_start, succ, unit, hardware, time, heap, causes, events
    )


def room_of(n: int, dependencies: int) -> tuple[Int64s, Int64s, Int64s]:
    """Room that a run of n operations takes beside what it fills, see `run_all`; only what is used of it is touched."""
    sizes = n + 1, dependencies, (2, n)
    succ_start, succ, heap = (np.empty(size, dtype=np.int64) for size in sizes)
    return succ_start, succ, heap


def room_of_causes(n: int) -> tuple[Int64s, Int64s, Int64s]:
    """Rows, pairs and notes for n operations whose work does not say its causes."""
    rows = np.zeros((n + 1, N_CAUSE + 1), dtype=np.int64)
    return rows, np.empty(n * MOST_WORDS, dtype=np.int64), np.zeros(KEPT + PLACES, dtype=np.int64)


def plain_kinds(programs: Sequence[Program]) -> frozenset[str]:
    """The kinds of units which plain ones may stand for (`Kind.plain`) where `programs` are all that runs on their
    states."""
    asked: dict[str, list[int]] = {}
    for program in programs:
        for number, name in enumerate(program.kinds):
            if KINDS[name].plain is not None:
                ops = _ops_of(program, number)
                found = KINDS[name].plain_work(program.work, program.work_start, ops)
                asked.setdefault(name, []).append(found)
    return frozenset(
        name for name, each in asked.items() if min(each) >= 0 and sum(each) >= KINDS[name].plain_worth
    )


def execute(
    program: Program,
    hardware: Hardware = NO_HARDWARE,
    origin_fs: int = 0,
    plain: frozenset[str] = frozenset(),
) -> Timeline:
    """Run `program` on `hardware` (its states are changed in place) and charge its critical path.

    `origin_fs` is when the run begins; after another on the same hardware, no earlier than that one's end. `plain`:
    see `plain_kinds`.

    Raises
    ------
    ValueError
        When operations wait for each other in a circle, or a unit cannot do what it is asked to.
    RunTooLongError
        When one ends after `LATEST_FS`.
    """
    time, pairs, events = _run(program, hardware, origin_fs, plain)
    path_fs = np.zeros((len(program.labels), N_CAUSE), dtype=np.int64)
    start_fs, end_fs, before, causes_at = time
    if program.n_ops:
        charge_path(
            (program.op, program.work, program.work_start), program.unit_period_fs,
            (start_fs, end_fs, before), (causes_at, pairs), path_fs, origin_fs,
        )  # fmt: skip
    return Timeline(start_fs, end_fs, before, causes_at, pairs, events[:-1], path_fs, origin_fs)


def _run(
    program: Program, hardware: Hardware, origin_fs: int, plain: frozenset[str]
) -> tuple[Int64s, Int64s, Int64s]:
    """Times, pairs of causes, and events with a row for units that are no part."""
    n, kinds, units = (
        program.n_ops,
        kinds_of(program, hardware, plain),
        unit_table(program, hardware, origin_fs),
    )
    time = np.empty((ROWS, n), dtype=np.int64)
    causes = room_of_causes(int(np.count_nonzero((units[:, PRICED] == 0)[program.unit])))
    events = np.zeros((len(hardware.place) + 1, N_EVENT), dtype=np.int64)
    if n:
        with heard():
            done = run_all(
                compiled(tuple(kinds)), (program.op, program.work, program.start, program.dep), origin_fs,
                room_of(n, len(program.dep)), units, (hardware.params, hardware.states, hardware.memory),
                time, causes, events,
            )  # fmt: skip
        if done == TOO_LONG:
            raise RunTooLongError(
                f"The run takes longer than {LATEST_FS / 1e15:,.0f} s (2^62 fs), the most that can be counted."
            )
        if done < 0:
            raise ValueError(_failed(program, -1 - done, int(time[END, -1 - done])))
        if done != n:
            raise ValueError(f"{n - done} of {n} operations never became ready: they wait for each other.")
    return time, causes[1][: causes[2][USED]], events


def kinds_of(program: Program, hardware: Hardware, plain: frozenset[str] = frozenset()) -> list[Kind]:
    """The kinds of a program's units, or those that do the same without a memory, or plainly."""
    return [_kind(program, hardware, number, plain) for number in range(len(program.kinds))]


def _kind(program: Program, hardware: Hardware, number: int, plain: frozenset[str]) -> Kind:
    """The kind of a number, or the one that does the same without a memory, or plainly."""
    kind = KINDS[program.kinds[number]]
    if kind.brief is None:
        return kind
    if not hardware.remembers(program.unit_part[program.unit_kind == number]):
        return kind.brief
    if kind.plain is not None and kind.name in plain:
        return kind.plain
    long = kind.long(program.work, program.work_start, _ops_of(program, number))
    return kind if long else kind.brief


def _ops_of(program: Program, number: int) -> Int64s:
    """The operations of all units of the kind of a number."""
    return np.flatnonzero((program.unit_kind == number)[program.unit])


def unit_table(program: Program, hardware: Hardware, origin_fs: int) -> Int64s:
    """The table of units, all free: int64[u, 13]."""
    unit = np.zeros((len(program.unit_kind), EVENTS + 1), dtype=np.int64)
    admits, of_work = (
        np.array([getattr(KINDS[name], told) for name in program.kinds], dtype=np.int64)
        for told in ("admits", "priced")
    )
    part = program.unit_part
    unit[:, KIND] = program.unit_kind
    unit[:, PERIOD] = program.unit_period_fs
    unit[:, ADMITS] = admits[program.unit_kind]
    unit[:, PRICED] = of_work[program.unit_kind]
    unit[:, FREE] = origin_fs
    unit[:, OCCUPANT] = -1
    unit[part >= 0, PARAMS : MEMORY_END + 1] = hardware.place[part[part >= 0]]
    unit[:, EVENTS] = part
    return unit


def _failed(program: Program, i: int, code: int) -> str:
    """What operation `i` could not do."""
    unit = program.op[i] & OF_UNIT
    kind = KINDS[program.kinds[program.unit_kind[unit]]]
    number = FAILED - code
    why = (
        kind.failures[number]
        if number < len(kind.failures)
        else f"the kind '{kind.name}' failed with code {number}."
    )
    return f"Operation {i} ({program.labels[program.op[i] >> LABEL_AT]}) on unit {program.unit_names[unit]}: {why}"
