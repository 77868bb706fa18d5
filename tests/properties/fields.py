"""Fields of schemas and other values for them: what shipped files state elsewhere, and what types allow."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel

Path = tuple[str | int, ...]
INERT = ("description", "source", "confidence")


class Field(NamedTuple):
    """A field of a schema."""

    schema: type[BaseModel]
    name: str

    def __str__(self) -> str:
        return f"{self.schema.__name__}.{self.name}"


def schemas_below(annotation: Any, seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """All schemas that a type names, with those of their fields."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation not in seen:
            seen.add(annotation)
            for info in annotation.model_fields.values():
                schemas_below(info.annotation, seen)
    elif get_origin(annotation) is not None and get_origin(annotation) is not Literal:
        for inner in get_args(annotation):
            schemas_below(inner, seen)
    return seen


def fields_below(*roots: type[BaseModel]) -> list[Field]:
    """Every field of the schemas that start at `roots`, but for those that describe."""
    seen: set[type[BaseModel]] = set()
    for root in roots:
        schemas_below(root, seen)
    return sorted(
        (Field(schema, name) for schema in seen for name in schema.model_fields if name not in INERT), key=str
    )


def places(value: Any, path: Path = ()) -> Iterator[tuple[Field, Path, Any]]:
    """Where in a specification each field stands, with its value as plain data."""
    if isinstance(value, BaseModel):
        plain = value.model_dump(mode="json")
        for name in type(value).model_fields:
            if name not in INERT:
                yield Field(type(value), name), (*path, name), plain[name]
            yield from places(getattr(value, name), (*path, name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, tuple | list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index))


def put(content: Any, path: Path, value: Any) -> Any:
    """A copy of plain data with another value at a path."""
    if not path:
        return value
    changed = dict(content) if isinstance(content, dict) else list(content)
    changed[path[0]] = put(content[path[0]], path[1:], value)  # type: ignore[call-overload]
    return changed


def _scaled(value: Any) -> Iterator[Any]:
    """Other numbers, also those with a unit."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (2 * value, value // 2, value + 1, 4 * value, value - 1, 8)
    elif isinstance(value, float):
        yield from (2 * value, value / 2, value + 1, 10 * value, value / 10)
    elif isinstance(value, str):
        number, _, unit = value.partition(" ")
        try:
            yield from (f"{factor * float(number)!r} {unit}" for factor in (2, 0.5, 10, 0.1, 100))
        except ValueError:
            return


def others(value: Any) -> Iterator[Any]:
    """Values that are unlike the given one at one place."""
    yield from _scaled(value)
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from ({**value, key: other} for other in others(inner))
        for key in value:
            yield {name: inner for name, inner in value.items() if name != key}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from ([*value[:index], other, *value[index + 1 :]] for other in others(inner))
        for index in range(len(value)):
            yield [*value[:index], *value[index + 1 :]]


def pool(specs: list[BaseModel]) -> dict[Field, list[Any]]:
    """Values that specifications state for each field."""
    found: dict[Field, list[Any]] = defaultdict(list)
    for spec in specs:
        for field, _, value in places(spec):
            if value not in found[field]:
                found[field].append(value)
    return found
