"""Attention over a context: one operator for MHA, GQA and MLA, for decoding and for prefill."""

from collections.abc import Sequence
from dataclasses import replace

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.kept import Read, read
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.prompt import shared
from bankside.kernels.catalog.runnable import attended
from bankside.kernels.catalog.shortened import labelled
from bankside.kernels.catalog.step import Step, together
from bankside.kernels.models import Heads, Layer, Mla, Model
from bankside.kernels.models.compressed import Compressed
from bankside.kernels.operators import Attention, Kernel, Operator, Phase, Tensor

MLA_NOTE = (
    "Latent attention runs in its absorbed form: keys and values stay latent rows, and the halves of "
    "kv_b_proj on its two sides belong to the layer, not to this kernel."
)
EARLIER = "cache of an earlier layer"
RESULTS = "attn.attention.out"
RAGGED_NOTE = "Sequences of one context run together, and those of another after them."


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


def check_unplain(model: Model, index: int, step: Step) -> None:
    """Refuse what the attention of a layer does not know how to read.

    Raises
    ------
    ConfigError
    """
    layer = model.layers[index]
    mixer = layer.mixer
    if step.ragged and (isinstance(mixer, Compressed) or layer.cross is not None or _indexed(mixer)):
        raise ConfigError(
            [
                f"Layer {index} of {model.name} is of kind {layer.kinds[0]}: contexts that differ are of attention to "
                "all tokens or a window of them, and of recurrences; indexers, compressed rows and encoders have one."
            ]
        )
    if step.plain:
        return
    if not isinstance(mixer, Heads | Mla) or picks(mixer, step):
        raise ConfigError(
            [
                f"Layer {index} of {model.name} is of kind {model.layers[index].kinds[0]}: options keep, residual, "
                "tokens and candidates are of attention that meets all tokens or a window of them."
            ]
        )
    if isinstance(mixer, Heads) and mixer.chunk and step.queries > 1:
        raise ConfigError(
            [f"Layer {index} of {model.name} sees a chunk of its context, which several tokens may leave."]
        )


def _indexed(mixer: object) -> bool:
    return isinstance(mixer, Heads | Mla) and mixer.indexer is not None


def attending(op: Attention, step: Step, precision: Precision) -> Read:
    """The attention `op` as the tokens of `step` read their cache."""
    if step.candidates == 1:
        return read(op, step.reading, precision.activations)
    own = min(op.context, step.context - step.prompt)
    if own == op.context:  # a window or a chunk ends behind the prompt
        return Read((op,), op.out, 0, (f"{op.label} reads nothing of the prompt that its candidates share.",))
    first, behind, join = shared(op, step.candidates, op.context - own)
    read_of = (
        f"{op.context - own} of its {step.prompt}" if op.context < step.context else f"its {step.prompt}"
    )
    note = f"{step.candidates} candidates of a prompt read {read_of} tokens together, and {own} of their own."
    return Read((first, behind, join), join.out, 0, (note,))


def cache_of(mixer: Heads | Mla, causal: bool, step: Step, precision: Precision) -> Attention:
    """The attention whose keys and values new ones are appended to: where contexts differ, that of the first."""
    return (
        _of_part(mixer, causal, step.ragged[0], precision)
        if step.ragged
        else attention_operator(mixer, causal, step, precision)
    )


def _of_part(mixer: Heads | Mla, causal: bool, part: Step, precision: Precision) -> Attention:
    op = attention_operator(mixer, causal, part, precision)
    return labelled(op, f"{op.label}[{part.context}]")


