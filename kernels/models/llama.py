"""Llama and its relatives: rotary positions, RMSNorm, gated feed-forward part, grouped queries, experts."""

from typing import NamedTuple

from bankside.kernels.formats import Format
from bankside.kernels.models.activations import activation
from bankside.kernels.models.config import MAX_LAYERS, Reader
from bankside.kernels.models.model import Model, Moe


class Variant(NamedTuple):
    """Where a relative of Llama differs.

    Parameters
    ----------
    qkv_bias
        Queries, keys and values always carry a bias, and the output projection never does (Qwen2).
    qk_norm
        Queries and keys are normalised head by head (Qwen3).
    experts_key
        The key that counts routed experts, or "" for a dense model.
    expert_width_key
        The key of an expert's width.
    windowed
        Whether `sliding_window` holds without being switched on by `use_sliding_window`.
    """

    qkv_bias: bool = False
    qk_norm: bool = False
    experts_key: str = ""
    expert_width_key: str = ""
    windowed: bool = False


VARIANTS = {
    "llama": Variant(),
    "mistral": Variant(windowed=True),
    "mixtral": Variant(experts_key="num_local_experts", expert_width_key="intermediate_size", windowed=True),
    "qwen2": Variant(qkv_bias=True),
    "qwen3": Variant(qk_norm=True),
    "qwen3_moe": Variant(qk_norm=True, experts_key="num_experts", expert_width_key="moe_intermediate_size"),
}


def llama(name: str, reader: Reader, format: Format) -> Model:
    """Read a config.json of a `model_type` in `VARIANTS`."""
    model_type = str(reader.data["model_type"])
    variant = VARIANTS[model_type]
    hidden = reader.integer("hidden_size")
    heads = reader.integer("num_attention_heads")
    kv_heads = reader.integer("num_key_value_heads", default=heads)
    reader.divides("num_key_value_heads", kv_heads, "num_attention_heads", heads)
    if reader.data.get("head_dim") is None:
        reader.divides("num_attention_heads", heads, "hidden_size", hidden)
    bias = reader.boolean("attention_bias", default=False)
    return Model(
        name=name,
        model_type=model_type,
        layers=reader.integer("num_hidden_layers", maximum=MAX_LAYERS),
        hidden=hidden,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=reader.integer("head_dim", default=max(1, hidden // heads)),
        intermediate=reader.integer("intermediate_size"),
        vocab=reader.integer("vocab_size"),
        max_positions=reader.integer("max_position_embeddings"),
        activation=activation(reader, "hidden_act", default="silu"),
        gated=True,
        norm="rmsnorm",
        format=format,
        qkv_bias=variant.qkv_bias or bias,
        out_bias=bias and not variant.qkv_bias,
        mlp_bias=reader.boolean("mlp_bias", default=False),
        qk_norm=variant.qk_norm,
        tied=reader.boolean("tie_word_embeddings", default=False),
        window=_window(reader, variant),
        moe=_moe(reader, variant) if variant.experts_key else None,
    )


def _window(reader: Reader, variant: Variant) -> int:
    if not reader.boolean("use_sliding_window", default=variant.windowed):
        return 0
    return reader.integer("sliding_window", default=0, minimum=0)


def _moe(reader: Reader, variant: Variant) -> Moe:
    experts = reader.integer(variant.experts_key)
    per_token = reader.integer("num_experts_per_tok")
    reader.at_most("num_experts_per_tok", per_token, variant.experts_key, experts, "experts")
    if reader.data.get("mlp_only_layers"):
        reader.fail("mlp_only_layers", "names single dense layers, which is not modelled")
    step = reader.integer("decoder_sparse_step", default=1)
    return Moe(experts, per_token, reader.integer(variant.expert_width_key), every=step, offset=step - 1)
