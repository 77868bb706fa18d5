"""What a Spec class allows at a place: the annotations met on the way down a dotted path."""

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

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


def alternatives(annotation: Any) -> list[Any]:
    """The types an annotation allows, unions and Annotated taken apart; Reference marks are kept."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        marks = [mark for mark in annotation.__metadata__ if isinstance(mark, Reference)]
        return marks + alternatives(annotation.__origin__)
    if origin is typing.Union or origin is types.UnionType:
        return [one for part in typing.get_args(annotation) for one in alternatives(part)]
    return [annotation]


def models(kinds: Sequence[Any]) -> list[type[BaseModel]]:
    """The Spec classes among the allowed types."""
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


def fields(kinds: Sequence[Any]) -> dict[str, list[Any]]:
    """Declared keys of the Spec classes among `kinds`, with the types each allows."""
    found: dict[str, list[Any]] = {}
    for model in models(kinds):
        for name, info in model.model_fields.items():
            marks = [mark for mark in info.metadata if isinstance(mark, Reference)]
            found.setdefault(info.alias or name, []).extend(marks + alternatives(info.annotation))
    return found


def below(kinds: Sequence[Any], part: str) -> list[Any]:
    """The types allowed for the child `part` of a value of one of `kinds`."""
    found = list(fields(kinds).get(part, []))
    for kind in kinds:
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if not isinstance(origin, type) or not arguments:
            continue
        if issubclass(origin, Mapping):
            found += alternatives(arguments[1])
        elif issubclass(origin, Sequence):
            found += [
                one for argument in arguments if argument is not Ellipsis for one in alternatives(argument)
            ]
    return found
