"""Qwen3-Next and Qwen3.5: three layers of the gated delta rule to one of gated attention."""

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import Widths, decoder, dense, heads, mixture, rotated, widths
from bankside.kernels.models.families.qwen import sparse_parts
from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.heads import Heads
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader
from bankside.kernels.models.recurrent import GatedDelta

_KINDS = {"linear_attention": "linear", "full_attention": "full"}


def qwen3_5(reader: Reader) -> Model:
    """Read the language part of a config.json of `model_type` qwen3_5 (dense)."""
    shape = widths(reader, head_dim=256)
    reader.refuse("mlp_only_layers", "but every layer is dense")
    return _model(reader, shape, [dense(reader)] * shape.layers)


def qwen3_next(reader: Reader) -> Model:
    """Read a config.json of `model_type` qwen3_next, or the language part of qwen3_5_moe."""
    shape = widths(reader, head_dim=256)
    moe = mixture(
        reader,
        "num_experts",
        "moe_intermediate_size",
        shared_width=reader.integer("shared_expert_intermediate_size"),
        shared_gate=True,
    )
    return _model(reader, shape, sparse_parts(reader, shape.layers, moe))


def _model(reader: Reader, shape: Widths, parts: list[Dense] | list[Dense | Moe]) -> Model:
    own_code(reader, "Qwen3")
    delta = GatedDelta(
        key_heads=reader.integer("linear_num_key_heads"),
        value_heads=reader.integer("linear_num_value_heads"),
        key_dim=reader.integer("linear_key_head_dim"),
        value_dim=reader.integer("linear_value_head_dim"),
        conv=reader.integer("linear_conv_kernel_dim"),
    )
    reader.divides("linear_num_key_heads", delta.key_heads, "linear_num_value_heads", delta.value_heads)
    every = reader.integer("full_attention_interval", default=4)
    kinds = reader.per_layer("layer_types", shape.layers, _KINDS)
    if kinds is None or reader.has("full_attention_interval"):
        derived = tuple("full" if (index + 1) % every == 0 else "linear" for index in range(shape.layers))
        if kinds is not None and kinds != derived:
            reader.fail("full_attention_interval", "does not say what layer_types says")
        kinds = derived
    attention = _attention(reader, shape)
    layers = [
        Layer(delta if kind == "linear" else attention, part) for kind, part in zip(kinds, parts, strict=True)
    ]
    return decoder(reader, shape.hidden, layers)


def _attention(reader: Reader, shape: Widths) -> Heads:
    gated = reader.boolean("attn_output_gate", default=True)
    reader.choice("output_gate_type", {"swish": "silu", "sigmoid": "sigmoid"}, default="sigmoid")
    bias = reader.boolean("attention_bias", default=False)
    rotary = rotated(reader, shape.head_dim, default=0.25)
    return heads(shape, bias, rotary=rotary, qk_norm="head", gate="element" if gated else "")
