"""PIM programs served from memory: parts that have been served from the same state of the channel are not served again.

A program is cut into strides and longer parts (`strides`). While parts are found, how the channel stands is a number, a
row of the memory's states; the channel is made what it says when a stride has to be served. What is found does not
depend on refreshes that come after it, so a part without one is found under any of them.
"""

from typing import Any, Final

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.channel.pim.memory.canonical import phase_told, restore, restore_phase, told
from bankside.arch.dram.channel.pim.memory.layout import (
    ASKED,
    COSTS,
    COUNTED,
    ENTRIES,
    KEY,
    LENGTH,
    LIVE,
    LIVE_END,
    NEXT,
    NEXT_PHASE,
    PART,
    PARTS,
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
    is_crowded,
)
from bankside.arch.dram.channel.pim.memory.row_names import DATA, ROUND, STORED, STORES, stores
from bankside.arch.dram.channel.pim.memory.strides import (
    FAN,
    PLACED,
    SHORTEST,
    cut,
    entry_ids,
    longer_told,
    strides_told,
)
from bankside.arch.dram.channel.pim.program import BANK, COUNT, FIELDS, HEAD, RESULTS, ROW, ROWS
from bankside.arch.dram.channel.pim.stretch import TO_ITS_END, serve_stretch
from bankside.arch.dram.channel.tables import emptied, found, kept, place_of, put, row_at
from bankside.arch.events import N_EVENT
from bankside.arch.jit import kernel

N_FIELD = len(FIELDS)

LEAST: Final = 2048
"""Commands of a program from which on memory is asked."""

CREDIT: Final = 1 << 10
"""Strides that may be served without being found before a program is served without its memory; each found makes up for
one."""

TAIL: Final = 1024
"""Last commands, which are always served: what comes after a program may ask how long ago something was before its end,
and of what was remembered only the order of such times is kept."""

LEVELS: Final = 8
"""Lengths of parts, each FAN times as long as the one before."""

CALM: Final = -1
"""In the place of how refreshes stand: none has come."""

NO_ROOM: Final = -2

FULL, UNNAMED = -1, -3
"""In the place of a state: there is no room for it, or some row of it has no name."""

(SINCE, STOOD, REFRESHED, TOUCHED, COUNTS) = range(5)
"""What is noted where a part begins: the slot, the row of the state and how refreshes stand, parts so far into which a
refresh fell; slots by cause and events so far."""


@kernel
def serve_program(packed: Any, state: Any, window: Any, work: Any, memory: Any, trace: Any) -> int:
    """Serve a whole program, of which `work` has the words; returns the slot after its last command.

    memory: empty where nothing is to be remembered.
    """
    w, program = window[0], work[HEAD:].reshape(-1, N_FIELD)
    w["admitted"] = w["within"] = 0
    commands = 0
    for i in range(program.shape[0]):
        commands += program[i, COUNT]
    if memory.shape[0] > 0 and commands >= LEAST and trace.shape[0] == 0:
        _serve_parts(packed, state, window, work, program, memory, commands)
    return int(serve_stretch(packed, state, window, program, TO_ITS_END, trace))


@kernel
def _begin(std: Any, w: Any, work: Any, program: Any) -> Any:
    """What rows of a program are told from at its beginning, the first that each slice has."""
    bases = np.zeros(DATA + std["slices"], dtype=np.int64)
    bases[ROUND] = work[ROWS] if work[ROWS] > 0 else std["rows"]
    bases[STORES], bases[STORED] = work[RESULTS] >= 0, max(0, work[RESULTS])
    for i in range(program.shape[0] - 1, -1, -1):
        if 0 <= program[i, ROW] < bases[ROUND] and not stores(program[i], bases):
            bases[DATA + w["slice"][program[i, BANK]]] = program[i, ROW]
    return bases


