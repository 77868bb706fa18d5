"""Grouped-query attention of a layer: projections, norms and turns of queries and keys, gates."""

from bankside.kernels.catalog.attention import cache_of, layer_attention
from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.parts.caches import appended_in, cached, unrounded
from bankside.kernels.catalog.parts.indexer import indexer_operators
from bankside.kernels.catalog.parts.norms import gate, norm
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Heads
from bankside.kernels.operators import Operator, RowWise, Tensor


def head_operators(
    hidden: int, mixer: Heads, causal: bool, step: Step, x: Tensor, precision: Precision
) -> list[Operator]:
    """From the normed stream `x` to the results of all heads, projected back to `hidden`."""
    tokens, width = step.tokens, mixer.head_dim
    plain = cache_of(mixer, causal, step, precision)
    q = projection("attn.q_proj", x, mixer.heads * width, precision)
    operators: list[Operator] = [q]
    asked, keys = q.out, None
    if mixer.own_keys:
        k = cached("attn.k_proj", x, mixer.kv_heads * width, step, precision, plain.k.name)
        operators.append(k)
        keys = unrounded(k.out, "attn.k_new", (tokens, mixer.kv_heads * width), precision)
        operators.append(_values(mixer, x, keys, plain.v.name, step, precision))
    if mixer.qk_norm:
        operators.append(normed := _norm("attn.q_norm", mixer, asked, mixer.heads))
        asked = normed.out
        if keys is not None:
            operators.append(normed := _norm("attn.k_norm", mixer, keys, mixer.kv_heads))
            keys = normed.out
    if mixer.rotary:
        operators.append(turned := _turned(mixer, asked, keys, precision))
        asked = turned.out.part("attn.q_turned", asked.shape)
    if mixer.indexer is not None:
        operators += indexer_operators(mixer.indexer, step, x, x, precision)
    found = layer_attention(mixer, causal, step, precision, asked)
    operators += found.operators
    made = found.out.part("attn.attended", (tokens, mixer.heads * mixer.v_dim))
    if mixer.gate:
        operators += gate("attn", x, made, mixer.heads if mixer.gate == "head" else 0, precision)
        made = operators[-1].outputs[0].part("attn.gated", made.shape)
    return [*operators, projection("attn.o_proj", made, hidden, precision)]


def _values(mixer: Heads, x: Tensor, keys: Tensor, cache: str, step: Step, precision: Precision) -> Operator:
    """Values of a projection of their own, or the keys, normalised without a gain (Gemma-4)."""
    columns = mixer.kv_heads * mixer.v_dim
    if mixer.own_values:
        return cached("attn.v_proj", x, columns, step, precision, cache)
    out = Tensor("attn.v_norm.out", keys.shape, appended_in(step, precision), "kv", cache)
    return norm("attn.v_norm", keys, (keys.elements // mixer.v_dim, mixer.v_dim), 0, out=out)


def _norm(label: str, mixer: Heads, rows: Tensor, heads: int) -> RowWise:
    """A norm of queries or keys over all heads together, or over each by itself, with gains for one or for all."""
    tokens, width = rows.shape
    shape = (tokens, width) if mixer.qk_norm == "whole" else (tokens * heads, mixer.head_dim)
    gains = mixer.norm_rows * (mixer.head_dim if mixer.qk_norm == "head" else width)
    return norm(label, rows, shape, gains, "rmsnorm" if mixer.norm_rows == 1 else "layernorm")


def _turned(mixer: Heads, q: Tensor, k: Tensor | None, precision: Precision) -> RowWise:
    tokens = q.shape[0]
    both = ((q, mixer.heads), *(((k, mixer.kv_heads),) if k is not None else ()))
    turning = tuple(rows.part(f"{rows.name}.rotary", (tokens, heads * mixer.rotary)) for rows, heads in both)
    columns = sum(rows.columns for rows in turning)
    out = Tensor("attn.rope.out", (tokens, columns), precision.activations)
    return RowWise.over("attn.rope", "rope", turning, out)
