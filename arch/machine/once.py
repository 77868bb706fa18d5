"""What follows from a part of a machine alone, made when it is first asked for."""

from collections.abc import Callable, Hashable
from typing import TypeVar

T = TypeVar("T")


def once(owner: object, key: Hashable, make: Callable[[], T]) -> T:
    """The same each time, kept with `owner`, which never changes; a changed copy of it begins anew."""
    kept: dict[Hashable, T] = owner.__dict__.setdefault("_once", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]
