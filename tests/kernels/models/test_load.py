"""Reading config.json files: shapes, defaults, and every error at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.models import FAMILIES, Heads, load, names, parameters, path_of


def shipped(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(path_of(name).read_text())
    return data


def write(folder: Path, data: object) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(data))
    return path


def errors_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path)
    return caught.value.errors


@pytest.mark.parametrize("name", names())
def test_a_copy_elsewhere_reads_the_same(name: str, tmp_path: Path) -> None:
    write(tmp_path, shipped(name))
    by_file, by_folder, by_name = load(tmp_path / "config.json"), load(tmp_path), load(name)
    assert by_file == by_folder
    assert parameters(by_file) == parameters(by_name)


@pytest.mark.parametrize(
    ("name", "format"),
    [("llama-2-7b", "fp16"), ("llama-3-8b", "bf16"), ("deepseek-v3", "bf16"), ("gpt2", "bf16")],
)
def test_torch_dtype_is_the_default_format_and_an_assumed_one_is_noted(name: str, format: str) -> None:
    model = load(name)
    assert model.format.name == format
    assert bool(model.format_note) == ("torch_dtype" not in shipped(name))
    assert bool(model.weight_note) == ("quantization_config" in shipped(name))


def test_newer_files_say_dtype(tmp_path: Path) -> None:
    data = shipped("llama-3-8b")
    data["dtype"] = data.pop("torch_dtype").replace("bfloat16", "float16")
    assert load(write(tmp_path, data)).format.name == "fp16"


@pytest.mark.parametrize("name", names())
def test_all_missing_keys_are_named_at_once(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, {"model_type": shipped(name)["model_type"]})
    errors = errors_of(path)
    assert len(errors) >= 5
    assert all(error.startswith(f"{path}: ") and error.endswith("is needed and missing.") for error in errors)
    missing = {error.removeprefix(f"{path}: ").split()[0] for error in errors}
    assert missing <= set(shipped(name))
    for key in missing:
        assert load(write(tmp_path, shipped(name))) is not None
        one = shipped(name)
        del one[key]
        assert errors_of(write(tmp_path, one)) == [f"{path}: {key} is needed and missing."]


def test_wrong_values_are_named_with_what_they_are(tmp_path: Path) -> None:
    data = shipped("llama-3-8b") | {
        "hidden_size": "4096",
        "num_hidden_layers": 0,
        "vocab_size": True,
        "hidden_act": ["silu"],
        "tie_word_embeddings": "no",
        "torch_dtype": "float7",
    }
    text = "\n".join(errors_of(write(tmp_path, data)))
    for part in (
        "hidden_size is '4096', not a whole number",
        "num_hidden_layers is 0, not a whole number from 1 to 10000",
        "vocab_size is True",
        "hidden_act is ['silu']; known are silu",
        "tie_word_embeddings is 'no', not true or false",
        "torch_dtype is 'float7'; known are float32",
    ):
        assert part in text


def test_a_wrong_key_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    text = json.dumps(shipped("llama-3-8b"), indent="\t").replace("4096", "-4096", 1)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    line = text.splitlines().index('\t"hidden_size": -4096,') + 1
    assert errors_of(path) == [
        f"{path}:{line}: hidden_size is -4096, not a whole number from 1 to 2147483648."
    ]


@pytest.mark.parametrize(
    ("name", "change", "part"),
    [
        ("llama-3-8b", {"num_key_value_heads": 5}, "num_key_value_heads = 5 does not divide"),
        ("bert-base", {"num_attention_heads": 7}, "num_attention_heads = 7 does not divide"),
        ("gpt2", {"n_head": 7}, "n_head = 7 does not divide"),
        ("mixtral-8x7b", {"num_experts_per_tok": 9}, "more than the 8 experts"),
        ("deepseek-v3", {"num_experts_per_tok": 257}, "more than the 256 experts"),
        ("deepseek-v3", {"first_k_dense_replace": 62}, "more than the 61 layers"),
        ("llama-3-8b", {"model_type": "rwkv"}, "known are baichuan, bert, bloom"),
        ("llama-3-8b", {"model_type": ["llama"]}, "which is not modelled"),
        ("llama-3-8b", {"model_type": None}, "model_type is missing"),
    ],
)
def test_contradictions_are_one_sentence(
    name: str, change: dict[str, Any], part: str, tmp_path: Path
) -> None:
    (error,) = errors_of(write(tmp_path, shipped(name) | change))
    assert part in error


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"a": 1,\n  "b": }', ":2:8: is not valid JSON"),
        ("[1]", "holds a JSON list"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ("[" * 100_000, "nested too deeply"),
        ("", ":1:1: is not valid JSON"),
        (" " * (8 << 20) + "{}", "larger than 8 MiB"),
    ],
)
def test_what_is_no_config_is_told_with_its_place(text: str, part: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    (error,) = errors_of(path)
    assert part in error
    assert error.startswith(str(path))


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(b'{"a": "\xff"}')
    assert errors_of(path) == [f"{path}:1: is not UTF-8 text: byte 7 is invalid."]


def test_an_unknown_name_lists_the_shipped_models(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path / "llama-9")
    assert all(name in error for name in names())


def test_relatives_without_a_shipped_file(tmp_path: Path) -> None:
    # llm_shapes-137 and -101: Qwen3-8B 8.1907 B, Mistral-7B 7.2417 B
    base = shipped("llama-3-8b") | {"vocab_size": 151936, "num_hidden_layers": 36, "intermediate_size": 12288}
    qwen3 = load(write(tmp_path, base | {"model_type": "qwen3", "head_dim": 128}))
    assert parameters(qwen3).total / 1e9 == pytest.approx(8.1907, abs=1e-4)
    changes = {"model_type": "mistral", "vocab_size": 32000, "sliding_window": 4096}
    mistral = load(write(tmp_path, shipped("llama-3-8b") | changes))
    assert parameters(mistral).total / 1e9 == pytest.approx(7.2417, abs=1e-4)
    assert {layer.mixer.window for layer in mistral.layers if isinstance(layer.mixer, Heads)} == {4096}
    # llm_shapes-154 to -157: Qwen3-30B-A3B
    moe = base | {
        "model_type": "qwen3_moe",
        "hidden_size": 2048,
        "num_key_value_heads": 4,
        "head_dim": 128,
        "num_hidden_layers": 48,
        "num_experts": 128,
        "num_experts_per_tok": 8,
        "moe_intermediate_size": 768,
    }
    counted = parameters(load(write(tmp_path, moe)))
    assert counted.total / 1e9 == pytest.approx(30.5321, abs=1e-3)
    assert counted.active / 1e9 == pytest.approx(3.353, abs=1e-3)


def test_families_are_what_the_error_lists() -> None:
    assert {"gpt2", "bert", "llama", "mistral", "qwen2", "mixtral", "deepseek_v3"} <= set(FAMILIES)
