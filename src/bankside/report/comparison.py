"""One comparison on a terminal: a table with machines as columns, the cycle stacks, the warnings."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.padding import Padding
from rich.text import Text

from bankside.report import measures
from bankside.report.grid import grid
from bankside.report.per_table import PerUnit
from bankside.report.quantities import percent, si
from bankside.report.stack import CycleStacks
from bankside.report.table import FigureTable


def kernel_title(results: Sequence[measures.Result]) -> str:
    """The kernel with what is common to the shapes of all results, such as "gemv  m 4096, k 4096, bf16"."""
    kernels = [result["kernel"] for result in results]
    width = kernels[0].get("format")
    shape = [
        str(value) if name == "format" else f"{name.replace('_', ' ')} {value}"
        for name, value in kernels[0].items()
        if isinstance(value, (int, float, str)) and value != "" and name != "name"
        if all(kernel.get(name) == value for kernel in kernels)
        if not (name.endswith("_format") and value == width)
    ]
    return f"{kernels[0].get('name', 'kernel')}  {', '.join(shape)}".rstrip()


def work_line(result: measures.Result) -> str:
    """What the kernel asks of any machine: FLOP, least bytes, their ratio."""
    work = result["work"]
    intensity = si(work.get("intensity_flop_per_byte"), "FLOP/B")
    return f"{si(work['flops'], 'FLOP')}, at least {si(work['bytes_min'], 'B')} of operands ({intensity})"


class Comparison:
    """Results of one kernel side by side; renders on any rich console, in colour only where there is colour.

    Parameters
    ----------
    results
        Dictionaries under the contract `bankside/result/1`, one a column.
    labels
        Column headings; the machines' names when not given.
    title
        Heading; the kernel and its shape when not given.
    per
        A unit of `per_unit.UNITS`, for what machines get done with one of it in place of their figures.
    """

    def __init__(
        self,
        results: Sequence[dict[str, Any]],
        labels: Sequence[str] = (),
        title: str | None = None,
        per: str | None = None,
    ) -> None:
        self.results = list(results)
        self.labels = list(labels) or [str(result["machine"]["name"]) for result in self.results]
        self.title = title if title is not None else kernel_title(self.results)
        self.per = per

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.title, style="bold")
        if len({work_line(result) for result in self.results}) == 1:
            yield Text(work_line(self.results[0]), style="dim")
        yield Text()
        if self.per is None:
            yield FigureTable(self.results, self.labels)
        else:
            yield PerUnit(self.results, self.labels, self.per)
        yield CycleStacks(self.results, self.labels)
        notes = measures.warnings(self.results, self.labels)
        if notes:
            yield Text()
            yield Text("Warnings", style="bold yellow")
            yield Group(*(Padding(Text(f"- {note}"), (0, 0, 0, 1), expand=False) for note in notes))


class Operations:
    """The operations of one result: where its time, work and bytes are, largest time first."""

    def __init__(self, result: dict[str, Any], label: str = "") -> None:
        self.result = result
        self.label = label or str(result["machine"]["name"])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        operations = sorted(self.result["ops"], key=lambda op: -float(op["time_s"]))
        total_s = sum(float(op["time_s"]) for op in operations) or 1.0
        headings = ("operation", "times", "time", "share", "FLOP", "bytes", "bound by")
        table = grid(headings, right=range(1, 6))
        for op in operations:
            time_s = float(op["time_s"])
            table.add_row(
                Text(str(op["label"])),
                f"{op['count']:,}",
                si(time_s, "s"),
                percent(time_s / total_s),
                si(float(op["flops"]), "FLOP"),
                si(float(op["bytes"]), "B"),
                Text(str(op["binding"])),
            )
        yield Text(f"{kernel_title([self.result])} on {self.label}", style="bold")
        yield Text()
        yield table
