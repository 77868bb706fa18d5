"""Latent attention of a layer, absorbed or expanded, met whole or as an indexer picks."""

from bankside.kernels.catalog.attention import absorbs, attention_operator, layer_attention
from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.parts.caches import cached, unrounded
from bankside.kernels.catalog.parts.indexer import indexer_operators
from bankside.kernels.catalog.parts.norms import gate, norm
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Mla
from bankside.kernels.operators import MatMul, Operator, RowWise, Tensor


def latent_operators(
    hidden: int, mla: Mla, causal: bool, step: Step, x: Tensor, precision: Precision
) -> list[Operator]:
    """From the normed stream to the results of all heads, projected back to `hidden`.

    The absorbed form takes the halves of kv_b_proj apart: the key half goes into the queries, the value half into the
    results, head by head, so that the cache is read as latent rows; the other one expands it to keys and values.
    """
    operators, q = _queries(mla, step, x, precision)
    if mla.indexer is not None:
        asked = operators[1].outputs[0] if mla.q_lora else x
        operators += indexer_operators(mla.indexer, step, x, asked, precision)
    latent = _latent(mla, step, x, q, precision)
    operators += latent
    if absorbs(mla, step):
        operators += _absorbed(mla, causal, step, q, precision)
    else:
        rows = latent[1].outputs[0]
        operators.append(projection("attn.kv_b_proj", rows, mla.heads * (mla.nope + mla.v), precision))
        operators.append(attention_operator(mla, causal, step, precision, q))
    made = operators[-1].outputs[0].part("attn.attended", (step.tokens, mla.heads * mla.v))
    if mla.gate:
        operators += gate("attn", x, made, 0, precision)
        (made,) = operators[-1].outputs
    return [*operators, projection("attn.o_proj", made, hidden, precision)]


def _queries(mla: Mla, step: Step, x: Tensor, precision: Precision) -> tuple[list[Operator], Tensor]:
    """Projections to queries, the last of which makes them; a latent comes through a norm."""
    width = mla.heads * (mla.nope + mla.rope)
    if not mla.q_lora:
        q: MatMul = projection("attn.q_proj", x, width, precision)
        return [q], q.out
    q_a = projection("attn.q_a_proj", x, mla.q_lora, precision)
    q_a_norm = norm("attn.q_a_norm", q_a.out, q_a.out.shape)
    q = projection("attn.q_b_proj", q_a_norm.out, width, precision)
    return [q_a, q_a_norm, q], q.out


def _latent(mla: Mla, step: Step, x: Tensor, q: Tensor, precision: Precision) -> list[Operator]:
    """The new row of the cache, its norm, and the turns of its rotary part and of the queries'."""
    tokens = step.tokens
    kv_a = cached("attn.kv_a_proj", x, mla.kv_lora + mla.rope, step, precision, "attn.latent")
    row = unrounded(kv_a.out, "attn.kv_a_new", (tokens, mla.kv_lora), precision)
    operators: list[Operator] = [kv_a, norm("attn.kv_a_norm", row, row.shape)]
    if mla.rotated:
        turning = (
            q.part("attn.q_rope", (tokens, mla.heads * mla.rope)),
            unrounded(kv_a.out, "attn.k_rope", (tokens, mla.rope), precision),
        )
        turned = Tensor("attn.rope.out", (tokens, (mla.heads + 1) * mla.rope), precision.activations)
        operators.append(RowWise.over("attn.rope", "rope", turning, turned))
    return operators


def _absorbed(mla: Mla, causal: bool, step: Step, q: Tensor, precision: Precision) -> list[Operator]:
    tokens, act, heads = step.tokens, precision.activations, mla.heads
    absorbed = Tensor("attn.q_absorbed", (tokens, heads * (mla.kv_lora + mla.rope)), act)
    nope = q.part("attn.q_nope", (heads, tokens, mla.nope))
    into = Tensor("attn.q_latent", (heads, tokens, mla.kv_lora), act, of=absorbed.name)
    found = layer_attention(mla, causal, step, precision, absorbed)
    results = found.out.part("attn.latent_out", (heads, tokens, mla.kv_lora))
    return [
        projection("attn.kv_b_proj_k", nope, mla.kv_lora, precision, into),
        *found.operators,
        projection("attn.kv_b_proj_v", results, mla.v, precision),
    ]
