"""From a name, path, text or dict to a validated specification with its provenance and digest."""

import json
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from pydantic import ValidationError

from bankside.arch.spec.base import Spec
from bankside.arch.spec.compose import Composer, name_after_file
from bankside.arch.spec.digest import digest_of
from bankside.arch.spec.errors import config_error
from bankside.arch.spec.explain import explain
from bankside.arch.spec.library import CONFIGS, path_of
from bankside.arch.spec.merge import without_marks
from bankside.arch.spec.node import Node, from_plain
from bankside.arch.spec.overrides import apply
from bankside.arch.spec.provenance import Source, collect, strip
from bankside.arch.spec.reader import read_text

S = TypeVar("S", bound=Spec)
MOST_KEPT: Final = 128  # configurations


@dataclass(frozen=True)
class Loaded(Generic[S]):
    """A validated specification, the source of each leaf by dotted path, digest of the content, file."""

    spec: S
    sources: dict[str, Source]
    digest: str
    origin: Path | None
    name: str

    def __repr__(self) -> str:
        return f"<{type(self.spec).__name__} {self.name}: {len(self.sources)} values>"


_KEPT: Final[OrderedDict[Hashable, tuple[dict[Path, bytes], Loaded[Any]]]] = OrderedDict()
"""Those read last, each with what its files held."""


def load(reference: str | Path, kind: str, cls: type[S], overrides: Sequence[str] = ()) -> Loaded[S]:
    """Read the configuration `reference` (a shipped name or a path) of `kind` as a `cls`.

    As long as all its files hold what they held, it is the same object: nothing changes it.

    Raises
    ------
    ConfigError
        With every error of the file as `file:line:column path: sentence`.
    """
    path = path_of(reference, kind)
    key = path, kind, cls, tuple(map(str, overrides))
    contents, kept = _KEPT.get(key, ({}, None))
    if kept is not None and all(_held(each) == data for each, data in contents.items()):
        _KEPT.move_to_end(key)
        return kept
    composer = Composer(CONFIGS if path.is_relative_to(CONFIGS) else path.parent)
    tree = composer.file(path, kind)
    name_after_file(tree, [cls], path.stem)
    loaded = _finish(tree, cls, composer, overrides, path.stem, path)
    _KEPT[key] = composer.contents, loaded
    if len(_KEPT) > MOST_KEPT:
        _KEPT.popitem(last=False)
    return loaded


def _held(path: Path) -> bytes | None:
    """What a file holds now."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def from_text(
    text: str, cls: type[S], overrides: Sequence[str] = (), label: str = "<text>", kind: str | None = None
) -> Loaded[S]:
    """Read YAML text as a `cls`; with a `kind` it may say what it extends."""
    composer = Composer()
    tree = strip(read_text(text, label, composer.complaints), composer.complaints)
    tree = composer.extended(tree, kind) if kind else without_marks(tree)
    return _finish(tree, cls, composer, overrides, label)


def from_dict(
    data: Mapping[str, Any],
    cls: type[S],
    overrides: Sequence[str] = (),
    label: str = "<dict>",
    kind: str | None = None,
) -> Loaded[S]:
    """Read plain data, written as in a file (quantities as text), as a `cls`."""
    composer = Composer()
    tree = strip(from_plain(dict(data), label), composer.complaints)
    tree = composer.extended(tree, kind) if kind else without_marks(tree)
    return _finish(tree, cls, composer, overrides, label)


def _finish(
    tree: Node,
    cls: type[S],
    composer: Composer,
    overrides: Sequence[str],
    name: str,
    origin: Path | None = None,
) -> Loaded[S]:
    def settle() -> None:
        composer.inline(tree, [cls])

    complaints = composer.complaints
    complaints += apply(tree, [cls], overrides, settle)
    settle()
    try:
        # JSON mode: lists become tuples and words enumerations, yet nothing else is converted
        spec = cls.model_validate_json(json.dumps(tree.plain()), strict=True)
    except ValidationError as error:
        raise config_error(complaints + explain(error, tree, cls)) from None
    if complaints:
        raise config_error(complaints)
    return Loaded(spec, collect(tree), digest_of(spec), origin, name)


def unsourced(loaded: Loaded[Any]) -> list[str]:
    """Dotted paths of the numbers (with or without unit) whose source is not stated."""
    return [path for path, leaf in loaded.sources.items() if leaf.source is None and _numeric(leaf.value)]


def _numeric(value: Any) -> bool:
    if isinstance(value, list):
        return any(_numeric(item) for item in value)
    if isinstance(value, str):
        return value.lstrip("+-.")[:1].isdigit() and " " in value.strip()
    return isinstance(value, int | float) and not isinstance(value, bool)
