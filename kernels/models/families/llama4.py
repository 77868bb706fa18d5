"""Llama 4: chunks of attention with positions, full attention without, one routed expert beside a shared one."""

from dataclasses import replace

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import decoder, dense, heads, mixture, widths
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader

_KINDS = {"chunked_attention": "chunked", "full_attention": "full"}


def llama4(reader: Reader) -> Model:
    """Read the language part of a config.json of `model_type` llama4."""
    own_code(reader, "Llama4")
    reader.assume(num_experts_per_tok=1, attention_chunk_size=8192)
    shape = widths(reader, head_dim=128)
    bias = reader.boolean("attention_bias", default=False)
    reader.skip("use_qk_norm")  # without gains
    chunk = reader.integer("attention_chunk_size")
    moe = mixture(reader, "num_local_experts", "intermediate_size", scores="sigmoid")
    moe = replace(moe, shared_width=moe.width)
    step = reader.integer("interleave_moe_layer_step", default=1)
    named = reader.integers("moe_layers")
    part = dense(reader, "intermediate_size_mlp") if named or step > 1 else moe
    reader.skip("intermediate_size_mlp")
    kinds = reader.per_layer("layer_types", shape.layers, _KINDS)
    rotated = rotated_layers(reader, shape.layers)
    layers = []
    for index in range(shape.layers):
        chunked = kinds[index] == "chunked" if kinds else rotated[index]
        rotary = shape.head_dim if rotated[index] else 0
        sparse = index in named if named else (index + 1) % step == 0
        mixer = heads(shape, bias, chunk=chunk if chunked else 0, rotary=rotary)
        layers.append(Layer(mixer, moe if sparse else part))
    return decoder(reader, shape.hidden, layers)


def rotated_layers(reader: Reader, layers: int) -> list[bool]:
    """Which layers rotate: all but every fourth, or as `no_rope_layers` says (1 where a layer does)."""
    every = reader.integer("no_rope_layer_interval", default=4)
    named = reader.integers("no_rope_layers")
    if named and len(named) != layers:
        reader.fail("no_rope_layers", f"has {len(named)} entries for {layers} layers")
        named = ()
    return [bool(each) for each in named] or [(index + 1) % every != 0 for index in range(layers)]
