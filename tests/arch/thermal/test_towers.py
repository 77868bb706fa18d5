"""Towers between two plates against the same cells as one sparse matrix."""

import numpy as np
import pytest
from tests.oracles.thermal_cells import Network

from bankside.arch.thermal.towers import Plane, Slices, Towers

WHOLE = Plane(
    np.array([1.0, 2.0, 1.5, 1.0, 2.0]) * 1e-3,
    np.array([1.0, 1.5, 2.0, 1.0]) * 1e-3,
    slice(0, 4),
    slice(0, 5),
)
FILM = 1.2e4


def part(rows: slice, columns: slice) -> Plane:
    return Plane(WHOLE.dx[columns], WHOLE.dy[rows], rows, columns)


def slices(*triples: tuple[float, float, float]) -> Slices:
    return Slices(*np.array(triples).T)


INTERPOSER = slices((5e-5, 120.0, 120.0), (5e-5, 110.0, 130.0))
COVER = slices((5e-5, 4.0, 4.0), (1e-3, 400.0, 400.0))
TOWERS = [
    (slices((3e-5, 2.0, 2.0), (1e-6, 121.0, 119.0), (2e-4, 121.0, 119.0)), part(slice(0, 2), slice(0, 2))),
    (slices((3e-5, 2.0, 2.0), (5e-6, 4.0, 4.0), (5e-5, 120.0, 120.0)), part(slice(2, 4), slice(0, 2))),
    (slices((1e-4, 120.0, 120.0)), part(slice(0, 4), slice(3, 5))),
]


def network() -> Network:
    net = Network()
    bodies = {"interposer": (INTERPOSER, WHOLE), "cover": (COVER, WHOLE)}
    bodies |= {str(index): tower for index, tower in enumerate(TOWERS)}
    for name, (of, at) in bodies.items():
        nz, ny, nx = len(of.height), len(at.dy), len(at.dx)
        for l, j, i in np.ndindex(nz, ny, nx):  # noqa: E741
            here, sheet = (name, l, j, i), of.lateral[l] * of.height[l]
            if i + 1 < nx:
                net.join(here, (name, l, j, i + 1), sheet * at.dy[j] * 2 / (at.dx[i] + at.dx[i + 1]))
            if j + 1 < ny:
                net.join(here, (name, l, j + 1, i), sheet * at.dx[i] * 2 / (at.dy[j] + at.dy[j + 1]))
            if l + 1 < nz:
                way = of.height[l] / 2 / of.vertical[l] + of.height[l + 1] / 2 / of.vertical[l + 1]
                net.join(here, (name, l + 1, j, i), at.dx[i] * at.dy[j] / way)
            area, half = at.dx[i] * at.dy[j], of.height[l] / 2 / of.vertical[l]
            if name == "cover" and l == nz - 1:
                net.ground(here, area / (half + 1 / FILM))
            if name not in ("interposer", "cover"):
                j0, i0 = at.rows.start, at.columns.start
                if l == 0:
                    way = half + INTERPOSER.height[-1] / 2 / INTERPOSER.vertical[-1]
                    net.join(here, ("interposer", 1, j + j0, i + i0), area / way)
                if l == nz - 1:
                    net.join(
                        here,
                        ("cover", 0, j + j0, i + i0),
                        area / (half + COVER.height[0] / 2 / COVER.vertical[0]),
                    )
    return net


def test_towers_between_plates_are_the_factored_matrix() -> None:
    draw = np.random.default_rng(3)
    heat = [
        draw.uniform(0, 1, (2, len(of.height), len(at.dy), len(at.dx)))
        * (draw.uniform(0, 1, (2, 1, 1, 1)) < 0.8)
        for of, at in TOWERS
    ]
    found = Towers(INTERPOSER, COVER, FILM, WHOLE, TOWERS).rise(heat)
    for case in range(2):
        net = network()
        for index, each in enumerate(heat):
            for where in np.ndindex(each.shape[1:]):
                net.heat[net.at((str(index), *where))] += each[case][where]
        expected = net.solve()
        for index, each in enumerate(found):
            for where in np.ndindex(each.shape[1:]):
                assert each[case][where] == pytest.approx(expected[str(index), *where], rel=1e-8)
