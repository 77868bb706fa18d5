"""Speed of queued DRAM controllers, warm, one thread, causes attributed, beside the in-order path of kernels.

Budget: 10 M requests/s streaming, with one write in three, too (8 M/s per-bank), 2 M/s random reads on 16 banks (HBM2,
DDR4), 1 M/s on 32 banks, 2.5 M/s random reads and writes; the same with idle channels; under 300 MB. Run
`python benchmarks/dram.py`.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.bank import new_state
from bankside.arch.dram.channel.controller import SCHEDULERS, Controller, geometry, run
from bankside.arch.dram.channel.in_order.stream import READ, run_stream
from bankside.arch.dram.channel.requests import Geometry, Requests, interleaved, requests
from bankside.arch.dram.device.address import compile_address
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.events import N_EVENT
from bankside.arch.spec import load
from bankside.unit.channel.request_streams import lock_step, random_pseudo_channels, random_rows, sequential

N, ROUNDS = 1 << 18, 7
ORDER = ("channel", "pseudo_channel", "rank", "row", "bank", "column", "bank_group")
Make = Callable[[Geometry], Requests]
Work = Callable[[], object]


def two_reads_a_write(g: Geometry) -> Requests:
    """A sequential stream, every third request a write."""
    i = np.arange(N, dtype=np.int64)
    return requests(interleaved(g, i), op=(i % 3 == 2).astype(np.int64))


CASES: tuple[tuple[str, float, tuple[str, ...], Make], ...] = (
    ("sequential reads", 10, ("hbm2", "ddr4-2400", "ddr5-4800"), lambda g: sequential(g, N)),
    ("all banks in lock step", 10, ("hbm2", "ddr4-2400"), lock_step),
    ("sequential, 1 write in 3", 10, ("hbm2", "ddr4-2400"), two_reads_a_write),
    ("random reads, 16 banks", 2, ("hbm2", "ddr4-2400"), lambda g: random_rows(g, 1, N)),
    ("random reads, 32 banks", 1, ("ddr5-4800", "lpddr5"), lambda g: random_rows(g, 1, N)),
    ("random reads, 2 x 16 banks", 1, ("hbm2", "hbm3"), random_pseudo_channels),
    (
        "random, 1 write in 3",
        2.5,
        ("hbm2", "ddr4-2400", "ddr5-4800"),
        lambda g: random_rows(g, 3, N, writes=33),
    ),
)
"""Name, budget [M requests/s], devices, stream."""


@cache
def standard_of(device: str, overrides: tuple[str, ...] = ()) -> Standard:
    """A device of `configs/devices`, compiled."""
    return compile_standard(load(device, "devices", DeviceSpec, overrides).spec)


def requests_per_s(works: Sequence[tuple[int, Work]]) -> list[tuple[float, float]]:
    """Requests for each second of wall time and of process time, by pieces of work and their numbers of requests.

    The best of several rounds through all of them, after one to compile and warm up, so that a slow spell of the
    machine does not fall on the tries of one alone.
    """
    for _, work in works:
        work()
    rates = [(0.0, 0.0)] * len(works)
    for _ in range(ROUNDS):
        for i, (n, work) in enumerate(works):
            start = time.perf_counter(), time.process_time()
            work()
            wall, spent = time.perf_counter() - start[0], time.process_time() - start[1]
            rates[i] = max(rates[i][0], n / wall), max(rates[i][1], n / spent)
    return rates


def queued(standard: Standard, stream: Requests, scheduler: str) -> tuple[int, Work]:
    """A stream through one channel."""
    return len(stream), lambda: run(standard, stream, Controller(scheduler))


def in_order(device: str) -> tuple[int, Work]:
    """N sequential reads on the path of kernels."""
    standard = standard_of(device)
    address = compile_address(standard, ORDER)

    def work() -> None:
        causes, events = np.zeros(N_CAUSE, np.int64), np.zeros(N_EVENT, np.int64)
        run_stream(standard.packed, address, new_state(standard.packed), READ, 0, 1, N, 0, 0, causes, events)

    return N, work


def peak_memory_mb() -> float:
    """Most memory that a process of its own, which finds everything compiled, has for a stream of N requests [MB]."""
    child = subprocess.run([sys.executable, __file__, "once"], check=True, capture_output=True, text=True)
    return float(child.stdout)


def once() -> None:
    """Run a stream under each scheduler and print the most memory held [MB]."""
    standard = standard_of("hbm2")
    for scheduler in SCHEDULERS:
        run(standard, sequential(geometry(standard), N), Controller(scheduler))
    status = Path("/proc/self/status").read_text()  # getrusage counts the parent before exec, too
    sys.stdout.write(f"{int(status.split('VmHWM:')[1].split()[0]) / 1024}\n")


def main() -> None:
    """Print a line for each stream and device: M requests/s by wall and, in brackets, by process time."""
    lines: list[str] = []
    works: list[tuple[int, Work]] = []
    for name, budget, devices, make in CASES:
        for device in devices:
            standard = standard_of(device)
            stream = make(geometry(standard))
            for scheduler in SCHEDULERS:
                lines.append(f"{name:<28}{device:<12}{scheduler:<15}budget {budget:>3}")
                works.append(queued(standard, stream, scheduler))
    for channels in (1, 8, 64):
        standard = standard_of("hbm2", (f"levels.channel={channels}",))
        lines.append(f"one busy channel of {channels:<20}{'frfcfs':<24}")
        works.append(queued(standard, sequential(geometry(standard), N), "frfcfs"))
    for device in ("hbm2", "ddr4-2400"):
        lines.append(f"{'in order':<28}{device:<36}")
        works.append(in_order(device))
    for line, (wall, spent) in zip(lines, requests_per_s(works), strict=True):
        sys.stdout.write(f"{line}  {wall / 1e6:6.2f} ({spent / 1e6:.2f}) M/s\n")
    sys.stdout.write(f"peak memory {peak_memory_mb():.0f} MB\n")


if __name__ == "__main__":
    if sys.argv[1:] == ["once"]:
        once()
    else:
        main()
