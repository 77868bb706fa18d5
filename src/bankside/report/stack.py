"""Cycle stacks as bars: coloured blocks, coloured letters or letters, as the terminal can; one legend for all."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bankside.report import measures
from bankside.report.causes import LOOKS, look
from bankside.report.quantities import percent, si

LEAST_BAR: Final = 20  # characters
WIDEST_BAR: Final = 80
BLOCK: Final = "█"


class Paint(Enum):
    """What tells causes apart in a bar."""

    BLOCKS = "blocks in colours of their own"
    SIXTEEN = "letters in the sixteen colours of plain terminals, which are fewer than there are causes"
    LETTERS = "letters"


def paint(console: Console) -> Paint:
    """The best that `console` can show."""
    if not console.is_terminal or console.color_system is None or console.no_color:
        return Paint.LETTERS
    return Paint.SIXTEEN if console.color_system in ("standard", "windows") else Paint.BLOCKS


def mark(cause: str, cells: int, how: Paint) -> Text:
    """`cells` characters that stand for `cause`, in bars and in their legend."""
    appearance = look(cause)
    if how is Paint.BLOCKS:
        return Text(BLOCK * cells, style=appearance.colour)
    return Text(appearance.letter * cells, style=appearance.sixteen if how is Paint.SIXTEEN else "")


def apportion(amounts: Sequence[int], total: int) -> list[int]:
    """`total` characters shared in proportion to `amounts`, by largest remainder, ties in order."""
    whole = sum(amounts)
    if whole <= 0:
        return [0 for _ in amounts]
    cells = [amount * total // whole for amount in amounts]
    by_remainder = sorted(range(len(amounts)), key=lambda i: (-(amounts[i] * total % whole), i))
    for index in by_remainder[: total - sum(cells)]:
        cells[index] += 1
    return cells


def ordered(stack: Mapping[str, int]) -> list[tuple[str, int]]:
    """The causes of a stack that hold any time, in the order of the closed list, unknown ones last."""
    names = [*LOOKS, *(name for name in stack if name not in LOOKS)]
    return [(name, int(stack[name])) for name in names if stack.get(name)]


def bar(stack: Mapping[str, int], width: int, how: Paint) -> Text:
    """One stack as a bar of exactly `width` characters."""
    causes = ordered(stack)
    cells = apportion([amount for _, amount in causes], width)
    return Text.assemble(
        *(mark(name, part, how) for (name, _), part in zip(causes, cells, strict=True) if part)
    )


def legend(stacks: Sequence[Mapping[str, int]], how: Paint) -> list[Text]:
    """One entry for every cause that any stack holds: its mark, its name, its largest share."""
    largest: dict[str, float] = {}
    for stack in stacks:
        for name, share in measures.shares(stack):
            largest[name] = max(share, largest.get(name, 0.0))
    several = len(stacks) > 1
    entries = []
    for name in (*LOOKS, *(name for name in largest if name not in LOOKS)):
        if name in largest:
            words = f" {name} {'up to ' if several else ''}{percent(largest[name])}"
            entries.append(Text.assemble(mark(name, 1, how), words))
    return entries


def wrapped(entries: Sequence[Text], width: int) -> list[Text]:
    """Entries joined by three blanks into lines of at most `width` characters; none is broken."""
    lines: list[Text] = []
    for entry in entries:
        if lines and len(lines[-1]) + 3 + len(entry) <= width:
            lines[-1].append("   ").append_text(entry)
        else:
            lines.append(entry.copy())
    return lines


class CycleStacks:
    """One bar a result, each scaled to its own time, which stands behind it."""

    def __init__(self, results: Sequence[dict[str, Any]], labels: Sequence[str]) -> None:
        self.stacks = [result["cycle_stack"] for result in results]
        self.times = [si(float(result["time_s"]), "s") for result in results]
        self.labels = [" ".join(label.split("\n")) for label in labels]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        how = paint(console)
        label_width = min(max(len(label) for label in self.labels), options.max_width // 2)
        time_width = max(len(time) for time in self.times)
        width = max(LEAST_BAR, min(WIDEST_BAR, options.max_width - label_width - time_width - 4))
        yield Text("\nWhere the cycles go", style="bold")
        for label, stack, time in zip(self.labels, self.stacks, self.times, strict=True):
            line = Text(label[:label_width].ljust(label_width) + "  ", no_wrap=True)
            line.append_text(bar(stack, width, how))
            line.append(f"  {time.rjust(time_width)}")
            yield line
        yield from wrapped(legend(self.stacks, how), options.max_width)
