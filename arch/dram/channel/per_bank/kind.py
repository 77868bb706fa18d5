"""The channel with a queue a bank as a kind of unit."""

from typing import Any

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import N_CAUSE
from bankside.arch.dram.banks.state import STATE
from bankside.arch.dram.channel.first_ready.serve import refresh_nodes
from bankside.arch.dram.channel.params import STANDARD_WORDS, STATE_WORDS
from bankside.arch.dram.channel.per_bank.per_bank import serve_per_bank
from bankside.arch.dram.channel.per_bank.queues import BANKED
from bankside.arch.dram.channel.per_bank.transactions import offer_slot
from bankside.arch.dram.channel.sources import (
    FAILURES,
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
    q["offer"] = offer_slot(std, q, max(slot, 1))
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
    banks, q = state[:STATE_WORDS].view(STATE), state[STATE_WORDS:].view(BANKED)[0]
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
        serve_per_bank(std, address, st, q, work, NOBODY, arrival)
        place = enter(q, work, arrival)
        if place < 0:
            return int(FAILED + place + 1)
        begin(std, address, q, work, offered)
        causes[N_CAUSE] = place + 1
    elif not follow(q, causes[N_CAUSE] - 1, work):
        return int(FAILED + NOT_FOLLOWED + 1)
    place = causes[N_CAUSE] - 1
    done = serve_per_bank(std, address, st, q, work, place, until)
    tell(std, q, events, refresh_nodes(std))
    if done:
        return leave(q, place, causes)
    return int(-1 - q["slot"])


PER_BANK = register(Kind("per-bank", advance, AT_ONCE, failures=FAILURES))
