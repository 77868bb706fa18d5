"""PIM programs served from memory: parts that have been served from the same state of the channel are not served again.

A program is what stands between its loops, and the bodies of these. Each is cut into strides and longer parts
(`strides`), and so are the turns of a loop, of which all but the first and the last are the same. What is found does
not depend on refreshes that come after it, so a part without one is found under any of them.
"""

from typing import Any, Final

import numpy as np

from bankside.arch.dram.channel.costs import COUNTED
from bankside.arch.dram.channel.pim.controller import MAX_DEPTH
from bankside.arch.dram.channel.pim.memory.layout import (
    ENTRIES,
    PARTS,
    PHASES,
    STATES,
    STEPS,
    TOOK,
    is_crowded,
)
from bankside.arch.dram.channel.pim.memory.row_names import DATA, ROUND, STORED, STORES, stores
from bankside.arch.dram.channel.pim.memory.strides import (
    FAN,
    SHORTEST,
    behind,
    cut,
    entry_ids,
    longer_told,
    strides_told,
)
from bankside.arch.dram.channel.pim.memory.unrolled import AT, commands_of, placed, unrolled
from bankside.arch.dram.channel.pim.memory.walk import (
    COUNTS,
    CREDIT,
    FORGOT,
    FROM,
    KEEPS,
    LAGS,
    LEFT,
    LEVELS,
    MOST_CREDIT,
    NOW,
    SINCE,
    UNKNOWN,
    close,
    go_through,
    longest,
    note,
    put_right,
    reach_back,
    step_by,
    take,
)
from bankside.arch.dram.channel.pim.program import (
    BANK,
    COMMAND,
    COUNT,
    FIELDS,
    HEAD,
    LOOP_COUNT,
    LOOP_FIRST,
    LOOP_TIMES,
    LOOP_WORDS,
    LOOPS,
    RESULTS,
    ROW,
    ROWS,
)
from bankside.arch.dram.channel.pim.stretch import TO_ITS_END, serve_stretch
from bankside.arch.dram.channel.pim.window import own_banks
from bankside.arch.dram.channel.tables import emptied
from bankside.arch.dram.device.commands import WRA
from bankside.arch.jit import kernel

N_FIELD = len(FIELDS)

LEAST: Final = 2048
"""Commands of a program from which on memory is asked."""

TAIL: Final = 1024
"""Last commands, which are always served: what comes after a program may ask how long ago something was before its end,
and of what was remembered only the order of such times is kept."""

SEEN_AHEAD: Final = MAX_DEPTH + 2
"""Entries behind a part that may have come into the window when it ends, or that are asked for."""

TURN: Final = -64
"""A part that is a turn of a loop begins (`strides.BEGINS`), behind those of all levels of strides."""


@kernel
def serve_program(packed: Any, state: Any, window: Any, work: Any, memory: Any, trace: Any) -> int:
    """Serve a whole program, of which `work` has the words; returns the slot after its last command.

    memory: None, for which nothing of it is compiled, or empty where nothing is to be remembered.
    """
    std, st, w = packed[0], state[0], window[0]
    entries = HEAD + work[LOOPS] * LOOP_WORDS
    loops, program = work[HEAD:entries].reshape(-1, LOOP_WORDS), work[entries:].reshape(-1, N_FIELD)
    rows = work[ROWS] if work[ROWS] > 0 else std["rows"]
    w["admitted"] = w["within"] = 0
    if memory is not None:
        commands = commands_of(program, loops)
        if memory.shape[0] > 0 and commands >= LEAST and trace.shape[0] == 0:
            if is_crowded(memory, ENTRIES) or is_crowded(memory, PARTS):
                for table in (ENTRIES, PARTS, STATES, PHASES, TOOK, STEPS):
                    emptied(memory, table)
            bases = _begin(std, w, rows, work[RESULTS], program)
            keep = np.zeros(KEEPS, dtype=np.int64)
            keep[NOW], keep[CREDIT], keep[LEFT] = UNKNOWN, MOST_CREDIT, commands
            waits = _waits_set_aside(std, st, program)
            last = _serve_parts(packed, state, window, program, placed(program, loops), memory, bases, keep)
            _waits_put_back(st, waits)
            return int(last)
    if loops.shape[0] > 0:
        every = placed(program, loops)
        whole = np.empty((every[-1, AT], N_FIELD), dtype=np.int64)
        unrolled(program, every, 0, whole)
        program = whole
    return int(serve_stretch(packed, state, window, program, TO_ITS_END, trace))


@kernel
def _begin(std: Any, w: Any, rows: int, results: int, program: Any) -> Any:
    """What rows of a program are told from at its beginning, the first that each slice has."""
    bases = np.zeros(DATA + std["slices"], dtype=np.int64)
    bases[ROUND], bases[STORES], bases[STORED] = rows, results >= 0, max(0, results)
    for i in range(program.shape[0] - 1, -1, -1):
        if 0 <= program[i, ROW] < rows and not stores(program[i], bases):
            bases[DATA + w["slice"][program[i, BANK]]] = program[i, ROW]
    return bases


