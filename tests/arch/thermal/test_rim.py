"""The lumped nodes of spreader and sink, from the formulas of HotSpot's package."""

from dataclasses import replace

import numpy as np
import pytest

from bankside.arch.thermal.layers import Block, Cooling, Layer, Material, Overhang, Patch, Rect, Stack
from bankside.arch.thermal.rim import rim_of
from bankside.arch.thermal.slices import BOTTOM, Cut, cells_of, even_columns
from bankside.arch.thermal.solve import steady

COPPER = Material.even(400.0, 3.55e6)
W, S, Q = 0.01, 0.03, 0.06
BEYOND = Overhang(S, Q)
COOLING = Cooling(1 / (0.1 * Q * Q), 318.15, 140.4 / Q**2)


def stack(overhang: Overhang | None = BEYOND) -> Stack:
    layers = (Layer("die", 1e-4, COPPER), Layer("SPREADER", 1e-3, COPPER), Layer("SINK", 6.9e-3, COPPER))
    return Stack(W, W, layers, COOLING, None, overhang)


def test_nodes_are_joined_as_in_the_published_package() -> None:
    of = stack()
    rim = rim_of(of, cells_of(of, even_columns(of, 16, 16), Cut(1.0, 0.0, BOTTOM)))
    assert rim is not None and rim.slices == (1, 2)
    a, b, r = (S**2 - W**2) / 4, (Q**2 - S**2) / 4, 0.1
    for k_t, joint in ((400 * 1e-3, rim.joints[0, 0]), (400 * 6.9e-3, rim.joints[1, 1])):
        assert 1 / joint == pytest.approx(1 / (2 * k_t) + 16 * ((S - W) / 4) / (k_t * (S + 3 * W) / 4))
    down = 400 * a / 1e-3
    sideways = ((S - W) / 4) / (400 * 6.9e-3 * (3 * S + W) / 4) + ((Q - S) / 4) / (
        400 * 6.9e-3 * (Q + 3 * S) / 4
    )
    inner, outer = (1 / (6.9e-3 / (400 * area) + r * Q**2 / area) for area in (a, b))
    expected = [
        [down, -down, 0],
        [-down, down + 1 / sideways + inner, -1 / sideways],
        [0, -1 / sideways, 1 / sideways + outer],
    ]
    assert rim.among[0] == pytest.approx(np.array(expected)) and rim.among[1] == pytest.approx(rim.among[0])
    assert rim.capacity[0] == pytest.approx(
        [3.55e6 * 1e-3 * a, 3.55e6 * 6.9e-3 * a + 140.4 * a / Q**2, 3.55e6 * 6.9e-3 * b + 140.4 * b / Q**2]
    )


def test_a_rim_is_joined_a_quarter_up_of_what_is_cut() -> None:
    of = stack()
    rim = rim_of(of, cells_of(of, even_columns(of, 4, 4), Cut(0.25e-3)))
    assert rim is not None and rim.slices == (1 + 0, 5 + 3)


def test_lumped_nodes_are_near_the_package_cut_into_cells() -> None:
    """The same spreader and sink as parts of a box of 60 mm, with still air beside them."""
    power = (Block("spot", Rect(4e-3, 4e-3, 2.5e-3, 2.5e-3), 10.0), Block("all", Rect(0, 0, W, W), 40.0))
    lumped = replace(
        stack(), layers=(Layer("die", 1e-4, Material.even(120.0, 1e6), power), *stack().layers[1:])
    )
    die = steady(lumped, even_columns(lumped, 8, 8), Cut(100e-6)).bottom(0) - 318.15
    air, at = Material.even(0.03, 1e3), (Q - W) / 2
    moved = tuple(replace(b, at=replace(b.at, x=b.at.x + at, y=b.at.y + at)) for b in power)
    layers = (
        Layer("die", 1e-4, air, moved, (Patch(Rect(at, at, W, W), Material.even(120.0, 1e6)),)),
        Layer("SPREADER", 1e-3, air, (), (Patch(Rect((Q - S) / 2, (Q - S) / 2, S, S), COPPER),)),
        Layer("SINK", 6.9e-3, COPPER),
    )
    parts = ((6, 15e-3), (8, 10e-3), (8, W), (8, 10e-3), (6, 15e-3))
    side = np.concatenate([np.full(count, length / count) for count, length in parts])
    whole = steady(Stack(Q, Q, layers, COOLING), (side, side), Cut(100e-6)).bottom(0)[14:22, 14:22] - 318.15
    assert die.mean() == pytest.approx(whole.mean(), rel=0.03)
    assert die.max() == pytest.approx(whole.max(), rel=0.03)


def test_no_overhang_no_rim_and_unequal_columns_are_refused() -> None:
    assert rim_of(stack(None), cells_of(stack(None), even_columns(stack(), 4, 4), Cut(1.0))) is None
    at = (np.array([4e-3, 6e-3]), np.array([5e-3, 5e-3]))
    with pytest.raises(ValueError, match="equal columns"):
        rim_of(stack(), cells_of(stack(), at, Cut(1.0)))
