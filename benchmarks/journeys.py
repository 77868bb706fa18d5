"""What users wait for: prefill on every machine, commands, sweeps. CPU time, warm, of one run and another, and memory.

Run `python benchmarks/journeys.py [PART ...]`, parts of prefill, points, commands, sweeps, workers, or all of them.
Each line says what is asked of it. `benchmarks/dram.py` has the rates of queued controllers.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import bankside as bs
from bankside.arch.spec import ConfigError, names
from bankside.experiment.grid_points import Workshop, expand

LIMIT_S: Final = 100
LIMIT_BYTE: Final = 5 << 30
PREFILL_S: Final = {2048: 0.5, 8192: 1.0, 32768: 2.0}
LAYER: Final = {"model": "llama-3-8b", "stage": "prefill"}
MEBIBYTE: Final = 1 << 20

Cost = tuple[tuple[float, ...], float] | str
"""CPU seconds, of the first run and one like it after it, and MB; or why there are none."""


def apart(work: Callable[[], tuple[float, ...]]) -> Cost:
    """What `work` returns, CPU seconds, and its peak memory, in a process of its own that may not take for ever."""
    come, go = os.pipe()
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S))
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTE, LIMIT_BYTE))
        try:
            said = " ".join(map(str, work()))
        except ConfigError as error:
            said = error.errors[0]
        except MemoryError:
            said = f"over {LIMIT_BYTE >> 30} GiB"
        os.write(go, said.encode())
        os._exit(0)
    os.close(go)
    _, status, used = os.wait4(child, 0)
    with os.fdopen(come, "rb") as file:
        said = file.read().decode()
    if status:
        return f"over {LIMIT_S} s"
    try:
        return tuple(map(float, said.split())), used.ru_maxrss * 1024 / MEBIBYTE
    except ValueError:
        return said


def layer_s(machine: str, tokens: int) -> tuple[float, ...]:
    """CPU seconds of a prefill layer, after a small one has loaded what is compiled, and once more."""
    on = bs.machine(machine)
    bs.simulate(bs.kernel("layer", context=16, **LAYER), on)
    return point_s(machine, "layer", context=tokens, **LAYER)


def point_s(machine: str, kernel: str, **options: object) -> tuple[float, ...]:
    """CPU seconds of a kernel on a machine, and once more, when what the first run found out is known."""
    spent = []
    for _ in range(2):
        work, on = bs.kernel(kernel, **options), bs.machine(machine)
        start = time.process_time()
        bs.simulate(work, on)
        spent.append(time.process_time() - start)
    return tuple(spent)


def show(what: str, cost: Cost, wanted: str) -> None:
    """One line."""
    told = cost
    if not isinstance(cost, str):
        told = f"{', again '.join(f'{each:.3f}' for each in cost[0]):>21} s {cost[1]:6.0f} MB"
    print(f"{what:58} {told}   (asked: {wanted})", flush=True)  # noqa: T201


def prefill() -> None:
    """A layer of three lengths on every machine."""
    for machine in names("machines"):
        for tokens, wanted in PREFILL_S.items():
            cost = apart(lambda m=machine, t=tokens: layer_s(m, t))  # type: ignore[misc]
            show(f"prefill {tokens} on {machine}", cost, f"{wanted} s, 500 MB")
            if isinstance(cost, str):
                break


def points() -> None:
    """Kernels that say whether time follows the shape of work."""
    size = {"m": 16384, "n": 16384, "k": 16384}
    small = {"m": 256, "n": 256, "k": 256}

    def product() -> tuple[float, ...]:
        point_s("base-die", "gemm", **small)
        return point_s("base-die", "gemm", **size)

    show("GEMM 16384^3 on base-die", apart(product), "0.2 s")
    for context in (1024, 8192, 65536):

        def attention(context: int = context) -> tuple[float, ...]:
            point_s("hbm-pim", "decode-attention", model="llama-3-8b", context=128)
            return point_s("hbm-pim", "decode-attention", model="llama-3-8b", context=context)

        show(f"decode attention of {context} on hbm-pim", apart(attention), "flat")


def commands() -> None:
    """Whole commands, each run once before it is measured."""
    with tempfile.TemporaryDirectory() as folder:
        lines = [f"LD {64 * i}\n" for i in range(2_097_152)]
        short, long = Path(folder) / "short", Path(folder) / "long"
        short.write_text("".join(lines[:262_144]), encoding="utf-8")
        long.write_text("".join(lines), encoding="utf-8")
        for words, wanted in (
            ("run gemv --m 4096 --k 4096 --machine hybrid-3d", "0.5 s"),
            (f"trace {short} --device ddr4-3200 --wrap", "0.6 s"),
            (f"trace {long} --device ddr4-3200 --wrap", "1 s, 150 MB"),
            ("validate", "4 s"),
        ):
            command_cost(words)
            show(words.replace(folder, ""), command_cost(words), wanted)


def command_cost(words: str) -> Cost:
    """CPU seconds and memory of a command."""
    launched = str(Path(__file__).with_name("launched.py"))
    arguments = [sys.executable, "-S", launched, sys.executable, "-m", "bankside", *words.split()]
    seconds, peak_byte = subprocess.check_output(arguments).split()
    return (float(seconds),), float(peak_byte) / MEBIBYTE


def sweeps() -> None:
    """Points a minute of one worker."""
    sizes = [1024 * i for i in range(1, 11)]
    cases = {
        "GEMV": (expand("gemv", {"m": sizes, "k": sizes}, ["hybrid-3d"]), 6000),
        "decode attention": (
            expand("decode-attention", {"model": ["llama-3-8b"], "context": [1000 * i for i in range(1, 61)]},
                   ["hybrid-3d"]), 3000,
        ),
    }  # fmt: skip
    for name, (grid, wanted) in cases.items():
        workshop, many = Workshop(), list(grid)
        for point in many[:2]:
            workshop.run(point)
        start = time.process_time()
        for point in many[2:]:
            workshop.run(point)
        rate = 60 * len(many[2:]) / (time.process_time() - start)
        print(f"{name} points a minute: {rate:,.0f}   (asked: {wanted:,})", flush=True)  # noqa: T201


def workers() -> None:
    """A grid of 400 GEMVs as a command, by one process and by two."""
    sizes = [512 * i for i in range(1, 21)]
    with tempfile.TemporaryDirectory() as folder:
        sweep = Path(folder) / "sweep.yaml"
        text = (
            f"description: grid\nkernel: gemv\noptions: {{m: {sizes}, k: {sizes}}}\nmachines: [hybrid-3d]\n"
        )
        sweep.write_text(text, encoding="utf-8")
        command_cost(f"sweep {sweep} --store {folder}/warm.csv")
        for count, wanted in ((1, "-"), (2, "1.7 x as fast, no more CPU")):
            start = time.monotonic()
            cost = command_cost(f"sweep {sweep} --store {folder}/{count}.csv --workers {count}")
            show(f"sweep by {count}, {time.monotonic() - start:.2f} s pass", cost, wanted)


PARTS: Final = {
    "prefill": prefill,
    "points": points,
    "commands": commands,
    "sweeps": sweeps,
    "workers": workers,
}

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()
