"""Collectives as operations of a program: one, or chunks of which so many are under way at once."""

from collections.abc import Sequence
from math import ceil

import numpy as np

from bankside.arch.engine.execute import execute
from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.program import ProgramBuilder
from bankside.arch.noc import collective
from bankside.arch.noc.algorithms import Steps
from bankside.arch.noc.fabric.fabric import NetworkError
from bankside.arch.noc.kind import NETWORK
from bankside.arch.noc.messages import MOST_MESSAGES, followed_fs
from bankside.arch.noc.occupancy import Network
from bankside.arch.noc.packet import Carrier, NetworkLike, described
from bankside.arch.noc.protocol import Algorithm, Pattern
from bankside.arch.noc.traffic import Step, Traffic, dense, links_of, runs_of
from bankside.arch.spec import ConfigError


def chunked(
    network: NetworkLike, pattern: Pattern, nodes: int, bytes_each: float, algorithm: Algorithm | None = None
) -> list[Steps]:
    """The steps of each chunk into which a network cuts a collective; without those that move nothing.

    Raises
    ------
    ConfigError
        An algorithm, or a pattern, that the network or its protocols do not run.
    """
    try:
        found = collective.pipelined(
            described(network, nodes), pattern, ceil(bytes_each), algorithm, network.chunks
        )
    except ValueError as error:
        raise ConfigError([str(error)]) from None
    return [steps for steps in found if steps]


def operations(network: NetworkLike, chunks: Sequence[Steps], nodes: int) -> list[Steps]:
    """What the unit makes of chunks: one operation where all their messages are followed, or one for each.

    Followed are those of a network that says so, where each has two ends and they are not too many, nor the network too
    large for a table of its routes: no bus, nothing that routers copy or add up.
    """
    described_so = described(network, nodes)
    every = [step for steps in chunks for step in steps]
    sent = sum(len(step.traffic.pairs) * step.repeats for step in every)
    told = all(len(step.traffic.pairs) or not step.traffic.message_hops for step in every)
    if not described_so.followed or not told or not 0 < sent <= MOST_MESSAGES or not _has_table(described_so):
        return list(chunks)
    return [[_together(described_so, chunks, network.in_flight)]]


def _has_table(network: Network) -> bool:
    try:
        return network.fabric.nodes > 0
    except NetworkError:
        return False


def _together(network: Network, chunks: Sequence[Steps], window: int) -> Step:
    """Chunks as one step: messages are counted in bytes, and its time is that of following them."""
    every = [step for steps in chunks for step in steps]
    weight = [step.wire_byte * step.repeats for step in every]
    loads = np.zeros(links_of(network), dtype=np.int64)
    for step, byte in zip(every, weight, strict=True):
        loads += dense(step.traffic, len(loads)) * byte
    port, link = (
        sum(getattr(s.traffic, name) * byte for s, byte in zip(every, weight, strict=True))
        for name in ("port", "link")
    )
    hops = sum(s.traffic.message_hops * s.message_byte * s.repeats for s in every)
    depth = max(sum(s.traffic.depth * s.repeats for s in steps) for steps in chunks)
    taken = followed_fs(network, tuple(map(tuple, chunks)), window)
    wait = min(taken - 1, max(sum(s.wait_fs * s.repeats for s in steps) for steps in chunks))
    return Step(Traffic(port, link, hops, depth, runs_of(loads)), 1, wait_fs=wait, alone_fs=taken - wait)


def alone_fs(network: NetworkLike, chunks: Sequence[Steps], nodes: int) -> int:
    """Time of a collective's chunks on a network that nothing else uses [fs]."""
    builder, carrier = ProgramBuilder(), Carrier(network, off_stack=True)
    unit, label, made = builder.unit("network", 1, NETWORK, part=0), builder.label("collective"), list[int]()
    for i, steps in enumerate(operations(network, chunks, nodes)):
        behind = made[i - network.in_flight :][:1] if i >= network.in_flight else []
        made.append(builder.op(unit, label, carrier.words(steps, nodes), behind))
    return execute(builder.build(), Hardware.of([(carrier.params(), carrier.state())])).total_fs
