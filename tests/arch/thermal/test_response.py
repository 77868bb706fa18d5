"""What the dies of a package answer: sums, reciprocity, and a stack alone against the solver of any stack."""

from dataclasses import replace

import numpy as np
import pytest
from tests.arch.thermal.test_package import GPU, HBM, die, package

from bankside.arch.thermal.layers import Block, Cooling, Rect, Stack
from bankside.arch.thermal.package import ALONE, Die, Tower, layers_of
from bankside.arch.thermal.response import response_of
from bankside.arch.thermal.slices import Cut, even_columns
from bankside.arch.thermal.solve import steady

SPOT = Rect(2e-3, 3e-3, 2e-3, 4e-3)


def spotted() -> Die:
    base = die("base", 0.011)
    return replace(base, silicon=replace(base.silicon, blocks=(*base.silicon.blocks, Block("spot", SPOT))))


def test_a_stack_alone_is_that_of_the_solver_of_any_stack() -> None:
    tower = Tower((spotted(), die("dram", 0.011, 2)))
    response = response_of(package(tower))
    assert response.places == (("base", "die"), ("base", "spot"), ("dram", "die"))
    whole = Rect(0.0, 0.0, 0.011, 0.011)
    powers = {
        "base": (Block("all", whole, 4.0), Block("spot", SPOT, 3.0)),
        "dram": (Block("all", whole, 0.5),),
    }
    layers = [
        replace(layer, blocks=powers[layer.name]) if layer.blocks else layer
        for layer in layers_of(tower, bonded=False)
    ]
    cover = package(tower).interface, package(tower).lid
    stack = Stack(0.011, 0.011, (*layers, *cover), Cooling(1.2e4, 313.15))
    field = steady(stack, even_columns(stack, ALONE, ALONE), Cut(100e-6))
    active = [index for index, layer in enumerate(layers) if layer.blocks]
    peaks = response.peaks(np.array([4.0, 3.0, 1.0]))
    assert peaks["base"] == pytest.approx(field.bottom(active[0]).max() - 313.15, rel=1e-9)
    assert peaks["dram"] == pytest.approx(max(field.bottom(at).max() for at in active[1:]) - 313.15, rel=1e-9)
    seen, plane = response.hottest(np.array([4.0, 3.0, 1.0]))["base"]
    assert seen.die == "base" and plane == pytest.approx(field.bottom(active[0]) - 313.15, rel=1e-9)


def test_places_answer_each_other_alike_and_dies_side_by_side_warm_each_other() -> None:
    response = response_of(package(GPU, HBM))
    assert response.means == pytest.approx(response.means.T, rel=1e-9)
    gpu, dram = response.places.index(("gpu", "die")), response.places.index(("dram", "die"))
    assert 0.0 < response.means[gpu, dram] < response.means[gpu, gpu]
    # all heat leaves through the lid: a watt anywhere warms everything by about the film's share at least
    film = 1.0 / (1.2e4 * package(GPU, HBM).face_m2)
    assert response.means[gpu, gpu] > film
