"""For how long units are at work: those of cores, and channels of memories that have something to serve."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bankside.arch.engine.execute import Timeline
from bankside.arch.engine.kinds import KINDS, ONE_BY_ONE
from bankside.arch.engine.program import OF_UNIT, Program
from bankside.arch.jit import flat_kernel
from bankside.arch.pe.product import SLOTS, VECTOR
from bankside.kernels.lower.lowering import Int64s, Lowering
from bankside.kernels.run.outcome import add_from

Bools = npt.NDArray[np.bool_]

BEGAN, REACHED, COVERED = range(3)
"""Of a unit, all in fs: when its last operation began, when all so far have ended, and how much time they cover."""


def busy_units(low: Lowering, program: Program, timeline: Timeline) -> dict[str, Int64s]:
    """For how long each node's unit in a slot (CORE.SLOT), and each channel of a memory, worked in a phase [fs]."""
    spans = np.zeros((3, len(program.unit_names)), dtype=np.int64)
    single = np.array([KINDS[name].admits == ONE_BY_ONE for name in program.kinds])[program.unit_kind]
    covered_in_order(program.op, timeline.start_fs, timeline.end_fs, single, spans)
    found: dict[str, Int64s] = {}

    def note(name: str, first: int, alike: int, unit: int, others: Sequence[Int64s] = ()) -> None:
        time_fs = int(spans[COVERED, unit])
        if time_fs < 0 or others:
            own = np.concatenate([np.flatnonzero(program.unit == unit), *others])
            time_fs = covered_fs(timeline.start_fs[own], timeline.end_fs[own])
        if time_fs:
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


@flat_kernel
def covered_in_order(op: Int64s, start_fs: Int64s, end_fs: Int64s, single: Bools, spans: Int64s) -> None:
    """Fill `spans`, zeros of int64[3, units], where a unit does one operation at a time (`single`), or begins them in
    their order; elsewhere its covered time is -1."""
    for i in range(op.shape[0]):
        of = op[i] & OF_UNIT
        if single[of]:
            spans[COVERED, of] += end_fs[i] - start_fs[i]
        elif spans[COVERED, of] >= 0:
            if start_fs[i] < spans[BEGAN, of]:
                spans[COVERED, of] = -1
                continue
            spans[BEGAN, of] = start_fs[i]
            if end_fs[i] > spans[REACHED, of]:
                spans[COVERED, of] += end_fs[i] - max(start_fs[i], spans[REACHED, of])
                spans[REACHED, of] = end_fs[i]


def covered_fs(start_fs: Int64s, end_fs: Int64s) -> int:
    """Length of what intervals cover together [fs]."""
    if not len(start_fs):
        return 0
    order = np.argsort(start_fs, kind="stable")
    start, reached = start_fs[order], np.maximum.accumulate(end_fs[order])
    return int(reached[0] - start[0] + np.maximum(0, reached[1:] - np.maximum(start[1:], reached[:-1])).sum())
