"""Which links the messages of a step use: how many messages go over each, and how far they go.

Links are numbered: a bus is link 0; a crossbar or switch has the links out of the nodes, then those into them; `full`
has the links from every node to the node d after it from d x nodes on; a grid has its inner links as `topology.Loads`
holds them (along rows forwards and back, along columns forwards and back), then the ports out of the nodes, then those
into them; a graph of routers has their output ports, those to nodes included, then the ports out of the nodes.
"""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

import numpy as np

from bankside.arch.noc.fabric.fabric import NO_LINK, Walked, all_to_all
from bankside.arch.noc.fabric.fabric import loads as routed_loads
from bankside.arch.noc.occupancy import ROOT, NetCost, Network
from bankside.arch.noc.protocol import Pattern
from bankside.arch.noc.topology import (
    GRIDS,
    ROUTED,
    Int64s,
    Loads,
    all_to_all_loads,
    diameter,
    grid,
    hops,
    link_loads,
    tree_depth,
)

INNER = 4  # links of a grid's node to its neighbours

KEPT: Final = 64
"""Traffic of patterns on networks that is kept: whatever the bytes, it is the same."""


@dataclass(frozen=True, eq=False)
class Traffic:
    """Messages of equal size that leave at once.

    Attributes
    ----------
    port, link : int
        Messages through the busiest port, and over the busiest link that is no port (or the port itself where there
        is none).
    message_hops : int
        Messages x links, ports of a grid aside.
    depth : int
        Links on the longest path.
    runs : int64[runs, 3]
        First link, how many links, and messages over each; links without messages are left out.
    pairs : int64[messages, 2]
        Where each message comes from and goes to; empty where no router sees one: over a medium, or one port.
    ways : int64[ways, 2]
        Where all messages pass one port: links of a way, and how many messages pass the port while one is on it;
        empty: the longest path, and none.
    """

    port: int
    link: int
    message_hops: int
    depth: int
    runs: Int64s
    pairs: Int64s = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))
    ways: Int64s = field(default_factory=lambda: np.zeros((0, 2), dtype=np.int64))


IDLE = Traffic(0, 0, 0, 0, np.zeros((0, 3), dtype=np.int64))
"""No message at all: a step of it is software."""


@dataclass(frozen=True)
class Step:
    """Traffic of messages of so many bytes, `repeats` times in turn.

    Attributes
    ----------
    wait_fs : int
        What every repetition takes beside the links [fs].
    held_byte : int
        For how many bytes a message holds a link, where software does not reach the link's bandwidth; 0: its own
        [byte].
    alone_fs : int
        What a repetition takes on idle links but for `wait_fs`, where that has been followed; 0: see `price` [fs].
    """

    traffic: Traffic
    message_byte: int
    repeats: int = 1
    wait_fs: int = 0
    held_byte: int = 0
    alone_fs: int = 0

    @property
    def wire_byte(self) -> int:
        """For how many bytes a message holds a link [byte]."""
        return self.held_byte or self.message_byte


def storing_fs(network: Network, traffic: Traffic, size_byte: int) -> int:
    """What a step takes longer because each link of its longest path but the last collects a chunk first [fs]."""
    return max(traffic.depth - 1, 0) * network.fs(min(network.chunk_byte, size_byte))


def latency_fs(network: Network, traffic: Traffic, size_byte: int) -> int:
    """Latency of the path beyond what the port's other messages take meanwhile [fs]."""
    if not len(traffic.ways):
        return traffic.depth * network.hop_fs
    found = 0
    for links, meanwhile in traffic.ways.tolist():
        found = max(found, links * network.hop_fs - network.fs(meanwhile * size_byte))
    return found


def price(network: Network, step: Step) -> NetCost:
    """A step as time on idle links: the port's bytes, what the busiest link has beyond them, the path's latency."""
    traffic, size = step.traffic, step.wire_byte
    if traffic.message_hops * size == 0:
        return NetCost(software_fs=step.wait_fs).times(step.repeats)
    serial = network.fs(traffic.port * size)
    busiest = max(serial, network.fs(traffic.link * size))
    hop = latency_fs(network, traffic, size) + storing_fs(network, traffic, size)
    alone = alone_of(network, step)
    if alone:
        serial = min(serial, alone)
        hop = max(0, min(hop, alone - busiest))
        busiest = alone - hop
    own = step.message_byte
    once = NetCost(
        serial, hop + step.wait_fs, busiest - serial, traffic.message_hops * own, traffic.link * own
    )
    return once.times(step.repeats)


def alone_of(network: Network, step: Step) -> int:
    """Time of a step that has been followed, message by message or flit by flit [fs]; 0 where none was."""
    if step.alone_fs:
        return step.alone_fs
    if network.flits is None or not len(step.traffic.pairs):
        return 0
    from bankside.arch.noc.flits import flit_fs  # routers are for machines that state them

    return flit_fs(network.fabric, network.flits, step.traffic.pairs, step.wire_byte)


