"""Our values for claims about kernels that run on a machine: each function gives one number in the unit that its
docstring names.

Machines that more than one source uses stand in `machines/`; what is not claimed of them is too fast or too large to
matter. The machine of one source stands beside its claims.
"""

import csv
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Any, Final

from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.pin import PinSpec
from bankside.validation.bench import load_machine, simulate

FOLDER: Final = Path(__file__).parent
ARRAY: Final = "machines/array.yaml"
DRAM_HOST: Final = "machines/dram-host.yaml"
RING: Final = "machines/ring.yaml"
TPU_V1: Final = "jouppi_2017/machine.yaml"
HBM_PIM: Final = "pimsimulator/machine.yaml"
ATTACC: Final = "attacc/machine.yaml"
COOL: Final = 1e-3
"""Share of all time that a run lasts where a tool knows no heat that would double its refreshes."""
WITHIN_ARRAY: Final = ("compute", "fill_drain")
TO_THE_HOST: Final = ("activation", "array_to_bank", "bank_to_tsv", "bank_to_pads", "tsv", "phy")
SUM_BYTES: Final = 4
"""Partial sums are added as 32-bit numbers."""


def _run(file: str, settings: Sequence[str], pin: dict[str, Any], name: str, **kernel: Any) -> dict[str, Any]:
    """Result of a kernel of one operator on the machine of a file, with what is pinned of its plan."""
    machine = load_machine(str(FOLDER / file), list(settings))
    built = build(name, **kernel)
    pins = [PinSpec(operator=operator.label, **pin) for _, operator in built.operators()] if pin else []
    return simulate(built, machine, mapping=pins).to_dict()


def _array_cycles(row: dict[str, str], dataflow: str, shadow: bool = False) -> int:
    """Cycles that an array works, fills and drains for the product of a row, whole in SRAM [cycle]."""
    m, n, k = (int(row[size]) for size in ("M", "N", "K"))
    array = {"rows": row["rows"], "cols": row["cols"], "dataflow": dataflow, "shadow": str(shadow).lower()}
    settings = [f"cores.array.matmul.{key}={value}" for key, value in array.items()]
    stack = _run(ARRAY, settings, {"tile": {"m": m, "n": n, "k": k}}, "gemm", m=m, n=n, k=k)["cycle_stack"]
    return sum(int(stack.get(cause, 0)) for cause in WITHIN_ARRAY)


def _rows(source: str, file: str) -> list[dict[str, str]]:
    with (FOLDER / source / file).open(newline="") as table:
        return list(csv.DictReader(table))


def _fills_whole_folds(row: dict[str, str]) -> bool:
    """Whether the operand that rests in the array fills every fold of it."""
    across = row["N"] if row["dataflow"] == "ws" else row["M"]
    return int(row["K"]) % int(row["rows"]) == 0 and int(across) % int(row["cols"]) == 0


def scalesim_equal_runs(dataflow: str) -> float:
    """Runs of SCALE-Sim's dense products of a dataflow that take the tool's total and one more cycle [rows].

    Of its ws and is products those count that fill whole folds: the tool pads others. Its total is an index.
    """
    rows = [
        row
        for row in _rows("scalesim_v3", "gemm.csv")
        if row["dataflow"] == dataflow and _fills_whole_folds(row)
    ]
    return sum(_array_cycles(row, dataflow) == int(row["total_cycles"]) + 1 for row in rows)


def stonne_equal_runs() -> float:
    """Runs of STONNE's products at full bandwidth that take its cycles, but for how results leave the array [rows].

    Ours shift out of a tile of r rows in r cycles, the tool's leave in 5, in 4 where the tile is one row or column.
    """
    equal = 0
    for row in _rows("stonne_2020", "os_mesh.csv"):
        rows, cols, m, n = (int(row[key]) for key in ("rows", "cols", "M", "N"))
        if int(row["dn_bw"]) == rows + cols:
            tiles = [
                (min(rows, m - i), min(cols, n - j)) for i in range(0, m, rows) for j in range(0, n, cols)
            ]
            leaving = sum(5 - (min(tile) == 1) - tile[0] for tile in tiles)
            equal += _array_cycles(row, "os") + leaving == int(row["total_cycles"])
    return equal


def gemv_run_utilisation_pct(rows: int, n: int, k: int) -> float:
    """Share of its peak at which a weight-stationary square array computes a GEMV out of SRAM [%]."""
    size = {"rows": str(rows), "cols": str(rows), "M": "1", "N": str(n), "K": str(k)}
    return 100 * n * k / (_array_cycles(size, "ws", shadow=True) * rows * rows)


def tpu_v1_run_tile_cycles(batch: int, width: int = 8192) -> float:
    """Cycles per 256 x 256 tile in a layer of width x width weights on TPU v1 [cycle]."""
    result = _run(TPU_V1, [], {}, "gemm", m=batch, n=width, k=width, format="int8")
    return float(result["cycles"]["count"] / ceil(width / 256) ** 2)


