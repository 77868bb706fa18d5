"""Our values for claims about whole matrix products on GPUs, against what was measured on them."""

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from statistics import mean, median
from typing import Final

from bankside.kernels.catalog.catalog import build
from bankside.validation.bench import load_machine, simulate

FOLDER: Final = Path(__file__).parent
SHARE: Final = 0.9


def statistic_pct(errors: Iterable[float], statistic: str) -> float:
    """The median, mean or worst of absolute errors [1], or the largest of the best 90 % of them (most) [%]."""
    ranked = sorted(abs(error) for error in errors)
    found = {
        "median": median(ranked),
        "mean": mean(ranked),
        "worst": ranked[-1],
        "most": ranked[int(SHARE * len(ranked))],
    }
    return 100 * found[statistic]


@cache
def _a100_errors() -> tuple[float, ...]:
    """Our time over the measured one, less one, of every product but the smallest, which gives the overhead [1]."""
    machine = load_machine("xpu-a100", ["cores.sm.launch=0 s", "power_limit=null"])
    times = []
    with (FOLDER / "llmcompass" / "gemm_a100.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            kernel = build("gemm", m=int(row["m"]), n=int(row["n"]), k=int(row["k"]), format="fp16")
            times.append((kernel.macs, simulate(kernel, machine).time_s, float(row["latency_s"])))
    (_, ours_s, measured_s), *others = sorted(times)
    overhead_s = measured_s - ours_s
    return tuple((own_s + overhead_s) / latency_s - 1 for _, own_s, latency_s in others)


def a100_error_pct(statistic: str) -> float:
    """Mean or worst absolute error of the times of matrix products on an A100 [%]."""
    return statistic_pct(_a100_errors(), statistic)


LIBRARY: Final = {("h100", "layers"): ("cores.sm.blocks.columns=[64, 128, 256]",)}
"""Tiles of the library that measured where they are not those of the machine: layers are of 2023, before cuBLAS had
kernels of its own for Hopper with 192 columns (nvjet)."""


@cache
def _errors(gpu: str, table: str) -> tuple[float, ...]:
    """Our time over the measured one, less one, of all rows of a GPU in a table (products, layers) [1]: the shipped
    machines, with their launch and the floor of a kernel; nothing is added and no row is left out."""
    machine, errors = load_machine(f"xpu-{gpu}", LIBRARY.get((gpu, table), ())), []
    with (FOLDER / "gpu_products" / f"{table}.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["gpu"] == gpu:
                kernel = build("gemm", m=int(row["m"]), n=int(row["n"]), k=int(row["k"]), format="bf16")
                errors.append(simulate(kernel, machine).time_s / (float(row["latency_us"]) * 1e-6) - 1)
    return tuple(errors)


def error_pct(gpu: str, table: str, statistic: str) -> float:
    """Absolute error of our times of products of serving engines: a statistic of `statistic_pct` [%]."""
    return statistic_pct(_errors(gpu, table), statistic)
