"""A machine whose logic runs slower than it could, so that its power stays below a limit.

The clocks of all cores on logic dies fall by one share, and the voltage of these dies with them. Memories, their PHYs
and links keep their pace; so do cores inside a DRAM die, which the memory's commands drive.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bankside.arch.machine.machine import Machine, period_fs
from bankside.arch.technology.process import load_process

FULL: Final = 256
"""Steps of the clock from standstill to what the machine states."""

LEAST: Final = FULL // 8
"""The slowest step: GPUs go down to 210 of 1410 to 1980 MHz (NVIDIA A100 and H100, recalled)."""


def throttled(machine: Machine, step: int) -> Machine:
    """The machine with the clocks of its logic at `step` of `FULL`."""
    if step == FULL:
        return machine
    cores = dict(machine.cores)
    for name, core in machine.cores.items():
        if not core.in_dram_die:
            clock_hz = core.spec.clock * step / FULL
            spec = core.spec.model_copy(update={"clock": clock_hz})
            cores[name] = replace(core, spec=spec, period_fs=period_fs(clock_hz))
    spec_of = machine.spec.model_copy(update={"cores": {name: core.spec for name, core in cores.items()}})
    return replace(machine, spec=spec_of, cores=cores)


def voltages(machine: Machine, step: int) -> Mapping[str, float]:
    """Supply of each logic die at `step`, over its supply at the full clock."""
    return {
        die.name: load_process(die.process).clock.voltage(step / FULL)
        for die in machine.spec.dies
        if die.memory is None
    }


def fastest(machine: Machine, step: int, power_w: float, static_w: float) -> int:
    """The fastest step below `step` that may hold the machine's limit.

    Power falls with V^2 f at most, leakage with V: a slower step than this one need not be tried before it.

    Parameters
    ----------
    step, power_w, static_w
        Where the machine runs, and what it draws there, leakage by itself.

    Returns
    -------
    int
        A step from `LEAST` on; 0 where none can hold it.
    """
    assert machine.spec.power_limit is not None
    limit_w, now = machine.spec.power_limit * machine.packages, voltages(machine, step)
    for slower in range(step - 1, LEAST - 1, -1):
        share = min(volt / now[die] for die, volt in voltages(machine, slower).items())
        if static_w * share + (power_w - static_w) * share**2 * slower / step <= limit_w:
            return slower
    return 0
