"""A case in BookSim2's words: which network, which router, what traffic, how it is measured."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bankside.arch.noc.fabric.cubes import Lines, cube
from bankside.arch.noc.fabric.dragonfly import dragonfly
from bankside.arch.noc.fabric.fabric import Fabric, Int64s, NetworkError
from bankside.arch.noc.fabric.trees import butterfly, fat_tree
from bankside.arch.noc.router.network import Streams
from bankside.arch.noc.router.spec import Allocator, RouterSpec
from bankside.arch.spec.errors import clip
from bankside.cases.reader import Reader
from bankside.peers.booksim_patterns import PATTERNS, hotspot, pattern, random_permutation
from bankside.peers.booksim_protocol import Protocol

ROUTINGS: Final = {
    "mesh": "dor",
    "torus": "dim_order",
    "fly": "dest_tag",
    "fattree": "nca",
    "dragonflynew": "min",
}
"""Topologies, and the one routing function of each."""

NOT_ROUTED: Final = (
    (("adapt", "ugal", "anca"), ": routes are tables here, and adaptive ones look at queues of their time"),
    (("romm", "valiant", "val_"), ": routes are tables here, and a packet by way of another node has two"),
)
"""Words of names of other routing functions, and why there are none."""

SPELLINGS: Final = {"xbar": "fly", "ring": "torus", "dragonfly": "dragonflynew"}
NAMED: Final = re.compile(r"(?P<word>[a-z]+?)(?P<k>\d+)(?:[x_](?P<rest>\d+))?")
"""mesh8x8, torus4x4, ring16, xbar16, fly4_2, fattree4_3: k and, after `_`, n."""

ROUTERS: Final = {
    "R1": {},
    "R2": {
        "num_vcs": "4", "vc_buf_size": "4", "routing_delay": "1", "credit_delay": "1",
        "vc_allocator": "separable_input_first",
    },
    "R3": {"num_vcs": "1", "vc_buf_size": "4"},
    "R4": {"speculative": "1"},
    "R5": {"input_speedup": "2"},
    "R6": {"num_vcs": "2", "vc_buf_size": "16"},
    "RF": {"num_vcs": "4", "vc_buf_size": "16"},
    "RD": {"num_vcs": "3", "vc_buf_size": "256", "internal_speedup": "2"},
}  # fmt: skip
"""Routers that rows name without describing them: 8 channels of 8 flits, look-ahead routes, credits of 2
cycles, iSLIP, and what differs."""

MOST_ITERATIONS: Final = 64

FIXED: Final = {
    "vc_alloc_delay": 1, "sw_alloc_delay": 1, "output_delay": 0, "output_speedup": 1, "inject_eject_latency": 1,
}  # fmt: skip
"""What the router has one value of: the first two abort BookSim2 itself beyond 1."""

COLUMNS: Final = {
    "topology": "mesh, torus, fly (butterfly; n = 1 is a crossbar), fattree or dragonflynew",
    "topology_name": "the same in one word, with k and n: mesh8x8, ring16, xbar16, fly4_2, fattree4_3",
    "k": "radix: routers along a dimension, ports of a stage, nodes of a dragonfly's router",
    "n": "dimensions, stages or levels (default 2)",
    "routing": "dor (mesh), dim_order (torus), dest_tag (fly), nca (fattree), min (dragonflynew)",
    "router_set": "a router by name, R1 to R6, RF or RD, where the columns that follow are missing (default R1)",
    "num_vcs": "virtual channels of a link",
    "vc_buf_size": "flits that the buffer of each holds",
    "wait_for_tail_credit": "whether a channel is free only when the tail's credit is back",
    "vc_allocator": "islip, islip(4) with so many iterations, or separable_input_first",
    "sw_allocator": "the same",
    "credit_delay": "cycles from when a credit comes in to when it counts",
    "routing_delay": "cycles of routing; 0: looked ahead",
    "st_prepare_delay": "cycles before the switch",
    "st_final_delay": "cycles through the switch (with the former at least 1)",
    "input_speedup": "ports of the switch of an input",
    "internal_speedup": "steps of a router in a cycle",
    "speculative": "whether heads bid for the switch before they have a channel",
    "inter_router_channel_latency": "cycles of a link of a torus (default 2); of the others it is given",
    "traffic": "uniform, hotspot, transpose, bitcomp and others, which a wrong one names",
    "traffic_arg": "hotspot: nodes, and after them rates: {{0,7},{1,2}}",
    "packet_size_flits": "flits of a packet (default 1)",
    "offered_flits_per_node_cycle": "load; in packets: offered_packets_per_node_cycle",
    "offered_packets_per_node_cycle": "load in packets",
    "kind": "overload: throughput is measured, latency ends nothing",
    "sample_period": "cycles of a sample (default 1000)",
    "warmup_periods": "samples of the warm-up (default 3, overload 2)",
    "max_samples": "samples at most (default 10, overload 5)",
    "latency_threshold": "mean latency that ends a run (default 500)",
    "packets_per_node": "a batch instead of a load: packets that every node sends",
    "batch": "which batch, from 0; those before it are run first (default 0)",
    "seed": "of the random numbers (default 0)",
    "perm_seed": "of the permutation of randperm (default 0)",
}


@dataclass(frozen=True)
class BookSimCase:
    """One case, read.

    Attributes
    ----------
    rate : float
        Packets a node and cycle.
    packets, batch : int
        Packets a node of each batch, 0 for an open loop, and which batch.
    """

    topology: str
    k: int
    n: int
    torus_delay: int
    router: RouterSpec
    traffic: str
    spots: tuple[tuple[int, ...], tuple[int, ...]]
    length: int
    rate: float
    protocol: Protocol
    packets: int
    batch: int
    seed: int
    perm_seed: int = 0

    def fabric(self) -> Fabric:
        """The network."""
        match self.topology:
            case "mesh":
                return cube("mesh", [Lines(self.k)] * self.n)
            case "torus":
                return cube(
                    "torus", [Lines(self.k, wrap=True, delay=self.torus_delay)] * self.n, draw_ties=True
                )
            case "fly":
                return butterfly(self.k, self.n)
            case "fattree":
                return fat_tree(self.k, self.n)
            case _:
                return dragonfly(self.k)

    def targets(self, nodes: int, streams: Callable[[int], Streams]) -> Int64s:
        """Destinations, as `arch.noc.router.run.run` takes them; streams of a seed draw a permutation."""
        if self.traffic == "hotspot":
            return hotspot(nodes, *self.spots)
        if self.traffic == "randperm":
            return random_permutation(nodes, streams(self.perm_seed).whole(nodes))
        return pattern(self.traffic, nodes, [self.k] * self.n)


def read_case(read: Reader) -> BookSimCase | None:
    """The case of a row; None, with sentences, where cells are wrong."""
    before = len(read.errors)
    topology, k, n = _topology(read)
    _refuse_unknown(read, topology)
    router = _router(read)
    traffic, spots = _traffic(read)
    length = read.whole("packet_size_flits", 1, 1 << 16, 1)
    packets = read.whole("packets_per_node", 1, 1 << 24) if read.text("packets_per_node") else 0
    rate = 0.0
    if not packets:
        rate = read.real("offered_packets_per_node_cycle", 0.0, 1.0, -1.0)
        if rate < 0:
            rate = read.real("offered_flits_per_node_cycle", 0.0, length, -1.0) / length
        if rate < 0:
            read.complain("offered_flits_per_node_cycle is missing.")
    protocol = _protocol(read)
    batch, seed = read.whole("batch", 0, 1 << 16, 0), read.whole("seed", 0, (1 << 30) - 1, 0)
    delay = _torus_delay(read, topology)
    if len(read.errors) > before or router is None:
        return None
    return BookSimCase(
        topology,
        k,
        n,
        delay,
        router,
        traffic,
        spots,
        length,
        rate,
        protocol,
        packets,
        batch,
        seed,
        read.whole("perm_seed", 0, (1 << 30) - 1, 0),
    )


def _topology(read: Reader) -> tuple[str, int, int]:
    name = read.text("topology_name").lower()
    if not name:
        topology = read.choice("topology", list(ROUTINGS))
        n = 1 if topology == "dragonflynew" else 2
        return topology, read.whole("k", 2, 1 << 12), read.whole("n", 1, 12, n)
    found = NAMED.fullmatch(name)
    topology = SPELLINGS.get(found["word"], found["word"]) if found else ""
    if found is None or topology not in ROUTINGS:
        read.complain(
            f"topology_name must read like mesh8x8, ring16, xbar16, fly4_2 or fattree4_3, not {name!r}.",
            "topology_name",
        )
        return "mesh", 2, 2
    k, rest = int(found["k"]), found["rest"]
    if "x" in name[len(found["word"]) :]:
        if int(rest) != k:
            read.complain(
                f"topology_name: both dimensions have the same length here, not {name!r}.", "topology_name"
            )
        return topology, k, 2
    return topology, k, int(rest or 1)


def _refuse_unknown(read: Reader, topology: str) -> None:
    routing = read.text("routing", ROUTINGS[topology]).lower()
    if routing != ROUTINGS[topology]:
        why = next((why for words, why in NOT_ROUTED if any(word in routing for word in words)), "")
        read.complain(f"routing on a {topology} is {ROUTINGS[topology]}, not {routing!r}{why}.", "routing")
    for name, only in FIXED.items():
        read.whole(name, only, only, only)
    process = read.text("injection_process", "bernoulli").lower()
    if not process.startswith("bernoulli"):
        why = ": how many numbers a test of it draws depends on its state, and tests are read ahead"
        why = why if process.startswith("on_off") else ""
        read.complain(f"injection_process is bernoulli, not {process!r}{why}.", "injection_process")


def _router(read: Reader) -> RouterSpec | None:
    name = read.text("router_set", "R1")
    if name not in ROUTERS:
        read.complain(f"router_set is one of {', '.join(ROUTERS)}, not {name!r}.", "router_set")
    given = ROUTERS.get(name, {})

    def whole(column: str, low: int, high: int, default: int) -> int:
        return read.whole(column, low, high, int(given.get(column, default)))

    speedup = read.real("internal_speedup", 1, 8, float(given.get("internal_speedup", 1)))
    if speedup != int(speedup):
        read.complain(
            f"internal_speedup is a whole number of steps in a cycle, not {speedup:g}.", "internal_speedup"
        )
    channels, vc_iterations = _allocator(read, "vc_allocator", given.get("vc_allocator", "islip"))
    switch, switch_iterations = _allocator(read, "sw_allocator", read.text("vc_allocator", channels))
    if switch != channels:
        read.complain(
            f"vc_allocator and sw_allocator are of one kind, not {channels} and {switch}.", "sw_allocator"
        )
    try:
        return RouterSpec(
            vcs=whole("num_vcs", 1, 62, 8),
            depth=whole("vc_buf_size", 1, 1 << 16, 8),
            routing_delay=whole("routing_delay", 0, 1000, 0),
            switch_delay=whole("st_prepare_delay", 0, 1000, 0) + whole("st_final_delay", 0, 1000, 1),
            credit_delay=whole("credit_delay", 0, 1000, 2),
            allocator=channels,
            input_speedup=whole("input_speedup", 1, 8, 1),
            internal_speedup=int(speedup),
            speculative=read.flag("speculative", given.get("speculative") == "1"),
            wait_for_tail_credit=read.flag("wait_for_tail_credit", False),
            vc_iterations=vc_iterations,
            switch_iterations=switch_iterations,
        )
    except NetworkError as error:
        read.complain(str(error))
        return None


def _allocator(read: Reader, column: str, default: str) -> tuple[Allocator, int]:
    """Kind and iterations: an allocator makes as many as stand behind its name, and otherwise one."""
    word = read.text(column, default).lower()
    found = re.fullmatch(r"islip(?:\((\d+)\))?", word)
    if found is not None and int(found[1] or 1) in range(1, MOST_ITERATIONS + 1):
        return "islip", int(found[1] or 1)
    if word != "separable_input_first":
        read.complain(
            f"{column} must be islip, islip(1) to islip({MOST_ITERATIONS}) or separable_input_first, "
            f"not {clip(word)!r}.",
            column,
        )
    return "separable_input_first", 1


def _traffic(read: Reader) -> tuple[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    name, _, rest = read.text("traffic", "uniform").lower().partition("(")
    if name != "hotspot":
        if name not in (*PATTERNS, "randperm") or rest:
            known = ", ".join(PATTERNS)
            read.complain(f"traffic is one of {known}, randperm or hotspot, not {name!r}.", "traffic")
        return name, ((), ())
    text = re.sub(r"\s", "", rest.removesuffix(")") or read.text("traffic_arg"))
    groups = re.findall(r"\{([\d,]+)\}", text) if text.startswith("{{") else [text.strip("{}").split(",")[0]]
    try:
        spots = tuple(int(word) for word in groups[0].split(","))
        rates = tuple(int(word) for word in groups[1].split(",")) if len(groups) > 1 else (1,) * len(spots)
        if len(rates) != len(spots) or len(groups) > 2:
            raise ValueError
    except (ValueError, IndexError):
        read.complain(
            f"traffic_arg of hotspot reads like 5, {{{{0,7}}}} or {{{{0,7}},{{1,2}}}}, not {text!r}.",
            "traffic_arg",
        )
        return name, ((), ())
    return name, (spots, rates)


def _torus_delay(read: Reader, topology: str) -> int:
    text = read.text("inter_router_channel_latency")
    given = {"torus": "2", "dragonflynew": "local 10, global 100"}.get(topology, "1")
    if topology == "torus":
        found = re.match(r"\d+", text or given)
        if found and int(found[0]) > 0:
            return int(found[0])
    if topology == "torus" or text not in ("", given):
        read.complain(
            f"inter_router_channel_latency on a {topology} is {given}, not {text!r}.",
            "inter_router_channel_latency",
        )
    return 1


def _protocol(read: Reader) -> Protocol:
    over = read.text("kind").lower() in ("overload", "throughput")
    period = read.whole("sample_period", 1, 1 << 32, 1000)
    warmup = read.whole("warmup_periods", 1, 1 << 16, 2 if over else 3)
    samples = read.whole("max_samples", 1, 1 << 16, 5 if over else 10)
    limit = read.real("latency_threshold", 0.0, 1e12, 500.0)
    return Protocol(period, warmup, samples, None if over else limit)
