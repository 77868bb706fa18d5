"""Refreshes of a channel that runs a PIM program: when one waits, what closes rows for it, and REF itself."""

from typing import Any

from bankside.arch import events as names
from bankside.arch.dram.banks.bank import aligned_on, earliest_why_on, issue_on
from bankside.arch.dram.banks.refresh import NONE, POSTPONED, interval_slots, refresh_now, refreshed_banks
from bankside.arch.dram.channel.pim.window import FAR, all_closed, record, relearn
from bankside.arch.dram.device.commands import PREA, REF
from bankside.arch.dram.device.standard import OFF, PER_BANK
from bankside.arch.jit import hot_kernel

REFRESH = names.REFRESH


@hot_kernel
def refresh_falls_due(packed: Any, state: Any, w: Any, slot: int) -> None:
    """Note a refresh whose time has come; one that has waited longer than the controller lets it is given up.

    Refreshes of single banks are put off as often as the standard allows, and then made up for together: between two of
    them units that work on all banks at once would never have all rows open.
    """
    std, st = packed[0], state[0]
    if std["refresh_mode"] == OFF:
        return
    if std["refresh_mode"] == PER_BANK:
        while slot >= st["refresh_due"]:
            if st["owed"] < POSTPONED * refreshed_banks(std):
                st["owed"] += 1
                st["refresh_due"] += interval_slots(std, st)
                continue
            for _ in range(st["owed"] + 1):
                refresh_now(packed, state, NONE, w["events"][:])
            relearn(std, st, w)
        return
    if w["waiting"] and slot >= w["lapses"]:
        w["waiting"] = 0
    if slot >= st["refresh_due"]:
        w["waiting"] += 1
        w["lapses"] = st["refresh_due"] + w["lapse"]
        st["refresh_due"] += interval_slots(std, st)


@hot_kernel
def next_due(std: Any, st: Any, w: Any) -> int:
    """The next slot at which a refresh falls due or lapses."""
    if std["refresh_mode"] == OFF:
        return FAR
    due = st["refresh_due"]
    return int(min(due, w["lapses"]) if w["waiting"] else due)


@hot_kernel
def refresh_slot(std: Any, st: Any, is_open: bool, slot: int) -> int:
    """First slot from `slot` on for the next command of a waiting refresh: PREA while rows are open, then REF."""
    command = PREA if is_open else REF
    return int(aligned_on(std, command, max(slot << 5, earliest_why_on(std, st, command, 0))) >> 5)


@hot_kernel
def nodes_of_refresh(std: Any) -> int:
    """Banks that one REF takes: those of a rank, of a pseudo-channel or of the channel."""
    size = std["banks"]
    if std["refresh_level"] <= 3:
        size //= std["n_pseudo_channel"]
    if std["refresh_level"] == 2:
        size //= std["n_rank"]
    return int(size)


@hot_kernel
def close_all(std: Any, st: Any, w: Any, trace: Any, slot: int) -> None:
    """Precharge all banks from `slot` on, one PREA for each node of a refresh."""
    for first in range(0, std["banks"], nodes_of_refresh(std)):
        when = aligned_on(std, PREA, max(slot << 5, earliest_why_on(std, st, PREA, first))) >> 5
        issue_on(std, st, PREA, first, when, 0)
        record(w, trace, when, PREA, first, -1, -1)
    all_closed(std, w)


@hot_kernel
def refresh_all(std: Any, st: Any, w: Any, trace: Any, slot: int) -> None:
    """Refresh from `slot` on, one REF for each node; the rows are closed."""
    for first in range(0, std["banks"], nodes_of_refresh(std)):
        when = aligned_on(std, REF, max(slot << 5, earliest_why_on(std, st, REF, first))) >> 5
        issue_on(std, st, REF, first, when, 0)
        record(w, trace, when, REF, first, -1, -1)
    w["waiting"] -= 1
    w["events"][REFRESH] += 1


@hot_kernel
def hand_back(std: Any, st: Any, w: Any) -> None:
    """Leave refreshes that still wait to who comes next: they are due since they fell due."""
    st["refresh_due"] -= w["waiting"] * interval_slots(std, st) if w["waiting"] else 0
    w["waiting"] = 0
