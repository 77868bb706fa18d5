"""Claims as a table: published, ours, the error, the tolerance, and whether it holds."""

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from bankside.report.grid import grid
from bankside.report.quantities import count
from bankside.validation.check import Verdict

ROUNDING = 1e-12  # below this an error is that of floating point

_STYLE = {"pass": "green", "fitted": "yellow", "FAIL": "bold red", "shown": "dim"}


class ClaimTable:
    """All verdicts, the faults of those without a value, what nobody measured, and a line of totals."""

    def __init__(self, verdicts: Sequence[Verdict], unmeasured: Sequence[str] = ()) -> None:
        self.verdicts = verdicts
        self.unmeasured = unmeasured

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        headings = ("claim", "kind", "published", "ours", "unit", "error", "tolerance", "")
        table = grid(headings, right=(2, 3, 5, 6))
        for verdict in self.verdicts:
            claim = verdict.claim
            table.add_row(
                Text(claim.id),
                claim.kind,
                _number(claim.value),
                "-" if verdict.ours is None else _number(verdict.ours),
                Text(claim.unit_of_value),
                _error(verdict.error),
                claim.tolerance,
                Text(verdict.outcome, style=_STYLE[verdict.outcome]),
            )
        yield table
        for verdict in self.verdicts:
            if verdict.fault:
                yield Text(f"{verdict.claim.id}: {verdict.fault}", style="red")
        yield Text()
        for sentence in self.unmeasured:
            yield Text(sentence)
        yield Text(summary(self.verdicts), style="bold")


def summary(verdicts: Sequence[Verdict]) -> str:
    """How many claims hold, are met by constants that stand on them, fail, and are shown only."""
    outcomes = [verdict.outcome for verdict in verdicts]
    parts = [f"{count(outcomes.count('pass'), 'claim')} held"]
    if "fitted" in outcomes:
        parts.append(f"{outcomes.count('fitted')} met by constants that stand on them")
    if "FAIL" in outcomes:
        parts.append(f"{outcomes.count('FAIL')} failed")
    if "shown" in outcomes:
        parts.append(f"{outcomes.count('shown')} shown without a gate")
    return ", ".join(parts) + "."


def _error(error: float | None) -> str:
    if error is None:
        return "-"
    return "0 %" if abs(error) < ROUNDING else f"{100 * error:+.3g} %"


def _number(value: float) -> str:
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.6g}"
