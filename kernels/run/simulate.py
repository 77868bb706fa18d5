"""Simulate a kernel on a machine: check capacity and format, lower, execute, account."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bankside.arch.causes import N_CAUSE
from bankside.arch.engine.execute import execute
from bankside.arch.engine.program import LATEST_FS, RunTooLongError
from bankside.arch.events import N_EVENT
from bankside.arch.machine.channels import channels_of
from bankside.arch.machine.machine import FS_PER_S, MOST_STACKS, Machine
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS, Format
from bankside.kernels.lower.lowering import Int64s, Traffic
from bankside.kernels.lower.phase import Lowered, lower_phase
from bankside.kernels.mapping.cores import core_for
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.pinning import check_pins, pinned
from bankside.kernels.operators import Attention, Kernel, MatMul, Operator, Phase
from bankside.kernels.run.account import Account, account
from bankside.kernels.run.document import document
from bankside.kernels.run.heat import REFRESH_DOUBLES_C, Heat, heat
from bankside.kernels.run.result import Result
from bankside.kernels.run.roofline import lower_bound

LONGEST_S = (
    1000.0  # no run is longer: 2^63 femtoseconds are 2.5 hours, and a run may take several times its bound
)


MOST_EVENTS = 1 << 62
"""Events of a kind that an owner may count: sums of two such counts fit int64."""


@dataclass
class Outcome:
    """What all phases of a run add up to.

    time_fs; stack_fs: int64[N_CAUSE]; ops: per operator label, in order, (phase repetitions, int64[N_CAUSE] fs);
    events: int64[N_EVENT] by owner (memory, network level); unit_events: by core kind, slot of the unit and name;
    traffic, net_bytes: bytes;
    mappings and warnings for reports.
    """

    refresh_multiplier: int = 1
    time_fs: int = 0
    stack_fs: Int64s = field(default_factory=lambda: np.zeros(N_CAUSE, dtype=np.int64))
    ops: list[tuple[str, int, Int64s]] = field(default_factory=list)
    events: dict[str, Int64s] = field(default_factory=dict)
    unit_events: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    traffic: Counter[Traffic] = field(default_factory=Counter)
    net_bytes: Counter[str] = field(default_factory=Counter)
    mappings: list[dict[str, object]] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)

    def add(self, lowered: Lowered, machine: Machine, count: int) -> None:
        """Execute a lowered phase and add it `count` times."""
        low = lowered.state
        channels = channels_of(machine, low.channel_memory, self.refresh_multiplier)
        timeline = execute(lowered.program, channels)
        self.time_fs += count * timeline.total_fs
        if self.time_fs > LATEST_FS:
            raise RunTooLongError(
                f"The phases take {self.time_fs / FS_PER_S:,.0f} s; {LATEST_FS / FS_PER_S:,.0f} s (2^62 fs) are "
                "the most that can be counted."
            )
        self.stack_fs += count * timeline.path_fs.sum(axis=0)
        for label, row in zip(lowered.program.labels, timeline.path_fs, strict=True):
            self.ops.append((label, count, row))
        for name, copies, row in zip(low.channel_memory, low.channel_copies, timeline.events, strict=True):
            owner = machine.memories[name].owner
            self._count(owner, row, count * copies)
        for owner, row in low.events.items():
            self._count(owner, row, count)
        for core, units in low.unit_events.items():
            for slot, counted in units.items():
                of = self.unit_events.setdefault(core, {}).setdefault(slot, Counter())
                of.update({name: count * number for name, number in counted.items()})
        for direction, byte in low.traffic.items():
            self.traffic[direction] += count * int(byte)
        for kind, byte in low.net_bytes.items():
            self.net_bytes[kind] += count * int(byte)
        self.mappings += low.mappings
        self.warnings |= low.warnings

    def _count(self, owner: str, row: Int64s, times: int) -> None:
        """Add `times` times the events of a row, which are negative where they did not fit int64 themselves."""
        before = self.events.get(owner, np.zeros(N_EVENT, dtype=np.int64))
        least, most = int(row.min()), int(before.max()) + times * int(row.max())
        if least < 0 or most > MOST_EVENTS:
            raise RunTooLongError(
                f"{owner} counts more than 2^62 events of a kind, the most that can be counted."
            )
        self.events[owner] = before + times * row


def simulate(
    kernel: Kernel,
    machine: Machine,
    *,
    fold: bool = True,
    duty: float = 1.0,
    command: str | None = None,
    mapping: Sequence[PinSpec] = (),
) -> Result:
    """Run `kernel` on `machine`.

    Parameters
    ----------
    kernel, machine
        What and where.
    fold
        Simulate identical nodes and channels once; False simulates them all and gives the same numbers.
    duty
        Share of time that the kernel runs, repeated for ever; scales power and temperature only.
    command
        The command line, for the provenance block.
    mapping
        Pinned mappings of operators, see `bankside.kernels.mapping.load_pins`; the mapper chooses those of the others.

    Raises
    ------
    ConfigError
        If the kernel's tensors do not fit, no core has the format, no core can run an operator, a pinned mapping
        is none of this kernel on this machine, or the run would take too long to be counted.
    """
    if not 0.0 < duty <= 1.0:
        raise ConfigError([f"The duty must be above 0 and at most 1, not {duty:g}."])
    check_capacity(kernel, machine)
    kernel, substitutions = in_supported_formats(kernel, machine)
    check_length(kernel, machine)
    kernel = pinned(kernel, machine, mapping)
    try:
        return _simulate(kernel, machine, fold, duty, command, mapping, substitutions)
    except RunTooLongError as error:
        raise ConfigError(
            [f"{kernel.name} on {machine.name}: {sentence}" for sentence in error.errors]
        ) from None


def _simulate(
    kernel: Kernel,
    machine: Machine,
    fold: bool,
    duty: float,
    command: str | None,
    mapping: Sequence[PinSpec],
    substitutions: Sequence[str],
) -> Result:
    """`simulate`, with everything checked that can be before lowering."""
    noted = dict.fromkeys((*kernel.notes, *substitutions))
    room = room_bytes(kernel, machine)
    lowered = [(lower_phase(machine, phase.operators, fold, room), phase.count) for phase in kernel.phases]
    outcome, books, warm = _run(machine, kernel, lowered, noted, duty, refresh_multiplier=1)
    check_pins(mapping, outcome.mappings)
    if warm.dram_c > REFRESH_DOUBLES_C:
        outcome, books, warm = _run(machine, kernel, lowered, noted, duty, refresh_multiplier=2)
    return Result(document(kernel, machine, outcome, books, warm, duty, command))


def _run(
    machine: Machine,
    kernel: Kernel,
    lowered: list[tuple[Lowered, int]],
    noted: dict[str, None],
    duty: float,
    refresh_multiplier: int,
) -> tuple[Outcome, Account, Heat]:
    """Execute all phases at a refresh rate, account for them, and find the temperatures that follow."""
    outcome = Outcome(refresh_multiplier, warnings=dict(noted))
    for phase, count in lowered:
        outcome.add(phase, machine, count)
    if int(outcome.stack_fs.sum()) != outcome.time_fs:
        raise ArithmeticError(f"Causes take {outcome.stack_fs.sum()} fs of {outcome.time_fs} fs.")
    time_s = outcome.time_fs / FS_PER_S
    books = account(machine, kernel.format, outcome.events, outcome.unit_events, time_s)
    return outcome, books, heat(machine, books, time_s, duty)


def room_bytes(kernel: Kernel, machine: Machine) -> dict[str, float]:
    """What the kernel's tensors leave free of each memory [byte]."""
    taken = _resident(kernel, machine)
    return {name: memory.capacity_bytes - taken[name] for name, memory in machine.memories.items()}


