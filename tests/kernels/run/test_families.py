"""Decode steps of families with states, shared caches, two stacks and picks: what crosses the tap of a machine."""

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.models import load, parameters
from bankside.kernels.models.describe import state_bytes
from bankside.kernels.run.simulate import simulate
from bankside.validation.claims import FOLDER

MODELS = FOLDER / "checkpoints" / "models"
CONTEXT = 512
NAMES = (
    *("mamba-2.8b", "granite-4.0-h-tiny", "gemma-4-e2b", "gemma-3-1b", "opt-350m", "t5-base"),
    *("qwen1.5-moe-a2.7b", "nemotron-3-nano-30b-a3b"),
)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_step_moves_weights_caches_and_states(name: str) -> None:
    model = load(MODELS / f"{name}.json")
    kernel = build("decode-step", model=model, context=CONTEXT, format="bf16")
    document = simulate(kernel, load_machine("xpu-h100")).to_dict()
    shared = sum(count * op.kv_bytes for count, op in kernel.operators()) - kernel.kv_bytes
    expected = 2 * parameters(model).streamed + kernel.kv_bytes + shared
    assert kernel.kv_bytes >= state_bytes(model)
    assert document["bandwidth"]["dram"]["bytes_useful"] == pytest.approx(expected, rel=5e-3)
    assert document["bound"]["fraction"] <= 1.0
