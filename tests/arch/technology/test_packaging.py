"""Packaging data: sourced, consistent, refused in sentences."""

import pytest

from bankside.arch.spec import ConfigError, load, unsourced
from bankside.arch.technology.packaging import PackagingSpec, load_packaging


def test_every_constant_has_a_source_and_a_confidence() -> None:
    loaded = load("packaging", "technology", PackagingSpec)
    assert unsourced(loaded) == []
    assert all(leaf.confidence for path, leaf in loaded.sources.items() if not path.endswith(".material"))


def test_hybrid_bond_resists_heat_an_order_less_than_microbumps() -> None:
    packaging = load_packaging()
    mm2_k_per_w = {
        name: bond.thickness / packaging.materials[bond.material].conductivity * 1e6
        for name, bond in packaging.bonds.items()
    }
    assert mm2_k_per_w["microbump"] == pytest.approx(15.0)
    assert 0.5 <= mm2_k_per_w["hybrid"] <= 3.0


def test_cooler_resistance_falls_with_area() -> None:
    air = load_packaging().cooler("air")
    assert air.resistance_k_per_w(826e-6) == pytest.approx(0.101, rel=0.01)
    assert air.ambient_c == pytest.approx(40.0)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ConfigError, match="no cooler 'snow'; the coolers are passive, air, liquid"):
        load_packaging().cooler("snow")
    with pytest.raises(ConfigError, match="no material 'gold'"):
        load("packaging", "technology", PackagingSpec, ["bonds.hybrid.material=gold"])
