"""Our times of matrix products of serving engines on GPUs, as they were measured kernel by kernel.

The machines are the shipped ones, with their launch and the floor of a kernel; nothing is added and no row is left out.
"""

import csv
from functools import cache
from pathlib import Path
from statistics import median
from typing import Final

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

FOLDER: Final = Path(__file__).parent / "gpu_products"
SHARE: Final = 0.9


@cache
def _errors(gpu: str, table: str) -> tuple[float, ...]:
    """Sorted absolute errors of all rows of a GPU in a table (products, layers)."""
    machine, errors = load_machine(f"xpu-{gpu}"), []
    with (FOLDER / f"{table}.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["gpu"] != gpu:
                continue
            kernel = build("gemm", m=int(row["m"]), n=int(row["n"]), k=int(row["k"]), format="bf16")
            errors.append(abs(simulate(kernel, machine).time_s / (float(row["latency_us"]) * 1e-6) - 1))
    return tuple(sorted(errors))


def error_pct(gpu: str, table: str, statistic: str) -> float:
    """Error of our times: the median, the largest of the best 90 % (most), or the worst [%]."""
    errors = _errors(gpu, table)
    found = {
        "median": median(errors),
        "most": errors[int(SHARE * len(errors))],
        "worst": errors[-1],
    }
    return 100 * found[statistic]
