"""Unquoted YAML scalars as YAML 1.2's core schema reads them, narrowed to what is never misread."""

import re

from bankside.arch.spec.errors import clip
from bankside.arch.spec.node import Scalar

_NULL = {"", "~", "null", "Null", "NULL"}
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


def plain_scalar(text: str) -> Scalar:
    """The value of an unquoted scalar.

    Raises
    ------
    ValueError
        For numbers that readers disagree about (012) or that a kernel cannot hold; the message is a sentence.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number.")
    if not _FLOAT.fullmatch(text) and not _INT.fullmatch(text):
        return text
    shown = clip(text, 40)
    if _LEADING_ZERO.match(text):
        raise ValueError(f"{shown} begins with a zero; write it without, or in quotes if it is a name.")
    if _INT.fullmatch(text):
        value = int(text, {"0x": 16, "0o": 8}.get(text[:2], 10)) if len(text) <= 70 else 1 << 64
        if not -(2**63) <= value < 2**63:
            raise ValueError(f"{shown} does not fit 64 bits.")
        return value
    number = float(text)
    if abs(number) == float("inf"):
        raise ValueError(f"{shown} is too large for a double.")
    return number
