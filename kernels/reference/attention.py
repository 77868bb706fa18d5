"""Attention itself, with all scores in memory."""

import numpy as np
from numpy.typing import NDArray


def attention(
    q: NDArray[np.float64],
    k: NDArray[np.float64],
    v: NDArray[np.float64],
    causal: bool,
    window: int = 0,
    chunk: int = 0,
) -> NDArray[np.float64]:
    """softmax(q k^T / sqrt(d_qk)) v, each query head with the keys of its group.

    Parameters
    ----------
    q
        Shape (kv_heads, group, queries, d_qk).
    k
        Shape (kv_heads, context, d_qk).
    v
        Shape (kv_heads, context, d_v).
    causal
        Query i sees keys 0 .. context - queries + i.
    window, chunk
        As in the operator.

    Returns
    -------
    Shape (kv_heads, group, queries, d_v).
    """
    queries, context, d_qk = q.shape[2], k.shape[1], q.shape[3]
    scores = np.einsum("hgqd,hkd->hgqk", q, k) / np.sqrt(d_qk)
    key, query = np.arange(context)[None, :], context - queries + np.arange(queries)[:, None]
    hidden = (key > query) & causal
    if window:
        hidden |= np.abs(query - key) > (window - 1 if causal else window // 2)
    if chunk:
        hidden |= query // chunk != key // chunk
    scores = np.where(hidden, -np.inf, scores)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(np.einsum("hgqk,hkd->hgqd", weights / weights.sum(axis=-1, keepdims=True), v))
