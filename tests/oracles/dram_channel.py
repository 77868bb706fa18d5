"""Past commands and open rows of one channel: whether a command is legal now, by search over all of them."""

from bisect import insort
from collections.abc import Mapping
from typing import NamedTuple

from tests.oracles.jedec_rules import (
    READS,
    WRITES,
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
        self.rules: dict[str, list[Rule]] = {}
        for rule in build_rules(timing, limits):
            self.rules.setdefault(rule.after, []).append(rule)
        self.past: dict[str, list[Command]] = {}  # by name, in order of slots
        self.activations: list[Command] = []
        self.open: dict[tuple[int, int], int] = {}
        self.issued: list[Command] = []

    def legal(self, command: Command) -> bool:
        """Whether every pairwise rule, the data bus and the rolling windows admit the command."""
        events = spread(command, self.timing, self.geometry, self.limits)
        return self._windows_allow(events) and all(self._past_allows(e) for e in events)

    def _past_allows(self, event: Command) -> bool:
        for rule in self.rules.get(event.name, ()):
            for old in reversed(self.past.get(rule.before, [])):
                if event.slot - old.slot >= rule.gap:
                    break
                if related(old, event, rule.relation, self.geometry):
                    return False
        return not self._on_bus(event) or self._bus_is_free(event)

    def _bus_is_free(self, event: Command) -> bool:
        reach = self.timing["tCL"] + self.timing["tCWL"] + self.timing["burst"]
        for name in (*READS, *WRITES):
            for old in reversed(self.past.get(name, [])):
                if event.slot - old.slot > reach:
                    break
                first, second = sorted((self._data_start(old), self._data_start(event)))
                if old.pc == event.pc and second - first < self.timing["burst"]:
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
        return command.name in (*READS, *WRITES)

    def _data_start(self, command: Command) -> int:
        return command.slot + self.timing["tCL" if command.name in READS else "tCWL"]

    def issue(self, command: Command) -> None:
        """Record a command and its effect on the rows."""
        self.issued.append(command)
        for event in spread(command, self.timing, self.geometry, self.limits):
            insort(self.past.setdefault(event.name, []), event)
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
