"""What adapters of decoders share: widths, windows, mixtures, and the model around its layers."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from bankside.kernels.models.activations import activation
from bankside.kernels.models.architectures import decoder_head
from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.heads import Heads
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader, told

LAYER_TYPES: Final = {"full_attention": "full", "sliding_attention": "sliding"}


class Widths(NamedTuple):
    """Width of the residual stream, query heads, key-value heads, width of a head, number of layers."""

    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    layers: int


def widths(reader: Reader, head_dim: int = 0) -> Widths:
    """The keys that most decoders name alike; a head is `head_dim` wide, or its share of the stream, unless
    told."""
    hidden = reader.integer("hidden_size")
    heads = reader.integer("num_attention_heads")
    kv_heads = reader.integer("num_key_value_heads", default=heads)
    reader.divides("num_key_value_heads", kv_heads, "num_attention_heads", heads)
    if not reader.has("head_dim") and not head_dim:
        reader.divides("num_attention_heads", heads, "hidden_size", hidden)
    width = reader.integer("head_dim", default=head_dim or max(1, hidden // heads))
    return Widths(hidden, heads, kv_heads, width, reader.layers())


def heads(shape: Widths, bias: bool = False, **more: Any) -> Heads:
    """Heads of one width, rotated whole, all projections with or without bias; `more` are fields of `Heads`."""
    fields: dict[str, Any] = {
        "v_dim": shape.head_dim,
        "rotary": shape.head_dim,
        **dict.fromkeys(("q_bias", "kv_bias", "out_bias"), bias),
    }
    return Heads(shape.heads, shape.kv_heads, shape.head_dim, **fields | more)


def plain_heads(heads: int, kv_heads: int, head_dim: int) -> Heads:
    """Heads of the years before rotary positions: a bias on every projection."""
    return Heads(heads, kv_heads, head_dim, head_dim, q_bias=True, kv_bias=True, out_bias=True)


def rotated(reader: Reader, head_dim: int, key: str = "partial_rotary_factor", default: float = 1.0) -> int:
    """Elements of a head that are rotated, where `key` gives their share."""
    reader.skip("rotary_dim")
    named = reader.raw("rope_parameters")
    if isinstance(named, dict) and not reader.has(key):
        reader = reader.inner("rope_parameters")
        key = "partial_rotary_factor"
    share = reader.number(key, default)
    if share > 1:
        reader.fail(key, f"is {share}, more than the whole head")
    return int(head_dim * min(share, 1.0))


def overrides(reader: Reader, layers: int, keys: tuple[str, ...]) -> dict[int, dict[str, int]]:
    """What `per_layer_config` changes of single layers: whole numbers under `keys`."""
    found: dict[int, dict[str, int]] = {}
    for name, change in reader.mapping("per_layer_config").items():
        index = int(name) if name.isdecimal() and len(name) < 6 else layers
        sound = isinstance(change, dict) and all(
            key in keys and type(value) is int and value > 0 for key, value in change.items()
        )
        if index >= layers or not sound:
            reader.fail("per_layer_config", f"holds {name!r:.20}: {told(change)}, which is not understood")
            return {}
        if change:
            found[index] = change
    return found


def windows(reader: Reader, layers: int, window: int, kinds: Iterable[str]) -> list[int]:
    """The window of each layer, where `kinds` says which layers have one."""
    found = [window if kind == "sliding" else 0 for kind in kinds]
    if window == 0 and "sliding" in kinds:
        reader.fail("sliding_window", "is needed by the sliding layers, and missing or 0")
    return found[:layers]


def dense(reader: Reader, key: str = "intermediate_size", act: str = "hidden_act") -> Dense:
    """A gated part with a bias on all three projections where `mlp_bias` says so."""
    bias = reader.boolean("mlp_bias", default=False)
    return Dense(reader.integer(key), activation(reader, act), bias=bias, down_bias=bias)


def mixture(
    reader: Reader,
    experts_key: str,
    width_key: str,
    per_token_key: str = "num_experts_per_tok",
    activation_key: str = "hidden_act",
    **more: Any,
) -> Moe:
    """Routed experts of one width each; `more` are fields of `Moe`."""
    experts = reader.integer(experts_key)
    per_token = reader.integer(per_token_key)
    reader.at_most(per_token_key, per_token, experts_key, experts, "experts")
    act = activation(reader, activation_key)
    return Moe(experts, per_token, reader.integer(width_key), activation=act, **more)


def decoder(
    reader: Reader,
    hidden: int,
    layers: Iterable[Layer],
    tied: bool = False,
    head_bias: bool = False,
    **more: Any,
) -> Model:
    """The model around `layers`; `more` are fields of `Model`."""
    vocab = reader.integer("vocab_size")
    tied = reader.boolean("tie_word_embeddings", default=tied)
    return Model(
        model_type=str(reader.raw("model_type")),
        hidden=hidden,
        vocab=vocab,
        max_positions=more.pop("max_positions", None) or reader.integer("max_position_embeddings"),
        layers=tuple(layers),
        head=decoder_head(reader, vocab, tied, head_bias),
        **more,
    )
