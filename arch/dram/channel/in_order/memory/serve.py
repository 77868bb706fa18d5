"""Streams served from memory where the channel has stood so before and been asked for the same; the rest is served, and
remembered.

While streams are found, how the channel stands is a number, a row of the memory's states; the banks are made what it
says when a stream has to be served. What a stream finds does not depend on refreshes that come after its end, so one
without a refresh is found under any of them. Where streams are seldom found, memory rests, each time for longer.
"""

from typing import Any, Final

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.refresh import idle_until, interval_slots
from bankside.arch.dram.channel.costs import COUNTED, add_costs, cost_words, keep_costs
from bankside.arch.dram.channel.in_order.memory.canonical import (
    edge_told,
    first_to_come,
    late_told,
    matters_from,
    phase_told,
    restore,
    restore_phase,
    told,
)
from bankside.arch.dram.channel.in_order.memory.held import held_from
from bankside.arch.dram.channel.in_order.memory.late import (
    BASE,
    BEHIND,
    CREDIT,
    OF_STATE,
    OF_STREAM,
    QUIET,
    RESTED,
    RESTS,
    STANDS,
    is_late,
    is_quiet,
    leave,
    run_counted,
    serve_after_all,
    serve_late,
)
from bankside.arch.dram.channel.in_order.memory.layout import (
    AGE,
    ASKED,
    BEHIND_STATE,
    COSTS,
    HEAD,
    KEY,
    LAP,
    LATE,
    LATE_WORDS,
    LEFT,
    LENGTH,
    LIVE,
    LOOKED,
    MARGIN,
    NEXT,
    NEXT_PHASE,
    PERIOD,
    PERIOD_ROWS,
    PHASE,
    PHASE_WORDS,
    PHASES,
    REGION,
    STATE_WORDS,
    STATES,
    STEPS,
    TOLD,
    TOOK,
)
from bankside.arch.dram.channel.in_order.stream import run_source
from bankside.arch.dram.channel.source import COUNT, FIRST, GAP, GATHER, STRIDE
from bankside.arch.dram.channel.tables import found, kept, place_of, put, row_at
from bankside.arch.dram.device.standard import ALL_BANK
from bankside.arch.events import N_EVENT
from bankside.arch.jit import flat_kernel

BEGIN: Final = 1 << 13
"""Bursts that may be lost by looking for streams that are not found, before memory rests for the first time."""

AGAIN: Final = 1 << 10
"""The same of later times."""

FIRST_REST: Final = 1 << 8
"""Streams."""

SERVED_A_LOST: Final = 16
"""Bursts served for each that may be lost: streams so long that memory costs them no more are always looked for."""

WORDS_A_BURST: Final = 8
"""Words of a state that are told, looked for and kept in the time in which a burst is served (measured)."""

LATEST: Final = 1 << 44
"""Slot after which memory rests: a time may be so long past that words would not tell it."""

FAR: Final = 1 << 60
"""An arrival after which nothing that was before matters."""

CALM: Final = -1
"""In the place of how refreshes stand: none has come."""

NO_ROOM: Final = -2

IDLE: Final = -1
"""In the place of a stream's kind: a refresh and no stream."""