def tpu_v1_run_shift_pct(batch: int, non_matrix_pct: float) -> float:
    """Share of all cycles in which weights shift into TPU v1, 256 for each tile of a layer [%].

    The published share of non-matrix cycles is an input.
    """
    return (100 - non_matrix_pct) * 256 / tpu_v1_run_tile_cycles(batch)


def stream_cycles(device: str, policy: str, bursts: int, burst_bytes: int) -> float:
    """Clocks of the device in which a host computes a GEMV whose weights are `bursts` bursts in a row [clock]."""
    settings = [f"memories.channel.device={device}", f"memories.channel.controller.policy={policy}"]
    k = 512
    n = bursts * burst_bytes // (2 * k)
    result = _run(DRAM_HOST, settings, {"tile": {"m": 1, "n": n, "k": k}}, "gemv", m=n, k=k, format="bf16")
    standard = load_machine(str(FOLDER / DRAM_HOST), settings).memories["channel"].standard
    assert standard is not None
    return float(result["time_fs"] / 1e15 * standard.spec.clock)


def hbm_pim_gemv_cycles(m: int, k: int) -> float:
    """Cycles of 1 ns of a GEMV of fp16 on HBM-PIM, until the host has its results [cycle]."""
    return float(_run(HBM_PIM, (), {}, "gemv", m=m, k=k, format="fp16")["time_s"]) * 1e9


def hbm_pim_elementwise_cycles(function: str, elements: int) -> float:
    """Cycles of 1 ns of an elementwise function of fp16 on HBM-PIM, whose result stays in the banks [cycle]."""
    kernel = {"function": function, "elements": elements, "format": "fp16"}
    return float(_run(HBM_PIM, (), {}, "elementwise", **kernel)["time_s"]) * 1e9


def attacc_cycles(tap: str, heads: int, tokens: int, power: bool) -> float:
    """Clocks of the device of decode attention on a stack of AttAcc with its units at a tap, until the results have
    come [clock].

    A head goes to one channel whole, so one on every channel takes as long as fewer do.
    """
    settings = [f"cores.pe.tap=hbm.{tap}", f"memories.hbm.device.pim.limits.power={str(power).lower()}"]
    machine = load_machine(str(FOLDER / ATTACC), settings)
    memory = machine.memories["hbm"]
    assert memory.standard is not None
    each = max(heads, memory.channels)
    kernel = build("decode-attention", heads=each, head_dim=128, context=tokens, format="fp16")
    return simulate(kernel, machine, duty=COOL).time_s * memory.standard.spec.clock


def read_pj_per_bit(device: str, size: int = 4096) -> float:
    """Energy that moving a bit from its cells to the host takes in a GEMV of size x size weights [pJ/bit]."""
    settings = [f"memories.channel.device={device}"]
    result = _run(DRAM_HOST, settings, {}, "gemv", m=size, k=size, format="bf16")
    spent, moved = result["energy"]["parts_j"], result["bandwidth"]["dram"]
    bits = 8 * (moved["bytes_read"] + moved["bytes_written"])
    return float(1e12 * sum(spent[part] for part in TO_THE_HOST) / bits)


def pins_gbyte_per_s(device: str) -> float:
    """Peak of one stack at the host, as a run states it [GB/s]."""
    settings = [f"memories.channel.device={device}"]
    return float(_run(DRAM_HOST, settings, {}, "gemv", m=64, k=64)["bandwidth"]["dram"]["peak_Bps"] / 1e9)


def flash_gbyte_per_s(device: str, n: int = 16384, k: int = 65536) -> float:
    """Bytes of the weights of a GEMV that lie in one stack of flash, over the time of the run [GB/s]."""
    machine = load_machine("hbf-pnm", [f"memories.hbf.flash={device}", "cores.stream.launch=0 s"])
    kernel = build("gemv", m=n, k=k, format="bf16")
    return 2 * n * k / simulate(kernel, machine).time_s / 1e9


def collective_ns(nodes: int, pattern: str, node_byte: int) -> float:
    """Time that the nodes of a ring exchange in a product: its weights (all_gather) or partial sums (all_reduce) [ns].

    `node_byte`: bytes that a node sends to all others, or that all of them add up.
    """
    settings = [f"memories.store.stacks={nodes}"]
    if pattern == "all_gather":
        sizes, loop = {"m": nodes, "n": 1024, "k": node_byte * nodes // 2048}, "m"
    else:
        sizes, loop = {"m": 1, "n": node_byte // SUM_BYTES, "k": nodes}, "k"
    result = _run(RING, settings, {"split": {loop: nodes}}, "gemm", format="bf16", **sizes)
    return sum(float(result["stack_fs"].get(cause, 0)) for cause in ("link_serial", "link_latency")) / 1e6
