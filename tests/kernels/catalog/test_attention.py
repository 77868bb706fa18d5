"""The attention of a model as an operator."""

import dataclasses

import pytest

from bankside.kernels.catalog.attention import attention_operator, model_attention
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import decode, prefill
from bankside.kernels.formats import FORMATS
from bankside.kernels.models import Heads, Mla, load

BF16 = Precision(*[FORMATS["bf16"]] * 3)


def _mixer(name: str) -> Heads | Mla:
    mixer = load(name).layers[0].mixer
    assert isinstance(mixer, Heads | Mla)
    return mixer


@pytest.mark.parametrize(
    ("name", "kv_heads", "group"),
    [("llama-2-7b", 32, 1), ("llama-3-8b", 8, 4), ("llama-3-70b", 8, 8), ("deepseek-v3", 1, 128)],
)
def test_heads_share_keys_as_the_model_says(name: str, kv_heads: int, group: int) -> None:
    op = attention_operator(_mixer(name), True, decode(2, 64), BF16)
    assert (op.sequences, op.kv_heads, op.group, op.queries) == (2, kv_heads, group, 1)


def test_latent_cache_is_read_once_for_keys_and_values() -> None:
    op = attention_operator(_mixer("deepseek-v3"), True, decode(1, 64), BF16)
    assert (op.d_qk, op.d_v, op.kv_shared) == (576, 512, True)
    assert op.kv_bytes == 64 * 576 * 2


def test_a_sliding_window_bounds_the_decoded_context() -> None:
    model = load("llama-3-8b")
    mixer = dataclasses.replace(_mixer("llama-3-8b"), window=1000)
    layer = dataclasses.replace(model.layers[0], mixer=mixer)
    windowed = dataclasses.replace(model, layers=(layer,) * 32)
    assert attention_operator(mixer, True, decode(1, 5000), BF16).context == 1000
    assert attention_operator(mixer, True, decode(1, 500), BF16).context == 500
    assert "1000" in model_attention(windowed, 0, [decode(1, 5000)], BF16).notes[0]
    filling = model_attention(windowed, 0, [prefill(1, 5000)], BF16)
    assert "1000" in filling.notes[0]
    assert filling.macs == 32 * 2 * 128 * (1000 * 1001 // 2 + 4000 * 1000)
    assert filling.kv_bytes == 5000 * 2 * 8 * 128 * 2
    assert model_attention(windowed, 0, [decode(1, 1000)], BF16).notes == ()


@pytest.mark.parametrize(("context", "met"), [(1, 1), (8, 8), (9, 1), (21, 5), (24, 8)])
def test_a_chunk_bounds_the_decoded_context_to_what_it_holds_so_far(context: int, met: int) -> None:
    mixer = dataclasses.replace(_mixer("llama-3-8b"), chunk=8)
    assert attention_operator(mixer, True, decode(1, context), BF16).context == met
