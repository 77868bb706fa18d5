"""Lower bounds: the least time that compute, bandwidths and latency leave for a kernel on a machine."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.pe.product import FASTER, FASTEST
from bankside.arch.pe.unit import SOFTMAX_STEP, Decided
from bankside.kernels.formats import Format
from bankside.kernels.mapping.mappers import core_for
from bankside.kernels.operators import (
    Attention,
    Collective,
    Kernel,
    Lookup,
    MatMul,
    RowWise,
    StateStep,
    Traversal,
)
from bankside.kernels.operators.table import Table
from bankside.kernels.operators.traversal import TRANSFERS
from bankside.kernels.plan.processor_tiling import pair_of
from bankside.kernels.plan.tiling import SKINNY
from bankside.kernels.run.asked import Bound
from bankside.kernels.run.peaks import least_s


def peak_macs_per_s(
    core: Core, a: Format, b: Format, together: bool = False, decided: Decided | None = None
) -> float:
    """Peak multiply-accumulate rate of all cores of a kind: the widest unit, or all units together."""
    unit = core.spec.processor
    if unit is not None:
        return core.count * core.spec.clock / unit.macs(pair_of(unit, a, b))
    peak = core.spec.multipliers(a.computed, b.computed, decided=decided).peak(
        FASTEST if together else FASTER
    )
    return core.count * peak * core.spec.clock


class Need(NamedTuple):
    """Least time of an operator on its core kind, at the peak of what multiplies and of what computes functions [s],
    and bytes that pass the tap in any case."""

    compute_s: float
    nonlinear_s: float
    tap_byte: int


def _product(core: Core, op: MatMul) -> Need:
    peak = peak_macs_per_s(core, op.a.format, op.b.format, op.m <= SKINNY, op.b.format.decided)
    turning_s = _turning_s(core, op.b.format, op.b.elements, op.macs)
    return Need(max(op.macs / peak, turning_s), 0.0, op.weights_bytes + op.kv_bytes)


def _attention(core: Core, op: Attention) -> Need:
    stored = int(op.kv_bytes * 8 / op.k.format.bits)
    turning_s = _turning_s(core, op.k.format, stored, op.macs)
    step, softmax_s = core.spec.unit_for(SOFTMAX_STEP), 0.0
    if step is not None:
        softmax_s = op.score_elements / (core.count * step[1].peak(work=SOFTMAX_STEP) * core.spec.clock)
    return Need(
        max(op.macs / peak_macs_per_s(core, op.q.format, op.k.format), turning_s), softmax_s, op.kv_bytes
    )


def _turning_s(core: Core, stored: Format, elements: int, macs: int) -> float:
    """Least time in which vector lanes turn stored elements, each once, into what is multiplied [s]."""
    how, lanes = stored.conversion, core.spec.units.get("vector")
    if how is None or lanes is None:
        return 0.0
    operations = how.per_element * elements + float(how.per_pair) * macs
    return operations / (core.count * lanes.peak(work="mul") * core.spec.clock)


def _function(core: Core, op: RowWise) -> Need:
    found = core.spec.unit_for(op.function)
    assert found is not None
    peak = core.count * found[1].peak(work=op.function) * core.spec.clock
    return Need(0.0, op.elements / peak, op.kv_bytes + op.out_bytes * op.cached)


def _state(core: Core, op: StateStep) -> Need:
    found = core.spec.unit_for(op.function)
    assert found is not None
    peak = core.count * found[1].peak(work=op.function) * core.spec.clock
    return Need(0.0, op.elements / peak, op.kv_bytes + op.weights_bytes + op.written.bytes)


def _lookup(core: Core, op: Lookup) -> Need:
    found = core.spec.unit_for("add")
    assert found is not None
    peak = core.count * found[1].peak(work="add") * core.spec.clock
    return Need(0.0, op.flops / peak, op.weights_bytes)


def _traversal(core: Core, op: Traversal) -> Need:
    resting = sum(tensor.bytes for tensor in (op.source, op.out) if tensor.role == "kv")
    return Need(0.0, 0.0, 0 if op.function in TRANSFERS else resting)


def _moved(_: Core, op: Collective) -> Need:
    """Links have bounds of their own, which no rate of the core or its tap knows."""
    del op
    return Need(0.0, 0.0, 0)


Bounding = Callable[[Core, Any], Need]
NEEDS: Final[Table[Bounding]] = Table(
    "roofline",
    {
        MatMul: _product,
        Attention: _attention,
        RowWise: _function,
        StateStep: _state,
        Traversal: _traversal,
        Lookup: _lookup,
        Collective: _moved,
    },
)


def lower_bound(machine: Machine, kernel: Kernel) -> Bound:
    """The largest of: MACs at peak, stationary operands at the tap's peak bandwidth, row-wise work at full lanes.

    Memories work side by side, so each bounds the time by itself. Only what has to happen is counted (weights and KV
    read once), so no correct run can be faster.
    """
    compute, nonlinear = 0.0, 0.0
    passed: dict[str, int] = defaultdict(int)
    for count, op in kernel.operators():
        core = core_for(machine, op)
        need = NEEDS.of(op)(core, op)
        compute += count * need.compute_s
        nonlinear += count * need.nonlinear_s
        passed[core.name] += count * need.tap_byte
    memory: dict[str, float] = defaultdict(float)
    for name, byte in passed.items():
        memory[machine.cores[name].memory.name] += least_s(machine.cores[name], byte)
    options = (
        Bound(max(memory.values(), default=0.0), "bandwidth at the tap"),
        Bound(compute, "compute"),
        Bound(nonlinear, "nonlinear"),
    )
    return max(options, key=lambda bound: bound.time_s)
