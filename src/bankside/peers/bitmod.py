"""BitMoD's simulator (yc2367/BitMoD-HPCA-25, bitmod_sim): cycles of a whole model, as it counts them.

Each layer takes its multiplications or its traffic, whichever is longer. Attention is two products of 16 bits whose
keys and values it charges with the tokens of the output and not with those of the context, which our machines do not
copy.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

BUFFER_BYTE: Final = 512 * 1024
"""Of weights, and of inputs."""

DRAM_BIT: Final = 256
"""From memory in a cycle."""


@dataclass(frozen=True)
class Accelerator:
    """Elements side by side over outputs and tokens, products of each, and cycles of these."""

    rows: int
    columns: int
    lanes: int
    latency: int


@dataclass(frozen=True)
class Shape:
    """What of a model decides its cycles; `gated` tells whether its feed-forward layer has three matrices."""

    hidden: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    vocabulary: int
    gated: bool

    @property
    def kv_width(self) -> int:
        """Elements of a token's keys."""
        return self.kv_heads * (self.hidden // self.heads)


def layer_cycles(on: Accelerator, weights: tuple[int, int], tokens: int, bits: Fraction, inputs: int) -> int:
    """Cycles of `weights` (outputs, depth) for so many tokens.

    An operand that does not fit its buffer while the other does not either is read again for every part of that one,
    whichever of the two costs less.

    Parameters
    ----------
    inputs
        Elements of a token that are read.
    """
    outputs, depth = weights
    compute = -(-depth // on.lanes) * -(-outputs // on.rows) * -(-tokens // on.columns) * on.latency
    weight_byte, input_byte = -(-depth * bits // 8) * outputs, 2 * inputs * tokens
    read = weight_byte + input_byte
    if weight_byte > BUFFER_BYTE and input_byte > BUFFER_BYTE:
        read = min(
            weight_byte * -(-input_byte // BUFFER_BYTE) + input_byte,
            weight_byte + input_byte * -(-weight_byte // BUFFER_BYTE),
        )
    return int(max(compute, (read + 2 * outputs * tokens) * 8 // DRAM_BIT))


def model_cycles(
    on: Accelerator, of: Shape, tokens: int, context: int, bits: Fraction, heads_apart: bool = False
) -> int:
    """Cycles of `tokens` tokens, all of a prompt or one that is generated after a context.

    Parameters
    ----------
    heads_apart
        Whether queries of a prompt meet the keys and values of their own head, where the simulator multiplies them over
        all heads.
    """
    hidden, kv, width = of.hidden, of.kv_width, of.width
    projections = [(hidden, hidden)] * 2 + [(kv, hidden)] * 2
    projections += [(width, hidden)] * (2 if of.gated else 1) + [(hidden, width)]
    one = sum(layer_cycles(on, shape, tokens, bits, shape[1]) for shape in projections)
    whole = Fraction(16)
    if heads_apart:
        head, rows = hidden // of.heads, of.heads * tokens
        one += sum(
            layer_cycles(on, shape, rows, whole, shape[1]) for shape in ((context, head), (head, context))
        )
    else:
        queries = 1 if tokens == 1 else context
        one += layer_cycles(on, (queries, hidden), of.heads * tokens, whole, kv)
        one += layer_cycles(on, (of.heads * tokens, context), tokens, whole, kv)
    return of.layers * one + layer_cycles(on, (of.vocabulary, hidden), tokens, bits, hidden)
