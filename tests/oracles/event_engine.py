"""Naive engine: operations with dependencies on clocked units, first come first served; its critical path.

* An op is ready when its last dependency ends (at 0 without dependencies).
* A unit runs one op at a time. Of its ready ops it takes the one ready longest; at equal ready times the one
  with the lower index.
* An op starts at the unit's first own clock edge (multiple of its period) at which it is ready and the unit
  is free, and lasts a whole number of the unit's cycles.
* Ops start in order of time (index at equal times); `work` that is a callable is called in that order with
  the start time, so that it may stand for a unit with state.

Only a chain of ops of zero cycles can tell this order from another equally fair one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Causes = Mapping[str, int]


class Op(NamedTuple):
    """One operation: cycles of its unit per cause, given or decided at its start (callable of start [fs])."""

    unit: int
    work: Causes | Callable[[int], Causes]
    deps: tuple[int, ...] = ()


class Timeline(NamedTuple):
    """Start and end of every op [fs], and the cycles per cause that it took."""

    start_fs: list[int]
    end_fs: list[int]
    causes: list[Causes]


def next_edge_fs(time_fs: int, period_fs: int) -> int:
    """First multiple of the period at or after a time."""
    return -(-time_fs // period_fs) * period_fs


def run(ops: Sequence[Op], periods_fs: Sequence[int]) -> Timeline:
    """Start every op; `periods_fs` is the clock period of each unit.

    Raises
    ------
    ValueError
        when dependencies form a cycle.
    """
    start: dict[int, int] = {}
    end: dict[int, int] = {}
    causes: dict[int, Causes] = {}
    free = [0] * len(periods_fs)
    while len(start) < len(ops):
        known = [i for i in range(len(ops)) if i not in start and all(d in end for d in ops[i].deps)]
        if not known:
            raise ValueError("The dependencies form a cycle.")
        ready = {i: max((end[d] for d in ops[i].deps), default=0) for i in known}
        first_of_unit = [
            min((i for i in known if ops[i].unit == unit), key=lambda i: (ready[i], i))
            for unit in {ops[i].unit for i in known}
        ]
        begins = {
            i: next_edge_fs(max(ready[i], free[ops[i].unit]), periods_fs[ops[i].unit]) for i in first_of_unit
        }
        chosen = min(first_of_unit, key=lambda i: (begins[i], i))
        op = ops[chosen]
        causes[chosen] = op.work(begins[chosen]) if callable(op.work) else op.work
        start[chosen] = begins[chosen]
        end[chosen] = begins[chosen] + sum(causes[chosen].values()) * periods_fs[op.unit]
        free[op.unit] = end[chosen]
    order = range(len(ops))
    return Timeline([start[i] for i in order], [end[i] for i in order], [causes[i] for i in order])


def critical_path(
    ops: Sequence[Op], periods_fs: Sequence[int], timeline: Timeline
) -> tuple[list[int], dict[str, int]]:
    """Ops of the critical path, last first, and femtoseconds per cause, which sum to the end of the run.

    Backwards from the op that ends last (lowest index at equal ends): its own time is charged to its causes;
    it could not start before its last dependency ended and the op before it left the unit, so the walk goes
    on with the later of the two (the dependency at equal times, then the lowest index), whose own time covers
    the wait. What is left between that end and the start is waiting for a clock edge: `sync`.
    """
    split: dict[str, int] = {}
    path: list[int] = []
    if not ops:
        return path, split
    last = max(timeline.end_fs)
    current: int | None = timeline.end_fs.index(last)
    while current is not None:
        path.append(current)
        op = ops[current]
        for cause, cycles in timeline.causes[current].items():
            split[cause] = split.get(cause, 0) + cycles * periods_fs[op.unit]
        held_by = [(timeline.end_fs[d], 1, -d) for d in op.deps]
        held_by += [
            (timeline.end_fs[i], 0, -i)
            for i in range(len(ops))
            if ops[i].unit == op.unit
            and i != current
            and i not in path
            and timeline.end_fs[i] <= timeline.start_fs[current]
        ]
        reached = max(held_by, default=None)
        until = 0 if reached is None else reached[0]
        wait = timeline.start_fs[current] - until
        if wait:
            split["sync"] = split.get("sync", 0) + wait
        current = None if reached is None else -reached[2]
    return path, split
