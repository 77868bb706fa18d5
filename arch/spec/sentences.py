"""pydantic's errors as sentences a newcomer understands, each at its place in the file."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bankside.arch.spec.compose import describe
from bankside.arch.spec.errors import ConfigError, FieldError, FieldsError, nearest, suggestion
from bankside.arch.spec.node import Node, Position, name_of
from bankside.arch.spec.provenance import WRAPPER_KEYS
from bankside.arch.spec.shape import below, fields

EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "model_type": "a block of keys",
    "model_attributes_type": "a block of keys",
    "dict_type": "a block of keys",
    "dataclass_type": "a block of keys",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "none_required": "nothing",
}
COMPARED = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at most", "le"),
    "multiple_of": ("a multiple of", "multiple_of"),
}


def sentences(error: ValidationError, tree: Node, cls: type[BaseModel]) -> list[str]:
    """All errors of a validation as `file:line:column path: sentence`, in the order of the file."""
    found: dict[tuple[str, str], tuple[Position, str]] = {}
    wanted: dict[str, list[str]] = {}
    details = error.errors(include_url=False)
    misspelt = {(*_path(d["loc"][:-1], tree), near) for d, near in _near_missing(details, tree)}
    for detail in details:
        path, node, kinds = _place(detail["loc"], tree, cls)
        if detail["type"] == "missing" and path in misspelt:
            continue
        dotted = ".".join(path)
        if expected := EXPECTED.get(detail["type"]):
            wanted.setdefault(dotted, []).append(expected)
            expectations = " or ".join(dict.fromkeys(wanted[dotted]))
            found[dotted, "type"] = (node.place, f"expected {expectations}, but got {_got(node)}.")
            continue
        for below_path, sentence in _say(detail, path, node, kinds):
            at = _descend(node, below_path).place
            whole = ".".join((*path, *below_path))
            found.setdefault((whole, sentence), (at, sentence))
    lines = [
        (place, f"{place} {path}: {said}" if path else f"{place}: {said}")
        for (path, _), (place, said) in found.items()
    ]
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def _say(
    detail: ErrorDetails, path: tuple[str, ...], node: Node, kinds: Sequence[Any]
) -> Iterator[tuple[tuple[str, ...], str]]:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        yield (), f"the key '{path[-1]}' is missing."
    elif kind == "extra_forbidden":
        yield (), f"unknown key '{path[-1]}'{suggestion(path[-1], fields(kinds), 'allowed')}"
    elif kind in ("literal_error", "enum", "union_tag_invalid"):
        expected = context.get("expected") or context.get("expected_tags", "")
        allowed = [word.strip("'\" ") for word in str(expected).replace(" or ", ", ").split(",")]
        tag = context.get("discriminator", "").strip("'")
        shown = context["tag"] if kind == "union_tag_invalid" else _got(node)
        near = nearest(str(context.get("tag", node.value)), allowed)
        hint = f"; did you mean '{near}'?" if near else "."
        yield ((tag,) if tag else ()), f"{shown} is not one of {', '.join(allowed)}{hint}"
    elif kind == "union_tag_not_found":
        yield (), f"the key {context['discriminator']} is missing."
    elif kind in COMPARED:
        words, key = COMPARED[kind]
        yield (), f"must be {words} {context[key]}, but is {node.value}."
    elif kind in ("too_short", "too_long"):
        limit = context.get("min_length", context.get("max_length"))
        least = "least" if kind == "too_short" else "most"
        yield (), f"must have at {least} {limit} entries, but has {context['actual_length']}."
    elif kind == "value_error":
        yield from _own(context["error"])
    else:
        yield (), f"{detail['msg'][0].lower()}{detail['msg'][1:]}, but got {_got(node)}."


def _own(error: Exception) -> Iterator[tuple[tuple[str, ...], str]]:
    """The sentences of an error raised by a validator of ours."""
    if isinstance(error, FieldsError):
        for one in error.errors:
            yield from _own(one)
    elif isinstance(error, ConfigError):
        yield from (((), sentence) for sentence in error.errors)
    else:
        at = error.at if isinstance(error, FieldError) else ""
        yield tuple(part for part in at.split(".") if part), str(error)


def _near_missing(details: Sequence[ErrorDetails], tree: Node) -> Iterator[tuple[ErrorDetails, str]]:
    """Unknown keys that stand for a missing one in the same block: one sentence is enough for both."""
    for unknown in details:
        if unknown["type"] == "extra_forbidden":
            block = unknown["loc"][:-1]
            missing = [
                str(d["loc"][-1]) for d in details if d["type"] == "missing" and d["loc"][:-1] == block
            ]
            if near := nearest(str(unknown["loc"][-1]), missing):
                yield unknown, near


def _place(
    loc: Sequence[int | str], tree: Node, cls: type[BaseModel]
) -> tuple[tuple[str, ...], Node, list[Any]]:
    """Dotted path and node of an error's location, and the types allowed for the block it stands in."""
    kinds: list[Any] = [cls]
    node, block = tree, kinds
    path: list[str] = []
    for index, part in enumerate(loc):
        child, name = _step(node, part)
        if child is None:
            if index == len(loc) - 1 and isinstance(part, str) and isinstance(node.value, dict):
                return (*path, part), node, kinds
            continue  # the label of a member of a union
        path.append(name)
        block, kinds, node = kinds, below(kinds, name), child
    return tuple(path), node, block


def _path(loc: Sequence[int | str], tree: Node) -> tuple[str, ...]:
    node, path = tree, []
    for part in loc:
        child, name = _step(node, part)
        if child is not None:
            node = child
            path.append(name)
    return tuple(path)


def _step(node: Node, part: int | str) -> tuple[Node | None, str]:
    if isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
        return node.value[part], name_of(node.value[part]) or str(part)
    if isinstance(node.value, dict) and str(part) in node.value:
        return node.value[str(part)], str(part)
    return None, str(part)


def _descend(node: Node, path: Sequence[str]) -> Node:
    for part in path:
        node = node.child(part) or node
    return node


def _got(node: Node) -> str:
    if isinstance(node.value, dict) and "value" in node.value:
        strange = next((key for key in node.value if key not in WRAPPER_KEYS), "")
        return f"a block; a value with its origin has the keys value, source, confidence, and not '{strange}'"
    return describe(node)
