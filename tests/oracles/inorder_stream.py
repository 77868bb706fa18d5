"""Tick-by-tick server of one in-order burst stream on one channel: slow, every rule by pairwise search.

What happens in one slot, in this order:

1. A refresh is due at every multiple of tREFI (the first at tREFI). From that slot on nothing but the
   refresh issues: one PREA as soon as every open bank allows it (none if all are closed), then one REF, both
   for all pseudo-channels. The stream resumes when REF has been issued; tRFC holds back the next ACT.
2. The column command of the oldest unissued burst issues if its row is open and every rule allows it.
   Column commands never overtake each other, not even across pseudo-channels.
3. One row command issues, if the bus has room for it (a split bus has; a single bus has when no column
   command took the slot). The window is the `window` oldest unissued bursts as they stand after step 2. Going
   through it from the oldest, the first burst of each bank decides what its bank needs: nothing when the row
   is open, PRE when another row is open, ACT when closed. The first needed command legal now is issued.

A burst is invisible before its arrival. Lock-step bursts (`banks`) open, use and close their banks together.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.oracles.dram_channel import Burst, Channel, column_command, needed_row_command
from tests.oracles.jedec_rules import ALL, FAMILIES, Command, Geometry, PimLimits, banks_of


class Served(NamedTuple):
    """Slot of each burst's column command, and every command in order of issue."""

    column_slots: list[int]
    commands: list[Command]


def next_refresh_command(channel: Channel, slot: int) -> Command:
    """What a due refresh needs next: PREA while a bank is open, else REF."""
    return Command(slot, "PREA" if channel.open else "REF", pc=ALL)


def first_legal_row_command(channel: Channel, bursts: Sequence[Burst], slot: int) -> Command | None:
    """Walk the window from the oldest burst; each bank is decided by its first burst."""
    decided: set[tuple[int, int]] = set()
    for burst in bursts:
        if burst.arrival > slot:
            continue
        banks = banks_of(column_command(burst, slot), channel.geometry)
        mine = {(burst.pc, b) for b in banks}
        if mine & decided:
            decided |= mine
            continue
        decided |= mine
        command = needed_row_command(channel, burst, slot)
        if command is not None and channel.legal(command):
            return command
    return None


def serve(
    bursts: Sequence[Burst],
    timing: Mapping[str, int],
    geometry: Geometry,
    family: str,
    *,
    window: int = 32,
    min_gap: int = 0,
    refresh: bool = True,
    limits: PimLimits = PimLimits(),  # noqa: B008 - immutable
    power: tuple[int, int] | None = None,
    give_up: int = 200_000,
) -> Served:
    """Serve the bursts in order and return the slot of every column command.

    Parameters
    ----------
    bursts : the stream, oldest first
    timing : names of `jedec_rules.build_rules`, in slots
    min_gap : least slots between consecutive column commands (a consumer slower than the memory)
    power : (window [slots], activations allowed in it)

    Raises
    ------
    RuntimeError
        when the stream is not drained by slot `give_up`.
    """
    channel = Channel(timing, geometry, limits, power)
    split = FAMILIES[family].split_bus
    slots: list[int] = []
    refreshes_done = 0
    for slot in range(give_up):
        if len(slots) == len(bursts):
            return Served(slots, channel.issued)
        if refresh and slot >= (refreshes_done + 1) * timing["tREFI"]:
            command = next_refresh_command(channel, slot)
            if channel.legal(command):
                channel.issue(command)
                refreshes_done += command.name == "REF"
            continue
        head = bursts[len(slots)]
        command = column_command(head, slot)
        ready = head.arrival <= slot and (not slots or slot - slots[-1] >= min_gap)
        row_open = all(channel.open.get((head.pc, b)) == head.row for b in banks_of(command, geometry))
        column_issued = ready and row_open and channel.legal(command)
        if column_issued:
            channel.issue(command)
            slots.append(slot)
        if split or not column_issued:
            row_command = first_legal_row_command(channel, bursts[len(slots) : len(slots) + window], slot)
            if row_command is not None:
                channel.issue(row_command)
    raise RuntimeError(f"{len(bursts) - len(slots)} bursts were not served by slot {give_up}.")
