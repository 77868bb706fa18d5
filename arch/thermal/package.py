"""The parts of a package that heat flows through: towers of dies, side by side on an interposer, or one alone.

Dies are face down: wiring, then the thin slice of silicon where heat is released, then the rest of the silicon. A bond
joins each die to what is below it. On an interposer all towers end at one height, their top dies being that much
thicker. On top are a thermal interface, a copper lid, and the cooler. What is between towers, mold, is left out: its
0.9 W/m/K beside a fraction of a millimetre of silicon carry a thousandth of what the lid does.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.layers import Layer, Rect
from bankside.arch.thermal.slices import Cut

Floats = npt.NDArray[np.float64]

ALONE: Final = 16
"""Columns along a side of a tower that stands alone."""
ACROSS: Final = 5
"""Columns across the smallest die of several on an interposer."""
MOST: Final = 40
"""Columns across an interposer, about; dies far smaller than that are one column, however small."""
CUT: Final = Cut(slice_m=100e-6)
"""Thick silicon and the lid need no finer slices than this."""


@dataclass(frozen=True)
class Die:
    """`count` equal dies of a tower: their sides [m], their silicon, the wiring on its face, and what joins each to the
    one below.

    The silicon's blocks are the places that release heat, within the die; blocks of one name are one place.
    """

    name: str
    width_m: float
    depth_m: float
    silicon: Layer
    wiring: Layer
    bond: Layer
    count: int


@dataclass(frozen=True)
class Tower:
    """Dies on each other, bottom to top, `count` times in the package."""

    dies: tuple[Die, ...]
    count: int = 1

    @property
    def width_m(self) -> float:
        """Width of the widest die [m]."""
        return max(die.width_m for die in self.dies)

    @property
    def depth_m(self) -> float:
        """Depth of the deepest die [m]."""
        return max(die.depth_m for die in self.dies)


@dataclass(frozen=True)
class Package:
    """Towers that share one interposer and one lid, or one tower alone.

    heat_transfer, ambient_k: of the cooler, referred to the faces of the towers or of the die that carries them
    [W/(m2 K), K]; the lid spreads it evenly over the whole package. interposer: its layers, with blocks where it is a
    die that releases heat itself; carrier_m: sides of that die, over which the towers stand evenly [m].
    """

    towers: tuple[Tower, ...]
    interface: Layer
    lid: Layer
    interposer: tuple[Layer, ...]
    gap_m: float
    heat_transfer: float
    ambient_k: float
    carrier_m: tuple[float, float] | None = None

    @property
    def face_m2(self) -> float:
        """Area of all towers, or of the die that carries them [m2]."""
        if self.carrier_m is not None:
            return self.carrier_m[0] * self.carrier_m[1]
        return math.fsum(tower.count * tower.width_m * tower.depth_m for tower in self.towers)

    @property
    def shared(self) -> bool:
        """Whether several towers stand on an interposer, or any on a die."""
        return self.carrier_m is not None or sum(tower.count for tower in self.towers) > 1


def layers_of(tower: Tower, bonded: bool) -> tuple[Layer, ...]:
    """A tower from its lowest face, every die in the middle of it and with silicon of its name; `bonded`: it stands on
    an interposer by the bond of its lowest die."""
    found: list[Layer] = []
    for die in tower.dies:
        x, y = (tower.width_m - die.width_m) / 2, (tower.depth_m - die.depth_m) / 2
        silicon = replace(die.silicon, name=die.name)
        if x or y:
            blocks = tuple(replace(one, at=one.at.moved(x, y)) for one in die.silicon.blocks)
            silicon = replace(silicon, blocks=blocks)
        for _ in range(die.count):
            found += [die.bond] * (bonded or bool(found)) + [die.wiring, silicon]
    return tuple(found)


@dataclass(frozen=True)
class Placed:
    """A tower in the plane of its package, and its layers up to the height of all."""

    tower: Tower
    at: Rect
    layers: tuple[Layer, ...]

    @property
    def height_m(self) -> float:
        """Height of all layers [m]."""
        return sum(layer.thickness_m for layer in self.layers)

    def up_to(self, top_m: float) -> "Placed":
        """With a top layer that ends at this height [m]."""
        *below, last = self.layers
        return replace(
            self, layers=(*below, replace(last, thickness_m=last.thickness_m + top_m - self.height_m))
        )


def arranged(package: Package) -> tuple[tuple[Placed, ...], float, float]:
    """Towers where they stand, and the sides of the package [m].

    The largest towers stand in a column in the middle, the others in columns left and right of it, each column centred;
    between all of them, and around them, is the gap, or what is left of the die that carries them.
    """
    made = [
        Placed(tower, Rect(0.0, 0.0, tower.width_m, tower.depth_m), layers_of(tower, package.shared))
        for tower in package.towers
    ]
    if not package.shared:
        return (made[0],), made[0].at.width, made[0].at.depth
    top = max(one.height_m for one in made)
    each = [one for tower in made for one in [tower.up_to(top)] * tower.tower.count]
    columns = [[each[index] for index in column] for column in side_by_side([one.at for one in each])]
    wide = sum(max(one.at.width for one in column) for column in columns)
    sides = package.carrier_m or (
        wide + package.gap_m * (len(columns) + 1),
        max(sum(one.at.depth for one in column) + package.gap_m * (len(column) + 1) for column in columns),
    )
    placed, gap = [], (sides[0] - wide) / (len(columns) + 1)
    x = gap
    for column in columns:
        between = package.gap_m
        if package.carrier_m is not None:
            between = (sides[1] - sum(one.at.depth for one in column)) / (len(column) + 1)
        y = (sides[1] - sum(one.at.depth + between for one in column) + between) / 2
        own = max(one.at.width for one in column)
        for one in column:
            placed.append(replace(one, at=one.at.moved(x + (own - one.at.width) / 2, y)))
            y += one.at.depth + between
        x += own + gap
    return tuple(placed), *sides


def extent(columns: Sequence[Sequence[Rect]]) -> tuple[float, float]:
    """Width and depth of columns of rectangles without gaps [m]."""
    return (
        sum(max(at.width for at in column) for column in columns),
        max(sum(at.depth for at in column) for column in columns),
    )


def side_by_side(rects: Sequence[Rect]) -> list[list[int]]:
    """Towers of these sizes, by their index, in the columns that they stand in, left to right."""
    largest = max(at.area_m2 for at in rects)
    middle = [index for index, at in enumerate(rects) if at.area_m2 > 0.999 * largest]
    rest = [index for index in range(len(rects)) if index not in middle]
    half = (len(rest or middle) + 1) // 2
    columns = [rest[:half], middle, rest[half:]] if rest else [middle[:half], middle[half:]]
    return [column for column in columns if column]


def columns_of(placed: Sequence[Placed], width: float, depth: float) -> tuple[Floats, Floats]:
    """Widths of columns in x and in y [m]: equal ones of a tower alone; else edges of towers are edges of columns."""
    if len(placed) == 1 and placed[0].at.area_m2 > 0.999 * width * depth:
        return np.full(ALONE, width / ALONE), np.full(ALONE, depth / ALONE)
    smallest = min(min(each.at.width, each.at.depth) for each in placed)
    step = max(smallest / ACROSS, max(width, depth) / MOST)
    in_x = sorted({0.0, width, *(e for p in placed for e in (p.at.x, p.at.x + p.at.width))})
    in_y = sorted({0.0, depth, *(e for p in placed for e in (p.at.y, p.at.y + p.at.depth))})
    return np.array(list(_parts(in_x, step))), np.array(list(_parts(in_y, step)))


def _parts(edges: Sequence[float], step: float) -> Iterator[float]:
    for low, high in pairwise(edges):
        if high - low > 1e-9:
            count = max(1, round((high - low) / step))
            yield from [(high - low) / count] * count
