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

from bankside.arch.thermal.layers import Rect

Floats = npt.NDArray[np.float64]

ACTIVE_M: Final = 1e-6
"""Height of the slice of silicon that releases heat."""
ALONE: Final = 16
"""Columns along a side of a tower that stands alone."""
ACROSS: Final = 5
"""Columns across the smallest die of several on an interposer."""
MOST: Final = 40
"""Columns across an interposer, about; dies far smaller than that are one column, however small."""
BULK_M: Final = 100e-6
"""Slices of thick silicon and of the lid are at most so high."""


@dataclass(frozen=True)
class Slab:
    """A material of some height [W/(m K), m]."""

    conductivity: float
    height_m: float


@dataclass(frozen=True)
class Silicon:
    """Conductivities through and along a die, of its silicon with the vias through it [W/(m K)], and its height [m]."""

    vertical: float
    lateral: float
    height_m: float


@dataclass(frozen=True)
class Die:
    """`count` equal dies of a tower: their sides and silicon, and what joins each to the one below [m, W/(m K)].

    `places`: rectangles of the die by the name of a place, all within it.
    """

    name: str
    width_m: float
    depth_m: float
    silicon: Silicon
    wiring: Slab
    bond: Slab
    count: int
    places: tuple[tuple[str, tuple[Rect, ...]], ...]


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

    heat_transfer, ambient_k: of the cooler, referred to the faces of the towers [W/(m2 K), K]; the lid spreads it
    evenly over the whole package.
    """

    towers: tuple[Tower, ...]
    interface: Slab
    lid: Slab
    interposer: Slab
    gap_m: float
    heat_transfer: float
    ambient_k: float

    @property
    def face_m2(self) -> float:
        """Area of all towers [m2]."""
        return math.fsum(tower.count * tower.width_m * tower.depth_m for tower in self.towers)

    @property
    def shared(self) -> bool:
        """Whether several towers stand on an interposer."""
        return sum(tower.count for tower in self.towers) > 1


@dataclass(frozen=True)
class Level:
    """A part of a tower: its height [m], its material, and the die, of how many, where it releases heat."""

    height_m: float
    vertical: float
    lateral: float
    die: tuple[str, int] | None = None


def levels_of(tower: Tower, bonded: bool) -> list[Level]:
    """A tower from its lowest face; `bonded`: it stands on an interposer by the bond of its lowest die."""
    found: list[Level] = []
    for die in tower.dies:
        of, active = die.silicon, min(ACTIVE_M, die.silicon.height_m / 10)
        for index in range(die.count):
            slabs = [die.bond, die.wiring] if found or bonded else [die.wiring]
            found += [Level(slab.height_m, slab.conductivity, slab.conductivity) for slab in slabs]
            found.append(Level(active, of.vertical, of.lateral, (die.name, index)))
            found.append(Level(of.height_m - active, of.vertical, of.lateral))
    return found


@dataclass(frozen=True)
class Placed:
    """A tower in the plane of its package, and its levels up to the height of all."""

    tower: Tower
    at: Rect
    levels: tuple[Level, ...]


def arranged(package: Package) -> tuple[tuple[Placed, ...], float, float]:
    """Towers where they stand, and the sides of the package [m].

    The largest towers stand in a column in the middle, the others in columns left and right of it, each column centred;
    between all of them, and around them, is the gap.
    """
    levels = {tower: levels_of(tower, package.shared) for tower in package.towers}
    each = [tower for tower in package.towers for _ in range(tower.count)]
    if not package.shared:
        at = Rect(0.0, 0.0, each[0].width_m, each[0].depth_m)
        return (Placed(each[0], at, tuple(levels[each[0]])),), at.width, at.depth
    top = max(sum(level.height_m for level in of) for of in levels.values())
    columns, gap = _columns_of(each), package.gap_m
    depth = gap + max(sum(tower.depth_m + gap for tower in column) for column in columns)
    placed, x = [], gap
    for column in columns:
        y = (depth - sum(tower.depth_m + gap for tower in column) + gap) / 2
        wide = max(tower.width_m for tower in column)
        for tower in column:
            at = Rect(x + (wide - tower.width_m) / 2, y, tower.width_m, tower.depth_m)
            *below, last = levels[tower]
            rest = top - sum(level.height_m for level in below)
            placed.append(Placed(tower, at, (*below, replace(last, height_m=rest))))
            y += tower.depth_m + gap
        x += wide + gap
    return tuple(placed), x, depth


def _columns_of(each: Sequence[Tower]) -> list[list[Tower]]:
    """Towers by the columns that they stand in, left to right."""
    largest = max(tower.width_m * tower.depth_m for tower in each)
    middle = [tower for tower in each if tower.width_m * tower.depth_m > 0.999 * largest]
    rest = [tower for tower in each if tower not in middle]
    if not rest:
        half = (len(middle) + 1) // 2
        return [column for column in (middle[:half], middle[half:]) if column]
    half = (len(rest) + 1) // 2
    return [column for column in (rest[:half], middle, rest[half:]) if column]


def columns_of(placed: Sequence[Placed], width: float, depth: float) -> tuple[Floats, Floats]:
    """Widths of columns in x and in y [m]: equal ones of a tower alone; else edges of towers are edges of columns."""
    if len(placed) == 1:
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
