"""Streams that come so late that no time matters any more: they find what the rows that they need make of them alone.

A step of such a stream says how long it takes and how long after it times matter. What becomes of the banks is not
kept: their rows are those of its last bursts, and where a stream comes before all times have gone by, the one before it
is served after all, from the same rows. Banks are told from each other by how they lie to one another: which of them a
stream begins at makes no difference, nor do their columns.
"""

from typing import Any, Final

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.state import CLOSED
from bankside.arch.dram.channel.in_order.memory.canonical import age_of, edge_told, first_to_come
from bankside.arch.dram.channel.in_order.memory.layout import (
    ASKED,
    COUNTED,
    HEAD,
    LAP,
    LAP_BANKS,
    LAP_MASK,
    LATE_AGE,
    LATE_COSTS,
    LATE_KEY,
    LATE_LENGTH,
    LATE_STEPS,
    LIVE,
    MARGIN,
    NEEDS,
    NEEDS_A_WORD,
    PERIOD,
    REGION,
    ROWS_NEEDED,
    TOOK,
)
from bankside.arch.dram.channel.in_order.stream import run_source
from bankside.arch.dram.channel.source import COUNT, FIRST, GAP, STRIDE
from bankside.arch.dram.channel.tables import found, place_of, put, row_at
from bankside.arch.dram.device.address import decode
from bankside.arch.events import N_EVENT
from bankside.arch.jit import flat_kernel

(STANDS, BEHIND, BASE, CREDIT, RESTS, RESTED, QUIET, MISSED, SINCE, WORK) = range(10)
"""How a channel's memory stands: the row of its state plus one (0: not known); whether its banks are what they should
be, else OF_STATE or OF_STREAM; first burst of the period that rows are told from, what memory may still cost [bursts],
for how many streams it rests, and for how many it last did; slot after which no time matters (0: not known), late
streams that were not found over those that were, and the late stream whose banks are left to be served: when it came,
and its words."""

STREAM_WORDS: Final = 5
NOTE_WORDS: Final = WORK + STREAM_WORDS

OF_STATE, OF_STREAM = 1, 2
"""The banks are not yet what a state, or what a late stream makes of them."""

MOST_MISSED: Final = 1 << 12
"""Late streams that may be not found before none is looked for any more."""

SHORTEST: Final = 16
"""Bursts of a stream that is looked for: to look takes as long as to serve so few."""

FAR_ON: Final = 1 << 10
"""How regions lie to each other is told by more than this where there are more than two."""


@flat_kernel
def is_late(std: Any, st: Any, note: Any, memory: Any, work: Any, arrival: int) -> bool:
    """Whether a stream may be looked for that comes when no time matters any more, and the banks can be left as they
    are."""
    if note[MISSED] > MOST_MISSED or note[BEHIND] == OF_STATE or memory[REGION] == 0:
        return False
    if work[STRIDE] != 1 or work[COUNT] < SHORTEST or st["closing"] >= 0:
        return False
    if note[QUIET] == 0:
        age = age_of(std, st, memory[HEAD : HEAD + memory[LIVE]])
        note[QUIET] = max(1, st["frontier"] + age)
    return bool(first_to_come(st, arrival, memory[MARGIN]) > note[QUIET])


