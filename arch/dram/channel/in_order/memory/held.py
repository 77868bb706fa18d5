"""Streams that come while a refresh of all banks holds every bank up, which came when no time mattered any more.

What they find depends on nothing but when the refresh lets go of the banks. Nothing of a stream is issued before, so
that it makes no difference when it comes, but for how long its first burst waits. All that is charged to one cause, the
one that the activation of its row waits for: the columns after it come later than any bank is let go, and what they
wait for their own activations is less than these waited in either case.
"""

from typing import Any, Final

from bankside.arch.dram.banks.bank import by_rules, refresh_wait
from bankside.arch.dram.banks.refresh import interval_slots, refreshed_banks
from bankside.arch.dram.channel.source import COUNT, FIRST
from bankside.arch.dram.device.address import decode
from bankside.arch.dram.device.commands import ACT
from bankside.arch.dram.device.standard import ALL_BANK
from bankside.arch.jit import flat_kernel

TOLD_BELOW: Final = 1 << 14
"""Slots for which a refresh may hold up banks that are told in one word."""

TOLD_TOGETHER: Final = 4
"""Parts of a channel, refreshed one by one, that are told in one word: 14 bits each."""


@flat_kernel
def held_from(std: Any, st: Any, due: int, arrival: int) -> int:
    """`due` where a refresh that fell due then, the only one to come when no time mattered, holds all banks up as a
    stream comes; else 0.

    How long an activation waits for a refresh is told from `refresh_wait` before it on, which is when the last part was
    refreshed, or a slot later where it comes at the next clock edge.
    """
    parts = std["banks"] // refreshed_banks(std)
    alone = std["refresh_mode"] == ALL_BANK and st["refresh_due"] == due + interval_slots(std, st)
    if not alone or parts > TOLD_TOGETHER or std["burst"] < std["slots_per_ck"]:
        return 0
    first, last = due + TOLD_BELOW, due
    for bank in range(0, std["banks"], refreshed_banks(std)):
        free = by_rules(std, st, ACT, bank) >> 5
        first, last = min(first, free), max(last, free)
    waits = last - refresh_wait(std, ACT) < arrival < first
    return int(due) if waits and last < due + TOLD_BELOW else 0


@flat_kernel
def held_told(std: Any, address: Any, st: Any, work: Any, due: int) -> int:
    """Until when a refresh that fell due at `due` holds up the banks of each part, and in which of them a stream begins
    and ends, in one word."""
    word, size = 0, refreshed_banks(std)
    for bank in range(0, std["banks"], size):
        word = word * TOLD_BELOW + (by_rules(std, st, ACT, bank) >> 5) - due
    for burst in (work[FIRST], work[FIRST] + work[COUNT] - 1):
        word = word * TOLD_TOGETHER + decode(address, burst)[0] // size
    return int(word)
