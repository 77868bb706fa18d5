"""Nodes: packets are made, their flits go in, and what has come out is counted.

A node makes its next packet when it has none to send. `test`s of a Bernoulli source that it could not make
meanwhile are made up for then, one for each cycle, and the packet counts from the cycle of the test that
succeeded, so that no load is lost. Tests are numbers of one stream in turn: a node without tests to catch up
with takes the next, and `hits` tells which of them succeed, so that all nodes up to the next success are
passed at once.
"""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import hot_kernel, lowest
from bankside.arch.noc.fabric.fabric import CLASS_AT
from bankside.arch.noc.router.layout import (
    ACCEPTED,
    BIRTHS,
    BUSY,
    CLOCK,
    CREATED,
    CREDIT,
    CREDIT_BACK,
    DEPTH,
    DRAIN_FROM,
    DRAINED,
    ENTERED,
    FAULT,
    FLIT,
    FLITS,
    FLYING,
    FOR,
    FROM,
    HIT,
    HOPS,
    ISSUED,
    KIND,
    KIND_BITS,
    LATENCY,
    LEAST,
    LENGTH,
    LIMIT,
    LINK_ON,
    MEASURED,
    MOST,
    NETWORK_LATENCY,
    NEXT_ROUTE,
    NODE,
    NODE_FREE,
    NODE_LAST,
    NODE_PACKET,
    NODE_SENT,
    NODE_SIZE,
    NODE_TAIL,
    NODE_USED,
    NODE_VC,
    NODES,
    NOTHING,
    PACKET,
    PACKETS,
    PATTERN,
    PHASE,
    PLACE_AT,
    RANDOM_INJECT,
    REAL,
    RECORD,
    RECORD_SIZE,
    ROUTING,
    SLOW,
    SOURCE,
    SPARE_PACKET,
    TAIL_CREDIT,
    TAKEN,
    TAKEN_HOPS,
    TIME,
    UNDRAINED,
    UNSENT,
    VCS,
    WHOLE,
    WORDS,
)
from bankside.arch.noc.router.step import post, route

Int64s = npt.NDArray[np.int64]

WARMING, RECORDING, DRAINING, EMPTYING = range(4)
"""Phases: all that comes in counts; what is made now counts; what was made before counts; nothing more is made."""

DRAWN, TIMED, LISTED = range(3)
"""Sources: tests by hits; a fixed number of packets each as soon as may be; listed packets."""


@hot_kernel
def make(s: Int64s, wholes: Int64s, targets: Int64s, n: int, created: int) -> None:
    """Node n has a packet from cycle `created` on."""
    kind = s[PATTERN]
    length = s[LENGTH]
    if kind == LISTED:
        at = s[s[NODE] + n * NODE_SIZE + ISSUED]
        dest, length = targets[2 * at], targets[2 * at + 1]
        s[s[NODE] + n * NODE_SIZE + ISSUED] = at + 1
    else:
        place, choices = targets[2 * n], targets[2 * n + 1]
        if choices > 1:
            place += wholes[s[WHOLE]] % choices
            s[WHOLE] += 1
        dest = targets[2 * s[NODES] + place]
        s[WHOLE] += 1
        s[s[NODE] + n * NODE_SIZE + ISSUED] += 1
    packet = s[SPARE_PACKET]
    s[SPARE_PACKET] = s[s[PACKET] + packet * RECORD_SIZE + LINK_ON]
    at = s[PACKET] + packet * RECORD_SIZE
    record = s[PHASE] == RECORDING or (s[PHASE] == DRAINING and created < s[DRAIN_FROM])
    s[at + CREATED], s[at + FROM], s[at + FOR], s[at + FLITS] = created, n, dest, length
    s[at + TAKEN_HOPS], s[at + KIND], s[at + RECORD] = 0, 0, record
    s[MEASURED] += record
    s[FLYING] += length
    s[BIRTHS] += length * created
    (
        s[s[NODE] + n * NODE_SIZE + NODE_PACKET],
        s[s[NODE] + n * NODE_SIZE + NODE_SENT],
        s[s[NODE] + n * NODE_SIZE + NODE_VC],
    ) = packet, 0, NOTHING
    s[s[BUSY] + (n >> 5)] |= 1 << (n & 31)


