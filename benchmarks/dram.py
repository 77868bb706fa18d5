"""Speed of queued DRAM controllers, warm, one thread, causes attributed, beside the in-order path of kernels.

Budget: 10 M requests/s streaming, 2 M/s random reads on 16 banks (HBM2, DDR4), 1 M/s on 32 banks and mixes of reads
and writes; the same with idle channels; under 300 MB. Run `python benchmarks/dram.py`.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.address import compile_address
from bankside.arch.dram.bank import new_state
from bankside.arch.dram.controller import SCHEDULERS, Controller, geometry, run
from bankside.arch.dram.device import DeviceSpec
from bankside.arch.dram.pattern_table import lock_step, random_pseudo_channels, random_rows, sequential
from bankside.arch.dram.patterns import Geometry, Requests, interleaved, requests
from bankside.arch.dram.standard import Standard, compile_standard
from bankside.arch.dram.stream import READ, run_stream
from bankside.arch.events import N_EVENT
from bankside.arch.spec import load

N, TRIES = 1 << 18, 7
ORDER = ("channel", "pseudo_channel", "rank", "row", "bank", "column", "bank_group")
Make = Callable[[Geometry], Requests]


def two_reads_a_write(g: Geometry) -> Requests:
    """A sequential stream, every third request a write."""
    i = np.arange(N, dtype=np.int64)
    return requests(interleaved(g, i), op=(i % 3 == 2).astype(np.int64))


CASES: tuple[tuple[str, float, tuple[str, ...], Make], ...] = (
    ("sequential reads", 10, ("hbm2", "ddr4-2400", "ddr5-4800"), lambda g: sequential(g, N)),
    ("all banks in lock step", 10, ("hbm2", "ddr4-2400"), lock_step),
    ("sequential, 1 write in 3", 1, ("hbm2", "ddr4-2400"), two_reads_a_write),
    ("random reads, 16 banks", 2, ("hbm2", "ddr4-2400"), lambda g: random_rows(g, 1, N)),
    ("random reads, 32 banks", 1, ("ddr5-4800", "lpddr5"), lambda g: random_rows(g, 1, N)),
    ("random reads, 2 x 16 banks", 1, ("hbm2", "hbm3"), random_pseudo_channels),
    (
        "random, 1 write in 3",
        1,
        ("hbm2", "ddr4-2400", "ddr5-4800"),
        lambda g: random_rows(g, 3, N, writes=33),
    ),
)
"""Name, budget [M requests/s], devices, stream."""


@cache
def standard_of(device: str, overrides: tuple[str, ...] = ()) -> Standard:
    """A device of `configs/devices`, compiled."""
    return compile_standard(load(device, "devices", DeviceSpec, overrides).spec)


def least_s(work: Callable[[], object]) -> tuple[float, float]:
    """Least wall time and least process time of several tries [s], after one to compile and warm up."""
    work()
    wall, spent = [], []
    for _ in range(TRIES):
        start = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - start[0])
        spent.append(time.process_time() - start[1])
    return min(wall), min(spent)


def queued(standard: Standard, stream: Requests, scheduler: str) -> tuple[float, float]:
    """Wall and process time of a stream through one channel [s]."""
    return least_s(lambda: run(standard, stream, Controller(scheduler)))


def in_order(device: str) -> tuple[float, float]:
    """Wall and process time of N sequential reads on the path of kernels [s]."""
    standard = standard_of(device)
    address = compile_address(standard, ORDER)

    def work() -> None:
        causes, events = np.zeros(N_CAUSE, np.int64), np.zeros(N_EVENT, np.int64)
        run_stream(standard.packed, address, new_state(standard.packed), READ, 0, 1, N, 0, 0, causes, events)

    return least_s(work)


def warm_memory_mb() -> float:
    """Peak memory of a process of its own that finds everything compiled and runs a stream of N requests [MB]."""
    subprocess.run([sys.executable, __file__, "once"], check=True)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main() -> None:
    """Print a line for each stream and device: M requests/s by wall and by process time."""
    out = sys.stdout
    for name, budget, devices, make in CASES:
        for device in devices:
            standard = standard_of(device)
            stream = make(geometry(standard))
            out.write(f"{name:<28}{device:<12}budget {budget:>4.0f} ")
            for scheduler in SCHEDULERS:
                wall, spent = queued(standard, stream, scheduler)
                out.write(f"  {scheduler} {len(stream) / wall / 1e6:.2f} ({len(stream) / spent / 1e6:.2f})")
            out.write(" M/s\n")
    for channels in (1, 8, 64):
        standard = standard_of("hbm2", (f"levels.channel={channels}",))
        _, spent = queued(standard, sequential(geometry(standard), N), "frfcfs")
        out.write(f"one busy channel of {channels}: {N / spent / 1e6:.2f} M requests/s\n")
    for device in ("hbm2", "ddr4-2400"):
        wall, spent = in_order(device)
        out.write(f"in order, {device}: {N / wall / 1e6:.2f} ({N / spent / 1e6:.2f}) M bursts/s\n")
    out.write(f"peak memory {warm_memory_mb():.0f} MB\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["once"]:
        for each in SCHEDULERS:
            run(standard_of("hbm2"), sequential(geometry(standard_of("hbm2")), N), Controller(each))
    else:
        main()
