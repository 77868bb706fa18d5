"""Processes: every constant sourced, laws at their published points, order of nodes, formats, leakage."""

from itertools import pairwise

import pytest

from bankside.arch.spec import ConfigError, load, names, unsourced
from bankside.arch.technology.process import ProcessSpec, SupplySpec, load_process

LOGIC = ("n45", "n28", "n14", "n7", "n5", "n3")  # old to new
VARIANTS = ("n4p",)
DRAM = ("dram-2y", "dram-1y", "dram-1z")
MIB = 1 << 20


@pytest.mark.parametrize("name", [*LOGIC, *VARIANTS, *DRAM])
def test_every_constant_has_a_source_and_a_confidence(name: str) -> None:
    loaded = load(name, "technology", ProcessSpec)
    assert unsourced(loaded) == []
    words = {"description"}
    assert all(leaf.confidence for path, leaf in loaded.sources.items() if path not in words)


def test_these_are_all_processes() -> None:
    assert {*LOGIC, *VARIANTS, *DRAM, "packaging"} == set(names("technology"))


@pytest.mark.parametrize(
    ("number_format", "pj"),
    [("fp32", 1.31 + 0.38), ("fp16", 0.34 + 0.38), ("bf16", 0.21 + 0.38), ("int8", 0.07 + 0.03)],
)
def test_mac_energy_is_multiply_and_add_of_the_7_nm_table(number_format: str, pj: float) -> None:
    assert load_process("n7").multiplier(number_format).energy == pytest.approx(pj * 1e-12, rel=1e-9)


@pytest.mark.parametrize(
    ("size_byte", "pj_per_64_bit", "tolerance"), [(8192, 7.5, 1e-9), (32768, 8.5, 0.06), (MIB, 14.0, 0.01)]
)
def test_sram_energy_at_7_nm_against_its_table(
    size_byte: int, pj_per_64_bit: float, tolerance: float
) -> None:
    got = load_process("n7").sram_read_j_per_byte(size_byte) * 8e12
    assert got == pytest.approx(pj_per_64_bit, rel=tolerance)


def test_sram_energy_at_2_nm_as_published_for_a_512_kib_buffer() -> None:
    assert load_process("n3").sram_read_j_per_byte(512 * 1024) / 8 == pytest.approx(0.20e-12, rel=0.01)


def test_small_sram_follows_the_square_root_of_its_capacity() -> None:
    n7 = load_process("n7")
    assert n7.sram_read_j_per_byte(512) == pytest.approx(n7.sram_read_j_per_byte(8192) / 4, rel=1e-12)
    assert n7.sram_write_j_per_byte(8192) == pytest.approx(1.18 * n7.sram_read_j_per_byte(8192), rel=1e-12)


def test_operands_of_a_multiply_accumulate_are_bits_of_registers() -> None:
    n7 = load_process("n7")
    assert n7.operand_j("bf16") == pytest.approx((2 * 16 + 2 * 32) * n7.registers, rel=1e-12)
    assert n7.operand_j("int8", reads=3, sums=1 / 16) == pytest.approx((3 * 8 + 4) * n7.registers, rel=1e-12)


def test_the_clock_network_goes_with_area_and_clock() -> None:
    n5 = load_process("n5")
    assert n5.clock_w(2e-6, n5.clock.usual / 2) == pytest.approx(n5.clock.tree * 1e-6, rel=1e-12)


def test_newer_nodes_are_smaller_and_thriftier() -> None:
    nodes = [load_process(name) for name in LOGIC]
    for older, newer in pairwise(nodes):
        for number_format in older.mac:
            assert newer.mac[number_format].area < older.mac[number_format].area
            assert newer.mac[number_format].energy < older.mac[number_format].energy
        assert newer.sram_read_j_per_byte(MIB) <= older.sram_read_j_per_byte(MIB)
        assert newer.noc_j_per_byte_hop < older.noc_j_per_byte_hop
        assert newer.clock.limit > older.clock.limit
        assert newer.sram.cell <= older.sram.cell


def test_n4p_is_n5_at_less_power() -> None:
    n5, n4p = load_process("n5"), load_process("n4p")
    assert n4p.clock.tree == pytest.approx(0.78 * n5.clock.tree, rel=1e-3)
    assert n4p.registers == pytest.approx(0.78 * n5.registers, rel=1e-3)
    assert n4p.instruction == pytest.approx(0.78 * n5.instruction, rel=1e-3)
    for number_format, mac in n5.mac.items():
        assert n4p.mac[number_format].energy == pytest.approx(0.78 * mac.energy, rel=1e-3)
        assert n4p.mac[number_format].area == mac.area
    assert (n4p.noc.wire, n4p.interface) == (n5.noc.wire, n5.interface)


@pytest.mark.parametrize("name", DRAM)
def test_logic_in_dram_is_larger_slower_and_hungrier_than_any_logic_process(name: str) -> None:
    dram, old = load_process(name), load_process("n28")
    assert dram.clock.limit < old.clock.limit
    for number_format in dram.mac:
        assert dram.mac[number_format].area > 3 * old.mac[number_format].area
        assert dram.mac[number_format].energy > 1.4 * old.mac[number_format].energy


def test_wider_formats_cost_more() -> None:
    mac = load_process("n7").mac
    for order in (["fp32", "fp16", "fp8", "fp4"], ["int8", "int4"], ["fp16", "bf16", "fp8"]):
        areas, energies = [mac[f].area for f in order], [mac[f].energy for f in order]
        assert areas == sorted(areas, reverse=True)
        assert energies == sorted(energies, reverse=True)


@pytest.mark.parametrize(
    ("wanted", "unit"),
    [("bf16", "bf16"), ("fp8_e4m3", "fp8"), ("mxfp8_e4m3", "fp8"), ("mxfp6_e3m2", "fp8"), ("nvfp4", "fp4"),
     ("int4_g128", "int4"), ("int2", "int4"), ("tf32", "fp32"), ("mxfp4", "fp4")],
)  # fmt: skip
def test_formats_use_the_narrowest_unit_that_fits(wanted: str, unit: str) -> None:
    n7 = load_process("n7")
    assert n7.multiplier(wanted) == n7.mac[unit]


@pytest.mark.parametrize("wanted", ["int32", "words", ""])
def test_formats_without_a_unit_are_refused(wanted: str) -> None:
    with pytest.raises(ConfigError, match=r"format|no MAC"):
        load_process("n7").multiplier(wanted)


def test_leakage_is_density_times_area() -> None:
    assert load_process("n7").leakage_w(1e-6, 2e-6) == pytest.approx(0.05 + 2 * 0.02, rel=1e-12)


@pytest.mark.parametrize("name", (*LOGIC, "dram-1z"))
def test_the_supply_falls_with_the_clock_but_not_below_what_sram_needs(name: str) -> None:
    clock = load_process(name).clock
    curve = clock.supply
    shares = [clock.voltage(tenth / 10) for tenth in range(11)]
    assert shares == sorted(shares)
    assert shares[0] == curve.least and shares[10] == pytest.approx(1.0, abs=1e-9)
    volt = clock.voltage(0.9)
    speed = (volt - curve.threshold) ** curve.exponent / volt
    assert speed == pytest.approx(0.9 * (1 - curve.threshold) ** curve.exponent, rel=1e-9)


def test_a_supply_at_the_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match="must be above the threshold"):
        SupplySpec(threshold=0.7, exponent=1.3, least=0.7)
