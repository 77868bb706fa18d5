"""Pins that take products as an accelerator does that reads as little as its buffers allow."""

from typing import Final

import numpy as np

from bankside.arch.machine.machine import Core, Machine
from bankside.kernels.mapping.bound import times_s
from bankside.kernels.mapping.candidates import candidates
from bankside.kernels.mapping.choose import as_mapping
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.resources import resources
from bankside.kernels.operators import Kernel, MatMul
from bankside.kernels.plan.partition import Deal, problem_of, spills, stays
from bankside.kernels.plan.tiling import UNITS
from bankside.kernels.run.stored import as_stored

CLOSE: Final = 1.02
"""Mappings as fast as this, against the fastest, are told apart by what they read."""


def least_traffic(kernel: Kernel, machine: Machine) -> tuple[PinSpec, ...]:
    """Of each product of weights, on a machine of one node, the mapping that reads least of those that are as fast."""
    core = machine.primary
    stored, _ = as_stored(kernel, machine)
    pins = []
    for phase in stored.phases:
        for op in phase.operators:
            assert isinstance(op, MatMul)
            pins.append(_pin(machine, core, op, op is phase.operators[-1]))
    return tuple(pins)


def _pin(machine: Machine, core: Core, op: MatMul, last: bool) -> PinSpec:
    deal = Deal(op, core.nodes, "batch")
    names = {op.b.name}
    if not stays(core, deal):
        names.add(op.a.name)
    if last or spills(core, op, op.m * op.n):
        names.add(op.out.name)
    problem = problem_of(core, deal, 0, frozenset(names))
    node = resources(machine, core, problem)
    found = candidates(problem, node)
    time_s, read, unit = times_s(problem, node, found)
    fast = np.flatnonzero(time_s <= CLOSE * time_s.min())
    best = int(fast[np.lexsort((time_s[fast], read[fast]))[0]])
    return PinSpec.model_validate(
        {"operator": op.label, **as_mapping(found, best, UNITS[unit[best]]).as_dict()}
    )
