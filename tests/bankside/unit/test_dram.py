"""The unit `dram`: presets of tools select devices, and sentences for cells that are wrong."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.unit import dram

CASE = {"device": "ddr4-2400", "stream": "seq_rd_bgint", "n_req": "64", "refresh": "off"}


def test_a_case_counts_its_requests_and_its_cycles() -> None:
    result = dram.run_case(CASE)
    assert (result["RD"], result["WR"], result["REF"], result["undrained"]) == (64, 0, 0, 0)
    causes = [
        value for name, value in result.items() if name.startswith("cycles_") and name != "cycles_total"
    ]
    assert sum(causes) == pytest.approx(result["cycles_total"], abs=1)


def test_a_tool_and_its_preset_select_the_device_and_its_page_policy() -> None:
    preset = {"tool": "DRAMsim3", "preset": "HMC_4GB_4Lx16", "scheduler": "FRFCFS_per_bank"}
    same = {"device": "dramsim3-hmc-4gb-4lx16", "scheduler": "per-bank", "page": "closed"}
    case = {"stream": "rand_rd_s1", "n_req": "64"}
    assert dram.run_case(case | preset)["cycles_total"] == dram.run_case(case | same)["cycles_total"]


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        (CASE | {"n_req": "16385"}, "n_req must be between 1 and 16384, not 16385"),
        (CASE | {"n_req": "0"}, "n_req must be between 1 and 16384, not 0"),
        (CASE | {"stream": "none"}, "stream must be one of bank_stride_newrow, "),
        (CASE | {"stream": "dual_pc_seq_bgint"}, "needs two pseudo-channels"),
        (CASE | {"max_outstanding": "512"}, "max_outstanding must be between 0 and 511"),
        (CASE | {"page": "half"}, "page must be one of open, closed"),
        ({"stream": "seq_rd_bgint"}, "a case names a device, or a tool and its preset"),
    ],
)
def test_wrong_cells_are_named(case: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        dram.run_case(case)
    assert any(sentence in error for error in caught.value.errors)


def test_an_unknown_device_hides_no_other_fault() -> None:
    with pytest.raises(ConfigError) as caught:
        dram.run_case({"device": "nope", "stream": "none", "page": "half", "n_req": "0"})
    named = ("page must", "stream must", "There is no 'nope' among the devices", "n_req must")
    assert [error[: len(name)] for error, name in zip(caught.value.errors, named, strict=True)] == list(named)
