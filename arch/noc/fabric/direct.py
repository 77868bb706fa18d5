"""Networks without a regular shape: every two nodes joined, and graphs given edge by edge.

Of a graph the default routes are up*/down*: edges lead up towards router 0 (by distance, then number), and
packets go up before they go down, so that waits cannot close a circle (M. D. Schroeder et al., Autonet, IEEE
JSAC 9, 1991). Shortest routes are refused where they close one.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from bankside.arch.noc.fabric.fabric import NO_LINK, Fabric, Int64s, NetworkError, blank, check_size, entry

UP, DOWN = 0, 1


@dataclass(frozen=True)
class Edge:
    """A link each way between routers `a` and `b`: delay and cycles a flit [cycle]."""

    a: int
    b: int
    delay: int = 1
    interval: int = 1


def full(nodes: int, radix: int | None = None) -> Fabric:
    """A link each way between every two nodes.

    Parameters
    ----------
    radix : int, optional
        Links that a node has.

    Raises
    ------
    NetworkError
        If nodes have fewer links than others to reach.
    """
    check_radix(nodes, radix)
    check_size(nodes, nodes)
    node = np.arange(nodes, dtype=np.int64)
    port = np.where(node[None, :] > node[:, None], node[None, :] - 1, node[None, :])
    port[node, node] = nodes - 1
    to = np.full((nodes, nodes), NO_LINK, dtype=np.int64)
    other = node[None, : nodes - 1] + (node[None, : nodes - 1] >= node[:, None])
    to[:, : nodes - 1] = other * nodes + node[:, None] - (node[:, None] > other)
    home = node * nodes + nodes - 1
    return blank("full", home, home.copy(), to, row=np.repeat(node, nodes)[:, None], table=entry(port))


def check_radix(nodes: int, radix: int | None) -> None:
    """Refuse more neighbours than links.

    Raises
    ------
    NetworkError
    """
    if radix is not None and nodes - 1 > radix:
        raise NetworkError(
            f"A node with {radix} links cannot be joined to {nodes - 1} others; a full network needs one for each."
        )


def graph(nodes: int, edges: Sequence[Edge], routing: Literal["up_down", "shortest"] = "up_down") -> Fabric:
    """A router a node, joined by edges; of equal ways packets take that by the edge that is listed first.

    Raises
    ------
    NetworkError
        For an edge to no node or to itself, and for nodes that cannot be reached.
    """
    neighbours: list[list[int]] = [[] for _ in range(nodes)]
    for edge in edges:
        if not (0 <= edge.a < nodes and 0 <= edge.b < nodes) or edge.a == edge.b:
            raise NetworkError(f"An edge joins two of the nodes 0 to {nodes - 1}, not {edge.a} and {edge.b}.")
        neighbours[edge.a].append(edge.b)
        neighbours[edge.b].append(edge.a)
    level = _levels(neighbours)
    radix = max(map(len, neighbours)) + 1
    check_size(2 * nodes, nodes)
    to, delay, interval = (np.full((nodes, radix), value, dtype=np.int64) for value in (NO_LINK, 1, 1))
    at = [0] * nodes
    for edge in edges:
        a, b = at[edge.a], at[edge.b]
        to[edge.a, a], to[edge.b, b] = edge.b * radix + b, edge.a * radix + a
        delay[edge.a, a] = delay[edge.b, b] = edge.delay
        interval[edge.a, a] = interval[edge.b, b] = edge.interval
        at[edge.a], at[edge.b] = a + 1, b + 1
    home = np.arange(nodes) * radix + radix - 1
    row, table = _routes(to, level, restricted=routing == "up_down")
    return blank("custom", home, home.copy(), to, delay=delay, interval=interval, row=row, table=table)


def _levels(neighbours: list[list[int]]) -> list[int]:
    """Distance of each router from router 0."""
    level, queue = [-1] * len(neighbours), deque([0])
    level[0] = 0
    while queue:
        here = queue.popleft()
        for there in neighbours[here]:
            if level[there] < 0:
                level[there] = level[here] + 1
                queue.append(there)
    lost = [node for node, at in enumerate(level) if at < 0]
    if lost:
        shown = ", ".join(map(str, lost[:8])) + (", ..." if len(lost) > 8 else "")
        raise NetworkError(f"The edges do not join all nodes: {shown} cannot be reached from node 0.")
    return level


def _routes(to: Int64s, level: list[int], restricted: bool) -> tuple[Int64s, Int64s]:
    """Rows of who may still go up (first) and of who came down an edge (second); who is free to, is always in
    the first."""
    nodes, radix = to.shape
    rank = np.array(level) * nodes + np.arange(nodes)
    there = np.where(to != NO_LINK, to // radix, -1)
    down = (rank[there] > rank[:, None]) & (there >= 0) if restricted else np.zeros(to.shape, dtype=bool)
    table = np.full((2 * nodes, nodes), int(entry(radix - 1)), dtype=np.int64)
    states = [(r, went) for r in range(nodes) for went in (UP, DOWN)]
    before: list[list[tuple[int, int, int]]] = [[] for _ in range(2 * nodes)]
    for r, went in states:
        for port in range(radix - 1):
            if there[r, port] >= 0 and (went == UP or down[r, port]):
                before[there[r, port] + nodes * int(down[r, port])].append((r, went, port))
    for dest in range(nodes):
        away = {dest: 0, dest + nodes: 0}
        queue = deque(away)
        while queue:
            state = queue.popleft()
            for r, went, port in before[state]:
                new = r + nodes * went
                if new not in away:
                    away[new] = away[state] + 1
                    queue.append(new)
                    table[new, dest] = port + (1 << 16)
                elif r != dest and away[new] == away[state] + 1:
                    table[new, dest] = min(table[new, dest], port + (1 << 16))
    row = np.repeat(np.arange(nodes), radix).reshape(nodes, radix)
    for r in range(nodes):
        for port in range(radix - 1):
            if down[r, port]:
                row.ravel()[to[r, port]] += nodes
    return row.reshape(-1, 1), table
