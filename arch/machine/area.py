"""How much of each die the units of cores, SRAM stores, interfaces and routers take, and what cells they replace.

Blocks are counted as they are known: a die has more (control, caches, clock trees, pads), so their sum may be far below
its area, and never above it.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Protocol

from bankside.arch.machine.die_spec import DieSpec
from bankside.arch.machine.memory_spec import MemorySpec
from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.machine.spec import IN_DRAM_DIE, CoreSpec, MachineSpec
from bankside.arch.pe.core import core_area
from bankside.arch.technology.process import load_process

REPLACES = "replaces capacity"
PORTS: Mapping[str, int] = {"ring": 3, "mesh": 5, "torus": 5, "mesh3d": 7}
"""Ports of a router, that of its node among them; of other networks a router joins all nodes."""

Blocks = dict[str, dict[str, float]]
"""Area of blocks by die and name, of all copies of the die together [m2]."""


class SitedCore(Protocol):
    """A kind of core: `count` of them on `nodes` nodes of a level, on a die."""

    @property
    def name(self) -> str: ...
    @property
    def spec(self) -> CoreSpec: ...
    @property
    def die(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def count(self) -> int: ...
    @property
    def nodes(self) -> int: ...


class SitedMemory(Protocol):
    """A memory of so many stacks."""

    @property
    def spec(self) -> MemorySpec: ...
    @property
    def stacks(self) -> int: ...


class Sited(Protocol):
    """A machine whose cores know where they are."""

    @property
    def spec(self) -> MachineSpec: ...
    @property
    def memories(self) -> Mapping[str, SitedMemory]: ...
    @property
    def cores(self) -> Mapping[str, SitedCore]: ...
    @property
    def blocks(self) -> Blocks: ...
    def copies(self, die: DieSpec, /) -> int: ...


def known(machine: Sited) -> Blocks:
    """Area of every known block: CORE.SLOT, MEMORY.store, LEVEL.interface, LEVEL.cache, LEVEL.network."""
    found: Blocks = {die.name: {} for die in machine.spec.dies}
    process = {die.name: load_process(die.process) for die in machine.spec.dies}
    for core in machine.cores.values():
        for slot, m2 in core_area(core.spec.units, process[core.die], core.spec.formats).items():
            shared = slot == "sram" and core.spec.sram is not None and core.spec.sram.shared
            found[core.die][f"{core.name}.{slot}"] = m2 * (core.nodes if shared else core.count)
    first = machine.spec.path[0].die or machine.spec.dies[0].name
    for name, memory in machine.memories.items():
        if (store := memory.spec.sram) is not None:
            found[first][f"{name}.store"] = process[first].sram_area_m2(memory.stacks * float(store.size))
    for entry in machine.spec.path:
        if entry.die is None:
            continue
        die_spec = next(die for die in machine.spec.dies if die.name == entry.die)
        if entry.interface is not None:
            found[entry.die][f"{entry.level}.interface"] = entry.interface * machine.copies(die_spec)
        if entry.cache is not None:
            cached = process[entry.die].sram_area_m2(float(entry.cache.size))
            found[entry.die][f"{entry.level}.cache"] = cached * machine.copies(die_spec)
        nodes = max((core.nodes for core in machine.cores.values() if core.level == entry.level), default=0)
        if entry.network is not None and (
            bits := _router_bits(entry.network, nodes, machine.copies(die_spec))
        ):
            found[entry.die][f"{entry.level}.network"] = bits * process[entry.die].noc.port
    return found


def _router_bits(network: NetworkSpec, nodes: int, copies: int) -> float:
    """Bits of all ports of all routers of a network on a die; none of a bus, or of links that leave the die."""
    if network.topology == "bus" or network.link.width is None or not nodes:
        return 0.0
    each = PORTS.get(network.topology, nodes / copies)
    return nodes * each * network.link.width


def die_m2(machine: Sited, die: DieSpec) -> float:
    """Area of all copies of a die [m2]."""
    return die.area * die.count * machine.copies(die)


def shares(machine: Sited) -> dict[str, float]:
    """Share of each die that known blocks take."""
    return {
        die.name: math.fsum(machine.blocks[die.name].values()) / die_m2(machine, die)
        for die in machine.spec.dies
    }


def lost(machine: Sited) -> dict[str, float]:
    """Share of its capacity that each memory gives up to units whose core `replaces capacity`."""
    found = {}
    for die in machine.spec.dies:
        replacing = [
            m2
            for block, m2 in machine.blocks[die.name].items()
            if (core := machine.spec.cores.get(block.partition(".")[0])) is not None and core.area == REPLACES
        ]
        if die.memory is not None and replacing:
            found[die.memory] = math.fsum(replacing) / die_m2(machine, die)
    return found


def faults(machine: Sited) -> Iterator[tuple[str, str]]:
    """Dies whose blocks are larger than they are, and cores inside a DRAM die that do not say where their room is from:
    keys of the machine's YAML, each with a sentence."""
    for name, core in machine.spec.cores.items():
        if core.tap.partition(".")[2] in IN_DRAM_DIE and core.area is None:
            yield (
                f"cores.{name}.tap",
                f"Cores {name} are inside a DRAM die that is full of cells; say `area: {REPLACES}`, or `area: beside "
                "the cells` where the device's capacity is what the units have left of the die.",
            )
    for die in machine.spec.dies:
        on_it, room = machine.blocks[die.name], die_m2(machine, die)
        if math.fsum(on_it.values()) > room:
            listed = ", ".join(
                f"{block} {1e6 * m2 / (room / die.area):.4g}"
                for block, m2 in sorted(on_it.items(), key=lambda item: -item[1])
            )
            yield (
                f"dies.{die.name}.area",
                f"A die {die.name} of {die.area * 1e6:.4g} mm2 does not hold what is on it [mm2]: {listed}.",
            )
