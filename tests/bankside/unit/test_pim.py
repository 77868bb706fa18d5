"""The unit `pim`: rows of the peers' tables as they are, and sentences for cells that are wrong."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.unit import pim

GEMV = {"test": "PIMBenchFixture.gemv", "workload": "GEMV 4096x4096 FP16", "channels(pseudo)": "64"}
BANKS = {"L": "2049", "heads_per_HBM": "3", "dhead": "128", "dbyte": "2", "pim_type": "BA"}


def test_a_gemv_is_compared_with_its_host() -> None:
    result = pim.run_case(GEMV)
    assert result["speedup"] == result["cycles_host_no_PIM"] / result["cycles_PIM"]
    assert result["PIM_GBps"] == pytest.approx(4096 * 4096 * 2 / result["cycles_PIM"])
    causes = [v for k, v in result.items() if k.startswith("PIM_") and k != "PIM_GBps"]
    assert sum(causes) == result["cycles_PIM"]
    assert result["PIM_dram_data"] == 8192
    assert pim.run_case(GEMV | {"refresh": "off"})["cycles_PIM"] < result["cycles_PIM"]


def test_fewer_channels_take_longer() -> None:
    slow = pim.run_case({"workload": "ADD 1M elements FP16", "channels": "16"})
    fast = pim.run_case({"workload": "ADD 1M elements FP16", "channels": "64"})
    assert 3 < slow["cycles_PIM"] / fast["cycles_PIM"] < 4


def test_rows_without_cycles_stay_empty() -> None:
    assert pim.run_case({"test": "PIMKernelFixture.add", "workload": "functional, 1M elements"}) == {
        "cycles_PIM": "",
        "cycles_host_no_PIM": "",
    }
    stream = pim.run_case({"workload": "8 MiB sequential read", "channels(pseudo)": "16"})
    assert stream["cycles_PIM"] == ""
    assert stream["host_GBps"] == pytest.approx(8 * 2**20 / stream["cycles_host_no_PIM"])


def test_placements_order_as_their_taps() -> None:
    banks, groups, buffer = (
        pim.run_case(BANKS | {"pim_type": name})["cycles"] for name in ("BA", "BG", "BUFFER")
    )
    assert banks < groups < buffer
    free = pim.run_case(BANKS | {"power_constraint": "False"})
    assert free["cycles"] < banks
    other = {k: v for k, v in BANKS.items() if k != "heads_per_HBM"} | {"nhead": "3"}
    assert pim.run_case(other)["cycles"] == banks


def test_what_would_grow_as_the_context_squared_is_left_empty() -> None:
    long = {"pim_type": "BA", "L": "200000", "refresh": "off"}
    alone = pim.run_case(long | {"nhead": "16"})
    assert (alone["hbm_cycles_shipped_cache"], alone["cycles"] > 200_000) == ("", True)
    pair = pim.run_case(long | {"nhead": "32"})
    assert pair["hbm_cycles_shipped_cache"] >= pair["cycles"] > alone["cycles"]


def test_bandwidth_is_that_of_keys_and_values() -> None:
    result = pim.run_case(BANKS)
    assert result["us"] == pytest.approx(result["cycles"] / 1300)
    assert result["effective_TBps_per_HBM"] == pytest.approx(2 * 2049 * 3 * 128 * 2 / result["us"] / 1e6)


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ({"workload": "GEMV 4096"}, "workload must read like"),
        ({"workload": "GEMV 4096x4096 FP17"}, "the format of a workload is one of FP16"),
        ({"workload": "GEMV 4096x4096 FP16", "channels": "0"}, "channels must be between 1"),
        (
            {"workload": "GEMV 4096x4096 FP16", "channels(pseudo)": "x"},
            "channels(pseudo) must be a whole number",
        ),
        ({"workload": "ADD 0 elements FP16"}, "all of them above zero"),
        ({"workload": "GEMV 0x4096 FP16"}, "all of them above zero"),
        ({"workload": "0 MiB sequential read"}, "all of them above zero"),
        (
            {"workload": "GEMV 64x64 FP16", "device": "hbm2"},
            "scope bank_pair; this one has none",
        ),
        ({"workload": "GEMV 64x64 FP16", "device": "gddr6-aim"}, "scope bank_pair; this one has bank."),
        (BANKS | {"pim_type": "BX"}, "pim_type must be one of ba, bg, buffer"),
        (BANKS | {"L": "many"}, "L must be a whole number"),
    ],
)
def test_wrong_cells_are_named(case: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        pim.run_case(case)
    assert any(sentence in error for error in caught.value.errors)
