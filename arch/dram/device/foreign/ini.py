"""Entries of an .ini, each with its place, and the checked reading of them."""

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from bankside.arch.spec.errors import Complaint, ConfigError, Position, clip

LINE = re.compile(r"\s*([^=:\s][^=:]*?)\s*[=:]\s*(.*)")


class Entry(NamedTuple):
    """A value as text, and where it stands."""

    text: str
    at: Position


Entries: TypeAlias = Mapping[tuple[str, str], Entry]


def entries(text: str, label: str) -> Entries:
    """Entries by section ("" before the first) and key in lower case; `;`, `#` and `//` begin a remark.

    Raises
    ------
    ConfigError
        A line that is no entry, or one whose key is stated already.
    """
    found: dict[tuple[str, str], Entry] = {}
    section = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = re.split(r"[;#]|//", raw, maxsplit=1)[0].strip()
        if not line:
            continue
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip().lower()
        elif match := LINE.fullmatch(line):
            key = section, match[1].lower()
            if key in found:
                raise ConfigError(
                    f"{label}:{number}:1: {clip(match[1])} is given twice, first on line {found[key].at.line}."
                )
            found[key] = Entry(match[2], Position(label, number, 1))
        else:
            raise ConfigError(
                f"{label}:{number}:1: this is no section and no entry of an .ini: {clip(line)!r}."
            )
    return found


class Values:
    """Numbers of one section; what is wrong with them is appended to `complaints`."""

    def __init__(self, found: Entries, section: str, label: str, complaints: list[Complaint]) -> None:
        self.found, self.section, self.complaints = found, section, complaints
        self.whole_file = Position(label)

    def at(self, *names: str) -> Position:
        """Where the first of these keys that is stated stands."""
        return next((entry.at for name in names if (entry := self._entry(name))), self.whole_file)

    def text(self, name: str, default: str = "") -> str:
        """An entry as text."""
        entry = self._entry(name)
        return entry.text.strip().strip('"') if entry else default

    def number(self, *names: str, default: float | None = None) -> float:
        """The first of these keys that is stated; without a default it has to be."""
        for name in names:
            if (entry := self._entry(name)) is None:
                continue
            try:
                value = float(entry.text)
            except ValueError:
                value = -1.0
            if not 0 <= value <= 1e12:
                self._complain(entry.at, name, f"must be a number of 0 to 1e12, not {clip(entry.text)!r}.")
                return 1.0
            return value
        if default is None:
            where = f"[{self.section}]" if self.section else "this file"
            self._complain(self.whole_file, names[0], f"is missing in {where}.")
            return 1.0
        return default

    def whole(self, *names: str, default: int | None = None) -> int:
        """The same as a whole number."""
        value = self.number(*names, default=default)
        if value != int(value):
            self._complain(self.at(*names), names[0], f"must be a whole number, not {value:g}.")
        return int(value)

    def flag(self, name: str, default: bool) -> bool:
        """True, yes, on, 1, or the contrary."""
        return self.text(name, str(default)).lower() in ("true", "yes", "on", "1")

    def refuse(self, name: str, sentence: str) -> None:
        """Tell what is wrong with an entry."""
        self._complain(self.at(name), name, sentence)

    def _complain(self, at: Position, name: str, sentence: str) -> None:
        self.complaints.append(Complaint(at, name, sentence))

    def _entry(self, name: str) -> Entry | None:
        return self.found.get((self.section, name.lower()))
