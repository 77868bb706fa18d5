"""Periods of tasklets: what they do again and again is followed once, and its cycles are added as often as it comes.

What tasklets do next follows from what each is doing, how much of that is left, who waited before whom, and the steps
ahead of it. Where all of that comes back, with each so many steps further on among equal ones or in a later round, the
time between comes again, for as long as nobody's equal steps or rounds end. Instructions that one goes through all the
while may be fewer each time, as long as they do not end. Cycles are added, and those instructions taken off, one by one
in their order, so that sums of floats are to the bit what they are without.
"""

from typing import Any

import numpy as np

from bankside.arch.jit import kernel

RECORD = 1024
"""Events that a period may have at most; rounds of five steps of 24 tasklets have some two hundred."""

ENDLESS = 1 << 62
"""Periods ahead of those that do nothing."""

ROUNDING = RECORD * 2.0**-52
"""Share of what is left by which a period's subtractions from it may differ from their sum."""

(STATE, PLACE, TURN) = range(3)
"""Rows of a mark: what a tasklet is doing, steps that it has gone through, tickets given since it took its own."""


@kernel
def equal_steps(steps: Any) -> Any:
    """First and last step of the run of equal steps that each belongs to; int64[n, 2]."""
    n = steps.shape[0]
    found = np.empty((n, 2), np.int64)
    for at in range(n):
        again = at > 0 and steps[at, 0] == steps[at - 1, 0] and steps[at, 1] == steps[at - 1, 1]
        found[at, 0] = found[at - 1, 0] if again else at
    for back in range(n):
        at = n - 1 - back
        ends = at == n - 1 or found[at + 1, 0] == at + 1
        found[at, 1] = at if ends else found[at + 1, 1]
    return found


@kernel
def place_of(t: int, steps: Any, step: Any, done: Any) -> int:
    """Steps that a tasklet has gone through."""
    return int(done[t] * steps.shape[0] + step[t])


@kernel
def turn_of(t: int, waits: bool, ticket: Any, shared: Any) -> int:
    """How many tickets were given since a tasklet that `waits` took its own; of others none matters."""
    return int(shared[0] - ticket[t]) if waits else 0


@kernel
def mark_all(
    waiting: Any, steps: Any, state: Any, step: Any, left: Any, ticket: Any, done: Any, shared: Any, marks: Any
) -> None:  # fmt: skip
    """Remember how all tasklets stand; `waiting`: bool, by state, whether its ticket counts; `marks`: of tasklets
    (STATE, PLACE, TURN), of what they have left, and of what they share."""
    mark, mark_left, mark_shared = marks
    for t in range(state.shape[0]):
        mark[STATE, t], mark[PLACE, t] = state[t], place_of(t, steps, step, done)
        mark[TURN, t] = turn_of(t, waiting[state[t]], ticket, shared)
        mark_left[t] = left[t]
    for i in range(shared.shape[0]):
        mark_shared[i] = shared[i]


@kernel
def periods_ahead(
    waiting: Any, going: int, steps: Any, equal: Any, rounds: Any, state: Any, step: Any, left: Any, ticket: Any,
    done: Any, shared: Any, marks: Any,
) -> int:  # fmt: skip
    """How often the time since the mark comes again from now on; 0 where it may not.

    `going`: the state of a tasklet in the pipeline, which beside the one that holds the lock has instructions left.
    """
    mark, mark_left, mark_shared = marks
    for i in range(1, shared.shape[0]):
        if shared[i] != mark_shared[i]:
            return 0
    length, least = steps.shape[0], ENDLESS
    for t in range(state.shape[0]):
        if state[t] != mark[STATE, t]:
            return 0
        if turn_of(t, waiting[state[t]], ticket, shared) != mark[TURN, t]:
            return 0
        place = place_of(t, steps, step, done)
        moved, gone = place - mark[PLACE, t], mark_left[t] - left[t]
        if gone != 0.0:
            if moved != 0 or gone < 0.0 or not (state[t] == going or t == shared[2]):
                return 0
            ahead = int(left[t] / (gone + left[t] * ROUNDING)) - 2
        elif moved == 0:
            continue
        elif moved % length == 0:
            ahead = (rounds[t] * length - 1 - place) // moved
        elif step[t] - moved >= equal[step[t], 0]:
            ahead = (equal[step[t], 1] - step[t]) // moved
        else:
            return 0
        least = min(least, ahead)
    return int(max(least, 0)) if least < ENDLESS else 0


@kernel
def go_on(
    times: int, steps: Any, step: Any, ticket: Any, done: Any, shared: Any, mark: Any, mark_shared: Any
) -> None:
    """Let all tasklets stand where they do after `times` more periods."""
    length, given = steps.shape[0], shared[0] - mark_shared[0]
    for t in range(step.shape[0]):
        place = place_of(t, steps, step, done)
        place += times * (place - mark[PLACE, t])
        done[t], step[t] = place // length, place % length
        ticket[t] += times * given
    shared[0] += times * given


@kernel
def add_again(
    times: int, events: int, record: Any, now: float, spent: Any, left: Any, mark_left: Any
) -> float:
    """Add the cycles of a period's events, `times` over, and take off what tasklets go through; returns the time then.

    `record`: float64[RECORD, 5], of an event how long it took, what was issued, where the rest went and how much it
    was, and instructions of each tasklet in the pipeline.
    """
    n, through = 0, np.empty(left.shape[0])
    for t in range(left.shape[0]):
        if left[t] != mark_left[t]:
            through[n] = left[t]
            n += 1
    for _ in range(times):
        for e in range(events):
            now += record[e, 0]
            spent[0] += record[e, 1]
            spent[int(record[e, 2])] += record[e, 3]
            for i in range(n):
                through[i] -= record[e, 4]
    for t in range(left.shape[0] - 1, -1, -1):
        if left[t] != mark_left[t]:
            n -= 1
            left[t] = through[n]
    return now
