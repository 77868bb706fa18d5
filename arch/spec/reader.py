"""Strict YAML: parser events become nodes with positions; nothing is ever constructed from a tag.

PyYAML's own loading is not used: it reads YAML 1.1 (`no` is false, `012` is 10), keeps the last of two equal
keys and expands aliases without bound.
"""

import codecs
from pathlib import Path
from typing import Any

import yaml

from bankside.arch.spec.errors import ConfigError
from bankside.arch.spec.library import shown
from bankside.arch.spec.node import Node, Position, Scalar
from bankside.arch.spec.scalars import plain_scalar

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 10_000  # after aliases are expanded

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_file(path: Path, errors: list[str]) -> Node:
    """The tree of a file; faults that leave the tree readable are appended to `errors`.

    Raises
    ------
    ConfigError
        When there is no tree: unreadable file, not UTF-8, broken syntax, beyond a limit.
    """
    label = shown(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{label}: the file cannot be read: {error.strerror}.") from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{label}: the file is larger than {MAX_BYTES >> 20} MiB.")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{label}:{line}:1: the file is not UTF-8 text.") from None
    if path.suffix == ".json":
        text = text.replace("\t", " ")  # white space in JSON, refused by YAML; never inside a JSON string
    return read_text(text, label, errors)


def read_text(text: str, label: str, errors: list[str]) -> Node:
    """The tree of YAML text; `label` takes the file's place in messages."""
    try:
        return _Reader(text, label, errors).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Position(label, mark.line + 1, mark.column + 1) if mark else Position(label)
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise ConfigError(f"{at}: this is not YAML: {problem}.") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{label}: this is not YAML: {str(error).splitlines()[0]}.") from None


def scalar_text(text: str, label: str) -> Node:
    """The tree of one value given on a command line; positions name the option alone."""
    errors: list[str] = []
    node = (
        _unplaced(read_text(text, label, errors), Position(label))
        if text.strip()
        else Node(None, Position(label))
    )
    if errors:
        raise ConfigError([f"{label}: {error.split(': ', 1)[1]}" for error in errors])
    return node


def _unplaced(node: Node, at: Position) -> Node:
    if isinstance(node.value, dict):
        return Node({key: _unplaced(child, at) for key, child in node.value.items()}, at)
    if isinstance(node.value, list):
        return Node([_unplaced(child, at) for child in node.value], at)
    return Node(node.value, at)


class _Reader:
    def __init__(self, text: str, label: str, errors: list[str]) -> None:
        self.label = label
        self.errors = errors
        self.anchors: dict[str, Node] = {}
        self.nodes = 0
        self.events = yaml.parse(text, Loader=_PARSER)

    def document(self) -> Node:
        next(self.events)  # start of the stream
        start: Any = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            raise ConfigError(f"{self.label}: the file is empty.")
        if start.tags or (start.version and tuple(start.version) != (1, 2)):
            self.fault(start, "only YAML 1.2 without tag directives is read.")
        root = self.node(next(self.events), 1)
        next(self.events)  # end of the document
        if not isinstance(extra := next(self.events), yaml.StreamEndEvent):
            self.fault(extra, "a second document begins; a file holds one.")
        return root

    def node(self, event: Any, depth: int) -> Node:
        at = self.position(event)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise ConfigError(f"{at}: the alias *{event.anchor} names nothing that stands before it.")
            return self.expanded(self.anchors[event.anchor], at, depth)
        self.count(at, depth)
        if event.tag is not None:
            self.fault(event, f"the tag {event.tag} is refused; tags have no use here.")
        if isinstance(event, yaml.ScalarEvent):
            node = Node(self.scalar(event), at)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Node(self.items(depth), at)
        else:
            node = Node(self.mapping(depth), at)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def items(self, depth: int) -> list[Node]:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        return items

    def mapping(self, depth: int) -> dict[str, Node]:
        pairs: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            at = self.position(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise ConfigError(f"{at}: a key must be a single word.")
            key = event.value
            child = self.node(next(self.events), depth + 1)
            child.key_at = at
            if key in pairs:
                first = pairs[key].place
                self.errors.append(
                    f"{at}: the key '{key}' stands here a second time (first in line {first.line})."
                )
            elif key == "<<" and event.implicit[0]:
                self.errors.append(f"{at}: merge keys (<<) are not read; use extends.")
            else:
                pairs[key] = child
        return pairs

    def scalar(self, event: yaml.ScalarEvent) -> Scalar:
        if not event.implicit[0]:
            return str(event.value)
        try:
            return plain_scalar(event.value)
        except ValueError as error:
            self.fault(event, str(error))
            return None

    def expanded(self, node: Node, at: Position, depth: int) -> Node:
        """A copy of an anchored node, counted like any other; positions inside are those of the original."""
        self.count(at, depth)
        value = node.value
        if isinstance(value, dict):
            copied = {key: self.expanded(child, at, depth + 1) for key, child in value.items()}
            return Node(copied, node.at, node.key_at)
        if isinstance(value, list):
            return Node([self.expanded(child, at, depth + 1) for child in value], node.at, node.key_at)
        return Node(value, node.at, node.key_at)

    def count(self, at: Position, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise ConfigError(f"{at}: the file holds more than {MAX_NODES} values, aliases expanded.")
        if depth > MAX_DEPTH:
            raise ConfigError(f"{at}: blocks are nested more than {MAX_DEPTH} deep.")

    def position(self, event: Any) -> Position:
        mark = event.start_mark
        return Position(self.label, mark.line + 1, mark.column + 1)

    def fault(self, event: yaml.Event, sentence: str) -> None:
        self.errors.append(f"{self.position(event)}: {sentence}")
