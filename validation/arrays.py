"""Our values for claims about systolic arrays and SRAM; each function gives one number in the unit it
names."""

import csv
from functools import cache
from pathlib import Path
from typing import Any

from bankside.arch.machine.spec import MachineSpec
from bankside.arch.pe.sram import banks as sram
from bankside.arch.pe.systolic.fold import DATAFLOWS
from bankside.arch.pe.systolic.physical import gemm_cycles
from bankside.arch.pe.systolic.unit import SystolicArrays
from bankside.arch.spec import load
from bankside.peers.tpu_weights import weight_train
from bankside.unit import systolic

FOLDER = Path(__file__).parent
TRAIN = 10_000  # tiles; the first fetch is then below 0.01 % of any share


@cache
def _tpu_v1() -> tuple[int, int, float, float]:
    """Rows, columns, clock [Hz] and weight bandwidth [B/s] of TPU v1."""
    machine = load(FOLDER / "jouppi_2017" / "machine.yaml", "machines", MachineSpec).spec
    core, store = machine.cores["matrix"], machine.memories["weights"].sram
    assert isinstance(core.matmul, SystolicArrays) and store is not None
    return core.matmul.rows, core.matmul.cols, core.clock, store.bandwidth


def tpu_v1_tile_cycles() -> float:
    """Cycles in which memory brings one 256 x 256 tile of 8-bit weights [cycle]."""
    rows, cols, clock_hz, bandwidth = _tpu_v1()
    return rows * cols / bandwidth * clock_hz


def tpu_v1_peak_tops() -> float:
    """Peak of the matrix unit, two operations per multiply-accumulate [TOPS]."""
    rows, cols, clock_hz, _ = _tpu_v1()
    return 2 * rows * cols * clock_hz / 1e12


def tpu_v1_share_pct(batch: int, non_matrix_pct: float, part: str) -> float:
    """Share of all cycles that the matrix unit is active, shifts weights or stalls for weights [%].

    Every weight is used by one batch; the published share of non-matrix cycles is an input.
    """
    rows, cols, clock_hz, bandwidth = _tpu_v1()
    total, *parts = weight_train(TRAIN, rows, batch, rows * cols, bandwidth / clock_hz)
    cycles = dict(zip(("active", "shift", "stall"), parts, strict=True))[part]
    return (100 - non_matrix_pct) * cycles / total


@cache
def _results(path: Path) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return rows, systolic.run_cases(rows)


def equal_rows(source: str, file: str, column: str, optimized: bool = True) -> float:
    """Rows of a measured file whose `column` is ours exactly, shares to the printed 6 decimals [rows].

    `optimized` false leaves out rows of row-wise sparsity, whose random non-zeros no row records.
    """
    equal = 0
    for row, ours in zip(*_results(FOLDER / source / file), strict=True):
        if optimized or row.get("optimized_mapping") != "true":
            value = ours[column]
            equal += f"{value:.6f}" == f"{float(row[column]):.6f}" if value != "" else 0
    return equal


def product_cycles(dataflow: str, rows: int, cols: int, m: int, n: int, k: int, shadow: bool) -> float:
    """Cycles of one product under the physical convention [cycle]."""
    return gemm_cycles(DATAFLOWS.index(dataflow), rows, cols, m, n, k, shadow)[0]


def gemv_utilisation_pct(rows: int, cols: int, n: int, k: int) -> float:
    """Share of the array's multiply-accumulates that a weight-stationary GEMV uses, shadow weights [%]."""
    cycles, _ = gemm_cycles(DATAFLOWS.index("ws"), rows, cols, 1, n, k, True)
    return 100 * n * k / (cycles * rows * cols)


def random_bank_cycles(accesses: int, banks: int) -> float:
    """Expected cycles of independent uniform accesses to single-port banks [cycle]."""
    return sram.expected_random_cycles(accesses, banks, 1)


def sampled_bank_cycles(accesses: int, banks: int, groups: int, seed: int) -> float:
    """Mean cycles of simulated groups of uniform accesses to single-port banks [cycle]."""
    trace = sram.random_banks(accesses, banks, groups, seed)
    return float(sram.each_group_cycles(trace, accesses, banks, 1).mean())


def strided_bank_cycles(accesses: int, banks: int, stride: int) -> float:
    """Cycles of a strided run over single-port banks [cycle]."""
    return sram.strided_cycles(accesses, stride, banks, 1)
