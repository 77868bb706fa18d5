"""How a channel stands within a PIM program, told so that two states that go on alike have the same words.

Times are told relative to the slot that the controller is at. Of times that lie before all that is still compared with
them only the order matters, beside their causes: they are told by their rank, as times of the same parity that follow
one another. Those that lie before the slot at which their bus was last free hold nothing up any more, and are told as
never set. Rows have names (`row_names`); commands that wait are told relative to the entry at which the next part of
the program begins. What refreshes need stands apart: where none comes, nothing reads it.
"""

from typing import Any, Final

import numpy as np

from bankside.arch.dram.banks.state import NEVER
from bankside.arch.dram.channel.live import refreshed_told, restore_refreshed, window_nodes
from bankside.arch.dram.channel.pim.controller import MAX_DEPTH
from bankside.arch.dram.channel.pim.memory.row_names import NAMELESS, entry_named, named, row_of
from bankside.arch.dram.channel.pim.program import BANK
from bankside.arch.dram.channel.pim.window import FAR
from bankside.arch.dram.device.commands import N_COMMAND
from bankside.arch.dram.device.standard import OFF
from bankside.arch.jit import kernel

CANONICAL: Final = (
    "next", "bus_free", "row", "awake_until", "mode", "ring", "ring_at", "wait", "wait_cause",
)  # fmt: skip
"""Fields of STATE that `told` tells: all that the rest of a program reads of what came before."""

PHASE: Final = ("refresh_due", "closing", "refreshes", "refreshed", "owed", "refresh_multiplier")
"""Fields of STATE that `phase_told` tells: they matter where a refresh falls due."""

UNTOUCHED: Final = (
    "refresh_since", "waiting", "depth", "frontier", "columns", "column_slot", "row_bus_free", "window_bank",
    "window_row", "planned_row", "last_use", "pending", "opened_for", "pending_burst", "pending_after",
    "pending_floor", "pending_bound", "n_hit", "hit_at", "hit_banks", "wanted",
)  # fmt: skip
"""Fields of STATE that programs do not read while they run, or write before."""

WINDOW_CANONICAL: Final = (
    "order", "column", "fence", "n", "admitted", "within", "paced", "controller", "depth", "fence_slots", "lapse",
    "slice_row", "opening", "fences", "quiet", "next_precharge", "last_column", "begin", "mode", "data_end", "end",
    "rest",
)  # fmt: skip
"""Fields of WINDOW that `told` tells."""

WINDOW_PHASE: Final = ("waiting", "lapses")
"""Fields of WINDOW that `phase_told` tells."""

WINDOW_OTHER: Final = (
    "what", "target", "known", "hits", "start", "slice", "first", "hit", "look", "claimed", "held", "causes", "events",
    "last_command", "traced", "hurried",
)  # fmt: skip
"""Fields of WINDOW that follow from others, are written before they are read, count, or are the same in all states."""

FIXED, WINDOW_COUNT = 17, 8
"""Words before the times, and that of them which tells how many commands wait."""

OTHER_TIMES: Final = 5
"""Times beside those of rules and windows: paces, buses and the data clock."""

WAITING: Final = 3
"""Words of a command that waits: its entry, its row, and where in the program and in the entry it stands."""

ENTRY_BITS: Final = 21

LONG_PAST: Final = -(1 << 50)
"""A slot before which only `NEVER` lies."""

NO_BUS: Final = 2
"""In the place of a bus: those who look at a time have several, or do not look at a bus."""

MARGIN: Final = 8
"""Slots by which times have to be past, beyond those that a stopped data clock adds to them."""

PHASE_FIXED: Final = 7
"""Words of how refreshes stand before the banks that have been refreshed."""


