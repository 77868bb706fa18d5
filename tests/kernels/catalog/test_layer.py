"""Layers: order, weights, bytes and intensities against published figures."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.catalog.layer import layer_kernel, layer_operators
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step, decode, prefill
from bankside.kernels.formats import FORMATS
from bankside.kernels.models import load, names, parameters
from bankside.kernels.operators import Attention, Kernel, MatMul

INT8 = Precision(*[FORMATS["int8"]] * 3)
BF16 = Precision(*[FORMATS["bf16"]] * 3)


def bert_base(n: int) -> Kernel:
    return layer_kernel(load("bert-base"), 0, prefill(1, n), INT8)


def intensity(kernel: Kernel, part: str) -> tuple[float, float]:
    """FLOP per byte, and GFLOP of 12 layers, of the projections of `part`."""
    chosen = [op for _, op in kernel.operators() if op.label.startswith(part) and isinstance(op, MatMul)]
    flops = sum(op.flops for op in chosen)
    return flops / sum(op.bytes_min for op in chosen), 12 * flops / 1e9


# Kim et al. 2023, Table 3: llm_kernel_facts-001, -003, -007, -009 and the same of n = 512 (-016 on), 4096
@pytest.mark.parametrize(
    ("n", "projections", "projections_gflop", "ffn", "ffn_gflop"),
    [
        (128, 192.00, 7.25, 211.86, 14.5),
        (512, 438.86, 28.99, 558.54, 57.98),
        (4096, 702.17, 231.93, 1068.52, 463.86),
    ],
)
def test_bert_base_at_one_byte_per_element(
    n: int, projections: float, projections_gflop: float, ffn: float, ffn_gflop: float
) -> None:
    kernel = bert_base(n)
    attention_part, mlp_part = intensity(kernel, "attn."), intensity(kernel, "mlp.")
    assert attention_part[0] == pytest.approx(projections, abs=0.01)
    assert mlp_part[0] == pytest.approx(ffn, abs=0.01)
    assert attention_part[1] == pytest.approx(projections_gflop, rel=0.005)
    assert mlp_part[1] == pytest.approx(ffn_gflop, rel=0.005)


@pytest.mark.parametrize(("n", "gflop"), [(128, 22.42), (512, 97.02), (4096, 1323.66)])
def test_bert_base_total_operations(n: int, gflop: float) -> None:
    # llm_kernel_facts-013, -028, -043; bias adds, which are no operator here, are below 0.3 % of them
    assert 12 * bert_base(n).flops / 1e9 == pytest.approx(gflop, rel=0.005)


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("stage", ["decode", "prefill"])
def test_read_and_idle_weights_are_all_weights_of_the_layers(name: str, stage: str) -> None:
    model = load(name)
    step = decode(3, 40) if stage == "decode" else prefill(3, 40)
    total = 0
    for first, count in model.layer_groups():
        kernel = layer_kernel(model, first, step, BF16)
        total += count * kernel.resident_bytes["weights"]
    counted = parameters(model)
    final_norm = model.norm_elements if model.final_norm else 0
    assert total == 2 * (counted.attention + counted.mlp + counted.norm - final_norm)


@pytest.mark.parametrize("name", [name for name in names() if not name.startswith("bert")])
def test_a_decoding_layer_reads_its_share_of_the_cache(name: str) -> None:
    model = load(name)
    kernel = layer_kernel(model, len(model.layers) - 1, decode(5, 1000), BF16)
    assert kernel.kv_bytes * len(model.layers) == 5 * 1000 * model.kv_bytes_per_token(FORMATS["bf16"])


def labels(name: str, layer: int, step: Step) -> list[str]:
    found: list[str] = []
    for op in layer_operators(load(name), layer, step, BF16):
        if not found or found[-1] != op.label:
            found.append(op.label)
    return found


def test_order_in_a_llama_layer() -> None:
    assert labels("llama-3-8b", 0, decode(1, 10)) == [
        "attn.norm",
        "attn.q_proj",
        "attn.k_proj",
        "attn.v_proj",
        "attn.rope",
        "attn.attention",
        "attn.o_proj",
        "attn.residual",
        "mlp.norm",
        "mlp.gate_proj",
        "mlp.up_proj",
        "mlp.act",
        "mlp.down_proj",
        "mlp.residual",
    ]


def test_norms_follow_the_residuals_in_bert() -> None:
    order = labels("bert-base", 0, prefill(1, 8))
    assert order[0] == "attn.q_proj"
    assert order.index("attn.norm") == order.index("attn.residual") + 1
    assert order[-2:] == ["mlp.residual", "mlp.norm"]
    assert "attn.rope" not in order


def test_latent_attention_is_absorbed_when_decoding_and_expanded_in_prefill() -> None:
    model = load("deepseek-v3")
    decoding, filling = labels("deepseek-v3", 60, decode(1, 9)), labels("deepseek-v3", 60, prefill(1, 9))
    middle = decoding.index("attn.attention")
    assert decoding[middle - 1 : middle + 2] == ["attn.kv_b_proj_k", "attn.attention", "attn.kv_b_proj_v"]
    assert filling[filling.index("attn.attention") - 1] == "attn.kv_b_proj"
    weights = [
        sum(op.weights_bytes for op in layer_operators(model, 60, step, BF16) if "kv_b_proj" in op.label)
        for step in (decode(1, 9), prefill(1, 9))
    ]
    assert weights[0] == weights[1] == 2 * 512 * 128 * (128 + 128)
    (attention,) = (op for op in layer_operators(model, 60, prefill(1, 9), BF16) if isinstance(op, Attention))
    assert (attention.kv_heads, attention.group, attention.d_qk, attention.d_v) == (128, 1, 192, 128)


def test_dense_and_mixed_layers_of_deepseek_differ() -> None:
    assert "mlp.gate_proj" in labels("deepseek-v3", 2, decode(1, 9))
    mixed = labels("deepseek-v3", 3, decode(1, 9))
    assert mixed[mixed.index("moe.router") :] == [
        "moe.router",
        "moe.scores",
        "moe.experts.gate_proj",
        "moe.experts.up_proj",
        "moe.experts.act",
        "moe.experts.down_proj",
        "moe.shared.gate_proj",
        "moe.shared.up_proj",
        "moe.shared.act",
        "moe.shared.down_proj",
        "moe.combine",
        "mlp.residual",
    ]


@pytest.mark.parametrize("name", [name for name in names() if name != "deepseek-v3"])
def test_projections_take_what_the_stream_gives(name: str) -> None:
    model = load(name)
    products = {
        op.label: op for op in layer_operators(model, 0, prefill(2, 7), BF16) if isinstance(op, MatMul)
    }
    (attention,) = (op for op in layer_operators(model, 0, prefill(2, 7), BF16) if isinstance(op, Attention))
    assert products["attn.q_proj"].n == attention.heads * attention.d_qk == products["attn.o_proj"].k
    assert products["attn.k_proj"].n == attention.kv_heads * attention.d_qk
    assert products["attn.v_proj"].out_bytes == attention.v.bytes
    assert all(op.m == 14 for label, op in products.items() if "experts" not in label)
    assert all(
        op.k == model.hidden for label, op in products.items() if label.endswith(("q_proj", "up_proj"))
    )


def test_a_long_context_is_noted_not_refused() -> None:
    model = load("llama-3-8b")
    assert layer_kernel(model, 0, decode(1, 8192), BF16).notes == ()
    (note,) = layer_kernel(model, 0, decode(1, 8193), BF16).notes
    assert "8193" in note
    assert "8192" in note


@pytest.mark.parametrize("keep", ["quest", "nsa", "h2o", "snapkv", "streaming"])
@pytest.mark.parametrize("model", ["llama-3-8b", "deepseek-v3"])
def test_a_layer_reads_its_cache_as_its_attention_alone(model: str, keep: str) -> None:
    how = {"context": 8192, "keep": keep, "budget": 1024}
    layer, alone = build("layer", model=model, **how), build("decode-attention", model=model, **how)
    assert layer.kv_bytes == alone.kv_bytes
    assert layer.resident_bytes["kv"] == alone.resident_bytes["kv"]
    assert alone.notes[-1].split(" ", 1)[1] in "".join(layer.notes)


def test_what_is_kept_is_told_in_prefill_and_of_other_mixers() -> None:
    with pytest.raises(ConfigError, match="keep cannot be given in prefill"):
        build("layer", model="llama-3-8b", context=64, stage="prefill", keep="h2o", budget=8)
