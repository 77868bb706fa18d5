"""A comparison by what machines get done with one unit of something, a line a machine."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bankside.report.grid import grid
from bankside.report.per_unit import GROUPS, UNITS, SizeUnit, per_unit
from bankside.report.quantities import percent, ratio, si

PREFIXED: Final = ("GB/s", "GB", "W")


class PerUnit:
    """Size and time of each machine, the parts of the time, and runs a second of a unit: as built, and of the device
    alone."""

    def __init__(self, results: Sequence[dict[str, Any]], labels: Sequence[str], name: str) -> None:
        self.rows = [
            (" ".join(label.split("\n")), float(result["time_s"]), per_unit(result, name))
            for result, label in zip(results, labels, strict=True)
        ]
        self.unit = UNITS[name]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        built = f"runs/s of a {self.unit.symbol}"
        headings = ("machine", "size", "time", *GROUPS, "device", built, "ratio", "device alone", "ratio")
        table = grid(headings, right=range(1, len(headings)))
        best = max(figures["runs_per_s"] for _, _, figures in self.rows)
        best_alone = max(figures["device_runs_per_s"] or 0.0 for _, _, figures in self.rows)
        for label, time_s, figures in self.rows:
            alone = figures["device_runs_per_s"]
            table.add_row(
                Text(label),
                _size(figures["amount"], self.unit),
                si(time_s, "s"),
                *(percent(figures[f"{group}_s"] / time_s) for group in (*GROUPS, "device")),
                si(figures["runs_per_s"], ""),
                ratio(figures["runs_per_s"] / best),
                si(alone, ""),
                "-" if alone is None else ratio(alone / best_alone),
            )
        yield Text(f"for each {self.unit.symbol}: {self.unit.told}", style="dim")
        yield table


def _size(amount: float, unit: SizeUnit) -> str:
    """How much a machine has; only what has prefixes is written with one."""
    if unit.symbol in PREFIXED:
        return si(amount * unit.scale, unit.symbol.removeprefix("G"))
    return f"{round(amount):,}"
