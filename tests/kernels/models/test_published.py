"""Files as they are published: keys that change nothing are read, and two keys of one thing must say the same."""

from collections.abc import Callable
from typing import Any

import pytest

from bankside.kernels.models import Model, load, parameters
from bankside.kernels.models.describe import describe, streamed_bytes
from bankside.validation.claims import FOLDER

Read = Callable[..., Model]
LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "vocab_size": 100,
    "max_position_embeddings": 256,
}
NVFP4 = {"num_bits": 4, "type": "float", "group_size": 16}
QUANTISED: dict[str, Any] = {
    "quant_method": "modelopt",
    "quant_algo": "NVFP4",
    "kv_cache_scheme": {"num_bits": 8, "type": "float"},
}


def path(name: str) -> str:
    return str(FOLDER / "checkpoints" / "models" / f"{name}.json")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("opt-350m", {"_remove_final_layer_norm": False}),
        ("baichuan2-7b", {"_from_model_config": True, "model_max_length": 4096}),
        ("distilbert-base", {"tie_weights_": True}),
        ("falcon-7b", {"ff_factor": 4}),
        ("gemma-2-9b", {"sliding_window_size": 4096}),
        ("granite-4.0-h-tiny", {"init_method": "mup", "normalization_function": "rmsnorm"}),
        ("jamba-v0.1", {"calc_logits_for_entire_prompt": False, "n_ctx": 262144}),
        ("mamba-2.8b", {"pad_vocab_size_multiple": 8}),
        ("nomic-embed-v1.5", {"dense_seq_output": True, "max_trained_positions": 2048}),
        ("phi-3-mini-4k", {"full_attn_mod": 1, "interpolate_factor": 1, "lm_head_bias": False}),
        ("starcoder", {"inference_runner": 0, "pad_key_length": True, "validate_runner_input": True}),
        ("starcoder", {"max_batch_size": None, "pre_allocate_kv_cache": False}),
    ],
)
def test_what_files_say_beside_shapes_changes_nothing(read: Read, name: str, keys: dict[str, Any]) -> None:
    assert read(path(name), **keys) == read(path(name))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("falcon-7b", {"ff_factor": 3}),
        ("gemma-2-9b", {"sliding_window_size": 2048}),
        ("glm-5", {"head_dim": 65}),
        ("granite-4.0-h-tiny", {"normalization_function": "layernorm"}),
        ("jamba-v0.1", {"mamba_inner_layernorms": False}),
        ("minimax-m2.5", {"sliding_window": 512}),
        ("minimax-m3", {"first_k_dense_replace": 4}),
        ("minimax-m3", {"partial_rotary_factor": 0.25}),
        ("nemotron-3-nano-30b-a3b", {"sliding_window": 512}),
        ("nemotron-3-nano-30b-a3b", {"n_shared_experts": 2}),
        ("phi-3-mini-4k", {"full_attn_mod": 2}),
        ("phi-3-mini-4k", {"lm_head_bias": True}),
        ("t5-base", {"is_gated_act": True}),
    ],
)
def test_two_keys_of_one_thing_that_disagree_are_refused_by_name(
    faults: Callable[..., list[str]], name: str, keys: dict[str, Any]
) -> None:
    (key,) = keys
    assert any(f"{key} " in sentence for sentence in faults(path(name), **keys))


def test_switches_of_sparse_attention_are_obeyed(read: Read, faults: Callable[..., list[str]]) -> None:
    kinds = [0, 0, 0, *[1] * 57]
    sparse = {
        "sparse_attention_freq": kinds,
        "sparse_disable_index_value": kinds,
        "sparse_num_index_heads": 4,
        "sparse_index_dim": 128,
        "sparse_topk_blocks": 16,
        "sparse_block_size": 128,
        "use_sparse_attention": True,
    }
    base = {
        "layer_types": None,
        **dict.fromkeys(("index_n_heads", "index_head_dim", "index_topk_blocks", "index_block_size")),
    }
    count = [
        layer.kinds[0] for layer in read(path("minimax-m3"), **base, sparse_attention_config=sparse).layers
    ]
    assert count.count("sparse") == 57
    off = sparse | {"use_sparse_attention": False}
    assert {
        layer.kinds[0] for layer in read(path("minimax-m3"), **base, sparse_attention_config=off).layers
    } == {"full"}
    valued = sparse | {"sparse_disable_index_value": [0] * 60}
    (error,) = faults(path("minimax-m3"), **base, sparse_attention_config=valued)
    assert "sparse_disable_index_value asks for values" in error


