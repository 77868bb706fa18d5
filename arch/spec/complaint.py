"""A fault found in a configuration, with its place, until all are known and raised together."""

from typing import NamedTuple

from bankside.arch.spec.errors import ConfigError, clip


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
