"""A short name for content: of validated specifications, and of whatever plain data is built from them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from hashlib import sha256
from typing import Any, Final

from pydantic import BaseModel

PLAIN: Final = frozenset({type(None), bool, int, float, str, Fraction})
"""Told by what they are shown as; so are their subclasses."""


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
    kind: Any = type(value)
    if kind in PLAIN or isinstance(value, int | float | str | Fraction):
        told(_plain(value))
    elif (names := _names(kind)) is not None:
        begin, fields_of = names
        told(begin)
        for name, said in fields_of:
            told(said)
            _tell(getattr(value, name), told)
    elif isinstance(value, tuple | list):
        told(b"sequence %d " % len(value))
        for item in value:
            _tell(item, told)
    elif isinstance(value, Enum):
        _tell((kind.__qualname__, value.name), told)
    elif isinstance(value, BaseModel):
        _tell((kind.__qualname__, digest_of(value)), told)
    elif isinstance(value, Mapping):
        told(b"mapping %d " % len(value))
        for pair in value.items():
            _tell(pair, told)
    elif hasattr(value, "dtype") and hasattr(value, "tobytes") and not value.dtype.hasobject:
        data = value.tobytes()
        told(f"array {value.dtype.descr} {value.shape} {len(data)} ".encode() + data)
    else:
        raise TypeError(f"the content of a {kind.__qualname__} cannot be told")


def _plain(value: object) -> bytes:
    text = repr(value).encode()
    return b"%s %d %s" % (type(value).__name__.encode(), len(text), text)


@cache
def _names(kind: type) -> tuple[bytes, tuple[tuple[str, bytes], ...]] | None:
    """How a data class is told, a sequence of its name and a mapping of its fields: how it begins, and each field with
    what stands before its value; None where it is none."""
    if not is_dataclass(kind):
        return None
    names = [each.name for each in fields(kind)]
    begin = b"sequence 2 %smapping %d " % (_plain(kind.__qualname__), len(names))
    return begin, tuple((name, b"sequence 2 " + _plain(name)) for name in names)
