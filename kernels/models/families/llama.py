"""Llama, Mistral and Mixtral: rotary positions, RMSNorm, gated feed-forward parts, grouped queries."""

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import (
    LAYER_TYPES,
    decoder,
    dense,
    heads,
    mixture,
    widths,
    windows,
)
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader


def llama(reader: Reader) -> Model:
    """Read a config.json of `model_type` llama."""
    own_code(reader, "Llama")
    if reader.has("max_sequence_length"):  # the first Llama's name of it
        reader.assume(max_position_embeddings=reader.raw("max_sequence_length"))
    shape = widths(reader)
    bias = reader.boolean("attention_bias", default=False)
    layer = Layer(heads(shape, bias=bias), dense(reader))
    return decoder(reader, shape.hidden, [layer] * shape.layers)


def mistral(reader: Reader) -> Model:
    """Read a config.json of `model_type` mistral, or ministral with windows layer by layer."""
    own_code(reader, "Mistral", "Ministral")
    shape = widths(reader)
    part = dense(reader)
    # MistralConfig: a window of 4096 tokens where the key is missing, none where it is null
    window = reader.integer(
        "sliding_window", default=0 if "sliding_window" in reader.data else 4096, minimum=0
    )
    kinds = reader.per_layer("layer_types", shape.layers, LAYER_TYPES)
    kinds = kinds or ("sliding" if window else "full",) * shape.layers
    each = windows(reader, shape.layers, window, kinds)
    return decoder(reader, shape.hidden, [Layer(heads(shape, window=window), part) for window in each])


def mixtral(reader: Reader) -> Model:
    """Read a config.json of `model_type` mixtral."""
    own_code(reader, "Mixtral")
    shape = widths(reader)
    window = reader.integer("sliding_window", default=0, minimum=0)
    layer = Layer(heads(shape, window=window), mixture(reader, "num_local_experts", "intermediate_size"))
    return decoder(reader, shape.hidden, [layer] * shape.layers)
