"""Command-legality checker: reads (slot, command, address) and a timing dict, returns every violation.

It remembers the last slot of each command at each bank, bank group and pseudo-channel, which decides every
pairwise rule because the needed gap depends on the kinds and the relation alone. Rolling windows and the data
bus are checked afterwards over sorted lists, without any cleverness.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from tests.oracles.jedec_rules import (
    COLUMN_COMMANDS,
    FAMILIES,
    READS,
    ROW_COMMANDS,
    WRITES,
    Command,
    Geometry,
    PimLimits,
    Rule,
    banks_of,
    build_rules,
    pcs_of,
    spread,
    windows_of,
)


class Violation(NamedTuple):
    """Which command (by its position) breaks which rule, in a sentence."""

    position: int
    rule: str
    message: str


class Checker:
    """State of one channel while its commands are read in order of slots.

    Parameters
    ----------
    timing : names of `jedec_rules.build_rules`, in slots
    bus_slots : slots of the command bus that a command takes; 1 where not named
    exclusive_mode : MODE toggles between ordinary and PIM operation, which exclude each other
    power : (window [slots], bank activations allowed in it)
    """

    def __init__(
        self,
        timing: Mapping[str, int],
        geometry: Geometry,
        family: str,
        *,
        bus_slots: Mapping[str, int] | None = None,
        exclusive_mode: bool = False,
        limits: PimLimits = PimLimits(),  # noqa: B008 - immutable
        power: tuple[int, int] | None = None,
    ) -> None:
        self.timing, self.geometry, self.family = timing, geometry, FAMILIES[family]
        self.bus_slots, self.exclusive_mode, self.limits = bus_slots or {}, exclusive_mode, limits
        self.windows = windows_of(timing, limits, power)
        self.rules: dict[str, list[Rule]] = {}
        for rule in build_rules(timing, limits):
            self.rules.setdefault(rule.after, []).append(rule)
        self.last: dict[tuple[str, str, int, int], int] = {}
        self.open: dict[tuple[int, int], tuple[int, int]] = {}  # (pc, bank): (row, slot of its ACT)
        self.bus_free: dict[str, int] = {}
        self.activations: dict[int, list[tuple[int, int, str]]] = {}
        self.data: dict[int, list[tuple[int, int]]] = {}
        self.refreshes: dict[tuple[int, int], list[int]] = {}
        self.pim_mode = False
        self.previous_slot = 0
        self.found: list[Violation] = []
        self.index = -1

    def _fail(self, rule: str, message: str) -> None:
        self.found.append(Violation(self.index, rule, message))

    def read(self, command: Command) -> None:
        """Check one command against all earlier ones, then remember it."""
        self.index += 1
        if command.slot < self.previous_slot:
            self._fail("order", f"slot {command.slot} comes after slot {self.previous_slot}")
        self.previous_slot = command.slot
        if command.name not in ROW_COMMANDS + COLUMN_COMMANDS:
            self._fail("command", f"unknown command {command.name}")
            return
        self._check_bus(command)
        self._check_mode(command)
        for pc in pcs_of(command, self.geometry):
            self._check_state(command, pc)
            for event in spread(command, self.timing, self.geometry, self.limits):
                self._check_rules(event, pc)
            self._remember(command, pc)

    def _check_bus(self, command: Command) -> None:
        column = command.name in COLUMN_COMMANDS
        bus = "column" if column and self.family.split_bus else "row"
        if command.slot < self.bus_free.get(bus, 0):
            self._fail("command bus", f"the {bus} bus is taken at slot {command.slot}")
        self.bus_free[bus] = command.slot + self.bus_slots.get(command.name, 1)

    def _check_mode(self, command: Command) -> None:
        if not self.exclusive_mode:
            return
        if command.name == "MODE":
            self.pim_mode = not self.pim_mode
        pim_only = command.name in ("MAC", "PIMWR", "PIMRD") or len(command.banks) > 1
        ordinary_only = command.name in ("RD", "RDA", "WR", "WRA")
        if (pim_only and not self.pim_mode) or (ordinary_only and self.pim_mode):
            self._fail("mode", f"{command.name} in {'PIM' if self.pim_mode else 'ordinary'} mode")

    def _check_state(self, command: Command, pc: int) -> None:
        name = command.name
        if name == "REFSB" and not self.family.same_bank_refresh:
            self._fail("command", "this standard has no same-bank refresh")
        for bank in banks_of(command, self.geometry):
            opened = self.open.get((pc, bank))
            if name == "ACT" and not 0 <= command.row < self.geometry.rows:
                self._fail("address", f"row {command.row} of {self.geometry.rows}")
            if name == "ACT" and opened is not None:
                self._fail("state", f"ACT on open bank {bank}")
            if name in ("REF", "REFSB", "MODE") and opened is not None:
                self._fail("state", f"{name} while bank {bank} is open")
            if name in COLUMN_COMMANDS and opened is None:
                self._fail("state", f"{name} to closed bank {bank}")
            if name in COLUMN_COMMANDS and opened is not None and command.row not in (-1, opened[0]):
                self._fail("state", f"{name} for row {command.row}, open is row {opened[0]}")

    def _keys(self, command: Command, pc: int) -> list[tuple[str, int, int]]:
        banks = banks_of(command, self.geometry)
        groups = {b // self.geometry.banks_per_group for b in banks}
        return [("pc", pc, 0), *(("group", pc, g) for g in groups), *(("bank", pc, b) for b in banks)]

    def _check_rules(self, event: Command, pc: int) -> None:
        keys = self._keys(event, pc)
        for rule in self.rules.get(event.name, ()):
            for key in keys:
                earlier = self.last.get((rule.before, *key)) if key[0] == rule.relation else None
                if earlier is not None and event.slot - earlier < rule.gap:
                    gap = event.slot - earlier
                    self._fail(rule.name, f"{rule.before} to {rule.after}: {gap} slots, needs {rule.gap}")
                    break

    def _remember(self, command: Command, pc: int) -> None:
        for event in spread(command, self.timing, self.geometry, self.limits):
            for key in self._keys(event, pc):
                slots = (self.last.get((event.name, *key), event.slot), event.slot)
                self.last[(event.name, *key)] = max(slots)
            for bank in banks_of(event, self.geometry):
                self._update_bank(event, pc, bank)
            is_activate = event.name == "REFSB" and self.family.refsb_is_activate
            if is_activate or event.name in ("ACT", "ACTM"):
                name = "ACT" if is_activate else event.name
                self.activations.setdefault(pc, []).append((event.slot, self.index, name))
        if command.name in READS or command.name in WRITES:
            start = command.slot + self.timing["tCL" if command.name in READS else "tCWL"]
            self.data.setdefault(pc, []).append((start, self.index))

    def _update_bank(self, event: Command, pc: int, bank: int) -> None:
        t = self.timing
        if event.name in ("ACT", "ACTM"):
            self.open[pc, bank] = (event.row, event.slot)
        elif event.name in ("PRE", "PREA"):
            self.open.pop((pc, bank), None)
        elif event.name in ("RDA", "WRA") and (pc, bank) in self.open:
            # The device precharges by itself once tRAS and tRTP or tWR are over (JESD79-4 4.24.5, 4.25.5).
            after = t["tRTP"] if event.name == "RDA" else t["tCWL"] + t["burst"] + t["tWR"]
            opened = self.open.pop((pc, bank))[1]
            self.last["PRE", "bank", pc, bank] = max(opened + t["tRAS"], event.slot + after)
        elif event.name in ("REF", "REFSB"):
            self.refreshes.setdefault((pc, bank), []).append(event.slot)

    def finish(self, end_slot: int | None = None, *, refresh: bool = False) -> list[Violation]:
        """Check windows, data bus and, if asked, refresh frequency up to `end_slot`; return everything."""
        for name, counted, allowed, length in self.windows:
            for events in self.activations.values():
                ordered = sorted(e[:2] for e in events if e[2] in counted)
                for (first, _), (slot, index) in zip(ordered, ordered[allowed:], strict=False):
                    if slot - first < length:
                        text = f"{allowed + 1} activations in {slot - first} slots, window {length}"
                        self.found.append(Violation(index, name, text))
        for starts in self.data.values():
            for (first, _), (start, index) in pairwise(sorted(starts)):
                if start - first < self.timing["burst"]:
                    self.found.append(Violation(index, "data bus", f"bursts at {first} and {start} overlap"))
        if refresh:
            self._check_refresh(self.previous_slot if end_slot is None else end_slot)
        return self.found

    def _check_refresh(self, end_slot: int) -> None:
        # JESD79-4 4.26: at most `postponed` refreshes may be outstanding, so the n-th is due by
        # (n + postponed) tREFI.
        interval = self.timing["tREFI"]
        for pc in range(self.geometry.pseudo_channels):
            for bank in range(self.geometry.bank_groups * self.geometry.banks_per_group):
                done = self.refreshes.get((pc, bank), [])
                needed = end_slot // interval - self.family.postponed
                late = [n for n, s in enumerate(done, 1) if s > (n + self.family.postponed) * interval]
                if late or len(done) < needed:
                    text = f"bank {bank} of pc {pc}: {len(done)} refreshes of {needed}, late {late[:1]}"
                    self.found.append(Violation(self.index, "refresh", text))


def check(
    commands: Iterable[Command],
    timing: Mapping[str, int],
    geometry: Geometry,
    family: str,
    *,
    refresh: bool = False,
    end_slot: int | None = None,
    **options: Any,
) -> list[Violation]:
    """Every violation in a command sequence; an empty list means the sequence is legal."""
    checker = Checker(timing, geometry, family, **options)
    for command in commands:
        checker.read(command)
    return checker.finish(end_slot, refresh=refresh)
