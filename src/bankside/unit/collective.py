"""Unit `collective`: a collective among nodes, by a link's software, ASTRA-sim's columns or measured rows."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, get_args

from bankside.arch.machine.network_spec import NetworkSpec, Topology
from bankside.arch.noc.algorithms import Steps
from bankside.arch.noc.equal import Measure
from bankside.arch.noc.fabric.fabric import NetworkError
from bankside.arch.noc.occupancy import Moved
from bankside.arch.noc.overlap import alone_fs, chunked
from bankside.arch.noc.packet import described
from bankside.arch.noc.protocol import Algorithm, Pattern
from bankside.arch.noc.traffic import sent
from bankside.arch.spec import ConfigError, from_dict
from bankside.cases.reader import Case, Reader, of_one, read_all
from bankside.peers import astra_sim
from bankside.peers.astra_sim import AstraCase
from bankside.peers.gpu_collectives import OPS, read_row

FS_PER_S: Final = 10**15
FASTEST: Final = "fastest"

LOADS: Final = "loads"
HOP, EACH = 5, 8
ROUTER: Final = {
    "vcs": ("virtual channels of a link", 62),
    "depth": ("flits of each channel's buffer", 4096),
    "packet": ("flits of a packet at most", 65536),
}
"""Columns of routers, and the most of each; by default there are EACH."""

COLUMNS: Final = {
    "pattern": ", ".join(get_args(Pattern)),
    "n": "nodes",
    "bytes": "of a node; what they are is the pattern's affair (docs/noc.md)",
    "topology": ", ".join(get_args(Topology)),
    "algorithm": f"{FASTEST} (the default), {', '.join(get_args(Algorithm))}",
    "link": "a link with its software, as configs/links names it; or",
    "bandwidth_Bps": "of one link in one direction",
    "latency_s": "of a hop",
    "software": "whose protocols of the link, + between several (default: all)",
    "combine": "whether what routes messages adds them up (default off)",
    "multicast": "whether it copies them (default on; routers do not)",
    "radix": "links of a node where all are joined, ways of a fat tree's routers",
    "moved": "what is timed: loads of links (the default), or packets or flits through routers; with these",
    "clock_Hz": "of a link that carries a flit in a cycle, with bandwidth_Bps",
    "hop": f"cycles of its clock from router to router (default {HOP})",
    **{name: f"{text} (default {EACH})" for name, (text, _) in ROUTER.items()},
    "equal_to": "topology that has as much with links as stated; the links are made so fast",
    "equal_by": "of what: bisection (the default) or links",
    "chunks": "into which it is cut (default 1)",
    "in_flight": "chunks under way at once (default 2)",
    "system": "instead, of a measured row: a100, h100, h200, b200",
    "op": f"of a measured row: {', '.join(OPS)}",
    "gpus": "of a measured row: ranks",
    "peer": "instead, ASTRA-sim: a run of its analytical network, in the columns that follow",
    **{name: text for name, text in astra_sim.COLUMNS.items() if name not in ("topology", "algorithm")},
}

MOST_NODES: Final = 1 << 14


class _Asked(NamedTuple):
    network: NetworkSpec
    chunks: list[Steps]
    nodes: int
    column: str
    units: float


def run_cases(rows: Sequence[Case]) -> list[dict[str, Any]]:
    """Result columns of many cases, in order.

    Returns
    -------
    list of dict
        time_s [s], bytes_on_busiest_link [byte], steps, mean_hops (links of a byte's way), and for rows of others their
        own column of time: cycles_ns_slowest_npu [ns], latency_us [us].

    Raises
    ------
    ConfigError
        One sentence for each cell that is wrong.
    """
    asked = read_all(rows, _read)
    return [_run(each) for each in asked if each is not None]


run_case = of_one(run_cases)


def _run(asked: _Asked) -> dict[str, Any]:
    taken_fs = alone_fs(asked.network, asked.chunks, asked.nodes)
    every = [step for steps in asked.chunks for step in steps]
    found: dict[str, Any] = {
        "time_s": taken_fs / FS_PER_S,
        "bytes_on_busiest_link": sum(
            max(step.traffic.port, step.traffic.link) * step.message_byte * step.repeats for step in every
        ),
        "steps": sum(step.repeats for step in every if step.message_byte),
        "mean_hops": _mean_hops(asked, every),
    }
    return found | ({asked.column: taken_fs / FS_PER_S * asked.units} if asked.column else {})


def _mean_hops(asked: _Asked, steps: Steps) -> float:
    """Links that a byte passes on average, those of copies on the way together; 0 where nothing moves."""
    network = described(asked.network, asked.nodes)
    byte = [step.message_byte * step.repeats for step in steps]
    out = sum(sent(network, step.traffic) * each for step, each in zip(steps, byte, strict=True))
    over = sum(step.traffic.message_hops * each for step, each in zip(steps, byte, strict=True))
    return over / out if out else 0.0


def _read(read: Reader) -> _Asked | None:
    before = len(read.errors)
    try:
        if "astra" in read.text("peer").lower() or read.text("backend_congestion"):
            return _astra(read, before)
        if read.text("op"):
            row = read_row(read)
            if len(read.errors) > before:
                return None
            chunks = chunked(row.network, row.pattern, row.nodes, row.bytes_each)
            return _Asked(row.network, chunks, row.nodes, "latency_us", 1e6)
        return _own(read, before)
    except NetworkError as error:
        read.complain(str(error))
    except ConfigError as error:
        for sentence in error.errors:
            read.complain(sentence)
    return None


def _astra(read: Reader, before: int) -> _Asked | None:
    case = AstraCase(read)
    if len(read.errors) > before:
        return None
    network = case.network()
    chunks = chunked(network, case.pattern, case.nodes, case.bytes_each, case.algorithm)
    return _Asked(network, case.as_it_counts(chunks), case.nodes, "cycles_ns_slowest_npu", 1e9)


def _own(read: Reader, before: int) -> _Asked | None:
    patterns: tuple[Pattern, ...] = get_args(Pattern)
    known: tuple[Algorithm, ...] = get_args(Algorithm)
    word = read.choice("pattern", patterns, "all_reduce")
    name = read.choice("algorithm", (FASTEST, *known), FASTEST)
    nodes, size = read.whole("n", 1, MOST_NODES), read.whole("bytes", 0, 1 << 42)
    tree: dict[str, Any] = {
        "topology": read.choice("topology", get_args(Topology), "switch"),
        "link": _link(read),
        "combine": read.flag("combine", False),
        "multicast": read.flag("multicast", True),
        "chunks": read.whole("chunks", 1, 1024, 1),
        "in_flight": read.whole("in_flight", 1, 1024, 2),
    }
    if read.text("radix"):
        tree["radix"] = read.whole("radix", 2, 65535)
    if read.text("software"):
        tree["software"] = read.text("software").split("+")
    moved = read.choice("moved", (LOADS, *get_args(Moved)), LOADS)
    if moved != LOADS:
        tree |= {"router": _router(read) | {"moved": moved}, "multicast": read.flag("multicast", False)}
        if not read.text("link") and not read.text("clock_Hz"):
            read.complain(f"{moved} go through routers by the clock: clock_Hz is missing.", "moved")
    for name in (each for each in ROUTER if moved == LOADS and read.text(each)):
        read.complain(f"{name} is a router's: moved is then packets or flits.", name)
    if read.text("equal_to"):
        tree["equal"] = {
            "to": read.choice("equal_to", get_args(Topology)),
            "by": read.choice("equal_by", get_args(Measure), "bisection"),
        }
    if len(read.errors) > before:
        return None
    network = from_dict(tree, NetworkSpec).spec.among(nodes)
    algorithm = next((each for each in known if each == name), None)
    pattern = next(each for each in patterns if each == word)
    return _Asked(network, chunked(network, pattern, nodes, size, algorithm), nodes, "", 1.0)


def _link(read: Reader) -> dict[str, Any] | str:
    if name := read.text("link"):
        for other in (each for each in ("clock_Hz", "hop") if read.text(each)):
            read.complain(
                f"the file of a link states its own {other}; the row has bandwidth_Bps or link.", other
            )
        return name
    rate = read.real("bandwidth_Bps", 1.0, 1e18, 0.0)
    if not rate:
        read.complain("a link or bandwidth_Bps is needed.", "bandwidth_Bps")
    found: dict[str, Any] = {"latency": f"{read.real('latency_s', 0.0, 1e3, 0.0)} s"}
    if not read.text("clock_Hz"):
        if read.text("hop"):
            read.complain("hop counts cycles of clock_Hz, which is missing.", "hop")
        return found | {"bandwidth": f"{rate or 1.0} B/s"}
    clock = read.real("clock_Hz", 1.0, 1e15, 1.0)
    width = {"width": f"{8 * (rate or 1.0) / clock} bit", "clock": f"{clock} Hz"}
    return found | width | {"hop": read.whole("hop", 0, 1_000_000, HOP)}


def _router(read: Reader) -> dict[str, Any]:
    """The routers of a row."""
    return {name: read.whole(name, 1, most, EACH) for name, (_, most) in ROUTER.items()}
