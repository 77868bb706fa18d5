"""What all phases of a run add up to."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.engine.execute import execute
from bankside.arch.events import N_EVENT
from bankside.arch.machine.channels import channels_of
from bankside.arch.machine.machine import Machine
from bankside.kernels.lower.lowering import Int64s, Traffic
from bankside.kernels.lower.phase import Lowered


@dataclass
class Outcome:
    """What all phases of a run add up to.

    time_fs; stack_fs: int64[N_CAUSE]; ops: per operator label, in order, (phase repetitions, int64[N_CAUSE] fs);
    events: int64[N_EVENT] by owner (core kind, memory, network level); traffic, net_bytes: bytes;
    warnings for reports.
    """

    refresh_multiplier: int = 1
    time_fs: int = 0
    stack_fs: Int64s = field(default_factory=lambda: np.zeros(N_CAUSE, dtype=np.int64))
    ops: list[tuple[str, int, Int64s]] = field(default_factory=list)
    events: dict[str, Int64s] = field(default_factory=dict)
    traffic: Counter[Traffic] = field(default_factory=Counter)
    net_bytes: Counter[str] = field(default_factory=Counter)
    warnings: dict[str, None] = field(default_factory=dict)

    def add(self, lowered: Lowered, machine: Machine, count: int) -> None:
        """Execute a lowered phase and add it `count` times."""
        low = lowered.state
        channels = channels_of(machine, low.channel_memory, self.refresh_multiplier)
        timeline = execute(lowered.program, channels)
        self.time_fs += count * timeline.total_fs
        self.stack_fs += count * timeline.path_fs.sum(axis=0)
        for label, row in zip(lowered.program.labels, timeline.path_fs, strict=True):
            self.ops.append((label, count, row))
        for name, copies, row in zip(low.channel_memory, low.channel_copies, timeline.events, strict=True):
            owner = machine.memories[name].owner
            self._count(owner, count * copies * row)
        for owner, row in low.events.items():
            self._count(owner, count * row)
        for direction, byte in low.traffic.items():
            self.traffic[direction] += count * byte
        for kind, byte in low.net_bytes.items():
            self.net_bytes[kind] += count * byte
        self.warnings |= low.warnings

    def _count(self, owner: str, row: Int64s) -> None:
        self.events[owner] = self.events.get(owner, np.zeros(N_EVENT, dtype=np.int64)) + row