@hot_kernel
def catch_up(s: Int64s, wholes: Int64s, targets: Int64s, hits: Int64s, n: int) -> None:
    """Make the tests that a node without a packet has missed, and this cycle's, up to the first success."""
    t, clock = s[TIME], s[s[NODE] + n * NODE_SIZE + CLOCK]
    due, ahead = t + 1 - clock, hits[s[HIT]] - s[REAL]
    if ahead < due:
        s[REAL] += ahead + 1
        s[HIT] += 1
        s[s[NODE] + n * NODE_SIZE + CLOCK] = clock + ahead + 1
        make(s, wholes, targets, n, clock + ahead)
    else:
        s[REAL] += due
        s[s[NODE] + n * NODE_SIZE + CLOCK] = t + 1
        s[s[SLOW] + (n >> 5)] &= ~(1 << (n & 31))
    if (
        s[PHASE] == DRAINING
        and s[s[NODE] + n * NODE_SIZE + DRAINED] == 0
        and s[s[NODE] + n * NODE_SIZE + CLOCK] > s[DRAIN_FROM]
    ):
        s[s[NODE] + n * NODE_SIZE + DRAINED] = 1
        s[UNDRAINED] -= 1


@hot_kernel
def test_all(s: Int64s, wholes: Int64s, targets: Int64s, hits: Int64s) -> None:
    """One cycle's tests of all nodes, in turn."""
    n, total = 0, s[NODES]
    while n < total:
        slow = s[s[SLOW] + (n >> 5)] >> (n & 31)
        end = min(total, (n | 31) + 1)
        if slow != 0:
            if slow & 1 != 0:
                if s[s[BUSY] + (n >> 5)] >> (n & 31) & 1 == 0:
                    catch_up(s, wholes, targets, hits, n)
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
            make(s, wholes, targets, n, s[TIME])
            n += 1


@hot_kernel
def issue_all(s: Int64s, wholes: Int64s, targets: Int64s) -> None:
    """Nodes that have packets left of a batch, or of a list, and none in hand make the next."""
    for n in range(s[NODES]):
        if s[s[BUSY] + (n >> 5)] >> (n & 31) & 1 != 0:
            continue
        clock = s[s[NODE] + n * NODE_SIZE + CLOCK]
        if s[s[NODE] + n * NODE_SIZE + ISSUED] < s[s[NODE] + n * NODE_SIZE + LIMIT]:
            if s[PATTERN] == LISTED:
                clock = s[TIME]
            make(s, wholes, targets, n, clock)
            s[s[NODE] + n * NODE_SIZE + CLOCK] = clock + 1
            if s[s[NODE] + n * NODE_SIZE + ISSUED] == s[s[NODE] + n * NODE_SIZE + LIMIT]:
                s[UNSENT] -= 1
        else:
            s[s[NODE] + n * NODE_SIZE + CLOCK] = s[TIME] + 1


@hot_kernel
def choose_vc(s: Int64s, wholes: Int64s, n: int) -> int:
    """A channel to inject by, free and with room, or -1: in turn after the last; the first packet tries the
    first alone."""
    vcs, last = s[VCS], s[s[NODE] + n * NODE_SIZE + NODE_LAST]
    if s[RANDOM_INJECT] != 0:
        v = wholes[s[WHOLE]] % vcs
        s[WHOLE] += 1
        if s[s[NODE] + n * NODE_SIZE + NODE_FREE] >> v & 1 != 0 and s[s[NODE_USED] + n * vcs + v] < s[DEPTH]:
            return int(v)
        return -1
    for i in range(1, vcs + 1):
        v = last + i if last >= 0 else 0
        v -= vcs if v >= vcs else 0
        if s[s[NODE] + n * NODE_SIZE + NODE_FREE] >> v & 1 != 0 and s[s[NODE_USED] + n * vcs + v] < s[DEPTH]:
            return int(v)
    return -1


