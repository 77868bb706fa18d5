"""Our times of a token in whole runs of language models, with one host time a step for each software stack."""

import csv
from functools import cache
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from bankside.validation.products import statistic_pct
from bankside.validation.watts import prefill_ms, step_ms

MEASURED: Final = Path(__file__).parent / "decode_pace" / "steps.csv"


class _Row(NamedTuple):
    """A run, our time of a token without the host's, and the measured one [ms]; `mixed`: prompts are read between
    tokens, as its source says."""

    id: str
    stack: str
    ours_ms: float
    measured_ms: float
    mixed: bool

    @property
    def left_ms(self) -> float:
        """What is left for the host [ms]."""
        return self.measured_ms - self.ours_ms


@cache
def _rows(stacks: str) -> tuple[_Row, ...]:
    """The rows of stacks."""
    found = []
    with MEASURED.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["stack"] in stacks.split(","):
                measured_ms, mixed = float(row["ms"]), row["mixed"] == "yes"
                found.append(_Row(row["id"], row["stack"], _ours_ms(row), measured_ms, mixed))
    return tuple(found)


def _ours_ms(row: dict[str, str]) -> float:
    batch, prompt, tokens, gpus = (int(row[name]) for name in ("batch", "prompt", "tokens", "gpus"))
    run = row["machine"], row["model"], batch
    ours_ms = step_ms(*run, prompt + tokens // 2, gpus, row["format"])
    return ours_ms + (prefill_ms(*run, prompt, gpus, row["format"]) / tokens if prompt else 0.0)


def errors(stacks: str, mixed: bool = False) -> dict[str, float]:
    """Error of our time by id of the rows that are, or are not, mixed [1].

    The host's time of a row is the median of what the other rows of its stack leave, none of them mixed, so that no row
    has a say in its own.
    """
    found = {}
    for row in _rows(stacks):
        if row.mixed == mixed:
            others = (
                each.left_ms
                for each in _rows(stacks)
                if each.stack == row.stack and each.id != row.id and not each.mixed
            )
            found[row.id] = (row.ours_ms + max(0.0, median(others))) / row.measured_ms - 1
    return found


def error_pct(stacks: str, statistic: str, mixed: bool = False) -> float:
    """Median or worst absolute error of the times of a token [%]."""
    return statistic_pct(errors(stacks, mixed).values(), statistic)
