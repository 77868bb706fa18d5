"""Refreshes of one channel: when they come due, rows are closed and REF or REFSB is issued as soon as legal.

The next refresh is due a whole interval after the last was due, whenever that one could be issued. A refresh of one
bank is put off while requests wait for every bank that is left in the round, or may soon; none is pulled in. Idle time
is jumped: refreshes in it are counted, only the last leaves a trace in the state.
"""

from typing import Any

from bankside.arch import events as names
from bankside.arch.dram.banks.bank import (
    CLOSED,
    LOOK_AHEAD,
    NEVER,
    aligned,
    earliest_why,
    issue,
    refresh_wait,
)
from bankside.arch.dram.device.commands import ACT, PRE, PREA, RANK, REF, REFSB
from bankside.arch.dram.device.standard import ALL_BANK, OFF, PER_BANK
from bankside.arch.jit import flat_kernel

OPEN = -1
"""No bank is being closed for its refresh."""

POSTPONED = 8
"""Rounds of per-bank refreshes that may be put off: a controller may owe 8 all-bank refreshes, or that number of each
bank's (JESD209-4 and JESD238, refresh requirements; recalled)."""

NONE = 1 << 60
"""A burst after all: no bank is in use."""

REFRESH = names.REFRESH
REFRESH_BANK = names.REFRESH_BANK


