"""The attention of a model as an operator."""

import dataclasses

import pytest

from bankside.kernels.catalog.attention import attention_operator, model_attention
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import decode, prefill
from bankside.kernels.formats import FORMATS
from bankside.kernels.models import load

BF16 = Precision(*[FORMATS["bf16"]] * 3)


@pytest.mark.parametrize(
    ("name", "kv_heads", "group"),
    [("llama-2-7b", 32, 1), ("llama-3-8b", 8, 4), ("llama-3-70b", 8, 8), ("deepseek-v3", 1, 128)],
)
def test_heads_share_keys_as_the_model_says(name: str, kv_heads: int, group: int) -> None:
    op = attention_operator(load(name), decode(2, 64), BF16)
    assert (op.sequences, op.kv_heads, op.group, op.queries) == (2, kv_heads, group, 1)


def test_latent_cache_is_read_once_for_keys_and_values() -> None:
    op = attention_operator(load("deepseek-v3"), decode(1, 64), BF16)
    assert (op.d_qk, op.d_v, op.kv_shared) == (576, 512, True)
    assert op.kv_bytes == 64 * 576 * 2


def test_a_sliding_window_bounds_the_decoded_context() -> None:
    windowed = dataclasses.replace(load("llama-3-8b"), window=1000)
    assert attention_operator(windowed, decode(1, 5000), BF16).context == 1000
    assert attention_operator(windowed, decode(1, 500), BF16).context == 500
    assert "1000" in model_attention(windowed, decode(1, 5000), BF16).notes[0]
    assert "ignored in prefill" in model_attention(windowed, prefill(1, 5000), BF16).notes[0]
    assert model_attention(windowed, decode(1, 1000), BF16).notes == ()
