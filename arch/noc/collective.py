"""Collectives over a network: the fastest of the algorithms that its routers and nodes can run.

With n nodes, vectors of S bytes, hop latency a and bandwidth B, and links that do not conflict:

    ring       all-reduce 2 (n - 1) (a + S / (n B)); half of it for a reduce-scatter tree       reduce: one
    step for each power of two below n, a (a x distance + S / B) each; back the same way root       all
    vectors to node 0, (n - 1) S / B, and the sum back in_network routers add: 2 h a + S / B for an all-reduce
    over paths of h links, up and down overlapped

(Thakur, Rabenseifner, Gropp, IJHPCA 2005, for the first three.) Each step is priced with the exact link loads
of its messages on the topology, so that a logical ring or tree pays for the links it shares. Adding up at the
nodes is not charged here: the nodes' vector lanes do it.
"""

from collections.abc import Callable
from typing import Final, Literal

import numpy as np

from bankside.arch.noc.occupancy import (
    NetCost,
    Network,
    Pattern,
    Traffic,
    depth_of,
    flows,
    one_shot,
    price,
)
from bankside.arch.noc.topology import GRIDS, grid, snake

Algorithm = Literal["in_network", "ring", "tree", "root"]
REDUCTIONS: Final = ("reduce", "all_reduce", "reduce_scatter")


def cost(network: Network, pattern: Pattern, bytes_each: int, algorithm: Algorithm | None = None) -> NetCost:
    """Cost of `pattern` among all nodes of `network`.

    Parameters
    ----------
    network : Network
    pattern : Pattern
        Its docstring says what `bytes_each` counts.
    bytes_each : int [byte]
    algorithm : Algorithm, optional
        Of a reduction or an all-gather; without it the one that ends first, ties in the order of the list.

    Raises
    ------
    ValueError
        Negative bytes, or an algorithm that this pattern cannot use on this network.
    """
    if bytes_each < 0:
        raise ValueError(f"A message cannot have {bytes_each} bytes.")
    if network.nodes == 1 or bytes_each == 0:
        return NetCost()
    if pattern not in (*REDUCTIONS, "all_gather"):
        return price(network, one_shot(network, pattern, bytes_each), bytes_each)
    candidates = _all_gathers(network) if pattern == "all_gather" else _reductions(network, pattern)
    if algorithm is not None:
        if algorithm not in candidates:
            raise ValueError(f"{pattern} on a {network.topology} cannot run the algorithm {algorithm}.")
        return candidates[algorithm](bytes_each)
    return min((run(bytes_each) for run in candidates.values()), key=lambda c: c.total_fs)


def _reductions(network: Network, pattern: Pattern) -> dict[Algorithm, Callable[[int], NetCost]]:
    """Algorithms for a reduction, in order of preference."""
    n = network.nodes

    def send(out: Pattern, size: int) -> NetCost:
        return price(network, one_shot(network, out, size), size)

    def back(size: int) -> NetCost:
        if pattern == "reduce":
            return NetCost()
        if pattern == "reduce_scatter":
            return send("scatter", -(-size // n))
        return min(send("broadcast", size), _tree(network, size, outwards=True), key=lambda c: c.total_fs)

    def ring(size: int) -> NetCost:
        share = -(-size // n)
        scattered = _ring(network, share)
        if pattern == "reduce":
            return scattered + send("gather", share)
        return scattered.times(2) if pattern == "all_reduce" else scattered

    def in_network(size: int) -> NetCost:
        ways = 2 if pattern == "all_reduce" else 1
        depth, links = depth_of(network), n if network.topology == "switch" else n - 1
        return price(network, Traffic(size, size, ways * links * size, ways * depth), size)

    found: dict[Algorithm, Callable[[int], NetCost]] = {
        "ring": ring,
        "tree": lambda size: _tree(network, size) + back(size),
        "root": lambda size: send("gather", size) + back(size),
    }
    can_combine = network.topology not in ("bus", "full")
    if network.combine and can_combine and pattern != "reduce_scatter":
        found = {"in_network": in_network, **found}
    return found


def _all_gathers(network: Network) -> dict[Algorithm, Callable[[int], NetCost]]:
    """Round a ring, or all nodes' messages to the root and the whole to all."""
    n = network.nodes

    def root(size: int) -> NetCost:
        gathered = price(network, one_shot(network, "gather", size), size)
        return gathered + price(network, one_shot(network, "broadcast", n * size), n * size)

    def bus(size: int) -> NetCost:
        return price(network, one_shot(network, "broadcast", n * size), n * size)

    first = bus if network.topology == "bus" and network.multicast else lambda s: _ring(network, s)
    return {"ring": first, "root": root}


def _ring(network: Network, size: int) -> NetCost:
    """n - 1 steps in which every node sends `size` bytes to its successor round a logical ring."""
    n = network.nodes
    order = snake(grid(network.topology, n)) if network.topology in GRIDS else np.arange(n, dtype=np.int64)
    return price(network, flows(network, order, np.roll(order, -1), size), size).times(n - 1)


def _tree(network: Network, size: int, outwards: bool = False) -> NetCost:
    """Binomial tree of node 0: in step k the nodes at odd multiples of 2^k meet those 2^k before them."""
    total = NetCost()
    reach = 1
    while reach < network.nodes:
        far = np.arange(reach, network.nodes, 2 * reach, dtype=np.int64)
        source, target = (far - reach, far) if outwards else (far, far - reach)
        total += price(network, flows(network, source, target, size), size)
        reach *= 2
    return total
