"""How the dies of a package answer to heat in their places: linear, so each place is solved for once."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.cut_package import CutPackage
from bankside.arch.thermal.package import Package
from bankside.arch.thermal.slices import Cells

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
    at: int
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
    towers : tuple of Cells
        What each tower is cut into.
    """

    package: Package
    places: tuple[Place, ...]
    cells: Floats
    means: Floats
    seen: tuple[Seen, ...]
    towers: tuple[Cells, ...]

    def peaks(self, power_w: Floats) -> dict[str, float]:
        """Hottest rise of each die at these powers of the places [K]."""
        return {die: peak for die, (peak, _) in self._hottest(power_w @ self.cells).items()}

    def hottest(self, power_w: Floats) -> dict[str, tuple[Seen, Floats]]:
        """Of the dies of each name the hottest, and the rises of its cells, float64[rows, columns], lowest first
        [K]."""
        field = power_w @ self.cells
        found = self._hottest(field)
        return {die: (one, field[one.cells].reshape(one.shape)) for die, (_, one) in found.items()}

    def _hottest(self, field: Floats) -> dict[str, tuple[float, Seen]]:
        """The highest rise of the dies of each name, and the first that has it."""
        found: dict[str, tuple[float, Seen]] = {}
        for seen in self.seen:
            peak = float(field[seen.cells].max())
            if seen.die not in found or peak > found[seen.die][0]:
                found[seen.die] = peak, seen
        return found


@lru_cache(maxsize=PACKAGES)
def response_of(package: Package) -> Response:
    """Solve for every place of a package."""
    cut = CutPackage(package)
    places: dict[Place, list[tuple[int, int, Floats]]] = {}
    seen: list[Seen] = []
    for index, part in enumerate(cut.parts):
        for layer, at in part.released:
            first = seen[-1].cells.stop if seen else 0
            seen.append(Seen(layer.name, index, at, first, part.cells.shape[1:]))
            for name, watt in part.drawn[layer.name].items():
                places.setdefault((layer.name, name), []).append((index, at, watt))
    heat = [np.zeros((len(places), *part.cells.shape)) for part in cut.parts]
    for number, shares in enumerate(places.values()):
        for index, at, watt in shares:
            heat[index][number, at] += watt / len(shares)
    rises = cut.rise(heat)
    cells = np.concatenate([rises[one.tower][:, one.at].reshape(len(places), -1) for one in seen], axis=1)
    means = sum(
        (np.einsum("pzyx,qzyx->pq", rise, each) for rise, each in zip(rises, heat, strict=True)),
        np.zeros((len(places), len(places))),
    )
    return Response(
        package, tuple(places), cells, means, tuple(seen), tuple(part.cells for part in cut.parts)
    )
