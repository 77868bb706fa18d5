"""Time of one matrix product on a systolic array, in a batch, warm: budget 10 us each, any size.

Run `python benchmarks/systolic.py [CASES.csv]`; with a CSV of cases the whole file is timed as well.
"""

import csv
import sys
import time
from pathlib import Path

import numpy as np

from bankside.arch.jit import kernel
from bankside.arch.pe.systolic import physical
from bankside.peers import scalesim
from bankside.peers.operand_srams import bus
from bankside.unit import systolic

SHAPES = ((1, 4096, 4096), (128, 128, 128), (512, 12288, 12288), (16384, 16384, 16384))
REPEATS = 200_000


@kernel
def _physical(dataflow: int, rows: int, cols: int, m: int, n: int, k: int, repeats: int) -> int:
    total = 0
    for i in range(repeats):
        cycles, _ = physical.gemm_cycles(dataflow, rows, cols, m + i % 2, n, k, True)
        total += cycles
    return total


@kernel
def _behind_bus(dataflow: int, rows: int, cols: int, m: int, n: int, k: int, repeats: int) -> int:
    total, size = 0, 1 << 20
    for i in range(repeats):
        cycles, _, _, _ = bus.stalled_cycles(
            dataflow, rows, cols, m + i % 2, n, k, True, True, size, size, size, 64.0
        )
        total += cycles
    return total


def _seconds(function: object, *args: object) -> float:
    function(*args[:-1], 1)  # type: ignore[operator]  # compiles or loads
    start = time.perf_counter()
    function(*args)  # type: ignore[operator]
    return time.perf_counter() - start


def _scalesim_seconds(shape: tuple[int, int, int]) -> float:
    cases = np.tile(np.array([[0, 128, 128, *shape, 1, 1, 0]], np.int64), (REPEATS, 1))
    scalesim.batch(cases[:1])
    start = time.perf_counter()
    scalesim.batch(cases)
    return time.perf_counter() - start


def main() -> None:
    """Print microseconds per product for each shape, convention and array."""
    out = sys.stdout
    out.write(
        f"{'M x N x K':>22} {'array':>9} {'physical':>10} {'scalesim':>10} {'with bus':>10}   [us each]\n"
    )
    for shape in SHAPES:
        for array in (8, 128):
            args = (0, array, array, *shape, REPEATS)
            times = [
                _seconds(_physical, *args) / REPEATS,
                _scalesim_seconds(shape) / REPEATS,
                _seconds(_behind_bus, *args[:-1], 2000) / 2000,
            ]
            name = " x ".join(str(extent) for extent in shape)
            cells = " ".join(f"{1e6 * t:10.3f}" for t in times)
            out.write(f"{name:>22} {f'{array}x{array}':>9} {cells}\n")
    if len(sys.argv) > 1:
        with Path(sys.argv[1]).open(newline="") as file:
            rows = list(csv.DictReader(file))
        systolic.run_cases(rows[:1])
        start = time.perf_counter()
        systolic.run_cases(rows)
        out.write(f"{len(rows)} case rows: {time.perf_counter() - start:.3f} s\n")


if __name__ == "__main__":
    main()
