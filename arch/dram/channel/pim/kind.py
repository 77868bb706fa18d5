"""Channels that run PIM programs beside ordinary sources, under each policy, as kinds of units.

They are kinds of their own, so that machines without PIM compile none of it, and runs of short programs no memory of
programs. A program is served alone: all that is queued ends first, and where modes exclude each other an ordinary
source that comes later ends the mode. A channel in order in a run without programs is one as without PIM, and remembers
its streams; a state that memory has left is not taken up here, where commands look at times that no stream knows.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import DRAM_COMMAND, N_CAUSE
from bankside.arch.dram.banks.refresh import idle_until
from bankside.arch.dram.banks.state import CLOSED, STATE
from bankside.arch.dram.channel.charge import charge_idle
from bankside.arch.dram.channel.first_ready.frfcfs import serve_first_ready
from bankside.arch.dram.channel.first_ready.kind import FIRST_READY, serve_source
from bankside.arch.dram.channel.first_ready.queues import NEVER_SLOT, QUEUE
from bankside.arch.dram.channel.first_ready.serve import fold_windows, refresh_nodes, spoil
from bankside.arch.dram.channel.in_order.kind import IN_ORDER
from bankside.arch.dram.channel.in_order.stream import run_source
from bankside.arch.dram.channel.params import STANDARD_WORDS, STATE_WORDS
from bankside.arch.dram.channel.per_bank import kind as per_bank
from bankside.arch.dram.channel.per_bank.per_bank import serve_per_bank
from bankside.arch.dram.channel.per_bank.queues import BANKED
from bankside.arch.dram.channel.per_bank.wants import settle
from bankside.arch.dram.channel.pim.controller import Controller
from bankside.arch.dram.channel.pim.memory.layout import crowded, new_memory
from bankside.arch.dram.channel.pim.program import commands_of_words
from bankside.arch.dram.channel.pim.serve import leave_mode, run_program
from bankside.arch.dram.channel.pim.streams import crowded as both_crowded
from bankside.arch.dram.channel.pim.streams import is_blank, programs_from
from bankside.arch.dram.channel.pim.streams import new_memory as new_memory_of_both
from bankside.arch.dram.channel.pim.window import WINDOW, new_window, stagger
from bankside.arch.dram.channel.source import COUNT, PIM, READ, WRITE
from bankside.arch.dram.channel.sources import (
    MAX_SOURCE,
    NOBODY,
    NOT_ALONE,
    USED,
    array_there,
    charge_until,
    tell,
)
from bankside.arch.dram.device.address import ADDRESS
from bankside.arch.dram.device.standard import STANDARD
from bankside.arch.engine.kinds import AT_ONCE, FAILED, IN_LINE, Kind, register
from bankside.arch.jit import kernel

Int64s = npt.NDArray[np.int64]

WINDOW_WORDS: Final = WINDOW.itemsize // 8
"""Words of a state behind what its policy keeps."""

FAR = 1 << 62

WORTH: Final = 1 << 16
"""Commands of all programs of a run from which on a memory of them is worth what it takes to load it: the first run of
72,000 in a process takes as long with it as without, further ones of a hot machine half as long (measured)."""

WORTH_BURSTS: Final = 1 << 20
"""Bursts of all streams of a run from which on that is worth what comes with it: laps of streams are foreseen (four
million took 0.35 s on lpddr5-pim, and 0.1 s so)."""


def with_window(state: Int64s, packed: Any, controller: Controller) -> Int64s:
    """The state of a channel without PIM programs, made one with them."""
    window = new_window(packed, controller)
    stagger(packed, state[:STATE_WORDS].view(STATE), window)
    return np.concatenate([state, window.view(np.int64)])


@kernel
def in_order(
    params: Int64s,
    state: Int64s,
    memory: Any,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """Serve a stream or a PIM program."""
    packed, banks = params[:STANDARD_WORDS].view(STANDARD), state[:STATE_WORDS].view(STATE)
    note, window = state[STATE_WORDS:-WINDOW_WORDS], state[-WINDOW_WORDS:].view(WINDOW)
    if not is_blank(note):
        return FAILED
    if work[0] == PIM:
        known = memory
        if memory is not None and memory.shape[0] > 0:
            known = memory[programs_from(memory) :]
        run_program(packed, banks, window, known, work, arrival, causes, events, np.empty((0, 5), np.int64))
        return int(banks[0]["frontier"])
    from_slot = arrival
    if packed[0]["exclusive"] and banks[0]["mode"] == 1:
        from_slot = leave_mode(packed, banks, window, arrival, causes, events)
    address = params[STANDARD_WORDS:].view(ADDRESS)
    return run_source(packed, address, banks, work, from_slot, causes, events, memory)


@kernel
def in_order_briefly(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """The same, and nothing is remembered."""
    return int(in_order(params, state, None, work, arrival, until, causes, events))


@kernel
def first_ready(
    params: Int64s,
    state: Int64s,
    memory: Any,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """Serve a source beside those that are there, or a PIM program after them."""
    packed, banks = params[:STANDARD_WORDS].view(STANDARD), state[:STATE_WORDS].view(STATE)
    window, q = state[-WINDOW_WORDS:].view(WINDOW), state[STATE_WORDS:-WINDOW_WORDS].view(QUEUE)[0]
    address, std, st = params[STANDARD_WORDS:].view(ADDRESS), packed[0], banks[0]
    offered = arrival
    if causes[N_CAUSE] == 0 and (work[0] == PIM or (std["exclusive"] and st["mode"] == 1)):
        if array_there(q):
            return int(FAILED + NOT_ALONE + 1)
        serve_first_ready(std, address, st, q, work, NOBODY, arrival)
        if work[0] == PIM:
            charge_until(q, arrival)
            before = q["causes"].copy()
            for s in range(MAX_SOURCE):
                if q["source"][s, USED] == 1:
                    serve_first_ready(std, address, st, q, work, s, FAR)
            while q["refreshes"] > 0:
                serve_first_ready(std, address, st, q, work, NOBODY, q["slot"] + 1)
            tell(std, q, events, refresh_nodes(std))
            end = compute(packed, banks, window, memory, q, work, arrival, events)
            spoil(q)
            charged_since(q, before, end - arrival, causes)
            return int(end)
        offered = leave(packed, banks, window, q, arrival, events)
    return serve_source(packed, address, banks, q, work, arrival, offered, until, causes, events)


@kernel
def first_ready_briefly(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """The same, and nothing is remembered."""
    return int(first_ready(params, state, None, work, arrival, until, causes, events))


@kernel
def per_bank_queues(
    params: Int64s,
    state: Int64s,
    memory: Any,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """Serve a source beside those that are there, or a PIM program after them."""
    packed, banks = params[:STANDARD_WORDS].view(STANDARD), state[:STATE_WORDS].view(STATE)
    window, q = state[-WINDOW_WORDS:].view(WINDOW), state[STATE_WORDS:-WINDOW_WORDS].view(BANKED)[0]
    address, std, st = params[STANDARD_WORDS:].view(ADDRESS), packed[0], banks[0]
    offered = arrival
    if causes[N_CAUSE] == 0 and (work[0] == PIM or (std["exclusive"] and st["mode"] == 1)):
        if array_there(q):
            return int(FAILED + NOT_ALONE + 1)
        serve_per_bank(std, address, st, q, work, NOBODY, arrival)
        if work[0] == PIM:
            charge_until(q, arrival)
            before = q["causes"].copy()
            for s in range(MAX_SOURCE):
                if q["source"][s, USED] == 1:
                    serve_per_bank(std, address, st, q, work, s, FAR)
            while q["refreshes"] > 0:
                serve_per_bank(std, address, st, q, work, NOBODY, q["slot"] + 1)
            tell(std, q, events, refresh_nodes(std))
            end = compute(packed, banks, window, memory, q, work, arrival, events)
            for bank in range(std["banks"]):
                settle(std, st, q, bank)
            charged_since(q, before, end - arrival, causes)
            return int(end)
        offered = leave(packed, banks, window, q, arrival, events)
        for bank in range(std["banks"]):
            settle(std, st, q, bank)
    return per_bank.serve_source(packed, address, banks, q, work, arrival, offered, until, causes, events)


@kernel
def per_bank_queues_briefly(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """The same, and nothing is remembered."""
    return int(per_bank_queues(params, state, None, work, arrival, until, causes, events))


@kernel
def compute(
    packed: Any, state: Any, window: Any, memory: Any, q: Any, work: Any, arrival: int, events: Any
) -> int:
    """Serve a program, with nothing queued; returns the slot of its end. The channel's causes grow up to there."""
    st = state[0]
    begin = max(max(arrival, q["accounted"]), max(q["busy_until"], q["last_read"]))
    charge_idle(q, begin)
    idle_until(packed, state, begin, events)
    st["frontier"] = begin
    nothing = np.empty((0, 5), np.int64)
    run_program(packed, state, window, memory, work, begin, q["causes"], events, nothing)
    _go_on_from(packed[0], st, q, st["frontier"])
    return int(st["frontier"])


