"""Machines by placement: one line each, from taps at the cells to the host, so that the trend can be read
down."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
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
        if any("placement" in result for result, _ in self.rows):
            yield Text()
            yield self._against_pins()

    def _against_pins(self) -> Table:
        """Against the plain memory behind its pins, and logic at 7 nm (Ma & Patterson 2026, Table 4)."""
        headings = (
            "machine",
            "bandwidth",
            "per watt",
            "shards",
            "each",
            "MAC area",
            "MAC energy",
            "capacity lost",
        )
        table = grid(
            (*headings, "below 85 C"), right=range(1, 9), title="Against the memory's pins and logic at 7 nm"
        )
        for result, label in self.rows:
            found = result.get("placement") or {}
            own_j, pins_j = measures.dram_energy_j_per_bit(result), found.get("pins_j_per_bit")
            peak, pins = measures.bandwidth(result, "dram", "peak_Bps"), found.get("pins_Bps")
            table.add_row(
                Text(" ".join(label.split("\n"))),
                ratio(peak / pins) if peak and pins else "-",
                ratio(pins_j / own_j) if own_j and pins_j else "-",
                *_shards(found),
                ratio(found["mac_area_ratio"]) if found else "-",
                ratio(found["mac_energy_ratio"]) if found else "-",
                percent(found.get("capacity_lost")),
                f"{found['headroom_c']:.0f} K" if found else "-",
            )
        return table


def _shards(found: Mapping[str, float]) -> tuple[str, str]:
    """How many parts the memory is in, and how large each is."""
    if not found:
        return "-", "-"
    return f"{int(found['shards']):,}", f"{digits(found['shard_bytes'] / 2**20)} MiB"
