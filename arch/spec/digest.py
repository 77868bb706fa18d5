"""A short name for content: of validated specifications, and of whatever plain data is built from them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from hashlib import sha256
from typing import Any

from pydantic import BaseModel


def digest_of(*specs: BaseModel) -> str:
    """16 hex digits over the values of `specs`, independent of key order, units written, and provenance."""
    content = [spec.model_dump(mode="json") for spec in specs]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()[:16]


def digest_of_content(value: object) -> str:
    """16 hex digits over all that plain data holds: specifications, data classes, mappings in their order,
    sequences, arrays and scalars.

    Raises
    ------
    TypeError
        When something in it is of another kind, whose content would not be seen.
    """
    digest = sha256()
    _tell(value, digest.update)
    return digest.hexdigest()[:16]


def _tell(value: Any, told: Callable[[bytes], object]) -> None:
    """Tell bytes that no other value gives: each part says its kind and its length first."""
    if value is None or isinstance(value, bool | int | float | str | Fraction):
        text = repr(value).encode()
        told(f"{type(value).__name__} {len(text)} ".encode() + text)
    elif isinstance(value, Enum):
        _tell((type(value).__qualname__, value.name), told)
    elif isinstance(value, BaseModel):
        _tell((type(value).__qualname__, digest_of(value)), told)
    elif is_dataclass(value) and not isinstance(value, type):
        _tell(
            (type(value).__qualname__, {each.name: getattr(value, each.name) for each in fields(value)}), told
        )
    elif isinstance(value, Mapping):
        told(f"mapping {len(value)} ".encode())
        for pair in value.items():
            _tell(pair, told)
    elif isinstance(value, tuple | list):
        told(f"sequence {len(value)} ".encode())
        for item in value:
            _tell(item, told)
    elif hasattr(value, "dtype") and hasattr(value, "tobytes") and not value.dtype.hasobject:
        data = value.tobytes()
        told(f"array {value.dtype.descr} {value.shape} {len(data)} ".encode() + data)
    else:
        raise TypeError(f"the content of a {type(value).__qualname__} cannot be told")
