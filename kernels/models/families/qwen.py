"""Qwen 2 and 3: biased or normalised queries and keys, windows on the last layers, mixtures of small experts."""

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import (
    LAYER_TYPES,
    Widths,
    decoder,
    dense,
    heads,
    mixture,
    widths,
    windows,
)
from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader


def qwen2(reader: Reader) -> Model:
    """Read a config.json of `model_type` qwen2: queries, keys and values carry a bias, results never do."""
    own_code(reader, "Qwen2")
    shape = widths(reader)
    reader.skip("attention_bias", "use_mrope")
    part = dense(reader)
    each = qwen_windows(reader, shape)
    biases = {"q_bias": True, "kv_bias": True}
    return decoder(
        reader, shape.hidden, [Layer(heads(shape, window=window, **biases), part) for window in each]
    )


def qwen3(reader: Reader) -> Model:
    """Read a config.json of `model_type` qwen3: queries and keys are normalised head by head."""
    own_code(reader, "Qwen3")
    shape = widths(reader, head_dim=128)
    part = dense(reader)
    bias = reader.boolean("attention_bias", default=False)
    layers = [
        Layer(heads(shape, bias, window=window, qk_norm="head"), part)
        for window in qwen_windows(reader, shape)
    ]
    return decoder(reader, shape.hidden, layers)


def qwen3_moe(reader: Reader) -> Model:
    """Read a config.json of `model_type` qwen3_moe."""
    own_code(reader, "Qwen3")
    shape = widths(reader)
    bias = reader.boolean("attention_bias", default=False)
    experts = reader.named("num_experts", "num_local_experts")
    parts = sparse_parts(reader, shape.layers, mixture(reader, experts, "moe_intermediate_size"))
    layers = [
        Layer(heads(shape, bias, window=window, qk_norm="head"), part)
        for window, part in zip(qwen_windows(reader, shape), parts, strict=True)
    ]
    return decoder(reader, shape.hidden, layers)


def qwen_windows(reader: Reader, shape: Widths) -> list[int]:
    """Windows layer by layer: as `layer_types` says, else on all but the first `max_window_layers` layers."""
    on = reader.boolean("use_sliding_window", default=False)
    # Qwen's classes: a window of 4096 tokens where the key is missing, none where it is null
    absent = 4096 if "sliding_window" not in reader.data else 0
    window = reader.integer("sliding_window", default=absent, minimum=0)
    window = window if on else 0
    first = reader.integer("max_window_layers", default=28, minimum=0)
    kinds = reader.per_layer("layer_types", shape.layers, LAYER_TYPES)
    if kinds is None:
        kinds = tuple("sliding" if window and index >= first else "full" for index in range(shape.layers))
    return windows(reader, shape.layers, window, kinds)


def sparse_parts(reader: Reader, layers: int, moe: Moe) -> list[Dense | Moe]:
    """Mixtures on every `decoder_sparse_step`-th layer that `mlp_only_layers` does not name."""
    step = reader.integer("decoder_sparse_step", default=1)
    only = set(reader.integers("mlp_only_layers"))
    sparse = [index not in only and (index + 1) % step == 0 for index in range(layers)]
    if all(sparse):
        reader.skip("intermediate_size", "mlp_bias")
        return [moe] * layers
    part = dense(reader)
    return [moe if each else part for each in sparse]
