"""Cost of one communication pattern over a network as a machine's YAML describes it."""

from math import ceil
from typing import Protocol

from bankside.arch.noc import collective
from bankside.arch.noc.occupancy import NetCost, Network, Pattern, hop_time_fs
from bankside.arch.noc.topology import Topology


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


class NetworkLike(Protocol):
    """A topology of equal links, with routers that may copy messages."""

    @property
    def topology(self) -> Topology: ...
    @property
    def link(self) -> LinkLike: ...
    @property
    def multicast(self) -> bool: ...


def cost(network: NetworkLike, pattern: Pattern, nodes: int, bytes_each: float) -> NetCost:
    """Cost of `pattern` among `nodes` nodes; see `occupancy.Pattern` for what `bytes_each` counts.

    A fraction of a byte takes a whole one. A link without a clock has no hop cycles, only its latency.
    """
    link = network.link
    hop_fs = hop_time_fs(link.latency, link.hop, link.clock)
    described = Network(network.topology, nodes, link.bytes_per_s, hop_fs, network.multicast)
    return collective.cost(described, pattern, ceil(bytes_each))


__all__ = ["LinkLike", "NetCost", "NetworkLike", "Pattern", "cost"]