@kernel
def told(
    std: Any,
    st: Any,
    w: Any,
    live: Any,
    buses: Any,
    bases: Any,
    at: int,
    ids: Any,
    program: Any,
    old: Any,
    out: Any,
) -> bool:
    """Write the canonical words of a channel within a program to `out`; whether all rows have names.

    live: int64[times], places of `next` that rules set; buses: int64[times + windows], the bus of all who look at these
    (`NO_BUS`: there are several); bases: what rows are told from; at: the entry at which the rest of the program
    begins; ids: int64[entries], what those of `program` are; old: int64[2, ...], room for past times.
    """
    slot = w["begin"]
    out[0], out[1], out[2], out[3] = w["controller"], w["depth"], w["fence_slots"], w["lapse"]
    out[4], out[5], out[6] = st["mode"], w["mode"], w["rest"]
    out[7], out[8], out[9], out[10] = slot & 1, w["n"], w["admitted"] - at, w["within"]
    out[11], out[12] = w["next_precharge"], w["fences"]
    out[13] = 0 if w["quiet"] <= slot else FAR if w["quiet"] >= FAR else w["quiet"] - slot
    out[14], out[15], out[16] = w["last_column"] - slot, w["data_end"] - slot, w["end"] - slot
    floor = min(slot, w["last_column"]) - std["wake"] - MARGIN
    n = _times_of(std, st, w, live, buses, floor, out)
    _seen_from(slot, floor, out[FIXED:n], old)
    slices, all_named = std["slices"], True
    for bank in range(std["banks"]):
        out[n] = named(st["row"][bank], w["slice"][bank] % slices, bases)
        waits = st["wait"][bank] > 0  # else nobody asks what for
        out[n + 1], out[n + 2] = st["wait"][bank] * waits, st["wait_cause"][bank] * waits
        all_named = all_named and out[n] != NAMELESS
        n += 3
    for s in range(slices * std["n_pseudo_channel"]):
        out[n], out[n + 1] = named(w["slice_row"][s], s % slices, bases), w["opening"][s]
        all_named = all_named and out[n] != NAMELESS
        n += 2
    return bool(_waiting_told(w, bases, at, ids, program, out[n:]) and all_named)


@kernel
def _waiting_told(w: Any, bases: Any, at: int, ids: Any, program: Any, out: Any) -> bool:
    """Write the commands of the window; whether all their rows have names."""
    all_named = True
    n = 0
    for k in range(w["start"], w["start"] + w["n"]):
        entry = w["order"][k]
        name = entry_named(program[entry], w["slice"][program[entry, BANK]], bases)
        all_named = all_named and name != NAMELESS
        out[n], out[n + 1] = ids[entry], name
        out[n + 2] = ((entry - at) << ENTRY_BITS) + 2 * w["column"][k] + w["fence"][k]
        n += WAITING
    for k in range(n, WAITING * MAX_DEPTH):
        out[k] = 0
    return all_named


@kernel
def _times_of(std: Any, st: Any, w: Any, live: Any, buses: Any, floor: int, out: Any) -> int:
    """Write all times, packed, from word `FIXED` on; returns the word behind them. A window's is that at which it lets
    the next go. Those up to `floor` that a bus was free after are `NEVER`."""
    n, spent = FIXED, np.empty(NO_BUS + 1, dtype=np.int64)
    spent[0], spent[1], spent[NO_BUS] = _spent(st, 0, floor), _spent(st, 1, floor), LONG_PAST
    out[n], out[n + 1] = w["paced"][0], w["paced"][1]
    out[n + 2], out[n + 3] = st["bus_free"][0], st["bus_free"][1]
    out[n + 4] = st["awake_until"] << 5
    n += OTHER_TIMES
    for k in range(live.shape[0]):
        node = live[k] // N_COMMAND
        when = st["next"][node, live[k] - node * N_COMMAND]
        out[n + k] = when if when >> 5 > spent[buses[k]] else NEVER
    n += live.shape[0]
    for v in range(std["n_window"]):
        count, by, never = std["window_count"][v], buses[live.shape[0] + v], NEVER + std["window_value"][v]
        for node in range(window_nodes(std, v)):
            base, first = std["window_base"][v] + node * count, st["ring_at"][v, node]
            for k in range(count):
                when = (st["ring"][base + (first + k) % count] << 5) + std["window_value"][v]
                out[n] = when if when >> 5 > spent[by] else never
                n += 1
    return int(n)


@kernel
def _spent(st: Any, bus: int, floor: int) -> int:
    """Latest slot up to `floor` that no command of a bus waits for any more: it waits for the bus itself."""
    return int(min(floor, (st["bus_free"][bus] >> 5) - MARGIN))


@kernel
def _seen_from(slot: int, floor: int, times: Any, old: Any) -> None:
    """Turn packed times into times relative to `slot`; those up to `floor` into their ranks before it."""
    past, rank, count = old[0], old[1], 0
    for k in range(times.shape[0]):
        when = times[k] >> 5
        if LONG_PAST < when <= floor:
            count = _insert(past, count, when)
    before = floor - slot
    for k in range(count - 1, -1, -1):
        before -= 1
        if (past[k] - slot - before) & 1:
            before -= 1
        rank[k] = before
    for k in range(times.shape[0]):
        when = times[k] >> 5
        if when > floor:
            times[k] -= slot << 5
        elif when > LONG_PAST:
            times[k] = (rank[_place(past, count, when)] << 5) + (times[k] & 31)


