"""A network as a unit of the engine: whoever sends occupies every real link on the way, in time order.

An operation is a pattern's steps, one after the other: work = (row of traffic, bytes of a message, time beside the
links [fs], repeats) for each. A step that begins at t has each of its links from the later of t and the end of those
before it there; it is over when its last link is, and its hops are made. Alone it takes what `traffic.price` says, to
the femtosecond, by loads, or as it has been followed by message or flit. Steps of several operations are taken in
order of their times: two that cross one link take the sum of what they load it with, two that share none the
longer of both.

Time beside the links counts as latency, and as launch where a step has no messages. The unit's clock is 1 fs.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import LAUNCH, N_CAUSE, NOC_CONTENTION, SYNC
from bankside.arch.engine.kinds import AT_ONCE, Kind, register
from bankside.arch.jit import hot_kernel

Int64s = npt.NDArray[np.int64]

WHOLE, REST, PARTS, HOP, CHUNK, SERIAL_CAUSE, HOP_CAUSE, WAIT_CAUSE, ROWS = range(9)
"""Parameters: time of a byte = whole + rest / parts [fs], of a hop [fs], bytes that routers collect before they send
them on, causes of bytes, of hops and of waiting for other operations, and, from `ROWS` on, where each row begins."""

PORT, LINK, DEPTH, ALONE, WAYS, RUNS, RUN = range(7)
"""A row: messages through the busiest port and over the busiest link, links on the longest path, the time that it takes
alone where that has been followed [fs] or 0, how many ways and runs; from `RUN` on the runs: first link, how many,
messages over each; behind them ways: links, and messages through the port meanwhile."""

LATEST, FREE = range(2)
"""State: the last time at which a link becomes free [fs], and from `FREE` on that of each."""

TICKET: Final = N_CAUSE
NOW: Final = SYNC
"""Where an operation notes how many steps it has made, and the time at which it stands: a network charges no `sync`."""


@hot_kernel
def message_fs(params: Int64s, size_byte: int) -> int:
    """Time of bytes over one link, rounded up [fs]."""
    return int(size_byte * params[WHOLE] - (-size_byte * params[REST] // params[PARTS]))


@hot_kernel
def latency(params: Int64s, row: int, size_byte: int) -> int:
    """Hops of a step beyond what other messages take at their port meanwhile [fs]."""
    first = row + RUN + 3 * params[row + RUNS]
    found = 0 if params[row + WAYS] > 0 else params[row + DEPTH] * params[HOP]
    for k in range(first, first + 2 * params[row + WAYS], 2):
        found = max(found, params[k] * params[HOP] - message_fs(params, params[k + 1] * size_byte))
    return int(found)


@hot_kernel
def due(work: Int64s, made: int) -> int:
    """Where the step after `made` steps is in an operation's work, and how often it is still to be made: packed as
    place + words x repeats; -1 when all are made."""
    left = made
    for at in range(0, work.shape[0] - 3, 4):
        if left < work[at + 3]:
            return int(at + work.shape[0] * (work[at + 3] - left))
        left -= work[at + 3]
    return -1


@hot_kernel
def occupy(params: Int64s, state: Int64s, row: int, size_byte: int, now: int) -> int:
    """Occupy the links of one step from `now` on; returns when the last of them is free of it [fs]."""
    free, end = state[FREE:], now
    for k in range(row + RUN, row + RUN + 3 * params[row + RUNS], 3):
        load = message_fs(params, params[k + 2] * size_byte)
        for link in range(params[k], params[k] + params[k + 1]):
            free[link] = max(now, free[link]) + load
            end = max(end, free[link])
    state[LATEST] = max(state[LATEST], end)
    return end


@hot_kernel
def send(
    params: Int64s,
    state: Int64s,
    memory: Int64s,
    work: Int64s,
    arrival: int,
    until: int,
    causes: Int64s,
    events: Int64s,
) -> int:
    """Make the steps that begin before `until`; where nothing else is on the links, all that are alike at once."""
    if causes[TICKET] == 0:
        causes[TICKET], causes[NOW] = 1, arrival
    now = causes[NOW]
    while True:
        found = due(work, causes[TICKET] - 1)
        if found < 0:
            causes[NOW] = 0
            return int(now)
        if now >= until:
            causes[NOW] = now
            return int(-1 - now)
        at, repeats = found % work.shape[0], found // work.shape[0]
        row, size = params[ROWS + work[at]], work[at + 1]
        serial = message_fs(params, params[row + PORT] * size)
        own = max(serial, message_fs(params, params[row + LINK] * size))
        chunk = message_fs(params, min(params[CHUNK], size))
        hop = latency(params, row, size) + max(params[row + DEPTH] - 1, 0) * chunk
        if params[row + ALONE] > 0:
            serial = min(serial, params[row + ALONE])
            hop = max(0, min(hop, params[row + ALONE] - own))
            own = params[row + ALONE] - hop
        hop += work[at + 2]
        times = 1
        if state[LATEST] <= now:
            times = min(repeats, -(-(until - now) // (own + hop)))
        last = now + (times - 1) * (own + hop)
        busy = max(own, occupy(params, state, row, size, last) - last)
        causes[params[SERIAL_CAUSE]] += times * serial
        causes[NOC_CONTENTION] += times * (own - serial)
        causes[params[WAIT_CAUSE]] += busy - own
        causes[params[HOP_CAUSE] if params[row + PORT] > 0 else LAUNCH] += times * hop
        causes[TICKET] += times
        now = last + busy + hop


NETWORK: Final = register(Kind("network", send, AT_ONCE))
"""Links that operations share, each operation beside the others as far as the links allow."""
