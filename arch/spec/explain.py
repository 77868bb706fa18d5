"""pydantic's errors at their places: from the location in the data to file, line, column and path."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bankside.arch.spec.errors import Complaint, nearest
from bankside.arch.spec.node import Node, item_names
from bankside.arch.spec.sentences import WRONG_TYPE, allowed_words, say, wrong_type
from bankside.arch.spec.shape import below, models, narrowed

Path = tuple[str, ...]


def explain(error: ValidationError, tree: Node, cls: type[BaseModel]) -> list[Complaint]:
    """A complaint for every fault that a validation of `tree` as a `cls` found."""
    details = error.errors(include_url=False)
    placed = [(detail, *_place(detail["loc"], tree, cls)) for detail in details]
    meant = set(_meant(placed))
    reached = [path for _, path, _, _ in placed]
    wanted: dict[Path, list[str]] = {}
    mistaken = dict(_mistaken(placed))
    found = [Complaint(at.place, ".".join(path), sentence) for path, (at, sentence) in mistaken.items()]
    for detail, path, node, kinds in placed:
        if any(path[: len(block)] == block for block in mistaken):
            continue
        if node.faulty or (detail["type"] == "missing" and path in meant):
            continue
        if detail["type"] == "too_short" and _beneath(path, reached):
            continue  # wrong entries, which pydantic does not count
        if detail["type"] in ("value_error", "assertion_error") and _holds_fault(node):
            continue  # a validator judges a block as a whole, and a part of it is known to be wrong
        expected = WRONG_TYPE.get(detail["type"])
        if not expected and detail["type"] in ("literal_error", "enum") and reached.count(path) > 1:
            expected = f"one of {', '.join(allowed_words(detail))}"  # beside other members of a union
        if expected:
            wanted.setdefault(path, []).append(expected)
            continue
        for inner, sentence in say(detail, path, node, kinds):
            at = node
            for part in inner:
                at = at.child(part) or at
            found.append(Complaint(at.place, ".".join((*path, *inner)), sentence))
    for path, expected_here in wanted.items():
        if not _beneath(path, reached):
            node = next(node for _, its_path, node, _ in placed if its_path == path)
            found.append(Complaint(node.place, ".".join(path), wrong_type(expected_here, node)))
    return found


def _holds_fault(node: Node) -> bool:
    """Whether something in the block was already complained about."""
    return any(child.faulty or _holds_fault(child) for _, child in node.children())


def _beneath(path: Path, reached: Sequence[Path]) -> bool:
    """Whether something below `path` has a fault of its own."""
    return any(len(other) > len(path) and other[: len(path)] == path for other in reached)


def _meant(placed: Sequence[tuple[ErrorDetails, Path, Node, list[Any]]]) -> Iterator[Path]:
    """Missing keys for which an unknown key of the same block stands: one sentence is enough for both."""
    missing = [path for detail, path, _, _ in placed if detail["type"] == "missing"]
    for detail, path, _, _ in placed:
        if detail["type"] == "extra_forbidden":
            lacking = [other[-1] for other in missing if other[:-1] == path[:-1]]
            if near := nearest(path[-1], lacking):
                yield (*path[:-1], near)


def _mistaken(
    placed: Sequence[tuple[ErrorDetails, Path, Node, list[Any]]],
) -> Iterator[tuple[Path, tuple[Node, str]]]:
    """Blocks that are something else altogether: needed keys are missing, and one of another kind stands there."""
    lacking = {path[:-1]: node for detail, path, node, _ in placed if detail["type"] == "missing"}
    for detail, path, _, kinds in placed:
        known = {
            key: text for model in models(kinds) for key, text in getattr(model, "other_kind", {}).items()
        }
        if detail["type"] == "extra_forbidden" and path[:-1] in lacking and path[-1] in known:
            yield path[:-1], (lacking[path[:-1]], known[path[-1]])


def _place(loc: Sequence[int | str], tree: Node, cls: type[BaseModel]) -> tuple[Path, Node, list[Any]]:
    """Dotted path and node of a location, and the types allowed for the block it stands in."""
    kinds: list[Any] = [cls]
    node, block = tree, kinds
    path: list[str] = []
    for index, part in enumerate(loc):
        child, name = _step(node, part)
        if child is None:
            if index == len(loc) - 1 and isinstance(part, str) and isinstance(node.value, dict):
                return (*path, part), node, kinds  # a missing key
            kinds = _narrowed(kinds, part)
            continue
        path.append(name)
        block, kinds, node = kinds, narrowed(below(kinds, name), child), child
    return tuple(path), node, block


def _step(node: Node, part: int | str) -> tuple[Node | None, str]:
    if isinstance(node.value, list) and isinstance(part, int) and part < len(node.value):
        return node.value[part], item_names(node.value)[part]
    if isinstance(node.value, dict) and str(part) in node.value:
        return node.value[str(part)], str(part)
    return None, str(part)


def _narrowed(kinds: list[Any], label: int | str) -> list[Any]:
    """The members of a union that pydantic's label stands for: a class name or a discriminator's tag."""
    members = [
        model
        for model in models(kinds)
        if model.__name__ == label
        or any(label in get_args(f.annotation) for f in model.model_fields.values())
    ]
    return members or kinds
