"""Messages over a network as a machine's YAML describes it: their steps, and the unit that carries them."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from itertools import chain
from math import ceil
from typing import Final, Protocol

import numpy as np

from bankside.arch.causes import LINK_LATENCY, LINK_SERIAL, NOC_CONTENTION, NOC_HOP, NOC_SERIAL
from bankside.arch.engine.program import LONGEST_FS, RunTooLongError
from bankside.arch.noc import collective, topology
from bankside.arch.noc import protocol as moving
from bankside.arch.noc.fabric.deadlock import check_deadlock_free
from bankside.arch.noc.fabric.direct import Edge, check_radix
from bankside.arch.noc.fabric.fabric import NetworkError
from bankside.arch.noc.kind import FREE, ROWS
from bankside.arch.noc.occupancy import (
    FS_PER_S,
    MOST_BYTES,
    FlitLevel,
    Moved,
    NetCost,
    Network,
    hop_time_fs,
)
from bankside.arch.noc.protocol import Algorithm, Pattern
from bankside.arch.noc.router.spec import RouterSpec
from bankside.arch.noc.topology import ROUTED, Int64s, Topology
from bankside.arch.noc.traffic import INNER, Step, Traffic, alone_of, links_of, over, root_port
from bankside.arch.spec import ConfigError

TINY = 1e-6
"""How far a ratio of rates may be off a whole number."""

KEPT: Final = 256
"""Networks, of so many nodes each, and steps on them that stay described: those of a machine and its neighbours in a
sweep."""


_Row = tuple[tuple[int, ...], int]
"""A row of traffic as `kind` reads it, and how many links there are up to its last."""


class LinkLike(Protocol):
    """A link: bandwidth of one direction [B/s], latency of a hop [s] and further cycles of its clock [Hz]."""

    @property
    def bytes_per_s(self) -> float: ...
    @property
    def latency(self) -> float: ...
    @property
    def hop(self) -> int: ...
    @property
    def clock(self) -> float | None: ...
    @property
    def protocols(self) -> "Sequence[ProtocolLike]": ...


class RateLike(Protocol):
    """See `protocol.Rate`."""

    @property
    def patterns(self) -> tuple[Pattern, ...]: ...
    @property
    def nodes(self) -> int: ...
    @property
    def share(self) -> float: ...


class ProtocolLike(Protocol):
    """See `protocol.Protocol`; times in seconds."""

    @property
    def name(self) -> str: ...
    @property
    def software(self) -> str: ...
    @property
    def algorithms(self) -> tuple[Algorithm, ...]: ...
    @property
    def base(self) -> float: ...
    @property
    def step(self) -> float: ...
    @property
    def message(self) -> float: ...
    @property
    def share(self) -> float: ...
    @property
    def rates(self) -> Sequence[RateLike]: ...
    @property
    def adds(self) -> float | None: ...


class NetworkLike(Hashable, Protocol):
    """A topology of equal links, with routers that may copy messages."""

    @property
    def topology(self) -> Topology: ...
    @property
    def link(self) -> LinkLike: ...
    @property
    def multicast(self) -> bool: ...
    @property
    def combine(self) -> bool: ...
    @property
    def forward(self) -> str: ...
    @property
    def software(self) -> tuple[str, ...]: ...
    @property
    def chunks(self) -> int: ...
    @property
    def in_flight(self) -> int: ...
    @property
    def radix(self) -> int | None: ...
    @property
    def layers(self) -> int: ...
    @property
    def vertical(self) -> LinkLike | None: ...
    @property
    def edges(self) -> "Sequence[EdgeLike]": ...
    @property
    def router(self) -> "RouterLike | None": ...


class EdgeLike(Protocol):
    """An edge between nodes `a` and `b`, with a link of its own where it differs."""

    @property
    def a(self) -> int: ...
    @property
    def b(self) -> int: ...
    @property
    def link(self) -> LinkLike | None: ...


class RouterLike(Protocol):
    """A router that messages pass; see `router.spec`. `packet`: flits of a packet at most; `moved`: see `FlitLevel`."""

    @property
    def vcs(self) -> int: ...
    @property
    def depth(self) -> int: ...
    @property
    def routing_delay(self) -> int: ...
    @property
    def switch_delay(self) -> int: ...
    @property
    def credit_delay(self) -> int: ...
    @property
    def packet(self) -> int: ...
    @property
    def moved(self) -> Moved: ...


@lru_cache(maxsize=KEPT)
def described(network: NetworkLike, nodes: int) -> Network:
    """The network of `nodes` nodes. A link without a clock has no hop cycles, only its latency.

    Raises
    ------
    ConfigError
        Where so many nodes cannot be joined so, or packets could wait for each other for ever.
    """
    link = network.link
    edges = [(each.a, each.b, each.link) for each in network.edges]
    if network.vertical is not None:
        edges.append((0, 1, network.vertical))
    try:
        found = Network(
            network.topology,
            nodes,
            link.bytes_per_s,
            _hop_fs(link),
            network.multicast,
            network.combine,
            MOST_BYTES if network.forward == "whole" else 0,
            radix=network.radix or 0,
            edges=tuple(_edge(a, b, own, link) for a, b, own in edges),
            layers=network.layers,
            flits=_flits(network),
            protocols=tuple(
                _protocol(each)
                for each in link.protocols
                if not network.software or each.software in network.software
            ),
            followed=network.router is None and (network.chunks > 1 or network.forward == "whole"),
        )
        if nodes > 1 and network.topology == "full":
            check_radix(nodes, network.radix)
        if nodes > 1 and found.flits is not None:
            from bankside.arch.noc.flits import in_cycles

            in_cycles(found.fabric, found.flits)
        elif nodes > 1 and network.topology in ROUTED:
            check_deadlock_free(found.fabric, 2)
    except NetworkError as error:
        raise ConfigError(f"A {network.topology} network of {nodes} nodes: {error}") from None
    return found


def _hop_fs(link: LinkLike) -> int:
    return hop_time_fs(link.latency, link.hop, link.clock)


def _protocol(stated: ProtocolLike) -> moving.Protocol:
    base, step, message = (round(each * FS_PER_S) for each in (stated.base, stated.step, stated.message))
    rates = tuple(moving.Rate(rate.patterns, rate.nodes, rate.share) for rate in stated.rates)
    adds = float("inf") if stated.adds is None else stated.adds
    return moving.Protocol(
        stated.name, stated.software, stated.algorithms, base, step, message, stated.share, rates, adds
    )


def _edge(a: int, b: int, own: LinkLike | None, usual: LinkLike) -> Edge:
    """An edge in hops and times of the usual link, of which its own are whole multiples."""
    if own is None:
        return Edge(a, b)
    slower = usual.bytes_per_s / own.bytes_per_s
    later = _hop_fs(own) / _hop_fs(usual) if _hop_fs(usual) else float(_hop_fs(own) + 1)
    if min(slower, later) < 1 - TINY or max(abs(slower - round(slower)), abs(later - round(later))) > TINY:
        raise NetworkError(
            f"The link from {a} to {b} has {own.bytes_per_s:.4g} B/s and hops of {_hop_fs(own) / 1e6:.4g} ns; the "
            f"rate must be a whole part of {usual.bytes_per_s:.4g} B/s, the hop a whole multiple of "
            f"{_hop_fs(usual) / 1e6:.4g} ns."
        )
    return Edge(a, b, round(later), round(slower))


def _flits(network: NetworkLike) -> FlitLevel | None:
    """How messages are timed through routers: a flit is what a link carries in a cycle of its clock."""
    router, link = network.router, network.link
    if router is None:
        return None
    assert link.clock is not None
    spec = RouterSpec(
        router.vcs, router.depth, router.routing_delay, router.switch_delay, router.credit_delay
    )
    cycle_fs = round(FS_PER_S / link.clock)
    return FlitLevel(
        spec,
        max(1, round(link.bytes_per_s / link.clock)),
        router.packet,
        round(_hop_fs(link) / cycle_fs),
        cycle_fs,
        router.moved,
    )


def schedule(network: NetworkLike, pattern: Pattern, nodes: int, bytes_each: float) -> list[Step]:
    """Steps of `pattern` among `nodes` nodes; see `occupancy.Pattern` for what `bytes_each` counts.

    A fraction of a byte takes a whole one.
    """
    return collective.schedule(described(network, nodes), pattern, ceil(bytes_each))


def cost(network: NetworkLike, pattern: Pattern, nodes: int, bytes_each: float) -> NetCost:
    """Cost of `schedule` when nothing else moves."""
    return collective.total(described(network, nodes), schedule(network, pattern, nodes, bytes_each))


def passage(network: NetworkLike, nodes: int, byte: int) -> list[Step]:
    """Steps of bytes that leave or enter a network of `nodes` nodes through one port, the root's."""
    return [Step(over(root_port(described(network, nodes)), depth=1), byte)] if byte else []


