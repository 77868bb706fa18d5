"""Hugging Face's names of activation functions, in ours."""

from typing import Final

from bankside.kernels.models.reader import Reader

ACTIVATIONS: Final[dict[str, str]] = {
    "silu": "silu",
    "swish": "silu",
    "gelu": "gelu",
    "gelu_new": "gelu",
    "gelu_fast": "gelu",
    "gelu_python": "gelu",
    "gelu_accurate": "gelu",
    "gelu_pytorch_tanh": "gelu",
    "quick_gelu": "gelu",
    "relu": "relu",
    "relu2": "relu2",
    "swigluoai": "silu",
    "situ": "situ",
    "tanh": "tanh",
}

# act(gate) x up in one row-wise function
GATED: Final[dict[str, str]] = {"silu": "swiglu", "gelu": "geglu", "relu": "reglu"}


def activation(reader: Reader, key: str = "hidden_act", default: str | None = "silu") -> str:
    """The row-wise function that `key` names."""
    return reader.choice(key, ACTIVATIONS, default)
