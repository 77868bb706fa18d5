"""Towers of uniform layers between an interposer and a cover that are uniform too, exactly.

Towers meet only through those two plates. Each is solved by its own modes, and what remains are the temperatures T of
the two planes where they meet: the stiffness of a face, diagonal over its modes, is dense over the cells, and

    (K_plates + K_towers) T = heat that arrives at the faces of towers that are held at the ambient
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.columns import Columns
from bankside.arch.thermal.modes import modes_of

Floats = npt.NDArray[np.float64]


class Slices(NamedTuple):
    """Slices of a plate or a tower, bottom to top: float64[nz] each, heights [m], conductivities through and along
    [W/(m K)]."""

    height: Floats
    vertical: Floats
    lateral: Floats


class Plane(NamedTuple):
    """The columns of a plate or a tower: widths in x and y, and of what plane they are rows and columns."""

    dx: Floats
    dy: Floats
    rows: slice
    columns: slice


class Body:
    """Slices over a plane, each mode factored, with its faces held through half a slice.

    Parameters
    ----------
    film : float
        Heat transfer from the top to the ambient [W/(m2 K)]; 0 where the top is held or has none.
    """

    def __init__(self, slices: Slices, plane: Plane, faces: tuple[bool, bool], film: float = 0.0) -> None:
        x, y = modes_of(plane.dx), modes_of(plane.dy)
        half = slices.height / (2 * slices.vertical)
        self._to_face = [1.0 / half[0] if faces[0] else 0.0, 1.0 / half[-1] if faces[1] else 0.0]
        own = np.zeros(len(half))
        own[0] += self._to_face[0]
        own[-1] += self._to_face[1]
        if film:
            own[-1] += 1.0 / (half[-1] + 1.0 / film)
        self._x, self._y = x.shapes, y.shapes
        self.columns = Columns(
            y.squares[:, None] + x.squares, slices.lateral * slices.height, own, 1.0 / (half[:-1] + half[1:])
        )
        self._area = np.outer(plane.dy, plane.dx)
        self._profiles = [
            self.columns.of_slice(at) if held else None
            for at, held in zip((0, len(half) - 1), faces, strict=True)
        ]

    def stiffness(self, one: int, other: int) -> Floats:
        """Heat into a face (0 bottom, 1 top) for a kelvin at another, float64[cells, cells] [W/K]."""
        profile = self._profiles[other]
        assert profile is not None
        modal = -self._to_face[one] * self._to_face[other] * profile[-one]
        if one == other:
            modal += self._to_face[one]
        shapes = self._area.reshape(-1, 1) * np.kron(self._y, self._x)
        return np.asarray((shapes * modal.ravel()) @ shapes.T)

    def forward(self, heat: Floats) -> Floats:
        """Amplitudes of heat, float64[..., nz, ny, nx] [W]."""
        return np.asarray(self._y.T @ heat @ self._x)

    def arrives(self, alone: Floats, face: int) -> Floats:
        """Heat into a held face from the amplitudes of rises inside, float64[..., ny, nx] [W]."""
        flow = self._y @ (self._to_face[face] * alone[..., -face, :, :]) @ self._x.T
        return np.asarray(self._area * flow)

    def rise(self, alone: Floats, held: Sequence[Floats]) -> Floats:
        """Rises of the cells with the faces at these, float64[..., ny, nx] each [K]."""
        amplitudes = np.array(alone)
        for face, plane in enumerate(held):
            profile = self._profiles[face]
            assert profile is not None
            modes = self._to_face[face] * (self._y.T @ (self._area * plane) @ self._x)
            amplitudes += profile * modes[..., None, :, :]
        return np.asarray(self._y @ amplitudes @ self._x.T)


class Towers:
    """Towers on an interposer under a cover.

    Parameters
    ----------
    interposer, cover : Slices
        Adiabatic below, and cooled by `film` on top [W/(m2 K)].
    plane : Plane
        All columns of the package.
    towers : sequence of (Slices, Plane)
    """

    def __init__(
        self,
        interposer: Slices,
        cover: Slices,
        film: float,
        plane: Plane,
        towers: Sequence[tuple[Slices, Plane]],
    ) -> None:
        size = len(plane.dy) * len(plane.dx)
        whole = np.arange(size).reshape(len(plane.dy), len(plane.dx))
        system = np.zeros((2 * size, 2 * size))
        system[:size, :size] = Body(interposer, plane, (False, True)).stiffness(1, 1)
        system[size:, size:] = Body(cover, plane, (True, False), film).stiffness(0, 0)
        self.bodies = [Body(slices, at, (True, True)) for slices, at in towers]
        self._cells = [whole[at.rows, at.columns].ravel() for _, at in towers]
        self._shapes = [(len(at.dy), len(at.dx)) for _, at in towers]
        for body, cells in zip(self.bodies, self._cells, strict=True):
            at = (cells, size + cells)
            for one in range(2):
                for other in range(2):
                    system[np.ix_(at[one], at[other])] += body.stiffness(one, other)
        self._system, self._size = system, size

    def rise(self, heat: Sequence[Floats]) -> list[Floats]:
        """Rises of the cells of each tower, for float64[cases, nz, ny, nx] of heat in each [W]."""
        cases = len(heat[0])
        alone = [body.columns.solve(body.forward(each)) for body, each in zip(self.bodies, heat, strict=True)]
        arrives = np.zeros((cases, 2 * self._size))
        for body, cells, inside in zip(self.bodies, self._cells, alone, strict=True):
            for face in range(2):
                arrives[:, face * self._size + cells] += body.arrives(inside, face).reshape(cases, -1)
        planes = np.linalg.solve(self._system, arrives.T).T
        found = []
        for body, cells, inside, shape in zip(self.bodies, self._cells, alone, self._shapes, strict=True):
            held = [
                np.asarray(planes[:, face * self._size + cells].reshape(cases, *shape), dtype=np.float64)
                for face in range(2)
            ]
            found.append(body.rise(inside, held))
        return found
