"""What all phases of a run add up to."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.engine.execute import execute
from bankside.arch.engine.program import LATEST_FS, RunTooLongError
from bankside.arch.events import N_EVENT
from bankside.arch.machine.machine import FS_PER_S, Machine
from bankside.kernels.lower.lowering import Int64s, Traffic
from bankside.kernels.lower.phase import Lowered

MOST_EVENTS = 1 << 62
"""Events of a kind that an owner may count: sums of two such counts fit int64."""


@dataclass
class Outcome:
    """What all phases of a run add up to.

    time_fs; stack_fs: int64[N_CAUSE]; ops: per operator label, in order, (phase repetitions, int64[N_CAUSE] fs);
    events: int64[N_EVENT] by owner (memory, network level); unit_events: by core kind, slot of the unit and name;
    traffic, net_bytes: bytes; warnings for reports.
    """

    refresh_multiplier: int = 1
    time_fs: int = 0
    stack_fs: Int64s = field(default_factory=lambda: np.zeros(N_CAUSE, dtype=np.int64))
    ops: list[tuple[str, int, Int64s]] = field(default_factory=list)
    events: dict[str, Int64s] = field(default_factory=dict)
    unit_events: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    traffic: Counter[Traffic] = field(default_factory=Counter)
    net_bytes: Counter[str] = field(default_factory=Counter)
    warnings: dict[str, None] = field(default_factory=dict)

    def add(self, lowered: Lowered, machine: Machine, count: int) -> None:
        """Execute a lowered phase and add it `count` times."""
        low = lowered.state
        timeline = execute(lowered.program, low.hardware(self.refresh_multiplier))
        self.time_fs += count * timeline.total_fs
        if self.time_fs > LATEST_FS:
            raise RunTooLongError(
                f"The phases take {self.time_fs / FS_PER_S:,.0f} s; {LATEST_FS / FS_PER_S:,.0f} s (2^62 fs) are "
                "the most that can be counted."
            )
        self.stack_fs += count * timeline.path_fs.sum(axis=0)
        for label, row in zip(lowered.program.labels, timeline.path_fs, strict=True):
            self.ops.append((label, count, row))
        of_channels = timeline.events[: len(low.channel_memory)]  # lowering has counted what networks carry
        for name, copies, row in zip(low.channel_memory, low.channel_copies, of_channels, strict=True):
            owner = machine.memories[name].owner
            self._count(owner, row, count * copies)
        for owner, row in low.events.items():
            self._count(owner, row, count)
        for core, units in low.unit_events.items():
            for slot, counted in units.items():
                of = self.unit_events.setdefault(core, {}).setdefault(slot, Counter())
                of.update({name: count * number for name, number in counted.items()})
        for direction, byte in low.traffic.items():
            self.traffic[direction] += count * int(byte)
        for kind, byte in low.net_bytes.items():
            self.net_bytes[kind] += count * int(byte)
        self.warnings |= low.warnings

    def _count(self, owner: str, row: Int64s, times: int) -> None:
        """Add `times` times the events of a row, which are negative where they did not fit int64 themselves."""
        before = self.events.get(owner, np.zeros(N_EVENT, dtype=np.int64))
        least, most = int(row.min()), int(before.max()) + times * int(row.max())
        if least < 0 or most > MOST_EVENTS:
            raise RunTooLongError(
                f"{owner} counts more than 2^62 events of a kind, the most that can be counted."
            )
        self.events[owner] = before + times * row
