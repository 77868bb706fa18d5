"""Geometry of a stack that heat flows through: layers of materials, blocks that release heat, and what cools it.

All in SI units. Layers are listed from the bottom to the top; the origin of x and y is the lower left corner.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Material:
    """A material, or a mixture that is taken for one.

    Attributes
    ----------
    conductivity : float
        Through the plane of a layer [W/(m K)].
    capacity : float
        Heat to warm a volume [J/(m3 K)].
    lateral : float
        Conductivity in the plane of a layer [W/(m K)].
    """

    conductivity: float
    capacity: float
    lateral: float

    @classmethod
    def even(cls, conductivity: float, capacity: float) -> "Material":
        """A material that conducts alike in all directions."""
        return cls(conductivity, capacity, conductivity)

    def pierced(self, via: "Material", share: float) -> "Material":
        """This material with vias (TSVs, bumps) through it that take up `share` of the area.

        Along the vias both conduct side by side. Across them cylinders stand in a matrix (Rayleigh 1892, the
        dilute limit that Maxwell Garnett's rule has in two dimensions):

            k = k_m (k_v + k_m + s (k_v - k_m)) / (k_v + k_m - s (k_v - k_m))
        """
        own, other = self.lateral, via.lateral
        tilt = share * (other - own)
        return Material(
            share * via.conductivity + (1 - share) * self.conductivity,
            share * via.capacity + (1 - share) * self.capacity,
            own * (other + own + tilt) / (other + own - tilt),
        )


@dataclass(frozen=True)
class Rect:
    """A rectangle in the plane of the layers [m]."""

    x: float
    y: float
    width: float
    depth: float

    @property
    def area_m2(self) -> float:
        """Area [m2]."""
        return self.width * self.depth

    def moved(self, x: float, y: float) -> "Rect":
        """The same rectangle, so far to the right and up [m]."""
        return Rect(self.x + x, self.y + y, self.width, self.depth)

    def overlap_m2(self, other: "Rect") -> float:
        """Area that both cover [m2]."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        deep = min(self.y + self.depth, other.y + other.depth) - max(self.y, other.y)
        return max(0.0, wide) * max(0.0, deep)


@dataclass(frozen=True)
class Block:
    """A part of a layer that releases `power_w` evenly over its rectangle [W]."""

    name: str
    at: Rect
    power_w: float = 0.0


@dataclass(frozen=True)
class Patch:
    """A part of a layer that is of another material."""

    at: Rect
    material: Material


@dataclass(frozen=True)
class Layer:
    """One slab; `blocks` release their heat at its bottom face, where the transistors of a die face down are."""

    name: str
    thickness_m: float
    material: Material
    blocks: tuple[Block, ...] = ()
    patches: tuple[Patch, ...] = ()


@dataclass(frozen=True)
class Cooling:
    """Heat transfer from a face [W/(m2 K)] to an ambient [K], through a film of some heat capacity [J/(m2 K)]."""

    heat_transfer: float
    ambient_k: float
    capacity: float = 0.0


@dataclass(frozen=True)
class Overhang:
    """Squares of spreader and sink that reach beyond the dies: the last two layers of the stack, by their sides [m]."""

    spreader_m: float
    sink_m: float


@dataclass(frozen=True)
class Stack:
    """Layers over one rectangle, cooled at the top and perhaps at the bottom; the sides are adiabatic.

    With an `overhang` the top two layers are a spreader and a sink that are larger than the rectangle.
    """

    width_m: float
    depth_m: float
    layers: tuple[Layer, ...]
    cooling: Cooling
    below: Cooling | None = None
    overhang: Overhang | None = None

    @property
    def uniform(self) -> bool:
        """Whether every layer is of one material all over."""
        return not any(layer.patches for layer in self.layers)

    @property
    def power_w(self) -> float:
        """Heat released in all layers [W]."""
        return sum(block.power_w for layer in self.layers for block in layer.blocks)
