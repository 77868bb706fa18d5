"""Kimi-Linear: three layers of the delta rule with a decay a channel to one of latent attention without positions."""

from dataclasses import replace
from typing import Any

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import decoder, dense, mixture
from bankside.kernels.models.families.deepseek import latent
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader
from bankside.kernels.models.recurrent import KimiDelta
from bankside.kernels.models.weight import Weight


def kimi_linear(reader: Reader) -> Model:
    """Read a config.json of `model_type` kimi_linear, or the language part of kimi_k3."""
    own_code(reader, "Kimi")
    hidden, count = reader.integer("hidden_size"), reader.layers()
    attention = replace(
        latent(reader),
        rotated=not reader.boolean("mla_use_nope", default=True),
        gate=reader.boolean("mla_use_output_gate", default=False),
    )
    delta, full = _linear(reader, count)
    parts = _parts(reader, count)
    extra, outside = _mixes(reader, hidden)
    layers = [
        Layer(attention if whole else delta, part, extra=extra)
        for whole, part in zip(full, parts, strict=True)
    ]
    positions = reader.integer(reader.named(*_POSITIONS))
    return decoder(reader, hidden, layers, outside=outside, max_positions=positions)


def _linear(reader: Reader, count: int) -> tuple[KimiDelta, list[bool]]:
    """The delta rule, and which layers are attention: under keys of their own, or listed from 1 in an object."""
    if not reader.has("linear_attn_config"):
        delta = KimiDelta(
            heads=reader.integer("linear_num_heads"),
            head_dim=reader.integer("linear_head_dim"),
            conv=reader.integer("linear_conv_kernel_dim", default=4),
        )
        kinds = reader.per_layer("layer_types", count, {"linear_attention": "", "full_attention": "full"})
        if kinds is None:
            reader.fail("layer_types", "is needed and missing")
        return delta, [bool(kind) for kind in kinds or [""] * count]
    linear = reader.inner("linear_attn_config")
    delta = KimiDelta(
        heads=linear.integer("num_heads"),
        head_dim=linear.integer("head_dim"),
        conv=linear.integer("short_conv_kernel_size", default=4),
        full_gate=linear.boolean("use_full_rank_gate", default=False),
    )
    full, kda = set(linear.integers("full_attn_layers")), set(linear.integers("kda_layers"))
    linear.skip("gate_lower_bound", "chunk_size")
    if full & kda or full | kda != set(range(1, count + 1)):
        linear.fail("full_attn_layers", f"and kda_layers do not share the layers 1 to {count} between them")
    linear.leftover()
    return delta, [index in full for index in range(1, count + 1)]


def _mixes(reader: Reader, hidden: int) -> tuple[tuple[Weight, ...], tuple[Weight, ...]]:
    """Weights of a layer, and behind the last, of attention over earlier blocks of layers (Kimi-K3): for each part
    a norm and a query, whatever the number of layers to a block."""
    if not reader.integer("attn_res_block_size", default=0, minimum=0):
        return (), ()
    inside = tuple(Weight(f"{part}.residual_mix", 2 * hidden) for part in ("attn", "mlp"))
    return inside, (Weight("head.residual_mix", 2 * hidden),)


_POSITIONS = ("max_position_embeddings", "model_max_length")


def _parts(reader: Reader, count: int) -> list[Any]:
    moe = mixture(
        reader,
        reader.named("num_experts", "num_local_experts"),
        "moe_intermediate_size",
        per_token_key=reader.named("num_experts_per_token", "num_experts_per_tok"),
        router_bias=True,
        scores=reader.choice(
            "moe_router_activation_func", {"sigmoid": "sigmoid", "softmax": "softmax"}, "sigmoid"
        ),
    )
    shared = reader.named("num_shared_experts", "n_shared_experts")
    moe = replace(
        moe,
        shared_width=moe.width * reader.integer(shared, default=0, minimum=0),
        latent=reader.integer("routed_expert_hidden_size", default=0, minimum=0),
        latent_norm=reader.boolean("latent_moe_use_norm", default=False),
    )
    reader.skip("topk_method")
    types = reader.per_layer("mlp_layer_types", count, {"dense": "dense", "sparse": "moe"})
    first = reader.integer("first_k_dense_replace", default=0 if types else None, minimum=0)
    every = reader.integer("moe_layer_freq", default=1)
    if types is None:
        types = tuple("moe" if index >= first and index % every == 0 else "dense" for index in range(count))
    parts = {"moe": moe, "dense": dense(reader)}
    return [parts[kind] for kind in types]
