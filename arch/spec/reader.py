"""Strict YAML: parser events become nodes with positions; nothing is ever constructed from a tag.

PyYAML's own loading is not used: it reads YAML 1.1 (`no` is false, `012` is 10), keeps the last of two equal
keys and expands aliases without bound.
"""

from typing import Any

import yaml

from bankside.arch.spec.errors import Complaint, ConfigError, Position, clip
from bankside.arch.spec.node import Node
from bankside.arch.spec.scalars import plain_scalar

MAX_DEPTH = 32
MAX_NODES = 10_000  # after aliases are expanded

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HINTS = {
    "mapping values are not allowed": "a text with ': ' in it needs quotes, or the indentation is wrong",
    "could not find expected ':'": "a key is without its ': '",
    "did not find expected ',' or": "a bracket is not closed or a comma is missing",
    "did not find expected key": "the indentation is wrong",
    "did not find expected '-'": "the indentation is wrong",
    "cannot start any token": "indent with spaces, not tabs; quote texts that begin with @, ` or %",
}
# libyaml reads ahead in brackets and stops at its own limit, which is far above ours, before we are told of one
_TOO_DEEP_FOR_LIBYAML = "exceeded maximum nesting depth"


def read_text(text: str, label: str, complaints: list[Complaint]) -> Node:
    """The tree of YAML text; `label` takes the file's place in messages.

    Faults that leave the tree readable are appended to `complaints`.

    Raises
    ------
    ConfigError
        When there is no tree: broken syntax, or beyond a limit.
    """
    try:
        text.encode()
        return _Reader(text, label, complaints).document()
    except UnicodeEncodeError:
        raise ConfigError(f"{label}: the text is not valid Unicode.") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = Position(label, mark.line + 1, mark.column + 1) if mark else Position(label)
        problem = error.problem or error.context or "it cannot be read"
        if _TOO_DEEP_FOR_LIBYAML in problem:
            raise _too_deep(at) from None
        hint = next((f" ({hint})" for words, hint in _HINTS.items() if words in problem), "")
        raise ConfigError(f"{at}: this is not YAML: {problem}{hint}.") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{label}: this is not YAML: {str(error).splitlines()[0]}.") from None


def read_value(text: str, label: str, complaints: list[Complaint]) -> Node:
    """The tree of one value given on a command line; all positions name the option alone."""
    found: list[Complaint] = []
    at = Position(label)
    try:
        node = _placed(read_text(text, label, found), at) if text.strip() else Node(None, at)
    except ConfigError:
        raise ConfigError(f"{at}: '{clip(text)}' is not a value; quote texts with special signs.") from None
    complaints += [Complaint(at, "", complaint.sentence) for complaint in found]
    return node


def _too_deep(at: Position) -> ConfigError:
    return ConfigError(f"{at}: blocks are nested more than {MAX_DEPTH} deep.")


def _placed(node: Node, at: Position) -> Node:
    """The same tree, everything in it at one place."""
    if isinstance(node.value, dict):
        return Node({key: _placed(child, at) for key, child in node.value.items()}, at)
    if isinstance(node.value, list):
        return Node([_placed(child, at) for child in node.value], at)
    return Node(node.value, at, faulty=node.faulty)


class _Reader:
    def __init__(self, text: str, label: str, complaints: list[Complaint]) -> None:
        self.label = label
        self.complaints = complaints
        self.anchors: dict[str, Node] = {}
        self.nodes = 0
        self.events: Any = yaml.parse(text, Loader=_PARSER)

    def document(self) -> Node:
        next(self.events)  # start of the stream
        start = next(self.events)
        if isinstance(start, yaml.StreamEndEvent):
            raise ConfigError(f"{self.label}: the file is empty.")
        if start.tags or (start.version and tuple(start.version) != (1, 2)):
            self.complain(start, "only YAML 1.2 without tag directives is read.")
        root = self.node(next(self.events), 1)
        next(self.events)  # end of the document
        if not isinstance(extra := next(self.events), yaml.StreamEndEvent):
            self.complain(extra, "a second document begins; a file holds one.")
        return root

    def node(self, event: Any, depth: int) -> Node:
        at = self.position(event)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise ConfigError(
                    f"{at}: the alias *{clip(str(event.anchor))} names nothing that stands before it."
                )
            return self.expanded(self.anchors[event.anchor], at, depth)
        self.count(at, depth)
        if event.tag is not None:
            self.complain(event, f"the tag {clip(event.tag)} is refused; tags have no use here.")
        if isinstance(event, yaml.ScalarEvent):
            node = self.scalar(event, at)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Node(self.items(depth), at)
        else:
            node = Node(self.mapping(depth), at)
        node.faulty |= event.tag is not None
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
            key = self.scalar(event, at, is_key=True).value
            child = self.node(next(self.events), depth + 1)
            child.key_at = at
            if key in pairs:
                first = pairs[key].place.line
                sentence = f"the key '{clip(str(key))}' stands here a second time (first in line {first})."
                self.complaints.append(Complaint(at, "", sentence))
            elif key == "<<" and event.implicit[0]:
                self.complaints.append(Complaint(at, "", "merge keys (<<) are not read; use extends."))
            else:
                pairs[str(key)] = child
        return pairs

    def scalar(self, event: Any, at: Position, is_key: bool = False) -> Node:
        """A key is the text as it stands, a value without quotes may be a number."""
        try:
            event.value.encode()
            return Node(event.value if is_key or not event.implicit[0] else plain_scalar(event.value), at)
        except UnicodeEncodeError:
            self.complain(event, "the text is not valid Unicode.")
        except ValueError as error:
            self.complain(event, str(error))
        return Node(None, at, faulty=True)

    def expanded(self, node: Node, at: Position, depth: int) -> Node:
        """A copy of an anchored node, counted like any other; positions inside are those of the original."""
        self.count(at, depth)
        value = node.value
        if isinstance(value, dict):
            copied = {key: self.expanded(child, at, depth + 1) for key, child in value.items()}
            return Node(copied, node.at, node.key_at)
        if isinstance(value, list):
            return Node([self.expanded(child, at, depth + 1) for child in value], node.at, node.key_at)
        return Node(value, node.at, node.key_at, faulty=node.faulty)

    def count(self, at: Position, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise ConfigError(f"{at}: the file holds more than {MAX_NODES} values, aliases expanded.")
        if depth > MAX_DEPTH:
            raise _too_deep(at)

    def position(self, event: Any) -> Position:
        return Position(self.label, event.start_mark.line + 1, event.start_mark.column + 1)

    def complain(self, event: Any, sentence: str) -> None:
        self.complaints.append(Complaint(self.position(event), "", sentence))
