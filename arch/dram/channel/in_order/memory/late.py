"""Streams that come so late that no time matters any more: they find what the rows that they need make of them alone.

A step of such a stream says how long it takes and how long after it times matter. What becomes of the banks is not
kept: their rows are those of its last bursts, and where a stream comes before all times have gone by, the one before it
is served after all, from the same rows. Banks are told from each other by how they lie to one another: which of them a
stream begins at makes no difference, nor do their columns. Where refreshes of all banks fall into a stream, it matters
when the first does, too, and what it finds open. A stream that comes under a refresh (`held`) is seen from when that
fell due.
"""

from typing import Any, Final

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.refresh import interval_slots, refreshed_banks
from bankside.arch.dram.banks.state import CLOSED
from bankside.arch.dram.channel.costs import (
    COUNTED,
    add_costs,
    cost_words,
    keep_costs,
    take_off,
)
from bankside.arch.dram.channel.in_order.memory.canonical import age_of, edge_told, first_to_come
from bankside.arch.dram.channel.in_order.memory.held import held_told
from bankside.arch.dram.channel.in_order.memory.layout import (
    ALIKE,
    ASKED,
    COMPARED,
    DUE,
    HEAD,
    HELD,
    LAP,
    LAP_BANKS,
    LAP_MASK,
    LATE_AGE,
    LATE_CAME,
    LATE_COSTS,
    LATE_FROM,
    LATE_KEY,
    LATE_LENGTH,
    LATE_ROUNDS,
    LATE_STEPS,
    LATE_WAITS,
    LIES,
    LIVE,
    MARGIN,
    MOST_FULL,
    NEEDS,
    NEEDS_A_WORD,
    PERIOD,
    REGION,
    ROWS_NEEDED,
    TAKEN,
    TOOK,
)
from bankside.arch.dram.channel.in_order.stream import run_source
from bankside.arch.dram.channel.source import COUNT, FIRST, GAP, STRIDE
from bankside.arch.dram.channel.tables import COUNT as ROWS_USED
from bankside.arch.dram.channel.tables import ROOM, found, place_of, put, row_at
from bankside.arch.dram.device.address import decode
from bankside.arch.dram.device.standard import PER_BANK
from bankside.arch.events import N_EVENT
from bankside.arch.jit import flat_kernel

(STANDS, BEHIND, BASE, CREDIT, RESTS, RESTED, QUIET, MISSED, SINCE, ROUNDS, FROM, WORK) = range(12)
"""How a channel's memory stands: the row of its state plus one (0: not known); whether its banks are what they should
be, else OF_STATE or OF_STREAM; first burst of the period that rows are told from, what memory may still cost [bursts],
for how many streams it rests, and for how many it last did; slot after which no time matters (0: not known), late
streams without refreshes that were not found over late ones that were, and the late stream whose banks are left to be
served: when it came, its refreshes and the burst from which on rows are open after them, and its words."""

STREAM_WORDS: Final = 5
NOTE_WORDS: Final = WORK + STREAM_WORDS

OF_STATE, OF_STREAM = 1, 2
"""The banks are not yet what a state, or what a late stream makes of them."""

MOST_MISSED: Final = 1 << 12
"""Late streams that may be not found before none is looked for any more."""

SHORTEST: Final = 16
"""Bursts of a stream that is looked for: to look takes as long as to serve so few."""

NOT_KNOWN, NOTHING = -1, -2
"""In the place of what a late stream waits for."""

CALM: Final = -1
"""In the place of when a refresh falls due: none does before the stream ends."""

FAR_ON: Final = 1 << 10
"""How regions lie to each other is told by more than this where there are more than two."""


@flat_kernel
def is_quiet(std: Any, st: Any, note: Any, memory: Any, arrival: int) -> bool:
    """Whether no time matters any more when a stream or a refresh before it comes."""
    if note[QUIET] == 0:
        age = age_of(std, st, memory[HEAD : HEAD + memory[LIVE]])
        note[QUIET] = max(1, st["frontier"] + age)
    return bool(first_to_come(st, arrival, memory[MARGIN]) > note[QUIET])


@flat_kernel
def is_late(std: Any, st: Any, note: Any, memory: Any, work: Any, arrival: int, held: int) -> bool:
    """Whether a stream may be looked for that comes when no time matters any more, or those alone of the refresh that
    fell due at `held` (0: there is none, see `held_from`); and the banks can be left as they are."""
    if note[MISSED] > MOST_MISSED or note[BEHIND] == OF_STATE or memory[REGION] == 0:
        return False
    if work[STRIDE] != 1 or work[COUNT] < SHORTEST or st["closing"] >= 0:
        return False
    return bool(is_quiet(std, st, note, memory, arrival) or held > 0)


