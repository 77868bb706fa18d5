"""What a memory of PIM programs is made of: entries, parts of programs, how a channel can stand and how its refreshes
can, what parts took, and steps from one to another.

A step's key is how the channel and, where a refresh falls into it, its refreshes stand before; then the part of the
program. Behind the key stands what becomes of them, and what the part took.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.channel.costs import COUNTED
from bankside.arch.dram.channel.live import PACKED, live_places, ring_words
from bankside.arch.dram.channel.params import STANDARD_WORDS
from bankside.arch.dram.channel.pim.controller import MAX_DEPTH
from bankside.arch.dram.channel.pim.memory.canonical import FIXED, NO_BUS, OTHER_TIMES, PHASE_FIXED, WAITING
from bankside.arch.dram.channel.tables import COUNT, ROOM, TABLE_WORDS
from bankside.arch.dram.device.commands import N_COMMAND, PRE
from bankside.arch.dram.device.session import FIELDS
from bankside.arch.dram.device.standard import PER_BANK, STANDARD
from bankside.arch.jit import kernel

Int64s = npt.NDArray[np.int64]

(STATE_WORDS, PHASE_WORDS, LIVE, LIVE_END, BUSES, BUSES_END, PAST, PAST_END, TOLD, ASKED) = range(10)
"""Words at the beginning: of a canonical state, and of how refreshes stand; where places of `next` stand, and the buses
that make times pass; room for past times; where words are told to, and where keys are made."""

ENTRIES: Final = ASKED + 1
PARTS: Final = ENTRIES + TABLE_WORDS
STATES: Final = PARTS + TABLE_WORDS
PHASES: Final = STATES + TABLE_WORDS
TOOK: Final = PHASES + TABLE_WORDS
STEPS: Final = TOOK + TABLE_WORDS
"""The tables."""

HEAD: Final = STEPS + TABLE_WORDS

ENTRY_KEY: Final = len(FIELDS)
"""An entry's fields, with the name of its row seen from the entry before it."""

PART_KEY: Final = 2
"""A part of a program is an entry, or a smaller part, behind a part: what stands before, and what follows."""

KEY: Final = 3
STANDS, PHASE, PART = range(KEY)
"""Words of a step's key: state, how refreshes stand (-1: none comes), part of the program."""

NEXT, NEXT_PHASE, LENGTH, COSTS, STEP_WORDS = range(KEY, KEY + 5)
"""Words behind it: the state after it, how refreshes stand then (-1: as before), slots, and the row of what it took,
which many have in common."""

MOST_ENTRIES: Final = 1 << 14
MOST_PARTS: Final = 1 << 20
MOST_STATES: Final = 1 << 14
MOST_PHASES: Final = 1 << 16
MOST_STEPS: Final = 1 << 19
MOST_TAKEN: Final = 1 << 21
"""Room of the tables in rows, of the last in words."""

MOST_FULL: Final = 0.75
"""Share of a table's room beyond which a run had better begin with an empty one."""


def new_memory(params: Int64s, between: int = 0) -> tuple[Int64s, int]:
    """How an empty memory for channels of these parameters (`channel_params`) begins, and its words; `between`: words
    that are left free before its tables."""
    std = params[:STANDARD_WORDS].view(STANDARD)[0]
    live, banks = live_places(std), int(std["banks"])
    times = OTHER_TIMES + len(live) + ring_words(std)
    slices = int(std["slices"]) * int(std["n_pseudo_channel"])
    state = FIXED + times + 3 * banks + 2 * slices + WAITING * MAX_DEPTH
    phase = PHASE_FIXED + -(-banks // PACKED)
    tables = {
        ENTRIES: (MOST_ENTRIES, ENTRY_KEY),
        PARTS: (MOST_PARTS, PART_KEY),
        STATES: (MOST_STATES, state),
        PHASES: (MOST_PHASES, phase),
        TOOK: (MOST_TAKEN, 1),
        STEPS: (MOST_STEPS, STEP_WORDS),
    }
    buses = HEAD + len(live)
    by = buses_of(std, live)
    past = buses + len(by)
    told = past + 2 * times
    asked = told + max(state, phase)
    head = np.zeros(asked + max(ENTRY_KEY, 1 + COUNTED), dtype=np.int64)
    head[: ASKED + 1] = (
        *(state, phase), *(HEAD, buses), *(buses, past), *(past, told), *(told, asked),
    )  # fmt: skip
    head[HEAD:buses], head[buses:past] = live, by
    at = len(head) + between
    for table, (most, words) in tables.items():
        places = most if table == TOOK else 2 * most  # its rows have two words or more, but for one
        head[table : table + TABLE_WORDS] = at, places - 1, at + places, words, 0, most
        at += places + most * words
    return head, at


def buses_of(std: Any, live: Int64s) -> Int64s:
    """The bus of all commands that look at each of the places `live`, then of all that each window holds up: once that
    was free later than a time, they do not wait for it. NO_BUS where there are several, or where the order of times
    tells which bank was used last."""
    used_last = int(std["klass"][PRE]) if std["refresh_mode"] == PER_BANK else -1
    looking = [
        *(
            std["klass"] == klass if klass != used_last else np.zeros(N_COMMAND, dtype=bool)
            for klass in live % N_COMMAND
        ),
        *(std["window_holds"][v] > 0 for v in range(int(std["n_window"]))),
    ]
    buses = [set(std["bus"][commands].tolist()) for commands in looking]
    return np.array([each.pop() if len(each) == 1 else NO_BUS for each in buses], dtype=np.int64)


@kernel
def is_crowded(memory: Any, table: int) -> bool:
    """Whether a table has little room left."""
    return bool(memory[table + COUNT] > MOST_FULL * memory[table + ROOM])


def crowded(memory: Any) -> bool:
    """Whether a memory has little room left."""
    return any(is_crowded(memory, table) for table in (ENTRIES, PARTS, STATES, PHASES, TOOK, STEPS))
