"""Lower bounds: the least time that compute, bandwidths and latency leave for a kernel on a machine."""

from collections import defaultdict
from dataclasses import dataclass

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.machine.spec import LEVELS
from bankside.kernels.lower.cost import macs_per_cycle
from bankside.kernels.mapping import SKINNY
from bankside.kernels.mapping.cores import core_for, multiplies
from bankside.kernels.operators import Kernel, MatMul, RowWise


@dataclass(frozen=True)
class Bound:
    """Least time [s] and the resource that sets it."""

    time_s: float
    binding: str


def peak_macs_per_s(core: Core, together: bool = False, packed: int = 1) -> float:
    """Peak multiply-accumulate rate of all cores of a kind: the widest unit, or all units together."""
    if not multiplies(core):
        return 0.0
    return core.count * macs_per_cycle(core.spec.matmul, core.spec.vector, together, packed) * core.spec.clock


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
            unit = core.spec.nonlinear
            lanes = max(unit.lanes if unit else 0, core.spec.vector.lanes if core.spec.vector else 0)
            nonlinear += count * op.elements / (core.count * lanes * core.spec.clock)
            continue
        skinny = isinstance(op, MatMul) and op.m <= SKINNY
        formats = (op.a_format, op.b_format) if isinstance(op, MatMul) else (op.q_format, op.kv_format)
        packed = core.spec.packed(*(fmt.name for fmt in formats))
        compute += count * op.macs / peak_macs_per_s(core, skinny, packed)
        memory[core.memory.name] += count * (op.weights_bytes + op.kv_bytes) / peak_bytes_per_s(core)
    options = (
        Bound(max(memory.values(), default=0.0), "bandwidth at the tap"),
        Bound(compute, "compute"),
        Bound(nonlinear, "nonlinear"),
    )
    return max(options, key=lambda bound: bound.time_s)
