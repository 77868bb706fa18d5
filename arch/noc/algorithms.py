"""Algorithms of collectives as steps of messages, each of which begins when the one before has come in.

With n nodes, vectors of S bytes, hop latency a and bandwidth B, and links that do not conflict:

    ring              all-reduce 2 (n - 1) (a + S / (n B)); half of it for a reduce-scatter
    halving_doubling  all-reduce 2 (log2 n a + (n - 1) / n S / B): halves of what is left go to partners half as far
    direct            shares go straight to their owners and back: 2 (a + (n - 1) / n S / B)
    pairwise          every message straight to its target, or copied on the way to all: broadcast, gather, all-to-all
    one_shot          every vector goes to all: a + (n - 1) S / B
    tree              reduce: a step for each power of two below n, a (a x distance + S / B) each; back the same way
    double_tree       two trees of which each node is a leaf of one; either has half of the vector (Sanders, Speck,
                      Traeff 2009)
    root              all vectors to node 0, (n - 1) S / B, and the sum back
    in_network        routers add: 2 h a + S / B for an all-reduce over paths of h links, up and down overlapped
    in_switch         members read their shares of the sum from a switch that adds, and send them to all through it:
                      2 (2 a) + (n + 1) / n S / B (NVLink SHARP)

(Thakur, Rabenseifner, Gropp, IJHPCA 2005, where none is named.) Each step is priced with the exact link loads of its
messages on the topology, so that a logical ring or tree pays for the links it shares.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np

from bankside.arch.noc.occupancy import Network
from bankside.arch.noc.protocol import Algorithm, Pattern
from bankside.arch.noc.topology import GRIDS, Int64s, grid, snake
from bankside.arch.noc.traffic import Step, Traffic, depth_of, flows, one_shot, price, runs_of, tree

Steps = list[Step]
Make = Callable[[int], Steps]
"""The steps for so many bytes."""

SWITCHES: Final = ("switch", "crossbar")


def algorithms(network: Network, pattern: Pattern) -> dict[Algorithm, Make]:
    """Algorithms for a pattern on a network, in order of preference."""
    match pattern:
        case "all_reduce" | "reduce" | "reduce_scatter":
            return _reductions(network, pattern)
        case "all_gather":
            return _all_gathers(network)
        case "all_to_all":
            n = network.nodes
            return {
                "pairwise": lambda size: [Step(one_shot(network, pattern), size)],
                "ring": lambda size: [Step(_successors(network), size, n * (n - 1) // 2)],
            }
        case "broadcast":
            return {
                "pairwise": lambda size: [Step(one_shot(network, pattern), size)],
                "tree": lambda size: _binomial(network, size, outwards=True),
            }
        case _:
            return {"pairwise": lambda size: [Step(one_shot(network, pattern), size)]}


def alternate(network: Network, size: int, which: int) -> Steps:
    """An all-reduce over one of the two trees of `double_tree` alone."""
    return _over_trees(network, size, (which,))


def _reductions(network: Network, pattern: Pattern) -> dict[Algorithm, Make]:
    n = network.nodes
    found: dict[Algorithm, Make] = {}
    if network.combine and network.topology not in ("bus", "full") and pattern != "reduce_scatter":
        up_and_down = tree(network, up=True, down=pattern == "all_reduce")
        found["in_network"] = lambda size: [Step(up_and_down, size)]
    if network.combine and network.topology in SWITCHES and pattern != "reduce":
        through = _pulled(network, n + 1, n + 1) if pattern == "all_reduce" else _pulled(network, n, 1)
        found["in_switch"] = lambda size: [Step(through, -(-size // n))]
    found |= _dealt(network, pattern)
    found["tree"] = lambda size: _binomial(network, size) + _back(network, pattern, size)
    if pattern == "all_reduce":
        found["double_tree"] = lambda size: _over_trees(network, -(-size // 2), (0, 1))
        found["one_shot"] = lambda size: [Step(one_shot(network, "all_to_all"), size)]
    found["root"] = lambda size: [Step(one_shot(network, "gather"), size), *_back(network, pattern, size)]
    return found


def _dealt(network: Network, pattern: Pattern) -> dict[Algorithm, Make]:
    """Reductions in which every node adds up a share of its own."""
    n = network.nodes
    rounds = 2 if pattern == "all_reduce" else 1

    def home(size: int) -> Steps:
        return [Step(one_shot(network, "gather"), size)] if pattern == "reduce" else []

    def ring(size: int) -> Steps:
        return [*_ring(network, -(-size // n), rounds), *home(-(-size // n))]

    def direct(size: int) -> Steps:
        return [Step(one_shot(network, "all_to_all"), -(-size // n), rounds), *home(-(-size // n))]

    def halving(size: int) -> Steps:
        there = _halving(network, size)
        return there + there[::-1] if pattern == "all_reduce" else there + home(-(-size // n))

    found: dict[Algorithm, Make] = {"ring": ring, "direct": direct}
    return found | ({"halving_doubling": halving} if n & (n - 1) == 0 else {})


def _back(network: Network, pattern: Pattern, size: int) -> Steps:
    """What a sum at node 0 still has to do: nothing, go to all in shares, or go to all the faster way."""
    if pattern == "reduce":
        return []
    if pattern == "reduce_scatter":
        return [Step(one_shot(network, "scatter"), -(-size // network.nodes))]
    return cheaper(
        network, ([Step(one_shot(network, "broadcast"), size)], _binomial(network, size, outwards=True))
    )


def _all_gathers(network: Network) -> dict[Algorithm, Make]:
    """Round a ring, doubling, straight to all, through what copies, or to the root and from there to all."""
    n = network.nodes

    def root(size: int) -> Steps:
        return [Step(one_shot(network, "gather"), size), Step(one_shot(network, "broadcast"), n * size)]

    def bus(size: int) -> Steps:
        return [Step(one_shot(network, "broadcast"), n * size)]

    on_a_bus = network.topology == "bus" and network.multicast
    found: dict[Algorithm, Make] = {"ring": bus if on_a_bus else lambda size: _ring(network, size)}
    if n & (n - 1) == 0:
        found["halving_doubling"] = lambda size: _halving(network, n * size)[::-1]
    found["direct"] = lambda size: [Step(one_shot(network, "all_to_all"), size)]
    if network.combine and network.multicast and network.topology in SWITCHES:
        found["in_switch"] = lambda size: [Step(_pulled(network, 1, n), size)]
    return found | {"root": root}


def cheaper(network: Network, candidates: Iterable[Steps]) -> Steps:
    """The steps that end first, ties in order."""
    return min(candidates, key=lambda steps: total_fs(network, steps))


def total_fs(network: Network, steps: Sequence[Step]) -> int:
    """Time of steps one after the other on idle links [fs]."""
    return sum(price(network, step).total_fs for step in steps)


def _order(network: Network) -> Int64s:
    """Nodes in the order of a logical ring."""
    n = network.nodes
    return snake(grid(network.topology, n)) if network.topology in GRIDS else np.arange(n, dtype=np.int64)


def _successors(network: Network) -> Traffic:
    """A message of every node to its successor on a logical ring."""
    order = _order(network)
    return flows(network, order, np.roll(order, -1))


def _ring(network: Network, size: int, rounds: int = 1) -> Steps:
    """n - 1 steps a round, in which every node sends `size` bytes to its successor."""
    return [Step(_successors(network), size, rounds * (network.nodes - 1))]


def _halving(network: Network, size: int) -> Steps:
    """Every node exchanges half of what it still has to add with a partner, first with its neighbour."""
    node = np.arange(network.nodes, dtype=np.int64)
    reaches = [1 << k for k in range((network.nodes - 1).bit_length())]
    return [Step(flows(network, node, node ^ reach), -(-size // (2 * reach))) for reach in reaches]


def _binomial(network: Network, size: int, outwards: bool = False) -> Steps:
    """Binomial tree of node 0: in step k the nodes at odd multiples of 2^k meet those 2^k before them; outwards the
    farthest first."""
    steps: Steps = []
    reach = 1
    while reach < network.nodes:
        far = np.arange(reach, network.nodes, 2 * reach, dtype=np.int64)
        source, target = (far - reach, far) if outwards else (far, far - reach)
        steps.append(Step(flows(network, source, target), size))
        reach *= 2
    return steps[::-1] if outwards else steps


def _over_trees(network: Network, size: int, which: Sequence[int]) -> Steps:
    """Up to the roots level by level and down again, over the first tree, the other, or both at once."""
    up: Steps = []
    down: Steps = []
    for level in _levels(network.nodes):
        source, target = np.concatenate([_other(level, network.nodes) if k else level for k in which]).T
        up.append(Step(flows(network, source, target), size))
        down.append(Step(flows(network, target, source), size))
    return up + down[::-1]


def _other(pairs: Int64s, n: int) -> Int64s:
    """The same pairs in the tree whose inner nodes are the first one's leaves: mirrored, or moved on where n is odd."""
    return (pairs + 1) % n if n % 2 else n - 1 - pairs


def _levels(n: int) -> list[Int64s]:
    """Children and parents of a binary tree in whose order the nodes stand, from the leaves on: int64[pairs, 2] each.

    Nodes are counted from 1: one at an odd multiple of 2^k has its parent at the odd multiple of 2^(k + 1) beside it,
    or at the next further up that is there. The root is the largest power of two.
    """
    levels, root = [], 1 << (n.bit_length() - 1)
    for k in range(n.bit_length()):
        pairs = []
        for child in range(1 << k, n + 1, 2 << k):
            if child == root:
                continue
            parent, height = child, k
            while parent == child or parent > n:
                parent, height = (parent & ~(1 << height)) | (2 << height), height + 1
            pairs.append((child - 1, parent - 1))
        if pairs:
            levels.append(np.array(pairs, dtype=np.int64))
    return levels


def _pulled(network: Network, out: int, into: int) -> Traffic:
    """Messages out of and into every node's port; nodes ask for what they read: three times the way for all of it."""
    n = network.nodes
    busiest = max(out, into)
    loads = np.repeat(np.array([out, into], dtype=np.int64), n)
    return Traffic(busiest, busiest, n * (out + into), 3 * depth_of(network), runs_of(loads))
