"""Attention over a context: one operator for MHA, GQA and MLA, for decoding and for prefill."""

from dataclasses import replace

from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.runnable import attended
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Heads, Layer, Mla, Model
from bankside.kernels.models.compressed import Compressed
from bankside.kernels.operators import Attention, Kernel, Phase, Tensor

MLA_NOTE = (
    "Latent attention runs in its absorbed form: keys and values stay latent rows, and the halves of "
    "kv_b_proj on its two sides belong to the layer, not to this kernel."
)
EARLIER = "cache of an earlier layer"


def attention_operator(
    mixer: Heads | Mla, causal: bool, step: Step, precision: Precision, q: Tensor | None = None
) -> Attention:
    """The attention of one layer, on queries `q` of that layer or by itself.

    A latent cache (MLA) is used as it is where `absorbs` says so: all heads share its row of `kv_lora + rope` elements
    as key and its first `kv_lora` as value. Else the keys and values of every head are materialised from it.
    """
    act, kv = precision.activations, precision.kv
    window, chunk = masks(mixer, step)
    context = reach(mixer, step)
    if isinstance(mixer, Heads):
        kv_heads, group, d_qk, d_v, shared = mixer.kv_heads, mixer.group, mixer.head_dim, mixer.v_dim, False
    elif absorbs(mixer, step):
        width = mixer.kv_lora + mixer.rope
        kv_heads, group, d_qk, d_v, shared = 1, mixer.heads, width, mixer.kv_lora, True
    else:
        kv = act
        kv_heads, group, d_qk, d_v, shared = mixer.heads, 1, mixer.nope + mixer.rope, mixer.v, False
    shape = (step.sequences, kv_heads, group, step.queries, context)
    op = Attention.of("attn.attention", shape, (d_qk, d_v), (act, kv, act), causal, shared)
    op = replace(op, window=window, chunk=chunk)
    if isinstance(mixer, Heads) and not mixer.cached:
        op = replace(op, k=replace(op.k, of=EARLIER), v=replace(op.v, of=EARLIER))
    return op if q is None else replace(op, q=q)


def absorbs(mla: Mla, step: Step) -> bool:
    """Whether latent rows are attended to themselves: when decoding, and where only picked ones are met."""
    return step.decoding or picks(mla, step) > 0


def picks(mixer: Heads | Mla, step: Step) -> int:
    """Keys that an indexer leaves a query; 0 where all are met."""
    if isinstance(mixer, Mla):
        top = mixer.top
    else:
        top = mixer.indexer.top * mixer.indexer.block if mixer.indexer is not None else 0
    return top if top < step.context else 0


def masks(mixer: Heads | Mla, step: Step) -> tuple[int, int]:
    """Window and chunk that leave queries of a prefill less than all before them; picked keys are as many."""
    if step.decoding:
        return 0, 0
    window, chunk = (mixer.window, mixer.chunk) if isinstance(mixer, Heads) else (0, 0)
    window = min((each for each in (window, picks(mixer, step)) if each), default=0)
    return (window if window < step.context else 0), (chunk if chunk < step.context else 0)


def reach(mixer: Heads | Mla, step: Step) -> int:
    """Tokens whose keys are read: a decoded token's window, picks, or what its chunk holds so far; all in prefill."""
    if not step.decoding:
        return step.context
    window, chunk = (mixer.window, mixer.chunk) if isinstance(mixer, Heads) else (0, 0)
    if chunk:
        return (step.context - 1) % chunk + 1
    return min(each for each in (step.context, window, picks(mixer, step)) if each)


def unread_cache(layer: Layer, step: Step, precision: Precision) -> int:
    """Bytes of keys and values that have to be kept although this step picks others [byte]."""
    mixer = layer.mixer
    if isinstance(mixer, Compressed):
        picked = mixer.top and max(0, step.context // mixer.ratio - mixer.top)
        return precision.kv.bytes_of(step.sequences * picked * mixer.head_dim)
    if not isinstance(mixer, Heads | Mla) or not picks(mixer, step) or not step.decoding:
        return 0
    index = mixer.indexer.head_dim if mixer.indexer is not None else 0
    unread = step.context - reach(mixer, step)
    return precision.kv.bytes_of(step.sequences * unread * (mixer.kv_elements - index))


def window_note(layer: Layer, step: Step) -> tuple[str, ...]:
    """What a sliding window, a chunk, or picks of an indexer mean for `step`."""
    mixer = layer.mixer
    if not isinstance(mixer, Heads | Mla):
        return ()
    if top := picks(mixer, step):
        return (f"An indexer leaves a token {top} of {step.context} tokens; choosing them is not counted.",)
    window, chunk = (mixer.window, mixer.chunk) if isinstance(mixer, Heads) else (0, 0)
    size, what = (window, "sliding window") if window else (chunk, "chunk")
    if not size or step.context <= size:
        return ()
    return (f"A {what} of {size} tokens bounds the context of {step.context}.",)


def model_attention(model: Model, index: int, step: Step, precision: Precision) -> Kernel:
    """The attention of layer `index` of `model` as a kernel of its own."""
    mixer = attended(model, index)
    op = attention_operator(mixer, model.causal, step, precision)
    notes = precision.notes + window_note(model.layers[index], step) + step.notes(model)
    if isinstance(mixer, Mla) and absorbs(mixer, step):
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
