"""One PIM program on a channel: the switch of modes before and after it, and the turn of its controller."""

from typing import Any

import numpy as np

from bankside.arch import events as names
from bankside.arch.causes import N_CAUSE, PIM_MODE
from bankside.arch.dram.banks.bank import aligned_on, earliest_why_on, issue_on
from bankside.arch.dram.banks.refresh import NONE, idle_until, refresh_now
from bankside.arch.dram.banks.state import LOOK_AHEAD
from bankside.arch.dram.channel.pim.columns import close_account
from bankside.arch.dram.channel.pim.memory.serve import serve_program
from bankside.arch.dram.channel.pim.program import HEAD, LEAVE
from bankside.arch.dram.channel.pim.refresh import close_all, hand_back
from bankside.arch.dram.channel.pim.window import record, resume
from bankside.arch.dram.device.commands import ENTER, EXIT
from bankside.arch.dram.device.session import FIELDS
from bankside.arch.events import N_EVENT
from bankside.arch.jit import kernel

MODE_SWITCH = names.MODE_SWITCH
N_FIELD = len(FIELDS)


@kernel
def run_program(
    packed: Any,
    state: Any,
    window: Any,
    memory: Any,
    work: Any,
    arrival: int,
    causes: Any,
    events: Any,
    trace: Any,
) -> int:
    """Serve a program after all that the channel has done; returns the slot after its last command.

    Parameters
    ----------
    packed, state, window : numpy.ndarray
        STANDARD, STATE and WINDOW of the channel, each of shape (1,). It begins at the later of `arrival` and the
        `frontier` of the state, which is then the slot at which everything has ended.
    memory : numpy.ndarray or None
        int64: what is remembered of programs, see `memory`; None or empty: nothing.
    work : numpy.ndarray
        int64: the words of the program.
    causes, events : numpy.ndarray
        int64: slots by cause, which grow by end - begin, and counts by event.
    trace : numpy.ndarray
        int64, shape (n, 5): the first commands are written down.
    """
    std, st, w = packed[0], state[0], window[0]
    _begin(packed, state, window, arrival, events)
    if _unequal(std, st):
        close_all(std, st, w, trace, w["begin"])
    _switch(packed, state, window, True, trace)
    last = _serve(packed, state, window, work, memory, trace) if work.shape[0] > HEAD else 0
    if work[LEAVE]:
        last = max(last, _switch(packed, state, window, False, trace))
    _end(std, st, w, causes, events)
    return last


@kernel
def leave_mode(packed: Any, state: Any, window: Any, arrival: int, causes: Any, events: Any) -> int:
    """Leave the mode of PIM where it excludes others and the channel is in it; returns the slot at which that ends."""
    std, st, w = packed[0], state[0], window[0]
    if not std["exclusive"] or st["mode"] == 0:
        return int(max(arrival, st["frontier"]))
    _begin(packed, state, window, arrival, events)
    _switch(packed, state, window, False, np.empty((0, 5), np.int64))
    _end(std, st, w, causes, events)
    return int(st["frontier"])


@kernel
def _begin(packed: Any, state: Any, window: Any, arrival: int, events: Any) -> None:
    """Take the channel over; what was due while it was idle comes first."""
    std, st = packed[0], state[0]
    if arrival > st["frontier"]:
        idle_until(packed, state, arrival, events)
    if st["closing"] >= 0:
        refresh_now(packed, state, NONE, events)
    resume(std, st, window[0], max(arrival, st["frontier"]))


@kernel
def _end(std: Any, st: Any, w: Any, causes: Any, events: Any) -> None:
    """Hand the channel over, and what its slots and commands were."""
    close_account(w)
    hand_back(std, st, w)
    st["frontier"] = w["end"]
    st["row_bus_free"] = st["bus_free"][0] >> 5
    for k in range(LOOK_AHEAD):
        st["column_slot"][k] = max(st["column_slot"][k], w["last_command"])
    for c in range(N_CAUSE):
        causes[c] += w["causes"][c]
    for e in range(N_EVENT):
        events[e] += w["events"][e]


@kernel
def _serve(packed: Any, state: Any, window: Any, work: Any, memory: Any, trace: Any) -> int:
    last = serve_program(packed, state, window, work, memory, trace)
    window[0]["begin"] = last
    window[0]["last_command"] = last - 1
    return int(last)


@kernel
def _unequal(std: Any, st: Any) -> bool:
    """Whether pseudo-channels have different rows open, so that they cannot go on in lock step."""
    each = std["banks"] // std["n_pseudo_channel"]
    unequal = False
    for bank in range(each, std["banks"]):
        unequal |= st["row"][bank] != st["row"][bank % each]
    return unequal


@kernel
def _switch(packed: Any, state: Any, window: Any, pim: bool, trace: Any) -> int:
    """Enter or leave the mode of PIM where modes exclude each other, by the accesses of the device or by a command
    once all is precharged; returns the slot after the last command."""
    std, st, w = packed[0], state[0], window[0]
    if not std["exclusive"] or (st["mode"] == 1) == pim:
        return 0
    first = 0 if pim else std["enter_steps"]
    count = std["enter_steps"] if pim else std["exit_steps"]
    w["events"][MODE_SWITCH] += 1
    if count == 0:
        return _switch_at_once(std, st, w, ENTER if pim else EXIT, trace)
    steps = np.zeros(HEAD + count * N_FIELD, np.int64)
    for i in range(count):
        for field in range(N_FIELD):
            steps[HEAD + i * N_FIELD + field] = std["step"][first + i, field]
    last = _serve(packed, state, window, steps, None, trace)
    st["mode"] = 1 if pim else 0
    return last


@kernel
def _switch_at_once(std: Any, st: Any, w: Any, command: int, trace: Any) -> int:
    """A command that switches modes, when all rows are closed."""
    close_all(std, st, w, trace, w["begin"])
    when = aligned_on(std, command, max(w["begin"] << 5, earliest_why_on(std, st, command, 0))) >> 5
    issue_on(std, st, command, 0, when, 0)
    record(w, trace, when, command, 0, -1, -1)
    switched = max(when + std["switch"], w["data_end"])
    w["causes"][PIM_MODE] += switched - w["last_column"]
    w["last_column"] = w["begin"] = w["data_end"] = w["end"] = switched
    w["last_command"] = when
    return int(when + 1)
