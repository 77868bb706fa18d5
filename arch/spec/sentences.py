"""What went wrong in a validation, in sentences that a newcomer understands."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from bankside.arch.spec.errors import ConfigError, FieldError, FieldsError, clip, nearest, suggestion
from bankside.arch.spec.node import Node, describe
from bankside.arch.spec.provenance import WRAPPER_KEYS
from bankside.arch.spec.shape import fields

WRONG_TYPE = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "model_type": "a block of keys",
    "model_attributes_type": "a block of keys",
    "dict_type": "a block of keys",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "none_required": "nothing",
}
_COMPARED = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
    "multiple_of": ("a multiple of", "multiple_of"),
}

Said = tuple[tuple[str, ...], str]


def wrong_type(expected: Sequence[str], node: Node) -> str:
    """The sentence for a value that is of none of the `expected` kinds."""
    wanted = " or ".join(dict.fromkeys(expected))
    value = node.value
    if isinstance(value, dict) and "value" in value:
        strange = next((key for key in value if key not in WRAPPER_KEYS), "_source")
        near = suggestion(strange, WRAPPER_KEYS, "allowed")
        expected_too = "or a block of value, source and confidence"
        return f"expected {wanted}, {expected_too}; '{clip(strange)}' is unknown{near}"
    if isinstance(value, str) and wanted.endswith("number") and value[:1].isdigit():
        return f"expected {wanted} without a unit, but got {describe(value)}."
    return f"expected {wanted}, but got {describe(value)}."


def say(detail: ErrorDetails, path: Sequence[str], node: Node, kinds: Sequence[Any]) -> Iterator[Said]:
    """The sentences for one error at `path`, each with the path from there to what it is about.

    `kinds` are the types allowed for the block that `path` ends in.
    """
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing" and isinstance(node.value, list):
        yield (), f"has too few entries: {len(node.value)}."
    elif kind == "missing":
        yield (), f"the key '{path[-1]}' is missing."
    elif kind == "extra_forbidden":
        yield (), f"unknown key '{clip(path[-1])}'{suggestion(path[-1], fields(kinds), 'allowed')}"
    elif kind in ("literal_error", "enum"):
        yield (), _not_among(node.value, allowed_words(detail))
    elif kind == "union_tag_invalid":
        yield (context["discriminator"].strip("'"),), _not_among(context["tag"], allowed_words(detail))
    elif kind == "union_tag_not_found":
        yield (), f"the key {context['discriminator']} is missing."
    elif kind in _COMPARED:
        words, key = _COMPARED[kind]
        yield (), f"must be {words} {context[key]}, but is {clip(str(node.value))}."
    elif kind in ("too_short", "too_long"):
        words, key = ("at least", "min_length") if kind == "too_short" else ("at most", "max_length")
        noun = "entry" if context[key] == 1 else "entries"
        yield (), f"must have {words} {context[key]} {noun}, but has {context['actual_length']}."
    elif kind in ("value_error", "assertion_error"):
        yield from _own(context["error"], node)
    else:
        yield (), f"{detail['msg'][0].lower()}{detail['msg'][1:]}, but got {describe(node.value)}."


def allowed_words(detail: ErrorDetails) -> list[str]:
    """The words from which one was to be chosen; pydantic lists them in quotes."""
    context = detail["ctx"]
    listed = str(context.get("expected") or context["expected_tags"])
    return [word.strip("'\" ") for word in listed.replace(" or ", ", ").split(",")]


def _not_among(value: Any, allowed: Sequence[str]) -> str:
    near = nearest(value, allowed) if isinstance(value, str) else None
    hint = f"; did you mean '{near}'?" if near else "."
    shown = f"'{clip(value)}'" if isinstance(value, str) else describe(value)
    return f"{shown} is not one of {', '.join(allowed)}{hint}"


def _own(error: Exception, node: Node) -> Iterator[Said]:
    """The sentences of an error raised by a validator of ours about the block `node`."""
    if isinstance(error, FieldsError):
        for one in error.errors:
            yield from _own(one, node)
    elif isinstance(error, ConfigError):
        yield from (((), sentence) for sentence in error.errors)
    else:
        at = error.at if isinstance(error, FieldError) else ""
        places = [tuple(part for part in place.split(".") if part) for place in at.split("|")]
        yield min(places, key=lambda place: _remoteness(node, place)), str(error)


def _remoteness(node: Node, path: tuple[str, ...]) -> int:
    """How far the value at `path` is from the user's hand: an override, the block's own file, one that it extends."""
    found: Node | None = node
    for part in path:
        found = found.child(part) if found is not None else None
    if found is None:
        return 3
    return 0 if not found.place.line else 1 if found.place.file == node.at.file else 2
