"""Every operator of one layer, in order, and the layer as a kernel.

What is not an operator: bias vectors of projections ride in the accumulators, so their bytes are resident but
no traffic; choosing the k best of a router's scores; moving tokens to their experts and back.
"""

from dataclasses import replace

from bankside.kernels.catalog.attention import (
    RAGGED_NOTE,
    attention_operator,
    check_unplain,
    unplain_notes,
    unread_cache,
    window_note,
)
from bankside.kernels.catalog.gemm import projection
from bankside.kernels.catalog.moe import beside_operators, idle_weights, moe_operators, routing_notes
from bankside.kernels.catalog.parts.caches import cached
from bankside.kernels.catalog.parts.compressed import compressed_operators
from bankside.kernels.catalog.parts.feed_forward import dense_operators
from bankside.kernels.catalog.parts.heads import head_operators
from bankside.kernels.catalog.parts.latent import latent_operators
from bankside.kernels.catalog.parts.norms import norm_operator, stream
from bankside.kernels.catalog.parts.recurrent import recurrence_notes, recurrent_operators
from bankside.kernels.catalog.parts.streams import Streams, added_rows
from bankside.kernels.catalog.precision import Precision
from bankside.kernels.catalog.runnable import runnable
from bankside.kernels.catalog.step import Step
from bankside.kernels.models import Heads, Layer, Mla, Model, Moe
from bankside.kernels.models.compressed import Compressed
from bankside.kernels.models.parameters import layer_biases
from bankside.kernels.operators import Kernel, Operator, Phase, RowWise, Tensor

PARTS = ("attn", "cross", "mlp")


def layer_operators(model: Model, index: int, step: Step, precision: Precision) -> tuple[Operator, ...]:
    """Operators of layer `index` (from 0), in the order in which their results are needed.

    Raises
    ------
    ConfigError
        The layer has a part that no operator exists for.
    """
    layer = runnable(model, index)
    check_unplain(model, index, step)
    precision = precision.of_layer(model, layer)
    x = stream("x", model, step.tokens, precision)
    if layer.order.startswith("parallel"):
        return tuple(_side_by_side(model, layer, step, x, precision))
    streams = Streams.of(layer, model.hidden)
    if streams.number > 1:
        x = Tensor("x", (step.tokens, streams.number * model.hidden), precision.activations)
    operators: list[Operator] = []
    for name in _parts(layer):
        part = _wrapped(name, model, layer, step, x, precision)
        operators += part
        (x,) = part[-1].outputs
    return (*operators, *added_rows(model, layer, x, precision))


def _parts(layer: Layer) -> list[str]:
    """Parts that the layer has."""
    there = (layer.mixer, layer.cross, layer.feed_forward)
    return [name for name, part in zip(PARTS, there, strict=True) if part is not None]


def _wrapped(
    name: str, model: Model, layer: Layer, step: Step, x: Tensor, precision: Precision
) -> list[Operator]:
    """A part between its norms, added to the stream."""
    operators: list[Operator] = []
    before = "norm" if layer.order == "single" else f"{name}.norm"
    streams, inner = Streams.of(layer, model.hidden), x
    if streams.number > 1:
        operators += streams.into(name, x, precision)
        (inner,) = operators[-1].outputs
    rows, after = inner, layer.order == "post"
    if before in layer.norms and not after:
        operators.append(normed := norm_operator(before, model, inner))
        inner = normed.out
    operators += _part(name, model, layer, step, (rows, inner), precision)
    (made,) = operators[-1].outputs
    if (inside := f"{name}.post_norm") in layer.norms:
        operators.append(normed := norm_operator(inside, model, made))
        made = normed.out
    if streams.number > 1:
        return [*operators, streams.add(name, x, made)]
    operators.append(add := _residual(name, x, made))
    if before in layer.norms and after:
        operators.append(norm_operator(before, model, add.out))
    return operators


def _side_by_side(model: Model, layer: Layer, step: Step, x: Tensor, precision: Precision) -> list[Operator]:
    """Both parts read the stream as it came, through one norm or one each, and are added to it after one another."""
    operators: list[Operator] = []
    norms = {label: norm_operator(label, model, x) for label in layer.norms}
    made: list[Tensor] = []
    shared = norms.get("norm")
    operators += [shared] if shared is not None else []
    for name in _parts(layer):
        norm = norms.get(f"{name}.norm", shared)
        operators += [norm] if norm is not None and norm is not shared else []
        inner = norm.out if norm is not None else x
        operators += _part(name, model, layer, step, (x, inner), precision)
        made += operators[-1].outputs
    for name, result in zip(_parts(layer), made, strict=True):
        operators.append(add := _residual(name, x, result))
        x = add.out
    return operators


