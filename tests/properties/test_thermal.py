"""What holds of heat in any stack, and that all ways to solve for it equal one sparse matrix that is factored."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.arch.thermal.stacks import BOTTOMS, SLICED, columns, oracle, stacks

from bankside.arch.thermal.layers import Block, Cooling, Layer, Material, Rect, Stack
from bankside.arch.thermal.slices import Cut, even_columns, power_of
from bankside.arch.thermal.solve import Solver, steady

EXAMPLES = settings(max_examples=25, deadline=None)
KINDS = {
    "uniform": {},
    "patched": {"patched": True},
    "rim": {"overhang": True},
    "both": {"patched": True, "overhang": True},
}


def solved(stack: Stack, at: Any, cut: Cut) -> tuple[Solver, Any, Any]:
    solver = Solver(stack, at, cut)
    power = power_of(solver.cells, stack)
    return solver, power, solver.rise(power)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@EXAMPLES
def test_equals_the_factored_matrix_and_keeps_energy(kind: str, data: st.DataObject) -> None:
    stack = data.draw(stacks(**KINDS[kind]))
    if kind in ("rim", "both"):
        stack = _even_sink(stack)
    at = data.draw(columns(stack, even=stack.overhang is not None))
    cut = data.draw(st.sampled_from([SLICED, BOTTOMS]))
    solver, power, rise = solved(stack, at, cut)
    net = oracle(stack, solver)
    for where in np.ndindex(power.shape):
        net.heat[net.at(where)] += power[where]
    found = net.solve()
    expected = np.array([found[where] for where in np.ndindex(power.shape)]).reshape(power.shape)
    assert np.abs(rise.cells - expected).max() <= 1e-8 * expected.max()
    for index, name in enumerate(["SP", "SC", "SO"] if stack.overhang else []):
        for axis, sides in enumerate((("west", "east"), ("south", "north"))):
            for side, where in enumerate(sides):
                assert rise.nodes[axis, side, index] == pytest.approx(found[name, where], rel=1e-8)
    assert solver.outflow_w(rise) == pytest.approx(stack.power_w, rel=1e-10)


def _even_sink(stack: Stack) -> Stack:
    """Spreader and sink conduct alike in all directions, as the oracle's do."""
    top = [
        replace(layer, material=Material.even(layer.material.lateral, 3e6), blocks=(), patches=())
        for layer in stack.layers[-2:]
    ]
    heated = replace(stack.layers[0], name="heated")
    return replace(stack, layers=(heated, *stack.layers[1:-2], *top))


@given(data=st.data(), patched=st.booleans())
@EXAMPLES
def test_the_hottest_cell_is_heated_and_nothing_is_colder_than_the_ambient(
    data: st.DataObject, patched: bool
) -> None:
    stack = data.draw(stacks(patched=patched))
    _, power, rise = solved(stack, data.draw(columns(stack)), SLICED)
    assert rise.cells.min() >= -1e-9
    assert power[np.unravel_index(np.argmax(rise.cells), power.shape)] > 0


@given(data=st.data(), patched=st.booleans())
@EXAMPLES
def test_powers_add_up_and_cells_answer_each_other_alike(data: st.DataObject, patched: bool) -> None:
    stack = data.draw(stacks(patched=patched))
    solver = Solver(stack, data.draw(columns(stack)), SLICED)
    places = [tuple(data.draw(st.integers(0, n - 1)) for n in solver.cells.shape) for _ in range(2)]
    heat = np.zeros((2, *solver.cells.shape))
    heat[0][places[0]], heat[1][places[1]] = 1.0, 1.0
    one, other = solver.rise(heat).cells
    both = solver.rise(2 * heat[0] + 3 * heat[1]).cells
    rounding = 1e-11 * both.max()  # a far cell is what modes as large as the hottest cell leave of each other
    assert both == pytest.approx(2 * one + 3 * other, rel=1e-8, abs=rounding)
    assert one[places[1]] == pytest.approx(other[places[0]], rel=1e-8, abs=rounding)


@given(data=st.data())
@EXAMPLES
def test_a_mirrored_stack_has_mirrored_temperatures(data: st.DataObject) -> None:
    stack = data.draw(stacks(patched=True))

    def mirrored(at: Rect) -> Rect:
        return replace(at, x=stack.width_m - at.x - at.width)

    flipped = replace(
        stack,
        layers=tuple(
            replace(
                layer,
                blocks=tuple(replace(block, at=mirrored(block.at)) for block in layer.blocks),
                patches=tuple(replace(patch, at=mirrored(patch.at)) for patch in layer.patches),
            )
            for layer in stack.layers
        ),
    )
    at = even_columns(stack, 5, 4)
    one, other = steady(stack, at, SLICED).kelvin, steady(flipped, at, SLICED).kelvin
    assert one == pytest.approx(other[..., ::-1], rel=1e-9)


def test_finer_cells_approach_one_answer_with_the_second_order() -> None:
    """Smooth heat on a box: errors against a much finer grid fall by four when the cells are halved."""
    at = Rect(0.0, 0.0, 5e-3, 1e-2)
    layer = Layer("slab", 1e-3, Material.even(120.0, 1.7e6), (Block("half", at, 40.0),))
    stack = Stack(1e-2, 1e-2, (layer, Layer("top", 5e-4, Material.even(4.0, 4e6))), Cooling(2e4, 300.0))

    def means(count: int) -> Any:
        found = steady(stack, even_columns(stack, count, 4), Cut(slice_m=1e-3, active_m=0.0)).bottom(0)
        return found.reshape(4, 4, count // 4).mean(axis=(0, 2))

    fine = means(1024)
    errors = [np.abs(means(count) - fine).max() for count in (8, 16, 32)]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.05)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.05)
