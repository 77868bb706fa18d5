"""`--set a.b.c=value`: a value put into the tree before validation, so that it obeys the same rules."""

from collections.abc import Callable, Sequence
from typing import Any

from bankside.arch.spec.errors import Complaint, ConfigError, Position, clip, suggestion
from bankside.arch.spec.merge import without_marks
from bankside.arch.spec.node import Node
from bankside.arch.spec.provenance import strip
from bankside.arch.spec.reader import read_value
from bankside.arch.spec.shape import below, fields, narrowed

SOURCE = "command line"


def apply(
    tree: Node, kinds: Sequence[Any], overrides: Sequence[str], settle: Callable[[], None]
) -> list[Complaint]:
    """Put every override into `tree`, which allows `kinds`; `settle` puts references in place before each.

    Returns complaints about those that cannot be read or address nothing.
    """
    complaints: list[Complaint] = []
    for override in overrides:
        at = Position(f"--set {override}")
        path, equals, text = override.partition("=")
        parts = path.strip().split(".")
        if not equals or not all(parts):
            sentence = "an override is written path=value, as in cores.pe.clock='1.2 GHz'."
            complaints.append(Complaint(at, "", sentence))
            continue
        settle()
        try:
            value = strip(read_value(text, at.file, complaints), complaints, SOURCE, "assumed")
            _put(tree, kinds, parts, without_marks(value), at)
        except ConfigError as error:
            complaints += [Complaint(at, "", sentence.removeprefix(f"{at}: ")) for sentence in error.errors]
    return complaints


def _put(node: Node, kinds: Sequence[Any], parts: Sequence[str], value: Node, at: Position) -> None:
    for index, part in enumerate(parts):
        child = node.child(part)
        if child is None:
            where = f"in {clip('.'.join(parts[:index]))}" if index else "at the top level"
            declared = fields(kinds)
            if part not in declared or not isinstance(node.value, dict):
                known = list(dict.fromkeys([*(name for name, _ in node.children()), *declared]))
                if not known:
                    raise ConfigError(f"there is no '{clip(part)}' {where}, which is {describe_leaf(node)}.")
                raise ConfigError(f"there is no '{clip(part)}' {where}{suggestion(part, known, 'there are')}")
            child = node.value[part] = Node({}, at)
        if index == len(parts) - 1:
            child.value, child.at, child.key_at = value.value, at, at
            child.source, child.confidence, child.faulty = value.source, value.confidence, value.faulty
        kinds, node = narrowed(below(kinds, part), child), child


def describe_leaf(node: Node) -> str:
    """What stands where a block was looked for."""
    return (
        "an empty block"
        if isinstance(node.value, dict | list)
        else f"the single value {clip(str(node.value))}"
    )