def _resident(kernel: Kernel, machine: Machine) -> Counter[str]:
    """Bytes of the kernel's tensors in each memory."""
    place = machine.spec.place
    taken: Counter[str] = Counter()
    resident = kernel.resident_bytes
    taken[place.weights] += resident["weights"]
    taken[place.kv] += resident["kv"]
    taken[machine.primary.memory.name] += resident["activations"]
    return taken


def check_capacity(kernel: Kernel, machine: Machine) -> None:
    """Refuse a kernel whose tensors are larger than the memories that hold them."""
    faults = []
    for name, byte in _resident(kernel, machine).items():
        memory = machine.memories[name]
        if byte > memory.capacity_bytes:
            packages = -(-byte * machine.packages // memory.capacity_bytes)
            stacks = packages * (machine.stacks // machine.packages)
            shard = f"shard it with --stacks {stacks}"
            few = f"{stacks} stacks would hold it, and {MOST_STACKS} are the most"
            faults.append(
                f"{kernel.name} needs {byte / 2**30:.2f} GiB in memory {name} of {machine.name}, which holds "
                f"{memory.capacity_bytes / 2**30:.2f} GiB in {memory.stacks} stack(s): "
                f"{shard if stacks <= MOST_STACKS else few}."
            )
    if faults:
        raise ConfigError(faults)


def check_length(kernel: Kernel, machine: Machine) -> None:
    """Refuse a run whose femtoseconds may not be counted in 64 bits."""
    least_s = lower_bound(machine, kernel).time_s
    if least_s > LONGEST_S:
        raise ConfigError(
            [f"{kernel.name} takes {least_s:.3g} s or more on {machine.name}; {LONGEST_S:g} s are the most."]
        )


def in_supported_formats(kernel: Kernel, machine: Machine) -> tuple[Kernel, list[str]]:
    """The kernel in formats that its cores have: a core without the format uses its own of that width.

    Raises
    ------
    ConfigError
        If a core has no format of that width.
    """
    sentences: dict[str, None] = {}

    def core_format(fmt: Format, core_name: str) -> Format:
        own = machine.cores[core_name].spec.formats
        if fmt.name in own:
            return fmt
        alike = [FORMATS[name] for name in own if name in FORMATS and FORMATS[name].bits == fmt.bits]
        if not alike:
            raise ConfigError(
                [
                    f"Core {core_name} of {machine.name} computes in {', '.join(own)}; none of them has the "
                    f"{fmt.bits:g} bits of {fmt.name}."
                ]
            )
        sentences[
            f"Core {core_name} has no {fmt.name}; it computes in {alike[0].name}, of the same width."
        ] = None
        return alike[0]

    phases = []
    for phase in kernel.phases:
        operators: list[Operator] = []
        for op in phase.operators:
            core = core_for(machine, op)
            if isinstance(op, MatMul):
                a, b = (core_format(fmt, core.name) for fmt in (op.a_format, op.b_format))
                operators.append(replace(op, a_format=a, b_format=b))
            elif isinstance(op, Attention):
                q, kv = (core_format(fmt, core.name) for fmt in (op.q_format, op.kv_format))
                operators.append(replace(op, q_format=q, kv_format=kv))
            else:
                operators.append(op)
        phases.append(Phase(phase.count, tuple(operators), phase.label))
    return replace(kernel, phases=tuple(phases)), list(sentences)
