"""A data sheet: facts about one thing, and its constants with where each comes from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from bankside.report.grid import grid

DOUBTFUL = ("recalled", "assumed")


class Constant(NamedTuple):
    """One value as written, its source and confidence, and where it stands (file:line)."""

    path: str
    value: Any
    source: str | None
    confidence: str | None
    place: str


@dataclass
class Sheet:
    """What `show` prints: a title, facts (name, text), and blocks of constants by the file they stand in; `more`
    is in the JSON only."""

    title: str
    description: str = ""
    facts: Sequence[tuple[str, str]] = ()
    constants: dict[str, list[Constant]] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        return {
            "title": self.title,
            "description": self.description,
            **self.more,
            "facts": dict(self.facts),
            "constants": {
                block: [constant._asdict() for constant in constants]
                for block, constants in self.constants.items()
            },
        }

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.title, style="bold")
        if self.description:
            yield Text(self.description)
        if self.facts:
            table = grid(("", ""))
            table.show_header = False
            for name, text in self.facts:
                table.add_row(Text(name, style="bold"), Text(text))
            yield Text()
            yield table
        numbers = self._source_numbers()
        for block, constants in self.constants.items():
            table = grid((block, "value", "confidence", "source"), right=(3,))
            for constant in constants:
                style = "yellow" if constant.confidence in DOUBTFUL else ""
                confidence = Text(constant.confidence or "-", style=style)
                number = str(numbers[constant.source]) if constant.source else "-"
                table.add_row(Text(constant.path), Text(_written(constant.value)), confidence, number)
            yield Text()
            yield table
        if numbers:
            yield Text()
            yield _numbered(numbers)

    def _source_numbers(self) -> dict[str, int]:
        """Every source once, numbered in the order it is met."""
        met = (constant.source for constants in self.constants.values() for constant in constants)
        return {source: index for index, source in enumerate(dict.fromkeys(filter(None, met)), start=1)}


def _numbered(sources: dict[str, int]) -> Table:
    table = grid(("", "sources"), right=(0,))
    for source, number in sources.items():
        table.add_row(str(number), Text(source))
    return table


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(each) for each in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
