"""From a reference to one tree: read, take the provenance off, follow `extends`, put references in place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bankside.arch.spec.complaint import Complaint
from bankside.arch.spec.errors import ConfigError
from bankside.arch.spec.files import read_file
from bankside.arch.spec.library import CONFIGS, is_file, is_path, path_of, shown
from bankside.arch.spec.merge import merge, without_marks
from bankside.arch.spec.node import Node, describe
from bankside.arch.spec.provenance import strip
from bankside.arch.spec.shape import Reference, below, fields

EXTENDS = "extends"
MAX_INLINED = 4  # references inside references


class Composer:
    """Builds the tree of a configuration; `root` is the folder that holds every file it may name by path."""

    def __init__(self, root: Path = CONFIGS) -> None:
        self.complaints: list[Complaint] = []
        self.root = root.resolve()
        self.folders: dict[str, Path] = {}  # of the files read, by their name in messages

    def file(self, path: Path, kind: str, chain: Sequence[Path] = ()) -> Node:
        """The tree of a file over everything it extends."""
        resolved = path.resolve()
        if resolved in chain:
            names = " extends ".join(one.stem for one in (*chain[chain.index(resolved) :], resolved))
            raise ConfigError(f"{shown(path)}: extends runs in a circle: {names}.")
        self.folders[shown(path)] = path.parent
        tree = strip(read_file(path, self.complaints), self.complaints)
        if not isinstance(tree.value, dict):
            raise ConfigError(f"{tree.at}: expected a block of keys, but got {describe(tree.value)}.")
        return self.extended(tree, kind, (*chain, resolved))

    def extended(self, tree: Node, kind: str, chain: Sequence[Path] = ()) -> Node:
        """A block over the configuration that its `extends` names."""
        if not isinstance(tree.value, dict) or EXTENDS not in tree.value:
            return without_marks(tree)
        own = {key: child for key, child in tree.value.items() if key != EXTENDS}
        base = self.file(self.find(tree.value[EXTENDS], kind), kind, chain)
        return merge(base, Node(own, tree.at, tree.key_at, tree.source, tree.confidence))

    def find(self, reference: Node, kind: str) -> Path:
        """The file that a reference names: shipped, or below the folder of the user's file."""
        text = reference.value
        if not isinstance(text, str):
            raise ConfigError(
                f"{reference.place}: expected the name of one of the {kind}, got {describe(text)}."
            )
        folder = self.folders.get(reference.at.file)
        if not is_path(text) or folder is None:  # a path that stands in no file is the user's own word
            try:
                return path_of(text, kind)
            except ConfigError as error:
                raise ConfigError(f"{reference.place}: {error.errors[0]}") from None
        path = folder / text
        if Path(text).is_absolute() or not is_file(path) or not path.resolve().is_relative_to(self.root):
            raise ConfigError(f"{reference.place}: '{text}' is not a file below the folder {self.root}.")
        return path

    def inline(self, node: Node, kinds: Sequence[Any], depth: int = 0) -> None:
        """Put the named configuration in the place of every reference below `node`, which allows `kinds`."""
        if depth > MAX_INLINED:
            raise ConfigError(f"{node.place}: references are nested more than {MAX_INLINED} deep.")
        mark = next((kind for kind in kinds if isinstance(kind, Reference)), None)
        if mark and isinstance(node.value, str):
            path = self.find(node, mark.kind)
            tree = self.file(path, mark.kind)
            name_after_file(tree, kinds, path.stem)
            node.value, node.source, node.confidence = tree.value, tree.source, tree.confidence
            depth += 1
        elif mark and isinstance(node.value, dict) and EXTENDS in node.value:
            base = str(node.value[EXTENDS].value)
            node.value = self.extended(node, mark.kind).value
            name_after_file(node, kinds, Path(base).stem)
            depth += 1
        for part, child in node.children():
            self.inline(child, below(kinds, part), depth)


def name_after_file(tree: Node, kinds: Sequence[Any], name: str) -> None:
    """Give a configuration that has a field `name`, and states none, the name of its file."""
    if isinstance(tree.value, dict) and "name" in fields(kinds) and "name" not in tree.value:
        tree.value["name"] = Node(name, tree.at, tree.key_at)
