"""What networks are made equal by: links across the middle, or links in all.

Topologies that are compared with links of one width have more or less of everything. With equal bisections the same
bytes a second can cross the middle; with equal links in all the same wires are spent (W. J. Dally, B. Towles,
Principles and Practices of Interconnection Networks, 2004, sections 3.1 and 3.2).
"""

from typing import Literal

from bankside.arch.noc.fabric.fabric import NetworkError
from bankside.arch.noc.fabric.named import fabric_of
from bankside.arch.noc.topology import GRIDS, ROUTED, Topology, grid, link_count

Measure = Literal["bisection", "links"]


def measured(by: Measure, topology: Topology, nodes: int, radix: int = 0) -> int:
    """How much of it a network of `nodes` nodes has [links].

    Parameters
    ----------
    radix : int
        Of a fat tree or butterfly, see `fabric.named`.

    Raises
    ------
    NetworkError
        For networks whose links are not all alike, and nodes that a topology cannot join.
    """
    if topology in ("custom", "mesh3d"):
        raise NetworkError(f"The links of a {topology} are not all alike: nothing is made equal with them.")
    return max(1, _across(topology, nodes) if by == "bisection" else _in_all(topology, nodes, radix))


def _across(topology: Topology, nodes: int) -> int:
    """Links one way across the middle: of the longer side of a grid, between halves of the groups of a dragonfly."""
    if topology in GRIDS:
        shape = grid(topology, nodes)
        return shape.rows * (2 if shape.wrap else 1)
    half = nodes // 2
    if topology == "bus":
        return 1
    if topology == "full":
        return half * (nodes - half)
    if topology == "dragonfly":
        fabric = fabric_of(topology, nodes)
        ports = (fabric.radix + 1) // 4
        groups = -(-nodes // (2 * ports * ports))
        return min(half, groups // 2 * (groups - groups // 2)) if groups > 1 else half
    return half


def _in_all(topology: Topology, nodes: int, radix: int) -> int:
    """Links each way, those between nodes and routers of which none is a node's own too."""
    if topology not in ROUTED:
        return link_count(topology, nodes)
    fabric = fabric_of(topology, nodes, radix)
    return fabric.links + 2 * nodes * (not fabric.paired)
