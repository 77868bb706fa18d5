"""Past commands and open rows of one channel: whether a command is legal now, by search over all of them."""

from bisect import insort
from collections.abc import Mapping
from typing import NamedTuple

from tests.oracles.jedec_rules import (
    COLUMN_COMMANDS,
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
