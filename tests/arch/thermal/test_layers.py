"""Mixtures and rectangles."""

import pytest

from bankside.arch.thermal.layers import Block, Cooling, Layer, Material, Patch, Rect, Stack

SILICON = Material.even(120.0, 1.75e6)
COPPER = Material.even(400.0, 3.55e6)


def test_vias_conduct_beside_the_material_along_them_and_less_than_in_proportion_across() -> None:
    pierced = SILICON.pierced(COPPER, 0.1)
    assert pierced.conductivity == pytest.approx(148.0)
    assert pierced.capacity == pytest.approx(1.93e6)
    assert pierced.lateral == pytest.approx(120.0 * (520 + 28) / (520 - 28))
    assert 120.0 < pierced.lateral < pierced.conductivity


def test_no_vias_change_nothing_and_vias_alone_are_their_metal() -> None:
    assert SILICON.pierced(COPPER, 0.0) == SILICON
    assert SILICON.pierced(COPPER, 1.0).lateral == pytest.approx(400.0)


def test_rectangles_overlap_in_their_common_area() -> None:
    one = Rect(0.0, 0.0, 2.0, 1.0)
    assert one.overlap_m2(Rect(1.5, 0.5, 2.0, 2.0)) == pytest.approx(0.25)
    assert one.overlap_m2(Rect(2.0, 0.0, 1.0, 1.0)) == 0.0
    assert one.area_m2 == 2.0


def test_a_stack_is_uniform_without_patches_and_adds_up_its_powers() -> None:
    blocks = (Block("a", Rect(0, 0, 1, 1), 2.0), Block("b", Rect(1, 0, 1, 1), 3.0))
    layer = Layer("die", 1e-4, SILICON, blocks)
    stack = Stack(2.0, 1.0, (layer,), Cooling(1e4, 300.0))
    assert stack.power_w == 5.0 and stack.uniform
    patched = Layer("die", 1e-4, SILICON, blocks, (Patch(Rect(0, 0, 1, 1), COPPER),))
    assert not Stack(2.0, 1.0, (patched,), Cooling(1e4, 300.0)).uniform
