"""What the scratchpad of a processor does not hold is refused before it runs."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

RANK = ["memories.mram.stacks=1", "memories.mram.device.levels.channel=8"]
WIDE = ["cores.dpu.vector.tasklets=24", "cores.dpu.vector.block=2 KiB"]


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("gemv", {"m": 64, "k": 64, "format": "int32"}, "24 tasklets of 2 blocks of 2048 B take 98304 B"),
        ("elementwise", {"function": "add", "elements": 64, "format": "int32"}, "of 2 blocks of 2048 B"),
        (
            "traversal",
            {"function": "select", "elements": 64, "format": "int64"},
            "a scratchpad of 65536 B on dpu",
        ),
    ],
)
def test_blocks_of_all_tasklets_fit_the_scratchpad(name: str, options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        simulate(build(name, **options), load_machine("upmem", WIDE))
    assert told in caught.value.errors[0]


def test_one_block_of_each_tasklet_fits() -> None:
    total = build("traversal", function="sum", elements=64, format="int64")
    assert simulate(total, load_machine("upmem", WIDE)).to_dict()["time_s"] > 0


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        (
            "traversal",
            {"function": "sum", "elements": 64, "format": "bf16"},
            "int64, fp32 alone, not for bf16",
        ),
        (
            "traversal",
            {"function": "select", "elements": 64, "format": "fp32"},
            "compare whole numbers, and fp32",
        ),
        (
            "gemv",
            {"m": 64, "k": 64, "weights_format": "int8"},
            "no routine of a processor multiplies fp32 with int8",
        ),
    ],
)
def test_what_no_routine_does_is_refused_by_name(name: str, options: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        simulate(build(name, **options), load_machine("upmem"))
    assert told in caught.value.errors[0]


def test_floating_point_is_not_computed_as_whole_numbers() -> None:
    """Routines of fp32, 249 instructions a multiply-accumulate; bf16 is turned into it by a shift each."""
    one = [
        simulate(build("gemv", m=64 * 64, k=64, format=name), load_machine("upmem", RANK)).to_dict()
        for name in ("int32", "fp32", "bf16")
    ]
    whole, float32, brain = (result["stack_fs"]["compute"] for result in one)
    assert float32 / whole == pytest.approx(249 / 24, rel=0.02)
    assert brain / float32 == pytest.approx(251 / 249, rel=0.005)
    with pytest.raises(ConfigError, match="no routine of them multiplies bf16"):
        simulate(build("gemv", m=64, k=64), load_machine("upmem", ["cores.dpu.formats=[int8, int16]"]))


def test_elements_of_less_than_a_byte_are_summed() -> None:
    each = [
        simulate(
            build("traversal", function="sum", elements=1 << 20, format=name), load_machine("upmem", RANK)
        ).to_dict()
        for name in ("int4", "int8")
    ]
    assert each[0]["stack_fs"]["compute"] > each[1]["stack_fs"]["compute"]
    assert each[0]["bandwidth"]["dram"]["bytes_read"] * 2 == each[1]["bandwidth"]["dram"]["bytes_read"]