def _part(
    name: str, model: Model, layer: Layer, step: Step, rows: tuple[Tensor, Tensor], precision: Precision
) -> list[Operator]:
    """What mixes tokens, or works on each alone, on the stream's rows and the same behind their norm."""
    came, x = rows
    mixer, part, hidden = layer.mixer, layer.feed_forward, model.hidden
    if name == "cross":
        assert layer.cross is not None
        return _cross(layer.cross, step, x, hidden, precision)
    if name == "attn":
        causal = model.causal and layer.stack != "encoder"
        if isinstance(mixer, Heads):
            return head_operators(hidden, mixer, causal, step, x, precision)
        if isinstance(mixer, Mla):
            return latent_operators(hidden, mixer, causal, step, x, precision)
        if isinstance(mixer, Compressed):
            return compressed_operators(hidden, mixer, step, x, precision)
        assert mixer is not None
        return recurrent_operators(model, mixer, step, x, precision)
    assert part is not None
    if not isinstance(part, Moe):
        return dense_operators(part, x, precision)
    return beside_operators(part, came, x, precision) if part.beside else moe_operators(part, x, precision)


def _cross(cross: Heads, step: Step, x: Tensor, hidden: int, precision: Precision) -> list[Operator]:
    """Attention to the encoder's rows, of which a sequence has as many as its context; their keys and values were made
    once, and when decoding are only read."""
    q = projection("cross.q_proj", x, cross.heads * cross.head_dim, precision)
    plain = attention_operator(cross, False, step, precision)
    names = {
        tensor.name: tensor.name.replace("attn.", "cross.", 1) for tensor in (plain.k, plain.v, plain.out)
    }
    k, v, out = (replace(tensor, name=names[tensor.name]) for tensor in (plain.k, plain.v, plain.out))
    op = replace(plain, label="cross.attention", q=q.out, k=k, v=v, out=out)
    made = out.part("cross.attended", (step.tokens, cross.heads * cross.v_dim))
    return [
        q,
        *_cross_keys(cross, step, hidden, precision, (k, v)),
        op,
        projection("cross.o_proj", made, hidden, precision),
    ]


def _residual(part: str, x: Tensor, made: Tensor) -> RowWise:
    label = f"{part}.residual"
    return RowWise.over(label, "add", (x, made), Tensor(f"{label}.out", x.shape, x.format))


def _cross_keys(
    cross: Heads, step: Step, hidden: int, precision: Precision, caches: tuple[Tensor, ...]
) -> list[Operator]:
    """Projections of the encoder's rows to keys and values, which a decoder's prefill has to make."""
    if step.decoding:
        return []
    rows = Tensor("encoder.rows", (step.tokens, hidden), precision.activations)
    widths = (cross.kv_heads * cross.head_dim, cross.kv_heads * cross.v_dim)
    return [
        cached(f"cross.{name}_proj", rows, width, step, precision, cache.name)
        for name, width, cache in zip("kv", widths, caches, strict=True)
    ]


def idle_bytes(model: Model, index: int, step: Step, precision: Precision) -> int:
    """Weights of a layer that stay in memory unread: biases, experts that no token visits, and projections of an
    encoder's rows when decoding [byte]."""
    layer = model.layers[index]
    idle = precision.weights.bytes_of(layer_biases(model, index))
    if isinstance(moe := layer.feed_forward, Moe):
        experts = precision.of_layer(model, layer).weights_of("moe.experts.up_proj")
        idle += experts.bytes_of(idle_weights(model, moe, step.tokens))
    if layer.cross is not None and step.decoding:
        columns = layer.cross.kv_heads * (layer.cross.head_dim + layer.cross.v_dim)
        idle += precision.weights.bytes_of(columns * model.hidden)
    return idle


def layer_notes(model: Model, index: int, step: Step, precision: Precision) -> tuple[str, ...]:
    """What the numbers of a layer rest on."""
    layer = model.layers[index]
    notes = precision.notes + precision.weight_notes + step.notes(model)
    notes += (RAGGED_NOTE,) if step.ragged else ()
    notes += window_note(layer, step) + recurrence_notes(layer.mixer, step)
    if isinstance(layer.mixer, Heads | Mla):
        notes += unplain_notes(layer.mixer, step, precision)
    if layer.cross is not None:
        notes += (
            f"The encoder is taken to have read {step.context} tokens of every sequence, as many as are decoded.",
        )
    if isinstance(moe := layer.feed_forward, Moe):
        notes += routing_notes(moe, step.tokens)
    return notes


def layer_words(model: Model, index: int) -> str:
    """What kind of layer it is, for labels; attention that meets all is the rule, and not named."""
    mixer, part = model.layers[index].kinds
    words = [mixer] if mixer not in ("full", "mla", "none") else []
    return ", ".join([*words, *([] if part == "none" else ["moe" if part == "moe" else "dense"])]) or mixer


def layer_kernel(model: Model, index: int, step: Step, precision: Precision) -> Kernel:
    """One layer as a kernel."""
    words = layer_words(model, index)
    parameters: dict[str, int | str] = {
        "model": model.name,
        "stage": "decode" if step.decoding else "prefill",
        "layer": index,
        "kind": words,
    }
    return Kernel(
        "layer",
        parameters | step.tokens_told | step.parameters | precision.parameters(),
        precision.activations,
        (Phase(1, layer_operators(model, index, step, precision), f"layer {index} ({words})"),),
        layer_notes(model, index, step, precision),
        idle_bytes(model, index, step, precision),
        unread_cache(model.layers[index], step, precision),
    )
