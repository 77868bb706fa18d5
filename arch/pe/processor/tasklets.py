"""Tasklets of a processor: one pipeline, one DMA engine, one lock, barriers, and hand-overs from one to the next.

Every tasklet goes through the same steps, some of them more often. An instruction of a tasklet starts `interval` cycles
after the one before, and one starts in a cycle in all, so that of `n` tasklets in the pipeline each goes on with
1 / max(interval, n) instructions a cycle. The DMA engine serves one request at a time, in order. A tasklet that waits
for the lock spins in the pipeline; one that waits for others, or for the DMA engine, is out of it. What comes again is
followed once (`periods`).
"""

from typing import Any

import numpy as np

from bankside.arch.jit import kernel
from bankside.arch.pe.processor.periods import (
    RECORD,
    add_again,
    equal_steps,
    go_on,
    mark_all,
    periods_ahead,
)

COMPUTE, DMA, BARRIER, HAND, LOCKED = range(5)
"""Steps: instructions, cycles of the DMA engine, all wait for all, instructions after those of the tasklet before,
instructions under the lock."""


ISSUED, MOVING, WAITING = range(3)
"""Where cycles go: instructions that start; no instruction and the DMA engine at work; neither."""

_EPS = 1e-6
_DONE, _RUNS, _QUEUED, _SERVED, _AT_BARRIER, _HAND_WAIT, _SPINS = range(7)


@kernel
def run_tasklets(interval: int, steps: Any, rounds: Any, spent: Any) -> float:
    """Cycles until all tasklets have ended.

    Parameters
    ----------
    interval
        Cycles between two instructions of a tasklet.
    steps : numpy.ndarray
        float64[n, 2]: kind and amount (instructions, cycles of DMA) of the steps of a round.
    rounds : numpy.ndarray
        int64[tasklets]: rounds of each, which do not rise.
    spent : numpy.ndarray
        float64[3]: grows by the cycles of each kind, see `ISSUED`.
    """
    n = rounds.shape[0]
    state, step = np.zeros(n, np.int64), np.full(n, -1, np.int64)
    left, ticket, done = np.zeros(n), np.zeros(n, np.int64), np.zeros(n, np.int64)
    # next ticket, tasklet at the DMA engine, tasklet that holds the lock, whose turn it is
    shared = np.array([0, -1, -1, 0])
    for t in range(n):
        _enter(t, steps, rounds, state, step, left, ticket, done, shared)
    waiting = np.array([state_of in (_QUEUED, _SPINS) for state_of in range(_SPINS + 1)])
    equal, record = equal_steps(steps), np.zeros((RECORD, 5))
    mark, mark_left, mark_shared = np.zeros((3, n), np.int64), np.zeros(n), np.zeros(4, np.int64)
    marks = mark, mark_left, mark_shared
    now, events, limit = 0.0, RECORD, 1
    while True:
        _open(n, steps, rounds, state, step, left, ticket, done, shared)
        times = 0
        if events < RECORD:
            times = periods_ahead(
                waiting, _RUNS, steps, equal, rounds, state, step, left, ticket, done, shared, marks
            )
        if times > 0:
            now = add_again(times, events, record, now, spent, left, mark_left)
            go_on(times, steps, step, ticket, done, shared, mark, mark_shared)
        if times > 0 or events >= limit:
            limit = 2 * limit if times == 0 and limit < RECORD else 1
            mark_all(waiting, steps, state, step, left, ticket, done, shared, marks)
            events = 0
        inside, useful, alive = 0, 0, 0
        for t in range(n):
            alive += state[t] != _DONE
            inside += state[t] in (_RUNS, _SPINS)
            useful += state[t] == _RUNS or t == shared[2]
        if alive == 0:
            return now
        rate = 1.0 / max(interval, inside)
        dt = left[shared[1]] if shared[1] >= 0 else 1e300
        for t in range(n):
            if state[t] == _RUNS or t == shared[2]:
                dt = min(dt, left[t] / rate)
        now += dt
        issued = dt * rate * useful
        rest = MOVING if shared[1] >= 0 else WAITING
        spent[ISSUED] += issued
        spent[rest] += dt - issued
        each = record[events]
        each[0], each[1], each[2], each[3], each[4] = dt, issued, rest, dt - issued, dt * rate
        events += 1
        for t in range(n):
            if state[t] == _RUNS or t == shared[2]:
                left[t] -= dt * rate
            elif t == shared[1]:
                left[t] -= dt
        for t in range(n):
            running = state[t] == _RUNS or t == shared[2] or t == shared[1]
            if running and left[t] <= _EPS:
                if t == shared[1]:
                    shared[1] = -1
                elif t == shared[2]:
                    shared[2] = -1
                elif steps[step[t], 0] == HAND:
                    shared[3] = t + 1
                _enter(t, steps, rounds, state, step, left, ticket, done, shared)


@kernel
def _enter(
    t: int, steps: Any, rounds: Any, state: Any, step: Any, left: Any, ticket: Any, done: Any, shared: Any
) -> None:
    """Go on to the next step of tasklet `t` that takes anything."""
    while True:
        step[t] += 1
        if step[t] == steps.shape[0]:
            step[t] = 0
            done[t] += 1
        if done[t] >= rounds[t]:
            state[t] = _DONE
            return
        kind, amount = steps[step[t], 0], steps[step[t], 1]
        if kind == BARRIER:
            state[t] = _AT_BARRIER
            return
        if kind == HAND:
            state[t], left[t] = _HAND_WAIT, amount
            return
        if amount > 0:
            left[t] = amount
            if kind == COMPUTE:
                state[t] = _RUNS
                return
            state[t] = _QUEUED if kind == DMA else _SPINS
            ticket[t] = shared[0]
            shared[0] += 1
            return


@kernel
def _open(
    n: int, steps: Any, rounds: Any, state: Any, step: Any, left: Any, ticket: Any, done: Any, shared: Any
) -> None:
    """Let those go on that wait for all others, for their turn, for the DMA engine, or for the lock."""
    waiting, others = 0, 0
    for t in range(n):
        waiting += state[t] == _AT_BARRIER
        others += state[t] not in (_AT_BARRIER, _DONE)
    if waiting > 0 and others == 0:
        shared[3] = 0
        for t in range(n):
            if state[t] == _AT_BARRIER:
                _enter(t, steps, rounds, state, step, left, ticket, done, shared)
    turn = shared[3]
    if turn < n and state[turn] == _HAND_WAIT:
        state[turn] = _RUNS
    if shared[1] < 0:
        shared[1] = _first(n, state, ticket, _QUEUED)
        if shared[1] >= 0:
            state[shared[1]] = _SERVED
    if shared[2] < 0:
        shared[2] = _first(n, state, ticket, _SPINS)


@kernel
def _first(n: int, state: Any, ticket: Any, wanted: int) -> int:
    """The tasklet in a state that has waited longest, -1 if there is none."""
    found = -1
    for t in range(n):
        if state[t] == wanted and (found < 0 or ticket[t] < ticket[found]):
            found = t
    return found
