"""Heat up and down a stack, one tridiagonal system for each mode of the plane.

Slice l of mode (q, p) has a conductance to its own surroundings s_l w^2 + c_l (lateral, and capacity over a time step)
and g_l to the slice above, all for a unit of area [W/(m2 K)]. The matrix is factored once, L D L', for all modes.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Columns:
    """The factored systems of all modes.

    Parameters
    ----------
    squares : float64[ny, nx]
        w^2 of the modes [1/m2].
    sheet : float64[nz]
        Lateral conductance of the slices: conductivity times height [W/K].
    own : float64[nz]
        What joins slices to the ambient or, over a time step, to their own past [W/(m2 K)].
    up : float64[nz - 1]
        Conductance to the slice above [W/(m2 K)].
    """

    def __init__(self, squares: Floats, sheet: Floats, own: Floats, up: Floats) -> None:
        count = len(sheet)
        inverse = np.empty((count, *squares.shape))
        self._ratio = np.empty((count - 1, *squares.shape))
        beneath = np.zeros(
            squares.shape
        )  # conductance to the ambient by way of the slices below: nothing cancels
        for l in range(count):  # noqa: E741
            beneath += sheet[l] * squares + own[l]
            if l == count - 1:
                np.divide(1.0, beneath, out=inverse[l])
                break
            np.divide(1.0, beneath + up[l], out=inverse[l])
            np.multiply(up[l], inverse[l], out=self._ratio[l])
            beneath *= self._ratio[l]
        self._inverse = inverse

    def solve(self, heat: Floats) -> Floats:
        """Amplitudes of the rise [K sqrt(m2)] from those of the heat, float64[..., nz, ny, nx]."""
        rise = np.array(heat)
        for l in range(1, len(self._inverse)):  # noqa: E741
            rise[..., l, :, :] += self._ratio[l - 1] * rise[..., l - 1, :, :]
        return self._back(rise)

    def _back(self, rise: Floats) -> Floats:
        """Substitution from the top slice down, in place."""
        count = len(self._inverse)
        rise[..., count - 1, :, :] *= self._inverse[count - 1]
        for l in range(count - 2, -1, -1):  # noqa: E741
            rise[..., l, :, :] *= self._inverse[l]
            rise[..., l, :, :] += self._ratio[l] * rise[..., l + 1, :, :]
        return rise

    def of_slice(self, index: int) -> Floats:
        """float64[nz, ny, nx]: rise of all slices for a unit of heat of every mode in one of them."""
        rise = np.empty(self._inverse.shape)
        rise[:index], rise[index] = 0.0, 1.0
        for l in range(index + 1, len(rise)):  # noqa: E741
            np.multiply(self._ratio[l - 1], rise[l - 1], out=rise[l])
        return self._back(rise)
