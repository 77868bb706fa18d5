"""Sequences of one batch whose contexts differ, in attention, layers and decode steps alike."""

from dataclasses import replace
from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.models import load
from bankside.kernels.models.heads import Indexer
from bankside.kernels.operators import Attention, Kernel
from bankside.kernels.run.simulate import simulate

CONTEXTS = {8192: 2, 777: 1, 64: 3}
TOLD = ",".join(f"{context}x{count}" for context, count in CONTEXTS.items())
TOKENS = sum(context * count for context, count in CONTEXTS.items())
ROW_BYTES = {"llama-2-7b": 2 * 32 * 128 * 2, "llama-3-8b": 2 * 8 * 128 * 2, "deepseek-v3": (512 + 64) * 2}
"""Keys and values of a token in a layer, of all heads, of groups of four, and of one latent row."""


def layer(model: str, **options: Any) -> Kernel:
    return build("layer", model=model, format="bf16", stage="decode", **options)


@pytest.mark.parametrize("model", ROW_BYTES)
def test_keys_and_values_are_those_of_every_sequence(model: str) -> None:
    kernel = layer(model, contexts=TOLD)
    met = [op for _, op in kernel.operators() if isinstance(op, Attention)]
    assert {op.context: op.sequences for op in met} == CONTEXTS
    assert sum(op.kv_bytes for op in met) == TOKENS * ROW_BYTES[model]
    assert (
        kernel.kv_bytes - layer(model, context=64, batch=6).kv_bytes == (TOKENS - 6 * 64) * ROW_BYTES[model]
    )
    assert kernel.weights_bytes == layer(model, context=64, batch=6).weights_bytes
    step = build("decode-step", model=model, format="bf16", contexts=TOLD)
    short = build("decode-step", model=model, format="bf16", context=64, batch=6)
    layers = len(load(model).layers)
    assert step.kv_bytes - short.kv_bytes == layers * (TOKENS - 6 * 64) * ROW_BYTES[model]
    assert step.parameters["contexts"] == TOLD


@pytest.mark.parametrize("name", ["decode-attention", "layer", "decode-step"])
def test_equal_contexts_in_a_list_are_the_plain_kernel(name: str) -> None:
    for told in ("4096,4096", "4096x2", "4096,4096x1"):
        assert build(name, model="llama-3-8b", contexts=told) == build(
            name, model="llama-3-8b", context=4096, batch=2
        )


def test_windows_bound_each_context_by_itself() -> None:
    options = {"heads": 8, "kv_heads": 2, "head_dim": 16, "window": 100}
    kernel = build("decode-attention", contexts="4096,64x2", **options)
    assert [op.kv_bytes for _, op in kernel.operators()] == [100 * 128, 2 * 64 * 128]


@pytest.mark.parametrize("machine", ["hybrid-3d", "hbm-pim"])
def test_a_layer_reads_its_weights_once_and_the_cache_of_every_sequence(machine: str) -> None:
    """Between the shortest and the longest contexts in time, and what is read differs by the cache alone."""
    model = {"model": "gpt2", "format": "fp16"}
    kernels = [
        build("layer", **model, contexts="1000,200x2"),
        build("layer", **model, context=200, batch=3),
        build("layer", **model, context=1000, batch=3),
    ]
    ragged, short, long = (simulate(kernel, load_machine(machine)).to_dict() for kernel in kernels)
    assert short["time_s"] < ragged["time_s"] < long["time_s"]
    if machine == "hybrid-3d":
        read = [each["bandwidth"]["dram"]["bytes_useful"] for each in (ragged, short)]
        assert read[0] - read[1] == 800 * 2 * 768 * 2
    ran = [op["label"] for op in ragged["ops"]]
    assert {"attn.attention[1000]", "attn.attention[200]"} <= set(ran)
    assert any("those of another after them" in note for note in ragged["warnings"])


def test_what_reads_a_context_in_its_own_way_is_refused() -> None:
    model = load("deepseek-v3")
    top = replace(model.layers[-1], mixer=replace(model.layers[-1].mixer, indexer=Indexer(64, 128, 2048)))  # type: ignore[type-var]
    indexed = replace(model, layers=(*model.layers[:-1], top))
    with pytest.raises(ConfigError, match="contexts that differ are of attention to all tokens"):
        layer(indexed, contexts="4096,8")  # type: ignore[arg-type]
    layer(indexed, contexts="4096,4096")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"contexts": "8,9", "context": 9}, "context cannot be given together with contexts"),
        ({"contexts": "8,9", "batch": 2}, "batch cannot be given together with contexts"),
        ({"contexts": "8,x"}, "contexts has 'x'"),
        ({"contexts": "8,9", "tokens": 9}, "tokens is 9, more than the context of 8"),
        ({}, "context is needed here"),
    ],
)
def test_lengths_that_contradict_are_told(options: dict[str, Any], sentence: str) -> None:
    for name in ("layer", "decode-step"):
        with pytest.raises(ConfigError, match=sentence):
            build(name, model="llama-3-8b", **options)
    with pytest.raises(ConfigError, match="contexts cannot be given in prefill"):
        build("layer", model="llama-3-8b", stage="prefill", context=8, contexts="8,9")
