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
    parts = _parts(reader, count)
    extra, outside = _mixes(reader, hidden)
    layers = [
        Layer(attention if index + 1 in full else delta, part, extra=extra)
        for index, part in enumerate(parts)
    ]
    positions = reader.integer(reader.named(*_POSITIONS))
    return decoder(reader, hidden, layers, outside=outside, max_positions=positions)


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
        "num_experts",
        "moe_intermediate_size",
        per_token_key="num_experts_per_token",
        router_bias=True,
        scores=reader.choice(
            "moe_router_activation_func", {"sigmoid": "sigmoid", "softmax": "softmax"}, "sigmoid"
        ),
    )
    moe = replace(
        moe,
        shared_width=moe.width * reader.integer("num_shared_experts", default=0, minimum=0),
        latent=reader.integer("routed_expert_hidden_size", default=0, minimum=0),
        latent_norm=reader.boolean("latent_moe_use_norm", default=False),
    )
    reader.skip("topk_method")
    first, every = (
        reader.integer("first_k_dense_replace", minimum=0),
        reader.integer("moe_layer_freq", default=1),
    )
    part = dense(reader)
    return [moe if index >= first and index % every == 0 else part for index in range(count)]
