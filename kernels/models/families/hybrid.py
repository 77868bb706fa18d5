"""Nemotron-H, Jamba, Granite-4 and Mamba: state spaces, alone or among attention and mixtures."""

from dataclasses import replace
from math import ceil

from bankside.kernels.models.activations import activation
from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import decoder, dense, heads, mixture, widths
from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader
from bankside.kernels.models.recurrent import Mamba1, Mamba2

_LETTERS = {"M": "mamba", "E": "moe", "*": "attention", "-": "mlp"}
_BLOCKS = {
    "mamba": "mamba",
    "linear_attention": "mamba",
    "moe": "moe",
    "attention": "attention",
    "full_attention": "attention",
    "mlp": "mlp",
}


def nemotron_h(reader: Reader) -> Model:
    """Read a config.json of `model_type` nemotron_h: a layer is one part alone, behind one norm."""
    own_code(reader, "NemotronH")
    reader.assume(head_dim=reader.raw("attention_head_dim"))
    reader.skip("attention_head_dim", "expand", "time_step_rank", "layer_norm_epsilon")
    reader.refuse("sliding_window", "but attention over all is modelled")
    key = reader.named("hybrid_override_pattern", "layers_block_type", "layer_types")
    listed = reader.raw(key)
    reader.assume(num_hidden_layers=len(listed) if isinstance(listed, str | list) else None)
    kinds = _pattern(reader, reader.layers())
    shape = widths(reader, head_dim=128)
    bias = reader.boolean("attention_bias", default=False)
    parts: dict[str, Layer] = {"mamba": Layer(_nemotron_state(reader), None, "single")}
    if "attention" in kinds:
        parts["attention"] = Layer(heads(shape, bias, rotary=0), None, "single")
    reader.skip("partial_rotary_factor")
    act, wide = activation(reader, "mlp_hidden_act", "relu2"), reader.boolean("mlp_bias", default=False)
    if "mlp" in kinds:
        part = Dense(reader.integer("intermediate_size"), act, gated=False, bias=wide, down_bias=wide)
        parts["mlp"] = Layer(None, part, "single")
    if "moe" in kinds:
        parts["moe"] = Layer(None, _nemotron_moe(reader, wide), "single")
    else:
        reader.skip("moe_intermediate_size", "moe_shared_expert_intermediate_size", "num_experts_per_tok")
    reader.skip("intermediate_size", "n_routed_experts", "n_shared_experts")
    return decoder(reader, shape.hidden, [parts[kind] for kind in kinds])


def _pattern(reader: Reader, count: int) -> tuple[str, ...]:
    """The kind of each layer: a letter each, or a name each."""
    named = reader.per_layer(reader.named("layers_block_type", "layer_types"), count, _BLOCKS)
    letters = reader.raw("hybrid_override_pattern")
    if named is not None:
        return named
    if not isinstance(letters, str) or len(letters) != count or not set(letters) <= set(_LETTERS):
        reader.fail(
            "hybrid_override_pattern",
            f"is not a text of num_hidden_layers = {count} letters of {''.join(_LETTERS)}",
        )
        return ("mlp",) * count
    return tuple(_LETTERS[letter] for letter in letters)


def _nemotron_state(reader: Reader) -> Mamba2:
    reader.choice("mamba_hidden_act", {"silu": "silu"}, default="silu")
    bias = reader.boolean("use_bias", default=False)
    reader.refuse("mamba_proj_bias", "but projections without bias are modelled" if not bias else "", bias)
    return Mamba2(
        heads=reader.integer("mamba_num_heads"),
        head_dim=reader.integer("mamba_head_dim"),
        groups=reader.integer("n_groups"),
        state=reader.integer("ssm_state_size"),
        conv=reader.integer("conv_kernel"),
        conv_bias=reader.boolean("use_conv_bias", default=True),
        bias=bias,
        chunk=reader.integer(reader.named("chunk_size", "mamba_chunk_size"), default=128),
    )


def _nemotron_moe(reader: Reader, bias: bool) -> Moe:
    shared = reader.integer("moe_shared_expert_intermediate_size", default=0, minimum=0)
    shared *= reader.integer("n_shared_experts", default=1, minimum=0, maximum=1)
    return mixture(
        reader,
        "n_routed_experts",
        "moe_intermediate_size",
        activation_key="mlp_hidden_act",
        router_bias=True,
        scores="sigmoid",
        gated=False,
        bias=bias,
        shared_width=shared,
        latent=reader.integer("moe_latent_size", default=0, minimum=0),
    )


def jamba(reader: Reader) -> Model:
    """Read a config.json of `model_type` jamba: attention without positions every `attn_layer_period` layers."""
    own_code(reader, "Jamba")
    shape = widths(reader)
    inner = reader.integer("mamba_expand", default=2) * shape.hidden
    state = Mamba1(
        inner,
        reader.integer("mamba_d_state", default=16),
        _rank(reader, "mamba_dt_rank", shape.hidden),
        reader.integer("mamba_d_conv", default=4),
        conv_bias=reader.boolean("mamba_conv_bias", default=True),
        bias=reader.boolean("mamba_proj_bias", default=False),
        norms=True,
    )
    attention, part = heads(shape, rotary=0), dense(reader)
    moe = (
        mixture(reader, "num_experts", "intermediate_size")
        if reader.integer("num_experts", default=16) > 1
        else part
    )
    layers = []
    for index in range(shape.layers):
        attends = _falls(reader, index, "attn_layer", 8, 4)
        sparse = _falls(reader, index, "expert_layer", 2, 1)
        layers.append(Layer(attention if attends else state, moe if sparse else part))
    reader.skip("num_experts_per_tok", "n_ctx")
    if not reader.boolean("mamba_inner_layernorms", default=True):
        reader.fail("mamba_inner_layernorms", "is False, which is not modelled")
    return decoder(
        reader,
        shape.hidden,
        layers,
        tied=True,
        max_positions=reader.integer("max_position_embeddings", 262144),
    )


