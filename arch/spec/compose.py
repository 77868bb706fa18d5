"""From a reference to one tree: read, take the provenance off, follow `extends`, put references in place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bankside.arch.spec.errors import Complaint, ConfigError, clip
from bankside.arch.spec.files import read_file
from bankside.arch.spec.library import CONFIGS, is_file, is_path, path_of, shown
from bankside.arch.spec.merge import merge, without_marks
from bankside.arch.spec.node import Node, describe
from bankside.arch.spec.provenance import strip
from bankside.arch.spec.shape import Reference, below, fields, narrowed

EXTENDS = "extends"
MAX_INLINED = 4  # references inside references


class Composer:
    """Builds the tree of a configuration; `root` is the folder that holds every file it may name by path."""

    def __init__(self, root: Path = CONFIGS) -> None:
        self.complaints: list[Complaint] = []
        self.root = root.resolve()
        self.folders: dict[str, Path] = {}  # of the files read, by their name in messages
        self.contents: dict[Path, bytes] = {}  # of the files read

    def file(self, path: Path, kind: str, chain: Sequence[Path] = ()) -> Node:
        """The tree of a file over everything it extends."""
        resolved = path.resolve()
        if resolved in chain:
            names = " extends ".join(one.stem for one in (*chain[chain.index(resolved) :], resolved))
            raise ConfigError(f"{shown(path)}: extends runs in a circle: {names}.")
        self.folders[shown(path)] = path.parent
        tree = strip(read_file(path, self.complaints, kind, self.contents), self.complaints)
        if not isinstance(tree.value, dict):
            raise ConfigError(f"{tree.at}: expected a block of keys, but got {describe(tree.value)}.")
        return self.extended(tree, kind, (*chain, resolved))

    def extended(self, tree: Node, kind: str, chain: Sequence[Path] = ()) -> Node:
        """A block over the configuration that its `extends` names."""
        reference = extends_of(tree)
        if reference is None or not isinstance(tree.value, dict):
            return without_marks(tree)
        own = {key: child for key, child in tree.value.items() if key != EXTENDS}
        base = self.file(self.find(reference, kind), kind, chain)
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
            raise ConfigError(
                f"{reference.place}: '{clip(text)}' is not a file below the folder {self.root}."
            )
        return path

    def inline(self, node: Node, kinds: Sequence[Any], path: str = "", depth: int = 0) -> None:
        """Put the named configuration in the place of every reference at `path` and below, which allow `kinds`."""
        if depth > MAX_INLINED:
            raise ConfigError(f"{node.place}: references are nested more than {MAX_INLINED} deep.")
        mark = next((kind for kind in kinds if isinstance(kind, Reference)), None)
        reference = node if isinstance(node.value, str) else extends_of(node)
        if mark and reference:
            try:
                found = self.find(reference, mark.kind)
            except ConfigError as error:
                said = [sentence.removeprefix(f"{reference.place}: ") for sentence in error.errors]
                self.complaints += [Complaint(reference.place, path, sentence) for sentence in said]
                node.value, node.faulty = None, True
                return
            if reference is node:
                tree = self.file(found, mark.kind)
                node.value, node.source, node.confidence = tree.value, tree.source, tree.confidence
            else:
                node.value = self.extended(node, mark.kind).value
            name_after_file(node, kinds, found.stem)
            depth += 1
        for part, child in node.children():
            allowed = narrowed(below(kinds, part), child)
            self.inline(child, allowed, f"{path}.{part}" if path else part, depth)


def extends_of(node: Node) -> Node | None:
    """What a block says it extends."""
    return node.value.get(EXTENDS) if isinstance(node.value, dict) else None


def name_after_file(tree: Node, kinds: Sequence[Any], name: str) -> None:
    """Give a configuration that has a field `name`, and states none, the name of its file."""
    if isinstance(tree.value, dict) and "name" in fields(kinds) and "name" not in tree.value:
        tree.value["name"] = Node(name, tree.at, tree.key_at)
