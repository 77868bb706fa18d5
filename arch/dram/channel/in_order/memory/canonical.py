"""The state of a channel seen from the end of its last burst: what two states have in common when all that follows is
the same.

Times are told relative to that end, and those that lie before anything that can still come are all the same (`DEAD`).
Rows are told relative to a row, rings from their oldest entry on. Of rules, columns and waits, most of which are dead,
the others alone are told, behind a word that says which these are of the next `TOGETHER`: the first word of a state
says how many it has. What refreshes need stands apart: where none falls into a stream, nothing reads it.
"""

from typing import Any, Final

from bankside.arch.causes import DRAM_ACT_PRE
from bankside.arch.dram.banks.state import CLOSED, LOOK_AHEAD, NEVER
from bankside.arch.dram.channel.live import refreshed_told, restore_refreshed, window_nodes
from bankside.arch.dram.device.commands import BANK, N_COMMAND, PRE, RD, WR
from bankside.arch.dram.device.standard import PER_BANK
from bankside.arch.jit import flat_kernel

CANONICAL: Final = (
    "next", "bus_free", "row", "awake_until", "mode", "ring", "ring_at", "refresh_multiplier", "depth", "frontier",
    "columns", "column_slot", "row_bus_free", "wait", "wait_cause",
)  # fmt: skip
"""Fields of STATE that `told` tells: all that a stream reads of what the ones before it left."""

PHASE: Final = ("refresh_due", "closing", "refresh_since", "refreshes", "refreshed", "owed")
"""Fields that `phase_told` tells: they matter where a refresh falls due."""

SCRATCH: Final = (
    "waiting", "window_bank", "window_row", "planned_row", "last_use", "pending", "opened_for", "pending_burst",
    "pending_after", "pending_floor", "pending_bound", "n_hit", "hit_at", "hit_banks", "wanted",
)  # fmt: skip
"""Fields that each stream writes before it reads them or leaves as they were, or that PIM programs alone read
(`wanted`)."""

DEAD: Final = -(1 << 50)
"""A time that nothing can wait for any more, relative."""

ALWAYS: Final = 1 << 48
"""A margin that goes back before the beginning."""

SHUT: Final = -(1 << 40)
"""A precharged bank among relative rows."""

WRAP: Final = LOOK_AHEAD - 1
PHASE_FIXED: Final = 5
"""Words of how refreshes stand before the banks that have been refreshed."""

LATE_FIXED: Final = 3
"""Words of a state whose times have gone by before its rows."""

FIXED_WORDS: Final = 8  # how many, mode, multiplier, depth, data clock, row bus, two buses

TOGETHER: Final = 32
"""Places of which one word tells which are told."""


