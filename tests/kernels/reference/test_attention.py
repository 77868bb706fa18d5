"""Attention in plain numpy: identities that lowered forms rest on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from bankside.kernels.reference import attention, rowwise

Array = NDArray[np.float64]


def tiled(q: Array, k: Array, v: Array, causal: bool, tile: int) -> Array:
    """Online softmax over tiles of keys: running maximum, running sum, rescaled accumulator."""
    kv_heads, group, queries, d = q.shape
    context = k.shape[1]
    out = np.zeros((kv_heads, group, queries, v.shape[2]))
    for head, member, query in np.ndindex(kv_heads, group, queries):
        seen = context - queries + query + 1 if causal else context
        top, total, sums = -np.inf, 0.0, np.zeros(v.shape[2])
        for start in range(0, seen, tile):
            stop = min(start + tile, seen)
            scores = k[head, start:stop] @ q[head, member, query] / np.sqrt(d)
            new_top = max(top, scores.max())
            scale, weights = np.exp(top - new_top), np.exp(scores - new_top)
            total = total * scale + weights.sum()
            sums = sums * scale + weights @ v[head, start:stop]
            top = new_top
        out[head, member, query] = sums / total
    return out


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 99),
    kv_heads=st.integers(1, 3),
    group=st.integers(1, 3),
    queries=st.integers(1, 5),
    cached=st.integers(0, 9),
    tile=st.integers(1, 6),
    causal=st.booleans(),
)
def test_tiles_of_any_length_give_the_same_attention(
    seed: int, kv_heads: int, group: int, queries: int, cached: int, tile: int, causal: bool
) -> None:
    rng = np.random.default_rng(seed)
    context = cached + queries
    q = 4 * rng.standard_normal((kv_heads, group, queries, 5))
    k, v = rng.standard_normal((kv_heads, context, 5)), rng.standard_normal((kv_heads, context, 7))
    np.testing.assert_allclose(tiled(q, k, v, causal, tile), attention(q, k, v, causal), atol=1e-12)


def test_a_group_equals_its_heads_one_by_one_with_copied_keys() -> None:
    rng = np.random.default_rng(0)
    q, k, v = (rng.standard_normal(shape) for shape in ((2, 3, 4, 5), (2, 6, 5), (2, 6, 5)))
    copied = attention(q.reshape(6, 1, 4, 5), np.repeat(k, 3, axis=0), np.repeat(v, 3, axis=0), causal=True)
    np.testing.assert_allclose(attention(q, k, v, causal=True).reshape(6, 1, 4, 5), copied, atol=1e-14)


def test_causal_queries_do_not_see_what_follows() -> None:
    rng = np.random.default_rng(1)
    q, k, v = (rng.standard_normal(shape) for shape in ((1, 1, 4, 5), (1, 6, 5), (1, 6, 5)))
    before = attention(q, k, v, causal=True)
    k[0, 5], v[0, 5] = 9.0, 9.0
    after = attention(q, k, v, causal=True)
    np.testing.assert_array_equal(before[0, 0, :3], after[0, 0, :3])
    assert np.abs(before[0, 0, 3] - after[0, 0, 3]).max() > 0.1


@pytest.mark.parametrize("context", [1, 7])
def test_absorbed_latent_attention_equals_expanded_keys_and_values(context: int) -> None:
    """What decoding absorbs (kv_b_proj_k into queries, kv_b_proj_v after) against what prefill expands."""
    rng = np.random.default_rng(2)
    heads, nope, rope, latent, width = 3, 4, 2, 6, 5
    up_k, up_v = rng.standard_normal((heads, latent, nope)), rng.standard_normal((heads, latent, width))
    cache, rotary = rng.standard_normal((context, latent)), rng.standard_normal((context, rope))
    q_nope, q_rope = rng.standard_normal((heads, nope)), rng.standard_normal((heads, rope))

    shared = np.broadcast_to(rotary, (heads, context, rope))
    keys = np.concatenate([np.einsum("tl,hln->htn", cache, up_k), shared], axis=-1)
    values = np.einsum("tl,hlv->htv", cache, up_v)
    query = np.concatenate([q_nope, q_rope], axis=-1)
    expanded = attention(query[:, None, None, :], keys, values, causal=True)[:, 0, 0]

    absorbed = np.concatenate([np.einsum("hn,hln->hl", q_nope, up_k), q_rope], axis=-1)
    row = np.concatenate([cache, rotary], axis=-1)
    # The scale is that of the expanded width, so the absorbed query is rescaled to cancel the wider row's.
    absorbed *= np.sqrt((latent + rope) / (nope + rope))
    latent_out = attention(absorbed[None, :, None, :], row[None], row[None, :, :latent], causal=True)[0, :, 0]
    np.testing.assert_allclose(np.einsum("hl,hlv->hv", latent_out, up_v), expanded, atol=1e-12)


def test_uniform_scores_average_the_values() -> None:
    v = np.arange(12.0).reshape(1, 4, 3)
    out = attention(np.zeros((1, 1, 1, 2)), np.ones((1, 4, 2)), v, causal=True)
    np.testing.assert_allclose(out[0, 0, 0], v[0].mean(axis=0))
    np.testing.assert_allclose(rowwise("softmax", np.zeros((2, 5))), 0.2)
