"""Files of other tools that stand where a configuration is named: who reads them, by kind and by suffix or key."""

from collections.abc import Callable
from typing import Final

from bankside.arch.spec.errors import Complaint, Position
from bankside.arch.spec.node import Node, Scalar

TextReader = Callable[[str, str, list[Complaint]], Node]
"""Text, its name in messages, complaints to append to; the tree as our own file would have it."""
TreeReader = Callable[[Node, list[Complaint]], Node]

TEXTS: Final[dict[tuple[str, str], TextReader]] = {}
"""By kind of configuration and suffix of the file."""
TREES: Final[dict[tuple[str, str], TreeReader]] = {}
"""By kind of configuration and a key at the top of a YAML file that ours never have."""


def suffixes() -> tuple[str, ...]:
    """Suffixes of foreign files."""
    return tuple(suffix for _, suffix in TEXTS)


def translated(tree: Node, kind: str, complaints: list[Complaint]) -> Node:
    """A tree, or what it says in our terms if it is another tool's."""
    for (of, key), read in TREES.items():
        if of == kind and isinstance(tree.value, dict) and key in tree.value:
            return read(tree, complaints)
    return tree


def leaf(value: Scalar, at: Position) -> Node:
    """A value that a foreign file states."""
    return Node(value, at, at)


def block(children: dict[str, Node], at: Position) -> Node:
    """A block of such values."""
    return Node(dict(children), at, at)


def stated(children: dict[str, Node], at: Position, source: str) -> Node:
    """The whole configuration, all of whose values were read in one source."""
    return block({"_source": leaf(source, at), "_confidence": leaf("read", at)} | children, at)
