"""Unit `noc`: a network of routers, flit by flit, under open-loop traffic or closed-loop batches."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bankside.arch.noc.fabric.fabric import NetworkError
from bankside.arch.noc.router import layout as at
from bankside.arch.noc.router.network import FlitNetwork, NumpyStreams
from bankside.arch.noc.router.spec import RouterSpec
from bankside.cases.reader import Case, Reader, of_one, read_all, refuse
from bankside.peers import booksim_case
from bankside.peers.booksim_case import BookSimCase, read_case
from bankside.peers.booksim_config import config_case
from bankside.peers.booksim_protocol import Protocol, mean, measure, run_batches
from bankside.peers.booksim_random import BookSimStream

CONVENTIONS: Final = ("booksim", "physical")

COLUMNS: Final = {
    "config": "a BookSim2 configuration file instead of the columns that follow",
    **booksim_case.COLUMNS,
    "convention": "booksim (BookSim2's random numbers, the default of its own rows and files) or physical (numpy's)",
}

REFUSED: Final = BookSimCase("mesh", 2, 2, 1, RouterSpec(), "uniform", ((), ()), 1, 0.0, Protocol(), 0, 0, 0)
"""In the place of a case with sentences; never run."""


def run_cases(rows: Sequence[Case]) -> list[dict[str, Any]]:
    """Result columns of many cases, in order; batches of one network that follow each other are one run.

    Returns
    -------
    list of dict
        avg_packet_latency, avg_network_latency, min_packet_latency, max_packet_latency [cycle],
        avg_hops_routers, accepted_flits_per_node_cycle, accepted_flits_min_node, converged (1 or 0),
        total_cycles [cycle] until the network is empty (of the batch, of a batch), flit_hops, cpu_seconds.
        Latencies of batches are over all batches of the run.

    Raises
    ------
    ConfigError
        One sentence for each cell that is wrong.
    """
    cases = read_all(rows, _read)
    errors: list[str] = []
    last: dict[Any, int] = {}
    for case, convention in cases:
        if case.packets:
            last[_network(case), convention] = max(case.batch, last.get((_network(case), convention), 0))
    runs: dict[Any, list[dict[str, Any]]] = {}
    found = []
    for (case, convention), row in zip(cases, rows, strict=True):
        key = _network(case), convention
        try:
            if not case.packets:
                found.append(_open_loop(case, convention))
                continue
            if key not in runs:
                runs[key] = _batches(case, convention, last[key] + 1)
            found.append(runs[key][case.batch])
        except NetworkError as error:
            Reader(row, errors).complain(str(error))
    refuse(errors)
    return found


run_case = of_one(run_cases)


def _read(read: Reader) -> tuple[BookSimCase, str]:
    convention = read.choice("convention", CONVENTIONS, _default(read))
    if read.text("config"):
        read = Reader(config_case(Path(read.text("config"))), read.errors)
    case = read_case(read) or REFUSED
    if (case.traffic, convention) == ("taper64", "booksim"):
        read.complain(
            "traffic taper64 draws three numbers or two by packet, which only the convention physical has as one.",
            "traffic",
        )
    return case, convention


def _default(read: Reader) -> str:
    theirs = read.text("config") or "booksim" in read.text("peer").lower() or read.text("router_set")
    return "booksim" if theirs else "physical"


def _network(case: BookSimCase) -> tuple[object, ...]:
    """What tells two runs of batches apart."""
    return (
        case.topology, case.k, case.n, case.torus_delay, case.router, case.traffic, case.spots, case.length,
        case.packets, case.seed, case.perm_seed,
    )  # fmt: skip


def _build(case: BookSimCase, convention: str) -> FlitNetwork:
    return FlitNetwork(case.fabric(), case.router, _streams(convention)(case.seed))


def _streams(convention: str) -> type[BookSimStream] | type[NumpyStreams]:
    return BookSimStream if convention == "booksim" else NumpyStreams


def _open_loop(case: BookSimCase, convention: str) -> dict[str, Any]:
    net = _build(case, convention)
    net.draw_packets(case.targets(net.fabric.nodes, _streams(convention)), case.rate, case.length)
    began = time.process_time()
    measured = measure(net, case.protocol)
    return {
        "avg_packet_latency": measured.latency,
        "avg_network_latency": measured.network_latency,
        "min_packet_latency": measured.least,
        "max_packet_latency": measured.most,
        "avg_hops_routers": measured.hops,
        "accepted_flits_per_node_cycle": measured.accepted,
        "accepted_flits_min_node": measured.accepted_least,
        "converged": int(measured.converged),
        "total_cycles": measured.cycles,
        "flit_hops": measured.flit_hops,
        "cpu_seconds": time.process_time() - began,
    }


def _batches(case: BookSimCase, convention: str, count: int) -> list[dict[str, Any]]:
    net = _build(case, convention)
    began = time.process_time()
    targets = case.targets(net.fabric.nodes, _streams(convention))
    cycles = run_batches(net, targets, case.packets, case.length, count)
    packets = net.read(at.PACKETS)
    shared = {
        "avg_packet_latency": mean(net.read(at.LATENCY), packets),
        "avg_network_latency": mean(net.read(at.NETWORK_LATENCY), packets),
        "min_packet_latency": net.read(at.LEAST),
        "max_packet_latency": net.read(at.MOST),
        "avg_hops_routers": mean(net.read(at.HOPS), packets),
        "accepted_flits_per_node_cycle": net.read(at.TAKEN) / net.read(at.TIME) / net.fabric.nodes,
        "converged": 1,
        "flit_hops": net.read(at.MOVED),
        "cpu_seconds": time.process_time() - began,
    }
    return [shared | {"total_cycles": each} for each in cycles]
