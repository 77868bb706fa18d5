"""The catalog: what each kernel builds, and what each bad option says."""

import subprocess
import sys
from typing import Any

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import CATALOG, build
from bankside.kernels.operators import Attention, MatMul, Operator, RowWise


def only(kernel_name: str, **options: object) -> Operator:
    ((count, op),) = build(kernel_name, **options).operators()
    assert count == 1
    return op


def errors_of(kernel_name: str, **options: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        build(kernel_name, **options)
    assert all(error.endswith(".") for error in caught.value.errors)
    return caught.value.errors


def test_gemv_reads_each_weight_once_for_all_vectors() -> None:
    op = only("gemv", m=4096, k=1024, batch=3)
    assert isinstance(op, MatMul)
    assert (op.m, op.n, op.k, op.b.role) == (3, 4096, 1024, "weights")
    assert op.b.bytes == 2 * 4096 * 1024


@pytest.mark.parametrize(
    ("model", "op", "m", "k"),
    [
        ("llama-3-70b", "mlp.down_proj", 8192, 28672),
        ("llama-3-70b", "self_attn.k_proj", 1024, 8192),
        ("gpt2", "lm_head", 50257, 768),
        ("bert-base", "mlp.up_proj", 3072, 768),
        ("deepseek-v3", "mlp.gate_proj", 18432, 7168),
        ("deepseek-v3", "moe.shared.up_proj", 2048, 7168),
    ],
)
def test_gemv_takes_shapes_from_a_model(model: str, op: str, m: int, k: int) -> None:
    product = only("gemv", model=model, op=op)
    assert isinstance(product, MatMul)
    assert (product.m, product.n, product.k) == (1, m, k)
    parameters = build("gemv", model=model, op=op).parameters
    assert (parameters["m"], parameters["k"]) == (m, k)


# Show 4 of the first issue, as the command line reaches it: run gemm --m ... --format int8
@pytest.mark.parametrize(
    ("m", "n", "k", "intensity"),
    [(128, 768, 768, 192.00), (512, 3072, 768, 558.54), (512, 768, 3072, 558.54)],
)
def test_single_products_have_the_intensity_of_their_class(m: int, n: int, k: int, intensity: float) -> None:
    assert build("gemm", m=m, n=n, k=k, format="int8").intensity == pytest.approx(intensity, abs=0.01)


def test_layer_reaches_the_same_products() -> None:
    layer = build("layer", model="bert-base", stage="prefill", context=512, format="int8")
    alone = only("gemm", m=512, n=3072, k=768, format="int8")
    (up,) = (op for _, op in layer.operators() if op.label == "mlp.up_proj")
    assert (up.flops, up.bytes_min) == (alone.flops, alone.bytes_min)
    assert layer.bytes_min == sum(op.bytes_min for _, op in layer.operators())


def test_decode_attention_of_one_layer_reads_its_keys_and_values() -> None:
    kernel = build("decode-attention", model="llama-3-8b", context=8192, batch=1)
    assert kernel.kv_bytes == 33_554_432
    assert kernel.weights_bytes == 0
    plain = build("decode-attention", heads=32, kv_heads=8, head_dim=128, context=8192)
    assert (plain.flops, plain.bytes_min) == (kernel.flops, kernel.bytes_min)


def test_prefill_attention_masks_decoders_and_not_encoders() -> None:
    causal, full = (
        only("prefill-attention", model="gpt2", context=64),
        only("prefill-attention", model="bert-base", context=64),
    )
    assert isinstance(causal, Attention)
    assert isinstance(full, Attention)
    assert (causal.pairs, full.pairs) == (64 * 65 // 2, 64 * 64)
    plain = only("prefill-attention", heads=12, head_dim=64, context=64, mask="full")
    assert plain.flops == full.flops


@pytest.mark.parametrize("name", ["softmax", "rmsnorm", "layernorm"])
def test_row_functions(name: str) -> None:
    op = only(name, rows=3, cols=5, format="fp32")
    assert isinstance(op, RowWise)
    assert (op.function, op.rows, op.cols) == (name, 3, 5)
    assert op.weights_bytes == {"softmax": 0, "rmsnorm": 20, "layernorm": 40}[name]


def test_activation_reads_a_second_operand_where_it_has_one() -> None:
    assert only("activation", function="silu", rows=2, cols=3).bytes_min == 24
    assert only("activation", function="swiglu", rows=2, cols=3).bytes_min == 36


def test_formats_of_weights_and_cache_may_differ() -> None:
    kernel = build("layer", model="llama-3-8b", context=100, weights_format="int4_g128", kv_format="int8")
    assert kernel.kv_bytes == 100 * 2 * 8 * 128
    matrices = 4096 * (4096 + 1024 + 1024 + 4096) + 3 * 4096 * 14336
    assert kernel.weights_bytes == matrices * 4.125 / 8 + 2 * 2 * 4096
    assert kernel.parameters["weights_format"] == "int4_g128"


def test_an_assumed_format_is_noted_until_one_is_given() -> None:
    assert "bf16 is assumed" in build("layer", model="gpt2", context=8).notes[0]
    assert build("layer", model="gpt2", context=8, format="fp16").notes == ()
    assert "quantised" in " ".join(build("layer", model="deepseek-v3", context=8).notes)
    assert "quantised" not in " ".join(
        build("layer", model="deepseek-v3", context=8, weights_format="fp8_e4m3").notes
    )
    assert "quantised" not in " ".join(build("decode-attention", model="deepseek-v3", context=8).notes)


BAD: list[tuple[str, dict[str, Any], list[str]]] = [
    ("gemv", {"m": 0, "k": -1}, ["m is 0", "k is -1"]),
    ("gemv", {}, ["m is needed", "k is needed"]),
    ("gemv", {"model": "gpt2", "m": 3}, ["m cannot be given together with a model", "op is needed"]),
    ("gemv", {"m": 3, "k": 3, "op": "head"}, ["op cannot be given without a model"]),
    ("gemv", {"model": "llama-3-8b", "op": "mlp.nope"}, ["it has attn.q_proj, attn.k_proj"]),
    ("gemv", {"model": "llama-9", "op": "head", "batch": 0}, ["neither a shipped one", "batch is 0"]),
    ("gemm", {"m": "1.5", "n": True, "k": "x"}, ["m is '1.5'", "n is True", "k is 'x'"]),
    (
        "gemm",
        {"m": 1, "n": 1, "k": 1, "format": "bf17", "p": 1},
        ["format: There is no format 'bf17'", "no option 'p'"],
    ),
    ("gemm", {"m": 2**31, "n": 2**31, "k": 8}, ["more than a 64-bit counter", "more than a 64-bit counter"]),
    ("gemm", {"m": 1, "n": 1}, ["needs the option k"]),
    ("gemm", {"m": "+-1", "n": 10**9999, "k": "9" * 5000}, ["m is '+-1'", "n is huge", "k is '9999"]),
    ("gemm", {"m": 2**63, "n": 2**63 - 1, "k": 1}, ["m is 9223372036854775808"]),
    ("gemv", {"model": "a\0b", "op": "head"}, ["neither a shipped one"]),
    ("gemv", {"model": "x" * 9000, "op": "head"}, ["neither a shipped one"]),
    ("batched-gemm", {"batch": 6, "m": 1, "n": 1, "k": 1, "shared_b": 4}, ["does not divide the batch of 6"]),
    ("batched-gemm", {"batch": 6, "m": 1, "n": 1, "k": 1, "stationary": "w"}, ["one of weights, kv"]),
    ("decode-attention", {"heads": 32, "kv_heads": 5, "head_dim": 8, "context": 4}, ["5 does not divide"]),
    ("decode-attention", {"context": 4}, ["heads is needed", "head_dim is needed"]),
    ("decode-attention", {"model": "gpt2", "heads": 3, "context": 4}, ["heads cannot be given together"]),
    ("decode-attention", {"model": "bert-base", "context": 4}, ["is an encoder"]),
    ("decode-step", {"model": "bert-base", "context": 4}, ["is an encoder"]),
    ("prefill-attention", {"model": "gpt2", "mask": "full", "context": 4}, ["mask cannot be given"]),
    ("softmax", {"rows": 0, "cols": 0}, ["rows is 0", "cols is 0"]),
    ("activation", {"function": "softmax", "rows": 1, "cols": 1}, ["one of silu"]),
    ("layer", {"model": "gpt2", "context": 4, "layer": 12}, ["has layers 0 to 11"]),
    ("layer", {"model": "bert-base", "context": 4, "stage": "decode", "layer": 12}, ["encoder", "0 to 11"]),
    ("layer", {"model": "gpt2", "context": 4, "layer": -1}, ["whole number from 0"]),
    ("nope", {}, ["there are gemv, gemm"]),
]


@pytest.mark.parametrize(("name", "options", "parts"), BAD)
def test_bad_options_are_one_sentence_each_all_at_once(
    name: str, options: dict[str, Any], parts: list[str]
) -> None:
    errors = errors_of(name, **options)
    assert len(errors) >= len(parts)
    for part in parts:
        assert any(part in error for error in errors), errors


def test_none_counts_as_not_given_and_texts_of_digits_as_numbers() -> None:
    assert build("gemv", m="4096", k="64", model=None, op=None, batch=None) == build("gemv", m=4096, k=64)


def test_layers_default_to_the_last_and_to_the_stage_that_the_model_has() -> None:
    deepseek, bert = (
        build("layer", model="deepseek-v3", context=8),
        build("layer", model="bert-base", context=8),
    )
    assert (deepseek.parameters["layer"], deepseek.parameters["kind"]) == (60, "moe")
    assert (deepseek.parameters["stage"], bert.parameters["stage"]) == ("decode", "prefill")


def test_every_entry_explains_itself() -> None:
    for name, entry in CATALOG.items():
        assert entry.name == name
        assert entry.help
        assert all(option.help for option in entry.options)
        assert len({option.name for option in entry.options}) == len(entry.options)


def test_naming_the_kernels_loads_neither_numpy_nor_numba() -> None:
    code = "import sys, bankside.kernels.catalog.catalog; print({'numpy', 'numba', 'pydantic'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_vectors_of_an_elementwise_kernel_rest_in_memory() -> None:
    op = only("elementwise", function="mul", elements=1000, format="fp16")
    assert isinstance(op, RowWise)
    assert (op.operands, op.elements, op.kv_bytes, op.out_bytes, op.carried) == (2, 1000, 4000, 2000, ())
    assert op.cached
    assert only("elementwise", function="relu", elements=7).kv_bytes == 14
    (error,) = errors_of("elementwise", function="softmax", elements=7)
    assert "softmax" in error
