"""Reading the bytes of a configuration file, within limits."""

import codecs
from functools import lru_cache
from pathlib import Path
from typing import Final

from bankside.arch.spec.errors import Complaint, ConfigError
from bankside.arch.spec.foreign import TEXTS, translated
from bankside.arch.spec.library import shown
from bankside.arch.spec.node import Node
from bankside.arch.spec.reader import read_text

MAX_BYTES = 1 << 20


def read_file(
    path: Path, complaints: list[Complaint], kind: str = "", contents: dict[Path, bytes] | None = None
) -> Node:
    """The tree of a YAML or JSON file, or of another tool's that stands for a configuration of `kind`.

    Faults that leave it readable are appended to `complaints`, and what it holds is noted in `contents`.

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
    if contents is not None:
        contents[path] = data
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{label}: the file is larger than {MAX_BYTES >> 20} MiB.")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ConfigError(f"{label}:{line}:1: the file is not UTF-8 text.") from None
    if path.suffix == ".json":
        text = text.replace("\t", " ")  # white space in JSON, refused by YAML; never inside a JSON string
    if reader := TEXTS.get((kind, path.suffix.lower())):
        return reader(text, label, complaints)
    tree, found = _parsed(text, label)
    complaints += found
    return translated(tree, kind, complaints)


KEPT: Final = 128
"""Texts whose trees are kept: machines that differ in a setting read the same devices and processes again."""


@lru_cache(maxsize=KEPT)
def _parsed(text: str, label: str) -> tuple[Node, tuple[Complaint, ...]]:
    """The tree of a text, which nobody changes, and its faults."""
    found: list[Complaint] = []
    return read_text(text, label, found), tuple(found)
