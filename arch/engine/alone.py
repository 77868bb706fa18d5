"""Trains that run by themselves, each from the same state of the hardware, as arrays all the way.

What a mapping is judged by runs hundreds of them, of a millisecond each.
"""

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.engine.execute import COLUMNS, END, Int64s, kinds_of, run_all, unit_table
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.kinds import compiled
from bankside.arch.engine.program import MOST_BURSTS, MOST_OPS, ProgramBuilder, freeze
from bankside.arch.engine.trains import Chained, Given, Made, fill, filling, ops_of
from bankside.arch.events import N_EVENT
from bankside.arch.jit import heard, hot_kernel


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
        self._hardware = hardware.params, hardware.states, hardware.memory
        self._room = np.empty_like(self._units), np.empty_like(hardware.states)
        self._causes = np.empty((0, N_CAUSE + 1), dtype=np.int64)
        self._events = np.zeros((len(hardware.place) + 1, N_EVENT), dtype=np.int64)

    def ends_fs(self, train: Chained) -> tuple[Int64s, Int64s] | None:
        """When each operation of a train ends, and each of its tiles [fs]; None where it does not run, which it says
        why as a program."""
        if train.bursts.sum() * len(train.chain) > MOST_BURSTS or ops_of(train) > MOST_OPS:
            return None
        given, made = filling(train)
        n, used = len(made[0]), np.zeros(3, dtype=np.int64)
        turned = np.empty((2, n + 1), dtype=np.int64), np.empty(len(made[5]), dtype=np.int64)
        time = np.empty((COLUMNS, n), dtype=np.int64)
        if n >= len(self._causes):
            self._causes = np.empty((2 * n, N_CAUSE + 1), dtype=np.int64)
        causes, (units, states) = self._causes[: n + 1], self._room
        causes[:] = 0
        op, start = np.empty((n, 3), dtype=np.int64), np.zeros((2, n + 1), dtype=np.int64)
        _make(given, made, used, self._itemised, op, start)
        _, _, _, work, _, dep, tile_at = made
        params, fresh, memory = self._hardware
        units[:], states[:] = self._units, fresh
        with heard():
            done = run_all(
                self._functions, (op, work, start, dep[: used[1]]), 0, turned, units,
                (params, states, memory), time, causes, self._events,
            )  # fmt: skip
        return (time[END], time[END][tile_at]) if done == n else None


@hot_kernel
def _make(given: Given, made: Made, used: Int64s, itemised: Int64s, op: Int64s, start: Int64s) -> None:
    """A train as a program: `given`, `made` and `used` as `fill` takes them, `op` and `start` as `freeze` does."""
    fill(given[0], given[1], given[2], given[3], made, used)
    freeze(made[0], made[1], made[2], made[4], itemised, op, start)