@kernel
def _place(past: Any, count: int, when: int) -> int:
    """The first of ascending numbers that is not below `when`."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if past[middle] < when:
            low = middle + 1
        else:
            high = middle
    return int(low)


@kernel
def _insert(past: Any, count: int, when: int) -> int:
    """Put a number among ascending ones, of which there are then so many, unless it is there."""
    place = _place(past, count, when)
    if place < count and past[place] == when:
        return count
    for k in range(count, place, -1):
        past[k] = past[k - 1]
    past[place] = when
    return count + 1


@kernel
def restore(std: Any, st: Any, w: Any, live: Any, bases: Any, at: int, words: Any) -> None:
    """Make the channel what canonical words say, from slot `begin` of the window on."""
    slot = w["begin"]
    st["mode"], w["mode"], w["rest"] = words[4], words[5], words[6]
    w["n"], w["admitted"], w["within"] = words[8], words[9] + at, words[10]
    w["next_precharge"], w["fences"] = words[11], words[12]
    w["quiet"] = words[13] if words[13] == 0 or words[13] == FAR else words[13] + slot
    w["last_column"], w["data_end"], w["end"] = words[14] + slot, words[15] + slot, words[16] + slot
    w["start"] = w["known"] = 0
    n = _restore_times(std, st, w, live, slot, words)
    for bank in range(std["banks"]):
        st["row"][bank] = row_of(words[n], w["slice"][bank] % std["slices"], bases)
        st["wait"][bank], st["wait_cause"][bank] = words[n + 1], words[n + 2]
        n += 3
    for s in range(std["slices"] * std["n_pseudo_channel"]):
        w["slice_row"][s], w["opening"][s] = row_of(words[n], s % std["slices"], bases), words[n + 1]
        n += 2
    for k in range(w["n"]):
        place = words[n + 2]
        w["order"][k] = (place >> ENTRY_BITS) + at
        w["column"][k], w["fence"][k] = (place & ((1 << ENTRY_BITS) - 1)) >> 1, place & 1
        n += WAITING


@kernel
def _restore_times(std: Any, st: Any, w: Any, live: Any, slot: int, words: Any) -> int:
    n = FIXED
    w["paced"][0], w["paced"][1] = _absolute(words[n], slot), _absolute(words[n + 1], slot)
    st["bus_free"][0], st["bus_free"][1] = _absolute(words[n + 2], slot), _absolute(words[n + 3], slot)
    st["awake_until"] = _absolute(words[n + 4], slot) >> 5
    n += OTHER_TIMES
    for k in range(live.shape[0]):
        node = live[k] // N_COMMAND
        st["next"][node, live[k] - node * N_COMMAND] = _absolute(words[n + k], slot)
    n += live.shape[0]
    for v in range(std["n_window"]):
        count = std["window_count"][v]
        for node in range(window_nodes(std, v)):
            st["ring_at"][v, node] = 0
            for k in range(count):
                when = _absolute(words[n], slot) - std["window_value"][v]
                st["ring"][std["window_base"][v] + node * count + k] = when >> 5
                n += 1
    return int(n)


@kernel
def _absolute(word: int, slot: int) -> int:
    return word + (slot << 5) if word >> 5 > LONG_PAST else word


@kernel
def phase_told(std: Any, st: Any, w: Any, out: Any) -> None:
    """Write how refreshes stand, seen from slot `begin` of the window, to `out`."""
    slot = w["begin"]
    out[0], out[1] = 0 if std["refresh_mode"] == OFF else st["refresh_due"] - slot, st["closing"]
    out[2], out[3] = st["refreshes"], st["owed"]
    out[4], out[5] = w["waiting"], w["lapses"] - slot if w["waiting"] else 0
    out[6] = st["refresh_multiplier"]
    refreshed_told(std, st, out[PHASE_FIXED:])


@kernel
def restore_phase(std: Any, st: Any, w: Any, words: Any) -> None:
    """Let refreshes stand as words say, seen from slot `begin` of the window."""
    slot = w["begin"]
    st["refresh_due"], st["closing"] = words[0] + slot, words[1]
    st["refreshes"], st["owed"] = words[2], words[3]
    w["waiting"], w["lapses"] = words[4], words[5] + slot
    restore_refreshed(std, st, words[PHASE_FIXED:])