@kernel
def leave(packed: Any, state: Any, window: Any, q: Any, arrival: int, events: Any) -> int:
    """End the mode of PIM for a source that comes; returns the slot from which on it may be offered."""
    st = state[0]
    st["frontier"] = max(arrival, q["accounted"])
    charge_idle(q, st["frontier"])
    end = leave_mode(packed, state, window, st["frontier"], q["causes"], events)
    _go_on_from(packed[0], st, q, end)
    return int(end)


@kernel
def charged_since(q: Any, before: Any, length: int, causes: Any) -> None:
    """Fill causes of an operation of `length` slots: what the channel was charged since `before`, int64[N_CAUSE].

    What it was charged beforehand, for one that was served ahead of its time, is waiting for a turn.
    """
    charged = 0
    for c in range(N_CAUSE):
        causes[c] = q["causes"][c] - before[c]
        charged += causes[c]
    causes[DRAM_COMMAND] += length - charged


@kernel
def _go_on_from(std: Any, st: Any, q: Any, end: int) -> None:
    """Let the queues know at which slot the banks have ended, and which rows they have left open."""
    opened = 0
    for bank in range(std["banks"]):
        opened += st["row"][bank] != CLOSED
        fold_windows(std, st, bank)
    if q["open_banks"] == 0 and opened > 0:
        q["open_since"] = end
    elif q["open_banks"] > 0 and opened == 0:
        q["open_slots"] += end - q["open_since"]
    q["open_banks"] = opened
    q["accounted"] = q["busy_until"] = end
    q["slot"] = end if std["refresh_mode"] != 0 else NEVER_SLOT
    q["offer"] = NEVER_SLOT


