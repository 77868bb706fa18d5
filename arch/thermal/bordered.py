"""A uniform stack with a rim: the heat that flows through its joints is found first, as a Schur complement.

With E the edge cells, g their joints, S the node of each, K the stack and D the nodes of the rim:

    (1/g + E' K^-1 E + S D^-1 S') f = E' K^-1 p - S D^-1 q

Flows f are taken along a side in its own modes, and of opposite sides in their sum and their difference, which only
meet modes of the plane that are even or odd between them. The system falls into four parts, and its entries are single
ones of K^-1 for each mode.
"""

from itertools import product

import numpy as np
import numpy.typing as npt

from bankside.arch.thermal.columns import Columns
from bankside.arch.thermal.modes import Modes
from bankside.arch.thermal.rim import SHAPE, Rim

Floats = npt.NDArray[np.float64]


class Bordered:
    """The rim around factored columns, eliminated.

    Parameters
    ----------
    x, y : Modes
        Over equal cells.
    per_s : float
        One over the time step of a transient; 0 for the steady state.
    """

    def __init__(self, columns: Columns, x: Modes, y: Modes, rim: Rim, per_s: float) -> None:
        self._slices = rim.slices
        self._profiles = [columns.of_slice(at) for at in rim.slices]
        ny, nx = len(y.squares), len(x.squares)
        self._counts = np.array([ny, nx])
        # flows are amplitudes of orthonormal modes along a side: cell values of the mean are 1 / sqrt(cells)
        self._ux = x.shapes[0] * y.shapes[0, 0] * np.sqrt(2.0 * ny)
        self._uy = y.shapes[0] * x.shapes[0, 0] * np.sqrt(2.0 * nx)
        step = np.zeros((2, 3, 3))
        step[:, range(3), range(3)] = rim.capacity * per_s
        self._nodes = np.linalg.inv(rim.among + step)
        self._parts = [self._part(rim, sx, sy) for sx, sy in product(range(2), repeat=2)]

    def _part(self, rim: Rim, sx: int, sy: int) -> Floats:
        """The inverse of the system of flows even (0) or odd (1) in x and in y."""
        ux, uy = self._ux[sx::2], self._uy[sy::2]
        ny, nx = len(uy), len(ux)
        system = np.zeros((2, ny + nx, 2, ny + nx))
        y, x = np.arange(ny), ny + np.arange(nx)
        for a, b in product(range(2), repeat=2):
            response = self._profiles[b][self._slices[a]][sy::2, sx::2]
            block = system[a, :, b]
            block[y, y], block[x, x] = response @ ux**2, uy**2 @ response
            block[:ny, ny:] = uy[:, None] * response * ux
            block[ny:, :ny] = block[:ny, ny:].T
            for axis, along, first in ((0, y, sy), (1, x, sx)):
                if a == b:
                    block[along, along] += 1.0 / rim.joints[axis, a]
                if first == 0:
                    block[along[0], along[0]] += self._counts[axis] * self._nodes[axis, a, b]
        return np.asarray(np.linalg.inv(system.reshape(2 * (ny + nx), -1)), dtype=np.float64)

    def solve(self, rise: Floats, at_nodes: Floats) -> tuple[Floats, Floats]:
        """Amplitudes and rises of the nodes with the rim.

        Parameters
        ----------
        rise : float64[..., nz, ny, nx]
            Amplitudes without the rim [K m]; changed in place.
        at_nodes : float64[..., 2, 2, 3]
            Heat at the nodes [W].
        """
        signed = np.stack([at_nodes.sum(axis=-2), at_nodes[..., 0, :] - at_nodes[..., 1, :]], axis=-2)
        nodes = np.einsum("...asn,anm->...asm", signed / np.sqrt(2.0), self._nodes)
        ny, nx = self._counts
        flow_x = np.zeros((*rise.shape[:-3], 2, 2, ny))  # by slice and sign
        flow_y = np.zeros((*rise.shape[:-3], 2, 2, nx))
        for index, (sx, sy) in enumerate(product(range(2), repeat=2)):
            wanted = []
            for a in range(2):
                plane = rise[..., self._slices[a], sy::2, sx::2]
                for_x, for_y = plane @ self._ux[sx::2], self._uy[sy::2] @ plane
                if sy == 0:
                    for_x[..., 0] -= np.sqrt(ny) * nodes[..., 0, sx, a]
                if sx == 0:
                    for_y[..., 0] -= np.sqrt(nx) * nodes[..., 1, sy, a]
                wanted += [for_x, for_y]
            flows = np.concatenate(wanted, axis=-1) @ self._parts[index]
            half = flows.shape[-1] // 2
            for a in range(2):
                edge = len(self._uy[sy::2]) + a * half
                flow_x[..., a, sx, sy::2] = flows[..., a * half : edge]
                flow_y[..., a, sy, sx::2] = flows[..., edge : (a + 1) * half]
        for a in range(2):
            heat = np.empty(rise.shape[:-3] + rise.shape[-2:])
            for sign in range(2):
                heat[..., :, sign::2] = flow_x[..., a, sign, :, None] * self._ux[sign::2]
            for sign in range(2):
                heat[..., sign::2, :] += self._uy[sign::2, None] * flow_y[..., a, sign, None, :]
            rise -= self._profiles[a] * heat[..., None, :, :]
        into = np.zeros((*rise.shape[:-3], *SHAPE))
        for axis, flow in enumerate((flow_x, flow_y)):
            for a in range(2):
                into[..., axis, :, a] = np.sqrt(self._counts[axis]) * flow[..., a, :, 0]
        nodes = nodes + np.einsum("...asn,anm->...asm", into, self._nodes)
        sides = np.stack([nodes[..., 0, :] + nodes[..., 1, :], nodes[..., 0, :] - nodes[..., 1, :]], axis=-2)
        return rise, sides / np.sqrt(2.0)
