"""Hugging Face's names of activation functions, in ours."""

from typing import Final

from bankside.kernels.models.config import Reader

ACTIVATIONS: Final[dict[str, str]] = {
    "silu": "silu",
    "swish": "silu",
    "gelu": "gelu",
    "gelu_new": "gelu",
    "gelu_fast": "gelu",
    "gelu_pytorch_tanh": "gelu",
    "relu": "relu",
}

# act(gate) x up in one row-wise function
GATED: Final[dict[str, str]] = {"silu": "swiglu", "gelu": "geglu", "relu": "reglu"}


def activation(reader: Reader, key: str, default: str | None = None) -> str:
    """The row-wise function that `key` names."""
    return reader.choice(key, ACTIVATIONS, default)
