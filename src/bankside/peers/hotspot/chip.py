"""A chip as HotSpot describes it: layers over one rectangle, a square spreader and a square sink on top of them."""

import math
from dataclasses import dataclass, fields
from typing import Final

from bankside.arch.thermal.layers import Cooling, Layer, Material, Overhang, Stack
from bankside.arch.thermal.slices import BOTTOM, Cut

CAPACITY: Final = 0.333
"""C_FACTOR: every heat capacity is multiplied by it (temperature.h)."""

CUT: Final = Cut(slice_m=math.inf, active_m=0.0, node=BOTTOM)
"""A slice a layer, its node at the bottom face."""

LEAST_OVERHANG: Final = 1e-3
"""Share of the die's side below which a spreader ends with the die. HotSpot lumps even a tenth of a micron around it,
and ties the cells of each edge together by that."""


@dataclass(frozen=True)
class Package:
    """HotSpot's own parameters of the package, with its defaults [m, W/(m K), J/(m3 K), K/W, J/K, K]."""

    t_interface: float = 20e-6
    k_interface: float = 4.0
    p_interface: float = 4.0e6
    s_spreader: float = 30e-3
    t_spreader: float = 1e-3
    k_spreader: float = 400.0
    p_spreader: float = 3.55e6
    s_sink: float = 60e-3
    t_sink: float = 6.9e-3
    k_sink: float = 400.0
    p_sink: float = 3.55e6
    r_convec: float = 0.1
    c_convec: float = 140.4
    ambient: float = 318.15


PACKAGE: Final = tuple(field.name for field in fields(Package))


@dataclass(frozen=True)
class Chip:
    """Layers from the bottom to the interface below the spreader, and the package on them."""

    name: str
    width_m: float
    depth_m: float
    layers: tuple[Layer, ...]
    package: Package

    def stack(self, compat: bool) -> Stack:
        """The chip with spreader and sink; with `compat` heat capacities and overhang are HotSpot's, else physical."""
        package, factor = self.package, CAPACITY if compat else 1.0
        area = package.s_sink**2
        added = (
            Layer("SPREADER", package.t_spreader, Material.even(package.k_spreader, package.p_spreader)),
            Layer("SINK", package.t_sink, Material.even(package.k_sink, package.p_sink)),
        )
        cooling = Cooling(1 / (package.r_convec * area), package.ambient, factor * package.c_convec / area)
        side = max(self.width_m, self.depth_m)
        beyond = compat or package.s_spreader - side > LEAST_OVERHANG * side
        overhang = Overhang(package.s_spreader, package.s_sink) if beyond else None
        layers = tuple(_with_capacity(layer, factor) for layer in (*self.layers, *added))
        return Stack(self.width_m, self.depth_m, layers, cooling, None, overhang)


def _with_capacity(layer: Layer, factor: float) -> Layer:
    of = layer.material
    material = Material(of.conductivity, factor * of.capacity, of.lateral)
    return Layer(layer.name, layer.thickness_m, material, layer.blocks, layer.patches)


def package_faults(package: Package, width_m: float, depth_m: float) -> list[tuple[str, str]]:
    """Parameters that make no package, each with its sentence."""
    faults = [
        (name, f"{name} must be above 0, not {getattr(package, name):g}.")
        for name in PACKAGE
        if not getattr(package, name) > 0
    ]
    if package.s_spreader < max(width_m, depth_m) * (1 - 1e-9):
        side = f"{width_m * 1e3:g} x {depth_m * 1e3:g} mm"
        faults.append(
            (
                "s_spreader",
                f"the spreader of {package.s_spreader * 1e3:g} mm is smaller than its chip of {side}.",
            )
        )
    if package.s_sink < package.s_spreader:
        faults.append(
            ("s_sink", f"the sink of {package.s_sink * 1e3:g} mm is smaller than the spreader under it.")
        )
    return faults
