"""A run under the conditions that it makes for itself: heat raises the refresh rate, which changes the heat."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bankside.kernels.run.account import Account
from bankside.kernels.run.heat import REFRESH_DOUBLES_C, Heat
from bankside.kernels.run.outcome import Outcome


@dataclass(frozen=True)
class Conditions:
    """What a run is executed under; refresh_multiplier: how many times as often as the device says refreshes come."""

    refresh_multiplier: int = 1


@dataclass(frozen=True)
class Settled:
    """A run, what it takes and how hot it is, under `conditions`."""

    conditions: Conditions
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


FEEDBACK: Final = (refresh_when_hot,)


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