def layer_attention(mixer: Heads | Mla, causal: bool, step: Step, precision: Precision, q: Tensor) -> Read:
    """The attention of a layer on its queries `q`; sequences of one context after those of another, whose results are
    parts of one tensor."""
    if not step.ragged:
        return attending(attention_operator(mixer, causal, step, precision, q), step, precision)
    operators: list[Operator] = []
    idle_byte, elements = 0, 0
    for part in step.ragged:
        own = _of_part(mixer, causal, part, precision)
        rows = q.part(own.q.name, (part.tokens, q.columns))
        found = attending(replace(own, q=rows, out=replace(own.out, of=RESULTS)), part, precision)
        operators += found.operators
        idle_byte += found.idle_byte
        elements += own.out.elements
    whole = Tensor(RESULTS, (step.tokens, elements // step.tokens), precision.activations)
    return Read(tuple(operators), whole, idle_byte, ())


def unplain_notes(mixer: Heads | Mla, step: Step, precision: Precision) -> tuple[str, ...]:
    """What is said of the attention of a layer whose tokens do not read all of a cache of their own."""
    if step.plain:
        return ()
    if step.ragged:
        return tuple(note for part in step.ragged for note in unplain_notes(mixer, part, precision))
    found = attending(attention_operator(mixer, True, step, precision), step, precision).notes
    if step.queries > 1:
        found += (
            f"{step.queries} tokens of a sequence go through together, of which each sees those before it.",
        )
    return found


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
    if step.decoding and step.queries == 1:
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
    seen = window and window + step.queries - 1
    return min(each for each in (step.context, seen, picks(mixer, step)) if each)


def unread_cache(layer: Layer, step: Step, precision: Precision) -> int:
    """Bytes of keys and values that have to be kept although this step picks others [byte]."""
    mixer = layer.mixer
    if step.ragged:
        return sum(unread_cache(layer, part, precision) for part in step.ragged)
    if isinstance(mixer, Compressed):
        picked = mixer.top and max(0, step.context // mixer.ratio - mixer.top)
        return precision.kv.bytes_of(step.sequences * picked * mixer.head_dim)
    if not isinstance(mixer, Heads | Mla) or not step.decoding:
        return 0
    if not picks(mixer, step):
        if not step.reading.keep:
            return 0
        return attending(attention_operator(mixer, True, step, precision), step, precision).idle_byte
    index = mixer.indexer.head_dim if mixer.indexer is not None else 0
    unread = step.context - reach(mixer, step)
    return precision.kv.bytes_of(step.sequences * unread * (mixer.kv_elements - index))


def window_note(layer: Layer, step: Step) -> tuple[str, ...]:
    """What a sliding window, a chunk, or picks of an indexer mean for `step`."""
    if step.ragged:
        return tuple(note for part in step.ragged for note in window_note(layer, part))
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


def model_attention(model: Model, index: int, steps: Sequence[Step], precision: Precision) -> Kernel:
    """The attention of layer `index` of `model` as a kernel of its own, of sequences of one or several contexts."""
    mixer = attended(model, index)
    for step in steps:
        check_unplain(model, index, step)
    ops = [attention_operator(mixer, model.causal, step, precision) for step in steps]
    notes = precision.notes
    for step in steps:
        notes += window_note(model.layers[index], step) + step.notes(model)
    if isinstance(mixer, Mla) and absorbs(mixer, steps[0]):
        notes += (MLA_NOTE,)
    shape: dict[str, int | str] = {"model": model.name}
    if len({layer.mixer for layer in model.layers}) > 1:
        shape["layer"] = index
    return _kernel(shape, ops, steps, precision, notes)


def plain_attention(
    shape: tuple[int, int, int], steps: Sequence[Step], precision: Precision, mask: tuple[bool, int] = (True, 0),
) -> Kernel:  # fmt: skip
    """Attention of heads on key-value heads of a width, of sequences of one or several contexts.

    Parameters
    ----------
    shape
        Query heads, key-value heads, elements of a head.
    mask
        Whether a token sees no later ones, and how many it sees, 0 for all.
    """
    heads, kv_heads, head_dim = shape
    act, kv, (causal, window) = precision.activations, precision.kv, mask
    ops: list[Attention] = []
    notes: tuple[str, ...] = ()
    for step in steps:
        seen = window and window + step.queries - 1
        context = min(step.context, seen or step.context) if step.decoding else step.context
        tokens = (step.sequences, kv_heads, heads // kv_heads, step.queries, context)
        op = Attention.of("attention", tokens, (head_dim, head_dim), (act, kv, act), causal)
        alone = step.decoding and step.queries == 1
        ops.append(op if alone or window >= context else replace(op, window=window))
        if window and window < step.context:
            notes += (f"A sliding window of {window} tokens bounds the context of {step.context}.",)
    parameters: dict[str, int | str] = {"heads": heads, "kv_heads": kv_heads, "head_dim": head_dim}
    if window:
        parameters["window"] = window
    return _kernel(parameters, ops, steps, precision, notes)


def _kernel(
    shape: dict[str, int | str], ops: Sequence[Attention], steps: Sequence[Step], precision: Precision,
    notes: tuple[str, ...],
) -> Kernel:  # fmt: skip
    """Attention of each step after the other."""
    decoding = steps[0].decoding
    several = len(steps) > 1
    operators: list[Operator] = []
    idle_byte = 0
    for op, step in zip(ops, steps, strict=True):
        own = labelled(op, f"{op.label}[{step.context}]") if several else op
        found = attending(own, step, precision)
        operators += found.operators
        idle_byte += found.idle_byte
        notes += found.notes
    if several:
        notes += (RAGGED_NOTE,)
    parameters = shape | together(steps).tokens_told | steps[0].parameters
    if not decoding:
        parameters |= {"mask": "causal" if ops[0].causal else "full"}
    formats: dict[str, int | str] = {"format": ops[0].q.format.name, "kv_format": ops[0].k.format.name}
    name = "decode-attention" if decoding else "prefill-attention"
    phase = Phase(1, tuple(operators))
    return Kernel(
        name, parameters | formats, precision.activations, (phase,), tuple(dict.fromkeys(notes)), 0, idle_byte
    )
