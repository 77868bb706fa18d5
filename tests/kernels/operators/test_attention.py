"""Counts of attention against an explicit mask, and against published intensities."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import Attention

BF16, INT8 = FORMATS["bf16"], FORMATS["int8"]


def attention(
    queries: int,
    context: int,
    kv_heads: int = 1,
    group: int = 1,
    d_qk: int = 1,
    d_v: int = 1,
    shared: bool = False,
    causal: bool = True,
    sequences: int = 1,
) -> Attention:
    shape = (sequences, kv_heads, group, queries, context)
    return Attention.of("x", shape, (d_qk, d_v), (BF16, BF16, BF16), causal, shared)


@given(queries=st.integers(1, 12), cached=st.integers(0, 12), causal=st.booleans())
def test_pairs_are_those_that_the_mask_leaves(queries: int, cached: int, causal: bool) -> None:
    context = cached + queries
    position = cached + np.arange(queries)[:, None]
    seen = np.arange(context)[None, :] <= position if causal else np.ones((queries, context), bool)
    op = attention(queries, context, kv_heads=3, group=2, d_qk=5, d_v=7, causal=causal, sequences=4)
    assert op.pairs == seen.sum()
    assert op.score_elements == 4 * 6 * seen.sum()
    assert op.macs == op.score_elements * (5 + 7)
    assert op.softmax_rows == 4 * 6 * queries
    assert op.softmax_cols == context


def test_one_query_sees_all_of_its_context() -> None:
    assert attention(1, 8192).pairs == attention(1, 8192, causal=False).pairs == 8192


@pytest.mark.parametrize(
    ("kv_heads", "group", "intensity"),
    [(32, 1, 1.0), (8, 4, 4.0), (8, 8, 8.0), (8, 16, 16.0)],
)
def test_decode_intensity_in_bf16_is_query_heads_per_key_value_head(
    kv_heads: int, group: int, intensity: float
) -> None:
    # llm_kernel_facts-143 and -144: H / KV [FLOP/byte], products over the bytes of keys and values
    op = attention(1, 8192, kv_heads, group, 128, 128)
    assert op.matmul_flops / op.kv_bytes == intensity


def test_absorbed_latent_attention_reaches_241_8_flop_per_byte() -> None:
    # llm_kernel_facts-145: 128 (2 x 512 + 64) / (512 + 64) for DeepSeek-V3
    op = attention(1, 4096, 1, 128, 576, 512, shared=True)
    assert op.kv_bytes == 4096 * 576 * 2
    assert op.matmul_flops / op.kv_bytes == pytest.approx(241.8, abs=0.05)


def test_bytes_of_the_parts() -> None:
    op = attention(2, 9, kv_heads=3, group=4, d_qk=5, d_v=7, sequences=11)
    assert op.q.bytes == 2 * 11 * 12 * 2 * 5
    assert op.k.bytes == 2 * 11 * 3 * 9 * 5
    assert op.v.bytes == 2 * 11 * 3 * 9 * 7
    assert op.out_bytes == 2 * 11 * 12 * 2 * 7
    assert op.bytes_min == op.q.bytes + op.k.bytes + op.v.bytes + op.out_bytes
    assert op.score_bytes == 2 * op.score_elements
    assert op.activation_bytes + op.kv_bytes + op.weights_bytes == op.bytes_min


@pytest.mark.parametrize(
    ("n", "intensity", "gflop"), [(128, 63.62, 0.6), (512, 101.95, 9.62), (4096, 123.63, 616.02)]
)
def test_bert_base_scores_and_context_reproduce_kim_et_al_table_3(
    n: int, intensity: float, gflop: float
) -> None:
    # llm_kernel_facts-006, -021, -036: K - 1 additions a sum, scores written and read, 1 byte per element
    op = Attention.of("x", (1, 12, 1, n, n), (64, 64), (INT8, INT8, INT8), causal=False)
    flops = op.matmul_flops - op.score_elements - op.out_bytes
    assert flops / (op.bytes_min + 2 * op.score_bytes) == pytest.approx(intensity, abs=0.01)
    assert 12 * flops / 1e9 == pytest.approx(gflop, rel=0.01)
    assert 12 * op.matmul_flops / 1e9 == pytest.approx(gflop, rel=0.01)


def seen(query: int, key: int, causal: bool, window: int, chunk: int) -> bool:
    """Whether a query meets a key, by the words of the parameters."""
    if causal and key > query:
        return False
    if window and abs(query - key) > (window - 1 if causal else window // 2):
        return False
    return not chunk or query // chunk == key // chunk


@pytest.mark.parametrize("context", [1, 5, 8, 13])
@pytest.mark.parametrize(
    ("causal", "window", "chunk"),
    [
        (True, 0, 0),
        (False, 0, 0),
        (True, 3, 0),
        (True, 20, 0),
        (False, 4, 0),
        (False, 99, 0),
        (True, 0, 4),
        (False, 0, 4),
    ],
)
def test_windows_and_chunks_leave_the_pairs_that_they_say(
    context: int, causal: bool, window: int, chunk: int
) -> None:
    op = Attention.of("a", (1, 1, 1, context, context), (2, 2), (BF16, BF16, BF16), causal)
    op = replace(op, window=window, chunk=chunk)
    tokens = range(context)
    assert op.pairs == sum(seen(q, k, causal, window, chunk) for q in tokens for k in tokens)