def worth_memory(work: Int64s, work_start: Int64s, ops: Int64s) -> bool:
    """Whether the programs among operations are as long as that; arguments as of `Kind.long`."""
    commands = 0
    for op in ops[work[work_start[ops]] == PIM]:
        commands += commands_of_words(work[work_start[op] : work_start[op + 1]])
        if commands >= WORTH:
            return True
    return False


def worth_laps(work: Int64s, work_start: Int64s, ops: Int64s) -> bool:
    """Whether the streams among operations, or the programs, are as long as that; arguments as of `Kind.long`."""
    streams = work_start[ops[np.isin(work[work_start[ops]], (READ, WRITE))]]
    return int(work[streams + COUNT].sum()) >= WORTH_BURSTS or worth_memory(work, work_start, ops)


def bursts_alone(work: Int64s, work_start: Int64s, ops: Int64s) -> int:
    """Bursts of operations that are streams, -1 where not all are; arguments as of `Kind.long`."""
    first = work_start[ops]
    return int(work[first + COUNT].sum()) if np.isin(work[first], (READ, WRITE)).all() else -1


def _kind(name: str, advance: Any, briefly: Any, admits: int, failures: tuple[str, ...], **more: Any) -> Kind:
    brief = register(Kind(f"{name}, briefly", briefly, admits, failures=failures))
    kept = {"memory": new_memory, "crowded": crowded, "long": worth_memory} | more
    return register(Kind(name, advance, admits, failures=failures, brief=brief, **kept))


IN_ORDER_PIM = _kind(
    "in-order with PIM",
    in_order,
    in_order_briefly,
    IN_LINE,
    ("a memory of streams has left the channel, of which programs need more than it tells.",),
    memory=new_memory_of_both,
    crowded=both_crowded,
    long=worth_laps,
    plain=IN_ORDER,
    plain_work=bursts_alone,
    plain_worth=WORTH_BURSTS,
)
FIRST_READY_PIM = _kind(
    "first-ready with PIM", first_ready, first_ready_briefly, AT_ONCE, FIRST_READY.failures
)
PER_BANK_PIM = _kind(
    "per-bank with PIM", per_bank_queues, per_bank_queues_briefly, AT_ONCE, per_bank.PER_BANK.failures
)
