"""Energy, power, area, density and temperature of a run, from its event counts and its time."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.arch import events as ev
from bankside.arch.machine.machine import Core, Machine
from bankside.arch.pe.core import core_area, core_leakage_w, core_parts
from bankside.arch.technology.clock import check_clock
from bankside.arch.technology.costs import flash_costs, link_costs, memory_costs, noc_costs
from bankside.arch.technology.energy import PARTS, energy_parts, energy_table
from bankside.arch.technology.process import ProcessSpec, load_process
from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import computed_as

Events = Mapping[str, npt.NDArray[np.int64]]
UnitEvents = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Counts by core kind, slot of the unit, and name."""

IN_STACK = ("activation", "array_to_bank", "bank_to_tsv", "refresh", "static")


@dataclass(frozen=True)
class Account:
    """Energy by part [J], energy by die and by block [J], area by unit [m2], warnings."""

    parts_j: dict[str, float]
    die_j: dict[str, float]
    block_j: dict[str, float]
    block_m2: dict[str, float]
    area_m2: dict[str, float]
    warnings: tuple[str, ...]


def account(machine: Machine, fmt: Format, events: Events, unit_events: UnitEvents, time_s: float) -> Account:
    """Price the events of every owner in its own process and sum them by part, die and block."""
    ledger = _Ledger(machine, fmt, time_s)
    for core in machine.cores.values():
        ledger.core(core, unit_events.get(core.name, {}))
    for name in machine.memories:
        ledger.memory(name, events.get(machine.memories[name].owner))
    for entry in machine.levels:
        ledger.network(entry.level, events.get(f"network.{entry.level}"))
        ledger.link(entry.level, events.get(f"link.{entry.level}"))
    return ledger.close()


class _Ledger:
    def __init__(self, machine: Machine, fmt: Format, time_s: float) -> None:
        self.machine, self.fmt, self.time_s = machine, fmt, time_s
        self.parts: dict[str, list[float]] = {part: [] for part in PARTS}
        self.die: dict[str, list[float]] = {die.name: [] for die in machine.spec.dies}
        self.block_j: dict[str, float] = {}
        self.block_m2: dict[str, float] = {}
        self.area: dict[str, float] = {}
        self.warnings: dict[str, None] = {}

    def core(self, core: Core, events: Mapping[str, Mapping[str, int]]) -> None:
        """Units and leakage of all cores of a kind, in the process of their die."""
        spec, process = core.spec, self._process(core.die)
        if warning := check_clock(core.name, spec.clock, process):
            self.warnings[warning] = None
        area = core_area(spec.units, process, spec.formats)
        leakage_w = core.count * core_leakage_w(spec.units, process, spec.formats)
        parts = core_parts(spec.units, process, self._multiplied(spec.formats), events)
        parts["static"] = leakage_w * self.time_s
        self._add(parts, core.die)
        for slot, m2 in area.items():
            self.area[f"{core.name}.{slot}"] = core.count * m2
        self.block_j[core.name] = math.fsum(parts.values())
        self.block_m2[core.name] = core.count * math.fsum(area.values())

    def _multiplied(self, own: tuple[str, ...]) -> str:
        """The format that a core with formats of its `own` multiplies the activations in."""
        computed = computed_as(self.fmt, own)
        if computed is None:
            return own[0]  # it multiplies none
        return computed.computed

    def memory(self, name: str, events: npt.NDArray[np.int64] | None) -> None:
        """Activation, movement up to the tap, refresh and background power."""
        memory = self.machine.memories[name]
        device = memory.channelled
        if device is None:
            return
        background_w, costs = 0.0, None
        if memory.flash is not None and (written := memory.flash.spec.energy) is not None:
            background_w, costs = written.background, flash_costs(written)
        elif memory.standard is not None and (stated := memory.standard.spec.energy) is not None:
            background_w, costs = stated.background, memory_costs(stated, memory.standard.banks)
        if costs is None:
            self.warnings[f"Device of memory {name} states no energies: its accesses are counted as 0 J."] = (
                None
            )
            return
        counts = events if events is not None else np.zeros(ev.N_EVENT, dtype=np.int64)
        parts = energy_parts(counts, energy_table(costs), memory.channels * background_w, self.time_s)
        cells = next((die.name for die in self.machine.spec.dies if die.memory == name), None)
        base = next((die.name for die in self.machine.spec.dies if die.memory is None), cells)
        self._add({part: parts[part] if part in IN_STACK else 0.0 for part in PARTS}, cells)
        self._add({part: 0.0 if part in IN_STACK else parts[part] for part in PARTS}, base)

    def network(self, level: str, events: npt.NDArray[np.int64] | None) -> None:
        """On-die networks at the process's cost of a hop, links at their own energy per bit."""
        entry = next(entry for entry in self.machine.levels if entry.level == level)
        if events is None or entry.network is None:
            return
        bit_j = entry.network.link.energy
        die = entry.die
        if bit_j is None and die is None:
            self.warnings[f"The network at level {level} states no energy per bit: it is counted as 0 J."] = (
                None
            )
            return
        costs = link_costs(bit_j) if bit_j is not None else []
        if die is not None:
            costs += noc_costs(self._process(die))
        self._add(energy_parts(events, energy_table(costs)), die)

    def link(self, level: str, events: npt.NDArray[np.int64] | None) -> None:
        """Links to memory at the energy per bit that they state beyond the device's own interface."""
        entry = next(entry for entry in self.machine.levels if entry.level == level)
        if events is None or entry.link is None or entry.link.energy is None:
            return
        self._add(energy_parts(events, energy_table(link_costs(entry.link.energy))), entry.die)

    def close(self) -> Account:
        """Sums; what no die has (board links) heats nothing here."""
        return Account(
            {part: math.fsum(values) for part, values in self.parts.items()},
            {die: math.fsum(values) for die, values in self.die.items()},
            self.block_j,
            self.block_m2,
            self.area,
            tuple(self.warnings),
        )

    def _add(self, parts: Mapping[str, float], die: str | None) -> None:
        for part, joule in parts.items():
            self.parts[part].append(joule)
        if die is not None:
            self.die[die].append(math.fsum(parts.values()))

    def _process(self, die_name: str) -> ProcessSpec:
        die = next(die for die in self.machine.spec.dies if die.name == die_name)
        return load_process(die.process)
