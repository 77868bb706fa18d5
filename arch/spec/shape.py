"""What a Spec class allows at a place: the annotations met on the way down a dotted path."""

import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from bankside.arch.spec.node import Node

REFERENCE_KEY = "x-reference"  # marks the schema of a reference


@dataclass(frozen=True)
class Reference:
    """Marks a field that may name a configuration of `kind` (or its path), which is put in its place."""

    kind: str

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        name = {"type": "string", "description": f"the name of one of the {self.kind}, or the path of a file"}
        return {"anyOf": [handler(core), name], REFERENCE_KEY: self.kind}


@dataclass(frozen=True)
class Registered:
    """Marks a field whose block is of one of several classes, the one registered under the name that its key `key`
    states, else `default`; classes may join at any time."""

    key: str
    classes: Callable[[], Mapping[str, type[BaseModel]]]
    default: str | None = None

    def chosen(self, block: Any) -> type[BaseModel] | None:
        """The class that the data of a block names, None if it names none that is registered."""
        name = block.get(self.key, self.default) if isinstance(block, Mapping) else None
        return self.classes().get(name) if isinstance(name, str) else None

    def read(self, data: Any) -> BaseModel:
        """The block as one of its class; its faults stand at their places in it."""
        known = self.classes()
        if isinstance(data, BaseModel) and type(data) in known.values():
            return data
        if not isinstance(data, Mapping):
            raise PydanticKnownError("dict_type")
        found = self.chosen(data)
        if found is None and data.get(self.key, self.default) is None:
            raise PydanticKnownError("union_tag_not_found", {"discriminator": repr(self.key)})
        if found is None:
            raise PydanticKnownError(
                "union_tag_invalid",
                {
                    "discriminator": repr(self.key),
                    "tag": str(data[self.key]),
                    "expected_tags": ", ".join(map(repr, sorted(known))),
                },
            )
        return found.model_validate_json(json.dumps(data), strict=True)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        known = self.classes()
        return {"anyOf": [handler(known[name].__pydantic_core_schema__) for name in sorted(known)]}


def alternatives(annotation: Any) -> list[Any]:
    """The types an annotation allows, unions and Annotated taken apart; marks of references and registries are kept."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        marks = [mark for mark in annotation.__metadata__ if isinstance(mark, Reference | Registered)]
        return marks + alternatives(annotation.__origin__)
    if origin is typing.Union or origin is types.UnionType:
        return [one for part in typing.get_args(annotation) for one in alternatives(part)]
    return [annotation]


def models(kinds: Sequence[Any]) -> list[type[BaseModel]]:
    """The Spec classes among the allowed types."""
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


@cache
def declared(model: type[BaseModel]) -> dict[str, list[Any]]:
    """Declared keys of a Spec class, with the types each allows: read again at every block, so kept."""
    found: dict[str, list[Any]] = {}
    for name, info in model.model_fields.items():
        marks = [mark for mark in info.metadata if isinstance(mark, Reference | Registered)]
        found[info.alias or name] = marks + alternatives(info.annotation)
    return found


def fields(kinds: Sequence[Any]) -> dict[str, list[Any]]:
    """Declared keys of the Spec classes among `kinds`, with the types each allows."""
    found: dict[str, list[Any]] = {}
    for model in models(kinds):
        for name, allowed in declared(model).items():
            found.setdefault(name, []).extend(allowed)
    return found


def narrowed(kinds: Sequence[Any], node: Node) -> list[Any]:
    """`kinds` for what stands at `node`: of a registry the class that the block names, or all if it names none."""
    found: list[Any] = []
    for kind in kinds:
        if isinstance(kind, Registered):
            one = kind.chosen(node.plain())
            found += list(kind.classes().values()) if one is None else [one]
        else:
            found.append(kind)
    return found


def below(kinds: Sequence[Any], part: str) -> list[Any]:
    """The types allowed for the child `part` of a value of one of `kinds`."""
    found: list[Any] = []
    for kind in kinds:
        own, items = _inside(kind)
        found += own.get(part, [])
        found += items
    return found


@cache
def _inside(kind: Any) -> tuple[dict[str, list[Any]], list[Any]]:
    """Declared keys of a Spec class; and the types that an item of a mapping or sequence may have: asked for at every
    value of a file, so kept."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return declared(kind), []
    if not isinstance(origin, type) or not arguments:
        return {}, []
    if issubclass(origin, Mapping):
        return {}, alternatives(arguments[1])
    if issubclass(origin, Sequence):
        return {}, [
            one for argument in arguments if argument is not Ellipsis for one in alternatives(argument)
        ]
    return {}, []
