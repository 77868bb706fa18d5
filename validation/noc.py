"""Our values for claims about networks, collectives over them, and models that packages share: each function gives one
number in the unit that its docstring names."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from bankside.arch.machine.path import way
from bankside.arch.noc.collective import cost
from bankside.arch.noc.occupancy import Network
from bankside.arch.noc.packet import described
from bankside.arch.noc.topology import Topology
from bankside.arch.noc.traffic import depth_of, one_shot
from bankside.kernels.catalog.catalog import build
from bankside.peers.gpu_collectives import between_packages
from bankside.unit import collective, noc
from bankside.validation.bench import load_machine, simulate

Cell = str | int | float | bool

FOLDER: Final = Path(__file__).parent

ASTRA: dict[str, Cell] = {
    "peer": "ASTRA-sim analytical", "backend_congestion": "Aware", "endpoint_delay": 10, "npus": 8,
    "active_chunks_per_dimension": 2, "nominal_bytes_per_npu": 1 << 20, "preferred_dataset_splits": 4,
    "bandwidth_GBps_per_link": 50.0, "latency_ns_per_link": 500.0,
}  # fmt: skip


def _collective(**case: Cell) -> dict[str, Any]:
    return collective.run_case(case)


def astra_ns(**case: Cell) -> float:
    """Time of a collective as ASTRA-sim's analytical network counts it; what is not said is 1 MiB in four chunks, two
    of them under way, of 8 ranks, with 50 GB/s and 500 ns a link [ns]."""
    return float(_collective(**{**ASTRA, **case})["cycles_ns_slowest_npu"])


def measured_us(system: str, op: str, gpus: int, size: int) -> float:
    """Time of a collective of so many bytes on the links of a GPU [us]."""
    return float(_collective(system=system, op=op, gpus=gpus, bytes=size)["latency_us"])


def algorithm_gbyte_per_s(n: int, size: int, algorithm: str = "fastest") -> float:
    """Bytes of a vector over the time of its all-reduce by NCCL among n H100 [GB/s]."""
    case: dict[str, Cell] = {"link": "nvlink4", "combine": True, "software": "nccl"}
    found = _collective(pattern="all_reduce", n=n, bytes=size, algorithm=algorithm, **case)
    return size / float(found["time_s"]) / 1e9


def bus_gbyte_per_s(n: int, size: int, algorithm: str = "fastest") -> float:
    """Bus bandwidth of the same, 2 (n - 1) / n times as much [GB/s]."""
    return algorithm_gbyte_per_s(n, size, algorithm) * 2 * (n - 1) / n


def switch_gain(n: int, size: int) -> float:
    """Time of a ring over that of the fastest algorithm, which may have the switch add [1]."""
    return algorithm_gbyte_per_s(n, size) / algorithm_gbyte_per_s(n, size, "ring")


def peer_load_ns() -> float:
    """Time of a load from another GPU: there and back through the switch, and the load from its memory [ns]."""
    network = described(between_packages("xpu-h100"), 8)
    return 2 * depth_of(network) * network.hop_fs / 1e6 + local_load_ns()


def local_load_ns() -> float:
    """Time of a load from the GPU's own memory: its path, and a burst of a row that has to be opened [ns]."""
    machine = load_machine("xpu-h100")
    standard = machine.primary.memory.standard
    assert standard is not None
    spec = standard.spec
    inside = [spec.timings[name].cycle for name in ("tRCDRD", "tCL")]
    cycles = sum(cycle for cycle in inside if cycle is not None) + spec.burst.cycles
    return way(machine, machine.primary)[1] * 1e9 + cycles / spec.clock * 1e9


def switch_load_ns(n: int) -> float:
    """Time of a load that the switch adds up over n GPUs: an all-reduce by it without its barriers [ns]."""
    network = between_packages("xpu-h100").model_copy(update={"software": ("device",)})
    priced = cost(described(network, n), "all_reduce", 128, "in_network")
    return (priced.total_fs - priced.software_fs) / 1e6


def one_shot_switch_ns(size: int) -> float:
    """Time of an all-reduce among 8 GPUs by loads and stores that the switch adds up and copies [ns]."""
    found = _collective(
        link="nvlink4",
        combine=True,
        software="device",
        pattern="all_reduce",
        n=8,
        bytes=size,
        algorithm="in_network",
    )
    return float(found["time_s"]) * 1e9


def tokens_per_s(
    machine: str, model: str, tp: int, context: int, alone: float, floor_us: float, alone_model: str = ""
) -> float:
    """Tokens a second of one sequence on so many GPUs that share the tensors of a model in bf16 [1/s].

    Parameters
    ----------
    alone : float
        Measured tokens a second of `alone_model`, or of the model, on one GPU: what our time of that leaves is the
        host's, which every step takes [1/s].
    floor_us : float
        Time of a collective of next to no bytes [us].
    """
    host_s = 1 / alone - step_s(machine, alone_model or model, 1, context, floor_us)
    return 1 / (host_s + step_s(machine, model, tp, context, floor_us))


@lru_cache(maxsize=64)
def step_s(machine: str, model: str, tp: int, context: int, floor_us: float) -> float:
    """Time of a decode step of one sequence, without the host's [s]."""
    once = f"{{name: measured, software: custom, base: {floor_us} us, share: 0.65}}"
    settings = [f"path.host.network.link.protocols=[{once}]", "path.host.network.software=[custom]"]
    stacks = load_machine(machine).stacks * tp
    kernel = build("decode-step", model=_model(model), context=context, batch=1, format="bf16")
    parallel = "tp" if tp > 1 else None
    return simulate(kernel, load_machine(machine, settings, stacks), parallel=parallel).time_s


def lpu_tokens_per_s(tp: int, pp: int, context: int, weights: str) -> float:
    """Tokens a second of one sequence of Llama-2-70B on tp x pp chips of sram-lpu [1/s]."""
    kernel = build(
        "decode-step",
        model=_model("llama-2-70b"),
        context=context,
        batch=1,
        format="fp16",
        weights_format=weights,
    )
    machine = load_machine("sram-lpu", [], tp * pp)
    return 1 / simulate(kernel, machine, parallel=f"tp={tp},pp={pp}").time_s


def _model(name: str) -> str:
    own = FOLDER / "tensor_parallel" / f"{name}.json"
    return str(own) if own.exists() else name


@lru_cache(maxsize=64)
def _run(cells: tuple[tuple[str, Cell], ...]) -> dict[str, Any]:
    return noc.run_case(dict(cells))


def result(column: str, **case: Cell) -> float:
    """A result column of the unit noc for a case [unit of the column]."""
    return float(_run(tuple(sorted(case.items())))[column])


def knee(lowest: float, below: float, above: float, **case: Cell) -> float:
    """Load where mean latency is three times that at the lowest, on the line between two loads, with numpy's random
    numbers [flits a node and cycle]."""
    physical = {**case, "convention": "physical"}
    base, low, high = (
        result("avg_packet_latency", offered_flits_per_node_cycle=load, sample_period=period, **physical)
        for load, period in ((lowest, 8000), (below, 1500), (above, 1500))
    )
    return below + (above - below) * (3 * base - low) / (high - low)


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
