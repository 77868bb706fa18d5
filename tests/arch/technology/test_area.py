"""Area of cores against published blocks and dies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.arch.technology.area import core_area, core_leakage_w, sram_area_m2
from bankside.arch.technology.process import load_process

MIB = 1 << 20


def test_matrix_unit_of_tpu_v4i() -> None:
    # 14 mm2 for 128 x 128 bf16 at 7 nm (accelforge, from the die photo)
    assert core_area(load_process("n7"), 128 * 128, "bf16", 0)["mac"] == pytest.approx(14e-6, rel=0.01)


def test_sram_macro_density_at_3_nm() -> None:
    # N3E: 31.8 Mib/mm2
    assert MIB / 8 / sram_area_m2(load_process("n3"), MIB / 8) / 1e6 == pytest.approx(
        31.8 * MIB / 8, rel=0.01
    )


def test_latency_hiding_buffer_of_h3() -> None:
    # 40 MB at 3 nm: 8.06 mm2 with 20 % overhead, 9.6 with a macro's 70 % efficiency
    assert sram_area_m2(load_process("n3"), 40e6) == pytest.approx(8.06e-6 / 1.2 / 0.7, rel=0.01)


def test_units_of_hbm_pim_fill_half_of_its_die() -> None:
    # 32 units of 16 lanes in a die of half the capacity; 1.5 mm2 each
    unit = core_area(load_process("dram-2y"), 16, "fp16", 0)["mac"]
    assert unit == pytest.approx(1.5e-6, rel=0.01)
    assert 32 * unit < 84.4e-6 * 0.6


def test_unit_of_aim() -> None:
    assert core_area(load_process("dram-1y"), 16, "bf16", 0)["mac"] == pytest.approx(0.19e-6, rel=0.01)


def test_widest_format_decides_the_array() -> None:
    n7 = load_process("n7")
    both = core_area(n7, 100, ["int8", "bf16"], 0)["mac"]
    assert both == core_area(n7, 100, "bf16", 0)["mac"] > core_area(n7, 100, "int8", 0)["mac"]


@given(st.integers(0, 10**6), st.integers(0, 10**9), st.integers(0, 4096), st.integers(0, 4096))
def test_area_is_linear_and_each_unit_counted_once(macs: int, sram: int, vector: int, special: int) -> None:
    n5 = load_process("n5")
    got = core_area(n5, macs, "bf16", sram, vector, special)
    assert got["mac"] == macs * n5.mac["bf16"].area
    assert got["vector"] == vector * n5.vector.area
    assert got["nonlinear"] == special * n5.nonlinear.area
    assert got["sram"] == pytest.approx(sram * 8 * 0.021e-12 / 0.7, rel=1e-12)
    assert core_leakage_w(n5, got) == pytest.approx(
        0.05e6 * (got["mac"] + got["vector"] + got["nonlinear"]) + 0.02e6 * got["sram"], rel=1e-9
    )


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        core_area(load_process("n7"), -1, "bf16", 0)
