"""Where the slots of a channel went: every slot has one cause, data first, else what the next command waited for."""

from typing import Any

from bankside.arch.causes import DRAM_ACT_PRE, DRAM_COMMAND, DRAM_DATA, DRAM_FAW, SYNC
from bankside.arch.dram.banks.branchless import natural
from bankside.arch.jit import flat_kernel


@flat_kernel
def charge(q: Any, slot: int, when: int) -> None:
    """Charge the slots up to `slot`: bursts are data, the rest is the cause packed in `when`, the time of a command.

    From `when` on its timing no longer held the command back: it waited for the command bus or for its turn.
    """
    start = q["accounted"]
    if slot <= start:
        return
    busy = min(q["busy_until"], slot)
    if busy > start:
        q["causes"][DRAM_DATA] += busy - start
        start = busy
    if slot > start:
        held = min(when >> 5, slot)
        if held > start:
            q["causes"][when & 31] += held - start
            start = held
        q["causes"][DRAM_COMMAND] += slot - start
    q["accounted"] = slot


@flat_kernel
def charge_column(q: Any, bank: int, slot: int, when: int) -> None:
    """`charge` for a column command: while its row opened late because of an activation limit, that is the cause."""
    bank = natural(bank)
    late = q["late"][bank]
    if late > 0 and (when & 31) == DRAM_ACT_PRE:
        start = max(q["accounted"], q["busy_until"])
        until = min(slot, start + late)
        charge(q, until, ((until + 1) << 5) + DRAM_FAW)
    q["late"][bank] = 0
    charge(q, slot, when)


@flat_kernel
def note_late(q: Any, bank: int, slot: int, when: int, wanted: int) -> None:
    """Keep how long an activation, wanted at slot `wanted`, was held back by an activation limit."""
    q["late"][bank] = slot - wanted if (when & 31) == DRAM_FAW and (when >> 5) == slot else 0


@flat_kernel
def charge_refresh(q: Any, idle: bool, slot: int, when: int) -> None:
    """Charge the slots up to a refresh, or to a precharge for it, which its timing allows from the packed `when` on.

    The refresh itself costs what the commands after it wait for; where nothing is asked for it costs no one anything.
    """
    if idle:
        charge_idle(q, slot)
    else:
        charge(q, slot, when)


@flat_kernel
def charge_idle(q: Any, slot: int) -> None:
    """Charge the slots up to `slot` in which nothing was asked for, from the return of the last read on."""
    charge(q, min(slot, q["last_read"]), 0)
    charge(q, slot, ((slot + 1) << 5) + SYNC)
