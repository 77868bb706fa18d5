"""BERT: an encoder, so no mask, no cache and no language-model head; norms follow the residual adds."""

from bankside.kernels.formats import Format
from bankside.kernels.models.activations import activation
from bankside.kernels.models.config import MAX_LAYERS, Reader
from bankside.kernels.models.model import Model


def bert(name: str, reader: Reader, format: Format) -> Model:
    """Read a config.json of `model_type` bert; pooler and masked-language-model head are not part of it."""
    hidden = reader.integer("hidden_size")
    heads = reader.integer("num_attention_heads")
    reader.divides("num_attention_heads", heads, "hidden_size", hidden)
    return Model(
        name=name,
        model_type="bert",
        layers=reader.integer("num_hidden_layers", maximum=MAX_LAYERS),
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_dim=hidden // heads,
        intermediate=reader.integer("intermediate_size"),
        vocab=reader.integer("vocab_size"),
        max_positions=reader.integer("max_position_embeddings"),
        activation=activation(reader, "hidden_act", default="gelu"),
        gated=False,
        norm="layernorm",
        format=format,
        post_norm=True,
        rotary=False,
        causal=False,
        qkv_bias=True,
        out_bias=True,
        mlp_bias=True,
        tied=True,
        head=False,
        token_types=reader.integer("type_vocab_size", default=2, minimum=0),
    )
