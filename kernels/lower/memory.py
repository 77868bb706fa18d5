"""Bytes between a memory and a node: bursts striped over the node's channels, then the way to the core, or back.

A transfer alone is a few operations (`Tape`); the many of a train are arrays (`stripes`, and
`block.append_train`). Both lie, pass and are counted the same.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import SRAM_BANDWIDTH
from bankside.arch.dram.channel.in_order.stream import READ, WRITE
from bankside.arch.engine.program import Stream
from bankside.arch.jit import kernel
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.machine.path import way_links
from bankside.arch.machine.spec import Level
from bankside.kernels.lower.lowering import Int64s, Lowering, NodeClass
from bankside.kernels.lower.ways import stripe_bytes, way_of

Float64s = npt.NDArray[np.float64]


class Tape:
    """Bytes that a node moves one piece after the other; pieces are cut at burst boundaries, so nothing is padded
    but the last stripe."""

    def __init__(self, low: Lowering, core: Core, node: NodeClass, label: int, write: bool = False) -> None:
        self.low, self.core, self.node, self.label, self.write = low, core, node, label, write
        self.useful_byte = 0.0
        self.stripes = 0

    def move(self, useful_byte: float, deps: Sequence[int]) -> list[int]:
        """Move the next `useful_byte` bytes; returns the operations that end when they are there (none if the last
        stripe already brought them)."""
        self.useful_byte += useful_byte
        low, core, node = self.low, self.core, self.node
        upto = -(-round(self.useful_byte) // stripe_bytes(core))
        count, self.stripes = upto - self.stripes, upto
        count_transfers(low, core, node, np.array([useful_byte]), count, self.write)
        if count == 0:
            return []
        ops = self._channel_ops(count, deps)
        for stage in way_of(low, core, node):
            byte = count * stripe_bytes(core)
            ops = [low.builder.op(link.unit, self.label, link.words(byte), ops) for link in stage]
        return ops

    def _channel_ops(self, count: int, deps: Sequence[int]) -> list[int]:
        low, core, node = self.low, self.core, self.node
        if core.memory.channelled is None:
            served_fs = round(count * store_fs_per_stripe(core))
            costs = [(SRAM_BANDWIDTH, served_fs)]
            return [low.builder.fixed(channel, self.label, costs, deps) for channel in node.channels]
        first = node.cursor if node.cursor + count <= span_of(core) else 0
        node.cursor = first + count
        return low.stream(node, self.label, Stream(WRITE if self.write else READ, first, count), deps)


def stripes(core: Core, useful_byte: Float64s, start: Int64s | None = None) -> Int64s:
    """Stripes that each of successive pieces needs beyond those before it, so that only the last is padded, of both
    ways or more: float64[ways, pieces] -> int64[pieces, ways]; each begins anew where `start` says, int64[rows + 1]."""
    ways, pieces = useful_byte.shape
    found = np.empty((pieces, ways), dtype=np.int64)
    whole = np.array([0, pieces], dtype=np.int64) if start is None else start
    _stripes(useful_byte, whole, stripe_bytes(core), found)
    return found


@kernel
def _stripes(useful_byte: Float64s, start: Int64s, stripe_byte: int, found: Int64s) -> None:
    for row in range(start.shape[0] - 1):
        for way in range(found.shape[1]):
            upto_byte, before = 0.0, 0
            for i in range(start[row], start[row + 1]):
                upto_byte += useful_byte[way, i]
                upto = -(-int(np.rint(upto_byte)) // stripe_byte)
                found[i, way] = upto - before
                before = upto


def store_fs_per_stripe(core: Core) -> float:
    """Time of one stripe of an SRAM store at each of its channels [fs]."""
    assert core.memory.spec.sram is not None
    rate = min(core.memory.spec.sram.bandwidth * core.channels, core.fill_bytes_per_s) / core.channels
    return core.memory.burst_bytes / rate * FS_PER_S


def span_of(core: Core) -> int:
    """Bursts of each channel's address space, which starts again when it is full; 0 of an SRAM store, which has no
    addresses."""
    channelled = core.memory.channelled
    return 0 if channelled is None else channelled.channel_bytes // core.memory.burst_bytes


def count_transfers(
    low: Lowering, core: Core, node: NodeClass, useful_byte: Float64s, stripe_count: int, write: bool
) -> None:
    """Count bytes at the tap, along the path and at the scratchpads, of all nodes of the class."""
    low.traffic["written" if write else "useful"] += round(float(useful_byte.sum())) * node.count
    if stripe_count == 0:
        return
    moved_byte = stripe_count * stripe_bytes(core) * node.count
    if not write:
        low.traffic["read"] += moved_byte
    inner: Level = "base" if core.memory.channelled is not None else low.machine.levels[0].level
    low.count_levels(core.memory, inner, core.level, moved_byte)
    for link in way_links(low.machine, core):
        low.count_link(link, moved_byte)
    low.count_unit(core, "sram", {"sram_read" if write else "sram_write": moved_byte})
