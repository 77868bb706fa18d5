"""For how long units are at work: those of cores, and channels of memories that have something to serve."""

from collections.abc import Iterator

import numpy as np

from bankside.arch.engine.execute import Timeline
from bankside.arch.engine.program import UNIT, Program
from bankside.arch.pe.product import SLOTS, VECTOR
from bankside.kernels.lower.lowering import Int64s, Lowering
from bankside.kernels.run.outcome import Busy


def busy_units(low: Lowering, program: Program, timeline: Timeline) -> Iterator[Busy]:
    """All that worked in a phase."""
    order = np.argsort(program.op[:, UNIT], kind="stable")
    edges = np.searchsorted(program.op[order, UNIT], np.arange(len(program.unit_names) + 1))

    def worked_fs(unit: int, *others: Int64s) -> int:
        own = np.concatenate([order[edges[unit] : edges[unit + 1]], *others])
        return covered_fs(timeline.start_fs[own], timeline.end_fs[own])

    for core, nodes in low.groups.items():
        led = core in low.led
        for node in nodes[:1] if led else nodes:
            alike = low.machine.cores[core].nodes if led else node.count
            for slot, unit in node.units.items():
                shared = node.shared if slot == SLOTS[VECTOR] else []
                if time_fs := worked_fs(unit, *shared):
                    yield Busy(f"{core}.{slot}", node.first, alike, time_fs)
    for memory, channels in low.channel_classes.items():
        for channel in channels:
            if time_fs := worked_fs(channel.unit):
                yield Busy(memory, channel.first, channel.end - channel.first, time_fs)


def covered_fs(start_fs: Int64s, end_fs: Int64s) -> int:
    """Length of what intervals cover together [fs]."""
    if not len(start_fs):
        return 0
    order = np.argsort(start_fs, kind="stable")
    start, reached = start_fs[order], np.maximum.accumulate(end_fs[order])
    return int(reached[0] - start[0] + np.maximum(0, reached[1:] - np.maximum(start[1:], reached[:-1])).sum())
