"""The first-ready channel as a kind of unit."""

from typing import Any

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.state import STATE
from bankside.arch.dram.channel.first_ready.admission import next_offer
from bankside.arch.dram.channel.first_ready.frfcfs import serve_first_ready
from bankside.arch.dram.channel.first_ready.queues import QUEUE
from bankside.arch.dram.channel.first_ready.serve import refresh_nodes
from bankside.arch.dram.channel.params import STANDARD_WORDS, STATE_WORDS
from bankside.arch.dram.channel.sources import (
    FAILURES,
    LEFT,
    NOBODY,
    NOT_ALONE,
    NOT_FOLLOWED,
    array_there,
    enter,
    follow,
    leave,
    load,
    tell,
)
from bankside.arch.dram.device.address import ADDRESS
from bankside.arch.dram.device.standard import STANDARD
from bankside.arch.engine.kinds import AT_ONCE, FAILED, Kind, register
from bankside.arch.jit import kernel

Int64s = npt.NDArray[np.int64]


@kernel
def begin(std: Any, address: Any, q: Any, work: Int64s, slot: int) -> None:
    """Offer what sources have from `slot` on, after one has entered."""
    if q["unloaded"] > 0:
        load(std, address, q, work)
    q["offer"] = next_offer(std, q, slot)
    q["slot"] = min(q["slot"], q["offer"])


@kernel
def advance(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """Serve a stream or a request array beside those that are there."""
    packed, address = params[:STANDARD_WORDS].view(STANDARD), params[STANDARD_WORDS:].view(ADDRESS)
    banks, q = state[:STATE_WORDS].view(STATE), state[STATE_WORDS:].view(QUEUE)[0]
    return serve_source(packed, address, banks, q, work, arrival, arrival, until, causes, events)


@kernel
def serve_source(
    packed: Any, address: Any, banks: Any, q: Any, work: Int64s, arrival: int, offered: int, until: int,
    causes: Int64s, events: Int64s,
) -> int:  # fmt: skip
    """`advance` of a source that is offered from slot `offered` on."""
    std, st = packed[0], banks[0]
    if causes[N_CAUSE] == 0:
        if array_there(q):
            return int(FAILED + NOT_ALONE + 1)
        serve_first_ready(std, address, st, q, work, NOBODY, arrival)
        place = enter(q, work, arrival)
        if place < 0:
            return int(FAILED + place + 1)
        begin(std, address, q, work, offered)
        causes[N_CAUSE] = place + 1
    elif not follow(q, causes[N_CAUSE] - 1, work):
        return int(FAILED + NOT_FOLLOWED + 1)
    place = causes[N_CAUSE] - 1
    done = serve_first_ready(std, address, st, q, work, place, until)
    tell(std, q, events, refresh_nodes(std))
    if done:
        return leave(q, place, causes)
    return int(
        -1 - (q["slot"] + (q["source"][place, LEFT] - 1) // 2)
    )  # a column and a forwarded read in a slot


FIRST_READY = register(Kind("first-ready", advance, AT_ONCE, failures=FAILURES))
