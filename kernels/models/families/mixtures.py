"""gpt-oss, MiniMax, GLM-4, Qwen2-MoE, Step and MiMo: grouped queries and mixtures, each with a few turns of its own."""

from dataclasses import replace

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import (
    LAYER_TYPES,
    Widths,
    decoder,
    dense,
    heads,
    mixture,
    overrides,
    rotated,
    widths,
    windows,
)
from bankside.kernels.models.families.deepseek import SCORES, deepseek_parts
from bankside.kernels.models.families.qwen import qwen_windows, sparse_parts
from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.heads import Heads, Indexer
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader, told


def gpt_oss(reader: Reader) -> Model:
    """Read a config.json of `model_type` gpt_oss: sinks, and biases on everything, the router too."""
    own_code(reader, "GptOss")
    reader.agrees("experts_per_token", reader.integer("num_experts_per_tok"), "num_experts_per_tok")
    shape = widths(reader, head_dim=64)
    bias = reader.boolean("attention_bias", default=True)
    moe = mixture(reader, "num_local_experts", "intermediate_size", router_bias=True, bias=True)
    kinds = reader.per_layer("layer_types", shape.layers, LAYER_TYPES)
    kinds = kinds or tuple("full" if index % 2 else "sliding" for index in range(shape.layers))
    each = windows(reader, shape.layers, reader.integer("sliding_window", default=128), kinds)
    layers = [Layer(heads(shape, bias, window=window, sinks=True), moe) for window in each]
    return decoder(reader, shape.hidden, layers)


def minimax_m2(reader: Reader) -> Model:
    """Read a config.json of `model_type` minimax_m2: one norm over all queries, one over all keys."""
    own_code(reader, "MiniMaxM2")
    shape = widths(reader)
    reader.per_layer("attn_type_list", shape.layers, {1: "full"})
    reader.refuse("shared_intermediate_size", "but no shared expert is modelled here")
    reader.skip("use_mtp")
    reader.refuse("sliding_window", "but attention over all is modelled")
    rotary = _turned(reader, shape)
    norm = _norm(reader, {"per_layer": "whole", "per_head": "head"}, "per_layer")
    moe = mixture(
        reader,
        "num_local_experts",
        "intermediate_size",
        router_bias=reader.boolean("use_routing_bias", default=True),
        scores=reader.choice("scoring_func", SCORES, default="sigmoid"),
    )
    layer = Layer(heads(shape, rotary=rotary, qk_norm=norm), moe)
    return decoder(reader, shape.hidden, [layer] * shape.layers)


def minimax_m3(reader: Reader) -> Model:
    """Read a config.json of `model_type` minimax_m3: on most layers an indexer picks blocks of keys."""
    own_code(reader, "MiniMaxM3")
    shape = widths(reader)
    rotary = _turned(reader, shape)
    norm = _norm(reader, {"per_layer": "whole", "per_head": "head"}, "per_head")
    reader.refuse("attention_output_gate", "but gated results are not modelled here")
    reader.skip("use_gemma_norm")
    reader.agrees("moe_intermediate_size", reader.integer("intermediate_size"), "intermediate_size")
    reader.agrees("n_shared_experts", 1, "MiniMax-M3")
    full = heads(shape, rotary=rotary, qk_norm=norm)
    indexer, picked = _blocks(reader, shape.layers)
    mixers = {"full": full, "sparse": replace(full, indexer=indexer)}
    moe = mixture(
        reader,
        "num_local_experts",
        "intermediate_size",
        router_bias=reader.boolean("use_routing_bias", default=True),
        scores=reader.choice("scoring_func", SCORES, default="sigmoid"),
        shared_width=reader.integer("shared_intermediate_size", default=0, minimum=0),
    )
    kinds = reader.per_layer("moe_layer_freq", shape.layers, {0: "dense", 1: "moe"})
    kinds = kinds or reader.per_layer("mlp_layer_types", shape.layers, _PARTS) or ("moe",) * shape.layers
    first = next((index for index, kind in enumerate(kinds) if kind == "moe"), shape.layers)
    reader.agrees("first_k_dense_replace", first, "moe_layer_freq")
    parts: dict[str, Dense | Moe] = {"moe": moe, "dense": dense(reader, "dense_intermediate_size")}
    layers = [Layer(mixers[how], parts[kind]) for how, kind in zip(picked, kinds, strict=True)]
    return decoder(reader, shape.hidden, layers)


_PARTS = {"dense": "dense", "sparse": "moe"}


