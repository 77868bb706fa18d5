"""Lower bounds: the least time that compute, bandwidths and latency leave for a kernel on a machine."""

from collections import defaultdict
from dataclasses import dataclass

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.spec import LEVELS
from bankside.arch.pe.product import FASTER, FASTEST
from bankside.kernels.mapping import SKINNY
from bankside.kernels.mapping.cores import core_for
from bankside.kernels.operators import Kernel, MatMul, RowWise


@dataclass(frozen=True)
class Bound:
    """Least time [s] and the resource that sets it."""

    time_s: float
    binding: str


def peak_macs_per_s(core: Core, formats: tuple[str, ...] = (), together: bool = False) -> float:
    """Peak multiply-accumulate rate of all cores of a kind: the widest unit, or all units together."""
    peak = core.spec.multipliers(*formats).peak(FASTEST if together else FASTER)
    return core.count * peak * core.spec.clock


def peak_bytes_per_s(core: Core) -> float:
    """Peak bandwidth of all channels at the core's tap [B/s]; links beyond the vault edge can only lower it."""
    return core.nodes * core.channels * core.memory.channel_peak(core.level)


def machine_bytes_per_s(machine: Machine) -> float:
    """Peak bandwidth of all memories together [B/s], each at the primary core's tap or its innermost one."""
    taps: dict[str, Core] = {}
    for core in sorted(
        machine.cores.values(), key=lambda c: (c is not machine.primary, LEVELS.index(c.level))
    ):
        taps.setdefault(core.memory.name, core)
    return sum(peak_bytes_per_s(core) for core in taps.values())


def lower_bound(machine: Machine, kernel: Kernel) -> Bound:
    """The largest of: MACs at peak, stationary operands at the tap's peak bandwidth, row-wise work at full lanes.

    Memories work side by side, so each bounds the time by itself. Only what has to happen is counted (weights and KV
    read once), so no correct run can be faster.
    """
    compute, nonlinear = 0.0, 0.0
    memory: dict[str, float] = defaultdict(float)
    for count, op in kernel.operators():
        core = core_for(machine, op)
        if isinstance(op, RowWise):
            found = core.spec.unit_for(op.function)
            assert found is not None
            nonlinear += (
                count * op.elements / (core.count * found[1].peak(work=op.function) * core.spec.clock)
            )
            continue
        skinny = isinstance(op, MatMul) and op.m <= SKINNY
        formats = (op.a_format, op.b_format) if isinstance(op, MatMul) else (op.q_format, op.kv_format)
        compute += count * op.macs / peak_macs_per_s(core, tuple(fmt.name for fmt in formats), skinny)
        memory[core.memory.name] += count * (op.weights_bytes + op.kv_bytes) / peak_bytes_per_s(core)
    options = (
        Bound(max(memory.values(), default=0.0), "bandwidth at the tap"),
        Bound(compute, "compute"),
        Bound(nonlinear, "nonlinear"),
    )
    return max(options, key=lambda bound: bound.time_s)
