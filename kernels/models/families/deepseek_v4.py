"""DeepSeek-V4: attention to compressed runs of tokens, mixtures on every layer, hyper-connections."""

from dataclasses import replace

from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.compressed import Compressed
from bankside.kernels.models.families.common import decoder, mixture, rotated
from bankside.kernels.models.families.deepseek import SCORES
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader
from bankside.kernels.models.weight import Weight

_RATIOS = {
    0: "0",
    4: "4",
    128: "128",
}  # the window alone; overlapping runs that are picked; runs that are all met
_TYPES = {"sliding_attention": "0", "compressed_sparse_attention": "4", "heavily_compressed_attention": "128"}


def deepseek_v4(reader: Reader) -> Model:
    """Read a config.json of `model_type` deepseek_v4.

    The first `num_hash_layers` layers choose experts by a table of tokens, which is no weight.
    """
    own_code(reader, "Deepseek")
    hidden, count = reader.integer("hidden_size"), reader.layers()
    reader.skip("topk_method", "rope_head_dim")
    reader.agrees("num_key_value_heads", 1, "DeepSeek-V4")
    for key in ("attention_bias", "mlp_bias"):
        reader.refuse(key, "which is not modelled")
    rates = reader.inner("compress_rates")
    for key, rate in (("compressed_sparse_attention", 4), ("heavily_compressed_attention", 128)):
        if rates.integer(key, default=rate) != rate:
            rates.fail(key, f"is not {rate}, the only rate that is modelled")
    rates.leftover()
    reader.choice("expert_dtype", {"fp4": "mxfp4", "fp8": "fp8_e4m3", "bf16": "bf16"}, default="bf16")
    ratios = reader.per_layer("compress_ratios", count, _RATIOS) or reader.per_layer(
        "layer_types", count, _TYPES
    )
    if ratios is None:
        reader.fail("compress_ratios", "is needed and missing")
        ratios = ("0",) * count
    kinds = {ratio: _attention(reader, int(ratio)) for ratio in set(ratios)}
    hashed = _hashed(reader, count)
    moe = mixture(
        reader,
        "n_routed_experts",
        "moe_intermediate_size",
        router_bias=True,
        scores=reader.choice("scoring_func", SCORES, default="sqrtsoftplus"),
    )
    moe = replace(moe, shared_width=moe.width * reader.integer("n_shared_experts", default=1, minimum=0))
    plain = replace(moe, router_bias=False)
    streams = reader.integer("hc_mult", default=4)
    extra = (_mix("attn.mix", streams, hidden), _mix("mlp.mix", streams, hidden))
    layers = [
        Layer(kinds[ratio], plain if by_table else moe, extra=extra)
        for ratio, by_table in zip(ratios, hashed, strict=True)
    ]
    model = decoder(reader, hidden, layers)
    inner = (Weight("head.mix", streams, streams * hidden, bias=streams + 1),)
    return replace(model, head=replace(model.head, inner=inner))


def _hashed(reader: Reader, count: int) -> list[bool]:
    """Which layers choose experts by a table of tokens: the first few, or as listed."""
    first = reader.integer("num_hash_layers", default=3, minimum=0)
    listed = reader.per_layer("mlp_layer_types", count, {"hash_moe": "table", "moe": "scores"})
    return [kind == "table" for kind in listed] if listed else [index < first for index in range(count)]


def _mix(name: str, streams: int, hidden: int) -> Weight:
    """What mixes the residual streams around a part: a projection of all of them, with biases and three scales."""
    outputs = (2 + streams) * streams
    return Weight(name, outputs, streams * hidden, bias=outputs + 3)


def _attention(reader: Reader, ratio: int) -> Compressed:
    width = reader.integer("head_dim")
    mixer = Compressed(
        heads=reader.integer("num_attention_heads"),
        head_dim=width,
        rotary=reader.integer("qk_rope_head_dim", default=rotated(reader, width, default=0.125) or 1),
        window=reader.integer("sliding_window"),
        ratio=ratio,
        q_lora=reader.integer("q_lora_rank"),
        o_lora=reader.integer("o_lora_rank"),
        o_groups=reader.integer("o_groups"),
    )
    reader.divides("o_groups", mixer.o_groups, "num_attention_heads", mixer.heads)
    heads, narrow, top = (reader.integer(f"index_{key}") for key in ("n_heads", "head_dim", "topk"))
    return replace(mixer, overlap=2, index_heads=heads, index_dim=narrow, top=top) if ratio == 4 else mixer
