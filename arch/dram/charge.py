"""Where the slots of a channel went: every slot has one cause, data first, else what the next command waited for."""

from typing import Any

from bankside.arch.causes import DRAM_COMMAND, DRAM_DATA, SYNC
from bankside.arch.jit import kernel


@kernel
def charge(q: Any, slot: int, when: int) -> None:
    """Charge the slots up to `slot`: bursts are data, the rest is the cause packed in `when`, the time of a command.

    A command that its timing did not hold back until `slot` waited for the command bus or for its turn.
    """
    start = q["accounted"]
    if slot <= start:
        return
    busy = min(q["busy_until"], slot)
    if busy > start:
        q["causes"][DRAM_DATA] += busy - start
        start = busy
    if slot > start:
        q["causes"][(when & 31) if (when >> 5) > start else DRAM_COMMAND] += slot - start
    q["accounted"] = slot


@kernel
def charge_idle(q: Any, slot: int) -> None:
    """Charge the slots up to `slot` in which nothing was asked for."""
    charge(q, slot, ((slot + 1) << 5) + SYNC)
