"""Phases of a kernel, one after the other on the same channels.

A phase begins when the one before has ended everywhere, with the open rows, timers and refreshes that it left. One that
stands for several equal ones is executed once; the next then finds what one repetition leaves.
"""

from collections.abc import Hashable, Sequence

from bankside.arch.engine.execute import execute, plain_kinds
from bankside.arch.machine.channels import Remembered
from bankside.arch.machine.machine import Machine
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.phase import NOTHING, Lowered, lower_phase
from bankside.kernels.operators import Kernel
from bankside.kernels.plan.operator_plan import Plan
from bankside.kernels.run.busy import busy_units
from bankside.kernels.run.outcome import Executed, Int64s, Outcome


def lower(
    machine: Machine, kernel: Kernel, plan: Plan, fold: bool, lasting: dict[Hashable, object] | None = None
) -> list[tuple[Lowered, int]]:
    """The program of each phase and how often it is repeated; `lasting`: see `lower_phase`."""
    lowered, before = [], NOTHING
    for phase, chosen in zip(kernel.phases, plan.phases, strict=True):
        one = lower_phase(machine, phase.operators, chosen, fold, before, lasting)
        before = one.after(before)
        lowered.append((one, phase.count))
    return lowered


def run_phases(
    machine: Machine,
    lowered: Sequence[tuple[Lowered, int]],
    refresh_multiplier: int = 1,
    notes: Sequence[str] = (),
    copies: int = 1,
    memory: Remembered | None = None,
) -> Outcome:
    """Execute lowered phases in order and sum up what they count; `copies` packages do the same at the same time.
    With a `memory` channels do not serve again what they have served.

    Raises
    ------
    RunTooLongError
        If times or events cannot be counted in 64 bits.
    """
    outcome = Outcome(warnings=dict.fromkeys(notes))
    held = HeldChannels()
    now_fs = 0
    plain = plain_kinds([phase.program for phase, _ in lowered])
    for phase, count in lowered:
        low = phase.state
        hardware = low.hardware(refresh_multiplier, held.of(low), memory)
        timeline = execute(phase.program, hardware, now_fs, plain)
        now_fs += timeline.total_fs
        held.keep(low, [hardware.state(part) for part in range(len(low.channel_memory))])
        outcome.add(Executed(phase.program, timeline, count, busy_units(low, phase.program, timeline)))
        of_channels = timeline.events[: len(low.channel_memory)]  # lowering has counted what networks carry
        _count(outcome, machine, low, of_channels, (count, copies))
    if int(outcome.stack_fs.sum()) != outcome.time_fs:
        raise ArithmeticError(f"Causes take {outcome.stack_fs.sum()} fs of {outcome.time_fs} fs.")
    return outcome


def _count(
    outcome: Outcome, machine: Machine, low: Lowering, channels: Int64s, often: tuple[int, int]
) -> None:
    """Add what a phase counted, `often` = (times, in how many packages); channels: int64[parts, N_EVENT]."""
    times, packages = often
    count = times * packages
    for name, copies, row in zip(low.channel_memory, low.channel_copies, channels, strict=True):
        outcome.count(machine.memories[name].owner, row, count * copies)
    for owner, row in low.events.items():
        outcome.count(owner, row, count)
    for core, units in low.unit_events.items():
        for slot, counted in units.items():
            outcome.count_units(core, slot, counted, count)
    for direction, byte in low.traffic.items():
        outcome.traffic[direction] += count * int(byte)
    for kind, byte in low.net_bytes.items():
        outcome.net_bytes[kind] += count * int(byte)
    for network, held in low.held_fs.items():
        outcome.hold(network, held, times)
    outcome.warnings |= low.warnings


class HeldChannels:
    """How the channels of all memories stand between phases: by memory, the state of the channels from each on."""

    def __init__(self) -> None:
        self._states: dict[str, dict[int, Int64s]] = {}

    def of(self, low: Lowering) -> list[Int64s | None]:
        """The states of a phase's parts; None where a memory was not used before."""
        found: list[Int64s | None] = []
        for memory, first in _parts(low):
            states = self._states.get(memory)
            found.append(None if states is None else states[max(at for at in states if at <= first)])
        return found

    def keep(self, low: Lowering, states: Sequence[Int64s]) -> None:
        """The states in which a phase leaves its parts."""
        parts = _parts(low)
        self._states |= {memory: {} for memory, _ in parts}
        for (memory, first), state in zip(parts, states, strict=True):
            self._states[memory][first] = state


def _parts(low: Lowering) -> list[tuple[str, int]]:
    """Memory and first channel of the simulated channels, in the order of the hardware's parts."""
    return [
        (memory, each.first)
        for memory, classes in low.channel_classes.items()
        if low.machine.memories[memory].channelled is not None
        for each in classes
    ]
