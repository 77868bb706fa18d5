"""Nodes: packets are made, their flits go in, and what has come out is counted.

A node makes its next packet when it has none to send. `test`s of a Bernoulli source that it could not make
meanwhile are made up for then, one for each cycle, and the packet counts from the cycle of the test that
succeeded, so that no load is lost. Tests are numbers of one stream in turn: a node without tests to catch up
with takes the next, and `hits` tells which of them succeed, so that all nodes up to the next success are
passed at once.
"""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import flat_kernel, inner_kernel, lowest
from bankside.arch.noc.fabric.fabric import LOW
from bankside.arch.noc.router.layout import (
    ACCEPTED,
    BIRTHS,
    BUSY,
    CLOCK,
    CREATED,
    CREDIT,
    CREDITS,
    DEPTH,
    DRAIN_FROM,
    DRAINED,
    ENTERED,
    FAULT,
    FLIT_MASK,
    FLITS,
    FLYING,
    FOR_AT,
    HIT,
    HOPS,
    HOPS_AT,
    ISSUED,
    LATENCY,
    LEAST,
    LENGTH,
    LIMIT,
    MEASURED,
    MOST,
    NETWORK_LATENCY,
    NODE,
    NODE_FREE,
    NODE_LAST,
    NODE_PACKET,
    NODE_SENT,
    NODE_SIZE,
    NODE_TAIL,
    NODE_VC,
    NODES,
    NOTHING,
    OUTLET,
    OUTLET_SIZE,
    PACKET,
    PACKETS,
    PATTERN,
    PHASE,
    RADIX,
    RANDOM_INJECT,
    REAL,
    RECORD,
    RECORD_SIZE,
    ROUTERS,
    ROUTING,
    SINK,
    SLOW,
    SOURCE,
    SPARE_PACKET,
    TAIL_CREDIT,
    TAKEN,
    TIME,
    UNDRAINED,
    UNSENT,
    USED,
    V_AT,
    VCS,
    WAY,
    WHOLE,
    WORDS,
)
from bankside.arch.noc.router.step import credit, draw, route, send

Int64s = npt.NDArray[np.int64]

WARMING, RECORDING, DRAINING, EMPTYING = range(4)
"""Phases: all that comes in counts; what is made now counts; what was made before counts; nothing more is made."""

DRAWN, TIMED, LISTED = range(3)
"""Sources: tests by hits; a fixed number of packets each as soon as may be; listed packets."""


@flat_kernel
def make(s: Int64s, targets: Int64s, n: int, created: int) -> None:
    """Node n has a packet from cycle `created` on."""
    length, node = s[LENGTH], s[NODE] + n * NODE_SIZE
    issued = s[node + ISSUED]
    if s[PATTERN] == LISTED:
        dest, length = targets[2 * issued], targets[2 * issued + 1]
    else:
        place, choices = targets[2 * n], targets[2 * n + 1]
        if choices > 1:
            place += draw(s, choices)
        dest = targets[2 * s[NODES] + place]
        s[WHOLE] += 1
    packet = s[SPARE_PACKET]
    at = s[PACKET] + packet * RECORD_SIZE
    s[SPARE_PACKET], s[s[WAY] + packet] = s[s[WAY] + packet], dest << FOR_AT
    record = s[PHASE] == RECORDING or (s[PHASE] == DRAINING and created < s[DRAIN_FROM])
    s[at + CREATED], s[at + FLITS], s[at + RECORD] = created, length, record
    s[MEASURED] += record
    s[FLYING] += length
    s[BIRTHS] += length * created
    s[node + ISSUED] = issued + 1
    s[node + NODE_PACKET], s[node + NODE_SENT], s[node + NODE_VC] = packet, 0, NOTHING
    s[s[BUSY] + (n >> 5)] |= 1 << (n & 31)


@flat_kernel
def catch_up(s: Int64s, targets: Int64s, hits: Int64s, n: int) -> None:
    """Make the tests that a node without a packet has missed, and this cycle's, up to the first success."""
    t, node = s[TIME], s[NODE] + n * NODE_SIZE
    clock = s[node + CLOCK]
    due, ahead = t + 1 - clock, hits[s[HIT]] - s[REAL]
    if ahead < due:
        s[REAL] += ahead + 1
        s[HIT] += 1
        s[node + CLOCK] = clock + ahead + 1
        make(s, targets, n, clock + ahead)
    else:
        s[REAL] += due
        s[node + CLOCK] = t + 1
        s[s[SLOW] + (n >> 5)] &= ~(1 << (n & 31))
    if s[PHASE] == DRAINING and s[node + DRAINED] == 0 and s[node + CLOCK] > s[DRAIN_FROM]:
        s[node + DRAINED] = 1
        s[UNDRAINED] -= 1


@inner_kernel
def test_all(s: Int64s, targets: Int64s, hits: Int64s) -> None:
    """One cycle's tests of all nodes, in turn."""
    n, total, busy, slow_bits = 0, s[NODES], s[BUSY], s[SLOW]
    while n < total:
        slow = s[slow_bits + (n >> 5)] >> (n & 31)
        end = min(total, (n | 31) + 1)
        if slow != 0:
            if slow & 1 != 0:
                if s[busy + (n >> 5)] >> (n & 31) & 1 == 0:
                    catch_up(s, targets, hits, n)
                n += 1
                continue
            end = min(end, n + lowest(slow))
        ahead = hits[s[HIT]] - s[REAL]
        if ahead >= end - n:
            s[REAL] += end - n
            n = end
        else:
            s[REAL] += ahead + 1
            s[HIT] += 1
            n += ahead
            make(s, targets, n, s[TIME])
            n += 1


