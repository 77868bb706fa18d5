"""The parts of a program one after the other: those that are known are taken, the others served and kept.

How the channel stands is a number while parts are known, a row of the memory's states; the channel is made what it says
when a stride has to be served.
"""

from typing import Any, Final

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.channel.costs import COUNTED, add_costs, keep_costs
from bankside.arch.dram.channel.pim.controller import MAX_DEPTH
from bankside.arch.dram.channel.pim.memory.canonical import (
    ENTRY_BITS,
    WAITING,
    WINDOW_COUNT,
    phase_told,
    restore,
    restore_phase,
    told,
)
from bankside.arch.dram.channel.pim.memory.layout import (
    ASKED,
    BUSES,
    BUSES_END,
    COSTS,
    KEY,
    LENGTH,
    LIVE,
    LIVE_END,
    NEXT,
    NEXT_PHASE,
    PART,
    PAST,
    PAST_END,
    PHASE,
    PHASE_WORDS,
    PHASES,
    STANDS,
    STATE_WORDS,
    STATES,
    STEPS,
    TOLD,
    TOOK,
)
from bankside.arch.dram.channel.pim.memory.strides import FAN, PLACED, behind, known_behind
from bankside.arch.dram.channel.pim.memory.strides import NO_ROOM as NO_PART
from bankside.arch.dram.channel.pim.stretch import serve_stretch
from bankside.arch.dram.channel.tables import (
    COUNT,
    ROOM,
    emptied,
    found,
    is_full,
    kept,
    place_of,
    put,
    row_at,
)
from bankside.arch.events import N_EVENT
from bankside.arch.jit import kernel

LEVELS: Final = 8
"""Lengths of parts, each FAN times as long as the one before."""

(NOW, LAGS, TOUCHES, FORGOT, CREDIT, FROM, LEFT) = range(7)
"""How all stands: the row of the channel's state, whether the channel is not yet what that says, parts so far into
which a refresh fell, how often memory began anew, strides that may still be served without being found, the entry that
the window counts from, and commands that are left behind what is gone through."""

KEEPS: Final = LEFT + 1

MOST_CREDIT: Final = 1 << 12
"""Strides that may be served without being found before a program is served without its memory; each found makes up for
one."""

CALM: Final = -1
"""In the place of how refreshes stand: none has come."""

NO_ROOM: Final = -2

FULL, UNNAMED, UNKNOWN = -1, -3, -4
"""In the place of a state: there is no room for it or for steps, some row of it has no name, or nobody has looked."""

REST: Final = -128
"""All that is left of a program begins (`strides.BEGINS`), behind turns of loops of all levels."""

(SINCE, STOOD, REFRESHED, TOUCHED, COUNTS) = range(5)
"""What is noted where a part begins: the slot, the row of the state and how refreshes stand, parts so far into which a
refresh fell; slots by cause and events so far."""