def told_words(places: int, words: int = 1) -> int:
    """Words at most that tell those of so many places that are told, each in so many."""
    return -(-places // TOGETHER) + places * words


@flat_kernel
def first_to_come(st: Any, arrival: int, margin: int) -> int:
    """Slot before which no times matter, to a stream that arrives at `arrival` and to refreshes.

    Commands come no earlier than the stream or the refresh before them. How long an activation has waited matters to
    its column as far back as the one lies behind the other (`margin`).
    """
    slot = min(arrival, st["refresh_due"])
    return int((min(slot, st["refresh_since"]) if st["closing"] >= 0 else slot) - margin)


@flat_kernel
def looked_ahead(st: Any) -> int:
    """Slot from which on row commands of the next stream look ahead, over the last columns."""
    return int(st["column_slot"][(st["columns"] - st["depth"]) & WRAP])


@flat_kernel
def matters_from(std: Any, st: Any) -> int:
    """Slot before which it makes no difference when the next stream arrives: nothing of it comes earlier, nor is
    charged."""
    charged = st["frontier"] - max(std["read_latency"], std["write_latency"])
    return int(min(looked_ahead(st), charged))


@flat_kernel
def _first_to_come(std: Any, st: Any, arrival: int, margin: int) -> int:
    """The same for all streams that come after one that arrived at `arrival`: their row commands look ahead over the
    last columns. After a refresh that is put off they may come as soon as the bus is free."""
    slot = max(arrival, looked_ahead(st))
    if std["refresh_mode"] == PER_BANK:
        slot = min(slot, st["bus_free"][0] >> 5)
    return first_to_come(st, slot, margin)


@flat_kernel
def told(std: Any, st: Any, live: Any, row: int, arrival: int, margin: int, out: Any) -> int:
    """Write the canonical words of a state, whose last stream arrived at `arrival`, to `out`; returns how long after
    its end its times matter at most [slots].

    live: int64[times], places of `next` that rules set; row: what rows are told relative to; margin: see
    `first_to_come`, `ALWAYS` where columns may be held up by activations of other banks.
    """
    end, first = st["frontier"], _first_to_come(std, st, arrival, margin)
    out[1], out[2], out[3] = st["mode"], st["refresh_multiplier"], st["depth"]
    for k, slot in ((4, st["awake_until"]), (5, st["row_bus_free"])):
        out[k] = slot - end if slot >= first else DEAD
    for bus in range(2):
        out[6 + bus] = _relative(st["bus_free"][bus], first, end)
    n = _rules_told(st, live, first, end, FIXED_WORDS, out)
    # whose turn it is to be refreshed follows from which bank was used last, however long ago
    if std["refresh_mode"] == PER_BANK:
        for bank in range(std["banks"]):
            when = st["next"][std["path"][bank, BANK], std["klass"][PRE]]
            out[n + bank] = DEAD if when == NEVER else when - (end << 5)
        n += std["banks"]
    for bank in range(std["banks"]):
        out[n + bank] = SHUT if st["row"][bank] == CLOSED else st["row"][bank] - row
    n = _waits_told(std, st, first, margin, n + std["banks"], out)
    for w in range(std["n_window"]):
        count, reach = std["window_count"][w], std["window_value"][w] >> 5
        for node in range(window_nodes(std, w)):
            base, at = std["window_base"][w] + node * count, st["ring_at"][w, node]
            for k in range(count):
                slot = st["ring"][base + (at + k) % count]
                out[n] = slot - end if slot + reach >= first else DEAD
                n += 1
    out[0] = _columns_told(std, st, first, end, n, out)
    return age_of(std, st, live)


@flat_kernel
def _rules_told(st: Any, live: Any, first: int, end: int, n: int, out: Any) -> int:
    """Write times that rules set from word `n` on; returns where the next word is."""
    here = bits = 0
    for k in range(live.shape[0]):
        if k % TOGETHER == 0:
            here, bits, n = n, 0, n + 1
        node = live[k] // N_COMMAND
        when = st["next"][node, live[k] - node * N_COMMAND]
        if when >> 5 >= first:
            bits |= 1 << k % TOGETHER
            out[n] = when - (end << 5)
            n += 1
        out[here] = bits
    return int(n)


@flat_kernel
def _waits_told(std: Any, st: Any, first: int, margin: int, n: int, out: Any) -> int:
    """The same of what activations have waited for."""
    here = bits = 0
    for bank in range(std["banks"]):
        if bank % TOGETHER == 0:
            here, bits, n = n, 0, n + 1
        if margin == ALWAYS or _opening(std, st, bank, first):
            bits |= 1 << bank % TOGETHER
            out[n], out[n + 1] = st["wait"][bank], st["wait_cause"][bank]
            n += 2
        out[here] = bits
    return int(n)


@flat_kernel
def _columns_told(std: Any, st: Any, first: int, end: int, n: int, out: Any) -> int:
    """The same of the last columns, the newest first."""
    here = bits = 0
    for k in range(st["depth"]):
        if k % TOGETHER == 0:
            here, bits, n = n, 0, n + 1
        slot = st["column_slot"][(st["columns"] - 1 - k) & WRAP]
        if slot + std["column_occupancy"] >= first:
            bits |= 1 << k % TOGETHER
            out[n] = slot - end
            n += 1
        out[here] = bits
    return int(n)


@flat_kernel
def age_of(std: Any, st: Any, live: Any) -> int:
    """How long after the end of the last burst times of a state matter at most [slots]."""
    if std["refresh_mode"] == PER_BANK:
        return -DEAD
    latest = max(st["frontier"], max(st["awake_until"], st["row_bus_free"]))
    latest = max(latest, max(st["bus_free"][0] >> 5, st["bus_free"][1] >> 5))
    for k in range(live.shape[0]):
        node = live[k] // N_COMMAND
        latest = max(latest, st["next"][node, live[k] - node * N_COMMAND] >> 5)
    for w in range(std["n_window"]):
        count, reach = std["window_count"][w], std["window_value"][w] >> 5
        for place in range(std["window_base"][w], std["window_base"][w] + window_nodes(std, w) * count):
            latest = max(latest, st["ring"][place] + reach)
    newest = st["column_slot"][(st["columns"] - 1) & WRAP]
    return int(max(latest, newest + std["column_occupancy"]) - st["frontier"])


@flat_kernel
def _opening(std: Any, st: Any, bank: int, first: int) -> bool:
    """Whether columns of a bank still wait for its activation."""
    node = std["path"][bank, BANK]
    for command in (RD, WR):
        when = st["next"][node, std["klass"][command]]
        if when >> 5 >= first and when & 31 == DRAM_ACT_PRE:
            return True
    return False


@flat_kernel
def edge_told(std: Any, slot: int) -> int:
    """Where in its clock a slot lies, from which commands may have to wait for an edge."""
    return int(slot & (std["slots_per_ck"] - 1))


@flat_kernel
def late_told(std: Any, st: Any, row: int, out: Any) -> None:
    """Write what is left of a state when all its times have gone by."""
    out[0], out[1], out[2] = st["mode"], st["refresh_multiplier"], st["depth"]
    for bank in range(std["banks"]):
        out[LATE_FIXED + bank] = SHUT if st["row"][bank] == CLOSED else st["row"][bank] - row


@flat_kernel
def _relative(when: int, first: int, end: int) -> int:
    return when - (end << 5) if when >> 5 >= first else DEAD


@flat_kernel
def restore(std: Any, st: Any, live: Any, row: int, words: Any) -> None:
    """Make the banks what canonical words say, from the end of the last burst (`frontier`) on."""
    end = st["frontier"]
    st["awake_until"] = end + words[4] if words[4] > DEAD else NEVER >> 5
    st["row_bus_free"] = end + words[5] if words[5] > DEAD else NEVER >> 5
    for bus in range(2):
        st["bus_free"][bus] = _absolute(words[6 + bus], end)
    n, bits = FIXED_WORDS, 0
    for k in range(live.shape[0]):
        if k % TOGETHER == 0:
            bits, n = words[n], n + 1
        node = live[k] // N_COMMAND
        if bits >> k % TOGETHER & 1 > 0:
            st["next"][node, live[k] - node * N_COMMAND] = words[n] + (end << 5)
            n += 1
        else:
            st["next"][node, live[k] - node * N_COMMAND] = NEVER
    if std["refresh_mode"] == PER_BANK:
        for bank in range(std["banks"]):
            st["next"][std["path"][bank, BANK], std["klass"][PRE]] = _absolute(words[n + bank], end)
        n += std["banks"]
    for bank in range(std["banks"]):
        st["row"][bank] = CLOSED if words[n + bank] == SHUT else words[n + bank] + row
    n += std["banks"]
    for bank in range(std["banks"]):
        if bank % TOGETHER == 0:
            bits, n = words[n], n + 1
        st["wait"][bank], st["wait_cause"][bank] = 0, 0
        if bits >> bank % TOGETHER & 1 > 0:
            st["wait"][bank], st["wait_cause"][bank] = words[n], words[n + 1]
            n += 2
    for w in range(std["n_window"]):
        count = std["window_count"][w]
        for node in range(window_nodes(std, w)):
            base = std["window_base"][w] + node * count
            st["ring_at"][w, node] = 0
            for k in range(count):
                st["ring"][base + k] = end + words[n] if words[n] > DEAD else NEVER >> 5
                n += 1
    for k in range(LOOK_AHEAD):
        if k < st["depth"] and k % TOGETHER == 0:
            bits, n = words[n], n + 1
        slot = NEVER >> 5
        if k < st["depth"] and bits >> k % TOGETHER & 1 > 0:
            slot = end + words[n]
            n += 1
        st["column_slot"][(st["columns"] - 1 - k) & WRAP] = slot


@flat_kernel
def _absolute(word: int, end: int) -> int:
    return word + (end << 5) if word > DEAD else NEVER


@flat_kernel
def phase_told(std: Any, st: Any, slot: int, out: Any) -> None:
    """Write how refreshes stand, seen from `slot`, to `out`."""
    out[0] = st["refresh_due"] - slot
    out[1] = st["closing"]
    out[2] = st["refresh_since"] - slot if st["closing"] >= 0 else 0
    out[3], out[4] = st["refreshes"], st["owed"]
    refreshed_told(std, st, out[PHASE_FIXED:])


@flat_kernel
def restore_phase(std: Any, st: Any, slot: int, words: Any) -> None:
    """Let refreshes stand as words say, seen from `slot`."""
    st["refresh_due"] = words[0] + slot
    st["closing"] = words[1]
    st["refresh_since"] = words[2] + slot
    st["refreshes"], st["owed"] = words[3], words[4]
    restore_refreshed(std, st, words[PHASE_FIXED:])
