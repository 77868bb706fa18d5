"""RoBERTa, DistilBERT, ModernBERT and Nomic-BERT: encoders, each with its own tables and norms."""

from dataclasses import replace

from bankside.kernels.models.activations import activation
from bankside.kernels.models.architectures import encoder_head, own_code
from bankside.kernels.models.families.bert import masked_head
from bankside.kernels.models.families.common import plain_heads
from bankside.kernels.models.feed_forward import Dense
from bankside.kernels.models.heads import Heads
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader
from bankside.kernels.models.weight import Weight, matrix


def roberta(reader: Reader) -> Model:
    """Read a config.json of `model_type` roberta, xlm-roberta or camembert.

    The classifier has a dense layer of its own in place of a pooler.
    """
    own_code(reader, "Roberta", "XLMRoberta", "Camembert")
    for key in ("is_decoder", "add_cross_attention"):
        reader.refuse(key, "but RoBERTa is read as an encoder")
    reader.choice("position_embedding_type", {"absolute": "table"}, default="absolute")
    hidden, vocab = reader.integer("hidden_size"), reader.integer("vocab_size")
    heads = _share(reader, "num_attention_heads", hidden)
    act = activation(reader, default="gelu")
    part = Dense(reader.integer("intermediate_size"), act, gated=False, bias=True, down_bias=True)
    rows = reader.integer("max_position_embeddings")
    tables = rows + reader.integer("type_vocab_size", default=1, minimum=0)
    layer = Layer(heads, part, "post")
    model = _encoder(reader, hidden, vocab, rows, (layer,) * reader.layers())
    dense = (matrix("pooler", hidden, hidden, True),)
    return replace(model, tables=tables, head=encoder_head(reader, hidden, masked_head(hidden, vocab), dense))


def distilbert(reader: Reader) -> Model:
    """Read a config.json of `model_type` distilbert: no token types, no pooler."""
    own_code(reader, "DistilBert")
    hidden, vocab = reader.integer("dim"), reader.integer("vocab_size")
    heads = _share(reader, "n_heads", hidden, "dim")
    act = activation(reader, "activation", "gelu")
    part = Dense(reader.integer("hidden_dim"), act, gated=False, bias=True, down_bias=True)
    rows = reader.integer("max_position_embeddings")
    reader.skip("sinusoidal_pos_embds", "tie_word_embeddings")  # a table either way
    layer = Layer(heads, part, "post")
    model = _encoder(reader, hidden, vocab, rows, (layer,) * reader.layers("n_layers"))
    dense = (matrix("pre_classifier", hidden, hidden, True),)
    head = encoder_head(reader, hidden, masked_head(hidden, vocab), dense)
    return replace(model, tables=rows, head=replace(head, apart=() if head.apart == dense else head.apart))