def _blocks(reader: Reader, layers: int) -> tuple[Indexer, tuple[str, ...]]:
    """The indexer, and which layers have one: in an object of their own, or under keys of newer files."""
    inner, names, kinds = reader, _BLOCK_KEYS, reader.per_layer("layer_types", layers, _BLOCK_LAYERS)
    if reader.has("sparse_attention_config"):
        inner = reader.inner("sparse_attention_config")
        names = tuple(f"sparse_{name}" for name in _OLD_BLOCK_KEYS)
        kinds = kinds or inner.per_layer("sparse_attention_freq", layers, {0: "full", 1: "sparse"})
        inner.skip("sparse_attention_freq", "sparse_init_block", "sparse_score_type", "sparse_local_block")
        kinds = kinds or ("full",) * layers
        if not inner.boolean("use_sparse_attention", default=True):
            kinds = ("full",) * layers
        off = inner.per_layer("sparse_disable_index_value", layers, {0: "", 1: "off"}) or ("off",) * layers
        if any(kind == "sparse" and not each for kind, each in zip(kinds, off, strict=True)):
            inner.fail("sparse_disable_index_value", "asks for values of the indexer, which are not modelled")
    reader.skip("index_local_blocks")
    heads, width, top, block = (inner.integer(name) for name in names)
    if inner is not reader:
        inner.leftover()
    indexer = Indexer(heads, width, top, weighted=False, norm_elements=2 * width, block=block)
    return indexer, kinds or ("full",) * layers


_BLOCK_KEYS: tuple[str, ...] = ("index_n_heads", "index_head_dim", "index_topk_blocks", "index_block_size")
_OLD_BLOCK_KEYS = ("num_index_heads", "index_dim", "topk_blocks", "block_size")
_BLOCK_LAYERS = {"full_attention": "full", "minimax_m3_sparse": "sparse"}


def _turned(reader: Reader, shape: Widths) -> int:
    """Elements of a head that are rotated, told as a number or as a share of the head."""
    share = rotated(reader, shape.head_dim)
    turned = reader.integer("rotary_dim", default=share)
    if reader.has("partial_rotary_factor") and share != turned:
        reader.fail("partial_rotary_factor", f"makes {share} of a head turn, but rotary_dim is {turned}")
    return turned


def _norm(reader: Reader, kinds: dict[str, str], default: str) -> str:
    """How queries and keys are normalised, or "" where they are not."""
    kind = reader.choice("qk_norm_type", kinds, default)
    return kind if reader.boolean("use_qk_norm", default=True) else ""


def qwen2_moe(reader: Reader) -> Model:
    """Read a config.json of `model_type` qwen2_moe: the shared expert's result is weighed."""
    own_code(reader, "Qwen2Moe")
    shape = widths(reader)
    reader.skip("attention_bias")
    moe = mixture(
        reader,
        "num_experts",
        "moe_intermediate_size",
        shared_width=reader.integer("shared_expert_intermediate_size"),
        shared_gate=True,
    )
    parts = sparse_parts(reader, shape.layers, moe)
    biases = {"q_bias": reader.boolean("qkv_bias", default=True)}
    biases["kv_bias"] = biases["q_bias"]
    each = qwen_windows(reader, shape)
    layers = [Layer(heads(shape, window=w, **biases), part) for w, part in zip(each, parts, strict=True)]
    return decoder(reader, shape.hidden, layers)


def glm4_moe(reader: Reader) -> Model:
    """Read a config.json of `model_type` glm4_moe (GLM-4.5): results never carry a bias."""
    own_code(reader, "Glm")
    reader.skip("topk_method")
    shape = widths(reader)
    bias = reader.boolean("attention_bias", default=False)
    norm = "head" if reader.boolean("use_qk_norm", default=False) else ""
    rotary = rotated(reader, shape.head_dim, default=0.5)
    mixer = heads(shape, rotary=rotary, q_bias=bias, kv_bias=bias, qk_norm=norm)
    return decoder(
        reader, shape.hidden, [Layer(mixer, part) for part in deepseek_parts(reader, shape.layers)]
    )


def step3p5(reader: Reader) -> Model:
    """Read a config.json of `model_type` step3p5 or step3p7: results are gated head by head, and sliding layers
    may have a number of heads of their own."""
    own_code(reader, "Step3", "Step3p5", "Step3p7", "Step3p7Flash")
    reader.assume(
        max_position_embeddings=reader.raw("max_seq_len"),
        num_key_value_heads=reader.raw("num_attention_groups"),
    )
    shape = widths(reader, head_dim=128)
    reader.skip("max_seq_len", "num_attention_groups")
    for key in ("scoring_func", "moe_router_activation"):
        reader.choice(key, {"sigmoid": "sigmoid"}, default="sigmoid")
    reader.agrees("n_shared_experts", 1, "Step")
    reader.skip("use_head_wise_attn_gate", "use_moe", "partial_rotary_factors", "need_fp32_gate", "use_mfa")
    reader.skip("norm_expert_weight", "yarn_only_types", "zero_centered", "use_rope_layers")
    reader.refuse("sink", "which is not modelled")
    count, bias = shape.layers, reader.boolean("attention_bias", default=False)
    kinds = reader.per_layer("layer_types", count, LAYER_TYPES) or ("full",) * count
    each = windows(reader, count, reader.integer("sliding_window", default=0, minimum=0), kinds)
    other = reader.mapping("attention_other_setting").get("num_attention_heads", shape.heads)
    sliding = reader.integer(
        "num_sliding_attention_heads", default=other if type(other) is int else shape.heads
    )
    reader.divides("num_key_value_heads", shape.kv_heads, "num_sliding_attention_heads", sliding)
    for index, change in overrides(reader, count, ("num_attention_heads",)).items():
        if change["num_attention_heads"] != (sliding if each[index] else shape.heads):
            reader.fail(
                "per_layer_config", f"changes the heads of layer {index} alone, which is not modelled"
            )
    narrow = shape._replace(heads=sliding)
    moe = mixture(
        reader,
        reader.named("num_experts", "moe_num_experts", "n_routed_experts"),
        "moe_intermediate_size",
        per_token_key=reader.named("num_experts_per_tok", "moe_top_k"),
        router_bias=reader.boolean("use_moe_router_bias", default=True),
        scores="sigmoid",
        shared_width=reader.integer(reader.named("share_expert_dim", "share_expert_dims")),
    )
    parts: dict[str, Dense | Moe] = {"moe": moe, "dense": dense(reader)}
    layers = [
        Layer(
            heads(narrow if window else shape, bias, window=window, qk_norm="head", gate="head"), parts[kind]
        )
        for window, kind in zip(each, _step_parts(reader, count), strict=True)
    ]
    return decoder(reader, shape.hidden, layers)