def _falls(reader: Reader, index: int, key: str, period: int, offset: int) -> bool:
    period = reader.integer(f"{key}_period", default=period)
    return index % period == reader.integer(f"{key}_offset", default=offset, minimum=0) % period


def _rank(reader: Reader, key: str, hidden: int) -> int:
    """The width that rates are projected through; "auto" is a sixteenth of the stream."""
    if reader.raw(key) in (None, "auto"):
        return ceil(hidden / 16)
    return reader.integer(key)


def mamba(reader: Reader) -> Model:
    """Read a config.json of `model_type` mamba or falcon_mamba."""
    own_code(reader, "Mamba", "FalconMamba")
    hidden = reader.integer("hidden_size")
    inner = reader.integer("intermediate_size", default=reader.integer("expand", default=2) * hidden)
    reader.skip("d_inner", "d_model", "n_layer", "ssm_cfg", "fused_add_norm", "rms_norm", "mixer_rms_eps")
    reader.choice("hidden_act", {"silu": "silu"}, default="silu")
    state = Mamba1(
        inner,
        reader.integer("state_size", default=16),
        _rank(reader, "time_step_rank", hidden),
        reader.integer("conv_kernel", default=4),
        conv_bias=reader.boolean("use_conv_bias", default=True),
        bias=reader.boolean("use_bias", default=False),
    )
    layers = [Layer(state, None, "single")] * reader.layers()
    reader.skip("max_position_embeddings")
    return decoder(reader, hidden, layers, tied=True, max_positions=_ENDLESS)


_ENDLESS = 1 << 40  # a state has no last position


def mamba2(reader: Reader) -> Model:
    """Read a config.json of `model_type` mamba2."""
    own_code(reader, "Mamba2")
    hidden = reader.integer("hidden_size")
    state = Mamba2(
        reader.integer("num_heads"),
        reader.integer("head_dim"),
        reader.integer("n_groups"),
        reader.integer("state_size"),
        reader.integer("conv_kernel", default=4),
        conv_bias=reader.boolean("use_conv_bias", default=True),
        bias=reader.boolean("use_bias", default=False),
        chunk=reader.integer("chunk_size", default=256),
    )
    inner = reader.integer("expand", default=2) * hidden
    if state.heads * state.head_dim != inner:
        reader.fail(
            "num_heads", f"x head_dim is {state.heads * state.head_dim}, not expand x hidden_size = {inner}"
        )
    reader.agrees("intermediate_size", inner, "expand")
    reader.skip("time_step_rank", "rms_norm", "norm_before_gate")
    reader.choice("hidden_act", {"silu": "silu"}, default="silu")
    layers = [Layer(state, None, "single")] * reader.layers()
    return decoder(reader, hidden, layers, max_positions=_ENDLESS)


def granitemoehybrid(reader: Reader) -> Model:
    """Read a config.json of `model_type` granitemoehybrid (Granite 4): a shared expert on every layer."""
    own_code(reader, "GraniteMoeHybrid")
    reader.choice("normalization_function", {"rmsnorm": "rmsnorm"}, default="rmsnorm")
    shape = widths(reader)
    inner = reader.integer("mamba_expand", default=2) * shape.hidden
    count = reader.integer("mamba_n_heads", default=128)
    width = (
        reader.integer("mamba_d_head", inner // count)
        if reader.raw("mamba_d_head") != "auto"
        else inner // count
    )
    if count * width != inner:
        reader.fail(
            "mamba_d_head",
            f"times mamba_n_heads is {count * width}, not mamba_expand x hidden_size = {inner}",
        )
    state = Mamba2(
        count,
        max(1, width),
        reader.integer("mamba_n_groups", default=1),
        reader.integer("mamba_d_state", default=256),
        reader.integer("mamba_d_conv", default=4),
        conv_bias=reader.boolean("mamba_conv_bias", default=True),
        bias=reader.boolean("mamba_proj_bias", default=False),
        chunk=reader.integer("mamba_chunk_size", default=256),
    )
    kinds = reader.per_layer(reader.named("layer_types", "layers_block_type"), shape.layers, _BLOCKS)
    kinds = kinds or ("mamba",) * shape.layers
    turned = (
        reader.choice("position_embedding_type", {"rope": "rope", "nope": "nope"}, default="nope") == "rope"
    )
    bias = reader.boolean("attention_bias", default=False)
    attention = heads(shape, bias, rotary=shape.head_dim if turned else 0)
    part = _granite_part(reader)
    layers = [Layer(attention if kind == "attention" else state, part) for kind in kinds]
    return decoder(reader, shape.hidden, layers, tied=True)


def _granite_part(reader: Reader) -> Dense | Moe:
    act, shared = activation(reader), reader.integer("shared_intermediate_size", default=0, minimum=0)
    if not reader.integer("num_local_experts", default=0, minimum=0):
        reader.skip("num_experts_per_tok", "intermediate_size")
        return Dense(shared, act)
    return replace(mixture(reader, "num_local_experts", "intermediate_size"), shared_width=shared)
