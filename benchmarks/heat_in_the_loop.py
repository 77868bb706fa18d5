"""What temperatures cost a run: whole runs with the thermal solver in the loop, against the same with it cut out.

Budget: at most 1.5 x, warm. A run that is the first on its machine in a process solves the package; later ones, those
of a sweep, find its answers kept. A command is a process by itself, as `bankside run` is. Times are processor time on
one core, the least of several rounds in turns. Run `python benchmarks/heat_in_the_loop.py`.
"""

import os
import subprocess
import sys
import time
from typing import Any, Final

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import bankside as bs
from bankside.arch.machine.machine import Machine
from bankside.arch.thermal.density import Densities
from bankside.arch.thermal.response import response_of
from bankside.kernels.run import simulate
from bankside.kernels.run.heat import Heat

MACHINES: Final = ("xpu-h100", "base-die", "attacc-bank", "hybrid-3d")
KERNELS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "gemv": ("gemv", {"m": 4096, "k": 4096}),
    "layer": ("layer", {"model": "llama-3-8b", "context": 8192, "stage": "decode"}),
    "decode-step": ("decode-step", {"model": "llama-3-8b", "context": 8192}),
}
ROUNDS: Final = 3
COLD_C: Final = 40.0
ALONE: Final = "alone"
"""Word that makes the script run one kernel and no more, as a command would."""

WARM: Final = simulate.heat  # type: ignore[attr-defined]


def cut_out(machine: Machine, books: Any, time_s: float, duty: float) -> Heat:
    """No temperatures: everything is cool, leaks as its process states, and nothing is solved."""
    peak_c = {die.name: COLD_C for die in machine.spec.dies}
    leaks = dict.fromkeys(books.places, 1.0)
    return Heat(peak_c, Densities(0.0, 0.0, "none"), {}, 0.0, COLD_C, -1.0, True, 1.0, leaks, ())


def run(machine: str, kernel: str, heated: bool) -> float:
    """Processor time of a run on a machine that nothing is known of [s]."""
    name, options = KERNELS[kernel]
    simulate.heat = WARM if heated else cut_out  # type: ignore[attr-defined]
    built, on = bs.kernel(name, **options), bs.machine(machine)
    began = time.process_time()
    bs.simulate(built, on)
    return time.process_time() - began


def command(machine: str, kernel: str, heated: bool) -> float:
    """Processor time of a process that does the same [s]."""
    before = os.times()
    subprocess.run([sys.executable, __file__, ALONE, machine, kernel, str(int(heated))], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    """Print a table of seconds and ratios."""
    sys.stdout.write(f"{'':26}{'cut out':>9}{'first':>9}{'x':>6}{'later':>9}{'x':>6}{'command x':>11}\n")
    for kernel in KERNELS:
        for machine in MACHINES:
            run(machine, kernel, heated=True)
            times: dict[str, list[float]] = {"cold": [], "first": [], "later": [], "with": [], "without": []}
            for _ in range(ROUNDS):
                times["cold"].append(run(machine, kernel, heated=False))
                response_of.cache_clear()
                times["first"].append(run(machine, kernel, heated=True))
                times["later"].append(run(machine, kernel, heated=True))
                times["with"].append(command(machine, kernel, heated=True))
                times["without"].append(command(machine, kernel, heated=False))
            cold, first, later, heated, without = (min(each) for each in times.values())
            sys.stdout.write(
                f"{kernel:12}{machine:14}{cold:9.3f}{first:9.3f}{first / cold:6.2f}{later:9.3f}{later / cold:6.2f}"
                f"{heated / without:11.2f}\n"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == [ALONE]:
        run(sys.argv[2], sys.argv[3], bool(int(sys.argv[4])))
    else:
        main()
