"""DeepSeek-V2 and V3: latent attention, and a mixture of many small experts with shared ones."""

from bankside.kernels.formats import Format
from bankside.kernels.models.activations import activation
from bankside.kernels.models.config import MAX_LAYERS, Reader
from bankside.kernels.models.model import Mla, Model, Moe


def deepseek(name: str, reader: Reader, format: Format) -> Model:
    """Read a config.json of `model_type` deepseek_v2 or deepseek_v3.

    Routing within groups of experts (`n_group`, `topk_group`) is left out: routing is uniform here. The layer
    for multi-token prediction (`num_nextn_predict_layers`) is not part of the model.
    """
    heads = reader.integer("num_attention_heads")
    mla = Mla(
        q_lora=reader.integer("q_lora_rank", default=0, minimum=0),
        kv_lora=reader.integer("kv_lora_rank"),
        nope=reader.integer("qk_nope_head_dim"),
        rope=reader.integer("qk_rope_head_dim"),
        v=reader.integer("v_head_dim"),
    )
    layers = reader.integer("num_hidden_layers", maximum=MAX_LAYERS)
    bias = reader.boolean("attention_bias", default=False)
    return Model(
        name=name,
        model_type=str(reader.data["model_type"]),
        layers=layers,
        hidden=reader.integer("hidden_size"),
        heads=heads,
        kv_heads=heads,
        head_dim=mla.nope + mla.rope,
        intermediate=reader.integer("intermediate_size"),
        vocab=reader.integer("vocab_size"),
        max_positions=reader.integer("max_position_embeddings"),
        activation=activation(reader, "hidden_act", default="silu"),
        gated=True,
        norm="rmsnorm",
        format=format,
        qkv_bias=bias,
        out_bias=bias,
        tied=reader.boolean("tie_word_embeddings", default=False),
        mla=mla,
        moe=_moe(reader, layers),
    )


def _moe(reader: Reader, layers: int) -> Moe:
    experts = reader.integer("n_routed_experts")
    per_token = reader.integer("num_experts_per_tok")
    width = reader.integer("moe_intermediate_size")
    first = reader.integer("first_k_dense_replace", minimum=0)
    reader.at_most("num_experts_per_tok", per_token, "n_routed_experts", experts, "experts")
    reader.at_most("first_k_dense_replace", first, "num_hidden_layers", layers, "layers")
    return Moe(
        experts=experts,
        per_token=per_token,
        width=width,
        shared_width=width * reader.integer("n_shared_experts", default=0, minimum=0),
        scores=reader.choice("scoring_func", {"softmax": "softmax", "sigmoid": "sigmoid"}, default="softmax"),
        router_bias=reader.data.get("topk_method") == "noaux_tc",
        first_layer=first,
        every=reader.integer("moe_layer_freq", default=1),
    )
