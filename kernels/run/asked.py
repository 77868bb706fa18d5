"""What a run was asked for, and what was decided and known before it."""

from dataclasses import dataclass, field

from bankside.arch.machine.machine import Machine
from bankside.kernels.operators import Kernel
from bankside.kernels.plan.operator_plan import Plan
from bankside.kernels.sharding.layout import Layout


@dataclass(frozen=True)
class Bound:
    """Least time [s] and the resource that sets it."""

    time_s: float
    binding: str


@dataclass(frozen=True)
class Asked:
    """A kernel on a machine under a plan; `duty` is the share of all time that it runs, `command` the command line,
    `share` what a package runs of it, `layout` how packages share it."""

    kernel: Kernel
    share: Kernel
    machine: Machine
    plan: Plan
    bound: Bound
    duty: float
    command: str | None
    layout: Layout = field(default_factory=Layout)
