"""A package cut into cells: one stack where a tower stands alone, else bodies that meet on an interposer and a lid."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.layers import Cooling, Layer, Rect, Stack
from bankside.arch.thermal.package import CUT, Package, arranged, columns_of
from bankside.arch.thermal.slices import Cells, cells_of
from bankside.arch.thermal.towers import HELD, Body, Joined
from bankside.arch.thermal.uniform import Uniform

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SAME_M: Final = 1e-12
"""Columns that differ by less are the same."""


@dataclass(frozen=True)
class Part:
    """A tower: its layers, lowest first, and what they are cut into."""

    layers: tuple[Layer, ...]
    cells: Cells

    @property
    def released(self) -> list[tuple[Layer, int]]:
        """Layers that release heat, each with the slice where it does."""
        return [
            (layer, int(at)) for layer, at in zip(self.layers, self.cells.first, strict=False) if layer.blocks
        ]

    @cached_property
    def drawn(self) -> dict[str, dict[str, Floats]]:
        """float64[ny, nx]: a watt in each place of each die, spread evenly by area; by die and place."""
        found: dict[str, dict[str, Floats]] = {}
        for layer in {layer.name: layer for layer in self.layers if layer.blocks}.values():
            places: dict[str, list[Rect]] = {}
            for block in layer.blocks:
                places.setdefault(block.name, []).append(block.at)
            found[layer.name] = {name: self.cells.share(*rects) for name, rects in places.items()}
        return found


class CutPackage:
    """The cells of a package.

    Attributes
    ----------
    parts : list of Part
        Its towers, those that are cut alike are one object; last the die that carries them, where one does.
    under : list of int64[ny, nx]
        Which columns of the package are those of a tower, counted along x first.
    plates : (Cells, Cells) or None
        Interposer and cover that several towers share; the cover of a tower alone is in its cells.
    """

    def __init__(self, package: Package) -> None:
        placed, width, depth = arranged(package)
        columns = columns_of(placed, width, depth)
        cover, film = (package.interface, package.lid), package.heat_transfer
        self.plates: tuple[Cells, Cells] | None = None
        if package.shared:
            film *= package.face_m2 / (width * depth)
            plate, lid = (
                Stack(width, depth, package.interposer, HELD),
                Stack(width, depth, cover, Cooling(film, 0.0), HELD),
            )
            self.plates = cells_of(plate, columns, CUT), cells_of(lid, columns, CUT)
        number = np.arange(columns[0].size * columns[1].size).reshape(columns[1].size, columns[0].size)
        made: dict[tuple[object, ...], Part] = {}
        self.parts, self.under = [], []
        for one in placed:
            across, along = (
                _between(columns[0], one.at.x, one.at.width),
                _between(columns[1], one.at.y, one.at.depth),
            )
            own = columns[0][across], columns[1][along]
            key = id(one.layers), *(tuple(np.round(widths / SAME_M)) for widths in own)
            if key not in made:
                stack = Stack(one.at.width, one.at.depth, one.layers, HELD, HELD)
                if not package.shared:
                    stack = Stack(width, depth, (*one.layers, *cover), Cooling(film, 0.0))
                made[key] = Part(one.layers, cells_of(stack, own, CUT))
            self.parts.append(made[key])
            self.under.append(number[along, across])
        if self.plates is not None and any(layer.blocks for layer in package.interposer):
            self.parts.append(Part(package.interposer, self.plates[0]))

    def rise(self, heat: Sequence[Floats]) -> list[Floats]:
        """Rises of the cells of all parts over the ambient, for float64[places, nz, ny, nx] of heat in each [K, W]."""
        if self.plates is None:
            return [Uniform(self.parts[0].cells).solve(heat[0]).cells]
        plate, lid = self.plates
        _, rows, across = plate.shape
        whole = np.arange(rows * across).reshape(rows, across)
        bodies = [
            Body(part.cells, (at, whole.size + at)) for part, at in zip(self.parts, self.under, strict=False)
        ]
        bodies += [Body(plate, (None, whole)), Body(lid, (whole.size + whole, None))]
        joined = Joined(bodies, (2, rows, across), self._mirrored(whole))
        return list(joined.rise(dict(enumerate(heat))).values())

    def _mirrored(self, whole: Ints) -> bool:
        """Whether the package is the same seen from its last row of columns."""
        assert self.plates is not None
        dy, near = self.plates[0].dy, {}
        towers = list(zip(self.parts, self.under, strict=False))
        for part, at in towers:
            near[int(at[0, 0])] = part.layers, at.shape
        far = {int(whole[::-1].ravel()[at[-1, 0]]): (part.layers, at.shape) for part, at in towers}
        return near == far and bool(np.all(np.abs(dy - dy[::-1]) < SAME_M))


def _between(widths: Floats, low: float, size: float) -> slice:
    """Columns in an interval."""
    middles = np.cumsum(widths) - widths / 2
    inside = np.flatnonzero((middles > low) & (middles < low + size))
    return slice(int(inside[0]), int(inside[-1]) + 1)