def link_count(network: NetworkLike, nodes: int) -> int:
    """Links of a network, each direction its own; those to nodes too, where a router has none of its own."""
    if network.topology not in ROUTED:
        return topology.link_count(network.topology, nodes)
    fabric = described(network, nodes).fabric
    return max(1, fabric.links + nodes * (not fabric.paired))


def held_fs(network: NetworkLike, steps: Sequence[Step], nodes: int) -> Int64s:
    """For how long steps hold each link, int64[links] [fs]; links that the topology leaves out are held by none.

    Ports between a node and its router count where there is no other link.
    """
    return _held_fs(network, tuple(steps), nodes)


@lru_cache(maxsize=KEPT)
def _held_fs(network: NetworkLike, steps: tuple[Step, ...], nodes: int) -> Int64s:
    found = described(network, nodes)
    changes = np.zeros(links_of(found) + 1, dtype=np.int64)  # of the time held from link to link
    for step in steps:
        first, count, messages = step.traffic.runs.T
        times = {of: found.fs(of * step.wire_byte) * step.repeats for of in set(messages.tolist())}
        each_fs = np.array([times[of] for of in messages.tolist()], dtype=np.int64)
        np.add.at(changes, first, each_fs)
        np.add.at(changes, first + count, -each_fs)
    held = np.cumsum(changes[:-1])
    held.setflags(write=False)
    if network.topology in topology.GRIDS:
        return held[: INNER * nodes]
    return held[: found.fabric.to.size] if network.topology in ROUTED and found.fabric.paired else held


