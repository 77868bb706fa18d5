"""How many parameters a model has, by part, as the published checkpoint stores them."""

from dataclasses import dataclass

from bankside.kernels.models.model import Model, Moe


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters by part, over all layers.

    Parameters
    ----------
    attention
        Projections with their biases, and norms inside (MLA's, Qwen3's).
    mlp
        Feed-forward parts, or routers and all experts.
    norm
        Norms over the residual stream.
    embedding
        Tables of tokens, learned positions and token types.
    head
        Language-model head; 0 where it is the embedding's table.
    active
        Those that one token meets: `per_token` experts of a mixture; the whole embedding is counted.
    streamed
        Weights that one decoded token makes the machine read: the active ones without the embedding's tables,
        and the head whether tied or not.
    biases
        Of the above, bias vectors of projections and routers.
    """

    attention: int
    mlp: int
    norm: int
    embedding: int
    head: int
    active: int
    streamed: int
    biases: int

    @property
    def total(self) -> int:
        """All parts."""
        return self.attention + self.mlp + self.norm + self.embedding + self.head


def parameters(model: Model) -> Parameters:
    """Count the parameters of `model`. A multi-token-prediction layer beyond `layers` is not counted."""
    mixtures = sum(model.is_moe(layer) for layer in range(model.layers))
    dense = _mlp(model, model.intermediate, bias=True)
    mixture = idle = 0
    if (moe := model.moe) is not None:
        mixture, idle = _mixture(model, moe)
    mlp = (model.layers - mixtures) * dense + mixtures * mixture

    norms = 2 * model.layers + (0 if model.post_norm else 1)
    # BERT has no final norm, but one over its embeddings.
    tables = model.vocab + model.token_types + (0 if model.rotary else model.max_positions)
    embedding = tables * model.hidden + (model.norm_elements if model.post_norm else 0)
    table = model.vocab * model.hidden if model.head else 0
    head = 0 if model.tied else table

    attention = model.layers * _attention(model)
    norm = norms * model.norm_elements
    active = attention + mlp + norm + embedding + head - mixtures * idle
    return Parameters(
        attention=attention,
        mlp=mlp,
        norm=norm,
        embedding=embedding,
        head=head,
        active=active,
        streamed=active - embedding - head + table,
        biases=sum(layer_biases(model, layer) for layer in range(model.layers)),
    )


def layer_biases(model: Model, layer: int) -> int:
    """Elements of the bias vectors of projections, and of the router, of one layer."""
    if (moe := model.moe) is not None and model.is_moe(layer):
        return _attention_bias(model) + (moe.experts if moe.router_bias else 0)
    return _attention_bias(model) + _mlp_bias(model, model.intermediate)


def _attention(model: Model) -> int:
    if (mla := model.mla) is not None:
        key = mla.nope + mla.rope
        query = model.hidden * model.heads * key
        if mla.q_lora:
            query = mla.q_lora * (model.hidden + model.heads * key + 1)
        latent = model.hidden * (mla.kv_lora + mla.rope) + mla.kv_lora
        up = mla.kv_lora * model.heads * (mla.nope + mla.v)
        return query + latent + up + model.heads * mla.v * model.hidden + _attention_bias(model)
    width = model.heads * model.head_dim
    kv_width = model.kv_heads * model.head_dim
    norms = 2 * model.head_dim if model.qk_norm else 0
    return model.hidden * (2 * width + 2 * kv_width) + norms + _attention_bias(model)


def _attention_bias(model: Model) -> int:
    bias = model.hidden if model.out_bias else 0
    if model.qkv_bias:
        if (mla := model.mla) is not None:
            bias += mla.q_lora + mla.kv_lora + mla.rope
        else:
            bias += (model.heads + 2 * model.kv_heads) * model.head_dim
    return bias


def _mlp(model: Model, width: int, bias: bool) -> int:
    matrices = 3 if model.gated else 2
    return matrices * model.hidden * width + (_mlp_bias(model, width) if bias else 0)


def _mlp_bias(model: Model, width: int) -> int:
    if not model.mlp_bias:
        return 0
    return (2 if model.gated else 1) * width + model.hidden


def _mixture(model: Model, moe: Moe) -> tuple[int, int]:
    """Parameters of one mixture, and of those of its experts that a token does not visit."""
    expert = _mlp(model, moe.width, bias=False)
    shared = _mlp(model, moe.shared_width, bias=False)
    router = (model.hidden + moe.router_bias) * moe.experts
    return moe.experts * expert + shared + router, (moe.experts - moe.per_token) * expert
