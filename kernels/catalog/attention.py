"""Attention over a context: one operator for MHA, GQA and MLA, for decoding and for prefill."""

from dataclasses import replace

from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Model
from bankside.kernels.operators import Attention, Kernel, Phase, Tensor

MLA_NOTE = (
    "Latent attention runs in its absorbed form: keys and values stay latent rows, and the halves of "
    "kv_b_proj on its two sides belong to the layer, not to this kernel."
)


def attention_operator(model: Model, step: Step, precision: Precision, q: Tensor | None = None) -> Attention:
    """The attention of one layer, on queries `q` of that layer or by itself.

    A latent cache (MLA) is used as it is when decoding: all heads share its row of `kv_lora + rope` elements
    as key and its first `kv_lora` as value. In prefill the keys and values of every head are materialised
    from it.
    """
    act, kv = precision.activations, precision.kv
    kv_heads, group, d_qk, d_v, shared = model.kv_heads, model.group, model.head_dim, model.head_dim, False
    if (mla := model.mla) is not None:
        if step.decoding:
            kv_heads, group, d_qk, d_v, shared = 1, model.heads, mla.kv_lora + mla.rope, mla.kv_lora, True
        else:
            kv, d_v = act, mla.v
    shape = (step.sequences, kv_heads, group, step.queries, _context(model, step))
    op = Attention.of("attn.attention", shape, (d_qk, d_v), (act, kv, act), model.causal, shared)
    return op if q is None else replace(op, q=q)


def _context(model: Model, step: Step) -> int:
    """A sliding window bounds what a decoded token sees."""
    return min(step.context, model.window) if model.window and step.decoding else step.context


def window_note(model: Model, step: Step) -> tuple[str, ...]:
    """What a sliding window means for `step`."""
    if not model.window or step.context <= model.window:
        return ()
    if step.decoding:
        return (f"A sliding window of {model.window} tokens bounds the context of {step.context}.",)
    return (f"The sliding window of {model.window} tokens is ignored in prefill: all is counted.",)


def model_attention(model: Model, step: Step, precision: Precision) -> Kernel:
    """The attention of one layer of `model` as a kernel of its own."""
    op = attention_operator(model, step, precision)
    notes = precision.notes + window_note(model, step) + step.notes(model)
    if model.mla is not None and step.decoding:
        notes += (MLA_NOTE,)
    return _kernel({"model": model.name}, op, step, precision, notes)


def plain_attention(
    heads: int, kv_heads: int, head_dim: int, step: Step, precision: Precision, causal: bool = True
) -> Kernel:
    """Attention of `heads` query heads on `kv_heads` key-value heads of width `head_dim`."""
    act, kv, group = precision.activations, precision.kv, heads // kv_heads
    tokens = (step.sequences, kv_heads, group, step.queries, step.context)
    op = Attention.of("attention", tokens, (head_dim, head_dim), (act, kv, act), causal)
    shape: dict[str, int | str] = {"heads": heads, "kv_heads": kv_heads, "head_dim": head_dim}
    return _kernel(shape, op, step, precision, ())


def _kernel(
    shape: dict[str, int | str], op: Attention, step: Step, precision: Precision, notes: tuple[str, ...]
) -> Kernel:
    name = "decode-attention" if step.decoding else "prefill-attention"
    parameters = shape | {"context": step.context, "batch": step.sequences}
    if not step.decoding:
        parameters |= {"mask": "causal" if op.causal else "full"}
    formats: dict[str, int | str] = {"format": op.q.format.name, "kv_format": op.k.format.name}
    return Kernel(name, parameters | formats, precision.activations, (Phase(1, (op,)),), notes)