class Carrier:
    """A network as a unit: gathers the rows of traffic that operations use, and gives the unit's parameters and state.

    Parameters
    ----------
    network : NetworkLike
    off_stack : bool
        Whether bytes and hops are a link's or those of a network on a die. Off the stack, who waits for a link is
        charged what its occupant does.
    segments : int
        Links that a bus is seen as: the ways of alike packages or stacks, all of which a message to all occupies.
    """

    def __init__(self, network: NetworkLike, off_stack: bool, segments: int = 1) -> None:
        self.network, self.segments = network, segments
        on_die = NOC_SERIAL, NOC_HOP, NOC_CONTENTION
        self.causes = (LINK_SERIAL, LINK_LATENCY, LINK_SERIAL) if off_stack else on_die
        self._rows: dict[tuple[int, ...], int] = {}
        self._links = segments

    def words(self, steps: Sequence[Step], nodes: int) -> list[int]:
        """The work of an operation: steps among `nodes` nodes.

        Nodes of core kinds that are not equally many share the links of equal number.

        Raises
        ------
        RunTooLongError
            If the operation takes longer, or moves more over a link, than can be counted.
        """
        network = described(self.network, nodes)
        segments = self.segments if network.topology == "bus" else 1
        told = _told(network, tuple(steps), segments)
        return list(chain.from_iterable((self._number(row), *others) for row, *others in told))

    def way(self, segment: int) -> int:
        """The row of transfers over one segment alone, of up to `most_byte` bytes each."""
        return self._number(_row(over(segment)))

    @property
    def most_byte(self) -> int:
        """Most bytes that one link can be timed with."""
        return min(MOST_BYTES, int(LONGEST_FS / described(self.network, 1).pace))

    def _number(self, row: _Row) -> int:
        words, links = row
        self._links = max(self._links, links)
        return self._rows.setdefault(words, len(self._rows))

    def params(self) -> Int64s:
        """Parameters of the unit, as `kind` reads them."""
        network = described(self.network, 1)
        whole, rest = divmod(network.pace.numerator, network.pace.denominator)
        head = [whole, rest, network.pace.denominator, network.hop_fs, network.chunk_byte, *self.causes]
        ends = ROWS + len(self._rows) + np.cumsum([0, *map(len, self._rows)])
        return np.array([*head, *ends[:-1], *chain.from_iterable(self._rows)], dtype=np.int64)

    def state(self) -> Int64s:
        """All links free: int64[1 + links]."""
        return np.zeros(FREE + self._links, dtype=np.int64)


def _row(traffic: Traffic, segments: int = 1, alone_fs: int = 0) -> _Row:
    runs = traffic.runs.copy()
    if segments > 1:
        runs[:, 1] = segments
    ways = traffic.ways.ravel().tolist()
    head = traffic.port, traffic.link, traffic.depth, alone_fs, len(traffic.ways), len(runs)
    return (*head, *runs.ravel().tolist(), *ways), int((runs[:, 0] + runs[:, 1]).max(initial=1))


@lru_cache(maxsize=KEPT)
def _told(network: Network, steps: tuple[Step, ...], segments: int) -> list[tuple[_Row, int, int, int]]:
    """The row and the words of each step, see `Carrier.words`."""
    busiest = max((max(s.traffic.port, s.traffic.link) * s.wire_byte for s in steps), default=0)
    taken_fs = collective.total(network, steps).total_fs
    if busiest > MOST_BYTES or taken_fs > LONGEST_FS:
        raise RunTooLongError(
            f"An exchange moves {busiest:.3g} bytes over a link in {taken_fs / 1e15:.3g} s, more than is counted."
        )
    rows = (_row(s.traffic, segments, alone_of(network, s)) for s in steps)
    return [(row, s.wire_byte, s.wait_fs, s.repeats) for row, s in zip(rows, steps, strict=True)]


__all__ = [
    "Carrier",
    "LinkLike",
    "NetCost",
    "NetworkLike",
    "Pattern",
    "cost",
    "link_count",
    "passage",
    "schedule",
]
