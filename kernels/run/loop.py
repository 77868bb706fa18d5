"""A run under the conditions that it makes for itself: a limit of power slows its clocks, heat raises the refresh
rate, and both change power and heat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Final, NamedTuple

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


def below_limit(run: Run, conditions: Conditions) -> Settled:
    """A run at the fastest clock, from that of `conditions` down, at which the machine holds its limit of power, of
    logic that draws more the faster it runs.

    Steps that cannot hold it (`fastest`) are not tried; the next to try is where a line through the last two meets it.

    Raises
    ------
    ConfigError
        When the slowest step draws more.
    """
    done = run(conditions)
    limit = done.machine.spec.power_limit
    if limit is None:
        return done
    limit_w, top, least = limit * done.machine.packages, done.conditions.clock_step, LEAST
    before = held = None
    while True:
        drawn = _Drawn(done.conditions.clock_step, _power_w(done))
        if drawn.power_w <= limit_w:
            held, least = done, drawn.step + 1
        else:
            static_w = done.books.parts_j["static"] * FS_PER_S / done.outcome.time_fs
            top = min(top, fastest(done.machine, drawn.step, drawn.power_w, static_w))
        if held is not None and top < least:
            return held
        if top < least:
            raise ConfigError([_too_low(done.machine, drawn.power_w / done.machine.packages, drawn.step)])
        aim = top if before is None else min(top, _meets(before, drawn, limit_w))
        before = drawn
        del done  # the next run needs the room of its operations
        done = run(replace(conditions, clock_step=max(least, aim)))


class _Drawn(NamedTuple):
    """What a run at a step of the clocks draws [W]."""

    step: int
    power_w: float


def _power_w(run: Settled) -> float:
    time_s = run.outcome.time_fs / FS_PER_S
    return run.books.total.power_w(time_s, 1.0) if time_s else 0.0


def _meets(one: _Drawn, other: _Drawn, power_w: float) -> int:
    """The fastest step at which a line through two runs draws no more than `power_w`."""
    apart_w = one.power_w - other.power_w
    if apart_w == 0.0:
        return LEAST
    share = (power_w - other.power_w) / apart_w
    return other.step + floor(share * (one.step - other.step))


def _too_low(machine: Machine, power_w: float, step: int) -> str:
    """The limit, where it stands, and what is drawn however slow the clocks are."""
    leaf = machine.loaded.sources.get("power_limit") if machine.loaded is not None else None
    at = "" if leaf is None else f"{leaf.file}{f':{leaf.line}' * (leaf.line > 0)} power_limit: "
    return (
        f"{at}A package of {machine.name} draws {power_w:.3g} W at {100 * step / FULL:.3g} % of its clock, and not "
        f"even {100 * LEAST / FULL:g} % of it keeps it below the limit of {machine.spec.power_limit:.3g} W."
    )


FEEDBACK: Final = (refresh_when_hot,)
AS_STATED: Final = Conditions()


def first(machine: Machine) -> Conditions:
    """What a run begins under: the share of its clocks that the machine states."""
    return Conditions(clock_step=max(LEAST, round(FULL * machine.spec.clock_share)))


def settle(run: Run, feedback: Sequence[Feedback] = FEEDBACK, start: Conditions = AS_STATED) -> Settled:
    """Run once per level of conditions, each below the limit of power, until no feedback changes them.

    Raises
    ------
    ArithmeticError
        If they come back to what they were, so that there is no end.
    """
    tried = {start}
    done = below_limit(run, start)
    while changed := [after for each in feedback if (after := each(done)) != done.conditions]:
        if changed[0] in tried:
            raise ArithmeticError(f"The conditions of the run do not settle: {changed[0]} was tried already.")
        tried.add(changed[0])
        done = below_limit(run, changed[0])
    return done


def throttle_to_limits(run: Run, start: Conditions = AS_STATED) -> Settled:
    """The run at the highest clock of logic at which it settles with every die below its limit, by bisection over the
    steps of the clock; at the slowest one where none does."""
    fast = settle(run, start=start)
    if fast.warm.feasible or fast.conditions.clock_step <= LEAST:
        return fast
    slow = settle(run, start=Conditions(clock_step=LEAST))
    low, high = LEAST, fast.conditions.clock_step
    while slow.warm.feasible and high - low > 1:
        middle = settle(run, start=Conditions(clock_step=(low + high) // 2))
        if middle.warm.feasible:
            slow, low = middle, (low + high) // 2
        else:
            high = (low + high) // 2
    return slow
