"""Machines by placement: one line each, from taps at the cells to the host, so that the trend can be read
down."""

from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bankside.report import measures
from bankside.report.comparison import kernel_title
from bankside.report.grid import grid
from bankside.report.quantities import digits, percent, ratio, si

OUTWARDS: Final = ("bank", "bank_pair", "bank_group", "vault", "base", "board", "host")


def distance(result: measures.Result) -> int:
    """Levels between the cells and the tap; a tap of unknown level stands last."""
    level = str(result["machine"]["tap"]).rpartition(".")[2]
    return OUTWARDS.index(level) if level in OUTWARDS else len(OUTWARDS)


class Placements:
    """The comparison as lines, ordered by the distance of the tap from the cells."""

    def __init__(self, results: Sequence[dict[str, Any]], labels: Sequence[str]) -> None:
        self.rows = sorted(zip(results, labels, strict=True), key=lambda row: distance(row[0]))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        headings = ("placement", "tap", "machine", "stacks", "time", "ratio", "peak at tap", "reached")
        table = grid((*headings, "DRAM to tap", "power", "density"), right=range(3, 11))
        best_s = min(float(result["time_s"]) for result, _ in self.rows)
        for result, label in self.rows:
            per_bit = measures.dram_energy_j_per_bit(result)
            density = measures.peak_density(result)
            table.add_row(
                str(result["machine"]["placement"]),
                Text(str(result["machine"]["tap"])),
                Text(" ".join(label.split("\n"))),
                str(result["machine"].get("stacks", "-")),
                si(float(result["time_s"]), "s"),
                ratio(float(result["time_s"]) / best_s),
                si(measures.bandwidth(result, "dram", "peak_Bps"), "B/s"),
                percent(measures.bandwidth(result, "dram", "utilisation")),
                "-" if per_bit is None else f"{digits(per_bit * 1e12)} pJ/bit",
                si(float(result["power_w"]), "W"),
                "-" if density is None else f"{digits(density[0])} W/mm2",
            )
        yield Text(kernel_title([result for result, _ in self.rows]), style="bold")
        yield Text()
        yield table
