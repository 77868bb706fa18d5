"""For how long units are at work: those of cores, and channels of memories that have something to serve."""

from collections.abc import Sequence

import numpy as np

from bankside.arch.engine.execute import Timeline
from bankside.arch.engine.program import UNIT, Program
from bankside.arch.pe.product import SLOTS, VECTOR
from bankside.kernels.lower.lowering import Int64s, Lowering
from bankside.kernels.run.outcome import add_from


def busy_units(low: Lowering, program: Program, timeline: Timeline) -> dict[str, Int64s]:
    """For how long each node's unit in a slot (CORE.SLOT), and each channel of a memory, worked in a phase [fs]."""
    order = np.argsort(program.op[:, UNIT], kind="stable")
    edges = np.searchsorted(program.op[order, UNIT], np.arange(len(program.unit_names) + 1))
    found: dict[str, Int64s] = {}

    def note(name: str, first: int, alike: int, unit: int, others: Sequence[Int64s] = ()) -> None:
        own = np.concatenate([order[edges[unit] : edges[unit + 1]], *others])
        if time_fs := covered_fs(timeline.start_fs[own], timeline.end_fs[own]):
            add_from(found, name, first, np.full(alike, time_fs, dtype=np.int64))

    for core, nodes in low.groups.items():
        led = core in low.led
        for node in nodes[:1] if led else nodes:
            alike = low.machine.cores[core].nodes if led else node.count
            for slot, unit in node.units.items():
                note(f"{core}.{slot}", node.first, alike, unit, node.shared if slot == SLOTS[VECTOR] else ())
    for memory, channels in low.channel_classes.items():
        for channel in channels:
            note(memory, channel.first, channel.end - channel.first, channel.unit)
    return found


def covered_fs(start_fs: Int64s, end_fs: Int64s) -> int:
    """Length of what intervals cover together [fs]."""
    if not len(start_fs):
        return 0
    order = np.argsort(start_fs, kind="stable")
    start, reached = start_fs[order], np.maximum.accumulate(end_fs[order])
    return int(reached[0] - start[0] + np.maximum(0, reached[1:] - np.maximum(start[1:], reached[:-1])).sum())
