"""How the dies of a package answer to heat in their places: linear, so each place is solved for once."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.columns import Columns
from bankside.arch.thermal.layers import Rect
from bankside.arch.thermal.modes import modes_of
from bankside.arch.thermal.package import BULK_M, Package, Placed, Slab, arranged, columns_of
from bankside.arch.thermal.slices import overlap
from bankside.arch.thermal.towers import Plane, Slices, Towers

Floats = npt.NDArray[np.float64]

PACKAGES: Final = 64
"""Packages whose answers are kept."""

Place = tuple[str, str]
"""A die and a place on it."""


@dataclass(frozen=True)
class Seen:
    """Where one die of a tower releases heat: its name, its tower, the slice, and its cells among all."""

    die: str
    tower: int
    level: int
    first: int
    shape: tuple[int, int]

    @property
    def cells(self) -> slice:
        """Its cells among all."""
        return slice(self.first, self.first + self.shape[0] * self.shape[1])


@dataclass(frozen=True)
class Response:
    """Rises for one watt in each place, spread over all dies and towers that have it.

    Attributes
    ----------
    places : tuple of (die, place)
    cells : float64[places, cells]
        Rise where the dies release heat [K/W].
    means : float64[places, places]
        Mean rise of a place (second) for a watt in another [K/W].
    seen : tuple of Seen
    planes : tuple of Plane
        Columns of each tower.
    """

    package: Package
    places: tuple[Place, ...]
    cells: Floats
    means: Floats
    seen: tuple[Seen, ...]
    planes: tuple[Plane, ...]

    def peaks(self, power_w: Floats) -> dict[str, float]:
        """Hottest rise of each die at these powers of the places [K]."""
        field = power_w @ self.cells
        peaks: dict[str, float] = {}
        for seen in self.seen:
            peak = float(field[seen.cells].max())
            peaks[seen.die] = max(peak, peaks.get(seen.die, peak))
        return peaks

    def hottest(self, power_w: Floats, die: str) -> tuple[Seen, Floats]:
        """The hottest of the dies of a name, and the rises of its cells, float64[rows, columns], lowest first [K]."""
        field = power_w @ self.cells
        one = max((seen for seen in self.seen if seen.die == die), key=lambda s: float(field[s.cells].max()))
        return one, np.asarray(field[one.cells].reshape(one.shape))


@lru_cache(maxsize=PACKAGES)
def response_of(package: Package) -> Response:
    """Solve for every place of a package."""
    placed, width, depth = arranged(package)
    dx, dy = columns_of(placed, width, depth)
    planes = [_plane_of(each.at, dx, dy) for each in placed]
    slices = [_slices(each) for each in placed]
    places: dict[Place, list[tuple[int, int, Floats]]] = {}
    seen: list[Seen] = []
    for index, (each, plane, (_, active)) in enumerate(zip(placed, planes, slices, strict=True)):
        for die in each.tower.dies:
            drawn = {name: _watt(plane, each, die.width_m, die.depth_m, rects) for name, rects in die.places}
            for copy in range(die.count):
                at = active[die.name, copy]
                shape = (len(plane.dy), len(plane.dx))
                first = seen[-1].cells.stop if seen else 0
                seen.append(Seen(die.name, index, at, first, shape))
                for name, watt in drawn.items():
                    places.setdefault((die.name, name), []).append((index, at, watt))
    heat = [
        np.zeros((len(places), len(of.height), len(plane.dy), len(plane.dx)))
        for (of, _), plane in zip(slices, planes, strict=True)
    ]
    for number, parts in enumerate(places.values()):
        for index, at, watt in parts:
            heat[index][number, at] += watt / len(parts)
    rises = _solve(package, [of for of, _ in slices], planes, (dx, dy), heat)
    cells = np.concatenate([rises[one.tower][:, one.level].reshape(len(places), -1) for one in seen], axis=1)
    means = sum(
        (np.einsum("pzyx,qzyx->pq", rise, each) for rise, each in zip(rises, heat, strict=True)),
        np.zeros((len(places), len(places))),
    )
    return Response(package, tuple(places), cells, means, tuple(seen), tuple(planes))


def _solve(
    package: Package,
    slices: Sequence[Slices],
    planes: Sequence[Plane],
    columns: tuple[Floats, Floats],
    heat: Sequence[Floats],
) -> list[Floats]:
    """Rises of the cells of all towers, float64[places, nz, ny, nx] each [K]."""
    cover = _slabs((package.interface, package.lid))
    if package.shared:
        area = float(columns[0].sum() * columns[1].sum())
        film = package.heat_transfer * package.face_m2 / area
        whole = Plane(*columns, slice(None), slice(None))
        towers = list(zip(slices, planes, strict=True))
        return Towers(_slabs((package.interposer,)), cover, film, whole, towers).rise(heat)
    one = Slices(*(np.concatenate(both) for both in zip(slices[0], cover, strict=True)))
    half = one.height / (2 * one.vertical)
    own = np.zeros(len(half))
    own[-1] = 1.0 / (half[-1] + 1.0 / package.heat_transfer)
    x, y = modes_of(columns[0]), modes_of(columns[1])
    alone = Columns(
        y.squares[:, None] + x.squares, one.lateral * one.height, own, 1.0 / (half[:-1] + half[1:])
    )
    count = len(slices[0].height)
    modal = np.zeros((len(heat[0]), len(half), len(y.squares), len(x.squares)))
    modal[:, :count] = y.shapes.T @ heat[0] @ x.shapes
    return [np.asarray(y.shapes @ alone.solve(modal)[:, :count] @ x.shapes.T)]


def _slabs(slabs: Sequence[Slab]) -> Slices:
    cut = [(height, slab) for slab in slabs for height in _cut(slab.height_m)]
    conductivity = np.array([slab.conductivity for _, slab in cut])
    return Slices(np.array([height for height, _ in cut]), conductivity, conductivity)


def _cut(height: float) -> Iterator[float]:
    count = max(1, math.ceil(height / BULK_M * (1 - 1e-9)))
    yield from [height / count] * count


def _slices(placed: Placed) -> tuple[Slices, dict[tuple[str, int], int]]:
    """Slices of a tower, and which of them releases the heat of each die."""
    rows: list[tuple[float, float, float]] = []
    active: dict[tuple[str, int], int] = {}
    for level in placed.levels:
        if level.die is not None:
            active[level.die] = len(rows)
        rows += [(height, level.vertical, level.lateral) for height in _cut(level.height_m)]
    return Slices(*np.array(rows).T), active


def _plane_of(at: Rect, dx: Floats, dy: Floats) -> Plane:
    """Columns under a tower."""
    found = []
    for widths, low, size in ((dy, at.y, at.depth), (dx, at.x, at.width)):
        middles = np.cumsum(widths) - widths / 2
        inside = np.flatnonzero((middles > low) & (middles < low + size))
        found.append(slice(int(inside[0]), int(inside[-1]) + 1))
    return Plane(dx[found[1]], dy[found[0]], found[0], found[1])


def _watt(plane: Plane, placed: Placed, width: float, depth: float, rects: Sequence[Rect]) -> Floats:
    """float64[ny, nx]: one watt over rectangles of a die that is centred on its tower, evenly by area."""
    x, y = (placed.at.width - width) / 2, (placed.at.depth - depth) / 2
    area = sum(rect.area_m2 for rect in rects)
    watt = np.zeros((len(plane.dy), len(plane.dx)))
    for rect in rects:
        rows = overlap(plane.dy, y + rect.y, rect.depth)
        watt += np.outer(rows, overlap(plane.dx, x + rect.x, rect.width)) / area
    return watt
