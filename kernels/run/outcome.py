"""What all phases of a run add up to, and what happened in each."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import N_CAUSE
from bankside.arch.engine.execute import Timeline
from bankside.arch.engine.program import LATEST_FS, Program, RunTooLongError
from bankside.arch.events import N_EVENT
from bankside.arch.machine.machine import FS_PER_S
from bankside.kernels.sharding.kernel import in_a_row

Int64s = npt.NDArray[np.int64]

MOST_EVENTS = 1 << 62
"""Events of a kind that an owner may count: sums of two such counts fit int64."""


@dataclass(frozen=True)
class Executed:
    """A phase that was run: its program, what happened to each of its operations, and how often it is repeated;
    busy_fs: how long each node's unit in a slot (CORE.SLOT) and each channel of a memory worked in one repetition."""

    program: Program
    timeline: Timeline
    count: int
    busy_fs: dict[str, Int64s] = field(default_factory=dict)


@dataclass
class Outcome:
    """What all phases of a run add up to.

    phases: each as it was executed, in order; time_fs: of all repetitions; events: int64[N_EVENT] by owner (memory,
    network level); unit_events: by core kind, slot of the unit and name; traffic (read, useful, written), net_bytes
    (noc, link): bytes; held_fs: how long each link of a network was held; warnings for reports.
    """

    time_fs: int = 0
    phases: list[Executed] = field(default_factory=list)
    events: dict[str, Int64s] = field(default_factory=dict)
    unit_events: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    traffic: Counter[str] = field(default_factory=Counter)
    net_bytes: Counter[str] = field(default_factory=Counter)
    held_fs: dict[str, Int64s] = field(default_factory=dict)
    warnings: dict[str, None] = field(default_factory=dict)

    @property
    def stack_fs(self) -> Int64s:
        """Time by cause: int64[N_CAUSE] [fs]."""
        stack = np.zeros(N_CAUSE, dtype=np.int64)
        for phase in self.phases:
            stack += phase.count * phase.timeline.path_fs.sum(axis=0)
        return stack

    @property
    def ops(self) -> list[tuple[str, int, Int64s]]:
        """Per line of operators, in order: its label, how often its phase is repeated, int64[N_CAUSE] of one
        repetition [fs]."""
        return [
            (label, phase.count, row)
            for phase in self.phases
            for label, row in zip(phase.program.labels, phase.timeline.path_fs, strict=True)
        ]

    def worked_fs(self, stages: int) -> dict[str, tuple[int, int]]:
        """Of each slot of a core kind and each memory: for how long the busiest of all packages' units or channels
        is at work, and those of one package together, or of one package of every stage [fs].

        A stage of a pipeline runs as many layers in a row as make up all stages, behind which rows are handed on.
        """
        found: dict[str, tuple[int, int]] = {}
        for stage in self._stages(stages):
            own: dict[str, Int64s] = {}
            for phase, count in stage:
                for name, each in phase.busy_fs.items():
                    add_from(own, name, 0, each * count)
            for name, worked in own.items():
                busiest, together = found.get(name, (0, 0))
                found[name] = max(busiest, int(worked.max())), together + sum(worked.tolist())
        return found

    def _stages(self, stages: int) -> Iterator[list[tuple[Executed, int]]]:
        """What each stage runs, and how often."""
        if stages == 1:
            yield [(phase, phase.count) for phase in self.phases]
            return
        units, size = in_a_row([phase.count for phase in self.phases[:-1]], stages)
        for first in range(0, len(units), size):
            yield [(self.phases[at], count) for at, count in Counter(units[first : first + size]).items()]

    def add(self, phase: Executed) -> None:
        """One more phase.

        Raises
        ------
        RunTooLongError
            If the phases end after `LATEST_FS`.
        """
        self.phases.append(phase)
        self.time_fs += phase.count * phase.timeline.total_fs
        if self.time_fs > LATEST_FS:
            raise RunTooLongError(
                f"The phases take {self.time_fs / FS_PER_S:,.0f} s; {LATEST_FS / FS_PER_S:,.0f} s (2^62 fs) are "
                "the most that can be counted."
            )

    def count(self, owner: str, row: Int64s, times: int) -> None:
        """Add `times` times the events of a row, which are negative where they did not fit int64 themselves.

        Raises
        ------
        RunTooLongError
            If there are more than `MOST_EVENTS` of a kind.
        """
        before = self.events.get(owner, np.zeros(N_EVENT, dtype=np.int64))
        least, most = int(row.min()), int(before.max()) + times * int(row.max())
        if least < 0 or most > MOST_EVENTS:
            raise RunTooLongError(
                f"{owner} counts more than 2^62 events of a kind, the most that can be counted."
            )
        self.events[owner] = before + times * row

    def hold(self, network: str, held: Int64s, times: int) -> None:
        """Links of a network are held for so long, `times` times."""
        add_from(self.held_fs, network, 0, times * held)

    def count_units(self, core: str, slot: str, counted: Counter[str], times: int) -> None:
        """Add `times` times what the unit in a slot of a core kind counted."""
        of = self.unit_events.setdefault(core, {}).setdefault(slot, Counter())
        of.update({name: times * number for name, number in counted.items()})


def add_from(to: dict[str, Int64s], name: str, first: int, more: Int64s) -> None:
    """Add to the entries of a name from `first` on, which are as many as have come so far."""
    before = to.get(name, np.zeros(0, dtype=np.int64))
    longer = np.zeros(max(first + len(more), len(before)), dtype=np.int64)
    longer[: len(before)] = before
    longer[first : first + len(more)] += more
    to[name] = longer
