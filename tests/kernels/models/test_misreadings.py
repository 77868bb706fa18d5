"""Keys that change the work are read or refused by name; each case was once read silently as something else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.formats import FORMATS
from bankside.kernels.models import Heads, Model, load, parameters
from bankside.validation.claims import FOLDER

Read = Callable[..., Model]
Faults = Callable[..., list[str]]

QWEN3: dict[str, Any] = {
    "model_type": "qwen3",
    "architectures": ["Qwen3ForCausalLM"],
    "hidden_size": 2560,
    "intermediate_size": 9216,
    "num_hidden_layers": 6,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "vocab_size": 1000,
    "max_position_embeddings": 262144,
    "torch_dtype": "bfloat16",
    "use_sliding_window": True,
    "sliding_window": 4096,
    "max_window_layers": 6,
    "layer_types": ["sliding_attention"] * 5 + ["full_attention"],
}
BERT = {
    "architectures": ["JinaBertForMaskedLM"],
    "position_embedding_type": "alibi",
    "feed_forward_type": "geglu",
}


def attention_windows(model: Model) -> list[int]:
    return [layer.mixer.window for layer in model.layers if isinstance(layer.mixer, Heads)]


def test_layer_types_window_layer_by_layer(read: Read, tmp_path: Path) -> None:
    assert attention_windows(read(QWEN3)) == [4096] * 5 + [0]
    path = str(tmp_path / "model")
    last, first = (build("layer", model=path, context=65536, layer=index) for index in (5, 0))
    matrices = 2560 * 128 * (32 + 8 + 8 + 32) + 3 * 2560 * 9216
    assert last.weights_bytes == 193_986_560 + 10_752 == 2 * (matrices + 2 * 2560 + 2 * 128)
    assert last.kv_bytes == 268_435_456
    assert first.kv_bytes == 4096 * 2 * 8 * 128 * 2
    step = build("decode-step", model=path, context=65536)
    assert [(phase.count, phase.label) for phase in step.phases] == [
        (5, "layers 0-4 (sliding, dense)"),
        (1, "layers 5-5 (dense)"),
        (1, "head"),
    ]
    assert step.kv_bytes == 5 * first.kv_bytes + last.kv_bytes


def test_windows_bound_prefill_layer_by_layer(read: Read, tmp_path: Path) -> None:
    read(QWEN3)
    path, n, window = str(tmp_path / "model"), 65536, 4096
    for index, pairs in ((0, window * (window + 1) // 2 + (n - window) * window), (5, n * (n + 1) // 2)):
        kernel = build("layer", model=path, context=n, layer=index, stage="prefill")
        attention = next(op for _, op in kernel.operators() if op.label == "attn.attention")
        assert attention.macs == 32 * 2 * 128 * pairs
        assert attention.kv_bytes == 268_435_456


def test_attention_alone_is_that_of_the_layer_that_reaches_farthest(read: Read, tmp_path: Path) -> None:
    read(QWEN3)
    kernel = build("decode-attention", model=str(tmp_path / "model"), context=65536)
    assert kernel.kv_bytes == 268_435_456
    assert kernel.parameters["layer"] == 5


@pytest.mark.parametrize(("first", "windowed"), [(28, 0), (21, 7), (0, 28), (99, 0)])
def test_the_first_max_window_layers_are_full(first: int, windowed: int, read: Read) -> None:
    model = read(
        "qwen2.5-72b",
        num_hidden_layers=28,
        use_sliding_window=True,
        sliding_window=64,
        max_window_layers=first,
    )
    assert attention_windows(model) == [0] * (28 - windowed) + [64] * windowed


def test_layer_types_that_contradict_the_window_are_refused(faults: Faults) -> None:
    (error,) = faults(QWEN3, use_sliding_window=False)
    assert "sliding_window is needed by the sliding layers" in error
    (error,) = faults(QWEN3, layer_types=["sliding_attention"] * 5)
    assert "layer_types has 5 entries, fewer than the 6 layers" in error
    (error,) = faults(QWEN3, layer_types=["sliding_attention"] * 5 + ["ring_attention"])
    assert "layer_types holds 'ring_attention'" in error


def test_multiquery_has_one_key_value_head(read: Read) -> None:
    many, one = read("gpt2"), read("gpt2", attention_head_type="multiquery")
    assert parameters(many).total - parameters(one).total == 12 * 2 * 11 * 64 * (768 + 1)
    assert one.kv_bytes_per_token(FORMATS["fp32"]) == 12 * 2 * 64 * 4


def test_alibi_has_no_table_and_geglu_three_matrices(read: Read) -> None:
    # 12 x (4 x (768 x 768 + 768) + 2 x 1536 + 3 x 768 x 3072 + 768) + (30522 + 2 + 2) x 768: table, types, norm
    model = read("bert-base", **BERT)
    assert parameters(model).total == 12 * 9_444_096 + 30_526 * 768
    assert parameters(model).apart == 768 * 768 + 768 + 2 * 768 + 30522
    assert build("layer", model="bert-base", context=8).flops < 10**9


def test_code_of_its_own_is_refused(faults: Faults) -> None:
    own = {"auto_map": {"AutoModel": "modeling.CustomBertModel"}, "alibi_starting_size": 512}
    errors = " ".join(faults("bert-base", **own))
    assert "auto_map names 'modeling.CustomBertModel'" in errors
    assert "alibi_starting_size is 512, which is not understood" in errors


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("bert-base", "modeling.CustomBertModel"),
        ("bert-base", "flash.BertFlashModel"),
        ("llama-3-8b", "modeling_llama.LlamaWithMemoryForCausalLM"),
        ("deepseek-v3", "modeling_other.OtherForCausalLM"),
    ],
)
def test_classes_that_are_not_the_familys_are_refused(name: str, code: str, faults: Faults) -> None:
    (error,) = faults(name, auto_map={"AutoModel": code})
    assert f"auto_map names {code!r}" in error


def test_classes_of_the_family_are_its_code_wherever_they_stand(read: Read) -> None:
    code = {
        "AutoConfig": "someone/impl--configuration_bert.JinaBertConfig",
        "AutoModel": "m.JinaBertForMaskedLM",
    }
    assert parameters(read("bert-base", auto_map=code)) == parameters(read("bert-base"))


def test_attention_to_both_sides_makes_an_encoder(read: Read, faults: Faults) -> None:
    keys = json.loads((FOLDER / "checkpoints" / "models" / "gemma-3-1b.json").read_text())
    both = {"use_bidirectional_attention": True}
    model = read(keys, architectures=["Gemma3TextModel"], **both)
    assert (model.causal, model.head.kind, model.kv_bytes_per_token()) == (False, "encoder", 0)
    (error,) = faults(keys, **both)
    assert "use_bidirectional_attention is True, but architectures names a head" in error


def test_an_embedder_has_no_head(read: Read, tmp_path: Path) -> None:
    model = read("llama-3-8b", architectures=["LlamaModel"])
    assert parameters(model).total == 8_030_261_248 - 128256 * 4096
    step = build("decode-step", model=str(tmp_path / "model"), context=8)
    assert [op.label for op in step.phases[-1].operators] == ["final.norm"]
    assert step.resident_bytes["weights"] == 2 * parameters(model).total


@pytest.mark.parametrize(
    ("changes", "scores"),
    [
        ({"num_labels": 1, "id2label": {"0": "LABEL_0"}}, 1),
        ({"id2label": {"0": "a", "1": "b", "2": "c"}}, 3),
        ({}, 2),
    ],
)
def test_a_classifier_has_a_head_of_its_labels(changes: dict[str, Any], scores: int, read: Read) -> None:
    model = read("llama-3-8b", architectures=["LlamaForSequenceClassification"], **changes)
    assert parameters(model).total == 7_504_924_672 + scores * 4096


def test_a_class_of_unknown_ending_is_refused(faults: Faults) -> None:
    (error,) = faults("llama-3-8b", architectures=["LlamaForCausalLMEagle3"])
    assert "does not say what head there is" in error


def test_the_router_of_a_v3_has_a_bias_whether_named_or_not(read: Read) -> None:
    assert parameters(read("deepseek-v3", topk_method=None)).total == 671_026_419_200


def test_a_bert_that_decodes_is_refused(faults: Faults) -> None:
    errors = " ".join(faults("bert-base", is_decoder=True, add_cross_attention=True))
    assert "is_decoder is True" in errors
    assert "add_cross_attention is True" in errors


def test_an_encoder_has_no_cache(read: Read) -> None:
    assert read("bert-base").kv_bytes_per_token() == 0


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("llama-3-8b", {"num_local_experts": 8}),
        ("llama-3-8b", {"sliding_window": 4096}),
        ("llama-3-8b", {"some_new_rank": 7}),
        ("gpt2", {"add_cross_attention": True}),
        ("mixtral-8x7b", {"shared_expert_intermediate_size": 7}),
        ("deepseek-v3", {"index_topk": 2048}),
    ],
)
def test_a_key_that_is_not_understood_is_refused_by_name(
    name: str, changes: dict[str, Any], faults: Faults
) -> None:
    (key, value), *_ = changes.items()
    (error,) = faults(name, **changes)
    assert f": {key} is {value}, which is not understood for this model and may change its work." in error


def test_a_key_that_holds_nothing_is_no_matter(read: Read) -> None:
    model = read("llama-3-8b", num_local_experts=0, some_new_rank=None, attention_dropout=0.1, pad_token_id=7)
    assert model.layers == load("llama-3-8b").layers


@pytest.mark.parametrize(
    ("stored", "weights", "kv"),
    [
        ({"quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8", "group_size": 16}, "nvfp4", "fp8_e4m3"),
        ({"quant_algo": "FP8", "kv_cache_quant_algo": None}, "fp8_e4m3", ""),
        ({"quant_algo": "W4A16_AWQ", "group_size": 128}, "int4_g128", ""),
    ],
)
def test_a_file_beside_tells_how_weights_are_stored(
    stored: dict[str, Any], weights: str, kv: str, read: Read, tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    beside = tmp_path / "model" / "hf_quant_config.json"
    beside.write_text(json.dumps({"quantization": stored | {"exclude_modules": ["lm_head"]}}))
    model = read("llama-3-8b")
    assert (model.stored.weights, model.stored.kv, model.stored.kept) == (weights, kv, ("lm_head",))
    assert "quantised" in model.weight_note


def test_two_files_that_contradict_each_other_are_refused(faults: Faults, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "hf_quant_config.json").write_text('{"quantization": {"quant_algo": "NVFP4"}}')
    (error,) = faults("llama-3-8b", quantization_config={"quant_method": "fp8", "fmt": "e4m3"})
    assert "quant_algo is 'NVFP4', which is not what config.json says" in error


GPTQ = {"quant_method": "gptq", "bits": 4, "group_size": 128}


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"bits": -4}, "quantization_config.bits is -4, not a whole number from 2 to 8"),
        ({"bits": 9}, "quantization_config.bits is 9, not a whole number from 2 to 8"),
        ({"group_size": "x"}, "quantization_config.group_size is 'x', not a whole number"),
        ({"quant_method": "magic"}, "quantization_config.quant_method is 'magic'; known are"),
        ({"quant_method": None}, "quantization_config.quant_method is needed and missing"),
    ],
)
def test_a_wrong_quantisation_is_a_sentence(changes: dict[str, Any], part: str, faults: Faults) -> None:
    (error,) = faults("llama-3-8b", quantization_config=GPTQ | changes)
    assert part in error


def test_a_nested_language_model_is_found(read: Read, faults: Faults) -> None:
    outer = {
        "architectures": ["Qwen3VLForConditionalGeneration"],
        "model_type": "qwen3_vl",
        "tie_word_embeddings": True,
        "vision_config": {"hidden_size": 3},
        "image_token_id": 5,
    }
    inner = {key: value for key, value in QWEN3.items() if key != "architectures"}
    model, plain = read(outer | {"text_config": inner}), read(QWEN3, tie_word_embeddings=True)
    assert model.layers == plain.layers
    assert parameters(model) == parameters(plain)
    assert "without the part for vision" in model.notes[-1]
    (error,) = faults(outer | {"text_config": inner | {"text_config": inner}})
    assert "text_config stands inside text_config" in error
    (error,) = faults(outer | {"text_config": inner | {"hidden_size": -1}})
    assert "text_config.hidden_size is -1" in error
    assert ":13: " in error


def test_files_of_megabytes_are_read(read: Read) -> None:
    listed = [f"model.layers.{index}.mlp.gate" for index in range(100_000)]
    quantised = {"quant_method": "fp8", "modules_to_not_convert": listed}
    assert len(read("llama-3-8b", quantization_config=quantised).stored.kept) == 100_000


@pytest.mark.parametrize("layers", [10**9, float("nan"), -1, "8"])
def test_absurd_numbers_of_layers_are_a_sentence(layers: Any, faults: Faults) -> None:
    (error,) = faults("llama-3-8b", num_hidden_layers=layers)
    assert "num_hidden_layers is" in error


def test_a_layer_without_operators_is_counted_but_refused_where_it_runs(read: Read, tmp_path: Path) -> None:
    model = read("llama-3-8b", hidden_act="situ")
    assert parameters(model).total == 8_030_261_248
    with pytest.raises(ConfigError, match="Layer 31 of model has the activation situ, which is counted but"):
        build("layer", model=str(tmp_path / "model"), context=8)


@pytest.mark.parametrize(
    ("name", "changes", "part"),
    [
        (
            "deepseek-v3.2",
            {"num_key_value_heads": 64},
            "num_key_value_heads is 64, but num_attention_heads makes it 128",
        ),
        ("glm-5", {"qk_head_dim": 128}, "qk_head_dim is 128, but qk_nope_head_dim makes it 256"),
        ("glm-5", {"mlp_layer_types": ["sparse"] * 78}, "do not say what mlp_layer_types says"),
        (
            "glm-5",
            {"indexer_types": ["full"] * 78, "index_topk_freq": 4},
            "do not say what indexer_types says",
        ),
        ("qwen3.5-27b", {"layer_types": ["linear_attention"] * 64}, "does not say what layer_types says"),
        (
            "gpt-oss-20b",
            {"experts_per_token": 2},
            "experts_per_token is 2, but num_experts_per_tok makes it 4",
        ),
        (
            "mimo-v2-flash",
            {"sliding_window_size": 64},
            "sliding_window_size is 64, but sliding_window makes it 128",
        ),
    ],
)
def test_keys_that_say_the_same_thing_twice_must_agree(
    name: str, changes: dict[str, Any], part: str, faults: Faults
) -> None:
    keys = json.loads((FOLDER / "checkpoints" / "models" / f"{name}.json").read_text())
    (error,) = faults(keys, **changes)
    assert part in error
