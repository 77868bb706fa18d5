"""OPT, BLOOM, MPT, StarCoder2, DBRX, Nemotron-4: LayerNorm before each part, positions by tables, slopes or turns."""

from dataclasses import replace
from typing import Any

from bankside.kernels.models.activations import ACTIVATIONS, activation
from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import decoder, heads, plain_heads, rotated, widths
from bankside.kernels.models.feed_forward import Dense, Moe
from bankside.kernels.models.heads import Heads
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader
from bankside.kernels.models.weight import matrix

_OFFSET = 2  # rows that OPT's table of positions has before the first position


def opt(reader: Reader) -> Model:
    """Read a config.json of `model_type` opt; the embedding may be narrower than the stream (OPT-350M)."""
    own_code(reader, "OPT")
    hidden, count = reader.integer("hidden_size"), reader.integer("num_attention_heads")
    reader.divides("num_attention_heads", count, "hidden_size", hidden)
    if not reader.boolean("enable_bias", default=True):
        reader.fail("enable_bias", "is False, which is not modelled")
    part = Dense(
        reader.integer("ffn_dim"), activation(reader, "activation_function", "relu"), False, True, True
    )
    before = reader.boolean("do_layer_norm_before", default=True)
    removed = reader.boolean("_remove_final_layer_norm", default=False)
    rows = 2 if reader.boolean("layer_norm_elementwise_affine", default=True) else 0
    layer = Layer(plain_heads(count, count, max(1, hidden // count)), part, "pre" if before else "post")
    positions = reader.integer("max_position_embeddings")
    narrow = reader.integer("word_embed_proj_dim", default=hidden)
    vocab = reader.integer("vocab_size")
    model = decoder(
        reader,
        hidden,
        [layer] * reader.layers(),
        tied=True,
        norm="layernorm",
        norm_rows=rows,
        final_norm=before and not removed,
        tables=positions + _OFFSET,
    )
    return model if narrow == hidden else _narrowed(reader, model, narrow, vocab)


def _narrowed(reader: Reader, model: Model, width: int, vocab: int) -> Model:
    """The model with an embedding of its own width: projections in and out, and no second table."""
    if model.head.outputs and not model.head.tied:
        reader.fail(
            "word_embed_proj_dim", "differs from hidden_size with an untied head, which is not modelled"
        )
    projections = (
        matrix("embedding.in_proj", model.hidden, width),
        matrix("embedding.out_proj", width, model.hidden),
    )
    table = matrix("embedding.table", vocab, width)
    return replace(model, vocab=0, outside=(*projections, table))


def bloom(reader: Reader) -> Model:
    """Read a config.json of `model_type` bloom: slopes for positions, a norm behind the embedding."""
    own_code(reader, "Bloom")
    width_key, heads_key = (
        reader.named("hidden_size", "n_embed"),
        reader.named("n_head", "num_attention_heads"),
    )
    hidden, count = reader.integer(width_key), reader.integer(heads_key)
    reader.divides(heads_key, count, width_key, hidden)
    reader.skip(
        "seq_length", "skip_bias_add", "skip_bias_add_qkv", "offset_alibi", "attention_softmax_in_fp32"
    )
    reader.skip(
        "apply_residual_connection_post_layernorm", "masked_softmax_fusion", "unk_token_id", "n_inner"
    )
    part = Dense(4 * hidden, "gelu", gated=False, bias=True, down_bias=True)
    layer = Layer(plain_heads(count, count, max(1, hidden // count)), part)
    layers = [layer] * reader.layers(reader.named("n_layer", "num_hidden_layers"))
    positions = reader.integer("seq_length", default=2048)
    return decoder(
        reader,
        hidden,
        layers,
        tied=True,
        norm="layernorm",
        norm_rows=2,
        embedding_norm=True,
        max_positions=positions,
    )


def mpt(reader: Reader) -> Model:
    """Read a config.json of `model_type` mpt: no biases where `no_bias` says so, in norms neither."""
    own_code(reader, "MPT", "Mpt")
    hidden, count = reader.integer("d_model"), reader.integer("n_heads")
    reader.divides("n_heads", count, "d_model", hidden)
    attn = reader.inner("attn_config")
    attn.skip(
        "attn_impl", "attn_pdrop", "softmax_scale", "prefix_lm", "attn_uses_sequence_id", "alibi_bias_max"
    )
    kind = attn.choice("attn_type", {name: name for name in _MPT}, default="multihead_attention")
    attn.refuse("qk_ln", "but norms of queries and keys are not modelled here")
    slopes = attn.boolean("alibi", default=False)
    kv_heads = {"multiquery_attention": 1, "multihead_attention": count}.get(
        kind, attn.integer("kv_n_heads", count)
    )
    attn.leftover()
    bare = reader.boolean("no_bias", default=True)
    width = max(1, hidden // count)
    mixer = Heads(count, kv_heads, width, width, q_bias=not bare, kv_bias=not bare, out_bias=not bare)
    inner = reader.integer("expansion_ratio", default=4) * hidden
    reader.refuse("ffn_config", "but its keys are not modelled", {"ffn_type": "mptmlp"})
    part = Dense(inner, "gelu", gated=False, bias=not bare, down_bias=not bare)
    reader.skip(
        "emb_pdrop", "norm_type", "init_config", "logit_scale", "verbose", "attn_impl", "tokenizer_name"
    )
    reader.skip("embedding_fraction")
    positions = reader.integer("max_seq_len")
    table = reader.boolean("learned_pos_emb", default=True) and not slopes
    return decoder(
        reader,
        hidden,
        [Layer(mixer, part)] * reader.layers("n_layers"),
        tied=True,
        norm="layernorm",
        norm_rows=1 if bare else 2,
        tables=positions if table else 0,
        max_positions=positions,
    )


_MPT = ("multihead_attention", "multiquery_attention", "grouped_query_attention")


def dbrx(reader: Reader) -> Model:
    """Read a config.json of `model_type` dbrx: fine-grained mixtures, LayerNorm without biases."""
    own_code(reader, "Dbrx")
    hidden, count = reader.integer("d_model"), reader.integer("n_heads")
    reader.divides("n_heads", count, "d_model", hidden)
    attn, ffn = reader.inner("attn_config"), reader.inner("ffn_config")
    attn.skip("attn_pdrop")
    ffn.skip("ffn_type", "moe_loss_weight", "moe_jitter_eps", "uniform_expert_assignment")
    kv_heads = attn.integer("kv_n_heads", default=1)
    attn.divides("kv_n_heads", kv_heads, "n_heads", count)
    width = max(1, hidden // count)
    named: Any = ffn.mapping("ffn_act_fn").get("name", "silu")
    if named not in ACTIVATIONS:
        ffn.fail("ffn_act_fn", "names a function that is not known")
    moe = Moe(
        ffn.integer("moe_num_experts", default=4),
        ffn.integer("moe_top_k", default=1),
        ffn.integer("ffn_hidden_size", default=3584),
        activation=ACTIVATIONS.get(named, "silu"),
    )
    ffn.at_most("moe_top_k", moe.per_token, "moe_num_experts", moe.experts, "experts")
    attn.leftover()
    ffn.leftover()
    layer = Layer(Heads(count, kv_heads, width, width, rotary=width), moe)
    layers = [layer] * reader.layers("n_layers")
    return decoder(reader, hidden, layers, norm="layernorm", max_positions=reader.integer("max_seq_len"))


def starcoder2(reader: Reader) -> Model:
    """Read a config.json of `model_type` starcoder2."""
    own_code(reader, "Starcoder2")
    shape = widths(reader)
    bias = reader.boolean("use_bias", default=True)
    reader.skip("mlp_type", "norm_type")
    window = reader.integer("sliding_window", default=0, minimum=0)
    act = activation(reader, default="gelu_pytorch_tanh")
    part = Dense(reader.integer("intermediate_size"), act, gated=False, bias=bias, down_bias=bias)
    layer = Layer(heads(shape, bias, window=window), part)
    return decoder(reader, shape.hidden, [layer] * shape.layers, tied=True, norm="layernorm", norm_rows=2)


def nemotron(reader: Reader) -> Model:
    """Read a config.json of `model_type` nemotron (Nemotron-4, Minitron): squared ReLU without a gate."""
    own_code(reader, "Nemotron")
    shape = widths(reader)
    reader.skip("rope_percent", "rope_percentage")
    act, bias = activation(reader, default="relu2"), reader.boolean("mlp_bias", default=False)
    part = Dense(reader.integer("intermediate_size"), act, gated=False, bias=bias, down_bias=bias)
    rotary = rotated(reader, shape.head_dim, default=0.5)
    layer = Layer(heads(shape, reader.boolean("attention_bias", default=False), rotary=rotary), part)
    return decoder(reader, shape.hidden, [layer] * shape.layers, norm="layernorm", norm_rows=2)
