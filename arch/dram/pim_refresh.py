"""Refreshes of a channel that runs a PIM program: when one waits, what closes rows for it, and REF itself."""

from typing import Any

from bankside.arch import events as names
from bankside.arch.dram.bank import aligned, earliest_why, issue
from bankside.arch.dram.commands import PREA, REF
from bankside.arch.dram.pim_window import all_closed, record
from bankside.arch.dram.refresh import OFF, interval_slots
from bankside.arch.jit import kernel

REFRESH = names.REFRESH
FAR = 1 << 60
"""A slot after everything."""


@kernel
def refresh_falls_due(packed: Any, state: Any, window: Any, slot: int, lapse: int) -> None:
    """Note a refresh whose time has come; one that has waited longer than `lapse` slots is given up."""
    st, w = state[0], window[0]
    if packed[0]["refresh_mode"] == OFF:
        return
    if w["waiting"] and slot >= w["lapses"]:
        w["waiting"] = 0
    if slot >= st["refresh_due"]:
        w["waiting"] += 1
        w["lapses"] = st["refresh_due"] + lapse
        st["refresh_due"] += interval_slots(packed, state)


@kernel
def next_due(packed: Any, state: Any, window: Any) -> int:
    """The next slot at which a refresh falls due or lapses."""
    if packed[0]["refresh_mode"] == OFF:
        return FAR
    due = state[0]["refresh_due"]
    return int(min(due, window[0]["lapses"]) if window[0]["waiting"] else due)


@kernel
def refresh_slot(packed: Any, state: Any, is_open: bool, slot: int) -> int:
    """First slot from `slot` on for the next command of a waiting refresh: PREA while rows are open, then REF."""
    command = PREA if is_open else REF
    return int(aligned(packed, command, max(slot << 5, earliest_why(packed, state, command, 0))) >> 5)


@kernel
def nodes_of_refresh(packed: Any) -> int:
    """Banks that one REF takes: those of a rank, of a pseudo-channel or of the channel."""
    std = packed[0]
    size = std["banks"]
    if std["refresh_level"] <= 3:
        size //= std["n_pseudo_channel"]
    if std["refresh_level"] == 2:
        size //= std["n_rank"]
    return int(size)


@kernel
def close_all(packed: Any, state: Any, window: Any, trace: Any, slot: int) -> None:
    """Precharge all banks from `slot` on, one PREA for each node of a refresh."""
    for first in range(0, packed[0]["banks"], nodes_of_refresh(packed)):
        when = aligned(packed, PREA, max(slot << 5, earliest_why(packed, state, PREA, first))) >> 5
        issue(packed, state, PREA, first, when, 0)
        record(window, trace, when, PREA, first, -1, -1)
    all_closed(packed, window)


@kernel
def refresh_all(packed: Any, state: Any, window: Any, trace: Any, slot: int, events: Any) -> None:
    """Refresh from `slot` on, one REF for each node; the rows are closed."""
    for first in range(0, packed[0]["banks"], nodes_of_refresh(packed)):
        when = aligned(packed, REF, max(slot << 5, earliest_why(packed, state, REF, first))) >> 5
        issue(packed, state, REF, first, when, 0)
        record(window, trace, when, REF, first, -1, -1)
    window[0]["waiting"] -= 1
    events[REFRESH] += 1
