"""Row-wise functions themselves."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def _softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def _rmsnorm(x: Array, gain: Array, epsilon: float = 1e-6) -> Array:
    return np.asarray(x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + epsilon) * gain)


def _layernorm(x: Array, gain: Array, bias: Array, epsilon: float = 1e-5) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    return np.asarray(_rmsnorm(centred, gain, epsilon) + bias)


def _sigmoid(x: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _silu(x: Array) -> Array:
    return x * _sigmoid(x)


def _gelu(x: Array) -> Array:
    # tanh form of Hendrycks and Gimpel 2016, Gaussian Error Linear Units
    return np.asarray(0.5 * x * (1.0 + np.tanh(np.sqrt(2.0 / np.pi) * (x + 0.044715 * x**3))))


def _rope(x: Array, cos: Array, sin: Array) -> Array:
    """Rotate the halves of each row, as Hugging Face lays them out."""
    half = x.shape[-1] // 2
    turned = np.concatenate([-x[..., half:], x[..., :half]], axis=-1)
    return np.asarray(x * cos + turned * sin)


_REFERENCES: Final[dict[str, Callable[..., Array]]] = {
    "softmax": _softmax,
    "rmsnorm": _rmsnorm,
    "layernorm": _layernorm,
    "sigmoid": _sigmoid,
    "silu": _silu,
    "gelu": _gelu,
    "relu": lambda x: np.maximum(x, 0.0),
    "relu2": lambda x: np.maximum(x, 0.0) ** 2,
    "softplus": lambda x, bias=0.0: np.log1p(np.exp(x + bias)),
    "sqrtsoftplus": lambda x: np.sqrt(np.log1p(np.exp(x))),
    "tanh": np.tanh,
    "add": np.add,
    "mul": np.multiply,
    "rope": _rope,
    "swiglu": lambda gate, up: _silu(gate) * up,
    "geglu": lambda gate, up: _gelu(gate) * up,
    "reglu": lambda gate, up: np.maximum(gate, 0.0) * up,
    "conv": lambda x, weights: np.einsum("orc,oc->rc", x, weights),
    "weighted_sum": lambda x, weights: np.einsum("orc,or->rc", x, weights),
}


def rowwise(function: str, *operands: Array) -> Array:
    """The function itself, row by row.

    Parameters
    ----------
    function
        A name in `FUNCTIONS`.
    operands
        Arrays of shape (rows, cols); norms take their gain (and bias) of shape (cols,), "rope" cosines and
        sines, "weighted_sum" operands of shape (operands, rows, cols) and weights of shape (operands, rows), "conv"
        the same with weights of shape (operands, cols).

    Returns
    -------
    Shape (rows, cols).
    """
    return _REFERENCES[function](*operands)
