"""From a reference to one tree: read, take the provenance off, follow `extends`, put references in place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bankside.arch.spec.errors import ConfigError
from bankside.arch.spec.library import CONFIGS, is_path, path_of, shown
from bankside.arch.spec.merge import merge, without_marks
from bankside.arch.spec.node import Node
from bankside.arch.spec.provenance import strip
from bankside.arch.spec.reader import read_file
from bankside.arch.spec.shape import Reference, below, fields

EXTENDS = "extends"
MAX_INLINED = 8  # references inside references


class Composer:
    """Builds the tree of a configuration; faults gather in `errors`, `root` bounds the files it may name."""

    def __init__(self, root: Path | None = None) -> None:
        self.errors: list[str] = []
        self.root = (root or CONFIGS).resolve()

    def file(self, path: Path, kind: str, chain: Sequence[Path] = ()) -> Node:
        """The tree of a file over everything it extends."""
        resolved = path.resolve()
        if resolved in chain:
            names = " extends ".join(one.stem for one in (*chain[chain.index(resolved) :], resolved))
            raise ConfigError(f"{shown(path)}: extends runs in a circle: {names}.")
        tree = strip(read_file(path, self.errors), self.errors)
        if not isinstance(tree.value, dict):
            raise ConfigError(f"{tree.at}: a configuration is a block of keys, but this is {describe(tree)}.")
        return self.extended(tree, path.parent, kind, (*chain, resolved))

    def extended(self, tree: Node, folder: Path, kind: str, chain: Sequence[Path] = ()) -> Node:
        """A block over the configuration that its `extends` names."""
        if not isinstance(tree.value, dict) or EXTENDS not in tree.value:
            return without_marks(tree)
        reference = tree.value[EXTENDS]
        own = {key: child for key, child in tree.value.items() if key != EXTENDS}
        base = self.file(self.find(reference, folder, kind), kind, chain)
        return merge(base, Node(own, tree.at, tree.key_at, tree.source, tree.confidence))

    def find(self, reference: Node, folder: Path, kind: str) -> Path:
        """The file that a reference inside a file names: shipped, or below the folder of the user's file."""
        text = reference.value
        if not isinstance(text, str):
            raise ConfigError(
                f"{reference.place}: expected the name of one of the {kind}, got {describe(reference)}."
            )
        if not is_path(text):
            try:
                return path_of(text, kind)
            except ConfigError as error:
                raise ConfigError(f"{reference.place}: {error.errors[0]}") from None
        path = folder / text
        if Path(text).is_absolute() or not path.resolve().is_relative_to(self.root):
            raise ConfigError(f"{reference.place}: '{text}' is outside the folder {self.root}.")
        if not path.is_file():
            raise ConfigError(f"{reference.place}: the file {text} does not exist.")
        return path

    def inline(self, node: Node, kinds: Sequence[Any], folder: Path, depth: int = 0) -> None:
        """Put the named configuration in the place of every reference below `node`, which allows `kinds`."""
        if depth > MAX_INLINED:
            raise ConfigError(f"{node.place}: references are nested more than {MAX_INLINED} deep.")
        mark = next((kind for kind in kinds if isinstance(kind, Reference)), None)
        if mark and isinstance(node.value, str):
            path = self.find(node, folder, mark.kind)
            tree = self.file(path, mark.kind)
            named(tree, kinds, path.stem)
            node.value, node.source, node.confidence = tree.value, tree.source, tree.confidence
            folder, depth = path.parent, depth + 1
        elif mark and isinstance(node.value, dict) and EXTENDS in node.value:
            base = node.value[EXTENDS]
            node.value = self.extended(node, folder, mark.kind).value
            named(node, kinds, str(base.value))
        for part, child in node.children():
            self.inline(child, below(kinds, part), folder, depth)


def named(tree: Node, kinds: Sequence[Any], name: str) -> None:
    """Give a configuration that has a field `name`, and states none, the name of its file."""
    if isinstance(tree.value, dict) and "name" in fields(kinds) and "name" not in tree.value:
        tree.value["name"] = Node(name, tree.at, tree.key_at)


def describe(node: Node) -> str:
    """What a value is, for a sentence."""
    value = node.value
    if isinstance(value, dict):
        return "a block of keys"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    return f"the text '{value}'" if isinstance(value, str) else f"the number {value}"
