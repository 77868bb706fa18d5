"""A configuration as a tree whose every value remembers where it stands and where it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Union

from bankside.arch.spec.errors import ConfigError, Position, clip

Scalar = None | bool | int | float | str
Value = Union[Scalar, dict[str, "Node"], list["Node"]]  # noqa: UP007  a forward name cannot stand in |

NAMING_KEYS = ("name", "level")


@dataclass(slots=True)
class Node:
    """A value, where it stands, where its key stands, and the provenance stated for it.

    `faulty` marks a value that was already complained about, so that it is not blamed twice.
    """

    value: Value
    at: Position
    key_at: Position | None = None
    source: str | None = None
    confidence: str | None = None
    faulty: bool = False

    @property
    def place(self) -> Position:
        """Where a complaint about this value points: its key, else itself."""
        return self.key_at or self.at

    def plain(self) -> Any:
        """The bare data: dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def children(self) -> Iterator[tuple[str, "Node"]]:
        """Child nodes with their part of the dotted path: the key, or an item's name or index."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from zip(item_names(self.value), self.value, strict=True)

    def child(self, part: str) -> "Node | None":
        """The child that `part` of a dotted path addresses; items also answer to their index."""
        for name, node in self.children():
            if name == part:
                return node
        if isinstance(self.value, list) and part.isascii() and part.isdecimal() and len(part) < 6:
            return self.value[int(part)] if int(part) < len(self.value) else None
        return None


def item_names(items: list[Node]) -> list[str]:
    """What addresses the items of a list: their names (or levels) when all differ, else their indexes."""
    for key in NAMING_KEYS:
        named = [item.value.get(key) if isinstance(item.value, dict) else None for item in items]
        names = [node.value for node in named if node is not None and isinstance(node.value, str)]
        if len(set(names)) == len(items):
            return names
    return [str(index) for index in range(len(items))]


def describe(value: Any) -> str:
    """What a value is, for a sentence."""
    if isinstance(value, dict):
        return "a block of keys"
    if isinstance(value, list | tuple):
        return "a list"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text '{clip(value)}'"
    return f"the number {value}" if isinstance(value, int | float) else f"a {type(value).__name__}"


def from_plain(data: Any, label: str) -> Node:
    """A tree over plain data that comes from no file."""
    at = Position(label)
    if isinstance(data, dict):
        return Node({str(key): from_plain(value, label) for key, value in data.items()}, at)
    if isinstance(data, list | tuple):
        return Node([from_plain(item, label) for item in data], at)
    if data is not None and not isinstance(data, bool | int | float | str):
        raise ConfigError(f"{label}: {describe(data)} cannot stand in a configuration.")
    return Node(data, at)
