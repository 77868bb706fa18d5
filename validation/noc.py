"""Our values for claims about networks: each function gives one number in the unit that its docstring names."""

from functools import lru_cache
from typing import Any

from bankside.arch.noc.occupancy import Network
from bankside.arch.noc.topology import Topology
from bankside.arch.noc.traffic import one_shot
from bankside.unit import noc

Cell = str | int | float | bool


@lru_cache(maxsize=64)
def _run(cells: tuple[tuple[str, Cell], ...]) -> dict[str, Any]:
    return noc.run_case(dict(cells))


def result(column: str, **case: Cell) -> float:
    """A result column of the unit noc for a case [unit of the column]."""
    return float(_run(tuple(sorted(case.items())))[column])


def mean_links(topology: Topology, nodes: int) -> float:
    """Links of a message between two of all nodes on average, itself included [links]."""
    return one_shot(Network(topology, nodes, 1.0), "all_to_all").message_hops / nodes**2


def zero_load_excess(nodes_apart: int, **case: Cell) -> float:
    """Latency of the case at next to no load beyond that of its pipeline, for packets of one distance [cycle].

    H t_r + links + 3 + flits - 1 with H routers, t_r stages of a router, and links of one cycle.
    """
    routers = nodes_apart + 1
    stages = int(case.get("routing_delay", 0)) + 3 - bool(case.get("speculative", False))
    flits = int(case.get("packet_size_flits", 1))
    return result("avg_packet_latency", **case) - (routers * stages + nodes_apart + 3 + flits - 1)
