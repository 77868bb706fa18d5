"""What the special-function unit computes, and by which methods."""

from typing import Final

FUNCTIONS: Final = (
    "exp",
    "softmax",
    "rmsnorm",
    "layernorm",
    "silu",
    "gelu",
    "relu",
    "rope",
    "sigmoid",
    "tanh",
)
EXP, SOFTMAX, RMSNORM, LAYERNORM, SILU, GELU, RELU, ROPE, SIGMOID, TANH = range(10)

METHODS: Final = ("lut", "pwl", "poly", "cordic", "exact")
LUT, PWL, POLY, CORDIC, EXACT = range(5)

GATED: Final = {"swiglu": "silu", "geglu": "gelu", "reglu": "relu"}
"""Gated activations: their activation, whose product with the second operand hides behind it."""
