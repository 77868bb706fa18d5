"""Energy, power, area and density of a run, from its event counts and its time.

What happens is priced event by event. What stands flows for as long as the run takes: leakage of units, of the rest of
their dies and of the memory (`static`), and the clock networks of logic dies (`clock`). A board takes in more than
reaches the dies, and loses the difference (`board`).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bankside.arch import events as ev
from bankside.arch.machine.die_spec import DieSpec
from bankside.arch.machine.machine import Core, Machine, Memory
from bankside.arch.machine.once import once
from bankside.arch.machine.path import arrival_level, arrivals
from bankside.arch.machine.power_spec import TransportSpec
from bankside.arch.machine.spec import CoreSpec, PathLevelSpec
from bankside.arch.pe.core import core_area, core_instructions, core_parts
from bankside.arch.technology.clock import check_clock
from bankside.arch.technology.costs import (
    arrival_costs,
    delivery_costs,
    flash_costs,
    link_costs,
    memory_costs,
    noc_costs,
)
from bankside.arch.technology.energy import (
    LEVEL_EVENT,
    PARTS,
    UNASKED,
    Cost,
    energy_parts,
    energy_table,
)
from bankside.arch.technology.process import ProcessSpec, load_process
from bankside.kernels.formats import Format
from bankside.kernels.formats.computed import computed_as
from bankside.kernels.run.places import EVERYWHERE, Place, PlaceHeat, Places, leaked

Events = Mapping[str, npt.NDArray[np.int64]]
UnitEvents = Mapping[str, Mapping[str, Mapping[str, int]]]
"""Counts by core kind, slot of the unit, and name."""

VOLTS = {
    **dict.fromkeys(("transport", "sram", "registers", "control", "mac", "nonlinear", "noc", "clock"), 2),
    "static": 1,
}
"""Power of the supply that a part of a logic die goes with; PHYs and links have supplies of their own."""

IN_STACK = ("activation", "array_to_bank", "bank_to_tsv", "bank_to_pads", "refresh", "static")


@dataclass(frozen=True)
class Spent:
    """Energy of a die or a block [J]: all of it, and the part that flows whether or not anything happens."""

    total_j: float
    standing_j: float

    def power_w(self, time_s: float, duty: float) -> float:
        """Mean power when it runs for a share of all time [W]; what stands flows in the rest as well."""
        return (duty * (self.total_j - self.standing_j) + self.standing_j) / time_s if time_s else 0.0

    def more(self, standing_j: float) -> "Spent":
        """With so much more that stands."""
        return Spent(self.total_j + standing_j, self.standing_j + standing_j)


@dataclass(frozen=True)
class Account:
    """Energy by part [J], by die, by block and by place on the dies, area by block and by unit [m2], warnings."""

    parts_j: dict[str, float]
    dies: dict[str, Spent]
    places: dict[Place, PlaceHeat]
    blocks: dict[str, Spent]
    block_m2: dict[str, float]
    area_m2: dict[str, float]
    efficiency: float
    warnings: tuple[str, ...]

    @property
    def total(self) -> Spent:
        """Of the whole machine, with the board's share of each."""
        parts = {part: joule for part, joule in self.parts_j.items() if part != "board"}
        standing = math.fsum(joule for part, joule in parts.items() if part in UNASKED)
        return Spent(math.fsum(self.parts_j.values()), standing / self.efficiency)

    def warmed(self, leaks: Mapping[Place, float]) -> "Account":
        """The account with places that leak so many times what their process states."""
        places = leaked(self.places, leaks)
        more = {place: places[place].leakage_j - heat.leakage_j for place, heat in self.places.items()}
        parts = self.parts_j | {"static": self.parts_j["static"] + math.fsum(more.values())}
        del parts["board"]
        parts["board"] = math.fsum(parts.values()) * (1 / self.efficiency - 1)
        dies = {
            die: spent.more(math.fsum(joule for (of, _), joule in more.items() if of == die))
            for die, spent in self.dies.items()
        }
        blocks = {
            name: spent.more(math.fsum(j for (_, of), j in more.items() if of.partition(".")[0] == name))
            for name, spent in self.blocks.items()
        }
        return replace(self, parts_j=parts, dies=dies, blocks=blocks, places=places)


def account(
    machine: Machine,
    fmt: Format,
    events: Events,
    unit_events: UnitEvents,
    time_s: float,
    supply: Mapping[str, float],
) -> Account:
    """Price the events of every owner in its own process and sum them by part, die and block.

    `supply`: of each logic die, over what it is at the machine's own clock.
    """
    ledger = _Ledger(machine, fmt, time_s, supply)
    for core in machine.cores.values():
        ledger.core(core, unit_events.get(core.name, {}))
    for name in machine.memories:
        ledger.memory(name, events.get(machine.memories[name].owner))
    for die in machine.spec.dies:
        ledger.rest_of_die(die)
    for entry in machine.levels:
        ledger.interfaces(entry)
        ledger.network(entry.level, events.get(f"network.{entry.level}"))
        ledger.link(entry.level, events.get(f"link.{entry.level}"))
        ledger.delivery(entry.level, events.get(f"delivery.{entry.level}"))
    return ledger.close()