@flat_kernel
def issue_all(s: Int64s, targets: Int64s) -> None:
    """Nodes that have packets left of a batch, or of a list, and none in hand make the next."""
    for n in range(s[NODES]):
        if s[s[BUSY] + (n >> 5)] >> (n & 31) & 1 != 0:
            continue
        node = s[NODE] + n * NODE_SIZE
        clock = s[node + CLOCK]
        if s[node + ISSUED] < s[node + LIMIT]:
            if s[PATTERN] == LISTED:
                clock = s[TIME]
            make(s, targets, n, clock)
            s[node + CLOCK] = clock + 1
            if s[node + ISSUED] == s[node + LIMIT]:
                s[UNSENT] -= 1
        else:
            s[node + CLOCK] = s[TIME] + 1


@flat_kernel
def choose_vc(s: Int64s, n: int) -> int:
    """A channel to inject by, free and with room, or -1: in turn after the last; the first packet tries the
    first alone."""
    vcs, node = s[VCS], s[NODE] + n * NODE_SIZE
    first, last, free = (s[ROUTERS] * s[RADIX] + n) * vcs, s[node + NODE_LAST], s[node + NODE_FREE]
    if s[RANDOM_INJECT] != 0:
        free &= 1 << draw(s, vcs)
    elif last < 0:
        free &= 1
    while free != 0:
        later = free >> last + 1 << last + 1
        v = lowest(later if later != 0 else free)
        if s[s[OUTLET] + (first + v) * OUTLET_SIZE + USED] < s[DEPTH]:
            return int(v)
        free &= ~(1 << v)
    return -1


@inner_kernel
def inject(s: Int64s, n: int) -> None:
    """Node n sends the next flit of its packet, if it may."""
    vcs, t, node = s[VCS], s[TIME], s[NODE] + n * NODE_SIZE
    packet, sent, v = s[node + NODE_PACKET], s[node + NODE_SENT], s[node + NODE_VC]
    used = s[OUTLET] + (s[ROUTERS] * s[RADIX] + n) * vcs * OUTLET_SIZE + USED
    if v < 0:
        v = choose_vc(s, n)
        s[node + NODE_VC] = v
        may = v >= 0
    else:
        may = s[used + v * OUTLET_SIZE] < s[DEPTH]
    if may:
        at, q = s[PACKET] + packet * RECORD_SIZE, s[node + SOURCE]
        last = sent == s[at + FLITS] - 1
        if sent == 0:
            s[at + ENTERED], s[node + NODE_LAST] = t, v
            s[node + NODE_FREE] &= ~(1 << v)
            s[node + NODE_TAIL] &= ~(1 << v)
            if s[ROUTING] == 0:
                s[s[WAY] + packet] = route(s, q, s[s[WAY] + packet])
        s[used + v * OUTLET_SIZE] += 1
        send(s, t + 2, q, v, packet << 2 | (sent == 0) << 1 | last)
        s[node + NODE_SENT] = sent + 1
        if last:
            s[s[BUSY] + (n >> 5)] &= ~(1 << (n & 31))
            if s[TAIL_CREDIT] == 0:
                s[node + NODE_FREE] |= 1 << v
            else:
                s[node + NODE_TAIL] |= 1 << v
            return
    bit = 1 << (n & 31)
    if s[s[SLOW] + (n >> 5)] & bit == 0:
        s[s[SLOW] + (n >> 5)] |= bit
        s[node + CLOCK] = t + 1


@inner_kernel
def inject_all(s: Int64s) -> None:
    """Nodes with a packet, in turn."""
    for w in range(s[WORDS]):
        word = s[s[BUSY] + w]
        while word != 0:
            n = 32 * w + lowest(word)
            word &= word - 1
            inject(s, n)


@inner_kernel
def retire(s: Int64s, n: int, event: int) -> None:
    """A flit has come to node n: its credit goes back, a tail counts."""
    t, node, flit = s[TIME], s[NODE] + n * NODE_SIZE, event & FLIT_MASK
    at, way = s[PACKET] + (flit >> 2) * RECORD_SIZE, s[WAY] + (flit >> 2)
    s[CREDITS] += 1
    credit(s, t + 2 + s[CREDIT], s[node + SINK] * s[VCS] + (event >> V_AT & 63))
    s[FLYING] -= 1
    s[BIRTHS] -= s[at + CREATED]
    if s[PHASE] <= RECORDING:
        s[node + ACCEPTED] += 1
        s[TAKEN] += 1
    if s[way] >> FOR_AT != n:
        s[FAULT] = 1
    if flit & 1 != 0:
        if s[PHASE] == WARMING or s[at + RECORD] != 0:
            latency = t - s[at + CREATED]
            s[LATENCY] += latency
            s[NETWORK_LATENCY] += t - s[at + ENTERED]
            s[HOPS] += s[way] >> HOPS_AT & LOW
            s[PACKETS] += 1
            s[LEAST], s[MOST] = min(s[LEAST], latency), max(s[MOST], latency)
        s[MEASURED] -= s[at + RECORD]
        s[way], s[SPARE_PACKET] = s[SPARE_PACKET], flit >> 2
