"""Our times of a token in whole runs of language models, with one host time a step for each software stack."""

import csv
from functools import cache
from pathlib import Path
from typing import Final

from bankside.validation.products import statistic_pct
from bankside.validation.watts import prefill_ms, step_ms

MEASURED: Final = Path(__file__).parent / "decode_pace" / "steps.csv"


@cache
def _rows(stacks: str) -> tuple[tuple[str, str, float, float], ...]:
    """Id, stack, our time of a token without the host's, and the measured one [ms], of the rows of stacks."""
    found = []
    with MEASURED.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["stack"] in stacks.split(","):
                found.append((row["id"], row["stack"], _ours_ms(row), float(row["ms"])))
    return tuple(found)


def _ours_ms(row: dict[str, str]) -> float:
    batch, prompt, tokens, gpus = (int(row[name]) for name in ("batch", "prompt", "tokens", "gpus"))
    run = row["machine"], row["model"], batch
    ours_ms = step_ms(*run, prompt + tokens // 2, gpus, row["format"])
    return ours_ms + (prefill_ms(*run, prompt, gpus, row["format"]) / tokens if prompt else 0.0)


def errors(stacks: str) -> dict[str, float]:
    """Error of our time by id of all rows but the first of each stack, which gives the host's time [1]."""
    found, host_ms = {}, dict[str, float]()
    for name, stack, ours_ms, measured_ms in _rows(stacks):
        if stack not in host_ms:
            host_ms[stack] = max(0.0, measured_ms - ours_ms)
        else:
            found[name] = (ours_ms + host_ms[stack]) / measured_ms - 1
    return found


def error_pct(stacks: str, statistic: str) -> float:
    """Median or worst absolute error of the times of a token [%]."""
    return statistic_pct(errors(stacks).values(), statistic)
