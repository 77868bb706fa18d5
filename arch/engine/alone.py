"""Trains that run by themselves, each from the same state of the hardware, as arrays all the way.

What a mapping is judged by runs hundreds of them, of a millisecond each.
"""

from typing import Any, Final

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.engine.execute import COLUMNS, END, Int64s, kinds_of, run_all, unit_table
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.kinds import compiled
from bankside.arch.engine.program import MOST_BURSTS, MOST_OPS, ProgramBuilder, freeze
from bankside.arch.engine.trains import Chained, Given, fill, given_of, most_of
from bankside.arch.events import N_EVENT
from bankside.arch.jit import heard, kernel

AN_OPERATION: Final = 4 + 3 + 2 + 2 + COLUMNS + N_CAUSE + 1
"""Words of an operation in all arrays of a program and of its run but those of its words and of what it waits for."""


class Alone:
    """Runs trains on the units of a builder, which has no operations, and on hardware that is the same for each.

    Parameters
    ----------
    hardware
        Its states are copied for each train; what it remembers is shared with others.

    Attributes
    ----------
    units : int
        How many units there were.
    """

    def __init__(self, builder: ProgramBuilder, hardware: Hardware) -> None:
        units = builder.build()
        self.units = len(units.unit_kind)
        self._functions = compiled(tuple(kinds_of(units, hardware)))
        self._itemised = builder.units.itemised
        self._units = unit_table(units, hardware, 0)
        self._hardware = hardware.params, hardware.memory
        self._fresh = self._units, hardware.states
        self._stands = np.empty_like(self._units), np.empty_like(hardware.states)
        self._events = np.zeros((len(hardware.place) + 1, N_EVENT), dtype=np.int64)
        self._room = np.empty(0, dtype=np.int64)

    def ends_fs(self, train: Chained) -> tuple[int, Int64s] | None:
        """When the last operation of a train ends, and each of its tiles [fs]; None where it does not run, which it
        says why as a program."""
        steps, (ops, words, waits) = len(train.bursts), most_of(train)
        if int(train.bursts.sum()) * len(train.chain) > MOST_BURSTS or ops > MOST_OPS:
            return None
        needed = (ops + 1) * AN_OPERATION + words + 2 * waits + steps
        if needed > len(self._room):
            self._room = np.empty(2 * needed, dtype=np.int64)
        ends_fs = np.empty(steps + 1, dtype=np.int64)
        with heard():
            done = _run(
                self._functions, given_of(train), self._itemised, (words, waits), self._fresh, self._stands,
                self._hardware, self._room, self._events, ends_fs,
            )  # fmt: skip
        return (int(ends_fs[steps]), ends_fs[:steps]) if done else None


@kernel
def _run(
    functions: Any,
    given: Given,
    itemised: Int64s,
    most: tuple[int, int],
    fresh: tuple[Int64s, Int64s],
    stands: tuple[Int64s, Int64s],
    hardware: tuple[Int64s, Int64s],
    room: Int64s,
    events: Int64s,
    ends_fs: Int64s,
) -> bool:
    """Run a train from `fresh` units and states and note when its tiles and, last, all of it have ended; whether it
    ran. given: as of `given_of`; most: words, and waits; stands, room: to be used, the second in one piece."""
    bursts, opens = given[1][0], given[2][1]
    steps, links, parts = bursts.shape[0], given[0][1].shape[0], given[2][2].shape[1]
    n = steps * parts + (given[0][0][11] > 0)
    for i in range(steps):
        n += int(opens[i] > 0)
        for way in range(bursts.shape[1]):
            n += links * int(bursts[i, way] != 0)
    words, waits = most
    at = 4 * n
    unit, label, of_words, deps = room[:n], room[n : 2 * n], room[2 * n : 3 * n], room[3 * n : at]
    work, at = room[at : at + words], at + words
    dep, succ, at = room[at : at + waits], room[at + waits : at + 2 * waits], at + 2 * waits
    tile_at, at = room[at : at + steps], at + steps
    op, at = room[at : at + 3 * n].reshape(n, 3), at + 3 * n
    start, at = room[at : at + 2 * (n + 1)].reshape(2, n + 1), at + 2 * (n + 1)
    starts, at = room[at : at + 2 * (n + 1)].reshape(2, n + 1), at + 2 * (n + 1)
    time, at = room[at : at + COLUMNS * n].reshape(COLUMNS, n), at + COLUMNS * n
    causes = room[at : at + (n + 1) * (N_CAUSE + 1)].reshape(n + 1, N_CAUSE + 1)
    used = np.zeros(3, dtype=np.int64)
    fill(given[0], given[1], given[2], given[3], (unit, label, of_words, work, deps, dep, tile_at), used)
    start[0, 0] = start[1, 0] = 0
    freeze(unit, label, of_words, deps, itemised, op, start)
    causes[:] = 0
    units, states = stands
    units[:] = fresh[0]
    states[:] = fresh[1]
    done = run_all(
        functions, (op, work, start, dep[: used[1]]), 0, (starts, succ[: used[1]]), units,
        (hardware[0], states, hardware[1]), time, causes, events,
    )  # fmt: skip
    if done != n:
        return False
    latest = 0
    for i in range(n):
        latest = max(latest, time[END, i])
    ends_fs[steps] = latest
    for i in range(steps):
        ends_fs[i] = time[END, tile_at[i]]
    return True