@flat_kernel
def serve(
    packed: Any,
    address: Any,
    state: Any,
    note: Any,
    memory: Any,
    work: Any,
    arrival: int,
    causes: Any,
    events: Any,
) -> int:
    """`run_source`, or what came of it before; `note`: int64[NOTE_WORDS], of the channel, all 0 at first."""
    if memory.shape[0] == 0 or work[COUNT] <= 0:
        return run_source(packed, address, state, work, arrival, causes, events, memory)
    std, st = packed[0], state[0]
    due, held, quiet = st["refresh_due"], 0, False
    if note[STANDS] == 0 and _inside(address, st, work, arrival):
        if due <= arrival:
            leave(packed, address, state, note, memory, arrival)
            before = is_quiet(std, st, note, memory, arrival)
            idle_until(packed, state, arrival, events)
            note[QUIET], held = 0, held_from(std, st, due, arrival) if before else 0
        if is_late(std, st, note, memory, work, arrival, held):
            return serve_late(packed, address, state, note, memory, work, arrival, held, causes, events)
    if note[BEHIND] == OF_STREAM:
        serve_after_all(packed, address, state, note, memory)
    note[QUIET] = 0
    if not _attends(address, st, note, memory, work, arrival):
        put_right(std, st, note, memory)
        note[STANDS] = 0
        return run_source(packed, address, state, work, arrival, causes, events, memory)
    if st["refresh_due"] <= arrival:
        quiet = (
            note[STANDS] > 0 and due - memory[MARGIN] - st["frontier"] > memory[_behind(note, memory) + AGE]
        )
        if not _rested(packed, state, note, memory, arrival, causes, events):
            put_right(std, st, note, memory)
            idle_until(packed, state, arrival, events)
            note[STANDS] = 0
            note[CREDIT] -= memory[STATE_WORDS] // WORDS_A_BURST
    if note[STANDS] == 0:
        note[BASE] = work[FIRST] // memory[PERIOD] * memory[PERIOD]
        note[STANDS] = _state_row(std, st, note, memory, arrival) + 1
        if note[STANDS] == 0:
            note[RESTS] = LATEST
            return run_source(packed, address, state, work, arrival, causes, events, memory)
    since = _ask(std, st, note, memory, work, arrival)
    step = _step(std, st, memory, since)
    if step < 0:
        put_right(std, st, note, memory)
        held = held_from(std, st, due, arrival) if quiet else held
        if is_late(std, st, note, memory, work, arrival, held):
            note[STANDS] = 0
            return serve_late(packed, address, state, note, memory, work, arrival, held, causes, events)
        return _learn(packed, address, state, note, memory, work, arrival, since, causes, events)
    return _go(std, st, note, memory, (step, since, work[FIRST], work[COUNT]), causes, events)


@flat_kernel
def _behind(note: Any, memory: Any) -> int:
    """Where the words behind those of the state begin that the channel stands in."""
    at = row_at(memory, STATES, note[STANDS] - 1)
    return int(at + memory[at])


@flat_kernel
def _rested(packed: Any, state: Any, note: Any, memory: Any, arrival: int, causes: Any, events: Any) -> bool:
    """Let the one refresh of all banks pass that is due before the next stream, where that is all that comes: a step
    of no stream. What times matter after it is told from when it was due, since a stream may come at any time then."""
    std, st = packed[0], state[0]
    due = st["refresh_due"]
    if note[STANDS] == 0 or std["refresh_mode"] != ALL_BANK or due + interval_slots(std, st) <= arrival:
        return False
    key, end = memory[ASKED], st["frontier"]
    for k in range(KEY):
        memory[key + k] = 0
    memory[key], memory[key + 3], memory[key + 4] = note[STANDS], edge_told(std, end), IDLE
    memory[key + PHASE] = _phase_row(std, st, memory, end)
    place = place_of(memory, STEPS, key, KEY)
    row = found(memory, STEPS, place)
    if row < 0:
        put_right(std, st, note, memory)
        took = memory[memory[TOOK] : memory[TOOK] + COUNTED]
        for c in range(COUNTED):
            took[c] = 0
        idle_until(packed, state, arrival, took[N_CAUSE:])
        for e in range(N_EVENT):
            events[e] += took[N_CAUSE + e]
        after = _state_row(std, st, note, memory, due)
        note[STANDS] = after + 1
        next_phase = _phase_row(std, st, memory, end)
        if after >= 0:
            note[CREDIT] -= memory[row_at(memory, STATES, after)] // WORDS_A_BURST
        if after < 0 or memory[key + PHASE] == NO_ROOM or next_phase == NO_ROOM:
            return after >= 0
        _keep(memory, place, after + 1, next_phase, 0)
        return True
    at = row_at(memory, STEPS, row)
    add_costs(memory, at + COSTS, causes, events)
    note[STANDS], note[BEHIND] = memory[at + NEXT], OF_STATE
    phase = row_at(memory, PHASES, memory[at + NEXT_PHASE])
    restore_phase(std, st, end, memory[phase : phase + memory[PHASE_WORDS]])
    return True


