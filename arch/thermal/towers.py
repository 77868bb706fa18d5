"""Bodies of uniform layers that meet in planes, exactly: towers between an interposer and a cover.

Each body is solved by its own modes with the planes held, and what remains are the temperatures T of the planes. The
stiffness of a face, diagonal over its modes, is dense over the cells, and

    (sum of the stiffness of all bodies) T = heat that arrives at the planes while they are held at the ambient
"""

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.layers import Cooling
from bankside.arch.thermal.slices import Cells
from bankside.arch.thermal.uniform import Uniform, vertical_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HELD: Final = Cooling(math.inf, 0.0)
"""Cooling of a face that is held at the temperature of a plane."""


class Body(NamedTuple):
    """Uniform layers, cooled by `HELD` at the faces that lie in planes; `planes`: which of all cells of the planes lie
    on the bottom and on the top face, int64[ny, nx], None where the face lies in no plane."""

    cells: Cells
    planes: tuple[Ints | None, Ints | None]

    @property
    def faces(self) -> tuple[int, ...]:
        """The faces that lie in planes: 0 bottom, 1 top."""
        return tuple(face for face, plane in enumerate(self.planes) if plane is not None)


class _Factored:
    """One body, each mode factored, with its faces held."""

    def __init__(self, cells: Cells, faces: Sequence[int]) -> None:
        self.system = Uniform(cells)
        ways = vertical_of(cells)
        self._to_face = float(ways.below.squeeze()), float(ways.top.squeeze())
        self._profiles = {face: self.system.columns.of_slice(face * (len(cells.dz) - 1)) for face in faces}
        self._axes = (cells.dy, self.system.y), (cells.dx, self.system.x)
        self._area = cells.area
        self.stiffness = {
            (one, other): self._stiffness(one, other) for one in faces for other in faces if one <= other
        }

    def _stiffness(self, one: int, other: int) -> Floats:
        """Heat into a face for a kelvin at another, float64[cells, cells] [W/K].

        Modes are products, so that pairs of rows and pairs of columns are summed over one after the other.
        """
        modal = -self._to_face[one] * self._to_face[other] * self._profiles[other][-one]
        if one == other:
            modal += self._to_face[one]
        y, x = (_pairs(widths[:, None] * modes.shapes) for widths, modes in self._axes)
        ny, nx = modal.shape
        pairs = (y @ modal @ x.T).reshape(ny, ny, nx, nx)
        return np.asarray(pairs.swapaxes(1, 2).reshape(ny * nx, -1))

    def alone(self, heat: Floats) -> Floats:
        """Amplitudes of rises with the faces at the ambient, float64[..., nz, ny, nx]."""
        return self.system.columns.solve(self.system.forward(heat))

    def arrives(self, alone: Floats, face: int) -> Floats:
        """Heat into a held face from the amplitudes of rises inside, float64[..., ny, nx] [W]."""
        flow = self.system.back(self._to_face[face] * alone[..., -face, :, :])
        return np.asarray(self._area * flow)

    def rise(self, alone: Floats, held: dict[int, Floats]) -> Floats:
        """Rises of the cells with the faces at these, float64[..., ny, nx] each [K]."""
        amplitudes = np.array(alone)
        for face, plane in held.items():
            modes = self._to_face[face] * self.system.forward(self._area * plane)
            amplitudes += self._profiles[face] * modes[..., None, :, :]
        return self.system.back(amplitudes)


def _pairs(shapes: Floats) -> Floats:
    """float64[cells * cells, modes]: products of each shape at two cells."""
    return np.asarray((shapes[:, None] * shapes).reshape(-1, shapes.shape[1]))


class Joined:
    """Bodies that meet in planes.

    Parameters
    ----------
    bodies
        Those of the same cells are factored once.
    shape
        Planes, rows and columns: the cells of all planes.
    mirrored
        Whether all bodies together are the same seen from the last row.
    """

    def __init__(self, bodies: Sequence[Body], shape: tuple[int, int, int], mirrored: bool = False) -> None:
        self._bodies, self._shape, self._mirrored = bodies, shape, mirrored
        count = math.prod(shape)
        self._system = np.zeros((count, count))
        made: dict[int, _Factored] = {}
        self._factored = [
            made[id(body.cells)]
            if id(body.cells) in made
            else made.setdefault(id(body.cells), _Factored(body.cells, body.faces))
            for body in bodies
        ]
        for body, factored in zip(bodies, self._factored, strict=True):
            for (one, other), stiffness in factored.stiffness.items():
                at = [_cells(body, face) for face in (one, other)]
                self._system[np.ix_(*at)] += stiffness
                if one != other:
                    self._system[np.ix_(*at[::-1])] += stiffness.T

    def rise(self, heat: Mapping[int, Floats]) -> dict[int, Floats]:
        """Rises of the cells of the bodies that release heat [K], by their index, for float64[cases, nz, ny, nx] of
        heat in each [W]."""
        cases = len(next(iter(heat.values())))
        alone = {index: self._factored[index].alone(each) for index, each in heat.items()}
        arrives = np.zeros((cases, len(self._system)))
        for index, inside in alone.items():
            for face in (body := self._bodies[index]).faces:
                flow = self._factored[index].arrives(inside, face)
                arrives[:, _cells(body, face)] += flow.reshape(cases, -1)
        planes = _halves(self._system, arrives, self._shape) if self._mirrored else _of(self._system, arrives)
        found = {}
        for index, inside in alone.items():
            body, shape = self._bodies[index], (cases, *inside.shape[-2:])
            held = {face: planes[:, _cells(body, face)].reshape(shape) for face in body.faces}
            found[index] = self._factored[index].rise(inside, held)
        return found


def _halves(system: Floats, right: Floats, shape: tuple[int, int, int]) -> Floats:
    """Solution of a system that is the same seen from its last row, for float64[cases, cells] on the right: even
    and odd parts by themselves, an eighth of the work each."""
    rows = shape[1]
    lower, upper = rows // 2, rows - rows // 2  # a row in the middle is even
    whole = system.reshape(*shape, *shape)
    near, far = whole[:, :upper, :, :, :upper], whole[:, :upper, :, :, ::-1]
    even, odd = near.copy(), near[:, :lower, :, :, :lower] - far[:, :lower, :, :, :lower]
    even[:, :, :, :, :lower] += far[:, :, :, :, :lower]
    given = right.reshape(-1, *shape)
    sums, differences = (given + given[:, :, ::-1]) / 2, (given - given[:, :, ::-1]) / 2
    found = np.empty_like(given)
    found[:, :, :upper] = _of(even, sums[:, :, :upper])
    found[:, :, ::-1][:, :, :lower] = found[:, :, :lower]
    parts = _of(odd, differences[:, :, :lower])
    found[:, :, :lower] += parts
    found[:, :, ::-1][:, :, :lower] -= parts
    return found.reshape(right.shape)


def _of(system: Floats, right: Floats) -> Floats:
    flat = right.reshape(len(right), -1)
    found = np.linalg.solve(system.reshape(flat.shape[1], -1), flat.T)
    return np.asarray(found.T.reshape(right.shape), dtype=np.float64)


def _cells(body: Body, face: int) -> Ints:
    plane = body.planes[face]
    assert plane is not None
    return plane.ravel()
