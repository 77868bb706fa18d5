"""Traffic of attention on cores that read through the tap: keys and values once each, scores never."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate


def read_byte(machine: str, **options: Any) -> int:
    """Bytes that tiles ask for, without the queries, which lie in memory at first."""
    kernel = build("decode-attention", **options)
    ((_, op),) = kernel.operators()
    result = simulate(kernel, load_machine(machine)).to_dict()
    return int(result["bandwidth"]["dram"]["bytes_useful"]) - op.inputs[0].bytes


@pytest.mark.parametrize("machine", ["base-die", "hybrid-3d"])
@pytest.mark.parametrize(
    ("batch", "heads", "kv_heads", "context"), [(1, 32, 8, 1000), (3, 8, 8, 777), (17, 4, 1, 300)]
)
def test_keys_and_values_are_read_once_to_the_byte(
    machine: str, batch: int, heads: int, kv_heads: int, context: int
) -> None:
    options = {"heads": heads, "kv_heads": kv_heads, "head_dim": 64, "context": context, "batch": batch}
    assert read_byte(machine, **options) == 2 * batch * context * kv_heads * 64 * 2


def test_a_latent_cache_is_read_once_for_keys_and_values() -> None:
    assert read_byte("base-die", model="deepseek-v3", context=1024) == 1024 * (512 + 64) * 2


def test_each_part_is_a_line_and_all_lines_are_the_time() -> None:
    kernel = build("decode-attention", heads=8, kv_heads=2, head_dim=64, context=2048)
    result = simulate(kernel, load_machine("hybrid-3d")).to_dict()
    labels = [op["label"] for op in result["ops"]]
    parts = ["scores", "softmax", "values", "merge"]
    assert labels == ["attention", *(f"attention.{part}" for part in parts)]
    assert sum(op["time_s"] for op in result["ops"]) == pytest.approx(result["time_s"], rel=1e-12)
    assert sum(op["flops"] for op in result["ops"]) == result["work"]["flops"]
    assert sum(op["bytes"] for op in result["ops"]) == result["work"]["bytes_min"]


@pytest.mark.parametrize("machine", ["hybrid-3d", "aim"])
def test_more_heads_than_nodes_take_no_longer_than_their_share(machine: str) -> None:
    loaded = load_machine(machine)
    heads = {"heads": 8, "kv_heads": 8, "head_dim": 128, "context": 4096}
    alone, together = (simulate(build("decode-attention", batch=n, **heads), loaded).time_s for n in (1, 3))
    assert together <= 3.02 * alone
