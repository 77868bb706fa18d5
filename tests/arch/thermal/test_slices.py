"""Slices of layers, shares of rectangles in columns, mixtures in columns."""

import numpy as np
import pytest

from bankside.arch.thermal.layers import Block, Cooling, Layer, Material, Patch, Rect, Stack
from bankside.arch.thermal.slices import MOST_SLICES, WHOLE_LAYERS, Cut, cells_of, even_columns, power_of

SILICON = Material.even(120.0, 1.75e6)
ALL = Rect(0.0, 0.0, 1e-2, 1e-2)


def stack(*layers: Layer) -> Stack:
    return Stack(1e-2, 1e-2, layers, Cooling(2e4, 300.0))


def test_a_layer_with_blocks_has_a_thin_slice_where_they_are() -> None:
    heated = Layer("die", 50e-6, SILICON, (Block("all", ALL, 1.0),))
    assert Cut(25e-6).heights(heated) == pytest.approx([1e-6, 24.5e-6, 24.5e-6])
    assert Cut(25e-6).heights(Layer("die", 50e-6, SILICON)) == [25e-6, 25e-6]
    assert Cut(25e-6).heights(Layer("bond", 2e-6, SILICON, heated.blocks)) == pytest.approx([0.2e-6, 1.8e-6])


def test_thick_layers_are_cut_into_so_many_slices_at_most() -> None:
    assert len(Cut(1e-6).heights(Layer("sink", 6.9e-3, SILICON))) == MOST_SLICES
    assert WHOLE_LAYERS.heights(Layer("sink", 6.9e-3, SILICON)) == [6.9e-3]


def test_power_lies_where_the_blocks_are_and_adds_up() -> None:
    blocks = (Block("a", Rect(0.0, 0.0, 2.5e-3, 1e-2), 3.0), Block("b", Rect(4e-3, 2e-3, 3e-3, 1e-3), 2.0))
    of = stack(Layer("cold", 1e-4, SILICON), Layer("die", 1e-4, SILICON, blocks))
    cells = cells_of(of, even_columns(of, 4, 3), Cut(50e-6))
    power = power_of(cells, of)
    assert power.sum() == pytest.approx(5.0, rel=1e-12)
    assert np.flatnonzero(power.any(axis=(1, 2))).tolist() == [2]
    assert power[2][:, 0] == pytest.approx([1.0, 1.0, 1.0])
    assert power[2][0, 1] == pytest.approx(2.0 / 3 * 1.0)  # of b, 1 mm of its 3 mm


def test_a_column_over_two_materials_has_their_mean() -> None:
    patch = Patch(Rect(0.0, 0.0, 1e-3, 1e-2), Material.even(400.0, 3.55e6))
    of = stack(Layer("die", 1e-4, SILICON, (), (patch,)), Layer("lid", 1e-4, SILICON))
    cells = cells_of(of, even_columns(of, 5, 2), Cut(1.0))
    assert cells.vertical[0, 0].tolist() == pytest.approx([260.0, 120.0, 120.0, 120.0, 120.0])
    assert cells.lateral[1].ravel().tolist() == pytest.approx([120.0] * 10)
    assert not cells.uniform
