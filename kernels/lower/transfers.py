"""Many transfers of one node at once: bytes become stripes of bursts, each transfer a short chain of operations."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import LINK_LATENCY, LINK_SERIAL, SRAM_BANDWIDTH
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.kernels.lower.lowering import Int64s, Lowering, NodeClass
from bankside.kernels.lower.memory import count_levels, way

Float64s = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Link:
    """An operation between the channels and the core: its unit, its cause, and fs per byte and fs in any case."""

    unit: int
    cause: int
    fs_per_byte: float
    fs: int


def stripe_bytes(core: Core) -> int:
    """Bytes of one burst on every channel of a node."""
    return core.channels * core.memory.burst_bytes


def stripes(core: Core, useful_byte: Float64s) -> Int64s:
    """Stripes that each of successive pieces needs beyond those before it, so that only the last is padded."""
    upto = -(-np.rint(np.cumsum(useful_byte)).astype(np.int64) // stripe_bytes(core))
    return np.diff(upto, prepend=0)


def links(low: Lowering, core: Core, node: NodeClass) -> list[Link]:
    """What a transfer passes after its channels: a link narrower than they are, and latency."""
    rate, latency_s = way(low.machine, core)
    found = []
    if core.memory.channelled is not None:
        slowest = min((rate, LINK_SERIAL), (core.fill_bytes_per_s, SRAM_BANDWIDTH))
        if slowest[0] < core.channels * core.memory.channel_peak("vault"):
            found.append(Link(low.link_unit(node), slowest[1], FS_PER_S / slowest[0], 0))
    if latency_s > 0:
        found.append(Link(node.path_delay, LINK_LATENCY, 0.0, round(latency_s * FS_PER_S)))
    return found


def store_fs_per_stripe(core: Core) -> float:
    """Time of one stripe of an SRAM store at each of its channels [fs]."""
    assert core.memory.spec.sram is not None
    rate = min(core.memory.spec.sram.bandwidth * core.channels, core.fill_bytes_per_s) / core.channels
    return core.memory.burst_bytes / rate * FS_PER_S


def placed(core: Core, node: NodeClass, counts: Int64s) -> Int64s:
    """First burst of successive transfers in each channel's address space, which starts again when it is full.

    An SRAM store has no addresses.
    """
    if core.memory.channelled is None:
        return np.zeros_like(counts)
    span = core.memory.channelled.channel_bytes // core.memory.burst_bytes
    first = np.cumsum(counts) - counts + node.cursor
    while (over := np.flatnonzero(first + counts > span)).size:
        first[over[0] :] -= first[over[0]]
    node.cursor = int(first[-1] + counts[-1]) if len(counts) else node.cursor
    return first


def count_transfers(
    low: Lowering, core: Core, node: NodeClass, useful_byte: Float64s, stripe_count: int, write: bool
) -> None:
    """Count bytes at the tap, along the path and at the scratchpads, of all nodes of the class."""
    low.traffic["written" if write else "useful"] += int(np.rint(useful_byte).sum()) * node.count
    moved_byte = stripe_count * stripe_bytes(core) * node.count
    if not write:
        low.traffic["read"] += moved_byte
    if core.memory.channelled is not None:
        count_levels(low, core, core.level, moved_byte)
    low.count_unit(core, "sram", {"sram_read" if write else "sram_write": moved_byte})
