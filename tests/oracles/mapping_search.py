"""Random GEMMs on machines, and the best mapping by running every one: what a mapper is held against."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bankside.arch.machine.machine import Machine, load_machine
from bankside.kernels.mapping.resources import resources
from bankside.kernels.mapping.trial import Trials
from bankside.kernels.plan.partition import on_chip_bytes
from bankside.kernels.plan.split import Split
from bankside.kernels.plan.tiling import UNITS, Mapping, Problem, Resources, fits

MACHINES = ("hybrid-3d", "xpu-a100", "tpu-like")
SMALL = {"xpu-a100": ("cores.sm.per=3",)}  # three multiprocessors have 17 grids to try, 108 have too many


@dataclass(frozen=True)
class Case:
    """One GEMM in bf16 on one machine, as its first node sees it."""

    name: str
    machine: Machine
    m: int
    n: int
    k: int

    @property
    def problem(self) -> Problem:
        """What node 0 computes."""
        core = self.machine.primary
        share = Split(1, self.n, core.nodes).share(0)
        resident = 2 * self.m * self.k <= on_chip_bytes(core)
        return Problem(1, self.m, share.inner, self.k, 2, 2, 2, not resident, True)

    @property
    def node(self) -> Resources:
        """What node 0 offers."""
        return resources(self.machine, self.machine.primary, self.problem)

    def time_s(self, mapping: Mapping) -> float:
        """Time of node 0 under a mapping, by the engine [s]."""
        return Trials(self.machine, self.machine.primary, self.problem).times_s([mapping])[0]


def cases(count: int, small: bool, seed: int = 4) -> list[Case]:
    """Random GEMMs, machines in turn; small ones have few mappings, and scratchpads that they do not all fit."""
    rng = np.random.default_rng(seed)
    machines = {name: load_machine(name, SMALL.get(name, ()) if small else ()) for name in MACHINES}
    found = []
    for i in range(count):
        name = MACHINES[i % len(MACHINES)]
        machine = machines[name]
        if small:
            m, n, k = (int(2 ** rng.uniform(0, most)) for most in (4.5, 4.5, 7))
            n *= machine.primary.nodes
            size = int(2 ** rng.uniform(11, 14))
            core = machine.primary.name
            machine = load_machine(name, [*SMALL.get(name, ()), f"cores.{core}.sram.size={size} B"])
        else:
            m, n, k = (int(2 ** rng.uniform(0, 11)) for _ in range(3))
        found.append(Case(name, machine, m, n, k))
    return found


def parts(extent: int) -> list[int]:
    """Every size that parts an extent into another number of tiles."""
    return sorted({-(-extent // count) for count in range(1, extent + 1)})


def every_mapping(problem: Problem, node: Resources) -> Iterator[Mapping]:
    """Every grid of cores, tile size, loop order and unit that fits; one of those that part a loop alike.

    Tiles that part alike are taken evenly, and also in whole grains of the array.
    """
    for rows, columns in itertools.product(parts(problem.m), parts(problem.n)):
        m_cores, n_cores = -(-problem.m // rows), -(-problem.n // columns)
        if m_cores * n_cores > node.cores:
            continue
        sizes = [
            sorted({*parts(extent), *(min(extent, -(-size // grain) * grain) for size in parts(extent))})
            for extent, grain in ((rows, 1), (columns, node.cols), (problem.k, node.rows))
        ]
        for mt, nt, kt in itertools.product(*sizes):
            for order, unit in itertools.product(("nk", "kn"), UNITS):
                mapping = Mapping(1, m_cores, n_cores, mt, nt, kt, order, unit)  # type: ignore[arg-type]
                if fits(problem, node, mapping):
                    yield mapping


def best_of_all(case: Case) -> tuple[float, Mapping]:
    """The least time over every mapping, and the mapping."""
    return min(
        ((case.time_s(mapping), mapping) for mapping in every_mapping(case.problem, case.node)),
        key=lambda found: found[0],
    )
