"""Our values for claims about products with 2:4 weights on GPUs."""

import csv
from functools import cache
from math import exp, log
from pathlib import Path
from typing import Final, NamedTuple

from bankside.arch.machine.machine import Machine
from bankside.kernels.catalog.catalog import build
from bankside.validation.bench import load_machine, simulate

FOLDER: Final = Path(__file__).parents[1] / "cusparselt"
PATTERN: Final = "2:4"


class Shape(NamedTuple):
    """A product (m x k) (k x n), and its measured times, with dense and with 2:4 weights [s]."""

    m: int
    n: int
    k: int
    dense_s: float
    sparse_s: float

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""
        return self.m * self.n * self.k


@cache
def _measured(gpu: str, number_format: str) -> tuple[Shape, ...]:
    with (FOLDER / "products.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["gpu"], row["format"]) == (gpu, number_format)]
    return tuple(
        Shape(
            *(int(row[axis]) for axis in "mnk"), *(float(row[f"{of}_us"]) / 1e6 for of in ("dense", "sparse"))
        )
        for row in rows
    )


def _ours_s(machine: Machine, number_format: str, shape: Shape) -> tuple[float, float]:
    """Times with dense and with 2:4 weights [s]."""
    size = {"m": shape.m, "n": shape.n, "k": shape.k, "format": number_format}
    dense, sparse = (
        simulate(build("gemm", **size, weights_format=weights), machine).time_s
        for weights in (number_format, f"{number_format}_{PATTERN}")
    )
    return dense, sparse


@cache
def _floors_s(gpu: str, number_format: str) -> tuple[float, float]:
    """What the smallest product takes beyond ours, dense and 2:4: the floor of every launch [s]."""
    least = min(_measured(gpu, number_format), key=lambda shape: shape.macs)
    dense_s, sparse_s = _ours_s(_machine(gpu), number_format, least)
    return least.dense_s - dense_s, least.sparse_s - sparse_s


@cache
def _machine(gpu: str) -> Machine:
    return load_machine(str(FOLDER / f"{gpu}-pcie.yaml"))


def sparse_speedup(gpu: str, number_format: str, rows: int) -> float:
    """Time of dense products over that of 2:4 ones, geomean over layers, of so many rows; the smallest product, which
    gives the floors of launches, is not counted [x]."""
    shapes = sorted(_measured(gpu, number_format), key=lambda shape: shape.macs)[1:]
    floors = _floors_s(gpu, number_format)
    gains = []
    for shape in shapes:
        if shape.m == rows:
            dense_s, sparse_s = _ours_s(_machine(gpu), number_format, shape)
            gains.append((dense_s + floors[0]) / (sparse_s + floors[1]))
    return exp(sum(map(log, gains)) / len(gains))
