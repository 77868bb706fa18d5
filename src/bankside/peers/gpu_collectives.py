"""Measured collectives of GPUs: rows of aiconfigurator's tables as patterns on the links of a shipped machine.

Their bytes are of the vector of a reduction, of all ranks of an all-gather together, and of what a rank sends in an
all-to-all.
"""

from typing import Final, NamedTuple

from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.machine.spec import MachineSpec
from bankside.arch.noc.protocol import Pattern
from bankside.arch.spec import load
from bankside.cases.reader import Reader

OPS: Final[dict[str, tuple[Pattern, tuple[str, ...]]]] = {
    "custom_all_reduce": ("all_reduce", ("custom", "nccl")),
    "nccl_all_reduce": ("all_reduce", ("nccl",)),
    "nccl_reduce_scatter": ("reduce_scatter", ("nccl",)),
    "nccl_all_gather": ("all_gather", ("nccl",)),
    "nccl_alltoall": ("all_to_all", ("nccl",)),
}
"""Pattern, and the libraries that the caller may take: TensorRT-LLM's own all-reduce hands large vectors to NCCL."""

SHARED: Final = ("all_gather", "all_to_all")
"""Patterns whose bytes are those of all ranks, or to all ranks, together."""

SYSTEMS: Final = {"a100": "xpu-a100", "h100": "xpu-h100", "h200": "xpu-h100", "b200": "xpu-b200"}
"""A machine with the links of each; those of an H200 are those of an H100."""


class Measured(NamedTuple):
    """A row: the network between packages, the pattern, ranks, and bytes of each."""

    network: NetworkSpec
    pattern: Pattern
    nodes: int
    bytes_each: float


def read_row(read: Reader) -> Measured:
    """A row of measured collectives."""
    system = read.choice("system", tuple(SYSTEMS))
    pattern, software = OPS[read.choice("op", tuple(OPS))]
    nodes = round(read.real("gpus", 2, 1024, 2.0))
    size = read.real("bytes", 1, 1e15, 1.0)
    network = between_packages(SYSTEMS[system]).model_copy(update={"software": software})
    return Measured(network, pattern, nodes, size / nodes if pattern in SHARED else size)


def between_packages(machine: str) -> NetworkSpec:
    """The network among the packages of a shipped machine."""
    spec = load(machine, "machines", MachineSpec).spec
    return next(entry.network for entry in spec.path if entry.level == "host" and entry.network is not None)
