"""The in-order channel as a kind of unit: what it is handed, and its records."""

from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.dram.banks.state import STATE
from bankside.arch.dram.channel.in_order.memory.layout import crowded, new_memory
from bankside.arch.dram.channel.in_order.memory.serve import serve
from bankside.arch.dram.channel.in_order.stream import run_array, run_source
from bankside.arch.dram.channel.params import STANDARD_WORDS, STATE_WORDS
from bankside.arch.dram.channel.source import ARRAYS, KNOWN, N_ARRAY, PIM, REQUESTS
from bankside.arch.dram.device.address import ADDRESS
from bankside.arch.dram.device.standard import STANDARD
from bankside.arch.engine.kinds import FAILED, IN_LINE, Kind, register
from bankside.arch.jit import hot_kernel

Int64s = npt.NDArray[np.int64]


@hot_kernel
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
    """Serve a stream, see `run_source`, or remember what came of it."""
    if work[0] == REQUESTS or work[0] == PIM:
        return FAILED
    return serve(
        params[:STANDARD_WORDS].view(STANDARD), params[STANDARD_WORDS:].view(ADDRESS), state[:STATE_WORDS].view(STATE),
        state[STATE_WORDS:], memory, work, arrival, causes, events,
    )  # fmt: skip


@hot_kernel
def advance_briefly(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """Serve a stream, and nothing is remembered."""
    if work[0] == REQUESTS or work[0] == PIM:
        return FAILED
    return run_source(
        params[:STANDARD_WORDS].view(STANDARD), params[STANDARD_WORDS:].view(ADDRESS), state[:STATE_WORDS].view(STATE),
        work, arrival, causes, events, None,
    )  # fmt: skip


@hot_kernel
def advance_array(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """Serve a request array, see `run_array`."""
    if work[KNOWN] != (work.shape[0] - ARRAYS) // N_ARRAY:
        return FAILED
    return run_array(
        params[:STANDARD_WORDS].view(STANDARD), params[STANDARD_WORDS:].view(ADDRESS), state[:STATE_WORDS].view(STATE),
        work, arrival, causes, events,
    )  # fmt: skip


FAILURES: Final = ("request arrays and PIM programs are served by kinds of their own.",)

WORTH: Final = 1 << 17
"""Bursts: a memory of streams is compiled in the time that it saves in some hundred runs of ten thousand bursts."""

IN_ORDER = register(
    Kind(
        "in-order",
        advance,
        IN_LINE,
        failures=FAILURES,
        memory=new_memory,
        crowded=crowded,
        brief=register(Kind("in-order, briefly", advance_briefly, IN_LINE, failures=FAILURES)),
        worth=WORTH,
    )
)
ARRAYS_IN_ORDER = register(
    Kind("in-order arrays", advance_array, IN_LINE, failures=("a request array is served whole.",))
)
"""Apart, so that kernels, which have streams, do not compile it."""
