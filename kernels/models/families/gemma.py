"""Gemma 1 to 4: gated GELU, norms on both sides of each part, windows on most layers."""

from dataclasses import replace
from typing import Any

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import (
    LAYER_TYPES,
    Widths,
    decoder,
    dense,
    heads,
    mixture,
    overrides,
    widths,
    windows,
)
from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader
from bankside.kernels.models.weight import Weight, matrix


def gemma(reader: Reader) -> Model:
    """Read a config.json of `model_type` gemma."""
    shape, part, bias = _begin(reader)
    return _model(reader, shape, [Layer(heads(shape, bias), part)] * shape.layers)


def gemma2(reader: Reader) -> Model:
    """Read a config.json of `model_type` gemma2: every other layer has a window."""
    reader.assume(sliding_window=4096)
    reader.agrees("sliding_window_size", reader.integer("sliding_window"), "sliding_window")
    shape, part, bias = _begin(reader)
    each = _windows(reader, shape.layers, every=2)
    return _model(
        reader, shape, [Layer(heads(shape, bias, window=window), part, "sandwich") for window in each]
    )


def gemma3(reader: Reader) -> Model:
    """Read a config.json of `model_type` gemma3_text, or the language part of gemma3: five windows to one full.

    With attention to both sides it is an encoder (EmbeddingGemma).
    """
    reader.assume(
        vocab_size=262208,
        num_attention_heads=8,
        num_key_value_heads=4,
        sliding_window=4096,
        max_position_embeddings=131072,
    )
    both = reader.raw("use_bidirectional_attention") is True
    shape, part, bias = _begin(reader, *((True,) if both else ()))
    every = reader.integer("sliding_window_pattern", default=6)
    each = _windows(reader, shape.layers, every)
    layers = [Layer(heads(shape, bias, window=window, qk_norm="head"), part, "sandwich") for window in each]
    model = _model(reader, shape, layers)
    if not both:
        return model
    if model.head.outputs:
        reader.fail(
            "use_bidirectional_attention", "is True, but architectures names a head that needs a decoder"
        )
    return replace(model, causal=False, head=replace(model.head, kind="encoder"))


def gemma4(reader: Reader) -> Model:
    """Read the language part of a config.json of `model_type` gemma4.

    Full layers have heads of a width of their own, and may take keys as values; the last `num_kv_shared_layers`
    use an earlier layer's cache; a dense part and a mixture may work side by side; every layer may add a row of
    a table of its own.
    """
    shape, part, bias = _begin(reader)
    each = _windows(reader, shape.layers, every=6)
    shared = reader.integer("num_kv_shared_layers", default=0, minimum=0)
    full = shape._replace(
        head_dim=reader.integer("global_head_dim", default=512),
        kv_heads=reader.integer("num_global_key_value_heads", default=shape.kv_heads),
    )
    same = reader.boolean("attention_k_eq_v", default=False)
    if not same:
        full = full._replace(kv_heads=shape.kv_heads)
    full = _listed(reader, full, each)
    reader.divides("num_global_key_value_heads", full.kv_heads, "num_attention_heads", full.heads)
    twice = (
        replace(part, width=2 * part.width) if reader.boolean("use_double_wide_mlp", default=False) else part
    )
    extra, outside = _tables(reader, shape)
    layers = []
    for index, window in enumerate(each):
        own = index < shape.layers - shared
        mixer = heads(
            shape if window else full,
            bias,
            window=window,
            qk_norm="head",
            own_keys=own,
            own_values=bool(window) or not same,
            cached=own,
        )
        layers.append(Layer(mixer, _beside(reader, shape, part if own else twice), "sandwich", extra=extra))
    return replace(_model(reader, shape, layers), outside=outside)


def _listed(reader: Reader, full: Widths, each: list[int]) -> Widths:
    """Widths of full layers as newer files list them, layer by layer."""
    changes = overrides(reader, len(each), ("head_dim", "num_key_value_heads"))
    alike = {tuple(sorted(change.items())) for change in changes.values()}
    if not changes:
        return full
    if len(alike) > 1 or set(changes) != {index for index, window in enumerate(each) if not window}:
        reader.fail("per_layer_config", "changes other layers than the full ones, or these not all alike")
    change = next(iter(changes.values()))
    return full._replace(
        head_dim=change.get("head_dim", full.head_dim),
        kv_heads=change.get("num_key_value_heads", full.kv_heads),
    )


def _begin(reader: Reader, *sides: object) -> tuple[Widths, Dense, bool]:
    own_code(reader, "Gemma")
    reader.refuse("use_bidirectional_attention", "but the model is read as a decoder", "vision", *sides)
    reader.assume(hidden_activation=reader.raw("hidden_act") or "gelu_pytorch_tanh")
    shape = widths(reader, head_dim=256)
    return shape, dense(reader, act="hidden_activation"), reader.boolean("attention_bias", default=False)


def _windows(reader: Reader, layers: int, every: int) -> list[int]:
    """Windows as `layer_types` says, else on all but every `every`-th layer."""
    window = reader.integer("sliding_window", minimum=1)
    reader.skip("sliding_window_pattern", "_sliding_window_pattern")
    kinds = reader.per_layer("layer_types", layers, LAYER_TYPES)
    kinds = kinds or tuple("sliding" if (index + 1) % every else "full" for index in range(layers))
    return windows(reader, layers, window, kinds)


def _model(reader: Reader, shape: Widths, layers: list[Layer]) -> Model:
    return decoder(reader, shape.hidden, layers, tied=True)


def _beside(reader: Reader, shape: Widths, part: Dense) -> Dense | Moe:
    if not reader.boolean("enable_moe_block", default=False):
        reader.skip("num_experts", "top_k_experts", "moe_intermediate_size")
        return part
    norms = Weight("moe.norms", 3 * shape.hidden)
    scales = Weight("moe.router.scales", shape.hidden + reader.integer("num_experts"))
    fields: dict[str, Any] = {"activation_key": "hidden_activation", "per_token_key": "top_k_experts"}
    moe = mixture(reader, "num_experts", "moe_intermediate_size", **fields)
    return replace(moe, beside=part, extra=(norms, scales))


def _tables(reader: Reader, shape: Widths) -> tuple[tuple[Weight, ...], tuple[Weight, ...]]:
    """Weights of a layer, and outside the layers, of the rows that every layer adds from a table of its own."""
    width = reader.integer("hidden_size_per_layer_input", default=256, minimum=0)
    words = reader.integer("vocab_size_per_layer_input", default=262144)
    if not width:
        return (), ()
    inside = (
        matrix("input.gate_proj", width, shape.hidden),
        matrix("input.up_proj", shape.hidden, width),
        Weight("input.norm", shape.hidden),
    )
    rows = shape.layers * width
    outside = (
        Weight("input.table", words, rows),
        matrix("input.model_proj", rows, shape.hidden),
        Weight("input.model_norm", width),
    )
    return inside, outside