@kernel
def _waits_set_aside(std: Any, st: Any, program: Any) -> Any:
    """Take the waits of banks that a program neither notes nor asks for from the state: int64[banks, 3] tells whether a
    bank is such a one, and what there was. It notes those of banks that it opens, one by one or as first of a stage, of
    the first pseudo-channel."""
    waits = np.ones((std["banks"], 3), dtype=np.int64)
    for i in range(program.shape[0]):
        if program[i, COMMAND] <= WRA:
            waits[program[i, BANK], 0] = 0
    for i in range(0, own_banks(std), std["stage"]):
        waits[std["member"][i], 0] = 0
    for bank in range(std["banks"]):
        if waits[bank, 0] > 0:
            waits[bank, 1], waits[bank, 2] = st["wait"][bank], st["wait_cause"][bank]
            st["wait"][bank] = st["wait_cause"][bank] = 0
    return waits


@kernel
def _waits_put_back(st: Any, waits: Any) -> None:
    """Let the state have the waits again that were taken from it."""
    for bank in range(waits.shape[0]):
        if waits[bank, 0] > 0:
            st["wait"][bank], st["wait_cause"][bank] = waits[bank, 1], waits[bank, 2]


@kernel
def _serve_parts(
    packed: Any, state: Any, window: Any, program: Any, loops: Any, memory: Any, bases: Any, keep: Any
) -> int:
    """Serve what stands between loops, and loops (as of `placed`); returns the slot after the last command."""
    at, last = 0, 0
    for k in range(loops.shape[0]):
        if loops[k, AT] > at:
            last = _serve_part(packed, state, window, program, loops, memory, bases, keep, at, loops[k, AT])
        if loops[k, LOOP_COUNT] > 0:
            last = _serve_loop(packed, state, window, program, loops, memory, bases, keep, k)
        at = loops[k, AT] + loops[k, LOOP_COUNT] * loops[k, LOOP_TIMES]
    return int(last)


@kernel
def _seen(w: Any, program: Any, loops: Any, memory: Any, keep: Any, begin: int, end: int) -> Any:
    """Entries from `begin` to before `end` of the unrolled program, with those before them that still wait in the
    window, from which it counts then, and those behind them that may come into it."""
    first = begin - reach_back(w, memory, keep, begin - keep[FROM])
    seen = np.empty((min(loops[-1, AT], end + SEEN_AHEAD) - first, N_FIELD), dtype=np.int64)
    unrolled(program, loops, first, seen)
    if not keep[LAGS]:
        for k in range(w["start"], w["start"] + w["n"]):
            w["order"][k] -= first - keep[FROM]
        w["admitted"] -= first - keep[FROM]
    keep[FROM] = first
    return seen


