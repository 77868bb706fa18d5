"""Parameters and KV bytes of the shipped models against published counts."""

import pytest

from bankside.kernels.formats import FORMATS
from bankside.kernels.models import load, names, parameters


# llm_shapes-002, -011, -020, -047, -074, -083, -128, -165, -175; "streamed" and "active" rows beside them
@pytest.mark.parametrize(
    ("name", "total", "active", "streamed", "attention_per_layer_m"),
    [
        ("gpt2", 0.1244, 0.1244, 0.124, 2.362),
        ("bert-base", 0.1089, 0.1089, None, 2.362),
        ("bert-large", 0.3341, 0.3341, None, 4.198),
        ("llama-2-7b", 6.7384, 6.7384, 6.607, 67.109),
        ("llama-3-8b", 8.0303, 8.0303, 7.505, 41.943),
        ("llama-3-70b", 70.5537, 70.5537, 69.502, 150.995),
        ("qwen2.5-72b", 72.7062, 72.7062, 71.459, 151.005),
        ("mixtral-8x7b", 46.7028, 12.880, 12.749, 41.943),
        ("deepseek-v3", 671.0264, 37.552, 36.625, 187.107),
    ],
)
def test_parameters_in_billions(
    name: str, total: float, active: float, streamed: float | None, attention_per_layer_m: float
) -> None:
    model = load(name)
    counted = parameters(model)
    assert counted.total / 1e9 == pytest.approx(total, abs=1e-4)
    assert counted.active / 1e9 == pytest.approx(active, abs=1e-3)
    if streamed is not None:
        assert counted.streamed / 1e9 == pytest.approx(streamed, abs=2e-3)
    assert counted.attention / len(model.layers) / 1e6 == pytest.approx(attention_per_layer_m, abs=2e-3)


@pytest.mark.parametrize(
    ("name", "exact"),
    [
        ("gpt2", 124_439_808),
        ("llama-2-7b", 6_738_415_616),
        ("llama-3-8b", 8_030_261_248),
        ("mixtral-8x7b", 46_702_792_704),
    ],
)
def test_totals_equal_those_of_the_published_checkpoints(name: str, exact: int) -> None:
    assert parameters(load(name)).total == exact


# llm_shapes-184, -185, -190, -192, -193; units/kv.csv
@pytest.mark.parametrize(
    ("name", "kv_bytes"),
    [
        ("deepseek-v3", 70_272),
        ("qwen2.5-72b", 327_680),
        ("llama-3-8b", 131_072),
        ("llama-3-70b", 327_680),
        ("llama-2-7b", 524_288),
        ("gpt2", 36_864),
    ],
)
def test_kv_bytes_per_token_over_all_layers_in_bf16(name: str, kv_bytes: int) -> None:
    assert load(name).kv_bytes_per_token(FORMATS["bf16"]) == kv_bytes


def test_shipped_models() -> None:
    berts, llamas = ["bert-base", "bert-large"], ["llama-2-7b", "llama-3-70b", "llama-3-8b"]
    assert names() == [*berts, "deepseek-v3", "gpt2", *llamas, "mixtral-8x7b", "qwen2.5-72b"]
