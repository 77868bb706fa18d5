"""`--set a.b.c=value`: a value put into the tree before validation, so that it obeys the same rules."""

from collections.abc import Callable, Sequence
from typing import Any

from bankside.arch.spec.errors import ConfigError, suggestion
from bankside.arch.spec.node import Node, Position
from bankside.arch.spec.provenance import strip
from bankside.arch.spec.reader import scalar_text
from bankside.arch.spec.shape import below, fields

SOURCE = "command line"


def apply(
    tree: Node, kinds: Sequence[Any], overrides: Sequence[str], settle: Callable[[], None]
) -> list[str]:
    """Put every override into `tree`, which allows `kinds`; `settle` puts references in place before each.

    Returns the sentences of those that address nothing.
    """
    errors: list[str] = []
    for override in overrides:
        label = f"--set {override}:"
        path, equals, text = override.partition("=")
        if not equals or not all(path.split(".")):
            errors.append(f"{label}: an override is written path=value, as in cores.pe.clock=1.2 GHz.")
            continue
        try:
            settle()
            value = strip(scalar_text(text, label), errors, SOURCE, "assumed")
            _put(tree, kinds, path.split("."), value, label)
        except ConfigError as error:
            errors += error.errors
    return errors


def _put(node: Node, kinds: Sequence[Any], parts: Sequence[str], value: Node, label: str) -> None:
    for index, part in enumerate(parts):
        where = ".".join(parts[:index]) or "the top level"
        last = index == len(parts) - 1
        child = node.child(part)
        if child is None:
            declared = fields(kinds)
            if part not in declared or not isinstance(node.value, dict):
                known = list(dict.fromkeys([name for name, _ in node.children()] + list(declared)))
                if not known:
                    raise ConfigError(f"{label}: {where} is a single value; nothing is below it.")
                raise ConfigError(
                    f"{label}: there is no '{part}' in {where}{suggestion(part, known, 'it has')}"
                )
            child = node.value[part] = Node({}, Position(label))
        if last:
            child.value, child.at, child.key_at = value.value, value.at, value.at
            child.source, child.confidence = value.source, value.confidence
        kinds, node = below(kinds, part), child
