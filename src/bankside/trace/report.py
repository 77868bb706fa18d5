"""A replayed request trace as a table: the figures, then where its clocks and its energy go."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bankside.report.grid import grid
from bankside.report.quantities import count, percent, si

NAMES: Final = {"sync": "sync (no request waits)"}


class ReplayTable:
    """Renders the data of `Replay.data` with the names of the trace and of the device."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        data = self.data
        table = grid((f"{data['trace']} on {data['device']}", "value"), right=(1,))
        for name, value in _figures(data):
            table.add_row(Text(name), Text(value))
        yield table
        yield Text()
        stack = {NAMES.get(name, name): value for name, value in data["cycle_stack"].items()}
        yield _shares("clocks of the last channel", stack, lambda value: f"{value:,.10g}")
        if data["energy_j"] is not None:
            yield Text()
            yield _shares("energy of the DRAM core", data["energy_j"], lambda value: si(value, "J"))


def _figures(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "requests", f"{data['requests']:,}"
    yield "  reads, writes", f"{data['reads']:,}, {data['writes']:,}"
    yield "channels in use", f"{len(data['channels']):,}"
    yield "cycles", f"{data['cycles']:,.10g}"
    yield "time", si(data["time_s"], "s", 4)
    yield "bandwidth", si(data["bandwidth_Bps"], "B/s")
    yield f"  of {si(data['peak_Bps'], 'B/s')}", percent(data["utilisation"])
    if data["reads"]:
        yield "mean read latency", f"{data['read_latency_cycles']:,.1f} cycles"
        yield "", si(data["read_latency_s"], "s")
    for name, number in data["commands"].items():
        yield f"{name} commands", f"{number:,}"
    for name in ("forwarded", "merged", "coalesced", "undrained"):
        if data[name]:
            yield name, count(data[name], "request")


def _shares(title: str, parts: Mapping[str, float], shown: Any) -> Any:
    table = grid((title, "value", "share"), right=(1, 2))
    total = sum(parts.values())
    for name, value in sorted(parts.items(), key=lambda part: -part[1]):
        if value:
            table.add_row(Text(name), shown(value), percent(value / total))
    table.add_row(Text("total"), shown(total), "")
    return table
