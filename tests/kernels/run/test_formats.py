"""Kernels in formats that a core does not multiply: bytes, cycles of the lanes, energy, and what the result says."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import bankside as bs
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import Kernel, MatMul, Phase, StateStep, Tensor

SIZE = {"m": 4096, "k": 4096, "format": "bf16"}


def run(machine: str, kernel: str = "gemv", sets: Sequence[str] = (), **options: Any) -> dict[str, Any]:
    return bs.simulate(bs.kernel(kernel, **options), bs.machine(machine, sets)).to_dict()


def test_lanes_that_are_slower_than_the_memory_set_the_time() -> None:
    found = run("base-die", **SIZE, weights_format="int4_g128")
    # 16 cores of 64 lanes at 1 GHz, two operations for each of 2^24 weights
    lanes_s = 2**24 * 2 / (16 * 64 * 1e9)
    assert found["bound"]["binding"] == "compute"
    assert found["bound"]["time_s"] == pytest.approx(lanes_s, rel=1e-9)
    assert lanes_s < found["time_s"] < 1.05 * lanes_s
    assert found["work"]["bytes_min"] == 2**24 * 33 // 64 + 2 * 2 * 4096
    assert any("turn each element into bf16, in 2 operations" in each for each in found["warnings"])


def test_lanes_that_keep_up_leave_the_saved_bytes() -> None:
    alone = ["cores.sm.floor.product=0 us"]  # what surrounds a kernel is not halved
    wide, narrow = (
        run("xpu-h100", sets=alone, **SIZE, **more) for more in ({}, {"weights_format": "int8_g128"})
    )
    assert narrow["bound"]["binding"] == "bandwidth at the tap"
    assert narrow["time_s"] < 0.6 * wide["time_s"]
    assert narrow["energy"]["total_j"] < wide["energy"]["total_j"]
    assert any("scale a sum for every 128 products" in each for each in narrow["warnings"])


def test_the_lanes_consume_energy() -> None:
    plain, scaled = (run("base-die", **SIZE, weights_format=name) for name in ("int8", "mxfp8_e4m3"))
    assert scaled["energy"]["parts_j"]["mac"] > plain["energy"]["parts_j"]["mac"]
    assert scaled["work"]["bytes_min"] - plain["work"]["bytes_min"] == 2**24 // 32


def test_lanes_beside_a_bank_multiply_after_they_have_converted() -> None:
    wide, narrow = run("hbm-pim", **SIZE), run("hbm-pim", **SIZE, weights_format="int8")
    # half as many columns of twice the elements, each of which takes the lanes two cycles
    assert narrow["work"]["bytes_min"] < 0.51 * wide["work"]["bytes_min"]
    assert 1.3 < narrow["time_s"] / wide["time_s"] < 2.2


def test_keys_and_values_are_converted_too() -> None:
    attention = {"kernel": "decode-attention", "model": "llama-3-8b", "context": 2048}
    wide, narrow = run("base-die", **attention), run("base-die", **attention, kv_format="mxfp4")
    elements = 2 * 8 * 128 * 2048
    assert wide["work"]["bytes_min"] - narrow["work"]["bytes_min"] == elements * 2 - elements * 17 // 32
    assert narrow["bound"]["time_s"] <= narrow["time_s"]
    assert any("no mxfp4" in each for each in narrow["warnings"])


def test_sparse_weights_are_read_as_stored_and_their_zeros_skipped() -> None:
    whole_waves = 27 * 256  # two waves of 108 thread blocks of 128 x 256
    big: dict[str, Any] = {"kernel": "gemm", "m": 1024, "n": whole_waves, "k": 4096, "format": "bf16"}
    big["sets"] = ["power_limit=null"]
    dense, sparse = run("xpu-a100", **big), run("xpu-a100", **big, weights_format="bf16_2:4")
    assert dense["work"]["bytes_min"] - sparse["work"]["bytes_min"] == whole_waves * 4096 * (16 - 9) // 8
    # 0.75 of twice the rate of the matrix unit
    assert sparse["bound"]["time_s"] == pytest.approx(dense["bound"]["time_s"] / 2, rel=1e-3)
    assert 1.3 < dense["time_s"] / sparse["time_s"] < 1.5
    assert sparse["energy"]["parts_j"]["mac"] == pytest.approx(
        dense["energy"]["parts_j"]["mac"] / 2, rel=1e-3
    )
    assert not any("turn each element" in each for each in sparse["warnings"])


def test_a_core_that_skips_no_zeros_puts_elements_to_their_places() -> None:
    dense, sparse = run("base-die", **SIZE), run("base-die", **SIZE, weights_format="bf16_2:4")
    assert sparse["work"]["bytes_min"] == 2**24 * 9 // 8 + 2 * 2 * 4096
    lanes_s = 2**24 / (16 * 64 * 1e9)
    assert sparse["bound"]["time_s"] >= lanes_s
    assert sparse["time_s"] < dense["time_s"]
    assert any("no bf16_2:4; its vector lanes turn each element" in each for each in sparse["warnings"])
    with pytest.raises(ConfigError, match=r"groups of 4 of bf16_2:4 do not divide a row of 30 elements"):
        run("base-die", m=64, k=30, weights_format="bf16_2:4")


def test_results_are_packed_by_lanes() -> None:
    kept = Tensor("out", (1, 512, 4096), FORMATS["mxfp4"], "kv")
    plain = MatMul.of("p", (1, 512, 4096, 64), "weights", (FORMATS["bf16"],) * 3)
    found = [
        bs.simulate(Kernel("p", {}, FORMATS["bf16"], (Phase(1, (op,)),)), bs.machine("base-die")).to_dict()
        for op in (plain, replace(plain, out=kept))
    ]
    # three operations for each of 2^21 results on 16 cores of 64 lanes at 1 GHz, more than their products of 64 pairs
    lanes_s = 2**21 * 3 / (16 * 64 * 1e9)
    assert found[1]["time_s"] > lanes_s
    assert found[1]["energy"]["parts_j"]["mac"] > found[0]["energy"]["parts_j"]["mac"]
    assert any("puts each result in mxfp4 into its block, in 3 operations" in e for e in found[1]["warnings"])


def test_what_is_broadcast_to_banks_is_turned_by_the_hub() -> None:
    size = {"m": 4096, "k": 4096, "weights_format": "fp16", "batch": 2}
    wide, narrow = run("hbm-pim", **size, format="fp16"), run("hbm-pim", **size, format="mxfp8_e4m3")
    assert narrow["stack_fs"].get("nonlinear", 0) > wide["stack_fs"].get("nonlinear", 0) == 0


def test_states_in_blocks_are_turned_and_packed() -> None:
    found = []
    for name in ("bf16", "mxfp4"):
        state = Tensor("s", (64, 128, 128), FORMATS[name], "kv")
        rows, out = (Tensor(n, (1, 64 * 128), FORMATS["bf16"]) for n in ("qkv", "y"))
        op = StateStep("s", "delta_step", 64, 128, 128, 1, (rows,), state, out)
        kernel = Kernel("recurrence", {}, FORMATS["bf16"], (Phase(1, (op,)),))
        found.append(bs.simulate(kernel, bs.machine("base-die")).to_dict())
    # four operations a step of bf16; two more to read and three to write an element of mxfp4
    spent = [each["energy"]["parts_j"]["mac"] for each in found]
    assert spent[1] / spent[0] == pytest.approx((4 + 2 + 3) / 4, rel=1e-3)
    assert found[1]["time_s"] > 2**20 * (4 + 2 + 3) / (16 * 64 * 1e9)
    assert (
        found[1]["bandwidth"]["dram"]["bytes_written"] < 0.3 * found[0]["bandwidth"]["dram"]["bytes_written"]
    )


def test_a_format_of_one_s_own_is_run(tmp_path: Path) -> None:
    path = tmp_path / "six.yaml"
    path.write_text("description: mine\nbits: 6\nscale: fp16\nblock: 64\n", encoding="utf-8")
    found = run("base-die", **SIZE, weights_format=str(path))
    assert found["kernel"]["weights_format"] == "six"
    assert found["work"]["bytes_min"] == 2**24 * (6 * 64 + 16) // 64 // 8 + 2 * 2 * 4096


def test_blocks_that_end_with_a_row_are_read_whole() -> None:
    found = run("base-die", m=4096, k=100, format="bf16", weights_format="int8_g128")
    assert found["work"]["bytes_min"] == 4096 * (100 + 2) + 2 * 100 + 2 * 4096
    assert found["bound"]["time_s"] <= found["time_s"]


def test_what_no_lanes_convert_is_refused() -> None:
    with pytest.raises(
        ConfigError, match="none of them has the 32 bits of fp32, or holds its elements in more"
    ):
        run("base-die", m=64, k=64, format="fp32")
