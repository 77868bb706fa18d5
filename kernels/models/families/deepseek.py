"""DeepSeek-V2 and V3: latent attention, and a mixture of many small experts with shared ones."""

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import decoder, dense, mixture
from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.latent import Mla
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader


def deepseek_v2(reader: Reader) -> Model:
    """Read a config.json of `model_type` deepseek_v2.

    Routing within groups of experts (`n_group`, `topk_group`) is left out: routing is uniform here.
    """
    own_code(reader, "Deepseek")
    bias = reader.raw("topk_method") == "noaux_tc"
    return _model(reader, router_bias=bias, scores="softmax")


def deepseek_v3(reader: Reader) -> Model:
    """Read a config.json of `model_type` deepseek_v3: each router has a bias per expert, named or not."""
    own_code(reader, "Deepseek", "Kimi")
    reader.skip("topk_method")
    return _model(reader, router_bias=True, scores="sigmoid")


def _model(reader: Reader, router_bias: bool, scores: str) -> Model:
    hidden, layers = reader.integer("hidden_size"), reader.layers()
    mixer = latent(reader)
    parts = deepseek_parts(reader, layers, router_bias, scores)
    return decoder(reader, hidden, [Layer(mixer, part) for part in parts])


def latent(reader: Reader) -> Mla:
    """Latent attention; key-value heads and the width of a head do not matter to it."""
    reader.skip("num_key_value_heads", "head_dim", "qk_head_dim")
    return Mla(
        heads=reader.integer("num_attention_heads"),
        q_lora=reader.integer("q_lora_rank", default=0, minimum=0),
        kv_lora=reader.integer("kv_lora_rank"),
        nope=reader.integer("qk_nope_head_dim"),
        rope=reader.integer("qk_rope_head_dim"),
        v=reader.integer("v_head_dim"),
        bias=reader.boolean("attention_bias", default=False),
    )


def deepseek_parts(reader: Reader, layers: int, router_bias: bool, scores: str) -> list[Dense | Moe]:
    """Dense parts on the first `first_k_dense_replace` layers, then mixtures every `moe_layer_freq` layers."""
    moe = mixture(
        reader,
        "n_routed_experts",
        "moe_intermediate_size",
        router_bias=router_bias,
        scores=reader.choice("scoring_func", {"softmax": "softmax", "sigmoid": "sigmoid"}, default=scores),
    )
    moe = moe.with_shared(moe.width * reader.integer("n_shared_experts", default=0, minimum=0))
    first = reader.integer("first_k_dense_replace", minimum=0)
    reader.at_most("first_k_dense_replace", first, "num_hidden_layers", layers, "layers")
    every = reader.integer("moe_layer_freq", default=1)
    part = dense(reader)
    return [moe if index >= first and index % every == 0 else part for index in range(layers)]
