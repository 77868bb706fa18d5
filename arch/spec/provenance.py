"""Where a constant comes from: `{value, source, confidence}`, or `_source` and `_confidence` in a block."""

from dataclasses import dataclass
from typing import Any

from bankside.arch.spec.errors import suggestion
from bankside.arch.spec.node import Node

CONFIDENCES = ("read", "computed", "recalled", "assumed")
WRAPPER_KEYS = {"value", "source", "confidence"}
BLOCK_KEYS = {"_source": "source", "_confidence": "confidence"}


@dataclass(frozen=True)
class Source:
    """A leaf as written, and what is stated of its origin (None: nothing is)."""

    value: Any
    source: str | None
    confidence: str | None
    file: str
    line: int


def strip(node: Node, errors: list[str], source: str | None = None, confidence: str | None = None) -> Node:
    """The tree without its statements of provenance, which every node then carries; the innermost holds."""
    value = node.value
    if isinstance(value, dict):
        wrapper = "value" in value and value.keys() <= WRAPPER_KEYS
        keys = {"source": "source", "confidence": "confidence"} if wrapper else BLOCK_KEYS
        stated = {name: _stated(value[key], name, errors) for key, name in keys.items() if key in value}
        source = stated.get("source") or source
        confidence = stated.get("confidence") or confidence
        if wrapper:
            inner = strip(value["value"], errors, source, confidence)
            inner.key_at = node.key_at
            return inner
        stripped = {
            k: strip(child, errors, source, confidence) for k, child in value.items() if k not in BLOCK_KEYS
        }
        return Node(stripped, node.at, node.key_at, source, confidence)
    if isinstance(value, list):
        items = [strip(child, errors, source, confidence) for child in value]
        return Node(items, node.at, node.key_at, source, confidence)
    return Node(value, node.at, node.key_at, source, confidence)


def _stated(node: Node, name: str, errors: list[str]) -> str | None:
    text = node.value
    if not isinstance(text, str) or not text.strip():
        errors.append(f"{node.place}: the {name} must be text.")
    elif name == "confidence" and text not in CONFIDENCES:
        errors.append(f"{node.place}: '{text}' is not a confidence{suggestion(text, CONFIDENCES)}")
    else:
        return text
    return None


def collect(node: Node, path: str = "") -> dict[str, Source]:
    """Provenance of every leaf by dotted path; a list of scalars is one leaf."""
    children = list(node.children())
    if not children or (
        isinstance(node.value, list) and not any(grand for _, c in children for grand in c.children())
    ):
        leaf = Source(node.plain(), node.source, node.confidence, node.place.file, node.place.line)
        return {path: leaf}
    found: dict[str, Source] = {}
    for name, child in children:
        found |= collect(child, f"{path}.{name}" if path else name)
    return found
