"""The figures of a comparison: one row a figure, one column a machine, in blocks that fit the width."""

import itertools
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bankside.report import measures
from bankside.report.grid import grid
from bankside.report.measures import Result
from bankside.report.quantities import digits, percent, ratio, si

GAP: Final = 2  # characters between columns: grid() pads one and rules one
PARTS_SHOWN: Final = 3
WIDEST: Final = 18  # characters of a cell
UNITS: Final = {
    "matrix": "matrix unit",
    "vector": "vector lanes",
    "both": "matrix unit + vector lanes",
    "nonlinear": "nonlinear unit",
}


def _flops(result: Result) -> str:
    return si(float(result["work"]["flops"]), "FLOP")


def _least(result: Result) -> str:
    return si(float(result["work"]["bytes_min"]), "B")


def _placement(result: Result) -> str:
    return str(result["machine"]["placement"])


def _tap(result: Result) -> str:
    return str(result["machine"]["tap"])


def _stacks(result: Result) -> str:
    return str(result["machine"].get("stacks", "-"))


def _time(result: Result) -> str:
    return si(float(result["time_s"]), "s")


def _cycles(result: Result) -> str:
    return f"{result['cycles']['count']:,}"


def _clock(result: Result) -> str:
    return si(float(result["cycles"]["clock_hz"]), "Hz")


def _tokens(result: Result) -> str:
    rate = measures.tokens_per_s(result)
    return "" if rate is None else digits(rate)


def _binding(result: Result) -> str:
    return str(result["bound"]["binding"])


def _fraction(result: Result) -> str:
    return percent(float(result["bound"]["fraction"]))


def _main_cause(result: Result) -> str:
    causes = measures.shares(result["cycle_stack"])
    return f"{causes[0][0]} {percent(causes[0][1])}" if causes else "-"


def _units(result: Result) -> str:
    """Units of the mapping, with the number of operators where they differ."""
    operators = result["mapping"].get("operators", [])
    units = Counter(str(of["unit"]) for of in operators if of.get("unit"))
    told = {
        unit: " + ".join(UNITS.get(part.strip(), part.strip()) for part in unit.split("+")) for unit in units
    }
    if len(units) == 1:
        return told[next(iter(units))]
    return "\n".join(f"{count} x {told[unit]}" for unit, count in units.most_common())


def _achieved(result: Result) -> str:
    return si(measures.bandwidth(result, "dram", "achieved_Bps"), "B/s")


def _peak(result: Result) -> str:
    return si(measures.bandwidth(result, "dram", "peak_Bps"), "B/s")


def _utilisation(result: Result) -> str:
    return percent(measures.bandwidth(result, "dram", "utilisation"))


def _read(result: Result) -> str:
    return si(measures.bandwidth(result, "dram", "bytes_read"), "B")


def _used(result: Result) -> str:
    share = measures.used_share(result)
    return "" if share is None else percent(share)


def _links(result: Result) -> str:
    """For what share of the time the busiest link of each network is held, and those that are held on average."""
    found: dict[str, dict[str, float]] = result.get("links") or {}
    cells = (
        f"{name.removeprefix('network.')} {percent(held['busiest'])}\nmean {percent(held['mean'])}"
        for name, held in found.items()
    )
    return "\n".join(cells)


def _busy(result: Result) -> str:
    """For what share of the time units of cores and channels of memories are at work on average, those that
    work most first."""
    found: dict[str, dict[str, float]] = result.get("busy") or {}
    worked = sorted(((each["mean"], name) for name, each in found.items()), reverse=True)[:PARTS_SHOWN]
    kinds = {name.partition(".")[0] for name in found if "." in name}
    short = (name.partition(".")[2] or name if len(kinds) == 1 else name for _, name in worked)
    return "\n".join(f"{name} {percent(mean)}" for name, (mean, _) in zip(short, worked, strict=True))


def _energy(result: Result) -> str:
    return si(float(result["energy"]["total_j"]), "J")


def _boundary(result: Result) -> str:
    return str(result["energy"].get("boundary", "-"))


def _per_bit(result: Result) -> str:
    energy = measures.dram_energy_j_per_bit(result)
    return "-" if energy is None else f"{digits(energy * 1e12)} pJ/bit"


def _parts(result: Result) -> str:
    parts = measures.shares(result["energy"]["parts_j"])[:PARTS_SHOWN]
    return "\n".join(f"{name} {percent(share)}" for name, share in parts) or "-"


def _power(result: Result) -> str:
    return si(float(result["power_w"]), "W")


def _density(result: Result) -> str:
    peak = measures.peak_density(result)
    return "-" if peak is None else f"{digits(peak[0])} W/mm2\n{peak[1]}".rstrip()