@flat_kernel
def serve_late(
    packed: Any,
    address: Any,
    state: Any,
    note: Any,
    memory: Any,
    work: Any,
    arrival: int,
    held: int,
    causes: Any,
    events: Any,
) -> int:
    """Serve a stream that comes when no time matters but those of a refresh, or remember what came of it; see
    `is_late`."""
    std, st = packed[0], state[0]
    if note[BEHIND] == OF_STREAM:
        leave_rows(address, st, note, memory)
    since = held if held > 0 and not is_quiet(std, st, note, memory, arrival) else arrival
    if not _asked(std, address, st, memory, work, since):
        note[QUIET] = 0
        return run_source(packed, address, state, work, arrival, causes, events, memory)
    key, under = memory[ASKED], 1 if since != arrival else 0
    if under:
        memory[key + LIES] = _lies(std, address, memory, work, 1)
        memory[key + HELD] = held_told(std, address, st, work, since)
    due, together = st["refresh_due"], std["refresh_mode"] != PER_BANK
    calm_row = _late_row(memory)
    row = calm_row
    if row < 0 or since + memory[row_at(memory, LATE_STEPS, row) + LATE_LENGTH] >= due:
        row = -1
        if together:
            _refresh_asked(std, address, st, memory, work, since)
            row = _late_row(memory)
    if row >= 0 and _tells(memory, row, arrival - since):
        return _take(std, st, note, memory, work, arrival, since, row, causes, events)
    end = run_counted(packed, address, state, memory, work, arrival, causes, events)
    age = age_of(std, st, memory[HEAD : HEAD + memory[LIVE]])
    note[QUIET] = max(1, end + age)
    if row >= 0:
        if memory[row_at(memory, LATE_STEPS, row) + LATE_WAITS] == NOT_KNOWN:
            _tell_waits(memory, row, arrival - since, end - since)
        return int(end)
    calm = end < due if together else st["refresh_due"] == due
    has_room = memory[LATE_STEPS + ROWS_USED] < MOST_FULL * memory[LATE_STEPS + ROOM]
    if (calm and calm_row >= 0) or not (calm or (together and has_room)):
        return int(end)
    if calm:
        note[MISSED] += 1
        memory[key + LIES] = _lies(std, address, memory, work, under)
        memory[key + DUE], memory[key + TAKEN] = CALM, 0
    place = place_of(memory, LATE_STEPS, key, LATE_KEY)
    took = memory[memory[TOOK] : memory[TOOK] + COUNTED]
    row = put(memory, LATE_STEPS, place, key, LATE_COSTS + cost_words(took))
    if row >= 0:
        at = row_at(memory, LATE_STEPS, row)
        memory[at + LATE_LENGTH], memory[at + LATE_AGE] = end - since, age
        memory[at + LATE_CAME], memory[at + LATE_WAITS] = arrival - since, NOT_KNOWN
        memory[at + LATE_ROUNDS] = memory[at + LATE_FROM] = 0
        if st["refresh_due"] != due:
            memory[at + LATE_ROUNDS] = (st["refresh_due"] - due) // interval_slots(std, st)
            memory[at + LATE_FROM] = _open_from(address, st, memory, work)
        keep_costs(memory, at + LATE_COSTS, took)
    return int(end)


@flat_kernel
def _late_row(memory: Any) -> int:
    """The row of the late stream that is asked for, -1 where there is none."""
    return int(found(memory, LATE_STEPS, place_of(memory, LATE_STEPS, memory[ASKED], LATE_KEY)))


@flat_kernel
def _tells(memory: Any, row: int, came: int) -> bool:
    """Whether a late stream's step tells what comes of it when it comes so long after its refresh."""
    at = row_at(memory, LATE_STEPS, row)
    return bool(memory[at + LATE_CAME] == came or memory[at + LATE_WAITS] >= 0)


@flat_kernel
def _tell_waits(memory: Any, row: int, came: int, length: int) -> None:
    """Find what a stream waits for that came sooner or later to the same end: one cause has all the difference."""
    at, waits = row_at(memory, LATE_STEPS, row), NOT_KNOWN
    same, more = memory[at + LATE_LENGTH] == length, memory[memory[TOOK] : memory[TOOK] + COUNTED]
    take_off(memory, at + LATE_COSTS, more)
    for c in range(COUNTED):
        if more[c] != 0:
            same &= c < N_CAUSE and waits == NOT_KNOWN and more[c] == memory[at + LATE_CAME] - came
            waits = c
    memory[at + LATE_WAITS] = waits if same else NOTHING