@kernel
def _serve_parts(
    packed: Any, state: Any, window: Any, work: Any, program: Any, memory: Any, commands: int
) -> None:
    """Serve strides of a program as long as there is room in the memory, up to those of its last commands."""
    n = program.shape[0]
    if is_crowded(memory, ENTRIES) or is_crowded(memory, PARTS):
        for table in (ENTRIES, PARTS, STATES, PHASES, STEPS):
            emptied(memory, table)
    bases, slice_of = _begin(packed[0], window[0], work, program), window[0]["slice"]
    begins = np.empty((commands // SHORTEST + 3, 1 + bases.shape[0]), dtype=np.int64)
    ids, placed = np.empty(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    strides = cut(program, slice_of, bases.copy(), begins)
    if not entry_ids(program, memory, slice_of, bases, ids, placed):
        return
    left = 0
    while strides > 0 and left < TAIL:
        for i in range(begins[strides - 1, 0], begins[strides, 0]):
            left += program[i, COUNT]
        strides -= 1
    first = np.zeros(LEVELS + 1, dtype=np.int64)
    many = strides
    for level in range(LEVELS):
        first[level + 1] = first[level] + many
        many //= FAN
    parts = np.empty(first[LEVELS], dtype=np.int64)
    if not strides_told(program, memory, window[0]["depth"], ids, placed, begins, parts[: first[1]]):
        return
    for level in range(1, LEVELS):
        shorter, own = parts[first[level - 1] : first[level]], parts[first[level] : first[level + 1]]
        if not longer_told(memory, level, shorter, own):
            return
    _go_through(packed, state, window, program, memory, ids, begins, parts, first)


@kernel
def _go_through(
    packed: Any,
    state: Any,
    window: Any,
    program: Any,
    memory: Any,
    ids: Any,
    begins: Any,
    parts: Any,
    first: Any,
) -> None:
    """Serve the parts of a program, the longest that are known; first: int64[levels + 1], where those of each level
    begin."""
    std, st, w = packed[0], state[0], window[0]
    count = first[1]
    noted = np.zeros((LEVELS, COUNTS + COUNTED), dtype=np.int64)
    noted[:, SINCE] = -1
    behind, touched, p, credit, nothing = False, 0, 0, CREDIT, np.empty((0, 5), np.int64)
    stands = _state_row(std, st, w, memory, begins[0], ids, program)
    while p < count:
        if stands == FULL:
            noted[:, SINCE] = -1
            _forget(memory)
            stands = _state_row(std, st, w, memory, begins[p], ids, program)
        if stands < 0 or parts[p] == PLACED:
            if behind:
                _put_right(std, st, w, memory, begins[p], stands)
                behind = False
            noted[:, SINCE] = -1
            serve_stretch(packed, state, window, program, begins[p + 1, 0], nothing)
            p += 1
            stands = _state_row(std, st, w, memory, begins[p], ids, program)
            continue
        size, level, step = 1, 0, -1
        while level + 1 < LEVELS and p % (size * FAN) == 0 and p + size * FAN <= count:
            size, level = size * FAN, level + 1
        while True:
            part = parts[first[level] + p // size]
            step = _step(std, st, w, memory, stands, part) if part != PLACED else -1
            if step >= 0 or level == 0:
                break
            if part != PLACED:
                _note(std, st, w, memory, noted[level], stands, touched)
            size, level = size // FAN, level - 1
        if step >= 0:
            touched += _take(std, st, w, memory, step)
            stands, behind, credit = memory[step + NEXT], True, min(CREDIT, credit + size)
        elif credit == 0:
            break
        else:
            credit -= 1
            if behind:
                _put_right(std, st, w, memory, begins[p], stands)
                behind = False
            _note(std, st, w, memory, noted[0], stands, touched)
            touched += not _calm(packed, state, window, program, begins[p + 1, 0])
            stands = _state_row(std, st, w, memory, begins[p + 1], ids, program)
        p += size
        size, level = 1, 0
        while level < LEVELS and p % size == 0 and stands >= 0:
            if noted[level, SINCE] >= 0:
                part = parts[first[level] + p // size - 1]
                _keep(std, st, w, memory, noted[level], part, stands, touched)
            size, level = size * FAN, level + 1
    if behind:
        _put_right(std, st, w, memory, begins[p], stands)


@kernel
def _put_right(std: Any, st: Any, w: Any, memory: Any, begin: Any, stands: int) -> None:
    """Make the channel what memory says that it is, where a stride begins."""
    words, live = row_at(memory, STATES, stands), memory[memory[LIVE] : memory[LIVE_END]]
    restore(std, st, w, live, begin[1:], begin[0], memory[words : words + memory[STATE_WORDS]])


@kernel
def _forget(memory: Any) -> None:
    """Begin anew where there is no room for a further state."""
    for table in (STATES, PHASES, STEPS):
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
def _state_row(std: Any, st: Any, w: Any, memory: Any, begin: Any, ids: Any, program: Any) -> int:
    """Row of the channel's state where a stride begins, FULL or UNNAMED."""
    at, words, past = memory[TOLD], memory[STATE_WORDS], memory[PAST]
    old = memory[past : memory[PAST_END]].reshape(2, -1)
    live = memory[memory[LIVE] : memory[LIVE_END]]
    if not told(std, st, w, live, begin[1:], begin[0], ids, program, old, memory[at : at + words]):
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
def _step(std: Any, st: Any, w: Any, memory: Any, stands: int, part: int) -> int:
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
def _note(std: Any, st: Any, w: Any, memory: Any, noted: Any, stands: int, touched: int) -> None:
    """Note how all stands where a part begins."""
    noted[SINCE], noted[STOOD], noted[REFRESHED] = w["begin"], stands, _phase_row(std, st, w, memory)
    noted[TOUCHED] = touched
    for c in range(N_CAUSE):
        noted[COUNTS + c] = w["causes"][c]
    for e in range(N_EVENT):
        noted[COUNTS + N_CAUSE + e] = w["events"][e]


@kernel
def _keep(
    std: Any, st: Any, w: Any, memory: Any, noted: Any, part: int, stands: int, touched: int
) -> None:  # fmt: skip
    """Keep what a part came to since it was noted, where there is room."""
    since, phase, next_phase = noted[SINCE], CALM, CALM
    noted[SINCE] = -1
    if touched != noted[TOUCHED]:
        phase, next_phase = noted[REFRESHED], _phase_row(std, st, w, memory)
        if phase == NO_ROOM or next_phase == NO_ROOM:
            return
    key = memory[ASKED]
    memory[key + STANDS], memory[key + PHASE], memory[key + PART] = noted[STOOD], phase, part
    place = place_of(memory, STEPS, key, KEY)
    if found(memory, STEPS, place) >= 0:
        return
    row = put(memory, STEPS, place, key, KEY)
    if row < 0:
        return
    at = row_at(memory, STEPS, row)
    memory[at + NEXT], memory[at + NEXT_PHASE], memory[at + LENGTH] = stands, next_phase, w["begin"] - since
    for c in range(N_CAUSE):
        memory[at + COSTS + c] = w["causes"][c] - noted[COUNTS + c]
    for e in range(N_EVENT):
        memory[at + COSTS + N_CAUSE + e] = w["events"][e] - noted[COUNTS + N_CAUSE + e]


@kernel
def _take(std: Any, st: Any, w: Any, memory: Any, step: int) -> int:
    """Take the step that begins at a word; returns how many refreshes it may have met, 0 or 1."""
    w["begin"] += memory[step + LENGTH]
    for c in range(N_CAUSE):
        w["causes"][c] += memory[step + COSTS + c]
    for e in range(N_EVENT):
        w["events"][e] += memory[step + COSTS + N_CAUSE + e]
    if memory[step + PHASE] == CALM:
        return 0
    at = row_at(memory, PHASES, memory[step + NEXT_PHASE])
    restore_phase(std, st, w, memory[at : at + memory[PHASE_WORDS]])
    return 1
