"""One description of a network of routers, for the flit model and for loads of links alike.

A packet that has come into a router by an input port, in a class, for a node, leaves by what one entry of a table says.
The table has a row for every (port, class) that behaves differently; an entry names the output port, how many ports
beside it are as good (one of them is drawn), and the class in which the packet goes on.
"""

from dataclasses import dataclass
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


@kernel
def walk(
    source: Int64s,
    sink: Int64s,
    to: Int64s,
    delay: Int64s,
    row: Int64s,
    table: Int64s,
    pairs: Int64s,
    loads: Int64s,
    ways: Int64s,
) -> int:
    """Send one packet along each pair (from, for) of int64[pairs, 2], the first of equal ports taken.

    Adds to `loads`, int64[routers x radix], one for each output port on a way, that to the node included, and sets
    `ways`, int64[pairs, 2], to how many links between routers each has taken and to their delays together. Returns the
    pair whose packet gets lost, or -1.
    """
    radix, limit = to.shape[1], to.size
    flat, delays = to.ravel(), delay.ravel()
    for k in range(pairs.shape[0]):
        here, dest, kind, taken = source[pairs[k, 0]], pairs[k, 1], 0, 0
        while True:
            found = table[row[here, kind], dest]
            out = here // radix * radix + (found & LOW)
            kind = (found >> CLASS_AT) & 255
            loads[out] += 1
            if out == sink[dest]:
                break
            here = flat[out]
            taken += 1
            ways[k, 1] += delays[out]
            if here < 0 or taken > limit:
                return int(k)
        ways[k, 0] = taken
    return NO_LINK


def loads(fabric: Fabric, source: Int64s, dest: Int64s) -> tuple[Int64s, Int64s]:
    """Packets over every output port, int64[routers x radix], and of each links between routers and their delay.

    Parameters
    ----------
    source, dest : int64[packets]

    Raises
    ------
    NetworkError
        If a route does not lead to its node.
    """
    pairs = np.stack([source, dest], axis=1).astype(np.int64)
    found, ways = np.zeros(fabric.to.size, dtype=np.int64), np.zeros((len(pairs), 2), dtype=np.int64)
    lost = walk(
        fabric.source, fabric.sink, fabric.to, fabric.delay, fabric.row, fabric.table, pairs, found, ways
    )
    if lost >= 0:
        raise NetworkError(
            f"{fabric.name}: what node {pairs[lost, 0]} sends to node {pairs[lost, 1]} does not come in."
        )
    return found, ways