@hot_kernel
def inject(s: Int64s, wholes: Int64s, n: int) -> None:
    """Node n sends the next flit of its packet, if it may."""
    packet, sent, vcs, t = (
        s[s[NODE] + n * NODE_SIZE + NODE_PACKET],
        s[s[NODE] + n * NODE_SIZE + NODE_SENT],
        s[VCS],
        s[TIME],
    )
    at, v = s[PACKET] + packet * RECORD_SIZE, s[s[NODE] + n * NODE_SIZE + NODE_VC]
    if v < 0:
        v = choose_vc(s, wholes, n)
        s[s[NODE] + n * NODE_SIZE + NODE_VC] = v
    if v >= 0 and s[s[NODE_USED] + n * vcs + v] < s[DEPTH]:
        q, last = s[s[NODE] + n * NODE_SIZE + SOURCE], sent == s[at + FLITS] - 1
        if sent == 0:
            s[at + ENTERED], s[s[NODE] + n * NODE_SIZE + NODE_LAST] = t, v
            s[s[NODE] + n * NODE_SIZE + NODE_FREE] &= ~(1 << v)
            s[s[NODE] + n * NODE_SIZE + NODE_TAIL] &= ~(1 << v)
            if s[ROUTING] == 0:
                found = route(s, wholes, q, 0, s[at + FOR])
                s[at + NEXT_ROUTE], s[at + KIND] = found, found >> CLASS_AT & 255
        s[s[NODE_USED] + n * vcs + v] += 1
        flit = packet << 2 | (sent == 0) << 1 | last
        post(s, t + 2, FLIT | flit << KIND_BITS | q * vcs + v << PLACE_AT)
        s[s[NODE] + n * NODE_SIZE + NODE_SENT] = sent + 1
        if last:
            s[s[BUSY] + (n >> 5)] &= ~(1 << (n & 31))
            if s[TAIL_CREDIT] == 0:
                s[s[NODE] + n * NODE_SIZE + NODE_FREE] |= 1 << v
            else:
                s[s[NODE] + n * NODE_SIZE + NODE_TAIL] |= 1 << v
            return
    if s[s[SLOW] + (n >> 5)] >> (n & 31) & 1 == 0:
        s[s[SLOW] + (n >> 5)] |= 1 << (n & 31)
        s[s[NODE] + n * NODE_SIZE + CLOCK] = t + 1


@hot_kernel
def inject_all(s: Int64s, wholes: Int64s) -> None:
    """Nodes with a packet, in turn."""
    for w in range(s[WORDS]):
        word = s[s[BUSY] + w]
        while word != 0:
            n = 32 * w + lowest(word)
            word &= word - 1
            inject(s, wholes, n)


@hot_kernel
def retire(s: Int64s, n: int, h: int, flit: int) -> None:
    """A flit has come to node n by output channel h of its router: its credit goes back, a tail counts."""
    t = s[TIME]
    at = s[PACKET] + (flit >> 2) * RECORD_SIZE
    post(s, t + 2 + s[CREDIT], CREDIT_BACK | h << PLACE_AT)
    s[FLYING] -= 1
    s[BIRTHS] -= s[at + CREATED]
    if s[PHASE] <= RECORDING:
        s[s[NODE] + n * NODE_SIZE + ACCEPTED] += 1
        s[TAKEN] += 1
    if s[at + FOR] != n:
        s[FAULT] = 1
    if flit & 1 != 0:
        if s[PHASE] == WARMING or s[at + RECORD] != 0:
            latency = t - s[at + CREATED]
            s[LATENCY] += latency
            s[NETWORK_LATENCY] += t - s[at + ENTERED]
            s[HOPS] += s[at + TAKEN_HOPS]
            s[PACKETS] += 1
            s[LEAST], s[MOST] = min(s[LEAST], latency), max(s[MOST], latency)
        s[MEASURED] -= s[at + RECORD]
        s[at + LINK_ON] = s[SPARE_PACKET]
        s[SPARE_PACKET] = flit >> 2
