"""Temperatures over the dies of one result, as numbers on a map: rows from the top edge down."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bankside.report.comparison import kernel_title

STYLES: Final = ("blue", "cyan", "green", "yellow", "red", "bold red")
"""From the coolest cell of a die to the hottest."""
MOST: Final = 16
"""Columns and rows that are shown; of finer maps the hottest of each few."""


class HeatMaps:
    """The hottest of the dies of each name: degC of every cell, the hottest of all in bold."""

    def __init__(self, result: Mapping[str, Any], label: str = "") -> None:
        self.result = result
        self.label = label or str(result["machine"]["name"])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(f"{kernel_title([dict(self.result)])} on {self.label}", style="bold")
        for die, of in (self.result["thermal"].get("map_c") or {}).items():
            cells = _shown(of["cells"])
            low, high = min(map(min, cells)), max(map(max, cells))
            width, depth = sum(of["dx_mm"]), sum(of["dy_mm"])
            yield Text()
            yield Text(f"{die}: {low:.1f} to {high:.1f} degC over {width:.1f} x {depth:.1f} mm")
            for row in cells:
                line = Text()
                for cell in row:
                    step = 0 if high == low else int((cell - low) / (high - low) * (len(STYLES) - 1))
                    line.append(f"{cell:6.1f}", style=STYLES[step])
                yield line


def _shown(cells: Sequence[Sequence[float]]) -> list[list[float]]:
    """At most so many rows and columns, of each group the hottest."""
    down, across = -(-len(cells) // MOST), -(-len(cells[0]) // MOST)
    return [
        [
            max(cell for row in cells[r : r + down] for cell in row[c : c + across])
            for c in range(0, len(cells[0]), across)
        ]
        for r in range(0, len(cells), down)
    ]
