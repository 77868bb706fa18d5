"""T5: an encoder and a decoder that attends to it, RMSNorm, a table of distances in the first layer of each."""

from dataclasses import replace

from bankside.kernels.models.activations import ACTIVATIONS
from bankside.kernels.models.architectures import ending, own_code
from bankside.kernels.models.feed_forward import Dense
from bankside.kernels.models.head import Head
from bankside.kernels.models.heads import Heads
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import MAX_LAYERS, Reader
from bankside.kernels.models.weight import Weight


def t5(reader: Reader) -> Model:
    """Read a config.json of `model_type` t5, mt5 or umt5: two stacks, of which one embedding is the input."""
    own_code(reader, "T5", "MT5", "UMT5")
    hidden, heads, width = reader.integer("d_model"), reader.integer("num_heads"), reader.integer("d_kv")
    vocab = reader.integer("vocab_size")
    count = reader.layers("num_layers")
    decoding = reader.integer("num_decoder_layers", default=count, maximum=MAX_LAYERS)
    buckets = reader.integer("relative_attention_num_buckets", default=32)
    reader.skip(
        "relative_attention_max_distance", "n_positions", "output_past", "is_encoder_decoder", "dense_act_fn"
    )
    reader.skip("scalable_attention", "eos_token_ids")
    mixer, part = Heads(heads, heads, width, width), _feed_forward(reader)
    if reader.boolean("is_gated_act", default=part.gated) != part.gated:
        reader.fail("is_gated_act", f"is {not part.gated}, which is not what feed_forward_proj says")
    distances = (Weight("attn.distances", buckets, heads),)
    every = reader.raw("model_type") == "umt5"
    encoder = Layer(mixer, part, stack="encoder")
    decoder = Layer(mixer, part, cross=mixer, stack="decoder")
    layers = [replace(encoder, extra=distances if every or not index else ()) for index in range(count)]
    end = ending(reader, "ForConditionalGeneration")
    whole = end != "EncoderModel"
    if whole:
        layers += [
            replace(decoder, extra=distances if every or not index else ()) for index in range(decoding)
        ]
    if end not in ("ForConditionalGeneration", "Model", "EncoderModel"):
        reader.fail("architectures", f"says {end}, which is not modelled on two stacks")
    outputs = vocab if end == "ForConditionalGeneration" else 0
    tied = reader.boolean("tie_word_embeddings", default=True)
    return Model(
        model_type=str(reader.raw("model_type")),
        hidden=hidden,
        vocab=vocab,
        max_positions=1 << 40,  # distances have no end
        layers=tuple(layers),
        outside=(Weight("encoder.final_norm", hidden),) if whole else (),
        head=Head("causal" if outputs else "encoder", outputs, tied and bool(outputs)),
        causal=whole,
    )


def _feed_forward(reader: Reader) -> Dense:
    projections = {name: name for name in ACTIVATIONS} | {
        f"gated-{name}": f"gated-{name}" for name in ACTIVATIONS
    }
    named = reader.choice("feed_forward_proj", projections, default="relu")
    act = ACTIVATIONS[named.removeprefix("gated-")]
    return Dense(reader.integer("d_ff"), act, gated=named.startswith("gated-"))
