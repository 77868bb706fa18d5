"""A run under the conditions that it makes for itself: a limit of power slows its clocks, heat raises the refresh
rate, and both change power and heat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bankside.arch.machine.machine import FS_PER_S, Machine
from bankside.arch.machine.throttle import FULL, LEAST, fastest
from bankside.arch.spec import ConfigError
from bankside.kernels.run.account import Account
from bankside.kernels.run.heat import REFRESH_DOUBLES_C, Heat
from bankside.kernels.run.outcome import Outcome


@dataclass(frozen=True)
class Conditions:
    """What a run is executed under; refresh_multiplier: how many times as often as the device says refreshes come;
    clock_step: the clocks of logic, in steps of which `FULL` are what the machine states."""

    refresh_multiplier: int = 1
    clock_step: int = FULL


@dataclass(frozen=True)
class Settled:
    """A run, what it takes and how hot it is, under `conditions`; `machine` as it ran."""

    conditions: Conditions
    machine: Machine
    outcome: Outcome
    books: Account
    warm: Heat


Run = Callable[[Conditions], Settled]
Feedback = Callable[[Settled], Conditions]
"""What the conditions of a run become by it: each only ever goes one way, in a finite number of steps."""


def refresh_when_hot(run: Settled) -> Conditions:
    """Above 85 degC cells lose their charge sooner and refreshes come twice as often. The rate is never lowered again:
    at the lower one the same run would be too hot for it."""
    multiplier = 2 if run.warm.dram_c > REFRESH_DOUBLES_C else 1
    return replace(run.conditions, refresh_multiplier=max(run.conditions.refresh_multiplier, multiplier))


def slow_when_over_the_limit(run: Settled) -> Conditions:
    """Clocks fall to the fastest step that may hold the machine's limit of power, and are never raised again.

    Raises
    ------
    ConfigError
        When the slowest step draws more.
    """
    limit, time_s = run.machine.spec.power_limit, run.outcome.time_fs / FS_PER_S
    if limit is None or not time_s:
        return run.conditions
    power_w = run.books.total.power_w(time_s, 1.0)
    if power_w <= limit * run.machine.packages:
        return run.conditions
    static_w = run.books.parts_j["static"] / time_s
    step = fastest(run.machine, run.conditions.clock_step, power_w, static_w)
    if not step:
        raise ConfigError([_too_low(run.machine, power_w / run.machine.packages, run.conditions.clock_step)])
    return replace(run.conditions, clock_step=step)


def _too_low(machine: Machine, power_w: float, step: int) -> str:
    """The limit, where it stands, and what is drawn however slow the clocks are."""
    leaf = machine.loaded.sources.get("power_limit") if machine.loaded is not None else None
    at = "" if leaf is None else f"{leaf.file}{f':{leaf.line}' * (leaf.line > 0)} power_limit: "
    return (
        f"{at}A package of {machine.name} draws {power_w:.3g} W at {100 * step / FULL:.3g} % of its clock, and not "
        f"even {100 * LEAST / FULL:g} % of it keeps it below the limit of {machine.spec.power_limit:.3g} W."
    )


FEEDBACK: Final = (slow_when_over_the_limit, refresh_when_hot)


def settle(run: Run, feedback: Sequence[Feedback] = FEEDBACK) -> Settled:
    """Run once per level of conditions, until no feedback changes them.

    Raises
    ------
    ArithmeticError
        If they come back to what they were, so that there is no end.
    """
    tried = {Conditions()}
    done = run(Conditions())
    while changed := [after for each in feedback if (after := each(done)) != done.conditions]:
        if changed[0] in tried:
            raise ArithmeticError(f"The conditions of the run do not settle: {changed[0]} was tried already.")
        tried.add(changed[0])
        done = run(changed[0])
    return done
