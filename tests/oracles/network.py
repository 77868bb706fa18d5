"""Link-by-link load of a network under given flows: every hop of every flow is walked, nothing is derived.

Nodes are integers; a link is a directed pair of neighbouring nodes. Routes:
* mesh (width x height, node = y * width + x): dimension order, first x, then y.
* ring: the shorter way round; at equal distance towards higher numbers.
* bus: one shared medium, the link (0, 0), crossed once by every flow.
* tree (fanout): node 0 is the root, the parent of n is (n - 1) // fanout; up to the common ancestor, down.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

Link = tuple[int, int]
Route = Callable[[int, int], list[Link]]


class Flow(NamedTuple):
    """Bytes from one node to another."""

    source: int
    target: int
    size_byte: int


class Load(NamedTuple):
    """Bytes of each link that carries any, its busiest link, and the hops of each flow."""

    link_byte: dict[Link, int]
    busiest: Link | None
    hops: list[int]


def mesh_route(width: int) -> Route:
    """Dimension order: along x until the column is right, then along y."""

    def route(source: int, target: int) -> list[Link]:
        links, here = [], source
        while here != target:
            x, goal_x = here % width, target % width
            step = (1 if goal_x > x else -1) if x != goal_x else (width if target > here else -width)
            links.append((here, here + step))
            here += step
        return links

    return route


def ring_route(nodes: int) -> Route:
    """The shorter way round; upwards at equal distance."""

    def route(source: int, target: int) -> list[Link]:
        step = 1 if (target - source) % nodes <= (source - target) % nodes else -1
        links, here = [], source
        while here != target:
            links.append((here, (here + step) % nodes))
            here = (here + step) % nodes
        return links

    return route


def bus_route(source: int, target: int) -> list[Link]:
    """One crossing of the shared medium."""
    return [] if source == target else [(0, 0)]


def tree_route(fanout: int) -> Route:
    """Up to the lowest common ancestor, then down."""

    def path_to_root(node: int) -> list[int]:
        path = [node]
        while path[-1]:
            path.append((path[-1] - 1) // fanout)
        return path

    def route(source: int, target: int) -> list[Link]:
        up, down = path_to_root(source), path_to_root(target)
        common = next(node for node in up if node in down)
        rising = up[: up.index(common) + 1]
        falling = down[: down.index(common) + 1][::-1]
        walk = rising + falling[1:]
        return list(pairwise(walk))

    return route


def load(flows: Iterable[Flow], route: Route) -> Load:
    """Send every flow along its route; the busiest link is the lowest of those with the most bytes."""
    carried: Counter[Link] = Counter()
    hops = []
    for flow in flows:
        links = route(flow.source, flow.target)
        hops.append(len(links))
        for link in links:
            carried[link] += flow.size_byte
    used = {link: size for link, size in carried.items() if size}
    busiest = min(used, key=lambda link: (-used[link], link), default=None)
    return Load(used, busiest, hops)


def all_to_all(nodes: int, size_byte: int, *, with_itself: bool = False) -> list[Flow]:
    """The same bytes from every node to every node."""
    return [Flow(s, t, size_byte) for s in range(nodes) for t in range(nodes) if with_itself or s != t]


def serial_cycles(result: Load, bytes_per_cycle: int) -> int:
    """Least cycles in which the busiest link can carry its bytes."""
    most = max(result.link_byte.values(), default=0)
    return -(-most // bytes_per_cycle)


def mean_hops(result: Load) -> Fraction:
    """Mean hops of the flows."""
    return Fraction(sum(result.hops), len(result.hops))
