"""Trains that run by themselves, each from the same state of the hardware, as arrays all the way.

What a mapping is judged by runs hundreds of them, of a millisecond each.
"""

import numpy as np

from bankside.arch.engine.execute import (
    END,
    ROWS,
    Int64s,
    kinds_of,
    room_of,
    room_of_causes,
    run_all,
    unit_table,
)
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.kinds import compiled
from bankside.arch.engine.program import MOST_BURSTS, MOST_OPS, ProgramBuilder, freeze
from bankside.arch.engine.trains import Chained, fill, filling
from bankside.arch.events import N_EVENT
from bankside.arch.jit import heard


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
        self._units = unit_table(units, hardware, 0)
        self._hardware = hardware
        self._events = np.zeros((len(hardware.place) + 1, N_EVENT), dtype=np.int64)

    def ends_fs(self, train: Chained) -> tuple[int, Int64s] | None:
        """When the last operation of a train ends, and each of its tiles [fs]; None where it does not run, which it
        says why as a program."""
        given, (unit, label, words, work, deps, dep, tile_at) = filling(train)
        n = len(unit)
        if n > MOST_OPS or int(train.bursts.sum()) * len(train.chain) > MOST_BURSTS:
            return None
        used = np.empty(3, dtype=np.int64)
        fill(*given, (unit, label, words, work, deps, dep, tile_at), used)
        work, dep = work[: used[0]], dep[: used[1]]
        op, start = np.empty(n, dtype=np.int64), np.zeros((2, n + 1), dtype=np.int64)
        freeze(unit, label, words, deps, 0, op, start)
        time, of = np.empty((ROWS, n), dtype=np.int64), self._hardware
        with heard():
            done = run_all(
                self._functions, (op, work, start, dep), 0, room_of(n, len(dep)), self._units.copy(),
                (of.params, of.states.copy(), of.memory), time, room_of_causes(n), self._events,
            )  # fmt: skip
        ends_fs = time[END]
        return (int(ends_fs.max()), ends_fs[tile_at]) if done == n else None
