"""Vectors in the banks of HBM-PIM: a run is the program of the unit, and reads and writes each element once."""

from typing import Any

import pytest
from tests.kernels.lower.pim.test_lower import run

from bankside.arch.spec import ConfigError
from bankside.unit import pim
from bankside.validation.runs import FOLDER, HBM_PIM, hbm_pim_elementwise_cycles


@pytest.mark.parametrize("function", ["add", "mul", "relu"])
def test_a_run_has_the_cycles_of_the_unit(function: str) -> None:
    unit = pim.run_case({"workload": f"{function.upper()} 100k elements FP16"})
    assert hbm_pim_elementwise_cycles(function, 100 << 10) == pytest.approx(unit["cycles_PIM"], abs=1e-6)


def test_each_element_is_read_and_written_once() -> None:
    done = run("hbm-pim", "elementwise", function="add", elements=1 << 20, format="fp16")
    (operator,) = done["mapping"]["operators"]
    moved = done["bandwidth"]["dram"]
    assert (operator["core"], operator["nodes"], operator["home"]) == ("pcu", 32, "host")
    assert moved["bytes_read"] == moved["bytes_useful"] == 2 * moved["bytes_written"] == 2 * 2 * (1 << 20)
    assert done["bandwidth"]["link"]["bytes_read"] == 0
    ragged = run("hbm-pim", "elementwise", function="add", elements=(1 << 20) + 1, format="fp16")
    assert ragged["bandwidth"]["dram"]["bytes_read"] > moved["bytes_read"]


def test_what_the_units_cannot_do_is_done_by_the_host() -> None:
    for machine, function in (("hbm-pim", "silu"), ("lpddr5-pim", "add")):
        done = run(machine, "elementwise", function=function, elements=1 << 16, format="fp16")
        assert done["mapping"]["operators"][0]["core"] in ("host", "npu")
        assert done["cycle_stack"].get("pim_mode", 0) == 0


def test_a_format_that_the_units_do_not_have_goes_to_the_host_and_is_told() -> None:
    done = run("hbm-pim", "elementwise", function="add", elements=1 << 16, format="bf16")
    assert done["mapping"]["operators"][0]["core"] == "host"
    assert "elementwise: core pcu has no bf16, only fp16; host computes it." in done["warnings"]


def test_activations_stay_where_they_are() -> None:
    done = run("hbm-pim", "activation", function="add", rows=64, cols=1024, format="fp16")
    assert done["mapping"]["operators"][0]["core"] == "host"


def test_slow_lanes_are_waited_for() -> None:
    options: dict[str, Any] = {"function": "mul", "elements": 1 << 20, "format": "fp16"}
    fast = run("hbm-pim", "elementwise", **options)
    slow = run("hbm-pim", "elementwise", "cores.pcu.clock=10 MHz", "cores.pcu.launch=0 s", **options)
    # a unit has 1/512 of the elements, 16 in a cycle, of either operand
    least_s = 2 * (1 << 20) / 512 / 16 / 10e6
    assert fast["time_s"] < least_s <= slow["time_s"] < 1.15 * least_s
    assert slow["stack_fs"]["compute"] > 0.7 * slow["time_fs"]


def test_the_way_into_the_mode_costs_what_timings_make_of_it() -> None:
    options: dict[str, Any] = {"function": "relu", "elements": 1 << 14, "format": "fp16"}
    machine = str(FOLDER / HBM_PIM)
    base = run(machine, "elementwise", **options)
    for name in ("tRCDRD=34", "tRP=34", "tWR=40"):
        other = run(machine, "elementwise", f"memories.hbm.device.timings.{name}", **options)
        assert other["stack_fs"]["pim_mode"] > base["stack_fs"]["pim_mode"]


def test_rows_that_switch_modes_hold_no_vectors() -> None:
    whole = 8 * 2**30 // 3 // 2  # three vectors fill the memory
    with pytest.raises(ConfigError, match=r"need 8193 rows of each bank, and a bank has 8188\."):
        run("hbm-pim", "elementwise", function="add", elements=whole, format="fp16")