def modernbert(reader: Reader) -> Model:
    """Read a config.json of `model_type` modernbert: windows on two layers of three, the first without a norm."""
    own_code(reader, "ModernBert")
    hidden, vocab = reader.integer("hidden_size"), reader.integer("vocab_size")
    heads = reader.integer("num_attention_heads")
    reader.divides("num_attention_heads", heads, "hidden_size", hidden)
    width = max(1, hidden // heads)
    every, local = (
        reader.integer("global_attn_every_n_layers", default=3),
        reader.integer("local_attention", default=128),
    )
    bias, wide = reader.boolean("attention_bias", default=False), reader.boolean("mlp_bias", default=False)
    rows = 2 if reader.boolean("norm_bias", default=False) else 1
    act = activation(reader, "hidden_activation", "gelu")
    part = Dense(reader.integer("intermediate_size"), act, bias=wide, down_bias=wide)
    kinds = reader.per_layer(
        "layer_types", reader.layers(), {"full_attention": "full", "sliding_attention": "sliding"}
    )
    kinds = kinds or tuple("sliding" if index % every else "full" for index in range(reader.layers()))
    full = Heads(heads, heads, width, width, rotary=width, q_bias=bias, kv_bias=bias, out_bias=bias)
    mixers = {"full": full, "sliding": replace(full, window=local)}
    reader.skip("position_embedding_type", "decoder_bias", "classifier_bias", "tie_word_embeddings")
    layers = tuple(
        Layer(mixers[kind], part, "pre" if index else "pre-first") for index, kind in enumerate(kinds)
    )
    masked = (
        matrix("masked.dense", hidden, hidden),
        Weight("masked.norm", rows * hidden),
        Weight("masked.bias", vocab),
    )
    dense = (matrix("classifier.dense", hidden, hidden), Weight("classifier.norm", rows * hidden))
    head = encoder_head(reader, hidden, masked, dense)
    head = replace(head, apart=() if head.apart == dense else head.apart)
    model = _encoder(reader, hidden, vocab, reader.integer("max_position_embeddings"), layers)
    return replace(model, norm_rows=rows, final_norm=True, head=head)


def nomic_bert(reader: Reader) -> Model:
    """Read a config.json of `model_type` nomic_bert under GPT-2's names: gated parts, rotated heads."""
    own_code(reader, "NomicBert", "Nomic")
    if reader.has("hidden_size"):
        return _nomic_bert(reader)
    hidden, vocab = reader.integer("n_embd"), reader.integer("vocab_size")
    heads = reader.integer("n_head")
    reader.divides("n_head", heads, "n_embd", hidden)
    width = max(1, hidden // heads)
    share = reader.number("rotary_emb_fraction", default=0.0)
    rows = reader.integer("n_positions")
    bias = reader.boolean("qkv_proj_bias", default=True)
    first, second = reader.boolean("mlp_fc1_bias", default=True), reader.boolean("mlp_fc2_bias", default=True)
    act = reader.choice(
        "activation_function", {"swiglu": "silu", "geglu": "gelu", "gelu": "plain"}, default="gelu"
    )
    reader.refuse("parallel_block", "which is not modelled")
    reader.refuse("use_rms_norm", "which is not modelled")
    reader.refuse("num_experts", "but mixtures are not modelled here")
    reader.skip(
        "n_ctx", "causal", "pad_vocab_size_multiple", "shared_vocab", "rotary_emb_base", "scale_qk", "n_kv"
    )
    for key in ("causal", "parallel_block_tied_norm"):
        reader.refuse(key, "but Nomic-BERT is read as an encoder")
    gated = act != "plain"
    part = Dense(reader.integer("n_inner"), act if gated else "gelu", gated, first, second)
    mixer = Heads(
        heads,
        heads,
        width,
        width,
        rotary=int(width * min(share, 1.0)),
        q_bias=bias,
        kv_bias=bias,
        out_bias=bias,
    )
    order = reader.boolean("prenorm", default=False)
    layer = Layer(mixer, part, "pre" if order else "post")
    model = _encoder(reader, hidden, vocab, rows, (layer,) * reader.layers("n_layer"))
    tables = reader.integer("type_vocab_size", default=2, minimum=0) + (0 if share else rows)
    head = encoder_head(reader, hidden, masked_head(hidden, vocab), (matrix("pooler", hidden, hidden, True),))
    return replace(model, tables=tables, head=head, final_norm=order)


def _nomic_bert(reader: Reader) -> Model:
    """The same under the library's own names, which leave no choice of biases."""
    hidden, vocab, heads = (
        reader.integer(key) for key in ("hidden_size", "vocab_size", "num_attention_heads")
    )
    reader.divides("num_attention_heads", heads, "hidden_size", hidden)
    width = reader.integer("head_dim", default=max(1, hidden // heads))
    part = Dense(reader.integer("intermediate_size"), activation(reader))
    layer = Layer(Heads(heads, heads, width, width, rotary=width), part, "post")
    rows = reader.integer("max_position_embeddings")
    model = _encoder(reader, hidden, vocab, rows, (layer,) * reader.layers())
    head = encoder_head(reader, hidden, masked_head(hidden, vocab), (matrix("pooler", hidden, hidden, True),))
    return replace(model, tables=reader.integer("type_vocab_size", default=2, minimum=0), head=head)


def _share(reader: Reader, key: str, hidden: int, hidden_key: str = "hidden_size") -> Heads:
    heads = reader.integer(key)
    reader.divides(key, heads, hidden_key, hidden)
    return plain_heads(heads, heads, max(1, hidden // heads))


def _encoder(reader: Reader, hidden: int, vocab: int, positions: int, layers: tuple[Layer, ...]) -> Model:
    return Model(
        model_type=str(reader.raw("model_type")),
        hidden=hidden,
        vocab=vocab,
        max_positions=positions,
        layers=layers,
        norm="layernorm",
        norm_rows=2,
        final_norm=False,
        embedding_norm=True,
        causal=False,
    )
