"""DeepSeek-V2, V3 and V3.2, Kimi-K2, GLM-5: latent attention, and mixtures of many small experts."""

from dataclasses import replace

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import decoder, dense, mixture
from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.heads import Indexer
from bankside.kernels.models.latent import Mla
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader, told

SCORES = {"softmax": "softmax", "sigmoid": "sigmoid", "sqrtsoftplus": "sqrtsoftplus"}
_ATTENTION = {"deepseek_sparse_attention": "sparse", "indexed_attention": "sparse", "full_attention": "full"}


def deepseek_v2(reader: Reader) -> Model:
    """Read a config.json of `model_type` deepseek_v2.

    Routing within groups of experts (`n_group`, `topk_group`) is left out: routing is uniform here.
    """
    own_code(reader, "Deepseek")
    bias = reader.raw("topk_method") == "noaux_tc"
    return _model(reader, latent(reader), router_bias=bias, scores="softmax")


def deepseek_v3(reader: Reader) -> Model:
    """Read a config.json of `model_type` deepseek_v3 or kimi_k2: each router has a bias per expert, named or not."""
    own_code(reader, "Deepseek", "Kimi")
    reader.skip("topk_method")
    return _model(reader, latent(reader))


def deepseek_v32(reader: Reader) -> Model:
    """Read a config.json of `model_type` deepseek_v32: an indexer picks the tokens that are met."""
    own_code(reader, "Deepseek")
    reader.skip("topk_method")
    reader.per_layer("layer_types", reader.layers(), _ATTENTION)
    return _model(reader, _indexed(reader))


def glm_moe_dsa(reader: Reader) -> Model:
    """Read a config.json of `model_type` glm_moe_dsa (GLM-5): most layers may use an earlier layer's picks."""
    own_code(reader, "Glm")
    reader.skip("topk_method")
    reader.agrees("num_experts", reader.integer("n_routed_experts"), "n_routed_experts")
    layers = reader.layers()
    reader.per_layer("layer_types", layers, _ATTENTION)
    types = reader.per_layer("indexer_types", layers, {"full": "own", "shared": "shared"})
    if types is None or reader.has("index_topk_freq"):
        every, offset = (
            reader.integer("index_topk_freq", default=1),
            reader.integer("index_skip_topk_offset", 2, 0),
        )
        own = [max(index - offset + 1, 0) % every == 0 for index in range(layers)]
        derived = tuple("own" if each else "shared" for each in own)
        if types is not None and types != derived:
            reader.fail("index_topk_freq", "and index_skip_topk_offset do not say what indexer_types says")
        types = derived
    picks = _indexed(reader)
    uses = replace(picks, indexer=None)
    parts = deepseek_parts(reader, layers)
    stack = [Layer(picks if kind == "own" else uses, part) for kind, part in zip(types, parts, strict=True)]
    return decoder(reader, reader.integer("hidden_size"), stack)


def _model(reader: Reader, mixer: Mla, router_bias: bool = True, scores: str = "sigmoid") -> Model:
    hidden, layers = reader.integer("hidden_size"), reader.layers()
    parts = deepseek_parts(reader, layers, router_bias, scores)
    return decoder(reader, hidden, [Layer(mixer, part) for part in parts])


def latent(reader: Reader) -> Mla:
    """Latent attention, with as many key-value heads as query heads; the width of a head is its two parts'."""
    parts = [reader.integer(key) for key in ("qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim")]
    if reader.has("head_dim") and reader.integer("head_dim") not in (*parts, parts[0] + parts[1]):
        reader.fail("head_dim", f"is {told(reader.raw('head_dim'))}, which no part of a head is wide")
    heads = reader.integer("num_attention_heads")
    reader.agrees("num_key_value_heads", heads, "num_attention_heads")
    both = reader.integer("qk_nope_head_dim") + reader.integer("qk_rope_head_dim")
    reader.agrees("qk_head_dim", both, "qk_nope_head_dim")
    return Mla(
        heads=heads,
        q_lora=reader.integer("q_lora_rank", default=0, minimum=0),
        kv_lora=reader.integer("kv_lora_rank"),
        nope=reader.integer("qk_nope_head_dim"),
        rope=reader.integer("qk_rope_head_dim"),
        v=reader.integer("v_head_dim"),
        bias=reader.boolean("attention_bias", default=False),
    )


def _indexed(reader: Reader) -> Mla:
    """Latent attention to tokens that an indexer picks; its keys pass a LayerNorm."""
    mixer, width = latent(reader), reader.integer("index_head_dim")
    indexer = Indexer(
        heads=reader.integer("index_n_heads"),
        head_dim=width,
        top=reader.integer("index_topk"),
        query_inputs=mixer.q_lora,
        norm_elements=2 * width,
    )
    return replace(mixer, sparse=True, top=indexer.top, indexer=indexer)


def deepseek_parts(
    reader: Reader, layers: int, router_bias: bool = True, scores: str = "sigmoid"
) -> list[Dense | Moe]:
    """Dense parts on the first `first_k_dense_replace` layers, then mixtures every `moe_layer_freq` layers."""
    moe = mixture(
        reader,
        "n_routed_experts",
        "moe_intermediate_size",
        router_bias=router_bias,
        scores=reader.choice("scoring_func", SCORES, default=scores),
    )
    moe = replace(moe, shared_width=moe.width * reader.integer("n_shared_experts", default=0, minimum=0))
    types = reader.per_layer("mlp_layer_types", layers, {"dense": "dense", "sparse": "sparse"})
    first = reader.integer("first_k_dense_replace", default=0 if types else None, minimum=0)
    reader.at_most("first_k_dense_replace", first, "num_hidden_layers", layers, "layers")
    every = reader.integer("moe_layer_freq", default=1)
    if types is None or reader.has("first_k_dense_replace"):
        sparse = [index >= first and index % every == 0 for index in range(layers)]
        derived = tuple("sparse" if each else "dense" for each in sparse)
        if types is not None and types != derived:
            reader.fail("first_k_dense_replace", "and moe_layer_freq do not say what mlp_layer_types says")
        types = derived
    if "dense" not in types:
        reader.skip("intermediate_size")
        return [moe] * layers
    part = dense(reader)
    return [moe if kind == "sparse" else part for kind in types]
