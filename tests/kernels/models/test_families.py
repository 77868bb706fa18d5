"""Every family: the kinds of its layers, its cache and states, against counts written out here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.models import FAMILIES, Model, load, parameters
from bankside.kernels.models.describe import describe, state_bytes
from bankside.validation.claims import FOLDER

CONFIGS = sorted((FOLDER / "checkpoints" / "models").glob("*.json"))
NAMES = [path.stem for path in CONFIGS]
LAST_FULL = ["sliding"] * 5 + ["full"]


def read(name: str) -> Model:
    return load(FOLDER / "checkpoints" / "models" / f"{name}.json")


# Elements a token caches: layers x key-value heads x (key + value), latent + rotary key, or nothing.
@pytest.mark.parametrize(
    ("name", "elements", "kinds"),
    [
        ("gemma-2-2b", 26 * 4 * 512, ["sliding", "full"] * 13),
        ("gemma-3-1b", 26 * 1 * 512, (LAST_FULL * 5)[:26]),
        ("phi-2", 32 * 32 * 160, ["full"] * 32),
        ("phi-3-mini-4k", 32 * 32 * 192, ["sliding"] * 32),
        ("falcon-7b", 32 * 1 * 128, ["full"] * 32),
        ("falcon-40b", 60 * 8 * 128, ["full"] * 60),
        ("starcoder", 40 * 1 * 256, ["full"] * 40),
        ("starcoder2-7b", 32 * 4 * 256, ["sliding"] * 32),
        ("deepseek-v2-lite", 27 * 576, ["mla"] * 27),
        ("kimi-k2", 61 * 576, ["mla"] * 61),
        ("glm-4.5-air", 46 * 8 * 256, ["full"] * 46),
        ("gpt-oss-20b", 24 * 8 * 128, ["sliding", "full"] * 12),
        ("exaone-4.0-32b", 64 * 8 * 256, ["sliding", "sliding", "sliding", "full"] * 16),
        ("mamba-2.8b", 0, ["ssm"] * 64),
        ("jamba-v0.1", 4 * 8 * 256, (["ssm"] * 4 + ["full"] + ["ssm"] * 3) * 4),
        ("qwen3-next-80b-a3b", 12 * 2 * 512, (["gated-delta"] * 3 + ["full"]) * 12),
        ("kimi-linear-48b-a3b", 7 * 576, (["kimi-delta"] * 3 + ["mla"]) * 6 + ["kimi-delta"] * 2 + ["mla"]),
        ("t5-base", 12 * 12 * 128, ["full"] * 24),
        ("roberta-base", 0, ["full"] * 12),
        ("modernbert-base", 0, (["full"] + ["sliding"] * 2) * 7 + ["full"]),
    ],
)
def test_kinds_and_cache(name: str, elements: int, kinds: list[str]) -> None:
    model = read(name)
    assert model.kv_elements_per_token == elements
    assert [layer.kinds[0] for layer in model.layers] == kinds


def test_nemotron_h_has_one_part_a_layer() -> None:
    model = read("nemotron-3-nano-30b-a3b")
    kinds = [layer.kinds for layer in model.layers]
    assert (kinds.count(("ssm", "none")), kinds.count(("none", "moe")), kinds.count(("full", "none"))) == (
        23,
        23,
        6,
    )
    # 64 heads of 64 channels x 128 states, and 3 earlier rows of 4096 + 2 x 8 x 128 channels, in fp32
    assert state_bytes(model) == 23 * 4 * (64 * 64 * 128 + 3 * (4096 + 2048))


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("mamba-2.8b", 64 * 5120 * (16 + 3)),
        ("qwen3-next-80b-a3b", 36 * (32 * 128 * 128 + 3 * (2 * 16 * 128 + 32 * 128))),
        ("kimi-linear-48b-a3b", 20 * (32 * 128 * 128 + 3 * 3 * 32 * 128)),
        ("llama-3.1-405b", 0),
    ],
)
def test_states_do_not_grow_with_the_context(name: str, state: int) -> None:
    assert state_bytes(read(name)) == 4 * state


@pytest.mark.parametrize(
    ("name", "idle"),
    [
        ("qwen3-30b-a3b", 48 * 120 * 3 * 2048 * 768),
        ("dbrx", 40 * 12 * 3 * 6144 * 10752),
        ("nemotron-3-nano-30b-a3b", 23 * 122 * 2 * 2688 * 1856),
        ("gpt-oss-20b", 24 * 28 * (3 * 2880 * 2880 + 3 * 2880)),
        ("mpt-7b", 0),
    ],
)
def test_a_token_meets_all_but_the_experts_it_does_not_visit(name: str, idle: int) -> None:
    counted = parameters(read(name))
    assert counted.total - counted.active == idle


def test_every_layer_is_described() -> None:
    for name in NAMES:
        model = read(name)
        data = describe(model)
        assert data["parameters"] == parameters(model).total
        assert len(data["layers"]) == len(model.layers)
        assert sum(layer["kv_bytes_per_token"] for layer in data["layers"]) == data["kv_bytes_per_token"]
        assert sum(layer["state_bytes"] for layer in data["layers"]) == data["state_bytes"]
        json.dumps(data, allow_nan=False)


# Values that leave a shape as it is: defaults of the class, or a head that nothing asks for.
NO_MATTER = {
    ("kimi-linear-48b-a3b", "num_key_value_heads"),
    ("qwen3-30b-a3b", "intermediate_size"),
    ("qwen2-57b-a14b", "intermediate_size"),
    ("qwen1.5-moe-a2.7b", "intermediate_size"),
    ("qwen3-next-80b-a3b", "intermediate_size"),
    ("nemotron-3-nano-30b-a3b", "intermediate_size"),
    ("nemotron-3-nano-30b-a3b", "n_shared_experts"),
    ("glm-4.5-air", "num_nextn_predict_layers"),
    ("llama-4-scout", "intermediate_size_mlp"),
}


@pytest.mark.parametrize("path", CONFIGS, ids=NAMES)
def test_a_changed_number_changes_the_model_or_is_refused_by_name(path: Path, tmp_path: Path) -> None:
    data: dict[str, Any] = json.loads(path.read_text())
    file = tmp_path / "config.json"
    file.write_text(json.dumps(data))
    own = load(file)
    for key, value in data.items():
        if type(value) is not int or (path.stem, key) in NO_MATTER:
            continue
        for changed in {2 * value, value + 1} - {value}:
            file.write_text(json.dumps(data | {key: changed}))
            try:
                assert load(file) != own, (key, changed)
            except ConfigError as error:
                assert any(key in sentence or "layers" in sentence for sentence in error.errors), (key, error)


@pytest.mark.parametrize("path", CONFIGS, ids=NAMES)
def test_a_key_of_no_meaning_is_refused_and_a_head_is_as_the_class_says(
    path: Path, read: Callable[..., Model], faults: Callable[..., list[str]]
) -> None:
    data: dict[str, Any] = json.loads(path.read_text())
    (error,) = faults(data, turbo_rank=3)
    assert "turbo_rank is 3, which is not understood" in error
    if data["architectures"][0].endswith("ForCausalLM"):
        code = data["architectures"][0].removesuffix("ForCausalLM")
        assert read(data, architectures=[f"{code}Model"]).head.outputs == 0


def test_each_family_is_told_once() -> None:
    assert len(FAMILIES) >= 80
    types = {json.loads(path.read_text())["model_type"] for path in CONFIGS}
    assert types <= set(FAMILIES)
