"""Machines as packages: processors beside the stacks, coolers by name, densities over all copies."""

import pytest

from bankside.arch.machine.spec import MachineSpec
from bankside.arch.packaging import load_packaging
from bankside.arch.spec import ConfigError, load
from bankside.arch.thermal.package import DiePower, beside_stack, die_densities, die_temperatures
from bankside.arch.thermal.stack import Die, peak_temperatures


def machine(name: str, *overrides: str) -> MachineSpec:
    return load(name, "machines", MachineSpec, overrides).spec


def test_a_gpu_stands_beside_its_stacks() -> None:
    spec = machine("xpu-h100")
    assert beside_stack(spec) == {"gpu"}
    power = {"gpu": DiePower(500.0, 1), "dram": DiePower(100.0, 5)}
    got = die_temperatures(spec, power)
    packaging = load_packaging()
    air = packaging.cooler("air")
    alone = peak_temperatures([Die("gpu", 814e-6, 500.0)], air, packaging)
    stack = peak_temperatures([Die("dram", 121e-6, 20.0, count=8)], air, packaging)
    assert got == {"dram": stack["dram"], "gpu": alone["gpu"]}
    assert got["gpu"] == pytest.approx(40 + 500 / 814 * (1e6 / 1.2e4 + 12.5 + 775 / 240), rel=1e-9)


def test_a_base_die_is_below_the_dram_that_its_heat_crosses() -> None:
    spec = machine("base-die")
    assert beside_stack(spec) == set()
    power = {"base": DiePower(10.0, 1), "dram": DiePower(8.0, 1)}
    got = die_temperatures(spec, power)
    assert got["base"] > got["dram"]
    hybrid = die_temperatures(spec, power, bonds={"dram": "hybrid"})
    assert hybrid["base"] < got["base"]


def test_liquid_is_cooler_than_air_and_unknown_coolers_are_refused() -> None:
    power = {"base": DiePower(10.0, 1), "dram": DiePower(8.0, 1)}
    air, liquid = (die_temperatures(machine("base-die", f"cooler={c}"), power) for c in ("air", "liquid"))
    assert all(liquid[name] < air[name] for name in air)
    with pytest.raises(ConfigError, match="no cooler 'snow'"):
        die_temperatures(machine("base-die", "cooler=snow"), power)


def test_density_counts_every_copy_of_a_die() -> None:
    got = die_densities(machine("xpu-h100"), {"gpu": DiePower(700.0, 1), "dram": DiePower(0.0, 5)})
    assert got.block == "gpu"
    assert got.max_w_per_mm2 == pytest.approx(0.86, abs=0.001)  # derived from 700 W on 814 mm2
    assert got.mean_w_per_mm2 == pytest.approx(700 / (814 + 5 * 8 * 121))
