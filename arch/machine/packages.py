"""The packages of a machine: which dies stand on each other, which side by side, and how often the machine has each."""

from dataclasses import replace
from typing import Final

from bankside.arch.machine.die_spec import DieSpec
from bankside.arch.machine.floorplan import floorplan
from bankside.arch.machine.machine import Machine
from bankside.arch.technology.packaging import PackagingSpec
from bankside.arch.thermal.layers import Block, Layer, Material
from bankside.arch.thermal.package import Die, Package, Tower

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
    return bool(spec.interposer) and machine.primary.memory.spec.stacks + beside > MOST_TOWERS


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
        others = [die for die in beside if die.name != spec.interposer]
        per_package = machine.primary.memory.spec.stacks
        towers = [_tower(machine, packaging, [die], 1 if die.stacked else die.count) for die in others]
        if stacked:
            towers.append(_tower(machine, packaging, stacked, per_package))
        package = _package(machine, packaging, tuple(towers))
        for die in spec.dies:
            if die.name == spec.interposer:
                carrier = _die(machine, packaging, die, together=False)
                layers = carrier.wiring, carrier.silicon
                package = replace(package, interposer=layers, carrier_m=die.sides)
        return ((package, machine.packages),)
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
    width, depth = die.sides
    blocks = tuple(Block(name, at) for name, rects in floorplan(machine, die).items() for at in rects)
    height = die.thickness or (usual.die if together else usual.single_die)
    return Die(
        die.name,
        width,
        depth,
        Layer(die.name, height, silicon, blocks),
        _layer(packaging, "wiring", usual.wiring),
        _layer(packaging, bond.material, bond.thickness),
        die.count if die.stacked else 1,
    )


def _layer(packaging: PackagingSpec, material: str, thickness_m: float) -> Layer:
    """A slab of one material; in steady state it needs no heat capacity."""
    return Layer(material, thickness_m, Material.even(packaging.materials[material].conductivity, 0.0))


def _package(machine: Machine, packaging: PackagingSpec, towers: tuple[Tower, ...]) -> Package:
    usual, cooler = packaging.stack, machine.spec.cooler
    if isinstance(cooler, str):
        cooler = packaging.cooler(cooler)
    return Package(
        towers,
        _layer(packaging, "interface", usual.interface),
        _layer(packaging, "copper", usual.lid),
        (_layer(packaging, "silicon", usual.interposer),),
        usual.gap,
        cooler.heat_transfer,
        cooler.ambient,
    )
