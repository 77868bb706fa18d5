"""Speed of the flit-level router, warm, one thread: flit-hops and node-cycles a second of 8 x 8 networks.

The best of many rounds short enough to fall between what else the machine does.

Budget: 10 M flit-hops/s at loads 0.1 to 0.4 of uniform packets of one flit, 100 M node-cycles/s at 0.005.
BookSim2 makes 0.6 to 0.7 M flit-hops/s and 6 to 7 M node-cycles/s (research on a quiet machine). Run `python
benchmarks/noc.py`.
"""

import sys
import time

from bankside.arch.noc.fabric.cubes import Lines, cube
from bankside.arch.noc.fabric.fabric import Fabric
from bankside.arch.noc.router import layout as at
from bankside.arch.noc.router.network import FlitNetwork, NumpyStreams
from bankside.arch.noc.router.spec import RouterSpec
from bankside.peers.booksim_patterns import uniform

ROUNDS, WARM = 60, 500
LOADS = {0.1: 2_000, 0.2: 1_000, 0.3: 700, 0.4: 500, 0.005: 20_000}
"""Cycles of a round by load [flits a node and cycle]."""


def speed(fabric: Fabric, load: float, cycles: int) -> tuple[float, float]:
    """Best of several rounds: flit-hops and node-cycles a second of processor time [1/s]."""
    net = FlitNetwork(fabric, RouterSpec(), NumpyStreams(0))
    net.draw_packets(uniform(fabric.nodes), load, 1)
    net.run(WARM)
    best = 0.0, 0.0
    for _ in range(ROUNDS):
        moved, began = net.read(at.MOVED), time.process_time()
        net.run(cycles)
        taken = time.process_time() - began
        best = max(best, ((net.read(at.MOVED) - moved) / taken, fabric.nodes * cycles / taken))
    return best


def main() -> None:
    """Print a table."""
    networks = {
        "mesh": cube("mesh", [Lines(8)] * 2),
        "torus": cube("torus", [Lines(8, wrap=True, delay=2)] * 2, draw_ties=True),
    }
    sys.stdout.write(f"{'8 x 8':8}{'load':>8}{'M flit-hops/s':>16}{'M node-cycles/s':>18}\n")
    for name, fabric in networks.items():
        for load, cycles in LOADS.items():
            hops, nodes = speed(fabric, load, cycles)
            sys.stdout.write(f"{name:8}{load:8}{hops / 1e6:16.1f}{nodes / 1e6:18.1f}\n")


if __name__ == "__main__":
    main()
