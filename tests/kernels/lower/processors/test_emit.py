"""Kernels on UPMEM: launches, transfers and loops follow one another, and every cause is its own."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

SMALL = ("memories.mram.stacks=2",)


def run(name: str, *settings: str, fold: bool = True, **options: Any) -> dict[str, Any]:
    return simulate(build(name, **options), load_machine("upmem", [*SMALL, *settings]), fold=fold).to_dict()


def us(result: dict[str, Any], cause: str) -> float:
    return float(result["stack_fs"][cause]) / 1e9


def test_a_gemv_is_a_broadcast_a_launch_a_loop_and_a_gather() -> None:
    result = run("gemv", m=4096, k=512, format="int32")
    plan = result["mapping"]["operators"][0]
    assert plan["processors"] in (64, 128, 256)
    ranks = plan["processors"] // 64
    assert us(result, "launch") == pytest.approx(38.9 + 7.58 * ranks)
    assert result["events"]["dpu.vector"]["instruction"] == pytest.approx(4096 * 512 * 24, rel=0.05)
    assert sum(result["stack_fs"].values()) == result["time_fs"]
    assert result["bandwidth"]["dram"]["bytes_read"] >= 4096 * 512 * 4
    assert result["bandwidth"]["link"]["bytes_read"] > 4096 * 4


def test_partial_sums_are_added_at_the_host() -> None:
    result = run("gemv", m=64, k=65536, format="int32")
    plan = result["mapping"]["operators"][0]
    assert plan["tile"]["k"] < 65536
    assert us(result, "reduce") > 0


def test_attention_goes_through_the_host_between_two_launches() -> None:
    result = run("decode-attention", heads=8, kv_heads=2, head_dim=64, context=512, format="int8")
    used = result["mapping"]["operators"][0]["processors"]
    launch = load_machine("upmem", list(SMALL)).primary.spec.offload
    assert launch is not None
    assert us(result, "launch") == pytest.approx(2e6 * launch.launch_s(used))
    assert us(result, "nonlinear") > 0


def test_prefix_sums_are_launched_twice_and_a_sum_once() -> None:
    one, two = (run("traversal", function=name, elements=1 << 20) for name in ("sum", "prefix_sum"))
    assert us(two, "launch") == pytest.approx(2 * us(one, "launch"))
    assert us(one, "link_latency") < us(two, "link_latency")


def test_a_broadcast_brings_everybody_all_of_it() -> None:
    there, back = (run("transfer", way=way, bytes=1 << 20) for way in ("broadcast", "gather"))
    assert there["bandwidth"]["link"]["bytes_read"] == 256 << 20
    assert back["bandwidth"]["link"]["bytes_read"] == 1 << 20


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("gemv", {"m": 300, "k": 200, "format": "int16"}),
        ("elementwise", {"function": "add", "elements": 100000, "format": "int32"}),
        ("layer", {"model": "gpt2", "context": 64, "format": "int8"}),
    ],
)
def test_folded_or_not_it_is_the_same(name: str, options: dict[str, Any]) -> None:
    settings = "memories.mram.stacks=1", "memories.mram.device.levels.channel=2"
    folded, single = (run(name, *settings, fold=fold, **options) for fold in (True, False))
    assert folded["time_fs"] == single["time_fs"]
    assert folded["events"]["dpu.vector"] == single["events"]["dpu.vector"]


def test_no_run_is_shorter_than_its_bound() -> None:
    for options in ({"m": 2560, "k": 1024, "format": "int8"}, {"m": 8192, "k": 64, "format": "int32"}):
        assert run("gemv", **options)["bound"]["fraction"] <= 1


def test_a_pair_is_bound_by_the_routine_of_its_wider_element() -> None:
    shape = {"m": 2560, "k": 1024}
    wide = run("gemv", **shape, format="int16")["bound"]["time_s"]
    for own, weights in (("int16", "int8"), ("int8", "int16")):
        mixed = run("gemv", **shape, format=own, weights_format=weights)
        assert mixed["bound"]["time_s"] == pytest.approx(wide)
        assert mixed["bound"]["fraction"] <= 1


def test_only_processors_traverse() -> None:
    kernel = build("traversal", function="sum", elements=100)
    with pytest.raises(ConfigError, match="no core can run traversal"):
        simulate(kernel, load_machine("aim"))