def flows(network: Network, source: Int64s, target: Int64s) -> Traffic:
    """Traffic of simultaneous messages of equal size, no two with the same two ends.

    Parameters
    ----------
    source, target : int64[messages]
        Node numbers.
    """
    found = (
        _routed(network, source, target) if network.topology in ROUTED else _shaped(network, source, target)
    )
    paired = network.flits or network.followed
    return replace(found, pairs=np.stack([source, target], axis=1)) if paired else found


def _routed(network: Network, source: Int64s, target: Int64s) -> Traffic:
    """Flows over a graph of routers."""
    out, walked = np.bincount(source, minlength=network.nodes), routed_loads(network.fabric, source, target)
    links = walked.ways[:, 1] + int(not network.fabric.paired)
    return replace(_walked(network, walked, out), ways=through_port(source, target, links, network.nodes))


def through_port(source: Int64s, target: Int64s, links: Int64s, nodes: int) -> Int64s:
    """`Traffic.ways` of messages with so many links to go; none unless all come from one node or are for one.

    A node sends in the order of targets after it; what has farther to go comes to a node later. Ways that are no longer
    than one with fewer messages meanwhile are left out.
    """
    count = len(source)
    if count > 1 and (source == source[0]).all():
        order = np.argsort((target - source) % nodes)[::-1]
    elif count > 1 and (target == target[0]).all():
        order = np.argsort(links, kind="stable")
    else:
        return np.zeros((0, 2), dtype=np.int64)
    longer = links[order] > np.maximum.accumulate(np.concatenate([[-1], links[order][:-1]]))
    kept: Int64s = np.stack([links[order], np.arange(count)], axis=1)[longer]
    return kept


def _walked(network: Network, walked: Walked, out: Int64s) -> Traffic:
    """Messages that load a graph of routers so, and of which so many leave each node. Where a router has no node of its
    own, a hop is a router that a message passes."""
    fabric, over = network.fabric, walked.over
    inner = (fabric.to != NO_LINK).ravel()
    own = int(not fabric.paired)
    port = int(max(out.max(), np.where(inner, 0, over).max()))
    weighed = over * np.where(inner, fabric.interval.ravel(), 1)
    link = int(np.where(inner, weighed, 0).max())
    runs = runs_of(np.concatenate([weighed, out]))
    hops = walked.hops + own * int(out.sum())
    return Traffic(port, link, hops, max(1, walked.far + own), runs)


def _shaped(network: Network, source: Int64s, target: Int64s) -> Traffic:
    n, depth = network.nodes, depth_of(network)
    out, into = np.bincount(source, minlength=n), np.bincount(target, minlength=n)
    port, total = int(max(out.max(), into.max())), len(source)
    if network.topology in GRIDS:
        shape = grid(network.topology, n)
        loads = link_loads(shape, source, target, 1)
        far = int(hops(shape, source, target).max())
        ways = through_port(source, target, hops(shape, source, target), n)
        return Traffic(
            port, loads.busiest_byte, loads.total_byte, far, _grid_runs(loads, out, into), ways=ways
        )
    if network.topology == "bus":
        return medium(total)
    if network.topology == "full":
        links = np.sort((target - source) % n * n + source)
        first = np.flatnonzero(np.diff(links, prepend=-2) > 1)
        runs = np.stack([links[first], np.diff(first, append=total), np.ones_like(first)], axis=1)
        return Traffic(1, 1, total * depth, depth, runs)
    return Traffic(port, port, total * depth, depth, runs_of(np.concatenate([out, into])))


def medium(messages: int) -> Traffic:
    """Messages one after the other over link 0: a bus, or the one port that all of them pass."""
    return over(0, messages, depth=1)


def over(link: int, messages: int = 1, depth: int = 0) -> Traffic:
    """Messages one after the other over one link."""
    return Traffic(messages, messages, messages, depth, np.array([[link, 1, messages]], dtype=np.int64))


@lru_cache(maxsize=KEPT)
def one_shot(network: Network, pattern: Pattern) -> Traffic:
    """Traffic of the patterns whose messages all leave at once: all but all-gather and the reductions."""
    n = network.nodes
    others = np.arange(1, n, dtype=np.int64)
    root = np.full(n - 1, ROOT, dtype=np.int64)
    match pattern:
        case "gather":
            return flows(network, others, root)
        case "point_to_point":
            return flows(network, root[:1], farthest(network))
        case "all_to_all":
            return _all_to_all(network)
        case "broadcast" if network.multicast and network.topology != "full":
            return tree(network)
        case "broadcast" | "scatter":
            return flows(network, root, others)
        case _:
            raise ValueError(f"{pattern} takes more than one step.")


