"""Time and traffic of one communication pattern by link occupancy, for kernels.

Every link carries its bytes at its bandwidth, and so does the port between a node and the network:

    time = serial + contention + hop
    serial      bytes through the busiest node port / bandwidth
    contention  (bytes over the busiest inner link - bytes through the busiest port) / bandwidth, if positive
    hop         links on the longest path x hop latency (+ a chunk's time for each link after the first where
                the network stores and forwards chunks)

Loads are exact for the routes of `topology`; the time is that of a schedule without gaps on the busiest link, a
lower bound. Moving bytes cycle by cycle, oldest first, meets it for gather, scatter and point-to-point on every
grid and comes within 5 % for all-to-all.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Literal

import numpy as np

from bankside.arch.noc.topology import (
    GRIDS,
    Int64s,
    Topology,
    all_to_all_loads,
    diameter,
    grid,
    hops,
    link_loads,
    tree_depth,
)

FS_PER_S = 10**15
ROOT = 0  # collectives have their root at node 0, a corner of a mesh


Pattern = Literal[
    "point_to_point",
    "broadcast",
    "scatter",
    "gather",
    "all_gather",
    "all_to_all",
    "reduce",
    "all_reduce",
    "reduce_scatter",
]
"""Who sends what, with the meaning of `bytes_each`.

point_to_point: the message of node 0 to the farthest node. broadcast: the message of node 0 to all. scatter,
gather: what node 0 sends to, or gets from, each other node. all_gather: what every node sends to all.
all_to_all: what each node sends to each other. reduce, all_reduce, reduce_scatter: the vector that every node
holds, whose sum ends at node 0, at all nodes, or in equal shares.
"""


@dataclass(frozen=True)
class Network:
    """Nodes joined by equal links.

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
    """

    topology: Topology
    nodes: int
    bandwidth_bytes_per_s: float
    hop_fs: int = 0
    multicast: bool = True
    combine: bool = False
    chunk_byte: int = 0

    def __post_init__(self) -> None:
        if self.nodes < 1 or self.bandwidth_bytes_per_s <= 0 or self.hop_fs < 0 or self.chunk_byte < 0:
            raise ValueError(f"A network needs nodes >= 1, bandwidth > 0 and latencies >= 0, not {self}.")

    def fs(self, size_byte: int) -> int:
        """Time of bytes over one link, rounded up [fs]."""
        return ceil(Fraction(size_byte) * FS_PER_S / Fraction(self.bandwidth_bytes_per_s))


@dataclass(frozen=True)
class NetCost:
    """Cost of a pattern.

    Attributes
    ----------
    serial_fs, hop_fs, contention_fs : int
        Parts of the time [fs].
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

    @property
    def total_fs(self) -> int:
        """Time from the first byte sent to the last byte received [fs]."""
        return self.serial_fs + self.hop_fs + self.contention_fs

    def __add__(self, other: "NetCost") -> "NetCost":
        """This phase, then the other."""
        return NetCost(
            self.serial_fs + other.serial_fs,
            self.hop_fs + other.hop_fs,
            self.contention_fs + other.contention_fs,
            self.byte_hops + other.byte_hops,
            self.link_bytes + other.link_bytes,
        )

    def times(self, count: int) -> "NetCost":
        """This phase, `count` times in turn."""
        return NetCost(
            count * self.serial_fs,
            count * self.hop_fs,
            count * self.contention_fs,
            count * self.byte_hops,
            count * self.link_bytes,
        )


@dataclass(frozen=True)
class Traffic:
    """Bytes through the busiest port and link, bytes x links, and links on the longest path."""

    port: int
    link: int
    byte_hops: int
    depth: int


def hop_time_fs(latency_s: float, cycles: int = 0, clock_hz: float | None = None) -> int:
    """Latency of one hop [fs]: a fixed time plus cycles of the network's clock."""
    cycle_s = Fraction(cycles) / Fraction(clock_hz) if clock_hz else Fraction(0)
    return round((Fraction(latency_s) + cycle_s) * FS_PER_S)


