"""Nemotron by architecture search: every layer's parts have a size of their own, or are left out."""

from typing import Any

from bankside.kernels.models.activations import activation
from bankside.kernels.models.architectures import own_code
from bankside.kernels.models.families.common import Widths, decoder, heads
from bankside.kernels.models.feed_forward import Dense
from bankside.kernels.models.heads import Heads
from bankside.kernels.models.layer import Layer
from bankside.kernels.models.model import Model
from bankside.kernels.models.reader import Reader, told

_MULTIPLE = 256  # widths are rounded up to it
_ATTENTION = ("num_sink_tokens", "replace_with_linear", "sparsify", "unshifted_sink", "window_length")
_PREFILL = "use_prefill_window_in_sink_attention"


def nemotron_nas(reader: Reader) -> Model:
    """Read a config.json of `model_type` nemotron-nas (DeciLM's code)."""
    own_code(reader, "DeciLM")
    reader.skip("num_key_value_heads", "intermediate_size")
    hidden, count, layers = (
        reader.integer("hidden_size"),
        reader.integer("num_attention_heads"),
        reader.layers(),
    )
    reader.divides("num_attention_heads", count, "hidden_size", hidden)
    shape = Widths(hidden, count, count, max(1, hidden // count), layers)
    act = activation(reader)
    bias, wide = reader.boolean("attention_bias", default=False), reader.boolean("mlp_bias", default=False)
    blocks = reader.raw("block_configs")
    if not isinstance(blocks, list) or len(blocks) != layers:
        reader.fail("block_configs", f"is not a list of {layers} blocks, one a layer")
        blocks = []
    stack = []
    for block in blocks:
        mixer = _heads(reader, _half(reader, block, "attention", (*_ATTENTION, _PREFILL)), shape, bias)
        width = _width(reader, _half(reader, block, "ffn", ("replace_with_linear", "sparsify")), hidden)
        part = Dense(width, act, bias=wide, down_bias=wide) if width else None
        stack.append(Layer(mixer, part, "pre" if mixer and part else "single"))
    return decoder(reader, hidden, stack)


def _half(reader: Reader, block: Any, key: str, refused: tuple[str, ...]) -> dict[str, Any]:
    """One part of a block; empty where the block has none."""
    half = block.get(key) if isinstance(block, dict) else None
    if not isinstance(half, dict):
        reader.fail("block_configs", f"holds a block without {key}")
        return {}
    for each in refused:
        if half.get(each):
            reader.fail("block_configs", f"holds {each} = {told(half[each])}, which is not modelled")
    return {} if half.get("no_op") is True else half


def _heads(reader: Reader, half: dict[str, Any], shape: Widths, bias: bool) -> Heads | None:
    if not half:
        return None
    group = half.get("n_heads_in_group")
    if type(group) is not int or group < 1 or shape.heads % group:
        reader.fail("block_configs", f"holds n_heads_in_group = {told(group)} for {shape.heads} heads")
        return None
    return heads(shape._replace(kv_heads=shape.heads // group), bias)


def _width(reader: Reader, half: dict[str, Any], hidden: int) -> int:
    """Two thirds of `ffn_mult` times the stream, rounded up to a multiple."""
    if not half:
        return 0
    factor = half.get("ffn_mult")
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < factor < 1000:
        reader.fail("block_configs", f"holds ffn_mult = {told(factor)}")
        return 0
    return -(-int(2 * factor * hidden / 3) // _MULTIPLE) * _MULTIPLE
