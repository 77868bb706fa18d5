"""Simulate a kernel on a machine: check, plan and lower it, execute it until power, heat and refresh agree, account
for it."""

from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import lru_cache

from bankside.arch.engine.program import RunTooLongError
from bankside.arch.machine.channels import Memories
from bankside.arch.machine.machine import FS_PER_S, Machine, one_package
from bankside.arch.machine.throttle import throttled, voltages
from bankside.arch.spec import ConfigError
from bankside.kernels.lower.phase import Lowered
from bankside.kernels.mapping.memo import Memo, own_memo
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.mapping.plan import plan
from bankside.kernels.operators import Kernel
from bankside.kernels.run.account import account
from bankside.kernels.run.asked import Asked
from bankside.kernels.run.checks import (
    check_capacity,
    check_length,
    in_supported_formats,
    room_bytes,
    stored_as_given,
)
from bankside.kernels.run.document import document
from bankside.kernels.run.heat import heat
from bankside.kernels.run.loop import Conditions, Run, Settled, first, settle, throttle_to_limits
from bankside.kernels.run.phases import lower, run_phases
from bankside.kernels.run.result import Result
from bankside.kernels.run.roofline import lower_bound
from bankside.kernels.sharding.kernel import dealt, resting
from bankside.kernels.sharding.layout import Layout, layout_of


def simulate(
    kernel: Kernel,
    machine: Machine,
    *,
    fold: bool = True,
    duty: float = 1.0,
    command: str | None = None,
    mapping: Sequence[PinSpec] = (),
    memo: Memo | None = None,
    parallel: str | None = None,
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
        Pinned plans of operators, see `bankside.kernels.mapping.pin.load_pins`; the mapper chooses what they leave.
    memo
        Decisions, and what channels remember, that further runs may use again; without one, those that are handed none
        have one for each thread, but where `fold` is False, which finds out all anew. It changes no result.
    parallel
        How packages share the kernel, "tp", "pp=4" or "tp=8,pp=4" (`bankside.kernels.sharding.layout`); without it all
        nodes of all packages do, as mapping decides.

    Raises
    ------
    ConfigError
        If the kernel's tensors do not fit, no core has the format, no core can run an operator, a pinned mapping
        is none of this kernel on this machine, or the run would take too long to be counted.
    """
    if not 0.0 < duty <= 1.0:
        raise ConfigError([f"The duty must be above 0 and at most 1, not {duty:g}."])
    layout = layout_of(parallel, machine.packages) if parallel else Layout()
    whole, own = machine, one_package(machine) if parallel else machine
    undealt, kernel = kernel, dealt(kernel, layout)
    # before anything is tried on its cores, which takes as long as the tensors are large
    if stored_as_given(own):
        check_capacity(resting(kernel, layout), own, layout.packages)
    kernel, substitutions = in_supported_formats(kernel, own)
    kernel, stored = _as_stored(kernel, own)
    rests = resting(kernel, layout)
    check_capacity(rests, own, layout.packages)
    bound = lower_bound(own, kernel)
    check_length(kernel, own, bound)
    if memo is None:
        memo = own_memo() if fold else Memo()
    memo.channels.of(own, bound.time_s)
    chosen = plan(own, kernel, pins=mapping, room_byte=room_bytes(rests, own), memo=memo, fold=fold)
    said = _said(undealt, layout) if parallel else kernel
    asked = Asked(said, kernel, whole, chosen, bound, duty, command, layout)
    channels = memo.channels if fold else None
    run = _runner(asked, own, layout.ranks, channels, (*kernel.notes, *substitutions, *stored))
    try:
        done = (throttle_to_limits if machine.spec.throttle else settle)(run, start=first(machine))
    except RunTooLongError as error:
        raise ConfigError(
            [f"{kernel.name} on {machine.name}: {sentence}" for sentence in error.errors]
        ) from None
    return Result(document(asked, done), done.outcome)


def _as_stored(kernel: Kernel, machine: Machine) -> tuple[Kernel, list[str]]:
    """See `stored.as_stored`, which is imported where values may decide."""
    if stored_as_given(machine) and not kernel.values:
        return kernel, []
    from bankside.kernels.run.stored import as_stored

    return as_stored(kernel, machine)


def _said(kernel: Kernel, layout: Layout) -> Kernel:
    """The kernel whose result says how packages shared it."""
    return replace(kernel, parameters={**kernel.parameters, "parallel": str(layout)})


def _runner(asked: Asked, own: Machine, ranks: int, channels: Memories | None, notes: Sequence[str]) -> Run:
    """Executes all phases under conditions, accounts for them, and finds the temperatures that follow.

    `own`: the part of the machine that is simulated, of which `ranks` work alike; channels: what they remember, None
    where all of them serve all that they are asked for.
    """
    kernel, duty = asked.share, asked.duty
    # only a limit of power runs the same work again, at other clocks
    lasting: dict[Hashable, object] | None = None if own.spec.power_limit is None else {}

    @lru_cache(maxsize=1)  # programs are large; the clocks that are asked for next are those of the last run
    def at(clock_step: int) -> tuple[Machine, Machine, list[tuple[Lowered, int]]]:
        simulated = throttled(own, clock_step)
        return (
            throttled(asked.machine, clock_step),
            simulated,
            lower(simulated, kernel, asked.plan, channels is not None, lasting),
        )

    def run(conditions: Conditions) -> Settled:
        machine, simulated, lowered = at(conditions.clock_step)
        memory = channels.of(simulated) if channels is not None else None
        outcome = run_phases(simulated, lowered, conditions.refresh_multiplier, notes, ranks, memory)
        time_s = outcome.time_fs / FS_PER_S
        supply = voltages(machine, conditions.clock_step)
        books = account(machine, kernel.format, outcome.events, outcome.unit_events, time_s, supply)
        warm = heat(machine, books, time_s, duty)
        return Settled(conditions, machine, outcome, books.warmed(warm.leaks), warm)

    return run
