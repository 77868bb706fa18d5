"""Named timings: clocks as written, times rounded up to clocks, sums with signs and multiples."""

import pytest

from bankside.arch.dram.device.standard import DeviceSpec
from bankside.arch.dram.device.timing import clocks, latency_slots, term_names
from bankside.arch.spec import load


def spec(name: str, *overrides: str) -> DeviceSpec:
    return load(name, "devices", DeviceSpec, overrides).spec


def test_times_are_rounded_up_to_clocks_but_not_by_a_rounding_error():
    table = clocks(spec("hbm2e"))  # 1.8 GHz
    assert table["tRCDRD"] == 26  # 14 ns are 25.2 clocks
    assert table["tREFI"] == 7020  # 3.9 us exactly
    assert table["tCCD_L"] == 4


@pytest.mark.parametrize(
    ("terms", "slots"),
    [
        (["tCL"], 40),
        (["tCL", "burst"], 44),
        (["tCL", "burst", 2, "-tCWL"], 28),
        ([{"tRCDRD": 2, "tRP": -1}], 2 * (62 - 26)),
        ([{"burst": 3}], 12),
        ([], 0),
    ],
)
def test_latencies_are_sums_in_slots(terms, slots):
    assert latency_slots(spec("hbm3"), terms) == slots  # two slots a clock


def test_names_of_a_term():
    assert term_names("-tCWL") == ["tCWL"]
    assert term_names("burst") == []
    assert term_names(2) == []
    assert term_names({"tRP": 2, "burst": 1}) == ["tRP"]
