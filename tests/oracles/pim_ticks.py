"""Two controllers of PIM programs, clock by clock and without any cleverness; nothing of bankside is imported.

A unit is whatever one command goes to: a bank, or banks in lock step. An entry is (kind, unit, row, column, fence)
with kind R or W; row None needs no row. Timings are clocks between a command and a later one.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import NamedTuple

FAR = 1 << 40


class Entry(NamedTuple):
    """One column command."""

    kind: str
    unit: int
    row: int | None
    column: int
    fence: bool


class Ticks:
    """Units of one channel: when each command may come next, and which row is open."""

    def __init__(self, timing: Mapping[str, int], groups: Sequence[int]) -> None:
        self.t, self.groups = timing, groups
        self.ready = {(name, unit): 0 for name in "ARWP" for unit in range(len(groups))}
        self.row: list[int | None] = [None] * len(groups)
        self.trace: list[tuple[int, str, int]] = []

    def can(self, name: str, unit: int, now: int) -> bool:
        """Whether timing lets a command come now."""
        return now >= self.ready[name, unit]

    def _after(self, name: str, unit: int, when: int) -> None:
        self.ready[name, unit] = max(self.ready[name, unit], when)

    def do(self, name: str, unit: int, now: int, row: int | None = None) -> None:
        """Issue a command: A(ctivate), P(recharge), R(ead), W(rite) or F, a refresh of all."""
        t = self.t
        self.trace.append((now, name, unit))
        for other, group in enumerate(self.groups):
            near = group == self.groups[unit]
            if name == "F":
                self._after("A", other, now + t["F>A"])
            elif name == "A" and other != unit:
                self._after("A", other, now + t["A>A near" if near else "A>A far"])
            elif name in "RW":
                self._after(name, other, now + t[f"{name}>{name} near" if near else f"{name}>{name} far"])
                turned = "W" if name == "R" else "R"
                self._after(turned, other, now + t[f"{name}>{turned}"])
        if name == "A":
            self.row[unit] = row
            for following in "ARWP":
                self._after(following, unit, now + t[f"A>{following}"])
        elif name == "P":
            self.row[unit] = None
            self._after("A", unit, now + t["P>A"])
        elif name in "RW":
            self._after("P", unit, now + t[f"{name}>P"])


class Fenced:
    """A queue that issues one command a clock: column, activation, or the precharge of a row that nothing hits."""

    def __init__(
        self, ticks: Ticks, entries: Sequence[Entry], depth: int, first: int, every: int, lapse: int
    ) -> None:
        self.ticks, self.waiting_entries, self.depth = ticks, deque(entries), depth
        self.due, self.every, self.lapse = first, every, lapse
        self.queue: list[Entry] = []
        self.refreshing, self.lapses, self.next_unit = 0, FAR, 0

    def run(self) -> list[tuple[int, str, int]]:
        """Every command as (clock, name, unit)."""
        now = 0
        while self.queue or self.waiting_entries:
            if self.refreshing and now >= self.lapses:
                self.refreshing = 0
            if now >= self.due:
                self.refreshing, self.lapses, self.due = (
                    self.refreshing + 1,
                    self.due + self.lapse,
                    self.due + self.every,
                )
            self._clock(now)
            if self.waiting_entries and len(self.queue) < self.depth:
                self.queue.append(self.waiting_entries.popleft())
            now += 1
        return self.ticks.trace

    def _clock(self, now: int) -> None:
        if self.refreshing and self._refresh(now):
            return
        if self._column(now):
            return
        closed = all(row is None for row in self.ticks.row)
        if self.refreshing and (closed or self.refreshing > 1):
            return
        if not self._activate(now):
            self._precharge(now)

    def _refresh(self, now: int) -> bool:
        ticks = self.ticks
        for unit, row in enumerate(ticks.row):
            if row is not None and ticks.can("P", unit, now):
                ticks.do("P", unit, now)
                return True
        if all(row is None for row in ticks.row):
            ticks.do("F", 0, now)
            self.refreshing -= 1
            return True
        return False

    def _column(self, now: int) -> bool:
        ticks = self.ticks
        for k, entry in enumerate(self.queue):
            older = self.queue[:k]
            if any(e.fence for e in older):
                return False
            ready = ticks.row[entry.unit] == entry.row and ticks.can(entry.kind, entry.unit, now)
            same = any(e[1:4] == entry[1:4] for e in older)
            if ready and not same and not (k and entry.fence):
                ticks.do(entry.kind, entry.unit, now)
                del self.queue[k]
                return True
        return False

    def _activate(self, now: int) -> bool:
        ticks = self.ticks
        for k, entry in enumerate(self.queue):
            if k and entry.fence:
                return False
            if ticks.row[entry.unit] is None and ticks.can("A", entry.unit, now):
                ticks.do("A", entry.unit, now, entry.row)
                return True
        return False

    def _precharge(self, now: int) -> None:
        ticks, units = self.ticks, len(self.ticks.row)
        near = []
        for entry in self.queue:
            near.append((entry.unit, entry.row))
            if entry.fence:
                break
        for i in range(units):
            unit = (self.next_unit + i) % units
            row = ticks.row[unit]
            if row is not None and (unit, row) not in near and ticks.can("P", unit, now):
                ticks.do("P", unit, now)
                self.next_unit = unit
                return
