"""A stack cell by cell, as one sparse matrix that is factored: written from the equations, no code of the models.

Every cell, every face and every lumped node of a rim is visited by itself.
"""

from collections import defaultdict
from typing import Any

import numpy as np
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import splu


class Network:
    """Conductances between named nodes and to the ambient, and heat at nodes."""

    def __init__(self) -> None:
        self.of: dict[Any, int] = {}
        self.entries: dict[tuple[int, int], float] = defaultdict(float)
        self.heat: dict[int, float] = defaultdict(float)

    def at(self, name: Any) -> int:
        return self.of.setdefault(name, len(self.of))

    def join(self, one: Any, other: Any, conductance: float) -> None:
        i, j = self.at(one), self.at(other)
        self.entries[i, i] += conductance
        self.entries[j, j] += conductance
        self.entries[i, j] -= conductance
        self.entries[j, i] -= conductance

    def ground(self, one: Any, conductance: float) -> None:
        self.entries[self.at(one), self.at(one)] += conductance

    def solve(self, extra: dict[Any, float] | None = None) -> dict[Any, float]:
        places = np.array(list(self.entries)).T
        matrix = csc_matrix((list(self.entries.values()), places), shape=(len(self.of),) * 2)
        heat = np.zeros(len(self.of))
        for source in (self.heat, {self.of[k]: v for k, v in (extra or {}).items()}):
            for index, watt in source.items():
                heat[index] += watt
        found = splu(matrix).solve(heat)
        return {name: found[index] for name, index in self.of.items()}

    def stand(self, name, dx, dy, height, lateral, vertical) -> None:
        """A body of uniform slices; its cells are (name, slice, row, column)."""
        for l, j, i in np.ndindex(len(height), len(dy), len(dx)):  # noqa: E741
            here, sheet = (name, l, j, i), lateral[l] * height[l]
            if i + 1 < len(dx):
                self.join(here, (name, l, j, i + 1), sheet * dy[j] * 2 / (dx[i] + dx[i + 1]))
            if j + 1 < len(dy):
                self.join(here, (name, l, j + 1, i), sheet * dx[i] * 2 / (dy[j] + dy[j + 1]))
            if l + 1 < len(height):
                way = height[l] / 2 / vertical[l] + height[l + 1] / 2 / vertical[l + 1]
                self.join(here, (name, l + 1, j, i), dx[i] * dy[j] / way)


def box(dx, dy, dz, lateral, vertical, node, h_top, h_below=0.0) -> Network:
    """A box of cells (slice, row, column); lateral and vertical are functions of (l, j, i) [W/(m K)]."""
    net = Network()
    nz, ny, nx = len(dz), len(dy), len(dx)
    for l in range(nz):  # noqa: E741
        for j in range(ny):
            for i in range(nx):
                here, k, area = (l, j, i), lateral(l, j, i), dx[i] * dy[j]
                if i + 1 < nx:
                    way = dx[i] / 2 / k + dx[i + 1] / 2 / lateral(l, j, i + 1)
                    net.join(here, (l, j, i + 1), dz[l] * dy[j] / way)
                if j + 1 < ny:
                    way = dy[j] / 2 / k + dy[j + 1] / 2 / lateral(l, j + 1, i)
                    net.join(here, (l, j + 1, i), dz[l] * dx[i] / way)
                over = (1 - node) * dz[l] / vertical(l, j, i)
                if l + 1 < nz:
                    net.join(here, (l + 1, j, i), area / (over + node * dz[l + 1] / vertical(l + 1, j, i)))
                else:
                    net.ground(here, area / (over + 1 / h_top))
                if l == 0 and h_below:
                    net.ground(here, area / (node * dz[0] / vertical(l, j, i) + 1 / h_below))
    return net


def add_overhang(net: Network, dx, dy, s, q, spreader, sink, h_top, node) -> None:
    """HotSpot's twelve nodes on equal cells; spreader and sink as (slice, thickness, conductivity)."""
    (l_s, t_s, k_s), (l_k, t_k, k_k) = spreader, sink
    width, depth = sum(dx), sum(dy)
    for side in ("west", "east", "south", "north"):
        in_x = side in ("west", "east")
        across, along = (width, depth) if in_x else (depth, width)
        cells = range(len(dy)) if in_x else range(len(dx))
        n = len(cells)
        half = dx[0] / 2 / dy[0] if in_x else dy[0] / 2 / dx[0]
        for l, t, k, lump in ((l_s, t_s, k_s, "SP"), (l_k, t_k, k_k, "SC")):  # noqa: E741
            out = n * ((s - across) / 4) / (k * t * (s + 3 * along) / 4)
            for c in cells:
                at = {
                    "west": (l, c, 0),
                    "east": (l, c, len(dx) - 1),
                    "south": (l, 0, c),
                    "north": (l, len(dy) - 1, c),
                }
                net.join(at[side], (lump, side), 1 / (half / (k * t) + out))
        a, b = (s - across) * (s + along) / 4, (q * q - s * s) / 4
        net.join(("SP", side), ("SC", side), a / ((1 - node) * t_s / k_s + node * t_k / k_k))
        way = ((s - across) / 4) / (k_k * t_k * (3 * s + along) / 4) + ((q - s) / 4) / (
            k_k * t_k * (q + 3 * s) / 4
        )
        net.join(("SC", side), ("SO", side), 1 / way)
        net.ground(("SC", side), a / ((1 - node) * t_k / k_k + 1 / h_top))
        net.ground(("SO", side), b / ((1 - node) * t_k / k_k + 1 / h_top))
