"""Packages of shipped machines, as runs solve them, against one sparse matrix of the same cells."""

from importlib.resources import files

import numpy as np
import pytest
from tests.arch.thermal.test_package import GPU, HBM, die, package
from tests.oracles.thermal_cells import Network

from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.packages import packages_of
from bankside.arch.spec import names
from bankside.arch.technology.packaging import load_packaging
from bankside.arch.thermal.cut_package import CutPackage
from bankside.arch.thermal.package import Package, Tower


def packages(machine: str) -> list[Package]:
    return [each for each, _ in packages_of(load_machine(machine), load_packaging())]


def network(of: Package, cut: CutPackage) -> Network:
    """All bodies cell by cell; interposer and cover are the bodies -1 and -2."""
    net = Network()
    bodies = dict(enumerate(part.cells for part in cut.parts[: len(cut.under)]))
    film = of.heat_transfer
    if cut.plates is not None:
        bodies |= {-1: cut.plates[0], -2: cut.plates[1]}
        film *= of.face_m2 / float(cut.plates[1].area.sum())
    half = {name: each.dz / 2 / each.vertical[:, 0, 0] for name, each in bodies.items()}
    for name, each in bodies.items():
        net.stand(name, each.dx, each.dy, each.dz, each.lateral[:, 0, 0], each.vertical[:, 0, 0])
    lid = bodies[-2] if cut.plates is not None else bodies[0]
    name, top = (-2 if cut.plates is not None else 0), len(lid.dz) - 1
    for j, i in np.ndindex(lid.shape[1:]):
        net.ground((name, top, j, i), lid.dx[i] * lid.dy[j] / (half[name][top] + 1 / film))
    if cut.plates is None:
        return net
    across = len(cut.plates[0].dx)
    for index, (part, at) in enumerate(zip(cut.parts, cut.under, strict=False)):
        for j, i in np.ndindex(part.cells.shape[1:]):
            row, column = divmod(int(at[j, i]), across)
            area, last = part.cells.dx[i] * part.cells.dy[j], len(part.cells.dz) - 1
            below = (-1, len(cut.plates[0].dz) - 1, row, column)
            net.join((index, 0, j, i), below, area / (half[index][0] + half[-1][-1]))
            net.join((index, last, j, i), (-2, 0, row, column), area / (half[index][last] + half[-2][0]))
    return net


def check(of: Package) -> None:
    """Random heat in every place of every tower."""
    cut, draw = CutPackage(of), np.random.default_rng(7)
    net = network(of, cut)
    heat = [np.zeros((1, *part.cells.shape)) for part in cut.parts]
    names_of = [index if index < len(cut.under) else -1 for index in range(len(cut.parts))]
    for index, part in enumerate(cut.parts):
        for layer, at in part.released:
            for watt in part.drawn[layer.name].values():
                heat[index][0, at] += draw.uniform(0, 20) * watt
        for where in np.argwhere(heat[index][0]):
            net.heat[net.at((names_of[index], *map(int, where)))] += float(heat[index][0][tuple(where)])
    expected = net.solve()
    for index, rises in enumerate(cut.rise(heat)):
        oracle = [expected[names_of[index], *where] for where in np.ndindex(rises.shape[1:])]
        assert rises.ravel() == pytest.approx(oracle, rel=1e-8)


@pytest.mark.parametrize("machine", ["hbf-pnm", "sram-lpu"])
def test_a_small_machine_answers_as_the_factored_matrix(machine: str) -> None:
    for of in packages(machine):
        check(of)


def test_a_die_that_carries_stacks_answers_as_the_factored_matrix() -> None:
    machine = load_machine(str(files("bankside.validation") / "imec_2025" / "stacked.yaml"))
    ((of, _),) = packages_of(machine, load_packaging())
    assert CutPackage(of).parts[-1].layers[-1].name == "gpu"
    check(of)


@pytest.mark.slow  # 10 s for each of the larger packages
@pytest.mark.parametrize("machine", names("machines"))
def test_every_machine_answers_as_the_factored_matrix(machine: str) -> None:
    for of in packages(machine):
        check(of)


def test_towers_that_are_cut_alike_are_one_part() -> None:
    cut = CutPackage(package(GPU, HBM))
    assert len(cut.parts) == 6 and len({id(part) for part in cut.parts}) < 6
    assert sum(at.size for at in cut.under) == sum(part.cells.area.size for part in cut.parts)


def test_what_is_mirrored_is_known_from_where_towers_stand() -> None:
    """Two different dies left of a larger one are not; two equal ones are."""
    for others, mirrored in (((die("a", 0.008), die("b", 0.008)), False), ((die("a", 0.008),) * 2, True)):
        towers = [Tower((one,)) for one in others]
        of = package(GPU, *towers, Tower((die("c", 0.009),)), Tower((die("c", 0.009),)))
        cut = CutPackage(of)
        assert cut.plates is not None
        assert cut._mirrored(np.arange(cut.plates[0].area.size).reshape(cut.plates[0].area.shape)) == mirrored


def test_a_watt_is_a_watt_wherever_it_is_drawn() -> None:
    (of,) = packages("hbf-pnm")
    for part in CutPackage(of).parts:
        for places in part.drawn.values():
            assert [watt.sum() for watt in places.values()] == pytest.approx([1.0] * len(places))
