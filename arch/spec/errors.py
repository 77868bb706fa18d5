"""Errors of configuration files: full sentences, each with its place, all at once, and what was probably meant."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class ConfigError(ValueError):
    """Bad input. `errors` holds one full sentence each, with its place in the file where there is one."""

    def __init__(self, errors: str | Sequence[str]) -> None:
        sentences = [errors] if isinstance(errors, str) else errors
        self.errors: list[str] = [printable(sentence) for sentence in sentences]
        super().__init__("\n".join(self.errors))


class FieldError(ValueError):
    """Raised by a validator of a Spec whose fault has a place below it: `at`, a dotted path from there.

    Where several values disagree, `at` holds their paths with | between them: the one that the user wrote is blamed.
    """

    def __init__(self, sentence: str, at: str = "") -> None:
        self.at = at
        super().__init__(sentence)


class FieldsError(ValueError):
    """Several errors found by one validator; all are reported."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        self.errors = list(errors)
        super().__init__("; ".join(str(error) for error in errors))


class Position(NamedTuple):
    """File, line and column, both from 1; line 0 where the text is no file (an override, a dict)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else clip(self.file, 200)


class Complaint(NamedTuple):
    """A full sentence about the value at a dotted path."""

    at: Position
    path: str
    sentence: str

    def __str__(self) -> str:
        if not self.path or self.at.file.startswith(f"--set {self.path}="):
            return f"{self.at}: {self.sentence}"
        separator = " " if self.at.line else ": "
        return f"{self.at}{separator}{clip(self.path, 200)}: {self.sentence}"


def config_error(complaints: list[Complaint]) -> ConfigError:
    """All complaints in the order of the files, each once."""
    return ConfigError([str(complaint) for complaint in sorted(set(complaints))])


def printable(text: str) -> str:
    """`text` on one line, with escapes in the place of signs that a terminal does not show."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def clip(text: str, length: int = 60) -> str:
    """`text` at a length that can be read inside a sentence."""
    return text if len(text) <= length else text[: length - 3] + "..."


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` most probably stands for, if any is close."""
    from difflib import get_close_matches

    by_lower = {name.lower(): name for name in known}
    if len(word) > 100:
        return None
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near else None


def suggestion(word: str, known: Iterable[str], label: str = "known") -> str:
    """End of a sentence about an unknown word: the near match, or all known words while they are few."""
    names = list(known)
    if near := nearest(word, names):
        return f"; did you mean '{near}'?"
    if not names:
        return "."
    listed = ", ".join(names[:20]) + (", ..." if len(names) > 20 else "")
    return f"; {label}: {listed}."
