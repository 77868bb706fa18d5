"""Levels of towers by hand, and where towers stand."""

from dataclasses import replace

import numpy as np
import pytest

from bankside.arch.thermal.layers import Block, Layer, Material, Rect
from bankside.arch.thermal.package import (
    ACROSS,
    ALONE,
    MOST,
    Die,
    Package,
    Tower,
    arranged,
    columns_of,
    layers_of,
)  # fmt: skip


def slab(name: str, conductivity: float, height: float) -> Layer:
    return Layer(name, height, Material.even(conductivity, 0.0))


WIRING, BUMPS = slab("wiring", 4.0, 5e-6), slab("bumps", 2.0, 3e-5)


def die(name: str, side: float, count: int = 1, height: float = 5e-5) -> Die:
    whole = Block("die", Rect(0.0, 0.0, side, side))
    silicon = Layer(name, height, Material(120.0, 0.0, 119.0), (whole,))
    return Die(name, side, side, silicon, WIRING, BUMPS, count)


def package(*towers: Tower) -> Package:
    cover = slab("interface", 4.0, 5e-5), slab("lid", 400.0, 1e-3)
    return Package(towers, *cover, (slab("interposer", 120.0, 1e-4),), 1e-3, 1.2e4, 313.15)


HBM = Tower((die("base", 0.011), die("dram", 0.011, 2)), 5)
GPU = Tower((die("gpu", 0.0285, height=1e-4),))


def test_layers_of_a_base_die_under_two_dram_dies() -> None:
    layers = layers_of(HBM, bonded=False)
    assert [layer.name for layer in layers if layer.blocks] == ["base", "dram", "dram"]
    one = [5e-6, 5e-5]
    assert [layer.thickness_m for layer in layers] == pytest.approx([*one, 3e-5, *one, 3e-5, *one])
    assert layers_of(HBM, bonded=True) == (BUMPS, *layers)


def test_a_smaller_die_is_in_the_middle_of_its_tower() -> None:
    *_, small = layers_of(Tower((die("base", 0.011), die("dram", 0.008))), bonded=False)
    at = small.blocks[0].at
    assert (at.x, at.y, at.width, at.depth) == pytest.approx((0.0015, 0.0015, 0.008, 0.008))


def test_a_tower_alone_fills_its_package_and_is_cut_evenly() -> None:
    alone = package(replace(HBM, count=1))
    placed, width, depth = arranged(alone)
    assert not alone.shared and len(placed) == 1 and (width, depth) == (0.011, 0.011)
    dx, dy = columns_of(placed, width, depth)
    assert len(dx) == len(dy) == ALONE and dx.sum() == pytest.approx(0.011)


def test_stacks_stand_left_and_right_of_the_largest_die_at_one_height() -> None:
    both = package(GPU, HBM)
    placed, width, depth = arranged(both)
    names = [each.tower.dies[0].name for each in placed]
    assert names == ["base"] * 3 + ["gpu"] + ["base"] * 2
    assert both.face_m2 == pytest.approx(5 * 0.011**2 + 0.0285**2)
    assert width == pytest.approx(4 * 1e-3 + 2 * 0.011 + 0.0285) and depth == pytest.approx(
        4 * 1e-3 + 3 * 0.011
    )
    assert len({round(each.height_m, 12) for each in placed}) == 1
    for one in placed:
        for other in placed:
            assert one is other or one.at.overlap_m2(other.at) == 0.0
    dx, _ = columns_of(placed, width, depth)
    edges = np.concatenate(([0.0], np.cumsum(dx)))
    for each in placed:
        assert np.abs(edges - each.at.x).min() < 1e-12
    assert dx.max() <= 0.011 / ACROSS * 1.5


@pytest.mark.parametrize("side", [1e-9, 1e-5, 1.0, 1e3])
def test_dies_of_any_size_are_cut_into_few_columns(side: float) -> None:
    uneven = package(GPU, Tower((die("dram", side),), 5))
    placed, width, depth = arranged(uneven)
    for widths, whole in zip(columns_of(placed, width, depth), (width, depth), strict=True):
        assert len(widths) <= MOST + 2 * len(placed) + 1
        assert widths.sum() == pytest.approx(whole, rel=1e-6)
