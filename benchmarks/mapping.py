"""Choosing mappings: time of a choice, against the plain tiling, against every mapping, and emission of long trains.

Run `python benchmarks/mapping.py [CASES] [SMALL]`: random products on three machines, and small ones for which every
mapping is tried.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.oracles.mapping_search import Case, best_of_all, cases

from bankside.arch.machine.machine import load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping.candidates import naive
from bankside.kernels.mapping.choose import choose
from bankside.kernels.mapping.trial import Trials
from bankside.kernels.plan.tiling import Mapping
from bankside.kernels.run.simulate import simulate


def _chosen(case: Case) -> tuple[Mapping, float]:
    start = time.process_time()
    trials = Trials(case.machine, case.machine.primary, case.problem)
    mapping = choose(case.problem, case.node, trials.times_s)
    return mapping, 1e3 * (time.process_time() - start)


def _against_naive(count: int) -> None:
    ratios, spent_ms = [], []
    for case in cases(count, small=False):
        plain = naive(case.problem, case.node)
        mapping, ms = _chosen(case)
        assert plain is not None
        ratios.append(case.time_s(plain) / case.time_s(mapping))
        spent_ms.append(ms)
    spent_ms.sort()
    print(f"{count} products: plain tiling / choice {min(ratios):.3f} to {max(ratios):.1f} x,")  # noqa: T201
    print(f"  a choice takes {spent_ms[count // 2]:.0f} ms, at most {spent_ms[-1]:.0f} ms of CPU")  # noqa: T201


def _against_all(count: int) -> None:
    ratios = []
    for case in cases(count, small=True):
        mapping, _ = _chosen(case)
        ratios.append(case.time_s(mapping) / best_of_all(case)[0])
    equal = sum(ratio == 1 for ratio in ratios)
    print(f"{count} small products: choice / best of all at most {max(ratios):.4f}, equal in {equal}")  # noqa: T201


def _long() -> None:
    kernel = build("gemm", m=16384, n=12288, k=12288)
    machine = load_machine("xpu-a100", ["power_limit=null"])  # which would have the train run again, slower
    for _ in range(2):
        start = time.process_time()
        tiles = simulate(kernel, machine).document["mapping"]["operators"][0]["tiles"]
        spent = time.process_time() - start
    print(f"16384 x 12288 x 12288 on xpu-a100: {tiles} tiles in {spent:.2f} s of CPU")  # noqa: T201


if __name__ == "__main__":
    _chosen(cases(1, small=True)[0])
    _long()
    _against_naive(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    _against_all(int(sys.argv[2]) if len(sys.argv) > 2 else 30)