@kernel
def go_through(
    packed: Any,
    state: Any,
    window: Any,
    program: Any,
    memory: Any,
    ids: Any,
    begins: Any,
    parts: Any,
    first: Any,
    keep: Any,
) -> None:
    """Serve the parts of a program, the longest that are known.

    ids: int64[entries]; begins: int64[strides + 1, 1 + bases]; parts: those of each level one after the other, of which
    first, int64[levels + 1], tells where they begin; keep: int64[KEEPS], how all stands.
    """
    std, st, w = packed[0], state[0], window[0]
    count, p, nothing = first[1], 0, np.empty((0, 5), np.int64)
    noted = np.zeros((LEVELS + 1, COUNTS + COUNTED), dtype=np.int64)  # the last is of all that is left
    noted[:, SINCE] = -1
    if keep[NOW] < 0:
        keep[NOW] = state_row(std, st, w, memory, begins[0], ids, program)
    while p < count:
        if keep[NOW] == FULL:
            noted[:, SINCE] = -1
            forget(memory)
            keep[FORGOT] += 1
            keep[NOW] = state_row(std, st, w, memory, begins[p], ids, program)
        if keep[CREDIT] == 0 and keep[NOW] >= 0:
            rest = rest_told(memory, parts, first, p, True)
            step = step_by(std, st, w, memory, keep[NOW], rest) if rest >= 0 else -1
            if step >= 0:
                take(std, st, w, memory, step, keep)
                return
            if rest >= 0 and not steps_full(memory):
                put_right(std, st, w, memory, begins[p], keep)
                note(std, st, w, memory, noted[LEVELS], keep)
                serve_stretch(packed, state, window, program, begins[count, 0], nothing)
                keep[TOUCHES] += 1  # whether a refresh fell into it nobody has looked
                keep[NOW] = state_row(std, st, w, memory, begins[count], ids, program)
                if keep[NOW] >= 0:
                    _keep(std, st, w, memory, noted[LEVELS], rest, keep)
                return
        if keep[NOW] < 0 or parts[p] == PLACED or keep[CREDIT] == 0:
            put_right(std, st, w, memory, begins[p], keep)
            noted[:, SINCE] = -1
            if keep[CREDIT] == 0:
                serve_stretch(packed, state, window, program, begins[count, 0], nothing)
                keep[NOW] = UNKNOWN
                return
            serve_stretch(packed, state, window, program, begins[p + 1, 0], nothing)
            p += 1
            keep[NOW] = state_row(std, st, w, memory, begins[p], ids, program)
            continue
        size, level = longest(p, count)
        while True:
            part = parts[first[level] + p // size]
            step = step_by(std, st, w, memory, keep[NOW], part) if part != PLACED else -1
            if step >= 0 or level == 0:
                break
            if part != PLACED:
                note(std, st, w, memory, noted[level], keep)
            size, level = size // FAN, level - 1
        if step < 0 and keep[LAGS]:
            rest = rest_told(memory, parts, first, p, False)
            step = step_by(std, st, w, memory, keep[NOW], rest) if rest >= 0 else -1
            if step >= 0:
                take(std, st, w, memory, step, keep)
                return
        if step >= 0:
            take(std, st, w, memory, step, keep)
            keep[CREDIT] = min(MOST_CREDIT, keep[CREDIT] + size)
        elif steps_full(memory):
            put_right(std, st, w, memory, begins[p], keep)
            keep[NOW] = FULL
            continue
        else:
            put_right(std, st, w, memory, begins[p], keep)
            keep[CREDIT] -= 1
            note(std, st, w, memory, noted[0], keep)
            keep[TOUCHES] += not _calm(packed, state, window, program, begins[p + 1, 0])
            keep[NOW] = state_row(std, st, w, memory, begins[p + 1], ids, program)
        p += size
        close(std, st, w, memory, noted, parts, first, p, keep)


@kernel
def rest_told(memory: Any, parts: Any, first: Any, p: int, new: bool) -> int:
    """The part that all from stride `p` on make, the longest one after the other, as of `go_through`; PLACED where it
    is like no other, NO_PART where there is no room for it, or none such is known and none `new` is to be."""
    count, part = first[1], REST
    while p < count:
        size, level = longest(p, count)
        shorter = parts[first[level] + p // size]
        if shorter == PLACED:
            return PLACED
        part = behind(memory, part, shorter) if new else known_behind(memory, part, shorter)
        if part == NO_PART:
            return NO_PART
        p += size
    return part


@kernel
def longest(p: int, count: int) -> tuple[int, int]:
    """Strides of the longest part that begins with stride `p` of so many, and its level."""
    size, level = 1, 0
    while level + 1 < LEVELS and p % (size * FAN) == 0 and p + size * FAN <= count:
        size, level = size * FAN, level + 1
    return size, level


@kernel
def steps_full(memory: Any) -> bool:
    """Whether there is no room for a further step."""
    left = memory[TOOK + ROOM] - memory[TOOK + COUNT]
    return bool(is_full(memory, STEPS) or is_full(memory, PHASES) or left <= COUNTED)


@kernel
def close(
    std: Any, st: Any, w: Any, memory: Any, noted: Any, parts: Any, first: Any, p: int, keep: Any
) -> None:
    """Keep the parts that have been gone through when `p` of the first level have."""
    size, level = 1, 0
    while level < LEVELS and p % size == 0 and keep[NOW] >= 0:
        if noted[level, SINCE] >= 0:
            _keep(std, st, w, memory, noted[level], parts[first[level] + p // size - 1], keep)
        size, level = size * FAN, level + 1


@kernel
def put_right(std: Any, st: Any, w: Any, memory: Any, begin: Any, keep: Any) -> None:
    """Make the channel what memory says that it is, where a stride begins."""
    if keep[LAGS]:
        words, live = row_at(memory, STATES, keep[NOW]), memory[memory[LIVE] : memory[LIVE_END]]
        restore(std, st, w, live, begin[1:], begin[0], memory[words : words + memory[STATE_WORDS]])
        keep[LAGS] = 0


@kernel
def reach_back(w: Any, memory: Any, keep: Any, at: int) -> int:
    """Entries before entry `at` of a program, where a part begins, of which some still wait in the window."""
    if keep[LAGS]:
        words = row_at(memory, STATES, keep[NOW])
        place = memory[words + memory[STATE_WORDS] - WAITING * MAX_DEPTH + WAITING - 1]
        return int(max(0, -(place >> ENTRY_BITS))) if memory[words + WINDOW_COUNT] > 0 else 0
    return int(max(0, at - w["order"][w["start"]])) if w["n"] > 0 else 0


@kernel
def forget(memory: Any) -> None:
    """Begin anew where there is no room for a further state or step."""
    for table in (STATES, PHASES, TOOK, STEPS):
        emptied(memory, table)


@kernel
def _calm(packed: Any, state: Any, window: Any, program: Any, stop: int) -> bool:
    """Serve a stride; whether that no refresh fell into it, and none has hurried it."""
    st, w = state[0], window[0]
    due, owed, waiting, hurried = st["refresh_due"], st["owed"], w["waiting"], w["hurried"]
    serve_stretch(packed, state, window, program, stop, np.empty((0, 5), np.int64))
    same = due == st["refresh_due"] and owed == st["owed"] and hurried == w["hurried"]
    return bool(same and waiting == 0 and w["waiting"] == 0 and due > w["begin"])


@kernel
def state_row(std: Any, st: Any, w: Any, memory: Any, begin: Any, ids: Any, program: Any) -> int:
    """Row of the channel's state where a stride begins, FULL or UNNAMED."""
    at, words, past = memory[TOLD], memory[STATE_WORDS], memory[PAST]
    old = memory[past : memory[PAST_END]].reshape(2, -1)
    live, buses = memory[memory[LIVE] : memory[LIVE_END]], memory[memory[BUSES] : memory[BUSES_END]]
    if not told(std, st, w, live, buses, begin[1:], begin[0], ids, program, old, memory[at : at + words]):
        return UNNAMED
    return kept(memory, STATES, at, words)


@kernel
def _phase_row(std: Any, st: Any, w: Any, memory: Any) -> int:
    """Row of how refreshes stand; NO_ROOM where there is none for it."""
    at, words = memory[TOLD], memory[PHASE_WORDS]
    phase_told(std, st, w, memory[at : at + words])
    row = kept(memory, PHASES, at, words)
    return row if row >= 0 else NO_ROOM


@kernel
def step_by(std: Any, st: Any, w: Any, memory: Any, stands: int, part: int) -> int:
    """Where the step by a part begins, -1 where it is not known: one without refreshes, if it ends before the next, or
    one with refreshes that stand so."""
    key = memory[ASKED]
    memory[key + STANDS], memory[key + PHASE], memory[key + PART] = stands, CALM, part
    if w["waiting"] == 0:
        row = found(memory, STEPS, place_of(memory, STEPS, key, KEY))
        if row >= 0:
            at = row_at(memory, STEPS, row)
            if w["begin"] + memory[at + LENGTH] < st["refresh_due"]:
                return at
    memory[key + PHASE] = _phase_row(std, st, w, memory)
    row = found(memory, STEPS, place_of(memory, STEPS, key, KEY))
    return row_at(memory, STEPS, row) if row >= 0 else -1


@kernel
def note(std: Any, st: Any, w: Any, memory: Any, noted: Any, keep: Any) -> None:
    """Note how all stands where a part begins."""
    noted[SINCE], noted[STOOD], noted[REFRESHED] = w["begin"], keep[NOW], _phase_row(std, st, w, memory)
    noted[TOUCHED] = keep[TOUCHES]
    for c in range(N_CAUSE):
        noted[COUNTS + c] = w["causes"][c]
    for e in range(N_EVENT):
        noted[COUNTS + N_CAUSE + e] = w["events"][e]


@kernel
def _keep(std: Any, st: Any, w: Any, memory: Any, noted: Any, part: int, keep: Any) -> None:
    """Keep what a part came to since it was noted, where there is room."""
    since, phase, next_phase = noted[SINCE], CALM, CALM
    noted[SINCE] = -1
    if keep[TOUCHES] != noted[TOUCHED]:
        phase, next_phase = noted[REFRESHED], _phase_row(std, st, w, memory)
        if phase == NO_ROOM or next_phase == NO_ROOM:
            return
    key, taken = memory[ASKED], _taken(w, memory, noted)
    memory[key + STANDS], memory[key + PHASE], memory[key + PART] = noted[STOOD], phase, part
    place = place_of(memory, STEPS, key, KEY)
    if taken < 0 or found(memory, STEPS, place) >= 0:
        return
    row = put(memory, STEPS, place, key, KEY)
    if row < 0:
        return
    at = row_at(memory, STEPS, row)
    memory[at + NEXT], memory[at + NEXT_PHASE] = keep[NOW], next_phase
    memory[at + LENGTH], memory[at + COSTS] = w["begin"] - since, taken


@kernel
def _taken(w: Any, memory: Any, noted: Any) -> int:
    """Row of what a part took since it was noted; -1 where there is no room."""
    key, took = memory[ASKED], noted[COUNTS : COUNTS + COUNTED]
    for c in range(COUNTED):
        took[c] = (w["causes"][c] if c < N_CAUSE else w["events"][c - N_CAUSE]) - took[c]
    keep_costs(memory, key, took)
    return kept(memory, TOOK, key, 1 + memory[key])


@kernel
def take(std: Any, st: Any, w: Any, memory: Any, step: int, keep: Any) -> None:
    """Take the step that begins at a word."""
    w["begin"] += memory[step + LENGTH]
    add_costs(memory, row_at(memory, TOOK, memory[step + COSTS]), w["causes"], w["events"])
    keep[NOW], keep[LAGS] = memory[step + NEXT], 1
    if memory[step + PHASE] == CALM:
        return
    at = row_at(memory, PHASES, memory[step + NEXT_PHASE])
    restore_phase(std, st, w, memory[at : at + memory[PHASE_WORDS]])
    keep[TOUCHES] += 1
