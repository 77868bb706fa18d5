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

from bisect import insort
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.oracles.jedec_rules import (
    ALL,
    COLUMN_COMMANDS,
    FAMILIES,
    READS,
    Command,
    Geometry,
    PimLimits,
    Rule,
    banks_of,
    build_rules,
    pcs_of,
    related,
    spread,
    windows_of,
)


class Burst(NamedTuple):
    """One burst: op is RD, WR or MAC; `banks` (flat) makes it a lock-step access of several banks."""

    op: str
    pc: int
    bank_group: int
    bank: int
    row: int
    arrival: int = 0
    banks: tuple[int, ...] = ()


class Served(NamedTuple):
    """Slot of each burst's column command, and every command in order of issue."""

    column_slots: list[int]
    commands: list[Command]


class Channel:
    """Past commands and open rows of one channel; answers whether a command is legal now."""

    def __init__(
        self,
        timing: Mapping[str, int],
        geometry: Geometry,
        limits: PimLimits = PimLimits(),  # noqa: B008 - immutable
        power: tuple[int, int] | None = None,
    ) -> None:
        self.timing, self.geometry, self.limits = timing, geometry, limits
        self.windows = windows_of(timing, limits, power)
        self.rules: dict[tuple[str, str], list[Rule]] = {}
        for rule in build_rules(timing, limits):
            self.rules.setdefault((rule.before, rule.after), []).append(rule)
        gaps = [rule.gap for rules in self.rules.values() for rule in rules]
        self.horizon = max([*gaps, timing["tCL"] + timing["burst"]]) + 1
        self.past: list[Command] = []
        self.activations: list[Command] = []
        self.open: dict[tuple[int, int], int] = {}
        self.issued: list[Command] = []

    def legal(self, command: Command) -> bool:
        """Whether every pairwise rule, the data bus and the rolling windows admit the command."""
        events = spread(command, self.timing, self.geometry, self.limits)
        return self._windows_allow(events) and all(self._past_allows(e) for e in events)

    def _past_allows(self, event: Command) -> bool:
        for old in reversed(self.past):
            if event.slot - old.slot > self.horizon:
                break
            for rule in self.rules.get((old.name, event.name), ()):
                too_soon = event.slot - old.slot < rule.gap
                if too_soon and related(old, event, rule.relation, self.geometry):
                    return False
            if related(old, event, "pc", self.geometry) and self._on_bus(old) and self._on_bus(event):
                first, second = sorted((self._data_start(old), self._data_start(event)))
                if second - first < self.timing["burst"]:
                    return False
        return True

    def _windows_allow(self, events: list[Command]) -> bool:
        if events[0].name not in ("ACT", "ACTM"):
            return True
        for _, counted, allowed, length in self.windows:
            both = [e for e in self.activations if e.pc == events[0].pc] + events
            slots = sorted(e.slot for e in both if e.name in counted)
            if any(b - a < length for a, b in zip(slots, slots[allowed:], strict=False)):
                return False
        return True

    def _on_bus(self, command: Command) -> bool:
        return command.name in COLUMN_COMMANDS and command.name != "MAC"

    def _data_start(self, command: Command) -> int:
        return command.slot + self.timing["tCL" if command.name in READS else "tCWL"]

    def issue(self, command: Command) -> None:
        """Record a command and its effect on the rows."""
        self.issued.append(command)
        for event in spread(command, self.timing, self.geometry, self.limits):
            insort(self.past, event)
            if event.name in ("ACT", "ACTM"):
                self.activations.append(event)
        for pc in pcs_of(command, self.geometry):
            for bank in banks_of(command, self.geometry):
                if command.name == "ACT":
                    self.open[pc, bank] = command.row
                elif command.name in ("PRE", "PREA"):
                    self.open.pop((pc, bank), None)
        longest = max([w[3] for w in self.windows], default=0)
        self.activations = [a for a in self.activations if a.slot > command.slot - longest]


def column_command(burst: Burst, slot: int) -> Command:
    """The column command of a burst."""
    return Command(slot, burst.op, burst.pc, burst.bank_group, burst.bank, burst.row, burst.banks)


def next_refresh_command(channel: Channel, slot: int) -> Command:
    """What a due refresh needs next: PREA while a bank is open, else REF."""
    return Command(slot, "PREA" if channel.open else "REF", pc=ALL)


def needed_row_command(channel: Channel, burst: Burst, slot: int) -> Command | None:
    """ACT, PRE or nothing: what the banks of a burst need so that its row is open."""
    banks = banks_of(column_command(burst, slot), channel.geometry)
    wrong = [b for b in banks if channel.open.get((burst.pc, b), burst.row) != burst.row]
    if wrong:
        return Command(slot, "PRE", burst.pc, burst.bank_group, burst.bank, banks=tuple(wrong))
    closed = [b for b in banks if (burst.pc, b) not in channel.open]
    if not closed:
        return None
    return Command(slot, "ACT", burst.pc, burst.bank_group, burst.bank, burst.row, tuple(closed))


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
