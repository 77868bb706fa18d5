"""Where the slots of a channel went: every slot has one cause, data first, else what the next command waited for."""

from typing import Any

from bankside.arch.causes import DRAM_COMMAND, DRAM_DATA, SYNC
from bankside.arch.jit import kernel


@kernel
def charge(queue: Any, causes: Any, slot: int, when: int) -> None:
    """Charge the slots up to `slot`: bursts are data, the rest is the cause packed in `when`, the time of a command.

    A command that its timing did not hold back until `slot` waited for the command bus or for its turn.
    """
    q = queue[0]
    start = q["accounted"]
    if slot <= start:
        return
    busy = min(q["busy_until"], slot)
    if busy > start:
        causes[DRAM_DATA] += busy - start
        start = busy
    if slot > start:
        causes[(when & 31) if (when >> 5) > start else DRAM_COMMAND] += slot - start
    q["accounted"] = slot


@kernel
def charge_idle(queue: Any, causes: Any, slot: int) -> None:
    """Charge the slots up to `slot` in which nothing was asked for."""
    charge(queue, causes, slot, ((slot + 1) << 5) + SYNC)
