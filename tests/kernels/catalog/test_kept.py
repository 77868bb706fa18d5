"""What decode attention reads when it does not read all of its cache."""

from typing import Any

import numpy as np
import pytest

from bankside.kernels.catalog.catalog import build
from bankside.kernels.operators import Attention, Kernel, MatMul
from bankside.kernels.reference.operators import compute

HEADS = {"heads": 8, "kv_heads": 2, "head_dim": 16}


def decode(**options: Any) -> Kernel:
    return build("decode-attention", **(HEADS | {"context": 4096} | options))


@pytest.mark.parametrize(("page", "budget"), [(16, 256), (32, 1024), (16, 4096)])
def test_quest_reads_bounds_of_all_pages_and_the_keys_of_some(page: int, budget: int) -> None:
    share = decode(keep="quest", budget=budget, page=page).kv_bytes / decode().kv_bytes
    assert share == (1 / page + budget / 4096 if budget < 4096 else 1)


def test_what_is_not_picked_still_takes_room_and_what_is_evicted_does_not() -> None:
    whole = decode().resident_bytes["kv"]
    assert decode(keep="quest", budget=256).resident_bytes["kv"] == whole + whole // 16
    assert decode(keep="streaming", budget=256).resident_bytes["kv"] == whole // 16


def test_the_bound_of_a_page_is_a_product_of_signs_and_extremes() -> None:
    kernel = decode(keep="quest", budget=16, context=64, page=16)
    (product,) = [op for _, op in kernel.operators() if isinstance(op, MatMul)]
    rng = np.random.default_rng(3)
    q, keys = rng.normal(size=(2, 4, 16)), rng.normal(size=(2, 4, 16, 16))  # heads, pages, keys, elements
    least, most = keys.min(axis=2), keys.max(axis=2)
    signs = np.concatenate([np.maximum(q, 0), np.minimum(q, 0)], axis=-1)
    bounds = np.concatenate([most, least], axis=-1).transpose(0, 2, 1)
    found = compute(product, {product.a.name: signs, product.b.name: bounds})[product.out.name]
    larger = np.maximum(q[:, :, None] * least[:, None], q[:, :, None] * most[:, None]).sum(axis=-1)
    assert found == pytest.approx(larger)


def test_h2o_adds_up_what_each_token_earned_and_looks_for_the_least() -> None:
    labels = [op.label for _, op in decode(keep="h2o", budget=100).operators()]
    assert labels == ["attention", "attention.head_sums", "attention.accumulate", "attention.evict"]
    alone = [op.label for _, op in decode(keep="h2o", budget=100, kv_heads=8).operators()]
    assert alone == ["attention", "attention.accumulate", "attention.evict"]
    (sums,) = [op for _, op in decode(keep="h2o", budget=100).operators() if op.label.endswith("head_sums")]
    assert sum(each.elements for each in sums.inputs) == 8 * 100  # every probability
    kept = decode(keep="h2o", budget=100).kv_bytes - decode(keep="snapkv", budget=100).kv_bytes
    assert kept == 2 * 100 * 2  # a sum of two bytes for each token of each key-value head


def test_the_newest_tokens_are_read_as_they_came() -> None:
    kernel = decode(kv_format="int4_g32", residual=128)
    old, new = (op for _, op in kernel.operators() if isinstance(op, Attention))
    assert (old.context, new.context) == (4096 - 128, 128)
    assert new.kv_bytes == 2 * 128 * 2 * 16 * 2
    assert kernel.kv_bytes == old.kv_bytes + new.kv_bytes
    assert "The newest 128 tokens are in bf16; one token is quantised each step." in kernel.notes
    short = decode(kv_format="int4_g32", residual=128, context=100)
    assert "The newest 100 tokens are in bf16; none is old enough to be quantised." in short.notes


def test_contexts_of_a_batch_may_differ() -> None:
    kernel = decode(context=None, contexts="100x2,7,100")
    assert [(op.sequences, op.context) for _, op in kernel.operators()] == [(3, 100), (1, 7)]
    assert kernel.kv_bytes == (3 * 100 + 7) * 2 * 2 * 16 * 2


def test_a_window_leaves_the_newest_tokens() -> None:
    assert decode(window=100).kv_bytes == decode(context=100).kv_bytes
    filling = build("prefill-attention", **HEADS, context=512, window=64)
    assert filling.macs == 8 * 2 * 16 * (64 * 65 // 2 + (512 - 64) * 64)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"window": 0}, "window is 0"),
        ({"kv_heads": 3}, "3 does not divide"),
        ({"keep": "h2o"}, "budget is needed for h2o"),
        ({"budget": 9}, "budget cannot be given without keep"),
        ({"keep": "h2o", "budget": 9, "page": 4}, "page cannot be given without keep quest"),
        ({"residual": 4}, "give a kv_format"),
        ({"contexts": "3x0"}, "'3x0'"),
        ({"contexts": "3"}, "context cannot be given together with contexts"),
        ({"contexts": "3", "context": None, "batch": 2}, "batch cannot be given together"),
        ({"context": None}, "context is needed"),
    ],
)
def test_what_contradicts_is_told(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Exception, match=sentence):
        decode(**options)