@flat_kernel
def serve_late(
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
    """Serve a stream that comes when no time matters, or remember what came of it."""
    std, st = packed[0], state[0]
    if note[BEHIND] == OF_STREAM:
        leave_rows(address, st, note, memory)
    if not _asked(std, address, st, memory, work, arrival):
        note[QUIET] = 0
        return run_source(packed, address, state, work, arrival, causes, events, memory)
    key = memory[ASKED]
    place = place_of(memory, LATE_STEPS, key, LATE_KEY)
    row = found(memory, LATE_STEPS, place)
    if row >= 0:
        at = row_at(memory, LATE_STEPS, row)
        end = arrival + memory[at + LATE_LENGTH]
        if end < st["refresh_due"]:
            for c in range(N_CAUSE):
                causes[c] += memory[at + LATE_COSTS + c]
            for e in range(N_EVENT):
                events[e] += memory[at + LATE_COSTS + N_CAUSE + e]
            st["frontier"] = end
            note[BEHIND], note[SINCE], note[QUIET] = OF_STREAM, arrival, end + memory[at + LATE_AGE]
            note[MISSED] = max(0, note[MISSED] - 1)
            for k in range(STREAM_WORDS):
                note[WORK + k] = work[k]
            return int(end)
    due = st["refresh_due"]
    end = run_counted(packed, address, state, memory, work, arrival, causes, events)
    age = age_of(std, st, memory[HEAD : HEAD + memory[LIVE]])
    note[QUIET] = max(1, end + age)
    if row >= 0 or st["refresh_due"] != due:
        return int(end)
    note[MISSED] += 1
    row = put(memory, LATE_STEPS, place, key, LATE_KEY)
    if row >= 0:
        at = row_at(memory, LATE_STEPS, row)
        memory[at + LATE_LENGTH], memory[at + LATE_AGE] = end - arrival, age
        for c in range(COUNTED):
            memory[at + LATE_COSTS + c] = memory[memory[TOOK] + c]
    return int(end)


@flat_kernel
def run_counted(
    packed: Any, address: Any, state: Any, memory: Any, work: Any, arrival: int, causes: Any, events: Any
) -> int:
    """`run_source`; its slots by cause and its events are left in the memory too, at `TOOK`."""
    took = memory[memory[TOOK] : memory[TOOK] + COUNTED]
    for c in range(COUNTED):
        took[c] = 0
    end = run_source(packed, address, state, work, arrival, took[:N_CAUSE], took[N_CAUSE:], memory)
    for c in range(N_CAUSE):
        causes[c] += took[c]
    for e in range(N_EVENT):
        events[e] += took[N_CAUSE + e]
    return int(end)


@flat_kernel
def serve_after_all(packed: Any, address: Any, state: Any, note: Any, memory: Any) -> None:
    """Make the banks what the late stream before makes of them."""
    st, took = state[0], memory[memory[TOOK] : memory[TOOK] + COUNTED]
    st["frontier"] = note[SINCE]
    work = note[WORK : WORK + STREAM_WORDS]
    run_source(packed, address, state, work, note[SINCE], took[:N_CAUSE], took[N_CAUSE:], memory)
    note[BEHIND] = 0


@flat_kernel
def leave(packed: Any, address: Any, state: Any, note: Any, memory: Any, arrival: int) -> None:
    """Make the banks what they are for refreshes until a stream comes."""
    if note[BEHIND] != OF_STREAM:
        return
    if first_to_come(state[0], arrival, memory[MARGIN]) > note[QUIET]:
        leave_rows(address, state[0], note, memory)
    else:
        serve_after_all(packed, address, state, note, memory)


@flat_kernel
def leave_rows(address: Any, st: Any, note: Any, memory: Any) -> None:
    """Open the rows of the last bursts of the late stream before, where no time of it matters."""
    region, first, count = memory[REGION], note[WORK + FIRST], note[WORK + COUNT]
    lap, banks, last = memory[LAP], memory[LAP_BANKS], first + count - 1
    begin = max(first & -region, (last & -region) - memory[PERIOD])
    while begin <= last:
        bank, row, _ = decode(address, begin)
        here = max(first, begin)
        for burst in range(here, min(last + 1, min(here + lap, begin + region))):
            st["row"][bank ^ memory[banks + (burst & (lap - 1))]] = row
        begin += region
    note[BEHIND] = 0


@flat_kernel
def _asked(std: Any, address: Any, st: Any, memory: Any, work: Any, arrival: int) -> bool:
    """Make the key of a late stream; whether there is room in it for all that the stream needs of rows."""
    key, region = memory[ASKED], memory[REGION]
    first, last = work[FIRST], work[FIRST] + work[COUNT] - 1
    memory[key] = (st["refresh_multiplier"] * 2 + st["mode"]) * 2 + edge_told(std, arrival)
    memory[key + 1], memory[key + 2], memory[key + 3] = st["depth"], work[0], first & (region - 1)
    memory[key + 4], memory[key + 5] = work[COUNT], work[GAP]
    memory[key + 6] = _lies(std, address, memory, first & -region, last & -region)
    lap, banks, needs = memory[LAP], memory[LAP_BANKS], key + ROWS_NEEDED
    for k in range(NEEDS):
        memory[needs + k] = 0
    begin, n, word = first & -region, 0, 0
    until = min(last, begin + memory[PERIOD] + region - 1)
    while begin <= until:
        bank, row, _ = decode(address, begin)
        here = max(first, begin)
        for burst in range(here, min(last + 1, min(here + lap, begin + region))):
            open_row = st["row"][bank ^ memory[banks + (burst & (lap - 1))]]
            word = 3 * word + (1 if open_row == row else 2 if open_row == CLOSED else 0)
            n += 1
            if n % NEEDS_A_WORD == 0:
                if n > (NEEDS - 1) * NEEDS_A_WORD:
                    return False
                memory[needs + n // NEEDS_A_WORD - 1] = word
                word = 0
        begin += region
    memory[needs + n // NEEDS_A_WORD] = word
    return True


@flat_kernel
def _lies(std: Any, address: Any, memory: Any, begin: int, last: int) -> int:
    """How the regions of a stream, the first and the last of which begin at bursts, lie to each other: at which level
    of banks two meet; of more, where in the period they are."""
    region = memory[REGION]
    if last == begin:
        return 0
    if last > begin + region:
        return int(FAR_ON + begin % memory[PERIOD] // region)
    apart = decode(address, begin)[0] ^ decode(address, last)[0]
    if apart == 0 or apart & memory[LAP_MASK] != 0:
        return int(FAR_ON - 1 - apart)
    level, banks = 1, std["n_bank"]
    if apart >= banks:
        level += 1
        if apart >= banks * std["n_group"]:
            level += 1
            if apart >= banks * std["n_group"] * std["n_rank"]:
                level += 1
    return level
