"""Formats of quantised checkpoints, weight by weight."""

import json
from collections.abc import Callable

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS
from bankside.kernels.models import Model, load, parameters
from bankside.kernels.models.storage import weight_bytes
from bankside.validation.claims import FOLDER

Read = Callable[..., Model]
MODELOPT = {
    "quant_method": "modelopt",
    "quant_algo": "NVFP4",
    "kv_cache_scheme": {"num_bits": 8, "type": "float"},
}


def formats(model: Model, layer: int) -> dict[str, str]:
    part = model.layers[layer]
    weights = (*part.attention_weights(model.hidden), *part.mlp_weights(model.hidden))
    named = dict(part.formats)
    return {weight.name: named.get(weight.name, model.format.name) for weight in weights}


def test_nothing_told_is_all_of_torch_dtype() -> None:
    model = load("llama-3-8b")
    assert set(formats(model, 0).values()) == {"bf16"}
    assert weight_bytes(model) == 2 * parameters(model).total


def test_fp8_leaves_routers_norms_and_the_head() -> None:
    model = load("deepseek-v3")
    found = formats(model, 60)
    assert {name for name, format in found.items() if format == "bf16"} == {
        "attn.q_a_norm",
        "attn.kv_a_norm",
        "moe.router",
    }
    assert model.head.format == ""
    assert model.stored.kv == ""


@pytest.mark.parametrize(
    ("pattern", "layers", "names"),
    [
        ("model.layers.0.self_attn*", [0], {"attn.q_proj", "attn.k_proj", "attn.v_proj", "attn.o_proj"}),
        ("model.layers.1.self_attn.q_proj", [1], {"attn.q_proj"}),
        ("model.language_model.layers.1.mlp", [1], {"mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}),
        (
            "re:.*mlp\\.(gate|up|gate_up|down)_proj.*",
            [0, 1],
            {"mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"},
        ),
        ("*.self_attn.*", [0, 1], {"attn.q_proj", "attn.k_proj", "attn.v_proj", "attn.o_proj"}),
        ("model.layers.10.self_attn*", [], set()),
    ],
)
def test_modules_that_are_listed_keep_their_format(
    pattern: str, layers: list[int], names: set[str], read: Read
) -> None:
    model = read(
        "llama-3-8b", num_hidden_layers=2, quantization_config=MODELOPT | {"ignore": [pattern, "lm_head"]}
    )
    for layer in (0, 1):
        kept = {name for name, format in formats(model, layer).items() if format == "bf16"}
        assert kept == (names if layer in layers else set())
    assert (model.head.format, model.stored.kv) == ("", "fp8_e4m3")


def test_the_head_is_quantised_where_no_list_keeps_it(read: Read) -> None:
    assert read("llama-3-8b", quantization_config=MODELOPT).head.format == "nvfp4"


def test_modules_of_other_formats(read: Read) -> None:
    groups = {
        "group_0": {
            "weights": {"num_bits": 8, "type": "float"},
            "targets": ["model.layers.0.self_attn.q_proj"],
        },
        "group_1": {"weights": {"num_bits": 4, "type": "float", "group_size": 16}, "targets": ["lm_head"]},
    }
    model = read(
        "llama-3-8b", quantization_config={"quant_method": "compressed-tensors", "config_groups": groups}
    )
    assert formats(model, 0)["attn.q_proj"] == "fp8_e4m3"
    assert formats(model, 0)["attn.k_proj"] == formats(model, 1)["attn.q_proj"] == "bf16"
    assert model.head.format == "nvfp4"


def test_only_experts_of_gpt_oss_are_mxfp4(read: Read) -> None:
    data = json.loads((FOLDER / "checkpoints" / "models" / "gpt-oss-20b.json").read_text())
    kept = ["model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"]
    model = read(data, quantization_config={"quant_method": "mxfp4", "modules_to_not_convert": kept})
    assert {name for name, format in formats(model, 7).items() if format == "mxfp4"} == {
        "moe.experts.gate_proj",
        "moe.experts.up_proj",
        "moe.experts.down_proj",
    }
    experts = 24 * 32 * 3 * 2880 * 2880
    rest = parameters(model).total - experts
    assert weight_bytes(model) == experts * 17 // 32 + 2 * rest  # 4 bits, and 8 to 32 weights


def test_an_unknown_format_is_shown_but_refused_where_it_counts(read: Read) -> None:
    model = read("llama-3-8b", quantization_config={"quant_method": "gptq", "bits": 3, "group_size": 10**9})
    assert model.stored.weights == "int3_g1000000000"
    assert "int3_g1000000000" not in FORMATS
    with pytest.raises(ConfigError, match="holds the format int3_g1000000000, which is not known"):
        weight_bytes(model)


def test_a_broken_pattern_is_a_sentence(faults: Callable[..., list[str]]) -> None:
    (error,) = faults("llama-3-8b", quantization_config=MODELOPT | {"ignore": ["re:(*"]})
    assert "cannot be read" in error


def test_a_dense_part_beside_a_mixture_is_a_module_of_its_own(read: Read) -> None:
    kept = {"ignore": ["model.layers.0.mlp*", "model.layers.0.router*"]}
    data = json.loads((FOLDER / "checkpoints" / "models" / "gemma-3-1b.json").read_text())
    del data["sliding_window_pattern"]
    changes = {
        "model_type": "gemma4_text",
        "architectures": ["Gemma4ForCausalLM"],
        "enable_moe_block": True,
        "hidden_size_per_layer_input": 0,
        "num_experts": 4,
        "top_k_experts": 2,
        "moe_intermediate_size": 64,
    }
    model = read(data, **changes, quantization_config=MODELOPT | kept)
    found = formats(model, 0)
    assert (found["mlp.up_proj"], found["moe.router"], found["moe.experts.up_proj"]) == (
        "bf16",
        "bf16",
        "nvfp4",
    )
    assert formats(model, 1)["mlp.up_proj"] == "nvfp4"