def test_the_first_llama_calls_its_context_otherwise(read: Read) -> None:
    first = {**LLAMA, "max_position_embeddings": None, "max_sequence_length": 2048}
    assert read(first).max_positions == 2048


def test_a_chat_model_has_the_head_of_its_language_part(read: Read) -> None:
    outer = {"model_type": "internvl_chat", "architectures": ["InternVLChatModel"], "llm_config": LLAMA}
    assert read(outer).head.kind == "causal"
    assert read(outer | {"architectures": ["LlavaForSequenceClassification"]}).head.kind == "classifier"


def test_a_head_tied_outside_and_not_inside_is_refused(read: Read, faults: Callable[..., list[str]]) -> None:
    nested = {
        "model_type": "x",
        "architectures": ["XForCausalLM"],
        "text_config": LLAMA | {"tie_word_embeddings": True},
    }
    assert read(nested).head.tied
    assert read(nested, tie_word_embeddings=True).head.tied
    (error,) = faults(nested, tie_word_embeddings=False)
    assert "text_config.tie_word_embeddings is True, but False outside" in error


def test_qwen_windows_by_default_where_the_key_is_missing_and_not_where_it_is_null(read: Read) -> None:
    qwen = LLAMA | {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "use_sliding_window": True}
    qwen["max_window_layers"] = 1
    assert [layer.kinds[0] for layer in read(qwen).layers] == ["full", "sliding"]
    assert [layer.kinds[0] for layer in read(qwen, sliding_window=None).layers] == ["full", "full"]


def test_opt_without_weights_in_its_norms(read: Read) -> None:
    plain, bare = read(path("opt-1.3b")), read(path("opt-1.3b"), layer_norm_elementwise_affine=False)
    assert parameters(plain).total - parameters(bare).total == (2 * 24 + 1) * 2 * 2048


def test_a_gate_in_the_queries_projection_has_its_bias(read: Read) -> None:
    name = path("qwen3.5-27b")
    more = parameters(read(name, attention_bias=True)).total - parameters(read(name)).total
    # 16 full layers: queries and gate of 24 heads x 256, keys and values of 4, results of 5120
    assert more == 16 * (2 * 24 * 256 + 2 * 4 * 256 + 5120)


def test_a_state_space_of_other_widths_than_expand_says_is_refused(
    read: Read, faults: Callable[..., list[str]]
) -> None:
    mamba = {
        "model_type": "mamba2",
        "architectures": ["Mamba2ForCausalLM"],
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_heads": 8,
        "head_dim": 16,
        "n_groups": 1,
        "state_size": 16,
        "vocab_size": 100,
        "intermediate_size": 128,
    }
    assert read(mamba).layers[0].kinds == ("ssm", "none")
    assert any("expand x hidden_size = 256" in sentence for sentence in faults(mamba, expand=4))
    assert any("intermediate_size is 96" in sentence for sentence in faults(mamba, intermediate_size=96))


def test_cache_and_weights_of_a_step_are_counted_in_the_checkpoints_formats(read: Read) -> None:
    plain, stored = read(LLAMA), read(LLAMA, quantization_config=QUANTISED)
    assert plain.kv_bytes_per_token() == 2 * stored.kv_bytes_per_token() == 2 * 2 * 2 * 64
    data = describe(stored)
    assert (data["kv_format"], data["kv_bytes_per_token"]) == ("fp8_e4m3", 2 * 2 * 64)
    assert [layer["kv_bytes_per_token"] for layer in data["layers"]] == [2 * 64] * 2
    matrices = 2 * (4 * 64 * 64 + 3 * 64 * 128) + 100 * 64
    norms = 5 * 64
    assert streamed_bytes(plain) == 2 * (matrices + norms)
    assert streamed_bytes(stored) == matrices * 9 // 16 + 2 * norms


def test_experts_that_a_token_does_not_meet_are_not_streamed() -> None:
    model = load(path("gpt-oss-20b"))
    assert streamed_bytes(model) == 2 * parameters(model).streamed


def test_groups_of_another_format_than_the_algorithm_are_refused(
    read: Read, faults: Callable[..., list[str]]
) -> None:
    groups = {"group_0": {"targets": ["Linear"], "weights": NVFP4}}
    assert read(LLAMA, quantization_config=QUANTISED | {"config_groups": groups}).stored.weights == "nvfp4"
    eight = {"group_0": {"targets": ["Linear"], "weights": {"num_bits": 8, "type": "float"}}}
    (error,) = faults(LLAMA, quantization_config=QUANTISED | {"config_groups": eight})
    assert "config_groups is not of the format nvfp4" in error