@lru_cache(maxsize=KEPT)
def tree(network: Network, up: bool = False, down: bool = True) -> Traffic:
    """One message that routers copy on its way from the root to all, or add up on the way to it, or both at once."""
    n, ways = network.nodes, int(up) + int(down)
    others, root = np.arange(1, n, dtype=np.int64), np.full(n - 1, ROOT, dtype=np.int64)
    depth, links = ways * depth_of(network), {"bus": 1, "switch": n}.get(network.topology, n - 1)
    if network.topology in ROUTED:
        over_ports = routed_loads(network.fabric, root, others).over
        inner = (network.fabric.to != NO_LINK).ravel()
        own = not network.fabric.paired
        links = int((over_ports[inner] > 0).sum() + own * (over_ports[~inner] > 0).sum())
    if network.topology == "bus":
        return Traffic(1, 1, ways, depth, medium(1).runs)
    used = []
    for source, target in [(others, root)] * up + [(root, others)] * down:
        used.append(dense(flows(network, source, target), links_of(network)) > 0)
    runs = runs_of(np.any(used, axis=0).astype(np.int64))
    return Traffic(1, 1, ways * links, depth, runs)


def depth_of(network: Network) -> int:
    """Links from the root to the node farthest from it."""
    if network.topology in ROUTED:
        others = np.arange(1, network.nodes, dtype=np.int64)
        return _routed(network, np.full_like(others, ROOT), others).depth
    if network.topology in GRIDS:
        return tree_depth(grid(network.topology, network.nodes), ROOT)
    return 2 if network.topology == "switch" else 1


def farthest(network: Network) -> Int64s:
    """The node farthest from the root, int64[1]."""
    nodes = np.arange(network.nodes, dtype=np.int64)
    if network.topology in ROUTED:
        ways = routed_loads(network.fabric, np.full_like(nodes, ROOT), nodes).ways
        return nodes[[int(np.argmax(ways[:, 1]))]]
    if network.topology not in GRIDS:
        return nodes[-1:]
    away = hops(grid(network.topology, network.nodes), np.full_like(nodes, ROOT), nodes)
    return nodes[[int(np.argmax(away))]]


def links_of(network: Network) -> int:
    """How many links are numbered, those that the topology leaves out included."""
    n = network.nodes
    if network.topology in ROUTED:
        return network.fabric.to.size + n
    return {"bus": 1, "full": n * n, "crossbar": 2 * n, "switch": 2 * n}.get(
        network.topology, (INNER + 2) * n
    )


def root_port(network: Network) -> int:
    """The link out of the root: the medium of a bus, its first of `full`."""
    if network.topology in ROUTED:
        return network.fabric.to.size + ROOT
    return INNER * network.nodes + ROOT if network.topology in GRIDS else ROOT


def sent(network: Network, traffic: Traffic) -> int:
    """Messages that leave nodes: those over the ports out of them; over a bus or where all are joined, any link."""
    first, count, over_each = traffic.runs.T
    if network.topology in ("bus", "full"):
        return int((count * over_each).sum())
    port = root_port(network)
    ports = np.minimum(first + count, port + network.nodes) - np.maximum(first, port)
    return int((np.maximum(ports, 0) * over_each).sum())


def runs_of(loads: Int64s) -> Int64s:
    """Runs of links with equal loads, int64[runs, 3] as `Traffic.runs`, from the load of each link."""
    first = np.flatnonzero(np.diff(loads, prepend=-1))
    runs = np.stack([first, np.diff(first, append=len(loads)), loads[first]], axis=1).astype(np.int64)
    kept: Int64s = runs[runs[:, 2] > 0]
    return kept


def dense(traffic: Traffic, links: int) -> Int64s:
    """Messages over each link, int64[links]."""
    loads = np.zeros(links, dtype=np.int64)
    for first, count, messages in traffic.runs.tolist():
        loads[first : first + count] = messages
    return loads


def _grid_runs(loads: Loads, out: Int64s, into: Int64s) -> Int64s:
    return runs_of(np.concatenate([loads.across.ravel(), loads.down.ravel(), out, into]))


def _all_to_all(network: Network) -> Traffic:
    paired = network.flits or network.followed
    if network.topology in ROUTED and not paired:
        each = np.full(network.nodes, network.nodes - 1, dtype=np.int64)
        return _walked(network, all_to_all(network.fabric, network.nodes), each)
    if paired:
        node = np.arange(network.nodes, dtype=np.int64)
        source, target = np.repeat(node, network.nodes), np.tile(node, network.nodes)
        return flows(network, source[source != target], target[source != target])
    n, depth = network.nodes, depth_of(network)
    port = n - 1
    if network.topology in GRIDS:
        shape = grid(network.topology, n)
        loads, ports = all_to_all_loads(shape, 1), np.full(n, port, dtype=np.int64)
        return Traffic(
            port, loads.busiest_byte, loads.total_byte, diameter(shape), _grid_runs(loads, ports, ports)
        )
    if network.topology == "bus":
        return medium(n * port)
    if network.topology == "full":
        return Traffic(1, 1, n * port, depth, np.array([[n, n * port, 1]], dtype=np.int64))
    return Traffic(port, port, n * port * depth, depth, np.array([[0, 2 * n, port]], dtype=np.int64))
