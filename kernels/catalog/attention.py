"""Attention over a context: one operator for MHA, GQA and MLA, for decoding and for prefill."""

from dataclasses import replace

from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.runnable import runnable
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Heads, Layer, Mla, Model
from bankside.kernels.operators import Attention, Kernel, Phase, Tensor

MLA_NOTE = (
    "Latent attention runs in its absorbed form: keys and values stay latent rows, and the halves of "
    "kv_b_proj on its two sides belong to the layer, not to this kernel."
)


def attention_operator(
    mixer: Heads | Mla, causal: bool, step: Step, precision: Precision, q: Tensor | None = None
) -> Attention:
    """The attention of one layer, on queries `q` of that layer or by itself.

    A latent cache (MLA) is used as it is when decoding: all heads share its row of `kv_lora + rope` elements
    as key and its first `kv_lora` as value. In prefill the keys and values of every head are materialised
    from it.
    """
    act, kv, context = precision.activations, precision.kv, step.context
    if isinstance(mixer, Heads):
        kv_heads, group, d_qk, d_v, shared = mixer.kv_heads, mixer.group, mixer.head_dim, mixer.v_dim, False
        context = reach(mixer, step)
    elif step.decoding:
        width = mixer.kv_lora + mixer.rope
        kv_heads, group, d_qk, d_v, shared = 1, mixer.heads, width, mixer.kv_lora, True
    else:
        kv = act
        kv_heads, group, d_qk, d_v, shared = mixer.heads, 1, mixer.nope + mixer.rope, mixer.v, False
    shape = (step.sequences, kv_heads, group, step.queries, context)
    op = Attention.of("attn.attention", shape, (d_qk, d_v), (act, kv, act), causal, shared)
    return op if q is None else replace(op, q=q)


def reach(mixer: Heads, step: Step) -> int:
    """Tokens that a decoded token meets: its window, or what its chunk holds so far; all in prefill."""
    if not step.decoding:
        return step.context
    if mixer.chunk:
        return (step.context - 1) % mixer.chunk + 1
    return min(step.context, mixer.window) if mixer.window else step.context


def window_note(layer: Layer, step: Step) -> tuple[str, ...]:
    """What a sliding window, or a chunk, means for `step`."""
    if not isinstance(mixer := layer.mixer, Heads):
        return ()
    size, what = (mixer.window, "sliding window") if mixer.window else (mixer.chunk, "chunk")
    if not size or step.context <= size:
        return ()
    if step.decoding:
        return (f"A {what} of {size} tokens bounds the context of {step.context}.",)
    return (f"The {what} of {size} tokens is ignored in prefill: all is counted.",)


def model_attention(model: Model, index: int, step: Step, precision: Precision) -> Kernel:
    """The attention of layer `index` of `model` as a kernel of its own."""
    mixer, _ = runnable(model, index)
    op = attention_operator(mixer, model.causal, step, precision)
    notes = precision.notes + window_note(model.layers[index], step) + step.notes(model)
    if isinstance(mixer, Mla) and step.decoding:
        notes += (MLA_NOTE,)
    shape: dict[str, int | str] = {"model": model.name}
    if len({layer.mixer for layer in model.layers}) > 1:
        shape["layer"] = index
    return _kernel(shape, op, step, precision, notes)


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
