"""JSON Schema for editors: what the loader accepts, with provenance, `extends` and references."""

import json
import re
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from bankside.arch.spec.merge import REPLACE
from bankside.arch.spec.provenance import CONFIDENCES
from bankside.arch.spec.shape import REFERENCE_KEY

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PARTIAL = "~partial"  # ending of the definitions whose blocks need not be whole
EXTENDING = "~extending"  # of those that also say what they extend

_DEMANDS = ("required", "minItems", "minProperties")

Schema = dict[str, Any]

_SOURCE = {"type": "string", "minLength": 1, "description": "where the value comes from"}
_CONFIDENCE = {"enum": list(CONFIDENCES), "description": "how well the value is known"}
_EXTENDS = {"type": "string", "description": "the configuration of which only differences are stated"}
_REPLACE = {"type": "boolean", "description": "this block stands for that of the base instead of merging"}
_BLOCK_KEYS: Schema = {"_source": _SOURCE, "_confidence": _CONFIDENCE, REPLACE: _REPLACE}


def json_schema(cls: type[BaseModel]) -> Schema:
    """JSON Schema (draft 2020-12) of the files that hold a `cls`."""
    raw = cls.model_json_schema(ref_template="#/$defs/{model}")
    definitions = raw.pop("$defs", {})
    root = cls.__name__
    definitions.setdefault(root, raw)
    opener = _Opener()
    whole = {name: opener.open(one, _same) for name, one in definitions.items()}
    partial = {name + PARTIAL: opener.open(_loose(one), _partial) for name, one in definitions.items()}
    extending = {name + EXTENDING: _extending(partial[name + PARTIAL]) for name in definitions}
    whole[root] = _unnamed(whole[root])
    schema = {
        "$schema": DRAFT,
        "title": root,
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/{root}{EXTENDING}"},
        "else": {"$ref": f"#/$defs/{root}"},
    }
    return schema | {"$defs": _needed(schema, whole | partial | extending | opener.shared)}


class _Opener:
    """Makes room for provenance in schemas; the many equal leaves share one definition each."""

    def __init__(self) -> None:
        self.shared: dict[str, Schema] = {}
        self.names: dict[str, str] = {}

    def open(self, schema: Schema, refer: Callable[[str], str]) -> Schema:
        """The schema of a value with room for provenance in and below it; `refer` renames references."""
        opened = {key: value for key, value in schema.items() if key not in ("discriminator", REFERENCE_KEY)}
        if "$ref" in opened:
            opened["$ref"] = refer(opened["$ref"])
        for key in ("anyOf", "oneOf", "allOf"):
            if key in opened:
                members = [self.open(member, refer) for member in opened.pop(key)]
                # a partial block may fit several members
                opened["anyOf" if key == "oneOf" else key] = members
        if "prefixItems" in opened:
            opened["prefixItems"] = [self.sourced(self.open(item, refer)) for item in opened["prefixItems"]]
        for key in ("items", "additionalProperties"):
            if isinstance(opened.get(key), dict):
                opened[key] = self.sourced(self.open(opened[key], refer))
        if opened.get("type") == "object":
            properties = schema.get("properties", {}).items()
            opened["properties"] = _BLOCK_KEYS | {
                key: self.sourced(self.open(value, refer)) for key, value in properties
            }
        if REFERENCE_KEY in schema:
            opened["anyOf"] = [*opened["anyOf"], *_inline(schema["anyOf"][0])]
        return opened

    def sourced(self, value: Schema) -> Schema:
        """A value, or a block of the value, its source and its confidence."""
        told = {key: value[key] for key in ("title", "description", "examples", "default") if key in value}
        bare = {key: one for key, one in value.items() if key not in told}
        name = self.names.setdefault(json.dumps(bare, sort_keys=True), f"value{len(self.names)}")
        block = {
            "type": "object",
            "required": ["value"],
            "properties": {"value": bare, "source": _SOURCE, "confidence": _CONFIDENCE},
            "additionalProperties": False,
        }
        self.shared[name] = {"anyOf": [bare, block]}
        return told | {"$ref": f"#/$defs/{name}"}


def _same(reference: str) -> str:
    return reference


def _partial(reference: str) -> str:
    return reference + PARTIAL


def _inline(target: Schema) -> list[Schema]:
    """A block in the place of a reference, which says what it extends."""
    members = target.get("anyOf", [target])
    return [{"$ref": member["$ref"] + EXTENDING} for member in members if "$ref" in member]


def _loose(schema: Any) -> Any:
    """The schema without demands on completeness, which only the merged block must meet."""
    if isinstance(schema, dict):
        kept = {key: value for key, value in schema.items() if key not in _DEMANDS or isinstance(value, dict)}
        return {key: _loose(value) for key, value in kept.items()}
    return [_loose(item) for item in schema] if isinstance(schema, list) else schema


def _extending(schema: Schema) -> Schema:
    properties = {"extends": _EXTENDS} | schema.get("properties", {})
    return schema | {"properties": properties, "required": ["extends"]}


def _unnamed(schema: Schema) -> Schema:
    """The schema of a file, which lends its own name to a configuration that states none."""
    return schema | {"required": [key for key in schema.get("required", []) if key != "name"]}


def _needed(schema: Schema, definitions: dict[str, Schema]) -> dict[str, Schema]:
    """The definitions that `schema` leads to."""
    found: dict[str, Schema] = {}
    waiting = [schema]
    while waiting:
        for name in re.findall(r'"#/\$defs/([^"]+)"', json.dumps(waiting.pop())):
            if name not in found:
                found[name] = definitions[name]
                waiting.append(definitions[name])
    return dict(sorted(found.items()))
