"""What a memory of streams is made of: how a channel can stand, how its refreshes can, and steps from one to another.

A step's key is how the channel and, where a refresh falls into it, its refreshes stand before; then the stream. Behind
the key stands what becomes of them, and what the stream took.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import DRAM_ACT_PRE
from bankside.arch.dram.banks.refresh import refreshed_banks
from bankside.arch.dram.banks.state import LOOK_AHEAD
from bankside.arch.dram.channel.costs import COUNTED
from bankside.arch.dram.channel.in_order.memory.canonical import (
    ALWAYS,
    FIXED_WORDS,
    LATE_FIXED,
    PHASE_FIXED,
    told_words,
)
from bankside.arch.dram.channel.live import PACKED, live_places, ring_words
from bankside.arch.dram.channel.params import STANDARD_WORDS
from bankside.arch.dram.channel.tables import COUNT, ROOM, TABLE_WORDS
from bankside.arch.dram.device.address import ADDRESS, COLUMN
from bankside.arch.dram.device.commands import ACT, BANK, PRE, PREA, RD, REF, REFSB, WR
from bankside.arch.dram.device.standard import CAUSE_BITS, PER_BANK, STANDARD

Int64s = npt.NDArray[np.int64]

(STATE_WORDS, LATE_WORDS, PHASE_WORDS, PERIOD, PERIOD_ROWS, LIVE, MARGIN, TOLD, ASKED, TOOK, LAP, REGION, LAP_BANKS,
 LAP_MASK, ALIKE, COMPARED, HEAD_WORDS) = range(17)  # fmt: skip
"""Words at the beginning: of a canonical state at most, of one whose times have gone by, of how refreshes stand; after
how many bursts banks and columns come again, and how many rows on; how many places of `next` there are; how far back
times matter; where words are told to, where the key of a step is made, where slots by cause and events of a stream are
counted; bursts of a lap round the same banks and of a region in which none changes its row (0: late streams are not
looked for), where the banks of a lap stand, and all bits that these have; where it stands which regions are alike (see
`_alike`), and how many are compared; how many words stand before the tables and what lies between."""

STATES: Final = HEAD_WORDS + 1
LATE: Final = STATES + TABLE_WORDS
PHASES: Final = LATE + TABLE_WORDS
STEPS: Final = PHASES + TABLE_WORDS

LATE_STEPS: Final = STEPS + TABLE_WORDS
"""The tables."""

TABLES: Final = np.array([STATES, LATE, PHASES, STEPS, LATE_STEPS])
"""All of them."""

HEAD: Final = LATE_STEPS + TABLE_WORDS

KEY: Final = 9
"""Words of a step's key: state (-1 - what is left of it, where its times have gone by), how refreshes stand (-1: none
comes), arrival, where in its clock the slot lies, then kind, first burst, stride, count and gap of the stream."""

PHASE: Final = 1
"""Word of a key that says how refreshes stand."""

NEXT, NEXT_PHASE, LENGTH, COSTS = range(KEY, KEY + 4)
"""Words behind the key: the state after it, how refreshes stand then (-1: as before), slots to its end, and from where
on its costs are."""

BEHIND_STATE: Final = 3
AGE, LEFT, LOOKED = range(BEHIND_STATE)
"""Words behind those of a state: slots after its end for which its times matter, and what is left of it then; slots
after its end from which on an arrival matters."""

ISSUED: Final = (ACT, PRE, PREA, RD, WR, REF, REFSB)
"""All that streams and their refreshes issue."""

ROWS_NEEDED: Final = 10
"""Words of a late stream's key before those of the rows that it needs: place in the clock, multiplier and mode, depth,
kind, first burst of the region, count, gap; then those named below."""

LIES, DUE, TAKEN, HELD = range(6, 10)
"""Words of a late stream's key: how its regions lie to each other; slots to the refresh that falls due before it ends
(-1: none does), and what that takes: which banks that are refreshed together have a row open, and those that the stream
begins and ends in; until when the refresh before it, which it comes under, holds banks up, and in which parts it begins
and ends (0: none does)."""

NEEDS, NEEDS_A_WORD = 4, 39
"""Words of the rows that it needs, and how many of them one tells: 3 ** 39 < 2 ** 62."""

LATE_KEY: Final = ROWS_NEEDED + NEEDS

LATE_LENGTH, LATE_AGE, LATE_ROUNDS, LATE_FROM, LATE_CAME, LATE_WAITS, LATE_COSTS = range(
    LATE_KEY, LATE_KEY + 7
)
"""Words behind the key of a late stream: slots to its end, and after it for which times matter; how many refreshes fall
into it, and from which burst on rows are open after the last; how long after the refresh that held it up it came, and
the cause that has the more slots the sooner one comes (-1: not known, -2: there is none); and its costs."""

NEVER_AGAIN: Final = 1 << 62

MOST_ROWS: Final = 1 << 18
"""Rows of what is left of states, and of how refreshes stand."""

MOST_STATES: Final = 1 << 24
"""Room for states, in words: each takes as many as tell it, and those behind."""

MOST_STEPS: Final = 1 << 24
"""Room for steps, in words. A stream of tiles on a shipped HBM3 meets its refreshes at some 2,000 different points, and
then the same again; prefill of 32,768 tokens on stacked DRAM that is refreshed one bank at a time (hybrid-3d) goes
through 64,000 states before it does, one of 8,192 on LPDDR5 at three clocks of its cores (orin-agx) through 320,000
steps."""

MOST_LATE: Final = 1 << 23
"""Room for steps of late streams, in words. Prefill of 32,768 tokens on that HBM3 meets refreshes of two rates at some
50,000 points of its streams."""

LONGEST_LAP: Final = 64
"""Bursts of a lap whose banks are kept."""

MOST_COMPARED: Final = 64
"""Regions of a period that are compared, each with all others."""

MOST_FULL: Final = 0.75
"""Share of a table's room beyond which a run had better begin with an empty one; what is left then is for streams
without refreshes, which come again sooner."""


def new_memory(params: Int64s, between: int = 0) -> tuple[Int64s, int]:
    """How an empty memory for channels of these parameters (`channel_params`) begins, and its words; `between`: words
    that are left free before its tables."""
    std, address = params[:STANDARD_WORDS].view(STANDARD)[0], params[STANDARD_WORDS:].view(ADDRESS)[0]
    live, banks = live_places(std, ISSUED), int(std["banks"])
    used = banks * (int(std["refresh_mode"]) == PER_BANK)
    state = FIXED_WORDS + told_words(len(live)) + used + banks + told_words(banks, 2) + ring_words(std)
    state += told_words(LOOK_AHEAD)
    least = FIXED_WORDS + banks + told_words(len(live), 0) + told_words(banks, 0) + BEHIND_STATE
    late, phase = LATE_FIXED + banks, PHASE_FIXED + -(-banks // PACKED)
    rows = {LATE: late, PHASES: phase}
    of_any_length = {
        STATES: (MOST_STATES, least),
        STEPS: (MOST_STEPS, COSTS + 1),
        LATE_STEPS: (MOST_LATE, LATE_COSTS + 1),
    }
    (lap, region), told = _region(address), HEAD + len(live)
    asked = told + max(state + BEHIND_STATE, late, phase)
    took = asked + max(KEY, LATE_KEY)
    period, lap_banks, behind = _period(address), _banks_of(address, np.arange(lap)), took + COUNTED
    alike = _alike(std, address, period[0], region, lap_banks)
    head = np.concatenate((np.zeros(behind, dtype=np.int64), lap_banks, alike.ravel()))
    head[: HEAD_WORDS + 1] = (
        *(state, late, phase), *period, *(len(live), _margin(std)), *(told, asked, took),
        *(lap, region, behind, np.bitwise_or.reduce(lap_banks, initial=0), behind + lap, alike.shape[1], len(head)),
    )  # fmt: skip
    head[HEAD:told] = live
    at = len(head) + between
    tables = {table: (MOST_ROWS, words, 2 * MOST_ROWS) for table, words in rows.items()}
    for table, (room, shortest) in of_any_length.items():
        tables[table] = room, 1, 1 << (room // shortest).bit_length()
    for table in TABLES.tolist():
        room, words, places = tables[table]
        head[table : table + TABLE_WORDS] = at, places - 1, at + places, words, 0, room
        at += places + room * words
    return head, at


def crowded(memory: Int64s) -> bool:
    """Whether a table has little room left."""
    return bool((memory[TABLES + COUNT] > MOST_FULL * memory[TABLES + ROOM]).any())


def _margin(std: Any) -> int:
    """Slots from an activation to a column that waited for nothing else, and by which a column's wait may begin sooner
    after another kind of column; `ALWAYS` where columns may wait for the activation of a row that is not their own."""
    columns, margin = {int(std["klass"][command]) for command in (RD, WR)}, 0
    for before in ISSUED:
        rules = std["rule"][std["rule_start"][before] : std["rule_start"][before + 1]]
        for level, klass, value, fan in rules.tolist():
            if klass in columns and value % (1 << CAUSE_BITS) == DRAM_ACT_PRE:
                if level != BANK or fan:
                    return ALWAYS
                margin = max(margin, value >> CAUSE_BITS)
    latencies = abs(int(std["read_latency"]) - int(std["write_latency"]))
    return margin + latencies + int(std["wake"]) + int(std["slots_per_ck"])


def _region(address: Any) -> tuple[int, int]:
    """Bursts of a lap round the same banks, and of a region in which none of these changes its row; 0 where banks are
    not numbered by bits, or go round too late."""
    pieces = range(int(address["pieces"]))
    columns = [k for k in pieces if address["kind"][k] == COLUMN]
    lap = max((1 << int(address["shift"][k]) for k in columns), default=1)
    begins = [1 << int(address["shift"][k]) for k in pieces if k not in columns]
    region = min((begin for begin in begins if begin >= lap), default=0)
    banks = [k for k in pieces if k not in columns and k >= address["row_pieces"]]
    sizes = [int(size) for k in banks for size in (address["mask"][k] + 1, address["weight"][k])]
    return (0, 0) if lap > LONGEST_LAP or any(size & (size - 1) for size in sizes) else (lap, region)


def _alike(std: Any, address: Any, period: int, region: int, lap_banks: Int64s) -> Int64s:
    """For each region of a period the first from which on regions lie to each other at the same levels of banks, and
    the first from which on they are also in the same parts that are refreshed one by one: int64[2, regions]; none where
    they change which banks a lap goes round, or there are too many."""
    if region == 0 or period > MOST_COMPARED * region:
        return np.zeros((2, 0), dtype=np.int64)
    banks = _banks_of(address, np.arange(0, period, region))
    if (
        any(address["hash_shift"][: int(address["pieces"])] >= 0)
        or (banks & np.bitwise_or.reduce(lap_banks)).any()
    ):
        return np.zeros((2, 0), dtype=np.int64)
    sizes = np.cumprod([1, std["n_bank"], std["n_group"], std["n_rank"]])
    levels = np.searchsorted(sizes, banks[:, None] ^ banks, side="right")
    parts = banks // refreshed_banks(std)
    seen: tuple[dict[bytes, int], dict[bytes, int]] = {}, {}
    alike = np.zeros((2, len(banks)), dtype=np.int64)
    for k in range(len(banks)):
        onwards = np.roll(levels, (-k, -k), (0, 1)).tobytes()
        alike[0, k] = seen[0].setdefault(onwards, k)
        alike[1, k] = seen[1].setdefault(onwards + np.roll(parts, -k).tobytes(), k)
    return alike


def _banks_of(address: Any, bursts: Int64s) -> Int64s:
    """Banks of bursts of row 0."""
    banks = np.zeros(len(bursts), dtype=np.int64)
    for k in range(int(address["row_pieces"]), int(address["pieces"])):
        if address["kind"][k] != COLUMN:
            banks += ((bursts >> address["shift"][k]) & address["mask"][k]) * address["weight"][k]
    return banks


def _period(address: Any) -> tuple[int, int]:
    """After how many bursts banks and columns come again, and how many rows on; no rows where they never do."""
    pieces = int(address["pieces"])
    shifts = address["shift"][:pieces].tolist()
    if int(address["row_pieces"]) != 1 or shifts[0] != max(shifts):
        return NEVER_AGAIN, 0
    rows = 1
    for shift, mask in zip(
        address["hash_shift"][:pieces].tolist(), address["mask"][:pieces].tolist(), strict=True
    ):
        if shift >= 0:
            rows = max(rows, 1 << shift + mask.bit_length())
    return rows << shifts[0], rows