def _hottest(result: Result) -> str:
    hottest = measures.hottest_die(result)
    if hottest is None:
        return "-"
    thermal = result.get("thermal") or {}
    if thermal.get("feasible", True):
        return f"{hottest[1]:.1f} degC\n{hottest[0]}"
    return f"{hottest[1]:.1f} degC\n{hottest[0]}\nINFEASIBLE"


def _duty(result: Result) -> str:
    share = measures.sustainable_duty(result)
    return "" if share is None or share == 1.0 else percent(share)


def _footprint(result: Result) -> str:
    found = ((result.get("thermal") or {}).get("density_w_per_mm2") or {}).get("footprint")
    return "" if found is None else f"{digits(float(found))} W/mm2"


def _die_densities(result: Result) -> str:
    found = ((result.get("thermal") or {}).get("density_w_per_mm2") or {}).get("dies") or {}
    return "\n".join(f"{die} {digits(float(density))}" for die, density in found.items())


ROWS: Final[tuple[tuple[str, Callable[[Result], str]], ...]] = (
    ("placement", _placement),
    ("tap", _tap),
    ("stacks", _stacks),
    ("time", _time),
    ("  in cycles", _cycles),
    ("  of a clock of", _clock),
    ("tokens/s", _tokens),
    ("bound by", _binding),
    ("lower bound / time", _fraction),
    ("most time in", _main_cause),
    ("computed on", _units),
    ("read at the tap", _read),
    ("  of it used", _used),
    ("bandwidth at the tap", _achieved),
    ("  its peak", _peak),
    ("  share of its peak", _utilisation),
    ("busiest link held", _links),
    ("busy", _busy),
    ("energy", _energy),
    ("  boundary", _boundary),
    ("  DRAM to the tap", _per_bit),
    ("  largest parts", _parts),
    ("power", _power),
    ("power density, peak", _density),
    ("  of the footprint", _footprint),
    ("  of each die", _die_densities),
    ("hottest die", _hottest),
    ("  sustainable duty", _duty),
)


WORK_ROWS: Final[tuple[tuple[str, Callable[[Result], str]], ...]] = (("work", _flops), ("operands", _least))


def figures(results: Sequence[Result]) -> list[tuple[str, list[str]]]:
    """Rows of the comparison as text: (label, one cell a result); a row without any value is left out."""
    rows = [(label, [cell(result) for result in results]) for label, cell in ROWS]
    work = [(label, [cell(result) for result in results]) for label, cell in WORK_ROWS]
    rows = [(label, cells) for label, cells in work if len(set(cells)) > 1] + rows
    if len(results) > 1:
        best_s = min(float(result["time_s"]) for result in results)
        against = [
            "best" if float(result["time_s"]) == best_s else ratio(float(result["time_s"]) / best_s)
            for result in results
        ]
        after_time = 1 + [label for label, _ in rows].index("time")
        rows.insert(after_time, ("  against the best", against))
    return [
        (label, [_folded(cell) for cell in cells])
        for label, cells in rows
        if any(cell not in ("", "-") for cell in cells)
    ]


def _folded(cell: str) -> str:
    """A cell broken at blanks into lines of at most WIDEST characters, so that five machines fit 120."""
    return "\n".join(line for part in cell.split("\n") for line in textwrap.wrap(part, WIDEST))


def blocks(label_width: int, widths: Sequence[int], available: int) -> list[range]:
    """Columns in as few groups as fit `available` characters with the labels repeated, evenly filled."""

    def fits(columns: range) -> bool:
        return label_width + sum(GAP + widths[index] for index in columns) <= available

    count = len(widths)
    for groups in range(1, count):
        edges = [count * group // groups for group in range(groups + 1)]
        split = [range(first, last) for first, last in itertools.pairwise(edges)]
        if all(fits(columns) for columns in split):
            return split
    return [range(index, index + 1) for index in range(count)]


class FigureTable:
    """The figures of several results as a table, or as several below each other on a narrow terminal."""

    def __init__(self, results: Sequence[dict[str, Any]], labels: Sequence[str]) -> None:
        self.rows = figures(results)
        self.labels = list(labels)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        label_width = max(len(label) for label, _ in self.rows)
        widths = [
            max(len(line) for text in (heading, *column) for line in text.split("\n"))
            for heading, column in zip(
                self.labels, zip(*(cells for _, cells in self.rows), strict=True), strict=True
            )
        ]
        for block in blocks(label_width, widths, options.max_width):
            table = grid(["", *(self.labels[index] for index in block)], right=range(1, len(block) + 1))
            for label, cells in self.rows:
                table.add_row(Text(label), *(_styled(label, cells[index]) for index in block))
            yield table


def _styled(label: str, text: str) -> Text:
    if text == "best" or label == "time":
        return Text(text, style="bold green" if text == "best" else "bold")
    return Text(text, style="bold red" if text.endswith("INFEASIBLE") else "")
