"""One dimension by hand, time by an obvious loop, two ambients, and what does not settle."""

from dataclasses import replace

import numpy as np
import pytest
from tests.arch.thermal.stacks import oracle

from bankside.arch.thermal import iterate
from bankside.arch.thermal.layers import Block, Cooling, Layer, Material, Overhang, Patch, Rect, Stack
from bankside.arch.thermal.slices import BOTTOM, Cut, even_columns, power_of
from bankside.arch.thermal.solve import Probe, Solver, steady, transient

SILICON = Material.even(120.0, 1.75e6)
ALL = Rect(0.0, 0.0, 1e-2, 1e-2)
WIRING, BOND = Material.even(4.0, 2.2e6), Material.even(2.0, 2.2e6)


def dies(*powers: float) -> tuple[Layer, ...]:
    found: list[Layer] = []
    for power in powers:
        found += [Layer("wiring", 5e-6, WIRING), Layer("die", 5e-5, SILICON, (Block("all", ALL, power),))]
        found += [Layer("bond", 3e-5, BOND)]
    return tuple(found)


@pytest.mark.parametrize("powers", [(50.0,), (15.0, *[0.5] * 8), (*[0.5] * 8, 15.0)])
def test_one_dimension_is_the_series_of_resistances(powers: tuple[float, ...]) -> None:
    stack = Stack(1e-2, 1e-2, dies(*powers), Cooling(2e4, 318.15))
    field = steady(stack, even_columns(stack, 6, 5), Cut(12.5e-6))
    area, flow, above = 1e-4, sum(powers), 318.15 + sum(powers) / (2e4 * 1e-4)
    for index in range(len(stack.layers) - 1, -1, -1):
        layer = stack.layers[index]
        released = sum(block.power_w for block in layer.blocks)
        active = 1e-6 if released else 0.0
        above += flow * (layer.thickness_m - active) / (layer.material.conductivity * area)
        if released:
            middle = above + flow * active / 2 / (120.0 * area)
            assert field.bottom(index) == pytest.approx(np.full((5, 6), middle), rel=1e-9)
            above = middle + (flow - released) * active / 2 / (120.0 * area)
            flow -= released


@pytest.mark.parametrize("patched", [False, True])
def test_time_is_backward_euler_of_the_matrix(patched: bool) -> None:
    patch = (Patch(Rect(0.0, 0.0, 4e-3, 1e-2), Material.even(1.0, 1e6)),) * patched
    layers = (
        Layer("die", 1e-4, SILICON, (Block("spot", Rect(2e-3, 3e-3, 3e-3, 2e-3), 9.0),), patch),
        Layer("SPREADER", 1e-3, Material.even(400.0, 3.5e6)),
        Layer("SINK", 5e-3, Material.even(300.0, 3.0e6)),
    )
    stack = Stack(1e-2, 1e-2, layers, Cooling(3e3, 300.0, 2e4), None, Overhang(2e-2, 4e-2))
    cut, at, step_s = Cut(1.0, 0.0, BOTTOM), even_columns(stack, 5, 4), 2e-3
    solver, still = Solver(stack, at, cut, step_s), Solver(stack, at, cut)
    net, rim = oracle(stack, still), still.rim
    assert rim is not None
    capacity = {}
    for where in np.ndindex(still.cells.shape):
        slab = np.broadcast_to(still.cells.capacity, still.cells.shape)[where] * still.cells.dz[where[0]]
        film = 2e4 if where[0] == still.cells.shape[0] - 1 else 0.0
        capacity[where] = (slab + film) * 1e-4 / 20
    for axis, sides in enumerate((("west", "east"), ("south", "north"))):
        for side in sides:
            capacity |= {(n, side): rim.capacity[axis, i] for i, n in enumerate(("SP", "SC", "SO"))}
    for node, joule in capacity.items():
        net.ground(node, joule / step_s)
    power = power_of(solver.cells, stack)
    for where in np.ndindex(power.shape):
        net.heat[net.at(where)] += power[where]
    probe = Probe(0, solver.cells.share(Rect(2e-3, 3e-3, 3e-3, 2e-3)))
    found = transient(solver, [power] * 5, [probe])[:, 0]
    rise = dict.fromkeys(capacity, 0.0)
    for seen in found:
        rise = net.solve({node: capacity[node] / step_s * rise[node] for node in capacity})
        plane = np.array([[rise[0, j, i] for i in range(5)] for j in range(4)])
        assert seen == pytest.approx((plane * probe.weights).sum(), rel=1e-9)


def test_a_long_time_is_the_steady_state() -> None:
    stack = Stack(1e-2, 1e-2, dies(20.0, 1.0), Cooling(2e4, 300.0))
    at, cut = even_columns(stack, 3, 3), Cut(25e-6)
    solver = Solver(stack, at, cut, 10.0)
    probe = Probe(int(solver.cells.first[1]), np.full((3, 3), 1 / 9))
    seen = transient(solver, [power_of(solver.cells, stack)] * 30, [probe])
    assert seen[-1, 0] == pytest.approx(steady(stack, at, cut).bottom(1).mean() - 300.0, rel=1e-9)


def test_a_warmer_ambient_below_warms() -> None:
    """No heat inside: the profile is that of two films and a slab between two ambients."""
    slab = Layer("slab", 1e-3, Material.even(10.0, 1e6))
    stack = Stack(1e-2, 1e-2, (slab,), Cooling(1e4, 300.0), Cooling(1e4, 330.0))
    middle = steady(stack, even_columns(stack, 2, 2), Cut(1.0)).kelvin
    assert middle == pytest.approx(np.full((1, 2, 2), 315.0))
    cooler = replace(stack, below=Cooling(1e4, 300.0))
    assert steady(cooler, even_columns(stack, 2, 2), Cut(1.0)).kelvin == pytest.approx(
        np.full((1, 2, 2), 300.0)
    )


def test_what_does_not_settle_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    patch = Patch(Rect(0.0, 0.0, 4e-3, 1e-2), Material.even(1.0, 1e6))
    stack = Stack(1e-2, 1e-2, (replace(dies(5.0)[1], patches=(patch,)),), Cooling(1e3, 300.0))
    monkeypatch.setattr(iterate, "MOST_STEPS", 2)
    with pytest.raises(ArithmeticError, match="did not settle in 2 steps"):
        steady(stack, even_columns(stack, 8, 8), Cut(12.5e-6))
