"""Stacks from dies: layers by hand, order, bonds, coolers."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.arch.technology.packaging import load_packaging
from bankside.arch.thermal.stack import Die, peak_temperatures, stack_layers

AREA_M2 = 121e-6
PACKAGING = load_packaging()


def test_layers_of_a_base_die_under_two_dram_dies() -> None:
    dies = [Die("base", AREA_M2, 8.0), Die("dram", AREA_M2, 3.0, count=2)]
    layers = stack_layers(dies, PACKAGING)
    names = ["base.wiring", "base", *["dram.bond", "dram.wiring", "dram"] * 2, "top.interface"]
    assert [x.name for x in layers] == names
    assert [x.power_w for x in layers if x.power_w] == [8.0, 1.5, 1.5]
    assert {x.thickness_m for x in layers if x.name in ("base", "dram")} == {50e-6}


def test_single_die_by_hand() -> None:
    # 100 W on 100 mm2: interface 50 um / 4 W/m/K, half of 775 um of silicon, 1 / (1.2e4 W/m2/K) to 40 degC
    expected = 40.0 + 1e6 * (50e-6 / 4 + 775e-6 / 120 / 2 + 1 / 1.2e4)
    got = peak_temperatures([Die("chip", 100e-6, 100.0)], PACKAGING.cooler("air"), PACKAGING)
    assert got == {"chip": pytest.approx(expected, rel=1e-12)}


def test_hybrid_bonded_stack_runs_cooler_than_a_bumped_one() -> None:
    def hottest(bond: str) -> float:
        dies = [Die("logic", AREA_M2, 30.0), Die("dram", AREA_M2, 4.0, count=4, bond=bond)]
        return peak_temperatures(dies, PACKAGING.cooler("liquid"), PACKAGING)["logic"]

    # four bumps of 15 mm2 K/W against four bonds of 1.1 under about 30 W on 121 mm2
    difference = hottest("microbump") - hottest("hybrid")
    flows = [30.0, 31.0, 32.0, 33.0]
    assert difference == pytest.approx(sum(flows) * (15.0 - 2 / 1.8) / 121, rel=1e-9)


def test_better_cooling_is_cooler_and_logic_at_the_bottom_is_hottest() -> None:
    dies = [Die("base", AREA_M2, 8.0), Die("dram", AREA_M2, 12.0, count=8)]
    air, liquid = (peak_temperatures(dies, PACKAGING.cooler(c), PACKAGING) for c in ("air", "liquid"))
    assert air["base"] > air["dram"]
    assert all(liquid[name] < air[name] for name in air)


def test_unknown_bonds_are_refused() -> None:
    with pytest.raises(ConfigError, match="no bond 'glue'"):
        stack_layers([Die("a", AREA_M2, bond="glue")], PACKAGING)
