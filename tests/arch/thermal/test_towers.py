"""Bodies that meet in planes against the same cells as one sparse matrix."""

import numpy as np
import pytest
from tests.oracles.thermal_cells import Network

from bankside.arch.thermal.layers import Cooling, Layer, Material, Stack
from bankside.arch.thermal.slices import Cells, Cut, cells_of
from bankside.arch.thermal.towers import HELD, Body, Joined

DX = np.array([1.0, 2.0, 1.5, 1.0, 2.0]) * 1e-3
FILM = 1.2e4
WHOLE = np.arange(20).reshape(4, 5)
Slab = tuple[float, float, float]

INTERPOSER: list[Slab] = [(5e-5, 120.0, 120.0), (5e-5, 110.0, 130.0)]
COVER: list[Slab] = [(5e-5, 4.0, 4.0), (1e-3, 400.0, 400.0)]
LOW: list[Slab] = [(3e-5, 2.0, 2.0), (1e-6, 121.0, 119.0), (2e-4, 121.0, 119.0)]
HIGH: list[Slab] = [(3e-5, 2.0, 2.0), (5e-6, 4.0, 4.0), (5e-5, 120.0, 120.0)]


def cells(slabs: list[Slab], dx: np.ndarray, dy: np.ndarray, top: Cooling, below: Cooling | None) -> Cells:
    layers = tuple(Layer("x", height, Material(up, 0.0, along)) for height, up, along in slabs)
    whole = Cut(1.0, 0.0)
    return cells_of(Stack(float(dx.sum()), float(dy.sum()), layers, top, below), (dx, dy), whole)


def bodies(dy: np.ndarray, twice: bool) -> dict[str, Body]:
    """Towers at the two left corners and along the right side, where the corners may be of equal cells."""
    corner = cells(LOW, DX[:2], dy[:2], HELD, HELD)
    other = corner if twice else cells(HIGH, DX[:2], dy[2:], HELD, HELD)
    side = cells([(1e-4, 120.0, 120.0)], DX[3:], dy, HELD, HELD)
    at = WHOLE[:2, :2], WHOLE[2:, :2], WHOLE[:, 3:]
    found = {
        str(index): Body(each, (where, 20 + where))
        for index, (each, where) in enumerate(zip((corner, other, side), at, strict=True))
    }
    found["interposer"] = Body(cells(INTERPOSER, DX, dy, HELD, None), (None, WHOLE))
    found["cover"] = Body(cells(COVER, DX, dy, Cooling(FILM, 0.0), HELD), (20 + WHOLE, None))
    return found


def network(of: dict[str, Body]) -> Network:
    net = Network()
    meets: dict[int, list[tuple[tuple[object, ...], float, float]]] = {}
    for name, (own, planes) in of.items():
        lateral, vertical = own.lateral[:, 0, 0], own.vertical[:, 0, 0]
        net.stand(name, own.dx, own.dy, own.dz, lateral, vertical)
        for slice_, plane in ((0, planes[0]), (len(own.dz) - 1, planes[1])):
            half = own.dz[slice_] / 2 / vertical[slice_]
            for j, i in np.ndindex(own.shape[1:]):
                area = own.dx[i] * own.dy[j]
                if plane is not None:
                    meets.setdefault(int(plane[j, i]), []).append(((name, slice_, j, i), half, area))
                elif name == "cover":
                    net.ground((name, slice_, j, i), area / (half + 1 / FILM))
    for pair in meets.values():
        if len(pair) == 2:
            (one, below, area), (other, above, _) = pair
            net.join(one, other, area / (below + above))
    return net


@pytest.mark.parametrize("mirrored", [False, True])
def test_towers_between_plates_are_the_factored_matrix(mirrored: bool) -> None:
    dy = np.array([1.0, 1.5, 1.5, 1.0] if mirrored else [1.0, 1.5, 2.0, 1.0]) * 1e-3
    of = bodies(dy, twice=False)
    if mirrored:  # the lower corner again, seen from the last row
        upper = cells(LOW, DX[:2], dy[2:], HELD, HELD)
        of["1"] = Body(upper, of["1"].planes)
    draw = np.random.default_rng(3)
    heat = {
        index: draw.uniform(0, 1, (2, *body.cells.shape)) * (draw.uniform(0, 1, (2, 1, 1, 1)) < 0.8)
        for index, body in enumerate(of.values())
        if index < 4
    }
    found = Joined(list(of.values()), (2, 4, 5), mirrored).rise(heat)
    names = list(of)
    for case in range(2):
        net = network(of)
        for index, each in heat.items():
            for where in np.ndindex(each.shape[1:]):
                net.heat[net.at((names[index], *where))] += each[case][where]
        expected = net.solve()
        for index, rises in found.items():
            for where in np.ndindex(rises.shape[1:]):
                assert rises[case][where] == pytest.approx(expected[names[index], *where], rel=1e-8)


def test_a_row_in_the_middle_is_its_own_mirror_image() -> None:
    """Three rows under one tower: both ways to solve it agree."""
    dy, whole = np.array([1.0, 2.0, 1.0]) * 1e-3, np.arange(15).reshape(3, 5)
    of = [
        Body(cells(LOW, DX, dy, HELD, HELD), (whole, 15 + whole)),
        Body(cells(INTERPOSER, DX, dy, HELD, None), (None, whole)),
        Body(cells(COVER, DX, dy, Cooling(FILM, 0.0), HELD), (15 + whole, None)),
    ]
    heat = {0: np.random.default_rng(4).uniform(0, 1, (3, *of[0].cells.shape))}
    one, other = (Joined(of, (2, 3, 5), mirrored).rise(heat)[0] for mirrored in (False, True))
    assert one == pytest.approx(other, rel=1e-10)


def test_equal_bodies_are_factored_once() -> None:
    dy = np.array([1.0, 1.5, 1.0, 1.5]) * 1e-3
    same, apart = bodies(dy, twice=True), bodies(dy, twice=False)
    apart["1"] = Body(cells(LOW, DX[:2], dy[2:], HELD, HELD), apart["1"].planes)
    heat = np.random.default_rng(5).uniform(0, 1, (1, 3, 2, 2))
    found = [Joined(list(each.values()), (2, 4, 5)).rise({1: heat})[1] for each in (same, apart)]
    assert found[0] == pytest.approx(found[1], rel=1e-12)
