"""ASTRA-sim's analytical network: columns of its runs as a network of ours, and what its runs without congestion leave
out.

Its GB is 2^30 bytes. A message takes the endpoint delay beside the links, and is stored whole in a switch before it
goes on, where it counts congestion. What is added up is read twice and written once at the bandwidth of the local
memory (3350 GB/s, of 10^9 bytes, in the system files of the runs). The size of an all-gather is what every rank has,
of an all-to-all what it sends in all.
"""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.noc.algorithms import Steps
from bankside.arch.noc.protocol import Algorithm, Pattern
from bankside.arch.spec import from_dict
from bankside.cases.reader import Reader

TOPOLOGIES: Final = {"ring": "ring", "switch": "switch", "fullyconnected": "full"}
ALGORITHMS: Final[dict[str, Algorithm]] = {
    "ring": "ring",
    "direct": "direct",
    "halvingdoubling": "halving_doubling",
    "doublebinarytree": "double_tree",
}
PATTERNS: Final[tuple[Pattern, ...]] = ("all_reduce", "reduce_scatter", "all_gather", "all_to_all")
LOCAL_BYTES_PER_S: Final = 3350e9
GIB: Final = 1 << 30

COLUMNS: Final = {
    "topology": "Ring, Switch or FullyConnected of ASTRA-sim; else as a machine's network names it",
    "npus": "nodes",
    "bandwidth_GBps_per_link": "of one direction, in 2^30 bytes",
    "latency_ns_per_link": "of one link",
    "collective": ", ".join(PATTERNS),
    "nominal_bytes_per_npu": "bytes of a rank",
    "algorithm": "ring, direct, halvingDoubling, doubleBinaryTree",
    "preferred_dataset_splits": "chunks",
    "endpoint_delay": "of a message [ns]",
    "active_chunks_per_dimension": "chunks under way at once",
    "backend_congestion": "Aware, or Unaware: no message waits for another",
}


class AstraCase:
    """One of its runs, read from a row."""

    def __init__(self, read: Reader) -> None:
        self.nodes = read.whole("npus", 2, 1 << 16)
        self.pattern = next(name for name in PATTERNS if name == read.choice("collective", PATTERNS))
        name = ALGORITHMS[read.choice("algorithm", tuple(ALGORITHMS))]
        self.algorithm: Algorithm = "pairwise" if (name, self.pattern) == ("direct", "all_to_all") else name
        self.aware = read.choice("backend_congestion", ("aware", "unaware"), "Aware") == "aware"
        size = read.whole("nominal_bytes_per_npu", 1, 1 << 40)
        self.bytes_each = size / self.nodes if self.pattern == "all_to_all" else float(size)
        self.topology = TOPOLOGIES[read.choice("topology", tuple(TOPOLOGIES))]
        rate = read.real("bandwidth_GBps_per_link", 1e-3, 1e6, 50.0) * GIB
        latency = read.real("latency_ns_per_link", 0.0, 1e9, 0.0)
        self._link: dict[str, Any] = {
            "bandwidth": f"{rate} B/s",
            "latency": f"{latency} ns",
            "protocols": [
                {
                    "name": "endpoint",
                    "software": "astra-sim",
                    "step": f"{read.real('endpoint_delay', 0.0, 1e9, 0.0)} ns",
                    "adds": f"{LOCAL_BYTES_PER_S} B/s",
                }
            ],
        }
        self._chunks = read.whole("preferred_dataset_splits", 1, 1024, 1)
        self._in_flight = read.whole("active_chunks_per_dimension", 1, 1024, 1)

    def network(self) -> NetworkSpec:
        """Its network."""
        tree = {
            "topology": self.topology,
            "link": self._link,
            "multicast": False,
            "forward": "whole" if self.aware else "cut-through",
            "chunks": self._chunks,
            "in_flight": self._in_flight,
        }
        return from_dict(tree, NetworkSpec).spec

    def as_it_counts(self, chunks: list[Steps]) -> list[Steps]:
        """Chunks as it moves them: without congestion each message is alone on its way."""
        return chunks if self.aware else [_alone(steps) for steps in chunks]


def _alone(steps: Steps) -> Steps:
    none, no_ends = np.zeros((0, 3), dtype=np.int64), np.zeros((0, 2), dtype=np.int64)
    lone = [replace(step.traffic, port=1, link=1, runs=none, pairs=no_ends) for step in steps]
    return [replace(step, traffic=traffic) for step, traffic in zip(steps, lone, strict=True)]
