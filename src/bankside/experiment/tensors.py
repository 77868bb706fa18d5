"""Values of weights that a user gives: files, or distributions, for one operator or for all."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from bankside.arch.spec import ConfigError
from bankside.cases.reader import Reader
from bankside.cases.tensors import tensor
from bankside.kernels.operands.distributions import DISTRIBUTIONS
from bankside.kernels.operands.values import Values, distribution


def values_of(texts: Sequence[str]) -> tuple[Values, ...]:
    """Values of texts like mlp.up_proj=W.npy, mlp.up_proj=laplace:3, or laplace:3 for all that are not named.

    Raises
    ------
    ConfigError
        When a file cannot be read as whole or floating-point numbers, or two texts are of the same operator.
    """
    errors: list[str] = []
    found = [_one(text, errors) for text in texts]
    labels = [values.label for values in found if values is not None]
    for label in sorted({label for label in labels if labels.count(label) > 1}):
        errors.append(f"--tensor names {label or 'all weights'} twice.")
    if errors:
        raise ConfigError(errors)
    return tuple(values for values in found if values is not None)


def _one(text: str, errors: list[str]) -> Values | None:
    label, equals, source = text.partition("=")
    if not equals:
        label, source = "", text
    drawn = distribution(label.strip(), source.strip())
    if drawn is not None:
        return drawn
    if not label.strip():
        known = ", ".join(DISTRIBUTIONS)
        errors.append(
            f"--tensor takes OPERATOR=FILE, or a distribution ({known}, with :SEED), not {text!r:.80}."
        )
        return None
    array = tensor(Reader({"tensor": source.strip()}, errors), "tensor", "iuf")
    if array is None:
        return None
    return Values(label.strip(), source.strip(), 0, _digest(array), array)


def _digest(array: Any) -> str:
    """16 hex digits over an array's numbers."""
    told = f"{array.dtype.str} {array.shape} ".encode()
    return sha256(told + array.tobytes()).hexdigest()[:16]