@flat_kernel
def _take(
    std: Any,
    st: Any,
    note: Any,
    memory: Any,
    work: Any,
    arrival: int,
    since: int,
    row: int,
    causes: Any,
    events: Any,
) -> int:
    """Let come of a late stream what did before; its banks are left behind."""
    at = row_at(memory, LATE_STEPS, row)
    end = since + memory[at + LATE_LENGTH]
    add_costs(memory, at + LATE_COSTS, causes, events)
    if memory[at + LATE_WAITS] >= 0:
        causes[memory[at + LATE_WAITS]] += memory[at + LATE_CAME] - (arrival - since)
    st["frontier"] = end
    note[BEHIND], note[SINCE], note[QUIET] = OF_STREAM, arrival, end + memory[at + LATE_AGE]
    note[ROUNDS], note[FROM] = memory[at + LATE_ROUNDS], memory[at + LATE_FROM]
    if memory[at + DUE] != CALM:
        st["refresh_due"] += note[ROUNDS] * interval_slots(std, st)
    note[MISSED] = max(0, note[MISSED] - 1)
    for k in range(STREAM_WORDS):
        note[WORK + k] = work[k]
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
    if note[ROUNDS] > 0:
        st["refresh_due"] -= note[ROUNDS] * interval_slots(packed[0], st)
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
    """Open the rows of the last bursts of the late stream before, where no time of it matters; its refreshes have
    closed all that were open."""
    region, first, count = memory[REGION], note[WORK + FIRST], note[WORK + COUNT]
    lap, banks, last = memory[LAP], memory[LAP_BANKS], first + count - 1
    if note[ROUNDS] > 0:
        first += note[FROM]
        for bank in range(st["row"].shape[0]):
            st["row"][bank] = CLOSED
    begin = max(first & -region, (last & -region) - memory[PERIOD])
    while begin <= last:
        bank, row, _ = decode(address, begin)
        here = max(first, begin)
        for burst in range(here, min(last + 1, min(here + lap, begin + region))):
            st["row"][bank ^ memory[banks + (burst & (lap - 1))]] = row
        begin += region
    note[BEHIND] = 0


@flat_kernel
def _asked(std: Any, address: Any, st: Any, memory: Any, work: Any, since: int) -> bool:
    """Make the key of a late stream, seen from `since`; whether there is room for all that it needs of rows."""
    key, region = memory[ASKED], memory[REGION]
    first, last = work[FIRST], work[FIRST] + work[COUNT] - 1
    memory[key] = (st["refresh_multiplier"] * 2 + st["mode"]) * 2 + edge_told(std, since)
    memory[key + 1], memory[key + 2], memory[key + 3] = st["depth"], work[0], first & (region - 1)
    memory[key + 4], memory[key + 5] = work[COUNT], work[GAP]
    memory[key + LIES] = _lies(std, address, memory, work, 0)
    memory[key + DUE], memory[key + TAKEN], memory[key + HELD] = CALM, 0, 0
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
def _refresh_asked(std: Any, address: Any, st: Any, memory: Any, work: Any, since: int) -> None:
    """Make the key of a late stream that of one which ends after the next refresh falls due."""
    key, size, last = memory[ASKED], refreshed_banks(std), work[FIRST] + work[COUNT] - 1
    taken = 0
    for bank in range(std["banks"]):
        if st["row"][bank] != CLOSED:
            taken |= 1 << (bank // size)
    for burst in (work[FIRST], last):
        taken = taken * (std["banks"] // size) + decode(address, burst)[0] // size
    memory[key + DUE], memory[key + TAKEN] = st["refresh_due"] - since, taken
    memory[key + LIES] = _lies(std, address, memory, work, 1)


@flat_kernel
def _open_from(address: Any, st: Any, memory: Any, work: Any) -> int:
    """The first burst of a stream after all whose banks are closed, and none uses again."""
    region, lap, banks, first = memory[REGION], memory[LAP], memory[LAP_BANKS], work[FIRST]
    until = first + work[COUNT]
    while until > first:
        begin = (until - 1) & -region
        bank, _, _ = decode(address, begin)
        begin = max(first, begin)
        for burst in range(until - 1, max(begin, until - lap) - 1, -1):
            if st["row"][bank ^ memory[banks + (burst & (lap - 1))]] == CLOSED:
                return int(burst + 1 - first)
        until = begin
    return 0


@flat_kernel
def _lies(std: Any, address: Any, memory: Any, work: Any, refreshed: int) -> int:
    """How the regions of a stream lie to each other: at which level of banks two meet; of more, from where in the
    period on, or from where they would lie alike (see `layout`); `refreshed`: 1 where it matters in which parts."""
    region = memory[REGION]
    begin, last = work[FIRST] & -region, (work[FIRST] + work[COUNT] - 1) & -region
    if last == begin:
        return 0
    if last > begin + region:
        place, compared = begin % memory[PERIOD] // region, memory[COMPARED]
        return int(FAR_ON + (memory[memory[ALIKE] + refreshed * compared + place] if compared > 0 else place))
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
