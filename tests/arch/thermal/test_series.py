"""One-dimensional temperatures: hand calculations, balance, and a uniform stack of a solver run."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.thermal.series import Layer, densities, density, series_temperatures

AREA_M2 = 1e-4  # 10 x 10 mm


def slab(name: str, thickness_m: float, k: float, power_w: float = 0.0) -> Layer:
    return Layer(name, thickness_m, AREA_M2, k, power_w)


def hbm_stack(base_w: float, die_w: float, dies: int = 8) -> list[Layer]:
    """Base die below `dies` DRAM dies joined by 30 um bump layers, thermal interface on top."""
    layers = [slab("base", 60e-6, 120.0, base_w)]
    for i in range(dies):
        layers += [
            slab(f"bump{i}", 30e-6, 2.0),
            slab(f"beol{i}", 5e-6, 4.0),
            slab("dram", 50e-6, 120.0, die_w),
        ]
    return [*layers, slab("tim", 50e-6, 4.0)]


def test_one_die_by_hand() -> None:
    # 50 W: sink 0.5 K/W -> 25 K; interface 50 um / (4 * 1e-4) = 0.125 K/W -> 6.25 K; half of the die:
    # 100 um / (120 * 1e-4) / 2 = 0.0041667 K/W -> 0.208333 K
    got = series_temperatures([slab("die", 100e-6, 120.0, 50.0), slab("tim", 50e-6, 4.0)], 0.5, 45.0)
    assert got["die"] == pytest.approx(45.0 + 25.0 + 6.25 + 50 / 240, abs=1e-9)
    assert got["tim"] == pytest.approx(45.0 + 25.0 + 3.125, abs=1e-9)
    assert list(got) == ["die", "tim"]


def test_uniform_die_matches_a_finite_volume_solver_run() -> None:
    # HotSpot 7, case a1 (uniform 50 W, bare sink): 351.08 K at the bottom face of the die, half a die (0.21
    # K) above our node; spreader 1 mm and sink 10 um of copper, 0.5 K/W to 45 degC
    die, tim = slab("die", 1e-4, 120.0, 50.0), slab("tim", 5e-5, 4.0)
    layers = [die, tim, slab("spreader", 1e-3, 400.0), slab("sink", 1e-5, 400.0)]
    got = series_temperatures(layers, 0.5, 45.0)
    half_die_k = 50.0 * layers[0].resistance_k_per_w / 2
    assert got["die"] + half_die_k + 273.15 == pytest.approx(351.08, abs=0.006)


def test_order_of_dies_decides_which_is_hot() -> None:
    below = series_temperatures(hbm_stack(15.0, 0.5), 0.5, 45.0)
    upside_down = [*reversed(hbm_stack(15.0, 0.5)[:-1]), slab("tim", 50e-6, 4.0)]
    above = series_temperatures(upside_down, 0.5, 45.0)
    assert below["base"] > below["dram"] > above["dram"] > above["base"]


def test_dies_of_one_name_report_the_hottest() -> None:
    stack = hbm_stack(10.0, 0.5, dies=3)
    numbered = [Layer(f"{i}", x.thickness_m, x.area_m2, x.conductivity_w_per_m_k, x.power_w)
                for i, x in enumerate(stack)]  # fmt: skip
    by_number = series_temperatures(numbered, 0.5, 45.0)
    assert series_temperatures(stack, 0.5, 45.0)["dram"] == max(
        by_number[f"{i}"] for i, x in enumerate(stack) if x.name == "dram"
    )


layers_ = st.lists(
    st.tuples(st.floats(1e-6, 1e-3), st.floats(0.2, 400.0), st.floats(0.0, 100.0)), min_size=1, max_size=20
).map(lambda rows: [slab(f"{i}", t, k, p) for i, (t, k, p) in enumerate(rows)])


@given(layers_, st.floats(0.01, 5.0))
def test_h1_all_heat_leaves_through_the_sink(layers: list[Layer], sink: float) -> None:
    got = series_temperatures(layers, sink, 0.0)
    total = sum(x.power_w for x in layers)
    top = layers[-1]
    assert got[top.name] == pytest.approx(total * (sink + top.resistance_k_per_w / 2), rel=1e-12, abs=1e-12)


@given(layers_, st.floats(0.01, 5.0))
def test_h2_no_layer_is_cooler_than_ambient_or_than_the_one_above(layers: list[Layer], sink: float) -> None:
    got = list(series_temperatures(layers, sink, 45.0).values())
    assert all(below >= above for below, above in pairwise(got))
    assert got[-1] >= 45.0


@given(layers_, layers_, st.floats(0.01, 5.0))
def test_h3_superposition(first: list[Layer], second: list[Layer], sink: float) -> None:
    n = min(len(first), len(second))

    def rise(powers: list[float]) -> list[float]:
        stack = [
            slab(f"{i}", first[i].thickness_m, first[i].conductivity_w_per_m_k, p)
            for i, p in enumerate(powers)
        ]
        return list(series_temperatures(stack, sink, 0.0).values())

    a, b = [x.power_w for x in first[:n]], [x.power_w for x in second[:n]]
    summed = [x + y for x, y in zip(rise(a), rise(b), strict=True)]
    assert rise([x + y for x, y in zip(a, b, strict=True)]) == pytest.approx(summed, rel=1e-9, abs=1e-9)


def test_density_is_power_over_area() -> None:
    assert density(400.0, 826e-6) == pytest.approx(0.4843, abs=1e-4)  # A100: derived 0.48 W/mm2
    assert density(0.0, 0.0) == 0.0
    with pytest.raises(ValueError, match="no density"):
        density(1.0, 0.0)


def test_densest_block_is_named() -> None:
    got = densities({"sram": (1.0, 4e-6), "array": (3.0, 2e-6), "idle": (0.0, 2e-6)})
    assert got == (1.5, 0.5, "array")
