"""Quantised checkpoints are run in the formats that they are stored in, unless others are asked for."""

import json
from pathlib import Path
from typing import Any

import pytest

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.formats import FORMATS
from bankside.kernels.models import load, path_of
from bankside.kernels.models.storage import weight_bytes

GROUP = {"weights": {"num_bits": 4, "type": "float", "group_size": 16}, "targets": ["Linear"]}
NVFP4 = {
    "quant_method": "compressed-tensors",
    "config_groups": {"group_0": GROUP},
    "kv_cache_scheme": {"num_bits": 8, "type": "float"},
    "ignore": ["lm_head", "model.layers.0.self_attn*", "re:.*layers.3.mlp.down_proj"],
}


def written(folder: Path, name: str, **changes: Any) -> str:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path_of(name).read_text()) | changes))
    return str(path)


def test_every_weight_of_a_step_has_its_checkpoints_format(tmp_path: Path) -> None:
    path = written(tmp_path, "llama-3-8b", quantization_config=NVFP4)
    step = build("decode-step", model=path, context=1000)
    assert step.resident_bytes["weights"] == weight_bytes(load(path))
    assert step.resident_bytes["kv"] == 1000 * 32 * 2 * 8 * 128
    assert [phase.label for phase in step.phases] == [
        "layers 0-0 (dense)",
        "layers 1-2 (dense)",
        "layers 3-3 (dense)",
        "layers 4-31 (dense)",
        "head",
    ]
    assert step.parameters["weights_format"] == "nvfp4"
    assert step.parameters["kv_format"] == "fp8_e4m3"
    assert any("quantised" in note for note in step.notes)


def test_experts_that_no_token_visits_are_resident_in_their_format() -> None:
    step = build("decode-step", model="deepseek-v3", context=10, batch=4)
    assert step.resident_bytes["weights"] == weight_bytes(load("deepseek-v3"))


def test_formats_that_are_asked_for_override_the_checkpoints(tmp_path: Path) -> None:
    path = written(tmp_path, "llama-3-8b", quantization_config=NVFP4)
    plain = build("decode-step", model="llama-3-8b", context=100)
    asked = build("decode-step", model=path, context=100, format="bf16")
    assert asked.resident_bytes == plain.resident_bytes
    weights = build("decode-step", model=path, context=100, weights_format="int8")
    assert weights.weights_bytes < 0.51 * plain.weights_bytes
    assert weights.parameters["kv_format"] == "fp8_e4m3"
    kv = build("decode-attention", model=path, context=100, kv_format="bf16")
    assert kv.kv_bytes == plain.resident_bytes["kv"] // 32


def test_an_unknown_format_is_refused_where_it_is_read_and_no_earlier(tmp_path: Path) -> None:
    path = written(
        tmp_path, "llama-3-8b", quantization_config={"quant_method": "gptq", "bits": 3, "group_size": 10**9}
    )
    assert "int3_g1000000000" not in FORMATS
    with pytest.raises(ConfigError, match="int3_g1000000000, which is not known"):
        build("layer", model=path, context=10)
    assert build("decode-attention", model=path, context=10).kv_bytes > 0
    assert build("layer", model=path, context=10, weights_format="int4_g64").weights_bytes > 0