def _step_parts(reader: Reader, count: int) -> tuple[str, ...]:
    """Which layers are mixtures: as listed by kind or by number, or all but the first few."""
    kinds = reader.per_layer("mlp_layer_types", count, _PARTS)
    first = reader.integer("first_k_dense_replace", default=3, minimum=0)
    named = reader.raw("moe_layers_enum")
    if kinds is not None:
        return kinds
    if named is None:
        return tuple("moe" if index >= first else "dense" for index in range(count))
    texts = named.split(",") if isinstance(named, str) else named
    if not isinstance(texts, list) or not all(str(each).strip().isdecimal() for each in texts):
        reader.fail("moe_layers_enum", f"is {told(named)}, not numbers of layers")
        return ("dense",) * count
    sparse = {str(each).strip() for each in texts}
    return tuple("moe" if str(index) in sparse else "dense" for index in range(count))


def mimo(reader: Reader) -> Model:
    """Read a config.json of `model_type` mimo: as Qwen2."""
    own_code(reader, "MiMo")
    shape = widths(reader)
    bias = reader.boolean("attention_bias", default=True)
    part, each = dense(reader), qwen_windows(reader, shape)
    layers = [Layer(heads(shape, window=window, q_bias=bias, kv_bias=bias), part) for window in each]
    return decoder(reader, shape.hidden, layers)


def mimo_v2(reader: Reader) -> Model:
    """Read a config.json of `model_type` mimo_v2_flash: sliding layers have heads of their own, and sinks."""
    own_code(reader, "MiMoV2", "MiMoV2Flash")
    hidden, layers = reader.integer("hidden_size"), reader.layers()
    reader.skip("topk_method")
    for key in ("attention_chunk_size", "sliding_window_size"):
        reader.agrees(key, reader.integer("sliding_window"), "sliding_window")
    mixers = {"full": _mimo_heads(reader, "", 0)}
    mixers["sliding"] = _mimo_heads(reader, "swa_", reader.integer("sliding_window"))
    kinds = reader.per_layer("hybrid_layer_pattern", layers, {0: "full", 1: "sliding"})
    kinds = kinds or reader.per_layer("layer_types", layers, LAYER_TYPES) or ("full",) * layers
    flags = reader.per_layer("moe_layer_freq", layers, {0: "dense", 1: "moe"})
    flags = flags or reader.per_layer("mlp_layer_types", layers, {"dense": "dense", "sparse": "moe"})
    flags = flags or ("dense", *("moe",) * (layers - 1))
    moe = mixture(
        reader,
        "n_routed_experts",
        "moe_intermediate_size",
        router_bias=True,
        scores=reader.choice("scoring_func", SCORES, default="sigmoid"),
    )
    moe = replace(moe, shared_width=moe.width * reader.integer("n_shared_experts", default=0, minimum=0))
    parts: dict[str, Dense | Moe] = {"moe": moe, "dense": dense(reader)}
    return decoder(
        reader, hidden, [Layer(mixers[kind], parts[flag]) for kind, flag in zip(kinds, flags, strict=True)]
    )


def _mimo_heads(reader: Reader, prefix: str, window: int) -> Heads:
    count = reader.integer(f"{prefix}num_attention_heads", default=reader.integer("num_attention_heads"))
    kv_default = reader.integer("num_key_value_heads") * (2 if window else 1)
    kv_heads = reader.integer(f"{prefix}num_key_value_heads", default=kv_default)
    reader.divides(f"{prefix}num_key_value_heads", kv_heads, f"{prefix}num_attention_heads", count)
    width = reader.integer(f"{prefix}head_dim", default=reader.integer("head_dim"))
    value = reader.integer(f"{prefix}v_head_dim", default=reader.integer("v_head_dim"))
    bias = reader.boolean("attention_bias", default=False)
    sinks = reader.boolean(
        "add_swa_attention_sink_bias" if window else "add_full_attention_sink_bias", bool(window)
    )
    rotary = rotated(reader, width)
    return Heads(
        count, kv_heads, width, value, window=window, rotary=rotary, q_bias=bias, kv_bias=bias, sinks=sinks
    )
