"""Networks, the patterns of communication over them, and what one costs when nothing else moves.

Every link carries its bytes at its bandwidth, and so does the port between a node and the network:

    time = serial + contention + hop
    serial      bytes through the busiest node port / bandwidth
    contention  (bytes over the busiest inner link - bytes through the busiest port) / bandwidth, if positive
    hop         links on the longest path x hop latency (+ a chunk's time for each link after the first where
                the network stores and forwards chunks)

Loads are exact for the routes of `topology`; the time is that of a schedule without gaps on the busiest link, a
lower bound. Moving bytes cycle by cycle, oldest first, meets it for gather, scatter and point-to-point on every
grid and comes within 5 % for all-to-all. Patterns that are under way at once wait for each other's links (`kind`).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Literal

from bankside.arch.noc.fabric.direct import Edge
from bankside.arch.noc.fabric.fabric import Fabric
from bankside.arch.noc.fabric.named import fabric_of
from bankside.arch.noc.protocol import Pattern, Protocol
from bankside.arch.noc.router.spec import RouterSpec
from bankside.arch.noc.topology import Topology

Moved = Literal["flits", "packets"]

FS_PER_S = 10**15
ROOT = 0  # collectives have their root at node 0, a corner of a mesh
PACE_DENOMINATOR = 1 << 20
"""Most of a pace's denominator: int64 then times `MOST_BYTES` bytes; a pace that needs more is off by 2^-40 of it."""

MOST_BYTES = 1 << 42
"""Most bytes of a message times messages on a link."""


@dataclass(frozen=True)
class FlitLevel:
    """What times messages through routers (`flits`) instead of by what they load links with.

    Attributes
    ----------
    router : RouterSpec
    flit_byte : int
        Bytes of a flit: what a link carries in a cycle.
    packet_flits : int
        Flits of a packet at most.
    hop_cycles : int
        Cycles of a hop, router and link.
    cycle_fs : int
        One cycle [fs].
    moved : Moved
        What routers pass on: flits, or packets in pieces (`router.piece_run`).
    """

    router: RouterSpec
    flit_byte: int
    packet_flits: int
    hop_cycles: int
    cycle_fs: int
    moved: Moved = "flits"


@dataclass(frozen=True)
class Network:
    """Nodes joined by equal links, those of a `custom` network or between layers aside.

    Attributes
    ----------
    topology : Topology
    nodes : int
    bandwidth_bytes_per_s : float
        Of one link in one direction; of a bus, of the shared medium.
    hop_fs : int
        Latency of one hop, router and wire.
    multicast : bool
        Routers copy a message on its way; without it a broadcast is one message for each receiver.
    combine : bool
        Routers add on the way to the root (in-network reduction).
    chunk_byte : int
        Bytes that a router collects before it forwards them; 0 for cut-through.
    radix, edges, layers : int, tuple of Edge, int
        See `fabric.named`; delays in hops, intervals in times of the usual link.
    flits : FlitLevel or None
        Whether messages are timed through routers.
    protocols : tuple of Protocol
        How software moves collectives; none: by the links alone.
    followed : bool
        Whether collectives are timed message by message (`messages`).
    """

    topology: Topology
    nodes: int
    bandwidth_bytes_per_s: float
    hop_fs: int = 0
    multicast: bool = True
    combine: bool = False
    chunk_byte: int = 0
    radix: int = 0
    edges: tuple[Edge, ...] = ()
    layers: int = 1
    flits: FlitLevel | None = None
    protocols: tuple[Protocol, ...] = ()
    followed: bool = False

    def __post_init__(self) -> None:
        if self.nodes < 1 or self.bandwidth_bytes_per_s <= 0 or self.hop_fs < 0 or self.chunk_byte < 0:
            raise ValueError(f"A network needs nodes >= 1, bandwidth > 0 and latencies >= 0, not {self}.")

    @property
    def fabric(self) -> Fabric:
        """Its routers and links."""
        return fabric_of(self.topology, self.nodes, self.radix, self.edges, self.layers)

    def fs(self, size_byte: int) -> int:
        """Time of bytes over one link, rounded up [fs]."""
        pace = self.pace
        return -(-size_byte * pace.numerator // pace.denominator)

    @cached_property
    def pace(self) -> Fraction:
        """Time of a byte over one link [fs]."""
        exact = Fraction(FS_PER_S) / Fraction(self.bandwidth_bytes_per_s)
        return exact.limit_denominator(PACE_DENOMINATOR)


@dataclass(frozen=True)
class NetCost:
    """Cost of a pattern.

    Attributes
    ----------
    serial_fs, hop_fs, contention_fs, software_fs : int
        Parts of the time; software is what a collective takes before its first message [fs].
    byte_hops : int
        Bytes times links: what all links carried [byte].
    link_bytes : int
        Bytes on the busiest link, summed over the phases of the pattern [byte].
    """

    serial_fs: int = 0
    hop_fs: int = 0
    contention_fs: int = 0
    byte_hops: int = 0
    link_bytes: int = 0
    software_fs: int = 0

    @property
    def total_fs(self) -> int:
        """Time from the first byte sent to the last byte received [fs]."""
        return self.serial_fs + self.hop_fs + self.contention_fs + self.software_fs

    def __add__(self, other: "NetCost") -> "NetCost":
        """This phase, then the other."""
        return NetCost(
            self.serial_fs + other.serial_fs,
            self.hop_fs + other.hop_fs,
            self.contention_fs + other.contention_fs,
            self.byte_hops + other.byte_hops,
            self.link_bytes + other.link_bytes,
            self.software_fs + other.software_fs,
        )

    def times(self, count: int) -> "NetCost":
        """This phase, `count` times in turn."""
        return NetCost(
            count * self.serial_fs,
            count * self.hop_fs,
            count * self.contention_fs,
            count * self.byte_hops,
            count * self.link_bytes,
            count * self.software_fs,
        )


def hop_time_fs(latency_s: float, cycles: int = 0, clock_hz: float | None = None) -> int:
    """Latency of one hop [fs]: a fixed time plus cycles of the network's clock."""
    cycle_s = Fraction(cycles) / Fraction(clock_hz) if clock_hz else Fraction(0)
    return round((Fraction(latency_s) + cycle_s) * FS_PER_S)


__all__ = ["FlitLevel", "NetCost", "Network", "Pattern", "hop_time_fs"]
