"""Networks by the name of their topology and their number of nodes; of those that come in sizes the smallest
with room."""

from functools import lru_cache
from math import isqrt

from bankside.arch.noc.fabric.cubes import Lines, cube
from bankside.arch.noc.fabric.direct import Edge, full, graph
from bankside.arch.noc.fabric.dragonfly import dragonfly
from bankside.arch.noc.fabric.fabric import Fabric, NetworkError
from bankside.arch.noc.fabric.trees import butterfly, fat_tree
from bankside.arch.noc.topology import GRIDS, Topology, grid

RADIX = 4
"""Ports down of a fat tree's router, and ways through a butterfly's."""


@lru_cache(maxsize=32)
def fabric_of(
    topology: Topology, nodes: int, radix: int = 0, edges: tuple[Edge, ...] = (), layers: int = 1
) -> Fabric:
    """The routers and links of a topology, delays and intervals in those of its usual link.

    Parameters
    ----------
    radix : int
        full: links of a node; fat_tree, butterfly: see RADIX; 0: as many as it takes, or RADIX.
    edges : tuple of Edge
        custom: all; mesh3d: one, whose delay and interval are those of a link between layers.
    layers : int
        mesh3d: grids above each other.

    Raises
    ------
    NetworkError
        For a topology without routers, or nodes that it cannot join.
    """
    match topology:
        case "custom":
            return graph(nodes, edges)
        case "full":
            return full(nodes, radix or None)
        case "crossbar" | "switch":
            return butterfly(nodes, 1)
        case "fat_tree" | "butterfly":
            k = radix or RADIX
            n = next(n for n in range(1, 64) if k**n >= nodes)
            return fat_tree(k, n, draw_ups=False) if topology == "fat_tree" else butterfly(k, n)
        case "dragonfly":
            return dragonfly(
                next(p for p in range(1, nodes + 1) if 2 * p * p * (2 * p * p + 1) >= nodes), 1, 1
            )
        case "mesh3d":
            return _stacked(nodes, layers, edges)
        case name if name in GRIDS:
            shape = grid(name, nodes)
            return cube(
                name,
                [Lines(shape.cols, shape.wrap), Lines(shape.rows, shape.wrap)][: 1 if shape.rows == 1 else 2],
            )
        case _:
            raise NetworkError(f"A {topology} has no routers.")


def _stacked(nodes: int, layers: int, edges: tuple[Edge, ...]) -> Fabric:
    if layers < 1 or nodes % layers:
        raise NetworkError(f"{nodes} nodes are no {layers} equal layers of a mesh3d.")
    own = nodes // layers
    rows = next(r for r in range(isqrt(own), 0, -1) if own % r == 0)
    up = edges[0] if edges else Edge(0, 1)
    return cube(
        "mesh3d", [Lines(own // rows), Lines(rows), Lines(layers, delay=up.delay, interval=up.interval)]
    )
