"""Relatives of Llama: GLM-4, Granite, OLMo, SmolLM3, EXAONE, InternLM, Baichuan, Phi-3."""

from dataclasses import replace
from typing import Any

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import (
    LAYER_TYPES,
    decoder,
    dense,
    heads,
    mixture,
    rotated,
    widths,
    windows,
)
from bankside.kernels.models.families.llama4 import rotated_layers
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader


def granite(reader: Reader) -> Model:
    """Read a config.json of `model_type` granite: Llama's shapes, scales on sums."""
    own_code(reader, "Granite")
    shape = widths(reader)
    layer = Layer(heads(shape, reader.boolean("attention_bias", default=False)), dense(reader))
    return decoder(reader, shape.hidden, [layer] * shape.layers)


def granitemoe(reader: Reader) -> Model:
    """Read a config.json of `model_type` granitemoe or granitemoeshared."""
    own_code(reader, "GraniteMoe")
    shape = widths(reader)
    shared = reader.integer("shared_intermediate_size", default=0, minimum=0)
    moe = mixture(reader, "num_local_experts", "intermediate_size", shared_width=shared)
    layer = Layer(heads(shape, reader.boolean("attention_bias", default=False)), moe)
    return decoder(reader, shape.hidden, [layer] * shape.layers)


def olmo(reader: Reader) -> Model:
    """Read a config.json of `model_type` olmo: LayerNorm without weights."""
    own_code(reader, "Olmo", "OLMo")
    shape = widths(reader)
    layer = Layer(heads(shape, reader.boolean("attention_bias", default=False)), dense(reader))
    return decoder(reader, shape.hidden, [layer] * shape.layers, norm="layernorm", norm_rows=0)


def olmo2(reader: Reader) -> Model:
    """Read a config.json of `model_type` olmo2 or olmo3: norms behind each part, windows in the latter."""
    own_code(reader, "Olmo")
    shape = widths(reader)
    bias, part = reader.boolean("attention_bias", default=False), dense(reader)
    three = reader.raw("model_type") == "olmo3"
    window = reader.integer("sliding_window", default=4096 if three else 0, minimum=0)
    kinds = reader.per_layer("layer_types", shape.layers, LAYER_TYPES)
    kinds = kinds or tuple("sliding" if three and (i + 1) % 4 else "full" for i in range(shape.layers))
    layers = [
        Layer(heads(shape, bias, window=each, qk_norm="whole"), part, "inner")
        for each in windows(reader, shape.layers, window, kinds)
    ]
    return decoder(reader, shape.hidden, layers)


def olmoe(reader: Reader) -> Model:
    """Read a config.json of `model_type` olmoe."""
    own_code(reader, "Olmoe", "OLMoE")
    shape = widths(reader)
    mixer = heads(shape, reader.boolean("attention_bias", default=False), qk_norm="whole")
    moe = mixture(reader, "num_experts", "intermediate_size")
    return decoder(reader, shape.hidden, [Layer(mixer, moe)] * shape.layers)


def smollm3(reader: Reader) -> Model:
    """Read a config.json of `model_type` smollm3: every fourth layer does without positions."""
    own_code(reader, "SmolLM3")
    shape = widths(reader)
    bias, part = reader.boolean("attention_bias", default=False), dense(reader)
    on = reader.boolean("use_sliding_window", default=False)
    window = reader.integer("sliding_window", default=0, minimum=0) if on else 0
    reader.skip("sliding_window", "max_window_layers")
    kinds = reader.per_layer("layer_types", shape.layers, LAYER_TYPES) or ("full",) * shape.layers
    layers = [
        Layer(heads(shape, bias, window=each, rotary=shape.head_dim if turned else 0), part)
        for each, turned in zip(
            windows(reader, shape.layers, window, kinds), rotated_layers(reader, shape.layers), strict=True
        )
    ]
    return decoder(reader, shape.hidden, layers, tied=True)


def exaone(reader: Reader) -> Model:
    """Read a config.json of `model_type` exaone (3 and 3.5): Llama's shapes under other names."""
    own_code(reader, "Exaone")
    reader.assume(num_hidden_layers=reader.raw("num_layers"), hidden_act=reader.raw("activation_function"))
    shape = widths(reader)
    reader.skip("num_layers", "activation_function", "n_layers")
    layer = Layer(heads(shape), dense(reader))
    return decoder(reader, shape.hidden, [layer] * shape.layers)


