"""Closed form of the published BitMoD simulator's cycles, with its own count of KV traffic.

research/units.md section 3.9 (accelerator.py of BitMoD-HPCA-25): output-stationary array, two 512 KiB
buffers, 256 bits of DRAM a cycle, layers one after another, each the longer of compute and transfer.
"""

from math import ceil
from typing import NamedTuple

BUFFER_BYTES = 512 * 1024
DRAM_BITS_PER_CYCLE = 256
ATTENTION_BITS = 16


class Llm(NamedTuple):
    """Shape of a decoder-only model; a gated MLP has three matrices, a plain one two."""

    hidden: int
    ffn: int
    layers: int
    heads: int
    kv_heads: int
    vocab: int
    gated: bool


class Array(NamedTuple):
    """Output channels and tokens side by side, and a PE's dot width and cycles."""

    rows: int
    columns: int
    dot: int
    latency: int


class Product(NamedTuple):
    """One matrix product: outputs x inputs weights, tokens, and the input features it reads."""

    outputs: int
    inputs: int
    tokens: int
    bits: float
    read_features: int


def accelerator_cycles(llm: Llm, array: Array, *, weight_bits: float, tokens: int, context: int) -> int:
    """Cycles of one pass over `tokens` tokens (1: a decode step) with `context` keys."""
    layer = _matrices(llm, tokens, weight_bits) + _attention(llm, tokens, context)
    head = Product(llm.vocab, llm.hidden, tokens, weight_bits, llm.hidden)
    return llm.layers * sum(_product_cycles(each, array) for each in layer) + _product_cycles(head, array)


def _matrices(llm: Llm, tokens: int, bits: float) -> list[Product]:
    kv = llm.kv_heads * (llm.hidden // llm.heads)
    shapes = [(llm.hidden, llm.hidden), (kv, llm.hidden), (kv, llm.hidden), (llm.hidden, llm.hidden)]
    shapes += [(llm.ffn, llm.hidden)] * (2 if llm.gated else 1)
    shapes += [(llm.hidden, llm.ffn)]
    return [Product(outputs, inputs, tokens, bits, inputs) for outputs, inputs in shapes]


def _attention(llm: Llm, tokens: int, context: int) -> list[Product]:
    # The simulator's convention, not a model of attention: the keys it charges are those of the output tokens.
    kv = llm.kv_heads * (llm.hidden // llm.heads)
    keys = 1 if tokens == 1 else context
    scores = Product(keys, llm.hidden, llm.heads * tokens, ATTENTION_BITS, kv)
    mixed = Product(llm.heads * tokens, context, tokens, ATTENTION_BITS, kv)
    return [scores, mixed]


def _product_cycles(of: Product, array: Array) -> int:
    folds = ceil(of.inputs / array.dot) * ceil(of.outputs / array.rows) * ceil(of.tokens / array.columns)
    compute = folds * array.latency
    weights = ceil(of.inputs * of.bits / 8) * of.outputs
    inputs = 2 * of.read_features * of.tokens
    outputs = 2 * of.outputs * of.tokens
    moved = weights + inputs
    if weights > BUFFER_BYTES and inputs > BUFFER_BYTES:
        again = ceil(inputs / BUFFER_BYTES) * weights + inputs
        moved = min(again, weights + ceil(weights / BUFFER_BYTES) * inputs)
    return max(compute, (moved + outputs) * 8 // DRAM_BITS_PER_CYCLE)
