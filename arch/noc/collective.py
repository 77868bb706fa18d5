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

from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np

from bankside.arch.noc.occupancy import NetCost, Network, Pattern
from bankside.arch.noc.topology import GRIDS, grid, snake
from bankside.arch.noc.traffic import Step, flows, one_shot, price, tree

Algorithm = Literal["in_network", "ring", "tree", "root"]
REDUCTIONS: Final = ("reduce", "all_reduce", "reduce_scatter")

Steps = list[Step]


def cost(network: Network, pattern: Pattern, bytes_each: int, algorithm: Algorithm | None = None) -> NetCost:
    """Cost of `pattern` among all nodes of `network` when nothing else moves; see `schedule`."""
    return total(network, schedule(network, pattern, bytes_each, algorithm))


def total(network: Network, steps: Sequence[Step]) -> NetCost:
    """Cost of steps, each of which begins when the one before it has come in."""
    found = NetCost()
    for step in steps:
        found += price(network, step)
    return found


def schedule(
    network: Network, pattern: Pattern, bytes_each: int, algorithm: Algorithm | None = None
) -> Steps:
    """The steps of `pattern` among all nodes of `network`; none for a lone node or for no bytes.

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
        return []
    if pattern not in (*REDUCTIONS, "all_gather"):
        return [Step(one_shot(network, pattern), bytes_each)]
    candidates = _all_gathers(network) if pattern == "all_gather" else _reductions(network, pattern)
    if algorithm is not None:
        if algorithm not in candidates:
            raise ValueError(f"{pattern} on a {network.topology} cannot run the algorithm {algorithm}.")
        return candidates[algorithm](bytes_each)
    return _fastest(network, [steps(bytes_each) for steps in candidates.values()])


def _fastest(network: Network, candidates: list[Steps]) -> Steps:
    return min(candidates, key=lambda steps: total(network, steps).total_fs)


def _reductions(network: Network, pattern: Pattern) -> dict[Algorithm, Callable[[int], Steps]]:
    """Algorithms for a reduction, in order of preference."""
    n = network.nodes

    def back(size: int) -> Steps:
        if pattern == "reduce":
            return []
        if pattern == "reduce_scatter":
            return [Step(one_shot(network, "scatter"), -(-size // n))]
        at_once = [Step(one_shot(network, "broadcast"), size)]
        return _fastest(network, [at_once, _binomial(network, size, outwards=True)])

    def ring(size: int) -> Steps:
        share = -(-size // n)
        if pattern == "reduce":
            return [*_ring(network, share), Step(one_shot(network, "gather"), share)]
        return _ring(network, share, rounds=2 if pattern == "all_reduce" else 1)

    found: dict[Algorithm, Callable[[int], Steps]] = {
        "ring": ring,
        "tree": lambda size: _binomial(network, size) + back(size),
        "root": lambda size: [Step(one_shot(network, "gather"), size), *back(size)],
    }
    can_combine = network.topology not in ("bus", "full")
    if network.combine and can_combine and pattern != "reduce_scatter":
        up_and_down = tree(network, up=True, down=pattern == "all_reduce")
        found = {"in_network": lambda size: [Step(up_and_down, size)], **found}
    return found


def _all_gathers(network: Network) -> dict[Algorithm, Callable[[int], Steps]]:
    """Round a ring, or all nodes' messages to the root and the whole to all."""
    n = network.nodes

    def root(size: int) -> Steps:
        return [Step(one_shot(network, "gather"), size), Step(one_shot(network, "broadcast"), n * size)]

    def bus(size: int) -> Steps:
        return [Step(one_shot(network, "broadcast"), n * size)]

    first = bus if network.topology == "bus" and network.multicast else lambda size: _ring(network, size)
    return {"ring": first, "root": root}


def _ring(network: Network, size: int, rounds: int = 1) -> Steps:
    """n - 1 steps a round, in which every node sends `size` bytes to its successor on a logical ring."""
    n = network.nodes
    order = snake(grid(network.topology, n)) if network.topology in GRIDS else np.arange(n, dtype=np.int64)
    return [Step(flows(network, order, np.roll(order, -1)), size, rounds * (n - 1))]


def _binomial(network: Network, size: int, outwards: bool = False) -> Steps:
    """Binomial tree of node 0: in step k the nodes at odd multiples of 2^k meet those 2^k before them."""
    steps: Steps = []
    reach = 1
    while reach < network.nodes:
        far = np.arange(reach, network.nodes, 2 * reach, dtype=np.int64)
        source, target = (far - reach, far) if outwards else (far, far - reach)
        steps.append(Step(flows(network, source, target), size))
        reach *= 2
    return steps
