"""What the special-function unit computes: functions of rows, and of which functions of one element they are made."""

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

NORMS: Final = {"rmsnorm": 4, "layernorm": 6}
"""Operations of an element besides the reciprocal root of its row: square, sum, times the root, times the gain; a layer
norm adds up, subtracts the mean and adds the bias, and its square and sum are one operation."""

MADE_OF: Final = {
    "exp": ("exp",),
    "silu": ("silu",),
    "gelu": ("gelu",),
    "sigmoid": ("sigmoid",),
    "tanh": ("tanh",),
}
"""Functions of one element that each element takes."""

SIMPLE: Final = {"relu": 1, "rope": 2}
"""Operations of an element, one a stage: a comparison; a product, and a product that is added to it."""

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
