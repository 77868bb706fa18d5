"""One description of a network of routers, for the flit model and for loads of links alike.

A packet that has come into a router by an input port, in a class, for a node, leaves by what one entry of a table says.
The table has a row for every (port, class) that behaves differently; an entry names the output port, how many ports
beside it are as good (one of them is drawn), and the class in which the packet goes on.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import kernel

Int64s = npt.NDArray[np.int64]

NO_LINK: Final = -1

PORT_BITS = 16
COUNT_AT: Final = PORT_BITS
CLASS_AT: Final = 2 * PORT_BITS
DOWN_AT: Final = CLASS_AT + 8
LOW: Final = (1 << PORT_BITS) - 1
"""An entry: port, how many alternatives, class, and whether the alternatives lie below the port."""

MOST_ENTRIES: Final = 1 << 26
"""Entries of the largest table: 512 MiB."""


class NetworkError(ValueError):
    """A network that cannot be, or that could stop for ever."""


@dataclass(frozen=True)
class VcClass:
    """Which of a link's virtual channels packets of a class may take.

    Attributes
    ----------
    name : str
    part : str or int
        `all`, the `lower` or the `upper` half (of an odd number the middle one is in both), or the one of that number.
    """

    name: str
    part: Literal["all", "lower", "upper"] | int = "all"

    def span(self, vcs: int) -> tuple[int, int]:
        """First and last virtual channel of `vcs`."""
        half = vcs // 2
        match self.part:
            case "all":
                return 0, vcs - 1
            case "lower":
                return 0, vcs - 1 - half
            case "upper":
                return half, vcs - 1
            case number:
                return int(number), int(number)


ANY: Final = VcClass("any")


def entry(
    port: Int64s | int, count: Int64s | int = 1, vc_class: Int64s | int = 0, down: bool = False
) -> Int64s:
    """Entries of a table, int64[...]."""
    flag = int(down) << DOWN_AT
    packed = np.asarray(port, dtype=np.int64) + (np.asarray(count, dtype=np.int64) << COUNT_AT)
    found: Int64s = packed + (np.asarray(vc_class, dtype=np.int64) << CLASS_AT) + flag
    return found


@dataclass(frozen=True, eq=False)
class Fabric:
    """Routers, links, nodes and routes.

    Attributes
    ----------
    name : str
    source, sink : int64[nodes]
        Input port into which a node sends, and output port that leads to it: router x radix + port.
    to : int64[routers, radix]
        Input port that an output port leads to, router x radix + port; NO_LINK where there is none or a node.
    delay : int64[routers, radix] [cycle]
        Of the link, and of its credits, from an output port.
    interval : int64[routers, radix] [cycle]
        From one flit to the next over the link of an output port: 1, or more where the link is narrower or slower.
    row : int64[routers x radix, classes]
        Row of the table for what came in by an input port in a class.
    table : int64[rows, nodes]
        Entries by node that a packet is for.
    classes : tuple of VcClass
    random_inject : bool
        Whether a node draws one virtual channel at every attempt to inject, or takes them in turn.
    """

    name: str
    source: Int64s
    sink: Int64s
    to: Int64s
    delay: Int64s
    interval: Int64s
    row: Int64s
    table: Int64s
    classes: tuple[VcClass, ...] = (ANY,)
    random_inject: bool = False

    @property
    def nodes(self) -> int:
        """How many nodes."""
        return len(self.source)

    @property
    def routers(self) -> int:
        """How many routers."""
        return len(self.to)

    @property
    def radix(self) -> int:
        """Ports of the largest router."""
        return int(self.to.shape[1])

    @cached_property
    def paired(self) -> bool:
        """Whether every router has a node of its own: the way between the two is then no hop."""
        return self.routers == self.nodes == len(np.unique(self.source // self.radix))

    @property
    def links(self) -> int:
        """How many links between routers, each direction its own."""
        return int((self.to != NO_LINK).sum())


def blank(name: str, source: Int64s, sink: Int64s, to: Int64s, **rest: object) -> Fabric:
    """A fabric whose links take one cycle a flit and have a delay of one; `rest` are further attributes."""
    ones = np.ones_like(to)
    return Fabric(name, source, sink, to, **{"delay": ones, "interval": ones.copy(), **rest})  # type: ignore[arg-type]


def check_size(rows: int, nodes: int) -> None:
    """Refuse a table that no memory holds.

    Raises
    ------
    NetworkError
    """
    if rows * nodes > MOST_ENTRIES:
        raise NetworkError(
            f"A network of {nodes} nodes and {rows} routes is too large: {MOST_ENTRIES} entries are held."
        )


HOPS, FAR, LOST = range(3)
"""Totals of a walk: links between routers that packets have taken, the longest of their ways in delays, and the packet
that got lost, or NO_LINK."""


@kernel
def walk(
    ends: Int64s,
    base: Int64s,
    to: Int64s,
    delay: Int64s,
    row: Int64s,
    table: Int64s,
    pairs: Int64s,
    loads: Int64s,
    ways: Int64s,
    path: Int64s,
    totals: Int64s,
) -> None:
    """Send one packet along each pair (from, for), or from every node to every other, by the first of equal ports.

    Adds to `loads`, int64[routers x radix], one for each output port on a way, that to the node included, to `totals`
    as they say, and sets `ways`, int64[pairs, 2], to how many links each has taken and their delays, of given pairs.

    Parameters
    ----------
    ends : int64[nodes, 2]
        Source and sink of each node.
    base : int64[routers x radix]
        The first port of the same router.
    pairs : int64[pairs, 2]
        Of which there are none: every node to every other.
    path : int64[pairs, ...]
        Where there is room, the output ports of given pairs in turn.
    """
    nodes, given, told = ends.shape[0], pairs.shape[0] > 0, path.shape[0] > 0
    for k in range(pairs.shape[0] if given else nodes * nodes):
        first, dest = (pairs[k, 0], pairs[k, 1]) if given else (k // nodes, k % nodes)
        if first == dest and not given:
            continue
        here, last, kind, taken, way = ends[first, 0], ends[dest, 1], 0, 0, 0
        while True:
            found = table[row[here, kind], dest]
            out = base[here] + (found & LOW)
            kind = (found >> CLASS_AT) & 255
            loads[out] += 1
            if told:
                path[k, taken] = out
            if out == last:
                break
            here = to[out]
            taken += 1
            way += delay[out]
            if here < 0 or taken > to.shape[0]:
                totals[LOST] = k
                return
        totals[HOPS] += taken
        totals[FAR] = max(totals[FAR], way)
        if given:
            ways[k, 0], ways[k, 1] = taken, way


@dataclass(frozen=True)
class Walked:
    """What packets load a network with.

    Attributes
    ----------
    over : int64[routers x radix]
        Packets over every output port, those to nodes included.
    hops, far : int
        Links between routers that they have taken together, and the delays of the links of the longest way.
    ways : int64[packets, 2]
        Links and their delays by packet; of all to all none are told.
    """

    over: Int64s
    hops: int
    far: int
    ways: Int64s


def loads(fabric: Fabric, source: Int64s, dest: Int64s) -> Walked:
    """What packets along their routes load a network with.

    Parameters
    ----------
    source, dest : int64[packets]

    Raises
    ------
    NetworkError
        If a route does not lead to its node.
    """
    return _walked(fabric, np.stack([source, dest], axis=1).astype(np.int64), fabric.nodes, NO_PATH)


def routes(fabric: Fabric, pairs: Int64s) -> Int64s:
    """Output ports that packets of given pairs (from, for) leave by in turn, int64[pairs, most], then NO_LINK.

    Raises
    ------
    NetworkError
        If a route does not lead to its node.
    """
    most = int(_walked(fabric, pairs, fabric.nodes, NO_PATH).ways[:, 0].max()) + 1
    path = np.full((len(pairs), most), NO_LINK, dtype=np.int64)
    _walked(fabric, pairs, fabric.nodes, path)
    return path


@lru_cache(maxsize=8)
def all_to_all(fabric: Fabric, nodes: int) -> Walked:
    """What a packet of each of the first nodes to every other of them loads a network with; see `loads`."""
    return _walked(fabric, np.zeros((0, 2), dtype=np.int64), nodes, NO_PATH)


NO_PATH: Final = np.zeros((0, 0), dtype=np.int64)


def _walked(fabric: Fabric, pairs: Int64s, nodes: int, path: Int64s) -> Walked:
    found, ways = np.zeros(fabric.to.size, dtype=np.int64), np.zeros((len(pairs), 2), dtype=np.int64)
    totals = np.array([0, 0, NO_LINK], dtype=np.int64)
    base = np.repeat(np.arange(fabric.routers, dtype=np.int64) * fabric.radix, fabric.radix)
    ends = np.stack([fabric.source, fabric.sink], axis=1)[:nodes]
    to, delay = fabric.to.ravel(), fabric.delay.ravel()
    walk(ends, base, to, delay, fabric.row, fabric.table, pairs, found, ways, path, totals)
    if totals[LOST] >= 0:
        lost = int(totals[LOST])
        one, other = pairs[lost] if len(pairs) else divmod(lost, nodes)
        raise NetworkError(f"{fabric.name}: what node {one} sends to node {other} does not come in.")
    return Walked(found, int(totals[HOPS]), int(totals[FAR]), ways)