def transfer(bandwidth_bytes_per_s: float, latency_fs: int, size_byte: int) -> NetCost:
    """One message over one link: a PHY, a board trace, a host interface."""
    return price(Network("bus", 2, bandwidth_bytes_per_s, latency_fs), _message(size_byte), size_byte)


def price(network: Network, traffic: Traffic, message_byte: int) -> NetCost:
    """Traffic as time: the port's bytes, what the busiest link has beyond them, and the path's latency."""
    if traffic.byte_hops == 0:
        return NetCost()
    serial = network.fs(traffic.port)
    busiest = max(serial, network.fs(traffic.link))
    chunk = min(network.chunk_byte, message_byte)
    hop = traffic.depth * network.hop_fs + (traffic.depth - 1) * network.fs(chunk)
    return NetCost(serial, hop, busiest - serial, traffic.byte_hops, traffic.link)


def flows(network: Network, source: Int64s, target: Int64s, size_byte: int) -> Traffic:
    """Traffic of simultaneous messages of equal size, no two with the same two ends.

    Parameters
    ----------
    source, target : int64[messages]
        Node numbers.
    size_byte : int
        Bytes of each message.
    """
    out = int(np.bincount(source).max()) * size_byte
    into = int(np.bincount(target).max()) * size_byte
    if network.topology in GRIDS:
        shape = grid(network.topology, network.nodes)
        loads = link_loads(shape, source, target, size_byte)
        return Traffic(
            max(out, into), loads.busiest_byte, loads.total_byte, int(hops(shape, source, target).max())
        )
    total = len(source) * size_byte
    depth = depth_of(network)
    link = {"bus": total, "full": size_byte}.get(network.topology, max(out, into))
    return Traffic(link, link, total * depth, depth)


def one_shot(network: Network, pattern: Pattern, size_byte: int) -> Traffic:
    """Traffic of the patterns whose messages all leave at once: all but all-gather and the reductions."""
    n, topology = network.nodes, network.topology
    others = np.arange(1, n, dtype=np.int64)
    root = np.full(n - 1, ROOT, dtype=np.int64)
    match pattern:
        case "gather":
            return flows(network, others, root, size_byte)
        case "point_to_point":
            return flows(network, root[:1], farthest(network), size_byte)
        case "all_to_all":
            return _all_to_all(network, size_byte)
        case "broadcast" if network.multicast and topology != "full":
            links = {"bus": 1, "switch": n}.get(topology, n - 1)
            return Traffic(size_byte, size_byte, links * size_byte, depth_of(network))
        case "broadcast" | "scatter":
            return flows(network, root, others, size_byte)
        case _:
            raise ValueError(f"{pattern} takes more than one step.")


def depth_of(network: Network) -> int:
    """Links from the root to the node farthest from it."""
    if network.topology in GRIDS:
        return tree_depth(grid(network.topology, network.nodes), ROOT)
    return 2 if network.topology == "switch" else 1


def farthest(network: Network) -> Int64s:
    """The node farthest from the root, int64[1]."""
    nodes = np.arange(network.nodes, dtype=np.int64)
    if network.topology not in GRIDS:
        return nodes[-1:]
    away = hops(grid(network.topology, network.nodes), np.full_like(nodes, ROOT), nodes)
    return nodes[[int(np.argmax(away))]]


def _all_to_all(network: Network, size_byte: int) -> Traffic:
    n = network.nodes
    port = (n - 1) * size_byte
    if network.topology in GRIDS:
        shape = grid(network.topology, n)
        loads = all_to_all_loads(shape, size_byte)
        return Traffic(port, loads.busiest_byte, loads.total_byte, diameter(shape))
    link = {"bus": n * port, "full": size_byte}.get(network.topology, port)
    depth = depth_of(network)
    return Traffic(link, link, n * port * depth, depth)


def _message(size_byte: int) -> Traffic:
    return Traffic(size_byte, size_byte, size_byte, 1)
