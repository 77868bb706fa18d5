"""GPT-2: learned positions, LayerNorm, biases everywhere, plain feed-forward part, tied head."""

from bankside.kernels.formats import Format
from bankside.kernels.models.activations import activation
from bankside.kernels.models.config import MAX_LAYERS, Reader
from bankside.kernels.models.model import Model


def gpt2(name: str, reader: Reader, format: Format) -> Model:
    """Read a config.json of `model_type` gpt2; `n_inner` is `4 n_embd` where absent."""
    hidden = reader.integer("n_embd")
    heads = reader.integer("n_head")
    reader.divides("n_head", heads, "n_embd", hidden)
    return Model(
        name=name,
        model_type="gpt2",
        layers=reader.integer("n_layer", maximum=MAX_LAYERS),
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=hidden // heads,
        intermediate=reader.integer("n_inner", default=4 * hidden),
        vocab=reader.integer("vocab_size"),
        max_positions=reader.integer("n_positions"),
        activation=activation(reader, "activation_function", default="gelu_new"),
        gated=False,
        norm="layernorm",
        format=format,
        rotary=False,
        qkv_bias=True,
        out_bias=True,
        mlp_bias=True,
        tied=reader.boolean("tie_word_embeddings", default=True),
    )