@flat_kernel
def interval_slots(std: Any, st: Any) -> int:
    """Slots between refreshes: the device's interval over the multiplier (2 when hot)."""
    per_bank = std["refresh_mode"] == PER_BANK
    interval: int = std["refresh_bank_interval"] if per_bank else std["refresh_interval"]
    return int(interval // st["refresh_multiplier"])


@flat_kernel
def refresh_now(packed: Any, state: Any, served: int, events: Any) -> None:
    """Do what the refresh that is due needs next; row commands of streams come after it on the bus."""
    _refresh_due(packed, state, served, events)
    state[0]["row_bus_free"] = state[0]["bus_free"][0] >> 5


@flat_kernel
def _refresh_due(packed: Any, state: Any, served: int, events: Any) -> None:
    """Do the refresh that is due, of all banks or of one; or put the one of one bank off, where others want it.

    Every rank (or pseudo-channel) is refreshed, per bank: the same bank of each. In a round of per-bank refreshes
    each bank has its turn once. A bank with an open row is precharged first, and `refresh_due` is then the slot at
    which it can be refreshed: other commands go between.
    """
    std, st = packed[0], state[0]
    size = refreshed_banks(packed[0])
    if std["refresh_mode"] == ALL_BANK:
        due = st["refresh_due"]
        st["refresh_due"] = due + interval_slots(packed[0], state[0])
        for first in range(0, std["banks"], size):
            _refresh_all(packed, state, first, size, due)
        events[REFRESH] += 1
        return
    if st["closing"] == OPEN:
        bank = _next_bank(std, st, size, served)
        if served != NONE and st["owed"] < POSTPONED * size and not _left_alone(std, st, size, bank):
            st["owed"] += 1
            st["refresh_due"] += interval_slots(packed[0], state[0])
            return
        _close(packed, state, size, bank)
        if served != NONE and st["refresh_due"] > st["refresh_since"]:
            return
    due = st["refresh_due"]
    for target in range(st["closing"], std["banks"], size):
        issue(packed, state, REFSB, target, _from(packed, state, REFSB, target, due), 0)
        events[REFRESH_BANK] += 1
    st["closing"] = OPEN
    st["refresh_due"] = st["refresh_since"]
    if st["owed"] > 0:
        st["owed"] -= 1
    else:
        st["refresh_due"] += interval_slots(packed[0], state[0])


@flat_kernel
def _close(packed: Any, state: Any, size: int, bank: int) -> None:
    """Precharge the bank of the next per-bank refresh."""
    std, st = packed[0], state[0]
    due = st["refresh_due"]
    st["refreshed"][bank] = 1
    st["refreshes"] += 1
    if st["refreshes"] == size:
        st["refreshes"] = 0
        st["refreshed"][:size] = 0
    ready = due
    for target in range(bank, std["banks"], size):
        if st["row"][target] != CLOSED:
            issue(packed, state, PRE, target, _from(packed, state, PRE, target, due), 0)
            ready = max(ready, _from(packed, state, REFSB, target, due))
    st["closing"] = bank
    st["refresh_since"] = due
    st["refresh_due"] = ready


@flat_kernel
def _next_bank(std: Any, st: Any, size: int, served: int) -> int:
    """Of the banks of the round that are left the one that fewest bursts of the window from `served` on wait for.

    Of those alike it is the one that was used last: a stream comes back to it last.
    """
    for bank in range(size):
        st["waiting"][bank] = 0
    if served != NONE:
        entered = 0
        for bank in range(std["banks"]):
            entered = max(entered, st["last_use"][bank] + 1)
        for burst in range(served, entered):
            st["waiting"][st["window_bank"][burst & (LOOK_AHEAD - 1)] % size] += 1
    best = -1
    for bank in range(size):
        if st["refreshed"][bank] == 0 and (
            best < 0
            or st["waiting"][bank] < st["waiting"][best]
            or (
                st["waiting"][bank] == st["waiting"][best]
                and _used(std, st, size, bank) > _used(std, st, size, best)
            )
        ):
            best = bank
    return best


@flat_kernel
def _used(std: Any, st: Any, size: int, bank: int) -> int:
    """Packed time from which on a bank, or the same of another rank or pseudo-channel, can be precharged."""
    found = NEVER
    for other in range(bank, std["banks"], size):
        found = max(found, st["next"][std["path"][other, 0], std["klass"][PRE]])
    return int(found)


@flat_kernel
def _left_alone(std: Any, st: Any, size: int, bank: int) -> bool:
    """Whether the next bank is one that nothing waits for and that was in use no longer ago than a refresh takes.

    A stream that has gone by is far from it. One that has been idle for longer may be the next to be used.
    """
    recent = ((st["refresh_due"] - refresh_wait(std, ACT)) << 5) <= _used(std, st, size, bank)
    return bool(st["waiting"][bank] == 0 and recent)


@flat_kernel
def _from(packed: Any, state: Any, command: int, bank: int, due: int) -> int:
    """First slot from `due` on at which a command is legal."""
    return aligned(packed, command, max(due << 5, earliest_why(packed, state, command, bank))) >> 5


@flat_kernel
def _refresh_all(packed: Any, state: Any, first: int, size: int, due: int) -> None:
    st = state[0]
    is_open = False
    for bank in range(first, first + size):
        if st["row"][bank] != CLOSED:
            is_open = True
    if is_open:
        issue(packed, state, PREA, first, _from(packed, state, PREA, first, due), 0)
    issue(packed, state, REF, first, _from(packed, state, REF, first, due), 0)


@flat_kernel
def idle_until(packed: Any, state: Any, slot: int, events: Any) -> None:
    """Let time pass to `slot` without accesses: the first and last refreshes are done, those between
    counted.

    A round closes every bank; after that further rounds change nothing but the clock. The last ones are done, so
    that all times which still lie ahead, and all that windows remember, are those of the refreshes before `slot`.
    """
    std, st = packed[0], state[0]
    if std["refresh_mode"] == OFF or st["refresh_due"] > slot:
        return
    each = 1 if std["refresh_mode"] == ALL_BANK else refreshed_banks(packed[0])
    interval = interval_slots(packed[0], state[0])
    while st["owed"] > 0:
        refresh_now(packed, state, NONE, events)
    for _ in range(2 * each):
        if st["refresh_due"] <= slot:
            refresh_now(packed, state, NONE, events)
    if st["closing"] != OPEN or st["refresh_due"] > slot:
        return
    rounds = (slot - st["refresh_due"]) // (interval * each) - _rounds_kept(std, each)
    if rounds > 0:
        st["refresh_due"] += rounds * interval * each
        if std["refresh_mode"] == ALL_BANK:
            events[REFRESH] += rounds
        else:
            events[REFRESH_BANK] += rounds * std["banks"]
    while st["refresh_due"] <= slot:
        refresh_now(packed, state, NONE, events)


@flat_kernel
def _rounds_kept(std: Any, each: int) -> int:
    """Rounds of `each` refreshes after which all that windows remember and all times ahead are theirs."""
    kept = 2
    for w in range(std["n_window"]):
        kept = max(kept, 2 + std["window_count"][w] // each)
    return int(kept)


@flat_kernel
def refreshed_banks(std: Any) -> int:
    """Banks that one REF takes, or that per-bank refreshes take in turn."""
    size = std["banks"] // std["n_pseudo_channel"]
    if std["refresh_level"] == RANK:  # one REF for each rank
        size //= std["n_rank"]
    return int(size)