def _none() -> dict[str, float]:
    return dict.fromkeys(PARTS, 0.0)


class _Ledger:
    def __init__(self, machine: Machine, fmt: Format, time_s: float, supply: Mapping[str, float]) -> None:
        self.machine, self.fmt, self.time_s, self.supply = machine, fmt, time_s, supply
        self.parts: dict[str, list[float]] = {part: [] for part in PARTS}
        self.die: dict[str, list[Mapping[str, float]]] = {die.name: [] for die in machine.spec.dies}
        self.places = Places()
        self.blocks: dict[str, Spent] = {}
        self.block_m2: dict[str, float] = {}
        self.warnings: dict[str, None] = {}

    def core(self, core: Core, events: Mapping[str, Mapping[str, int]]) -> None:
        """Units and leakage of all cores of a kind, in the process of their die."""
        spec, process = core.spec, self._process(core.die)
        if warning := check_clock(core.name, spec.clock, process):
            self.warnings[warning] = None
        area, leaks_w = once(core, "area and leakage", lambda: _stands(spec, process))
        number = dict.fromkeys(area, core.count)
        if spec.sram is not None and spec.sram.shared:
            number["sram"] = core.nodes
        leakage_j = {slot: self.time_s * number[slot] * watt for slot, watt in leaks_w.items()}
        multiplied = self._multiplied(spec.formats)
        prices = once(
            core,
            ("prices", multiplied),
            lambda: {slot: unit.prices(process, multiplied) for slot, unit in spec.units.items()},
        )
        parts = core_parts(spec.units, prices, events)
        if spec.instruction is not None:
            parts["control"] = process.instruction * core_instructions(spec.instruction, spec.units, events)
        parts["static"] = math.fsum(leakage_j.values())
        stored_j = leakage_j.get("sram", 0.0)
        leaks = {f"{core.name}.sram": stored_j, f"{core.name}.compute": parts["static"] - stored_j}
        self.blocks[core.name] = _spent(self._add(parts, core.die, leaks, core.name))
        self.block_m2[core.name] = math.fsum(number[slot] * m2 for slot, m2 in area.items())

    def _multiplied(self, own: tuple[str, ...]) -> str:
        """The format that a core with formats of its `own` multiplies the activations in."""
        computed = computed_as(self.fmt, own)
        if computed is None:
            return own[0]  # it multiplies none
        return computed.computed

    def rest_of_die(self, die: DieSpec) -> None:
        """Clock network of a logic die at the clock of its fastest cores, over what is powered and at least over the
        units, and leakage of what is no unit of them."""
        cores = [core for core in self.machine.cores.values() if core.die == die.name]
        if die.memory is not None or not cores:
            return
        process, copies = self._process(die.name), self.machine.copies(die) * die.count
        powered = die.powered * die.area * copies
        stores = (name for name, memory in self.machine.memories.items() if memory.spec.sram is not None)
        known = math.fsum(self.block_m2.get(name, 0.0) for name in (*(c.name for c in cores), *stores))
        clocked, clock_hz = max(powered, known), max(core.spec.clock for core in cores)
        parts = _none()
        parts["clock"] = process.clock_w(clocked, clock_hz) * self.time_s
        parts["static"] = process.leakage_w(clocked - known, 0.0) * self.time_s
        self._add(parts, die.name, {EVERYWHERE: parts["static"]})

    def interfaces(self, entry: PathLevelSpec) -> None:
        """Interfaces of a level's die that run whether or not they carry anything, on a supply of their own."""
        if entry.die is None or not entry.standing:
            return
        die = next(die for die in self.machine.spec.dies if die.name == entry.die)
        standing_w = self.machine.copies(die) * die.count * math.fsum(entry.standing.values())
        volt = self.supply.get(entry.die, 1.0) ** VOLTS["static"]
        self._add(_none() | {"static": standing_w * self.time_s / volt}, entry.die)

    def memory(self, name: str, events: npt.NDArray[np.int64] | None) -> None:
        """Activation, movement up to the cores, refresh and background power."""
        memory = self.machine.memories[name]
        counts = events if events is not None else np.zeros(ev.N_EVENT, dtype=np.int64)
        self._arrivals(counts, memory.channelled is not None)
        if memory.spec.sram is not None:
            self._store(memory, counts)
            return
        background_w, costs = 0.0, None
        edge = arrival_level(self.machine)
        if memory.flash is not None and (written := memory.flash.spec.energy) is not None:
            background_w, costs = written.background, flash_costs(written, edge)
        elif memory.standard is not None and (stated := memory.standard.spec.energy) is not None:
            background_w, costs = stated.background, memory_costs(stated, memory.standard.banks, edge)
        if costs is None:
            self.warnings[f"Device of memory {name} states no energies: its accesses are counted as 0 J."] = (
                None
            )
            return
        parts = energy_parts(counts, energy_table(costs), memory.channels * background_w, self.time_s)
        cells = next((die.name for die in self.machine.spec.dies if die.memory == name), None)
        base = next((die.name for die in self.machine.spec.dies if die.memory is None), cells)
        self._add({part: parts[part] if part in IN_STACK else 0.0 for part in PARTS}, cells)
        self._add({part: 0.0 if part in IN_STACK else parts[part] for part in PARTS}, base)

    def _store(self, memory: Memory, counts: npt.NDArray[np.int64]) -> None:
        """Accesses, area and leakage of an SRAM store, which is on the die of the first level."""
        store, first = memory.spec.sram, self.machine.levels[0]
        die = first.die or self.machine.spec.dies[0].name
        assert store is not None
        process, macro = self._process(die), store.macro or store.size
        costs = [Cost(LEVEL_EVENT[first.level], "sram", process.sram_read_j_per_byte(macro))]
        area = memory.stacks * process.sram_area_m2(store.size)
        parts = energy_parts(counts, energy_table(costs), process.leakage_w(0.0, area), self.time_s)
        booked = self._add(parts, die, {EVERYWHERE: parts["static"]})
        self.blocks[memory.name], self.block_m2[memory.name] = _spent(booked), area

    def _arrivals(self, counts: npt.NDArray[np.int64], off_die: bool) -> None:
        """Controllers, PHYs, wires and buffers of the dies that a memory's bytes reach beyond the vault."""
        for entry, enters in arrivals(self.machine):
            assert entry.die is not None
            process, buffers = self._process(entry.die), entry.transport.buffers if entry.transport else ()
            costs = arrival_costs(
                entry.level,
                8 * process.interface if enters and off_die else 0.0,
                _wires_j(entry, process),
                math.fsum(
                    process.sram_read_j_per_byte(b) + process.sram_write_j_per_byte(b) for b in buffers
                ),
            )
            self._add(energy_parts(counts, energy_table(costs)), entry.die)

    def delivery(self, level: str, events: npt.NDArray[np.int64] | None) -> None:
        """Bytes that the cores of a level share, brought to each of them."""
        entry = next(entry for entry in self.machine.levels if entry.level == level)
        if events is None or entry.die is None or entry.transport is None:
            return
        process, buffers = self._process(entry.die), entry.transport.buffers
        read_j = process.sram_read_j_per_byte(buffers[-1]) if buffers else 0.0
        way = entry.transport
        wire_j = 8 * _wire(entry.transport, process)
        costs = delivery_costs(wire_j * (way.from_buffer - way.within), wire_j * way.within, read_j)
        self._add(energy_parts(events, energy_table(costs)), entry.die)

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
        """Sums, and what the board loses of them; what no die has (links, the board) heats nothing here."""
        parts = {part: math.fsum(values) for part, values in self.parts.items()}
        board = self.machine.spec.board
        efficiency = 1.0 if board is None else board.efficiency
        parts["board"] = math.fsum(parts.values()) * (1 / efficiency - 1)
        dies = {
            die: _spent({part: math.fsum(one[part] for one in added) for part in PARTS})
            for die, added in self.die.items()
        }
        area_m2 = {block: m2 for die in self.machine.blocks.values() for block, m2 in die.items()}
        return Account(
            parts, dies, self.places.sums(), self.blocks, self.block_m2, area_m2, efficiency, tuple(self.warnings)
        )  # fmt: skip

    def _add(
        self,
        parts: Mapping[str, float],
        die: str | None,
        leaks: Mapping[str, float] | None = None,
        core: str | None = None,
    ) -> Mapping[str, float]:
        """Book what a die takes at its supply; `leaks`: all of the part `static`, by place, where it is leakage."""
        volt = 1.0 if die is None else self.supply.get(die, 1.0)
        parts = {part: joule * volt ** VOLTS.get(part, 0) for part, joule in parts.items()}
        for part, joule in parts.items():
            self.parts[part].append(joule)
        if die is not None:
            self.die[die].append(parts)
            self.places.add(die, parts if leaks is None else {**parts, "static": 0.0}, core)
            for place, joule in (leaks or {}).items():
                self.places.leak(die, place, joule * volt ** VOLTS["static"])
        return parts

    def _process(self, die_name: str) -> ProcessSpec:
        die = next(die for die in self.machine.spec.dies if die.name == die_name)
        return load_process(die.process)


def _stands(spec: CoreSpec, process: ProcessSpec) -> tuple[dict[str, float], dict[str, float]]:
    """Area [m2] and leakage [W] of one of each of a core's units, by slot."""
    leaks_w = {slot: unit.leakage_w(process, spec.formats) for slot, unit in spec.units.items()}
    return core_area(spec.units, process, spec.formats), leaks_w


def _wires_j(entry: PathLevelSpec, process: ProcessSpec) -> float:
    """Wires of a die from its edge to the cores of a level [J/byte]."""
    way = entry.transport
    if way is None:
        return 0.0
    return 8 * way.distance * _wire(way, process)


def _wire(way: TransportSpec, process: ProcessSpec) -> float:
    """Energy of a wire [J/bit/m]."""
    return process.noc.wire if way.wire is None else way.wire


def _spent(parts: Mapping[str, float]) -> Spent:
    return Spent(math.fsum(parts.values()), math.fsum(parts[part] for part in UNASKED))
