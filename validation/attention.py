"""Our values for claims about attention and softmax in kernels that run on machines, many against what was measured on
GPUs: each function gives one number in the unit that its docstring names.

What surrounds a kernel in a measurement (launches, other kernels of the same call, caches that are cold) is one time
for each GPU and table, that of its smallest row less ours, which is then not counted.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from bankside.arch.machine.machine import FS_PER_S, Machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.operators import Kernel
from bankside.kernels.run.peaks import peak_bytes_per_s
from bankside.validation.bench import load_machine, simulate
from bankside.validation.products import statistic_pct

FOLDER: Final = Path(__file__).parent
MEASURED: Final = FOLDER / "gpu_attention" / "attention.csv"
FUNCTIONS: Final = FOLDER / "llmcompass" / "functions_a100.csv"

LONG: Final = 500_000
"""Cached tokens of all heads from which on a decode row is long."""

TILES: Final = {"a100": {"rows": 64, "tokens": 32}}
"""Tiles of prefill kernels, from the names of those that TensorRT-LLM ships; the mapper's own elsewhere."""

TOKENS: Final = 64
"""Keys of a tile whose exponentials are counted."""

ALONE: Final = ("cores.sm.launch=0 s", "cores.sm.floor.attention=0 s")

SOFTMAX_MACHINE: Final = "base-die"
COLS: Final = 1024
"""Of rows whose softmax is counted in passes."""


class Measured(NamedTuple):
    """A row that was measured: our time without what surrounds the kernel, the measured one, and least bytes over the
    pins [s]."""

    ours_s: float
    latency_s: float
    pins_s: float


@cache
def _rows(gpu: str, stage: str, size: str) -> tuple[Measured, ...]:
    """Rows of a GPU, the smallest first; size is long, short or all."""
    machine, found = _machine(gpu), []
    with MEASURED.open(newline="") as file:
        for row in csv.DictReader(file):
            if (row["gpu"], row["stage"]) != (gpu, stage):
                continue
            shape = {name: int(row[name]) for name in ("batch", "context", "heads", "kv_heads", "head_dim")}
            tokens = shape["batch"] * shape["context"] * shape["kv_heads"]
            if size == "all" or (tokens > LONG) == (size == "long"):
                latency_s = float(row["latency_us"]) * 1e-6
                order = (tokens if stage == "decode" else 0, latency_s)
                found.append((order, _run(gpu, machine, stage, shape, latency_s)))
    return tuple(each for _, each in sorted(found))


def _machine(gpu: str) -> Machine:
    """A GPU without launches and, as kernels measured alone end before it acts, without its power limit."""
    return load_machine(f"xpu-{gpu}", [*ALONE, "power_limit=null"])


def _run(gpu: str, machine: Machine, stage: str, shape: dict[str, int], latency_s: float) -> Measured:
    kernel = build(f"{stage}-attention", format="bf16", **shape)
    tile: dict[str, Any] = {"tile": TILES[gpu]} if stage == "prefill" and gpu in TILES else {}
    pins = [PinSpec(operator="attention", **tile)] if tile else []
    ours_s = simulate(kernel, machine, mapping=pins).time_s
    return Measured(ours_s, latency_s, kernel.kv_bytes / peak_bytes_per_s(machine.primary))


def _errors(gpus: str, stage: str, size: str) -> list[float]:
    """Absolute errors of all rows of `gpus` (names with commas) but the smallest of each, in order."""
    errors = []
    for gpu in gpus.split(","):
        smallest, *others = _rows(gpu, stage, size)
        around_s = smallest.latency_s - smallest.ours_s
        errors += [abs((row.ours_s + around_s) / row.latency_s - 1) for row in others]
    return sorted(errors)


def error_pct(gpus: str, stage: str, statistic: str, size: str = "all") -> float:
    """Error of our times of attention on GPUs: median, worst, or what 90 % of rows are within (most) [%]."""
    return statistic_pct(_errors(gpus, stage, size), statistic)


def beyond_pins(gpus: str) -> float:
    """Decode rows for which ours takes less than their keys and values take at the peak of the pins [rows]."""
    rows = [row for gpu in gpus.split(",") for row in _rows(gpu, "decode", "long")]
    return float(sum(row.ours_s < row.pins_s for row in rows))


@cache
def _function_errors() -> tuple[tuple[str, float], ...]:
    """Functions and absolute errors of their rows on an A100, without the smallest row of each function."""
    machine, rows = _machine("a100"), []
    with FUNCTIONS.open(newline="") as file:
        for row in csv.DictReader(file):
            name, shape = row["function"], {"rows": int(row["rows"]), "cols": int(row["cols"])}
            kernel = {"function": name} if name == "gelu" else {}
            built = build("activation" if kernel else name, format="fp16", **shape, **kernel)
            size = shape["rows"] * shape["cols"]
            rows.append((name, size, simulate(built, machine).time_s, float(row["latency_s"])))
    errors = []
    for name in dict.fromkeys(row[0] for row in rows):
        (_, _, ours_s, measured_s), *others = sorted(row for row in rows if row[0] == name)
        errors += [
            (name, abs((own_s + measured_s - ours_s) / latency_s - 1)) for _, _, own_s, latency_s in others
        ]
    return tuple(errors)


