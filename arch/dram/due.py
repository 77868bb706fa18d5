"""Refreshes of a queued controller: due every interval, served before the queues, as soon as their banks can close."""

from typing import Any

from bankside.arch.dram.commands import PRE, PREA, REF, REFSB
from bankside.arch.dram.picks import NEVER_PACKED, rising, time_at
from bankside.arch.dram.queues import CLOSED, NONE
from bankside.arch.dram.serve import serve_refresh
from bankside.arch.jit import kernel

ALL_BANK = 1


@kernel
def become_due(std: Any, st: Any, q: Any) -> None:
    """One interval has passed: every node (or the next bank) waits for a refresh."""
    if std["refresh_mode"] == ALL_BANK:
        level = std["refresh_level"]
        q["refreshes"] += std["path"][std["banks"] - 1, level] - std["path"][0, level] + 1
        st["refresh_due"] += std["refresh_interval"] // st["refresh_multiplier"]
    else:
        q["refreshes"] += 1
        st["refresh_due"] += std["refresh_bank_interval"] // st["refresh_multiplier"]


@kernel
def _first_bank(std: Any, q: Any) -> int:
    """A bank of the node whose turn it is, or the bank itself where banks are refreshed one by one."""
    if std["refresh_mode"] != ALL_BANK:
        return int(q["refresh_node"] % std["banks"])
    level = std["refresh_level"]
    nodes = std["path"][std["banks"] - 1, level] - std["path"][0, level] + 1
    return int(q["refresh_node"] % nodes * (std["banks"] // nodes))


@kernel
def refresh_command(std: Any, st: Any, q: Any) -> tuple[int, int, bool]:
    """(command, bank, blocked) of the refresh in turn: rows close first, unless one still waits for its column."""
    bank = _first_bank(std, q)
    if std["refresh_mode"] != ALL_BANK:
        if st["row"][bank] == CLOSED:
            return REFSB, bank, False
        return PRE, bank, q["active"][bank] != NONE
    level = std["refresh_level"]
    command, blocked = REF, False
    for other in range(std["banks"]):
        if std["path"][other, level] == std["path"][bank, level]:
            if st["row"][other] != CLOSED:
                command = PREA
            if q["active"][other] != NONE:
                blocked = True
    return command, bank, blocked


@kernel
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
