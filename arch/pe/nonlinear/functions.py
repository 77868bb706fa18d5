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

LIKE: Final = {
    "swiglu": "silu",
    "geglu": "gelu",
    "reglu": "relu",
    "relu2": "relu",
    "softplus": "sigmoid",
    "sqrtsoftplus": "sigmoid",
}
"""Functions that take what another one takes: gated activations, whose product with the second operand hides behind the
activation, and others of one evaluation an element."""