def exaone4(reader: Reader) -> Model:
    """Read a config.json of `model_type` exaone4: norms behind each part, full layers without positions."""
    own_code(reader, "Exaone4")
    shape = widths(reader)
    part = dense(reader)
    window = reader.integer("sliding_window", default=0, minimum=0)
    pattern = reader.raw("sliding_window_pattern")
    kinds = reader.per_layer("layer_types", shape.layers, LAYER_TYPES)
    kinds = kinds or _exaone_kinds(reader, pattern if window else None, shape.layers)
    layers = []
    for each in windows(reader, shape.layers, window, kinds):
        turned = shape.head_dim if each or not window else 0
        layers.append(Layer(heads(shape, window=each, rotary=turned, qk_norm="head"), part, "inner"))
    return decoder(reader, shape.hidden, layers)


def _exaone_kinds(reader: Reader, pattern: Any, layers: int) -> tuple[str, ...]:
    """One letter a layer, over and over ("LLLG"), the last layer full; or every how many layers one is full."""
    if isinstance(pattern, str) and pattern and set(pattern) <= {"L", "G"}:
        kinds = ["sliding" if pattern[index % len(pattern)] == "L" else "full" for index in range(layers)]
        return (*kinds[:-1], "full")
    if pattern is None:
        return ("full",) * layers
    every = reader.integer("sliding_window_pattern")
    return tuple(
        "sliding" if (index + 1) % every and index < layers - 1 else "full" for index in range(layers)
    )


def internlm(reader: Reader) -> Model:
    """Read a config.json of `model_type` internlm2 or internlm3."""
    own_code(reader, "InternLM")
    shape = widths(reader)
    bias = reader.boolean("bias", default=False)
    qkv = bias or reader.boolean("qkv_bias", default=False)
    reader.skip("attn_implementation")
    part = replace(dense(reader), bias=bias, down_bias=bias)
    layer = Layer(heads(shape, q_bias=qkv, kv_bias=qkv, out_bias=bias), part)
    return decoder(reader, shape.hidden, [layer] * shape.layers)


def baichuan(reader: Reader) -> Model:
    """Read a config.json of `model_type` baichuan: the larger ones have slopes, and name no table's length."""
    own_code(reader, "Baichuan", "BaiChuan")
    shape = widths(reader)
    slopes = not reader.has("max_position_embeddings")
    positions = reader.integer(reader.named("max_position_embeddings", "model_max_length"))
    layer = Layer(heads(shape, rotary=0 if slopes else shape.head_dim), dense(reader))
    reader.skip("z_loss_weight")
    return decoder(reader, shape.hidden, [layer] * shape.layers, max_positions=positions)


def glm(reader: Reader) -> Model:
    """Read a config.json of `model_type` glm or glm4: half of each head turns; norms on both sides in the latter."""
    own_code(reader, "Glm")
    shape = widths(reader, head_dim=128)
    bias = reader.boolean("attention_bias", default=True)
    mixer = heads(shape, rotary=rotated(reader, shape.head_dim, default=0.5), q_bias=bias, kv_bias=bias)
    order = "sandwich" if reader.raw("model_type") == "glm4" else "pre"
    layer = Layer(mixer, dense(reader), order)  # type: ignore[arg-type]
    return decoder(reader, shape.hidden, [layer] * shape.layers)


def phi3(reader: Reader) -> Model:
    """Read a config.json of `model_type` phi3 (Phi-3, 3.5 and 4): a window on all layers."""
    own_code(reader, "Phi3", "Phi4")
    shape = widths(reader)
    for key in ("full_attn_mod", "interpolate_factor"):
        reader.agrees(key, 1, "Phi-4")
    reader.refuse("lm_head_bias", "but a head without a bias is modelled")
    window = reader.integer("sliding_window", default=0, minimum=0)
    rotary = rotated(reader, shape.head_dim)
    layer = Layer(
        heads(shape, reader.boolean("attention_bias", default=False), window=window, rotary=rotary),
        dense(reader),
    )
    return decoder(reader, shape.hidden, [layer] * shape.layers)


def phimoe(reader: Reader) -> Model:
    """Read a config.json of `model_type` phimoe: LayerNorm, biases on attention and the head."""
    own_code(reader, "PhiMoE", "Phimoe")
    shape = widths(reader)
    window = reader.integer("sliding_window", default=0, minimum=0)
    mixer = heads(shape, reader.boolean("attention_bias", default=False), window=window)
    moe = mixture(reader, "num_local_experts", "intermediate_size")
    bias = reader.boolean("lm_head_bias", default=False)
    layers = [Layer(mixer, moe)] * shape.layers
    return decoder(reader, shape.hidden, layers, head_bias=bias, norm="layernorm", norm_rows=2)