def function_error_pct(functions: str, statistic: str) -> float:
    """Mean or worst absolute error of the times of row-wise functions (names with commas) on an A100 [%]."""
    chosen = functions.split(",")
    return statistic_pct((error for name, error in _function_errors() if name in chosen), statistic)


def batch_excess(machine: str, batch: int, context: int) -> float:
    """Share by which decode attention of `batch` sequences takes longer than as many one after the other; 0 where it
    does not [1]."""
    loaded = load_machine(machine)
    heads = {"heads": 32, "kv_heads": 8, "head_dim": 128, "context": context}
    alone, together = (
        simulate(build("decode-attention", batch=n, **heads), loaded).time_s for n in (1, batch)
    )
    return max(0.0, together / (batch * alone) - 1)


def serial_tflops(machine: str, context: int) -> float:
    """Rate of attention without a mask, whose heads are 128 wide, 16 in all, where products and softmax take turns
    [TFLOP/s]."""
    loaded = load_machine(machine, ["cores.sm.overlap=false", "cores.sm.open=0 s", *ALONE])
    kernel = build("prefill-attention", heads=16, head_dim=128, context=context, mask="full", format="fp16")
    return 2 * kernel.macs / simulate(kernel, loaded).time_s / 1e12


def nonlinear_share_pct(machine: str, stage: str, settings: str, context: int) -> float:
    """Share of the time of attention of Llama-3-70B that is charged to nonlinear units [%]."""
    loaded = load_machine(machine, settings.split())
    result = simulate(build(f"{stage}-attention", model="llama-3-70b", context=context), loaded).to_dict()
    return 100 * float(result["stack_fs"]["nonlinear"]) / float(result["time_fs"])


def _read_byte(kernel: Kernel, machine: str) -> int:
    """Bytes of keys and values that tiles ask for [byte]."""
    useful = simulate(kernel, load_machine(machine)).to_dict()["bandwidth"]["dram"]["bytes_useful"]
    made: set[str] = set()
    brought = 0
    for _, op in kernel.operators():
        brought += sum(tensor.bytes for tensor in op.carried if tensor.name not in made)
        made |= {tensor.name for tensor in (*op.carried, *op.outputs)}
    return int(useful) - brought


def quest_fraction(machine: str, context: int, budget: int) -> float:
    """Keys, values and bounds of pages that are read over all keys and values [1]."""
    heads = {"heads": 32, "kv_heads": 8, "head_dim": 128, "context": context}
    whole, picked = (
        build("decode-attention", **heads, **how) for how in ({}, {"keep": "quest", "budget": budget})
    )
    return _read_byte(picked, machine) / _read_byte(whole, machine)


def nsa_tokens(machine: str, context: int, budget: int) -> float:
    """Compressed, picked and newest keys and values that a decoded token of native sparse attention reads, over those
    of one token [tokens]."""
    heads = {"heads": 64, "kv_heads": 4, "head_dim": 128, "context": context}
    whole, sparse = (
        build("decode-attention", **heads, **how) for how in ({}, {"keep": "nsa", "budget": budget})
    )
    return _read_byte(sparse, machine) / _read_byte(whole, machine) * context


def nsa_gain(machine: str, context: int, budget: int, batch: int) -> float:
    """Time of decode attention that reads all over that of native sparse attention [x]."""
    loaded = load_machine(machine)
    heads = {"heads": 64, "kv_heads": 4, "head_dim": 128, "context": context, "batch": batch}
    whole, sparse = (
        simulate(build("decode-attention", **heads, **how), loaded).time_s
        for how in ({}, {"keep": "nsa", "budget": budget})
    )
    return whole / sparse


def kv_bytes_per_token(machine: str, model: str, context: int) -> float:
    """Keys and values that decode attention of a layer reads for each token of the context [B]."""
    return _read_byte(build("decode-attention", model=model, context=context), machine) / context


def passes(softmax: str) -> float:
    """Cycles of the nonlinear units in a softmax of long rows, over those that all scores take once [passes]."""
    machine = load_machine(
        SOFTMAX_MACHINE, ["cores.pe.nonlinear.lanes=16", f"cores.pe.nonlinear.softmax={softmax}"]
    )
    core = machine.primary
    rows = 64 * core.count
    result = simulate(build("softmax", rows=rows, cols=COLS), machine).to_dict()
    once = rows * COLS / (16 * core.count)
    return float(result["stack_fs"]["nonlinear"] * core.spec.clock / FS_PER_S / once)


def row_exponentials(machine: str, keys: int, head_dim: int) -> float:
    """Exponentials of one query in decode attention over keys in tiles of `TOKENS`, on one SM [exponentials]."""
    kernel = build("decode-attention", heads=1, kv_heads=1, head_dim=head_dim, context=keys, batch=1)
    loaded = load_machine(machine, ["cores.sm.per=1"])
    pins = [PinSpec(operator="attention", tile={"tokens": TOKENS})]
    counted = simulate(kernel, loaded, mapping=pins).to_dict()["events"]["sm.nonlinear"]
    return float(counted["exp"])
