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


class Ahead:
    """A queue that issues what is ready first, a row and a column command a clock, rows past fences as well.

    Entries are of kind R, a column of a unit, or M, a move that needs no row; `unit` of a move names a bank in
    the group `unit // size`. A move does not pass columns that hit the row of the unit of the same number.
    """

    def __init__(self, ticks: Ticks, entries: Sequence[Entry], depth: int, size: int, every: int) -> None:
        self.ticks, self.coming, self.depth, self.size = ticks, deque(entries), depth, size
        self.every, self.due, self.refreshing = every, every, 0
        self.queue: list[Entry] = []
        self.moved: list[tuple[int, int]] = []
        self.row_bus, self.column_at, self.all_closed_from = 0, -FAR, 0

    def run(self) -> list[tuple[int, str, int]]:
        """Every command as (clock, name, unit); C closes all rows for a refresh F."""
        now = 0
        while self.queue or self.coming:
            while self.coming and len(self.queue) < self.depth:
                self.queue.append(self.coming.popleft())
            if now >= self.due:
                self.refreshing, self.due = self.refreshing + 1, self.due + self.every
            done = self._refresh(now) if self.refreshing else self._issue(now, "")
            if done:
                self._issue(now, done)
            now += 1
        return self.ticks.trace

    def _refresh(self, now: int) -> str:
        """Close or refresh all if it may be; columns may run beside either way."""
        ticks = self.ticks
        is_open = [unit for unit, row in enumerate(ticks.row) if row is not None]
        if now >= self.row_bus and all(ticks.can("P", unit, now) for unit in range(len(ticks.row))):
            self.row_bus = now + 1
            if is_open:
                ticks.trace.append((now, "C", 0))
                for unit in range(len(ticks.row)):
                    ticks.row[unit] = None
                    ticks.ready["A", unit] = max(ticks.ready["A", unit], now + ticks.t["P>A"])
            else:
                ticks.do("F", 0, now)
                self.refreshing -= 1
        return "row"

    def _next(self, entry: Entry) -> str:
        if entry.row is None or self.ticks.row[entry.unit] == entry.row:
            return entry.kind
        return "A" if self.ticks.row[entry.unit] is None else "P"

    def _can(self, name: str, entry: Entry, now: int) -> bool:
        if name in "AP":
            return now >= self.row_bus and self.ticks.can(name, entry.unit, now)
        if name == "R":
            return now > self.column_at and self.ticks.can("R", entry.unit, now)
        near, far = self.ticks.t["M>M near"], self.ticks.t["M>M far"]
        group = entry.unit // self.size
        return now > self.column_at and all(
            now - at >= (near if group == other else far) for at, other in self.moved[-4:]
        )

    def _issue(self, now: int, done: str) -> str:
        """Issue the first ready command unless it is of the kind done in this clock; the kind issued."""
        hit = {e.unit for e in self.queue if e.row is not None and self._next(e) == e.kind}
        behind, claimed = False, set()
        for k, entry in enumerate(self.queue):
            name = self._next(entry)
            row_command, hits = name in "AP", entry.row is not None and name == entry.kind
            allowed = (not behind or row_command) and (k == 0 or hits or entry.unit not in hit)
            if (
                allowed
                and (entry.row is None or hits or entry.unit not in claimed)
                and self._can(name, entry, now)
            ):
                kind = "row" if row_command else "column"
                if kind == done:
                    return ""
                self._do(name, entry, now, k)
                return kind
            if entry.row is not None:
                claimed.add(entry.unit)
            behind = behind or entry.fence
        return ""

    def _do(self, name: str, entry: Entry, now: int, k: int) -> None:
        if name == "M":
            self.ticks.trace.append((now, "M", entry.unit))
            self.moved.append((now, entry.unit // self.size))
        else:
            self.ticks.do(name, entry.unit, now, entry.row)
        if name in "AP":
            self.row_bus = now + (2 if name == "A" else 1)
            return
        self.column_at = now
        del self.queue[k]
        if entry.fence and k:
            self.queue[k - 1] = self.queue[k - 1]._replace(fence=True)
