"""Meshes, tori and rings of any number of dimensions: dimension order, two dateline classes where ends are joined.

Node = router; coordinates change fastest along dimension 0. Ports: 2 d leads up along dimension d, 2 d + 1
down, the last to the node. On a ring of a torus packets take the shorter way; the class is fixed when a
dimension is entered: `upper` for who goes to a lower coordinate, `lower` for a higher one, in both
directions, so that no class closes a ring (W. J. Dally, C. L. Seitz, IEEE Transactions on Computers C-36,
1987; BookSim2's dim_order_torus).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from bankside.arch.noc.fabric.fabric import NO_LINK, Fabric, Int64s, VcClass, blank, check_size, entry
from bankside.arch.noc.topology import steps

DATELINE = (VcClass("any"), VcClass("dateline lower", "lower"), VcClass("dateline upper", "upper"))


@dataclass(frozen=True)
class Lines:
    """Links along one dimension: delay and cycles a flit [cycle], and whether the ends are joined."""

    length: int
    wrap: bool = False
    delay: int = 1
    interval: int = 1


def cube(name: str, dimensions: Sequence[Lines], draw_ties: bool = False) -> Fabric:
    """Routers in a grid, dimension 0 first.

    Parameters
    ----------
    dimensions : sequence of Lines
        Lengths, latencies and widths may differ: a third dimension of bonds or TSVs beside two of wires.
    draw_ties : bool
        Whether a packet that has as far either way draws one; else it goes up.
    """
    lengths = [line.length for line in dimensions]
    n, ports = prod(lengths), 2 * len(lengths) + 1
    wrapped = any(line.wrap for line in dimensions)
    check_size(n * ((ports - 1) * 2 + 1 if wrapped else 1), n)
    node = np.arange(n, dtype=np.int64)
    to, delay = np.full((n, ports), NO_LINK, dtype=np.int64), np.ones((n, ports), dtype=np.int64)
    interval, place = np.ones((n, ports), dtype=np.int64), 1
    for d, line in enumerate(dimensions):
        at = node // place % line.length
        for port, by in ((2 * d, 1), (2 * d + 1, -1)):
            there = (at + by) % line.length
            linked = (there == at + by) | line.wrap if line.length > 1 else np.zeros(n, dtype=bool)
            to[linked, port] = ((node + (there - at) * place) * ports + (port ^ 1))[linked]
            delay[:, port], interval[:, port] = line.delay, line.interval
        place *= line.length
    home = node * ports + ports - 1
    row, table = _routes(dimensions, draw_ties) if wrapped else _open_routes(lengths)
    classes = DATELINE if wrapped else (VcClass("any"),)
    return blank(name, home, home, to, delay=delay, interval=interval, row=row, table=table, classes=classes)


def _open_routes(lengths: Sequence[int]) -> tuple[Int64s, Int64s]:
    """A row a router: the first dimension whose coordinates differ."""
    n, ports = prod(lengths), 2 * len(lengths) + 1
    node = np.arange(n, dtype=np.int64)
    table = np.broadcast_to(entry(ports - 1), (n, n)).copy()
    place = n
    for d in range(len(lengths) - 1, -1, -1):
        place //= lengths[d]
        at = node // place % lengths[d]
        ahead = at[None, :] - at[:, None]
        table = np.where(ahead == 0, table, entry(2 * d + (ahead < 0)))
    return np.repeat(node, ports)[:, None], table


def _routes(dimensions: Sequence[Lines], draw_ties: bool) -> tuple[Int64s, Int64s]:
    """Rows of a router: for who enters (and who comes along an open dimension), then by ring port and class."""
    lengths = [line.length for line in dimensions]
    n, ports = prod(lengths), 2 * len(lengths) + 1
    node = np.arange(n, dtype=np.int64)
    entering = np.broadcast_to(entry(ports - 1), (n, n)).copy()
    blocks: list[Int64s] = []
    row = np.zeros((n, ports, len(DATELINE)), dtype=np.int64)
    row[:] = node[:, None, None]
    place = n
    for d in range(len(lengths) - 1, -1, -1):
        line = dimensions[d]
        place //= line.length
        at = node // place % line.length
        by = steps(at[:, None], at[None, :], line.length, line.wrap)
        if line.wrap:
            kind = 1 + (at[:, None] > at[None, :])
            tied = (2 * np.abs(by) == line.length) & draw_ties
            new = np.where(tied, entry(2 * d + 1, 2, kind, down=True), entry(2 * d + (by < 0), 1, kind))
            for port in (2 * d, 2 * d + 1):
                for k in (1, 2):
                    row[:, port, k] = (1 + len(blocks)) * n + node
                    blocks.append(np.where(by == 0, entering, entry(port ^ 1, 1, k)))
        else:
            new = entry(2 * d + (by < 0))
        entering = np.where(by == 0, entering, new)
    return row.reshape(n * ports, len(DATELINE)), np.concatenate([entering, *blocks])
