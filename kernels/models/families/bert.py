"""BERT: an encoder, so no mask, no cache and no language-model head; norms follow the residual adds."""

from bankside.kernels.models.activations import activation
from bankside.kernels.models.architectures import encoder_head, own_code
from bankside.kernels.models.families.common import plain_heads
from bankside.kernels.models.feed_forward import Dense
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader
from bankside.kernels.models.weight import Weight, matrix

# "alibi" is JinaBERT's: a slope for each head, so no table. Relative kinds have tables in every layer.
_POSITIONS = {"absolute": "table", "alibi": "slopes"}
# JinaBERT's gated part has one matrix of twice the width, without a bias.
_FEED_FORWARD = {"original": "plain", "geglu": "gelu", "reglu": "relu"}


def bert(reader: Reader) -> Model:
    """Read a config.json of `model_type` bert; pooler and masked-language-model head are told apart."""
    own_code(reader, "Bert", "JinaBert")
    hidden = reader.integer("hidden_size")
    heads = reader.integer("num_attention_heads")
    reader.divides("num_attention_heads", heads, "hidden_size", hidden)
    for key in ("is_decoder", "add_cross_attention"):
        reader.refuse(key, "but BERT is read as an encoder")
    table = reader.choice("position_embedding_type", _POSITIONS, default="absolute") == "table"
    reader.skip("emb_pooler")
    positions = reader.integer("max_position_embeddings")
    width = max(1, hidden // heads)
    layer = Layer(plain_heads(heads, heads, width), _feed_forward(reader), order="post")
    vocab = reader.integer("vocab_size")
    tables = reader.integer("type_vocab_size", default=2, minimum=0) + (positions if table else 0)
    return Model(
        model_type="bert",
        hidden=hidden,
        vocab=vocab,
        max_positions=positions,
        layers=(layer,) * reader.layers(),
        norm="layernorm",
        norm_rows=2,
        final_norm=False,
        head=encoder_head(
            reader, hidden, masked_head(hidden, vocab), (matrix("pooler", hidden, hidden, True),)
        ),
        tables=tables,
        embedding_norm=True,
        causal=False,
    )


def masked_head(hidden: int, vocab: int) -> tuple[Weight, ...]:
    """A masked-language-model head on a tied table: a dense layer, a norm, and a bias per word."""
    return (
        matrix("masked.dense", hidden, hidden, True),
        Weight("masked.norm", 2 * hidden),
        Weight("masked.bias", vocab),
    )


def _feed_forward(reader: Reader) -> Dense:
    width, act = reader.integer("intermediate_size"), activation(reader, default="gelu")
    kind = reader.choice("feed_forward_type", _FEED_FORWARD, default="original")
    if kind == "plain":
        return Dense(width, act, gated=False, bias=True, down_bias=True)
    return Dense(width, kind, gated=True, down_bias=True)
