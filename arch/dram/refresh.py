"""Refreshes of one channel: when they come due, rows are closed and REF or REFSB is issued as soon as legal.

The next refresh is due a whole interval after the last was due, whenever that one could be issued; no
refresh is put off or pulled in. Idle time is jumped: refreshes in it are counted, only the last leaves a
trace in the state.
"""

from typing import Any

from bankside.arch import events as names
from bankside.arch.dram.bank import CLOSED, aligned, earliest_why, issue
from bankside.arch.dram.commands import PRE, PREA, RANK, REF, REFSB
from bankside.arch.jit import kernel

OFF, ALL_BANK, PER_BANK = range(3)

REFRESH = names.REFRESH
REFRESH_BANK = names.REFRESH_BANK


@kernel
def interval_slots(packed: Any, state: Any) -> int:
    """Slots between refreshes: the device's interval over the multiplier (2 when hot)."""
    std = packed[0]
    per_bank = std["refresh_mode"] == PER_BANK
    interval: int = std["refresh_bank_interval"] if per_bank else std["refresh_interval"]
    return int(interval // state[0]["refresh_multiplier"])


@kernel
def refresh_now(packed: Any, state: Any, events: Any) -> int:
    """Do the refresh that is due; returns the bank it closed, or -1 for all.

    Every rank (or pseudo-channel) is refreshed, per bank: the same bank of each.
    """
    std, st = packed[0], state[0]
    due = st["refresh_due"]
    st["refresh_due"] = due + interval_slots(packed, state)
    size = _refreshed_banks(packed)
    if std["refresh_mode"] == ALL_BANK:
        for first in range(0, std["banks"], size):
            _refresh_all(packed, state, first, size, due)
        events[REFRESH] += 1
        return -1
    bank = st["refresh_bank"]
    st["refresh_bank"] = (bank + 1) % size
    for first in range(0, std["banks"], size):
        target = first + bank
        if st["row"][target] != CLOSED:
            issue(packed, state, PRE, target, _from(packed, state, PRE, target, due), 0)
        issue(packed, state, REFSB, target, _from(packed, state, REFSB, target, due), 0)
        events[REFRESH_BANK] += 1
    return int(bank)


@kernel
def _from(packed: Any, state: Any, command: int, bank: int, due: int) -> int:
    """First slot from `due` on at which a command is legal."""
    return aligned(packed, command, max(due << 5, earliest_why(packed, state, command, bank))) >> 5


@kernel
def _refresh_all(packed: Any, state: Any, first: int, size: int, due: int) -> None:
    st = state[0]
    is_open = False
    for bank in range(first, first + size):
        if st["row"][bank] != CLOSED:
            is_open = True
    if is_open:
        issue(packed, state, PREA, first, _from(packed, state, PREA, first, due), 0)
    issue(packed, state, REF, first, _from(packed, state, REF, first, due), 0)


@kernel
def idle_until(packed: Any, state: Any, slot: int, events: Any) -> None:
    """Let time pass to `slot` without accesses: the first and last refreshes are done, those between counted."""
    std, st = packed[0], state[0]
    if std["refresh_mode"] == OFF or st["refresh_due"] > slot:
        return
    size = _refreshed_banks(packed)
    interval = interval_slots(packed, state)
    # once every bank has been refreshed, rows are closed and further refreshes change nothing but the clock
    rounds = 1 if std["refresh_mode"] == ALL_BANK else size
    while rounds > 0 and st["refresh_due"] <= slot:
        refresh_now(packed, state, events)
        rounds -= 1
    skipped = (slot - st["refresh_due"]) // interval
    if skipped > 0:
        st["refresh_due"] += skipped * interval
        if std["refresh_mode"] == ALL_BANK:
            events[REFRESH] += skipped
        else:
            events[REFRESH_BANK] += skipped * (std["banks"] // size)
            st["refresh_bank"] = (st["refresh_bank"] + skipped) % size
    if st["refresh_due"] <= slot:
        refresh_now(packed, state, events)


@kernel
def _refreshed_banks(packed: Any) -> int:
    """Banks that one REF takes, or that per-bank refreshes take in turn."""
    std = packed[0]
    size = std["banks"] // std["n_pseudo_channel"]
    if std["refresh_level"] == RANK:  # one REF for each rank
        size //= std["n_rank"]
    return int(size)
