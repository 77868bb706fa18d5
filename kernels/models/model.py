"""What a transformer is, free of Hugging Face's key names."""

from dataclasses import dataclass

from bankside.kernels.formats import Format


@dataclass(frozen=True, slots=True)
class Mla:
    """Multi-head latent attention: keys and values of all heads are up-projections of one latent row.

    Parameters
    ----------
    q_lora
        Width of the query's latent; 0 where queries are projected directly.
    kv_lora
        Width of the latent of keys and values, which is cached.
    nope, rope
        Parts of a head's query and key without and with rotary position; the rotary key is shared by all
        heads and cached beside the latent.
    v
        Width of a head's value.
    """

    q_lora: int
    kv_lora: int
    nope: int
    rope: int
    v: int


@dataclass(frozen=True, slots=True)
class Moe:
    """A mixture of experts in place of the feed-forward part of some layers.

    Parameters
    ----------
    experts, per_token
        Routed experts, and how many of them a token visits.
    width
        Intermediate width of one expert.
    shared_width
        Intermediate width of the expert that every token visits; 0 where there is none.
    scores
        Function of the router's output: "softmax" or "sigmoid".
    router_bias
        Whether a bias per expert corrects the choice (DeepSeek-V3).
    first_layer, every
        Layers from `first_layer` whose index is a multiple of `every` (plus `offset`) are mixtures.
    """

    experts: int
    per_token: int
    width: int
    shared_width: int = 0
    scores: str = "softmax"
    router_bias: bool = False
    first_layer: int = 0
    every: int = 1
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Model:
    """A stack of equal attention parts and dense or mixed feed-forward parts.

    Parameters
    ----------
    name, model_type
        The name it was asked for by, and Hugging Face's type.
    layers, hidden, heads, kv_heads, head_dim
        Number of layers, width of the residual stream, query heads, key-value heads, width of one head.
    intermediate
        Width of the dense feed-forward part.
    vocab, max_positions
        Rows of the embedding, and the context the model was made for.
    activation
        A row-wise function: "silu", "gelu", "relu"; in a gated feed-forward part the gate's.
    gated
        Whether the feed-forward part is down(act(gate(x)) * up(x)) instead of down(act(up(x))).
    norm
        "rmsnorm" or "layernorm".
    post_norm
        Norms stand after the residual add (BERT) instead of before each part.
    rotary
        Positions are rotated into queries and keys; else they are a learned table.
    causal
        A token sees only earlier tokens; false for encoders.
    qkv_bias, out_bias, mlp_bias
        Which projections carry a bias vector.
    qk_norm
        Queries and keys are normalised head by head (Qwen3).
    tied
        The head is the embedding's table.
    head
        Whether there is a language-model head at all.
    token_types
        Rows of the token-type table (BERT), else 0.
    format
        Number format of the stored weights.
    window
        Earlier tokens a token can see, or 0 for all.
    mla, moe
        Set where the model has them.
    format_note, weight_note
        Full sentences, or "", on what `format` rests on, and on weights that are stored narrower than it.
    """

    name: str
    model_type: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocab: int
    max_positions: int
    activation: str
    gated: bool
    norm: str
    format: Format
    post_norm: bool = False
    rotary: bool = True
    causal: bool = True
    qkv_bias: bool = False
    out_bias: bool = False
    mlp_bias: bool = False
    qk_norm: bool = False
    tied: bool = False
    head: bool = True
    token_types: int = 0
    window: int = 0
    mla: Mla | None = None
    moe: Moe | None = None
    format_note: str = ""
    weight_note: str = ""

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes there are."""
        return tuple(note for note in (self.format_note, self.weight_note) if note)

    @property
    def group(self) -> int:
        """Query heads per key-value head."""
        return self.heads // self.kv_heads

    @property
    def norm_elements(self) -> int:
        """Weights of one norm over the residual stream: gains, and biases of a LayerNorm."""
        return self.hidden if self.norm == "rmsnorm" else 2 * self.hidden

    @property
    def kv_elements_per_token(self) -> int:
        """Elements that one layer caches per token: 2 KV heads x width, or MLA's latent and rotary key."""
        if self.mla is not None:
            return self.mla.kv_lora + self.mla.rope
        return 2 * self.kv_heads * self.head_dim

    def kv_bytes_per_token(self, format: Format | None = None) -> int:
        """Bytes that all layers cache per token, in `format` or the model's own [byte]."""
        return (format or self.format).bytes_of(self.layers * self.kv_elements_per_token)

    def is_moe(self, layer: int) -> bool:
        """Whether layer `layer` (from 0) is a mixture of experts."""
        moe = self.moe
        return moe is not None and layer >= moe.first_layer and (layer - moe.offset) % moe.every == 0

    def layer_groups(self) -> list[tuple[int, int]]:
        """Runs of equal layers in order, as (first index, count)."""
        groups: list[tuple[int, int]] = []
        for layer in range(self.layers):
            if groups and self.is_moe(groups[-1][0]) == self.is_moe(layer):
                first, count = groups[-1]
                groups[-1] = (first, count + 1)
            else:
                groups.append((layer, 1))
        return groups
