"""Where a constant comes from: `{value, source, confidence}`, or `_source` and `_confidence` in a block."""

from dataclasses import dataclass
from typing import Any

from bankside.arch.spec.errors import Complaint, clip, suggestion
from bankside.arch.spec.merge import REPLACE
from bankside.arch.spec.node import Node

CONFIDENCES = ("read", "computed", "recalled", "assumed", "fitted")
WRAPPER_KEYS = ("value", "source", "confidence")
BLOCK_KEYS = {"_source": "source", "_confidence": "confidence"}


@dataclass(frozen=True)
class Source:
    """A leaf as written, and what is stated of its origin (None: nothing is)."""

    value: Any
    source: str | None
    confidence: str | None
    file: str
    line: int


def strip(
    node: Node, complaints: list[Complaint], source: str | None = None, confidence: str | None = None
) -> Node:
    """The tree without its statements of provenance, which every node then carries; the innermost holds."""
    value = node.value
    if isinstance(value, dict):
        wrapper = "value" in value and value.keys() <= set(WRAPPER_KEYS)
        keys = {"source": "source", "confidence": "confidence"} if wrapper else BLOCK_KEYS
        stated = {name: _stated(value[key], name, complaints) for key, name in keys.items() if key in value}
        source = stated.get("source") or source
        confidence = stated.get("confidence") or confidence
        if wrapper:
            inner = strip(value["value"], complaints, source, confidence)
            inner.key_at = node.key_at
            return inner
        kept = {key: child for key, child in value.items() if not _reserved(key, child, complaints)}
        stripped = {key: strip(child, complaints, source, confidence) for key, child in kept.items()}
        return Node(stripped, node.at, node.key_at, source, confidence)
    if isinstance(value, list):
        items = [strip(child, complaints, source, confidence) for child in value]
        return Node(items, node.at, node.key_at, source, confidence)
    return Node(value, node.at, node.key_at, source, confidence, node.faulty)


def _reserved(key: str, child: Node, complaints: list[Complaint]) -> bool:
    """Whether a key is the loader's own; those that begin with _ and mean nothing are complained about."""
    if not key.startswith("_") or key == REPLACE:
        return False
    if key not in BLOCK_KEYS:
        known = suggestion(key, (*BLOCK_KEYS, REPLACE), "keys that begin with _")
        complaints.append(Complaint(child.place, "", f"unknown key '{clip(key)}'{known}"))
    return True


def _stated(node: Node, name: str, complaints: list[Complaint]) -> str | None:
    text = node.value
    if isinstance(text, str) and text.strip() and (name == "source" or text in CONFIDENCES):
        return text
    if name == "source" or not isinstance(text, str):
        sentence = f"the {name} must be a text that is not empty."
    else:
        sentence = f"'{clip(text)}' is not a confidence{suggestion(text, CONFIDENCES)}"
    complaints.append(Complaint(node.place, "", sentence))
    return None


def collect(node: Node, path: str = "") -> dict[str, Source]:
    """Provenance of every leaf by dotted path; a list of scalars is one leaf."""
    children = list(node.children())
    if isinstance(node.value, list) and not any(isinstance(c.value, dict | list) for _, c in children):
        stated = children[0][1] if children else node
        return {path: Source(node.plain(), stated.source, stated.confidence, *node.place[:2])}
    if not isinstance(node.value, dict | list):
        return {path: Source(node.value, node.source, node.confidence, *node.place[:2])}
    found: dict[str, Source] = {}
    for name, child in children:
        found |= collect(child, f"{path}.{name}" if path else name)
    return found
