"""The packages of a machine: which dies stand on each other, which side by side, and how often the machine has each."""

from typing import Final

from bankside.arch.machine.die_spec import DieSpec
from bankside.arch.machine.floorplan import floorplan, sides
from bankside.arch.machine.machine import Machine
from bankside.arch.technology.packaging import PackagingSpec
from bankside.arch.thermal.layers import Material
from bankside.arch.thermal.package import Die, Package, Silicon, Slab, Tower

Packages = tuple[tuple[Package, int], ...]
"""Each with its number in the machine."""

MOST_TOWERS: Final = 64
"""Towers on one interposer of which each is seen; the largest today have about twenty."""

CROWDED: Final = (
    f"More than {MOST_TOWERS} towers on one interposer are not drawn together: each is as warm as one alone."
)


def crowded(machine: Machine) -> bool:
    """Whether an interposer has more towers than are solved together."""
    spec = machine.spec
    beside = sum(1 if die.stacked else die.count for die in spec.dies if spec.beside(die))
    return spec.interposer and machine.primary.memory.spec.stacks + beside > MOST_TOWERS


def packages_of(machine: Machine, packaging: PackagingSpec) -> Packages:
    """Packages with all dies of a machine, drawn once for each machine."""
    key = id(packaging)
    if key not in machine.drawn:
        machine.drawn[key] = packaging, _packages(machine, packaging)
    found: tuple[PackagingSpec, Packages] = machine.drawn[key]
    return found[1]


def _packages(machine: Machine, packaging: PackagingSpec) -> Packages:
    spec = machine.spec
    stacked = [die for die in spec.dies if not spec.beside(die)]
    beside = [die for die in spec.dies if spec.beside(die)]
    if spec.interposer and not crowded(machine):
        per_package = machine.primary.memory.spec.stacks
        towers = [_tower(machine, packaging, [die], 1 if die.stacked else die.count) for die in beside]
        if stacked:
            towers.append(_tower(machine, packaging, stacked, per_package))
        return ((_package(machine, packaging, tuple(towers)), machine.packages),)
    groups = [stacked] * bool(stacked) + [[die] for die in beside]
    return tuple(
        (_package(machine, packaging, (_tower(machine, packaging, group, 1),)), _copies(machine, group))
        for group in groups
    )


def _copies(machine: Machine, dies: list[DieSpec]) -> int:
    first = dies[0]
    return machine.copies(first) * (1 if first.stacked else first.count)


def _tower(machine: Machine, packaging: PackagingSpec, dies: list[DieSpec], count: int) -> Tower:
    together = sum(die.count for die in dies if die.stacked) > 1
    return Tower(tuple(_die(machine, packaging, die, together) for die in dies), count)


def _die(machine: Machine, packaging: PackagingSpec, die: DieSpec, together: bool) -> Die:
    usual, materials = packaging.stack, packaging.materials
    silicon = Material.even(materials["silicon"].conductivity, 0.0)
    if together:
        silicon = silicon.pierced(Material.even(materials["copper"].conductivity, 0.0), usual.vias)
    bond = packaging.bonds[die.bond]
    width, depth = sides(die)
    return Die(
        die.name,
        width,
        depth,
        Silicon(
            silicon.conductivity,
            silicon.lateral,
            die.thickness or (usual.die if together else usual.single_die),
        ),
        Slab(materials["wiring"].conductivity, usual.wiring),
        Slab(materials[bond.material].conductivity, bond.thickness),
        die.count if die.stacked else 1,
        tuple(floorplan(machine, die).items()),
    )


def _package(machine: Machine, packaging: PackagingSpec, towers: tuple[Tower, ...]) -> Package:
    usual, materials = packaging.stack, packaging.materials
    cooler = packaging.cooler(machine.spec.cooler)
    return Package(
        towers,
        Slab(materials["interface"].conductivity, usual.interface),
        Slab(materials["copper"].conductivity, usual.lid),
        Slab(materials["silicon"].conductivity, usual.interposer),
        usual.gap,
        cooler.heat_transfer,
        cooler.ambient,
    )
