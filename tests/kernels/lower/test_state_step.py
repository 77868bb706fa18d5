"""Recurrences on machines: bytes at the tap, folding, bounds, and what more tokens cost."""

import json
from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import Kernel, Phase, StateStep, Tensor
from bankside.kernels.run.simulate import simulate

FP32, BF16 = FORMATS["fp32"], FORMATS["bf16"]


def kernel(states: int, tokens: int = 1, fresh: bool = False) -> Kernel:
    """Delta rules of heads of 128 x 128."""
    d = 128
    state = Tensor("s", (states, d, d), FP32, "kv")
    rows = Tensor("qkv", (tokens, 3 * states * d), BF16)
    out = Tensor("y", (tokens, states * d), BF16)
    op = StateStep("s", "delta_step", states, d, d, tokens, (rows,), state, out, None, fresh)
    return Kernel("recurrence", {}, BF16, (Phase(1, (op,)),))


def run(machine: str, work: Kernel, fold: bool = True) -> dict[str, Any]:
    return simulate(work, load_machine(machine), fold=fold).to_dict()


@pytest.mark.parametrize("machine", ["xpu-h100", "aim"])
def test_states_cross_the_tap_once_each_way(machine: str) -> None:
    work = kernel(64)
    found = run(machine, work)
    (op,) = (op for _, op in work.operators())
    moved = found["bandwidth"]["dram"]
    assert moved["bytes_useful"] == pytest.approx(op.kv_bytes + op.carried_bytes, rel=1e-3)
    assert moved["bytes_written"] == pytest.approx(op.written.bytes + op.out.bytes, rel=1e-3)
    assert found["bound"]["fraction"] <= 1.0
    assert sum(found["cycle_stack"].values()) == found["cycles"]["count"]


def test_folding_changes_nothing() -> None:
    documents = [run("hmc-vault", kernel(37), fold) for fold in (True, False)]
    for document in documents:
        document.pop("provenance")
    assert json.dumps(documents[0]) == json.dumps(documents[1])


def test_more_tokens_cost_work_and_no_more_states() -> None:
    one, many = (run("xpu-h100", kernel(64, tokens)) for tokens in (1, 64))
    assert many["time_s"] > one["time_s"]
    states = 64 * 128 * 128 * 4
    assert many["bandwidth"]["dram"]["bytes_written"] < states + 2 * 64 * 64 * 128 + 10_000


def test_fresh_states_are_not_read() -> None:
    found = run("xpu-h100", kernel(64, fresh=True))
    assert found["bandwidth"]["dram"]["bytes_useful"] < 60_000
