"""GPT-2: learned positions, LayerNorm, biases everywhere, plain feed-forward part, tied head."""

from bankside.kernels.models.activations import activation
from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import decoder, plain_heads
from bankside.kernels.models.feed_forward import Dense
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader


def gpt2(reader: Reader) -> Model:
    """Read a config.json of `model_type` gpt2 or gpt_bigcode; `n_inner` is `4 n_embd` where absent.

    One key-value head serves all query heads where `attention_head_type` (SantaCoder) or `multi_query`
    (GPT-BigCode) says so.
    """
    own_code(reader, "GPT2", "GPTBigCode")
    hidden = reader.integer("n_embd")
    count = reader.integer("n_head")
    reader.divides("n_head", count, "n_embd", hidden)
    kind = reader.choice(
        "attention_head_type", {"multihead": "all", "multiquery": "one"}, default="multihead"
    )
    bigcode = reader.raw("model_type") == "gpt_bigcode"
    one = kind == "one" or reader.boolean("multi_query", default=bigcode)
    width = hidden // count
    if reader.integer("num_key_value_heads", default=1 if one else count) != (1 if one else count):
        reader.fail("num_key_value_heads", "is not what multi_query says")
    mixer = plain_heads(count, 1 if one else count, max(1, width))
    act = activation(reader, "activation_function", default="gelu_new")
    part = Dense(reader.integer("n_inner", default=4 * hidden), act, gated=False, bias=True, down_bias=True)
    layers = [Layer(mixer, part)] * reader.layers("n_layer")
    reader.skip("n_ctx")
    positions = reader.integer("n_positions")
    return decoder(
        reader,
        hidden,
        layers,
        tied=True,
        norm="layernorm",
        norm_rows=2,
        tables=positions,
        max_positions=positions,
    )