@flat_kernel
def _keep(memory: Any, place: int, after: int, next_phase: int, length: int) -> bool:
    """Put what becomes of a channel by the step that is asked for, and what that took, at its place; whether there is
    room."""
    took = memory[memory[TOOK] : memory[TOOK] + COUNTED]
    row = put(memory, STEPS, place, memory[ASKED], COSTS + cost_words(took))
    if row >= 0:
        at = row_at(memory, STEPS, row)
        memory[at + NEXT], memory[at + NEXT_PHASE], memory[at + LENGTH] = after, next_phase, length
        keep_costs(memory, at + COSTS, took)
    return bool(row >= 0)


@flat_kernel
def put_right(std: Any, st: Any, note: Any, memory: Any) -> None:
    """Make the banks what memory says that they are."""
    if note[BEHIND] == OF_STATE:
        words = row_at(memory, STATES, note[STANDS] - 1)
        live = memory[HEAD : HEAD + memory[LIVE]]
        restore(std, st, live, _base_row(note, memory), memory[words : words + memory[STATE_WORDS]])
        note[BEHIND] = 0


@flat_kernel
def _attends(address: Any, st: Any, note: Any, memory: Any, work: Any, arrival: int) -> bool:
    """Whether memory is to be asked for a stream; it rests while credit has been used up."""
    if note[RESTS] > 0:
        note[RESTS] -= 1
        return False
    if not _inside(address, st, work, arrival):
        return False
    if note[RESTED] == 0:
        note[CREDIT], note[RESTED] = BEGIN, FIRST_REST
    if note[CREDIT] < 0:
        note[CREDIT], note[RESTS] = AGAIN, note[RESTED]
        note[RESTED] = min(2 * note[RESTED], LATEST)
        return False
    return True


@flat_kernel
def _inside(address: Any, st: Any, work: Any, arrival: int) -> bool:
    """Whether all bursts of a stream are of the channel, and its times can be told."""
    last = work[FIRST] + (work[COUNT] - 1) * work[STRIDE]
    inside = work[0] != GATHER and work[FIRST] >= 0 and last < address[0]["bursts"] and work[STRIDE] >= 0
    return bool(inside and max(arrival, st["frontier"]) <= LATEST)


