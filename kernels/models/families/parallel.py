"""GPT-J, GPT-NeoX, Falcon, Phi, StableLM, Cohere: attention and feed-forward part side by side, LayerNorm."""

from bankside.kernels.models.activations import activation
from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import (
    LAYER_TYPES,
    decoder,
    dense,
    heads,
    rotated,
    widths,
    windows,
)
from bankside.kernels.models.feed_forward import Dense
from bankside.kernels.models.heads import Heads
from bankside.kernels.models.layer import Layer, Order
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader


def gptj(reader: Reader) -> Model:
    """Read a config.json of `model_type` gptj: the head alone of the big matrices outside the parts has a bias."""
    own_code(reader, "GPTJ")
    hidden, count = reader.integer("n_embd"), reader.integer("n_head")
    reader.divides("n_head", count, "n_embd", hidden)
    reader.skip("n_ctx", "rotary", "scale_attn_weights")
    width = max(1, hidden // count)
    mixer = Heads(count, count, width, width, rotary=reader.integer("rotary_dim", default=width))
    act = activation(reader, "activation_function", "gelu_new")
    part = Dense(reader.integer("n_inner", default=4 * hidden), act, gated=False, bias=True, down_bias=True)
    layers = [Layer(mixer, part, "parallel")] * reader.layers("n_layer")
    positions = reader.integer("n_positions")
    return decoder(
        reader, hidden, layers, head_bias=True, norm="layernorm", norm_rows=2, max_positions=positions
    )


def gpt_neox(reader: Reader) -> Model:
    """Read a config.json of `model_type` gpt_neox."""
    own_code(reader, "GPTNeoX")
    shape = widths(reader)
    both = reader.boolean("use_parallel_residual", default=True)
    part = _plain(reader, "intermediate_size", "gelu", bias=True)
    rotary = rotated(reader, shape.head_dim, "rotary_pct", 0.25)
    mixer = heads(shape, reader.boolean("attention_bias", default=True), rotary=rotary)
    layer = Layer(mixer, part, "parallel-two" if both else "pre")
    return _model(reader, shape.hidden, [layer] * shape.layers)


def falcon(reader: Reader) -> Model:
    """Read a config.json of `model_type` falcon (also RefinedWeb, RefinedWebModel): three generations of it."""
    own_code(reader, "Falcon", "RW", "RefinedWeb")
    hidden = reader.integer("hidden_size")
    count = reader.integer(reader.named("num_attention_heads", "n_head"))
    reader.divides(reader.named("num_attention_heads", "n_head"), count, "hidden_size", hidden)
    new = reader.boolean("new_decoder_architecture", default=False)
    if new:
        kv_heads = reader.integer(reader.named("num_kv_heads", "n_head_kv"), default=count)
        reader.skip("multi_query", "parallel_attn")
    else:
        kv_heads = 1 if reader.boolean("multi_query", default=True) else count
        reader.skip("num_kv_heads", "n_head_kv")
    reader.divides("num_kv_heads", kv_heads, "num_attention_heads", count)
    both = new or reader.boolean("parallel_attn", default=True)
    two = new and reader.integer("num_ln_in_parallel_attn", default=2, maximum=2) == 2
    slopes, bias = reader.boolean("alibi", default=False), reader.boolean("bias", default=False)
    width = max(1, hidden // count)
    rotary = 0 if slopes else width
    mixer = Heads(count, kv_heads, width, width, rotary=rotary, q_bias=bias, kv_bias=bias, out_bias=bias)
    act = activation(reader, "activation", "gelu")
    part = Dense(
        reader.integer("ffn_hidden_size", default=4 * hidden), act, gated=False, bias=bias, down_bias=bias
    )
    if reader.has("ff_factor"):
        reader.agrees("ff_factor", part.width // hidden, "ffn_hidden_size")
    order: Order = ("parallel-two" if two else "parallel") if both else "pre"
    layers = [Layer(mixer, part, order)] * reader.layers(reader.named("num_hidden_layers", "n_layer"))
    reader.skip("seq_length", "apply_residual_connection_post_layernorm")
    positions = reader.integer("max_position_embeddings", default=2048)
    return _model(reader, hidden, layers, tied=True, max_positions=positions)


def phi(reader: Reader) -> Model:
    """Read a config.json of `model_type` phi (1, 1.5 and 2): biases everywhere, the head too."""
    own_code(reader, "Phi")
    shape = widths(reader)
    rotary = rotated(reader, shape.head_dim, default=0.5)
    norm = "head" if reader.boolean("qk_layernorm", default=False) else ""
    part = _plain(reader, "intermediate_size", "gelu_new", bias=True)
    layer = Layer(heads(shape, bias=True, rotary=rotary, qk_norm=norm, norm_rows=2), part, "parallel")
    return _model(reader, shape.hidden, [layer] * shape.layers, head_bias=True)


def stablelm(reader: Reader) -> Model:
    """Read a config.json of `model_type` stablelm: gated parts, side by side or not."""
    own_code(reader, "StableLm")
    shape = widths(reader)
    bias = reader.boolean("use_qkv_bias", default=False)
    key = reader.named("partial_rotary_factor", "rope_pct")
    norm = "heads" if reader.boolean("qk_layernorm", default=False) else ""
    both = reader.boolean("use_parallel_residual", default=False)
    rotary = rotated(reader, shape.head_dim, key, 0.25)
    mixer = heads(shape, rotary=rotary, q_bias=bias, kv_bias=bias, qk_norm=norm)
    return _model(
        reader, shape.hidden, [Layer(mixer, dense(reader), "parallel" if both else "pre")] * shape.layers
    )


def cohere(reader: Reader) -> Model:
    """Read a config.json of `model_type` cohere (Command-R): LayerNorm without a bias."""
    own_code(reader, "Cohere")
    shape = widths(reader)
    norm = "heads" if reader.boolean("use_qk_norm", default=False) else ""
    mixer = heads(shape, reader.boolean("attention_bias", default=False), qk_norm=norm)
    layer = Layer(mixer, dense(reader), "parallel")
    return decoder(reader, shape.hidden, [layer] * shape.layers, tied=True, norm="layernorm")


def cohere2(reader: Reader) -> Model:
    """Read a config.json of `model_type` cohere2: windows with positions on most layers, full ones without."""
    own_code(reader, "Cohere2")
    shape = widths(reader)
    reader.skip(
        "rotary_pct",
        "layer_switch",
        "order_of_interleaved_layers",
        "use_gated_activation",
        "use_embedding_sharing",
    )
    reader.skip("use_parallel_block", "use_parallel_embedding", "use_qk_norm", "position_embedding_type")
    window = reader.integer("sliding_window", default=4096)
    every = reader.integer("sliding_window_pattern", default=4)
    kinds = reader.per_layer("layer_types", shape.layers, LAYER_TYPES)
    kinds = kinds or tuple("sliding" if (index + 1) % every else "full" for index in range(shape.layers))
    bias, part = reader.boolean("attention_bias", default=False), dense(reader)
    layers = [
        Layer(heads(shape, bias, window=each, rotary=shape.head_dim if each else 0), part, "parallel")
        for each in windows(reader, shape.layers, window, kinds)
    ]
    return decoder(reader, shape.hidden, layers, tied=True, norm="layernorm")


def _plain(reader: Reader, key: str, act: str, bias: bool) -> Dense:
    width = reader.integer(key)
    return Dense(width, activation(reader, default=act), gated=False, bias=bias, down_bias=bias)


def _model(reader: Reader, hidden: int, layers: list[Layer], **more: object) -> Model:
    return decoder(reader, hidden, layers, norm="layernorm", norm_rows=2, **more)  # type: ignore[arg-type]