@kernel
def _told(w: Any, seen: Any, memory: Any, bases: Any, keep: Any, first: int, last: int) -> Any:
    """What the entries `first` to before `last` of `seen` are: their ids, where strides begin, the parts of all levels
    and where these begin, without strides of the last commands of a program, and whether there was room for all: where
    not, it is not known what they are."""
    slice_of, own = w["slice"], 0
    for i in range(first, last):
        own += seen[i, COUNT]
    begins = np.empty((own // SHORTEST + 3, 1 + bases.shape[0]), dtype=np.int64)
    ids, placed = np.empty(seen.shape[0], dtype=np.int64), np.zeros(seen.shape[0], dtype=np.int64)
    strides = cut(seen, slice_of, bases.copy(), first, last, begins)
    room = entry_ids(seen, memory, slice_of, bases.copy(), first, ids, placed)
    bases[:] = begins[strides, 1:]
    keep[LEFT] -= own
    told, left = strides, keep[LEFT]
    while told > 0 and left < TAIL:
        for i in range(begins[told - 1, 0], begins[told, 0]):
            left += seen[i, COUNT]
        told -= 1
    levels = _levels(told)
    parts = np.empty(levels[LEVELS], dtype=np.int64)
    room = room and strides_told(seen, memory, w["depth"], ids, placed, begins, parts[: levels[1]])
    for level in range(1, LEVELS):
        shorter, own_parts = (
            parts[levels[level - 1] : levels[level]],
            parts[levels[level] : levels[level + 1]],
        )
        room = room and longer_told(memory, level, shorter, own_parts)
    if not room:
        keep[CREDIT] = 0
    return ids, begins[: strides + 1], parts, levels, room


@kernel
def _levels(count: int) -> Any:
    """Where the parts of each level begin, one level behind the other: int64[LEVELS + 1]."""
    levels = np.zeros(LEVELS + 1, dtype=np.int64)
    for level in range(LEVELS):
        levels[level + 1] = levels[level] + count
        count //= FAN
    return levels


@kernel
def _serve_part(
    packed: Any,
    state: Any,
    window: Any,
    program: Any,
    loops: Any,
    memory: Any,
    bases: Any,
    keep: Any,
    begin: int,
    end: int,
) -> int:
    """Serve entries from `begin` to before `end` of the unrolled program; returns the slot after the last command, if
    it ends there."""
    std, st, w = packed[0], state[0], window[0]
    seen = _seen(w, program, loops, memory, keep, begin, end)
    first, last = begin - keep[FROM], end - keep[FROM]
    stop, nothing = TO_ITS_END if last == seen.shape[0] else last, np.empty((0, 5), np.int64)
    if keep[CREDIT] == 0 and not keep[LAGS]:
        keep[NOW] = UNKNOWN
        return int(serve_stretch(packed, state, window, seen, stop, nothing))
    ids, begins, parts, levels, room = _told(w, seen, memory, bases, keep, first, last)
    served = 0
    if room:
        go_through(packed, state, window, seen, memory, ids, begins, parts, levels, keep)
        served = levels[1]
        if served == begins.shape[0] - 1:
            return 0
    put_right(std, st, w, memory, begins[served], keep)
    keep[NOW], keep[CREDIT] = UNKNOWN, 0
    return int(serve_stretch(packed, state, window, seen, stop, nothing))


@kernel
def _serve_loop(
    packed: Any,
    state: Any,
    window: Any,
    program: Any,
    loops: Any,
    memory: Any,
    bases: Any,
    keep: Any,
    k: int,
) -> int:
    """Serve a loop of the unrolled program, as `_serve_part`. All turns but the first
    and the last, or as many as have some of the program's last commands, are alike: the second is told for all."""
    std, st, w, begin = packed[0], state[0], window[0], loops[k, AT]
    body, times, own_commands = loops[k, LOOP_COUNT], loops[k, LOOP_TIMES], 0
    for i in range(loops[k, LOOP_FIRST], loops[k, LOOP_FIRST] + body):
        own_commands += program[i, COUNT]
    behind_last = keep[LEFT] - (times - 1) * own_commands
    alike = times - 2 - max(0, -(-(TAIL - behind_last) // own_commands))
    if alike < 2 or bases[STORES] or keep[CREDIT] == 0:
        last = 0
        for turn in range(times):
            at = begin + turn * body
            last = _serve_part(packed, state, window, program, loops, memory, bases, keep, at, at + body)
        return last
    _serve_part(packed, state, window, program, loops, memory, bases, keep, begin, begin + body)
    at, left, stood = begin + body, keep[LEFT], bases.copy()
    seen = _seen(w, program, loops, memory, keep, at, at + body)
    first = at - keep[FROM]
    ids, begins, parts, levels, room = _told(w, seen, memory, bases, keep, first, first + body)
    if not room:
        bases[:], keep[LEFT], last = stood, left, 0
        for turn in range(1, times):
            here = begin + turn * body
            last = _serve_part(packed, state, window, program, loops, memory, bases, keep, here, here + body)
        return last
    keep[LEFT] = left - alike * (left - keep[LEFT])
    part = TURN
    for j in range(levels[1]):
        part = behind(memory, part, parts[j])
    if part < 0:
        keep[CREDIT] = 0
    turn_levels = _levels(alike)
    turns = np.empty(turn_levels[LEVELS], dtype=np.int64)
    turns[: turn_levels[1]] = part
    for level in range(1, LEVELS):
        shorter = turns[turn_levels[level - 1] : turn_levels[level]]
        if not longer_told(memory, level - TURN, shorter, turns[turn_levels[level] : turn_levels[level + 1]]):
            keep[CREDIT] = 0
    noted = np.zeros((LEVELS, COUNTS + COUNTED), dtype=np.int64)
    noted[:, SINCE] = -1
    turn = 0
    while turn < alike:
        (size, level), step = longest(turn, alike), -1
        while keep[NOW] >= 0 and keep[CREDIT] > 0:
            step = step_by(std, st, w, memory, keep[NOW], turns[turn_levels[level] + turn // size])
            if step >= 0:
                break
            note(std, st, w, memory, noted[level], keep)
            if level == 0:
                break
            size, level = size // FAN, level - 1
        if step >= 0:
            take(std, st, w, memory, step, keep)
        else:
            size, here = 1, at + turn * body
            seen = _seen(w, program, loops, memory, keep, here, here + body)
            own = here - keep[FROM]
            as_ids, known = (
                np.zeros(seen.shape[0], dtype=np.int64),
                min(seen.shape[0] - own, ids.shape[0] - first),
            )
            entry_ids(seen[:own], memory, w["slice"], bases, own, as_ids[:own], as_ids[:own])
            as_ids[own : own + known] = ids[first : first + known]
            as_begins = begins.copy()
            as_begins[:, 0] += own - first
            forgot = keep[FORGOT]
            go_through(packed, state, window, seen, memory, as_ids, as_begins, parts, levels, keep)
            if forgot != keep[FORGOT] or keep[NOW] < 0:
                noted[:, SINCE] = -1
        turn += size
        close(std, st, w, memory, noted, turns, turn_levels, turn, keep)
    last = 0
    for turn in range(1 + alike, times):
        here = begin + turn * body
        last = _serve_part(packed, state, window, program, loops, memory, bases, keep, here, here + body)
    return last
