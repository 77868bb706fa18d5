"""From the dies of a machine to the layers of its stack.

Bottom to top: every die is silicon under its wiring (face down, heat released where the transistors are),
joined to the die below by a bond; a thermal interface and the cooler are on top of the last die.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bankside.arch.spec import ConfigError
from bankside.arch.technology.packaging import CoolerSpec, PackagingSpec
from bankside.arch.thermal.series import Layer, series_temperatures


@dataclass(frozen=True)
class Die:
    """`count` equal dies of a stack that share `power_w` evenly.

    Attributes
    ----------
    name : str
    area_m2, power_w : float
        Area of one die [m2]; power of all `count` dies together [W].
    count : int
    thickness_m : float or None
        Silicon of one die [m]; None for the usual thickness of a stacked or single die.
    bond : str
        How the lowest of these dies is joined to the die below, and each to the next: a name of packaging's
        bonds.
    """

    name: str
    area_m2: float
    power_w: float = 0.0
    count: int = 1
    thickness_m: float | None = None
    bond: str = "microbump"


def stack_layers(dies: Sequence[Die], packaging: PackagingSpec) -> list[Layer]:
    """Layers of a stack, bottom to top; those that are no die have names with a dot."""
    materials, usual = packaging.materials, packaging.stack
    stacked = sum(die.count for die in dies) > 1
    layers: list[Layer] = []
    for die in dies:
        if die.bond not in packaging.bonds:
            raise ConfigError(f"There is no bond '{die.bond}'; the bonds are {', '.join(packaging.bonds)}.")
        bond = packaging.bonds[die.bond]
        thickness = die.thickness_m or (usual.die if stacked else usual.single_die)
        for _ in range(die.count):
            if layers:
                joined = materials[bond.material].conductivity
                layers.append(Layer(f"{die.name}.bond", bond.thickness, die.area_m2, joined))
            wired = materials["wiring"].conductivity
            layers.append(Layer(f"{die.name}.wiring", usual.wiring, die.area_m2, wired))
            silicon = materials["silicon"].conductivity
            layers.append(Layer(die.name, thickness, die.area_m2, silicon, die.power_w / die.count))
    top = dies[-1].area_m2
    layers.append(Layer("top.interface", usual.interface, top, materials["interface"].conductivity))
    return layers


def peak_temperatures(dies: Sequence[Die], cooler: CoolerSpec, packaging: PackagingSpec) -> dict[str, float]:
    """Hottest temperature of every die under a cooler on the stack's top [degC], in one dimension."""
    layers = stack_layers(dies, packaging)
    sink = cooler.resistance_k_per_w(dies[-1].area_m2)
    each = series_temperatures(layers, sink, cooler.ambient_c)
    return {die.name: each[die.name] for die in dies}
