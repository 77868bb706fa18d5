"""Refreshes of a queued controller: due every interval, served before the queues, as soon as their banks can close."""

from typing import Any

from bankside.arch.dram.banks.refresh import refreshed_banks
from bankside.arch.dram.channel.first_ready.picks import NEVER_PACKED, rising, time_at
from bankside.arch.dram.channel.first_ready.queues import CLOSED, NONE
from bankside.arch.dram.channel.first_ready.serve import refresh_nodes, refreshed_first, serve_refresh
from bankside.arch.dram.device.commands import PRE, PREA, REF, REFSB
from bankside.arch.dram.device.standard import PER_BANK
from bankside.arch.jit import flat_kernel


@flat_kernel
def become_due(std: Any, st: Any, q: Any) -> None:
    """One interval has passed: every node (or the next bank of every rank or pseudo-channel) waits for a refresh."""
    if std["refresh_mode"] != PER_BANK:
        q["refreshes"] += refresh_nodes(std)
        st["refresh_due"] += std["refresh_interval"] // st["refresh_multiplier"]
    else:
        q["refreshes"] += std["banks"] // refreshed_banks(std)
        st["refresh_due"] += std["refresh_bank_interval"] // st["refresh_multiplier"]


@flat_kernel
def refresh_command(std: Any, st: Any, q: Any) -> tuple[int, int, bool]:
    """(command, bank, blocked) of the refresh in turn: rows close first, unless one still waits for its column."""
    nodes = refresh_nodes(std)
    bank = refreshed_first(std, q["refresh_node"])
    if std["refresh_mode"] == PER_BANK:
        if st["row"][bank] == CLOSED:
            return REFSB, bank, False
        return PRE, bank, q["active"][bank] != NONE
    command, blocked = REF, False
    for other in range(bank, bank + std["banks"] // nodes):
        if st["row"][other] != CLOSED:
            command = PREA
        if q["active"][other] != NONE:
            blocked = True
    return command, bank, blocked


@flat_kernel
def refresh_step(std: Any, st: Any, q: Any, slot: int) -> int:
    """Issue the command of the refresh in turn if it may come at `slot`.

    Returns
    -------
    int
        -1 when a command was issued, else the slot at which it may come (never, while a row must stay open).
    """
    command, bank, blocked = refresh_command(std, st, q)
    if blocked:
        return NEVER_PACKED >> 5
    when = max(slot << 5, time_at(std, st, command, bank))
    if command in (REF, REFSB):
        when = rising(std, when)
    if when >> 5 > slot:
        return when >> 5
    serve_refresh(std, st, q, command, bank, slot)
    if command in (REF, REFSB):
        q["refreshes"] -= 1
        q["refresh_node"] += 1
    return -1