@flat_kernel
def _base_row(note: Any, memory: Any) -> int:
    return int(note[BASE] // memory[PERIOD] * memory[PERIOD_ROWS])


@flat_kernel
def _state_row(std: Any, st: Any, note: Any, memory: Any, arrival: int) -> int:
    """Row of the channel's state, -1 where there is no room."""
    at = memory[TOLD]
    live = memory[HEAD : HEAD + memory[LIVE]]
    base = _base_row(note, memory)
    age = told(std, st, live, base, arrival, memory[MARGIN], memory[at : at + memory[STATE_WORDS]])
    words = memory[at]
    place = place_of(memory, STATES, at, words)
    row = found(memory, STATES, place)
    if row < 0:
        row = put(memory, STATES, place, at, words + BEHIND_STATE)
    late_told(std, st, base, memory[at : at + memory[LATE_WORDS]])
    left = kept(memory, LATE, at, memory[LATE_WORDS])
    if row < 0 or left < 0:
        return -1
    behind = row_at(memory, STATES, row) + words
    memory[behind + AGE], memory[behind + LEFT] = age, left
    memory[behind + LOOKED] = matters_from(std, st) - st["frontier"]
    return row


@flat_kernel
def _phase_row(std: Any, st: Any, memory: Any, slot: int) -> int:
    """Row of how refreshes stand, seen from a slot; -2 where there is no room."""
    at, words = memory[TOLD], memory[PHASE_WORDS]
    phase_told(std, st, slot, memory[at : at + words])
    row = kept(memory, PHASES, at, words)
    return row if row >= 0 else NO_ROOM


@flat_kernel
def _ask(std: Any, st: Any, note: Any, memory: Any, work: Any, arrival: int) -> int:
    """Make the key of a step without refreshes; returns the slot that it is seen from."""
    key, end = memory[ASKED], st["frontier"]
    first = first_to_come(st, arrival, memory[MARGIN])
    behind = _behind(note, memory)
    far = first - end > memory[behind + AGE]
    since = arrival if far else end
    memory[key], memory[key + PHASE] = -1 - memory[behind + LEFT] if far else note[STANDS], CALM
    memory[key + 2] = FAR if far else max(arrival - end, memory[behind + LOOKED])
    memory[key + 3] = edge_told(std, since)
    memory[key + 4], memory[key + 5] = work[0], _first_told(note, memory, work)
    memory[key + 6], memory[key + 7], memory[key + 8] = work[STRIDE], work[COUNT], work[GAP]
    return int(since)


@flat_kernel
def _first_told(note: Any, memory: Any, work: Any) -> int:
    """Where a stream begins, seen from the base: of one that stays in a region, the first of the bursts that go round
    its banks alike."""
    first, region = work[FIRST] - note[BASE], memory[REGION]
    inside = work[FIRST] & (region - 1)
    if region > 0 and work[STRIDE] == 1 and inside + work[COUNT] <= region:
        first -= inside - (inside & (memory[LAP] - 1))
    return int(first)


@flat_kernel
def _step(std: Any, st: Any, memory: Any, since: int) -> int:
    """The row of the step that is asked for, -1 where there is none: one without refreshes, if it ends before the next,
    or one with refreshes that stand so."""
    key = memory[ASKED]
    if st["closing"] < 0:
        row = found(memory, STEPS, place_of(memory, STEPS, key, KEY))
        if row >= 0 and since + memory[row_at(memory, STEPS, row) + LENGTH] < st["refresh_due"]:
            return row
    memory[key + PHASE] = _phase_row(std, st, memory, since)
    return found(memory, STEPS, place_of(memory, STEPS, key, KEY))


@flat_kernel
def _learn(
    packed: Any,
    address: Any,
    state: Any,
    note: Any,
    memory: Any,
    work: Any,
    arrival: int,
    since: int,
    causes: Any,
    events: Any,
) -> int:
    """Serve a stream whose key `_step` has left, and keep what comes of it where there is room."""
    std, st = packed[0], state[0]
    closing, before = st["closing"], (st["refresh_due"], st["owed"], st["refreshes"])
    end = run_counted(packed, address, state, memory, work, arrival, causes, events)
    note[BASE] = work[FIRST] // memory[PERIOD] * memory[PERIOD]
    after = _state_row(std, st, note, memory, arrival)
    note[STANDS] = after + 1
    key, next_phase = memory[ASKED], CALM
    if closing < 0 and st["closing"] < 0 and before == (st["refresh_due"], st["owed"], st["refreshes"]):
        memory[key + PHASE] = CALM
    else:
        next_phase = _phase_row(std, st, memory, end)
    if after >= 0:
        note[CREDIT] += work[COUNT] // SERVED_A_LOST - memory[row_at(memory, STATES, after)] // WORDS_A_BURST
    if after >= 0 and min(memory[key + PHASE], next_phase) > NO_ROOM:
        place = place_of(memory, STEPS, key, KEY)
        if found(memory, STEPS, place) >= 0 or _keep(memory, place, after + 1, next_phase, end - since):
            return int(end)
    note[RESTS] = LATEST
    return int(end)


@flat_kernel
def _go(std: Any, st: Any, note: Any, memory: Any, step: Any, causes: Any, events: Any) -> int:
    """Take a step, of (row, the slot that it is seen from, first burst, bursts)."""
    row, since, first, count = step
    at = row_at(memory, STEPS, row)
    end = since + memory[at + LENGTH]
    add_costs(memory, at + COSTS, causes, events)
    note[STANDS], note[BEHIND] = memory[at + NEXT], OF_STATE
    note[BASE] = first // memory[PERIOD] * memory[PERIOD]
    note[CREDIT] = min(note[CREDIT] + count, BEGIN)
    st["frontier"] = end
    if memory[at + NEXT_PHASE] >= 0:
        phase = row_at(memory, PHASES, memory[at + NEXT_PHASE])
        restore_phase(std, st, end, memory[phase : phase + memory[PHASE_WORDS]])
    return int(end)
