"""Attention to a window and to compressed runs of tokens (DeepSeek-V4).

A run of `ratio` tokens is pooled to one row when its last token comes; a decoded token makes its own row and gates, and
pays its share of pooling. Its query meets the window's rows and all compressed ones, or those that an indexer picks, as
key and value at once. In prefill the runs before a query are met in a second operator, the queries of a run together;
they then see that run too.
"""

from dataclasses import replace

from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.parts.caches import cached, unrounded
from bankside.kernels.catalog.parts.indexer import scores
from bankside.kernels.catalog.parts.norms import norm
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.models.compressed import Compressed
from bankside.kernels.operators import Attention, Operator, RowWise, Tensor


def compressed_operators(
    hidden: int, own: Compressed, step: Step, x: Tensor, precision: Precision
) -> list[Operator]:
    """From the normed stream to the results of all heads, projected back to `hidden`."""
    tokens, act, width = step.tokens, precision.activations, own.heads * own.head_dim
    q_a = projection("attn.q_a_proj", x, own.q_lora, precision)
    q_a_norm = norm("attn.q_a_norm", q_a.out, q_a.out.shape)
    q = projection("attn.q_b_proj", q_a_norm.out, width, precision)
    kv = cached("attn.kv_proj", x, own.head_dim, step, precision, "attn.attention.k")
    row = unrounded(kv.out, "attn.kv_new", (tokens, own.head_dim), precision)
    kv_norm = norm("attn.kv_norm", row, row.shape)
    turning = (
        q.out.part("attn.q_rope", (tokens, own.heads * own.rotary)),
        row.part("attn.k_rope", (tokens, own.rotary)),
    )
    turned = Tensor("attn.rope.out", (tokens, (own.heads + 1) * own.rotary), act)
    operators: list[Operator] = [
        q_a,
        q_a_norm,
        q,
        kv,
        kv_norm,
        RowWise.over("attn.rope", "rope", turning, turned),
    ]
    if own.ratio:
        operators += _compressor("attn.compress", own.head_dim, own, x, precision)
    if own.top:
        operators += _indexer(own, step, x, q_a_norm.out, precision)
    operators += _met(own, step, precision)
    (made,) = operators[-1].outputs
    groups = made.part("attn.groups", (own.o_groups, tokens, width // own.o_groups))
    narrow = projection("attn.o_a_proj", groups, own.o_lora, precision)
    rows = narrow.out.part("attn.o_rows", (tokens, own.o_groups * own.o_lora))
    return [*operators, narrow, projection("attn.o_b_proj", rows, hidden, precision)]


def _met(own: Compressed, step: Step, precision: Precision) -> list[Operator]:
    """Attention to the window and to runs: of one operator when decoding, of two and their sum in prefill."""
    act, width = precision.activations, own.head_dim
    formats = (act, precision.kv, act)
    keys = met(own, step.context) if step.decoding else step.context
    shape = (step.sequences, 1, own.heads, step.queries, keys)
    near = Attention.of("attn.attention", shape, (width, width), formats, kv_shared=True)
    if step.decoding:
        return [near]
    near = replace(near, window=own.window if own.window < step.context else 0)
    if not own.ratio or own.ratio > step.context:
        return [near]
    runs = step.context // own.ratio
    shape = (step.sequences, 1, own.heads * own.ratio, runs, runs)
    far = Attention.of("attn.runs", shape, (width, width), formats, kv_shared=True)
    far = replace(far, window=own.top if own.top < runs else 0)
    whole = far.out.part("attn.runs.padded", near.out.shape)
    both = Tensor("attn.both.out", near.out.shape, act)
    return [near, far, RowWise.over("attn.both", "weighted_sum", (near.out, whole), both)]


def met(own: Compressed, context: int) -> int:
    """Rows that a token's query meets: the window's, and of the compressed ones all or as many as are picked."""
    runs = context // own.ratio if own.ratio else 0
    return min(context, own.window) + (min(runs, own.top) if own.top else runs)


def _compressor(name: str, width: int, own: Compressed, x: Tensor, precision: Precision) -> list[Operator]:
    """Rows of a token and their gates, pooled over a run under a table of positions, and a norm."""
    columns = own.overlap * width
    rows = projection(f"{name}.kv_proj", x, columns, precision)
    gates = projection(f"{name}.gate_proj", x, columns, precision)
    table = Tensor(f"{name}.positions.weight", (own.ratio, columns), precision.activations, "weights")
    out = Tensor(f"{name}.pool.out", rows.out.shape, precision.activations)
    shares = Tensor(f"{name}.shares.out", out.shape, out.format)
    row = out.part(f"{name}.row", (x.shape[0], width))
    return [
        rows,
        gates,
        RowWise(f"{name}.shares", "softmax", x.shape[0], columns, (gates.out,), shares, table),
        RowWise.over(f"{name}.pool", "mul", (shares, rows.out), out),
        norm(f"{name}.norm", row, row.shape),
    ]


def _indexer(own: Compressed, step: Step, x: Tensor, latent: Tensor, precision: Precision) -> list[Operator]:
    """The indexer's own compressed keys, its queries from their latent, and its scores of all runs."""
    operators = _compressor("attn.index", own.index_dim, own, x, precision)
    q = projection("attn.index.q_proj", latent, own.index_heads * own.index_dim, precision)
    operators += [q, projection("attn.index.weights_proj", x, own.index_heads, precision)]
    if runs := step.context // own.ratio:
        cache = Tensor("attn.index.keys", (step.sequences, own.index_dim, runs), precision.kv, "kv")
        operators += scores(own.index_heads, step, q.out, cache, precision)
    return operators
