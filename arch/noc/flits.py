"""Messages through routers, flit by flit or packet by packet: all of a step are handed to their nodes at once and run
until they are in.

Each message is cut into packets; a node sends one of each of its messages in turn, in the order of their
targets after it, so that not all nodes begin with the same. Of long messages two beginnings are run and the
time of the rest follows from their difference: from there on the network repeats itself.

What a message spends between a node and its router, and in the last router, is left out, as it is where
messages are timed by loads: a hop is all that a machine states. Where a router has no node of its own it is
one hop. So a lone message takes the same either way, but that a flit is not divided."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np

from bankside.arch.noc.fabric.deadlock import check_deadlock_free
from bankside.arch.noc.fabric.fabric import NO_LINK, Fabric, Int64s, NetworkError
from bankside.arch.noc.occupancy import FlitLevel
from bankside.arch.noc.router import layout as at
from bankside.arch.noc.router.network import FlitNetwork, NumpyStreams
from bankside.arch.noc.router.piece_run import cycles_by_pieces
from bankside.arch.noc.router.run import SILENT
from bankside.arch.noc.router.sources import RECORDING

SAMPLE: Final = 64
"""Packets of a message of which the first of two beginnings consists; the other has twice as many."""

NODE_CYCLES: Final = 3
"""Links between a node and its router, and the last cycle."""

MOST_MESSAGES: Final = 1 << 20
TIE_SEED: Final = 0
"""Routes of `fabric.named` draw nothing; a network needs streams all the same."""


def flit_fs(fabric: Fabric, level: FlitLevel, pairs: Int64s, size_byte: int) -> int:
    """Time from the first flit to the last, of messages of `size_byte` along each pair [fs].

    Parameters
    ----------
    pairs : int64[messages, 2]
        Where each comes from and goes to.

    Raises
    ------
    NetworkError
        For more messages than are timed, hops shorter than the routers' stages, and routes that could deadlock.
    """
    if len(pairs) > MOST_MESSAGES:
        raise NetworkError(f"{len(pairs)} messages at once are not timed flit by flit; {MOST_MESSAGES} are.")
    order = np.lexsort(((pairs[:, 1] - pairs[:, 0]) % fabric.nodes, pairs[:, 0]))
    flits = -(-size_byte // level.flit_byte)
    packets = -(-flits // level.packet_flits)
    run = _runner(fabric, level, np.ascontiguousarray(pairs[order]).tobytes())
    own = level.hop_cycles * (not fabric.paired)
    ends = level.router.hop_cycles + NODE_CYCLES - own
    if packets <= 2 * SAMPLE:
        return (run(flits) - ends) * level.cycle_fs
    first, second = (run(n * level.packet_flits) for n in (SAMPLE, 2 * SAMPLE))
    rest = flits - 2 * SAMPLE * level.packet_flits
    each, beyond = second - first, SAMPLE * level.packet_flits
    return (second - ends + -(-each * rest // beyond)) * level.cycle_fs


@lru_cache(maxsize=64)
def in_cycles(fabric: Fabric, level: FlitLevel) -> Fabric:
    """The network with its delays in cycles, what the stages of a router take off those of a hop.

    Raises
    ------
    NetworkError
        For hops shorter than the routers' stages and a link, and for routes that could deadlock.
    """
    if level.hop_cycles <= level.router.hop_cycles:
        raise NetworkError(
            f"A hop of {level.hop_cycles} cycles is shorter than the {level.router.hop_cycles} stages of a router "
            "and a link of one cycle; state more hop cycles, or latency."
        )
    check_deadlock_free(fabric, level.router.vcs)
    delays = np.where(fabric.to != NO_LINK, fabric.delay * level.hop_cycles - level.router.hop_cycles, 1)
    return replace(fabric, delay=delays)


@lru_cache(maxsize=256)
def _runner(fabric: Fabric, level: FlitLevel, pairs: bytes) -> Callable[[int], int]:
    """Cycles of messages of so many flits along `pairs`, each length run once."""
    messages = np.frombuffer(pairs, dtype=np.int64).reshape(-1, 2)
    timed = in_cycles(fabric, level)

    @lru_cache(maxsize=64)
    def cycles(flits: int) -> int:
        whole, rest = divmod(flits, level.packet_flits)
        each = np.array([level.packet_flits] * whole + [rest] * (rest > 0), dtype=np.int64)
        packets = np.stack([np.tile(messages[:, 1], len(each)), np.repeat(each, len(messages))], axis=1)
        packets = packets[np.argsort(np.tile(messages[:, 0], len(each)), kind="stable")]
        count = np.bincount(messages[:, 0], minlength=fabric.nodes) * len(each)
        first = np.concatenate([[0], np.cumsum(count)])
        if level.moved == "packets":
            return cycles_by_pieces(timed, level.router, first, packets)
        net = FlitNetwork(timed, level.router, NumpyStreams(TIE_SEED))
        net.send_list(first, packets)
        net.state[at.PHASE] = RECORDING
        net.run(goal=SILENT)
        return net.read(at.TIME)

    return cycles
