"""Layers with a state: bytes of states, operations against published formulas, chunks."""

import json
from pathlib import Path

import pytest

from bankside.kernels.catalog.catalog import build
from bankside.kernels.models import Model, load
from bankside.kernels.models.recurrent import GatedDelta, KimiDelta, Mamba1, Mamba2
from bankside.kernels.operators import Kernel
from bankside.validation.claims import FOLDER

MODELS = FOLDER / "checkpoints" / "models"
OF = {
    "qwen3-next-80b-a3b": GatedDelta,
    "kimi-linear-48b-a3b": KimiDelta,
    "granite-4.0-h-tiny": Mamba2,
    "jamba-v0.1": Mamba1,
}


def layer(name: str, **options: object) -> tuple[Model, Kernel]:
    """The first layer of a model that has a state."""
    model = load(MODELS / f"{name}.json")
    index = next(i for i, each in enumerate(model.layers) if isinstance(each.mixer, OF[name]))
    return model, build("layer", model=model, layer=index, **{"context": 1000, "format": "bf16"} | options)


@pytest.mark.parametrize("name", OF)
@pytest.mark.parametrize("batch", [1, 3])
def test_decoding_reads_the_states_of_every_sequence_at_any_context(name: str, batch: int) -> None:
    model, kernel = layer(name, batch=batch)
    mixer = next(each.mixer for each in model.layers if isinstance(each.mixer, OF[name]))
    assert mixer is not None
    assert kernel.kv_bytes == batch * 4 * mixer.state_elements
    assert layer(name, batch=batch, context=50)[1].kv_bytes == kernel.kv_bytes


@pytest.mark.parametrize("name", OF)
def test_prefill_reads_no_state_and_writes_it_once(name: str) -> None:
    model, kernel = layer(name, stage="prefill")
    mixer = next(each.mixer for each in model.layers if isinstance(each.mixer, OF[name]))
    assert mixer is not None
    assert kernel.kv_bytes == 0
    written = [tensor for _, op in kernel.operators() for tensor in op.outputs if tensor.role == "kv"]
    assert sum(tensor.bytes for tensor in written) == 4 * mixer.state_elements


def macs(kernel: Kernel, prefix: str) -> int:
    weighed = [op for _, op in kernel.operators() if op.label.startswith(prefix) and not op.weights_bytes]
    return sum(op.macs for op in weighed)


def test_a_delta_rule_in_chunks_costs_what_its_products_do() -> None:
    # 3 d^2 for W S, K^T V and Q S; of C tokens a chunk Q K^T, K K^T, the triangle on K and V, and on values: 5 C d
    _, kernel = layer("kimi-linear-48b-a3b", stage="prefill", context=640)
    heads, d, chunk = 32, 128, 64
    assert macs(kernel, "delta.") == 640 * heads * (3 * d * d + 5 * chunk * d)


@pytest.mark.parametrize("chunk", [64, 256])
def test_ssd_costs_what_its_four_steps_do(chunk: int, tmp_path: Path) -> None:
    # Dao and Gu 2024, section 6: C B^T of groups, its product with x, states B^T x, and C with the state before
    file = tmp_path / "config.json"
    data = json.loads((MODELS / "granite-4.0-h-tiny.json").read_text())
    file.write_text(json.dumps(data | {"mamba_chunk_size": chunk}))
    kernel = build("layer", model=load(file), layer=0, context=512, stage="prefill", format="bf16")
    own = load(file).layers[0].mixer
    assert isinstance(own, Mamba2)
    each = own.groups * chunk * own.state + own.heads * own.head_dim * (chunk + 2 * own.state)
    assert any(f"Chunks of {chunk} tokens" in note for note in kernel.notes)
    assert macs(kernel, "ssm.") == 512 * each


def test_the_last_chunk_is_counted_whole_and_said() -> None:
    _, whole = layer("qwen3-next-80b-a3b", stage="prefill", context=128)
    _, ragged = layer("qwen3-next-80b-a3b", stage="prefill", context=65)
    assert macs(whole, "delta.") == macs(ragged, "delta.")
    assert "Chunks of 64 tokens" in ragged.notes[-2] + ragged.notes[-1]


def test_a_selective_scan_goes_token_by_token() -> None:
    model, kernel = layer("jamba-v0.1", stage="prefill", context=512)
    own = next(each.mixer for each in model.layers if isinstance(each.mixer, Mamba1))
    assert isinstance(own, Mamba1)
    (scan,) = (op for _, op in kernel.operators() if op.label == "ssm.state")
    assert scan.flops == 7 * 512 * own.inner * own.state
