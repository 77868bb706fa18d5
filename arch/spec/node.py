"""A configuration as a tree whose every value remembers where it stands and where it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Union

Scalar = None | bool | int | float | str
Value = Union[Scalar, dict[str, "Node"], list["Node"]]  # noqa: UP007  a forward name cannot stand in |

NAMING_KEYS = ("name", "level")


class Position(NamedTuple):
    """File, line and column, both from 1; line 0 where the text is no file (an override, a dict)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(slots=True)
class Node:
    """A value, where it stands, where its key stands, and the provenance stated for it."""

    value: Value
    at: Position
    key_at: Position | None = None
    source: str | None = None
    confidence: str | None = None

    @property
    def place(self) -> Position:
        """Where an error about this value points: its key, else itself."""
        return self.key_at or self.at

    def plain(self) -> Any:
        """The bare data: dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def children(self) -> Iterator[tuple[str, "Node"]]:
        """Child nodes with their part of the dotted path: the key, or an item's name, level or index."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            for index, item in enumerate(self.value):
                yield name_of(item) or str(index), item

    def child(self, part: str) -> "Node | None":
        """The child that `part` of a dotted path addresses."""
        for name, node in self.children():
            if name == part:
                return node
        if isinstance(self.value, list) and part.isdecimal() and int(part) < len(self.value):
            return self.value[int(part)]
        return None


def name_of(item: Node) -> str | None:
    """The name by which an item of a list is addressed and merged, if it has one."""
    if isinstance(item.value, dict):
        for key in NAMING_KEYS:
            named = item.value.get(key)
            if named is not None and isinstance(named.value, str):
                return named.value
    return None


def from_plain(data: Any, label: str) -> Node:
    """A tree over plain data that comes from no file."""
    at = Position(label)
    if isinstance(data, dict):
        return Node({str(key): from_plain(value, label) for key, value in data.items()}, at)
    if isinstance(data, list | tuple):
        return Node([from_plain(item, label) for item in data], at)
    return Node(data, at)
