"""Reads and writes at the tap: bytes become bursts striped over a node's channels, plus the way to the core."""

from collections.abc import Sequence

from bankside.arch.causes import LINK_LATENCY, LINK_SERIAL, SRAM_BANDWIDTH
from bankside.arch.dram.channel.in_order.stream import READ, WRITE
from bankside.arch.engine.program import Stream
from bankside.arch.machine.machine import FS_PER_S, Core, Machine
from bankside.arch.machine.spec import LEVELS, Level
from bankside.arch.technology.energy import LEVEL_EVENT
from bankside.kernels.lower.lowering import Lowering, NodeClass


class Tape:
    """Bytes that a node moves one piece after the other; pieces are cut at burst boundaries, so nothing is padded
    but the last stripe."""

    def __init__(self, low: Lowering, core: Core, node: NodeClass, label: int, write: bool = False) -> None:
        self.low, self.core, self.node, self.label, self.write = low, core, node, label, write
        self.stripe_byte = core.channels * core.memory.burst_bytes
        self.useful_byte = 0.0
        self.stripes = 0

    def move(self, useful_byte: float, deps: Sequence[int]) -> list[int]:
        """Move the next `useful_byte` bytes; returns the operations that end when they are there (none if the last
        stripe already brought them)."""
        self.useful_byte += useful_byte
        upto = -(-round(self.useful_byte) // self.stripe_byte)
        count, self.stripes = upto - self.stripes, upto
        low, core, node = self.low, self.core, self.node
        low.traffic["written" if self.write else "useful"] += round(useful_byte) * node.count
        if count == 0:
            return []
        moved_byte = count * self.stripe_byte * node.count
        if not self.write:
            low.traffic["read"] += moved_byte
        if core.memory.channelled is not None:
            count_levels(low, core, core.level, moved_byte)
        low.count_unit(core, "sram", {"sram_read" if self.write else "sram_write": moved_byte})
        ops = self._channel_ops(count, deps)
        return self._way(count * self.stripe_byte, ops)

    def _channel_ops(self, count: int, deps: Sequence[int]) -> list[int]:
        low, core, node = self.low, self.core, self.node
        if core.memory.channelled is None:
            assert core.memory.spec.sram is not None
            rate = min(core.memory.spec.sram.bandwidth * core.channels, core.fill_bytes_per_s) / core.channels
            served_fs = round(count * core.memory.burst_bytes / rate * FS_PER_S)
            return [
                low.builder.fixed(channel, self.label, [(SRAM_BANDWIDTH, served_fs)], deps)
                for channel in node.channels
            ]
        span = core.memory.channelled.channel_bytes // core.memory.burst_bytes
        if node.cursor + count > span:
            node.cursor = 0
        stream = Stream(WRITE if self.write else READ, node.cursor, count)
        node.cursor += count
        return low.stream(node, self.label, stream, deps)

    def _way(self, node_byte: int, ops: list[int]) -> list[int]:
        """From the channels to the core: serial time of links narrower than the channels, and latency."""
        low, core, node = self.low, self.core, self.node
        rate, latency_s = way(low.machine, core)
        if core.memory.channelled is not None:
            served = core.channels * core.memory.channel_peak("vault")
            slowest = min((rate, LINK_SERIAL), (core.fill_bytes_per_s, SRAM_BANDWIDTH))
            if slowest[0] < served:
                serial = (slowest[1], round(node_byte / slowest[0] * FS_PER_S))
                ops = [low.builder.fixed(low.link_unit(node), self.label, [serial], ops)]
        if latency_s > 0:
            cost = [(LINK_LATENCY, round(latency_s * FS_PER_S))]
            ops = [low.builder.fixed(node.path_delay, self.label, cost, ops)]
        return ops


def way(machine: Machine, core: Core) -> tuple[float, float]:
    """Narrowest link [B/s] and summed latency [s] between the vault edge and a node of the core's level.

    An SRAM store lies beside its core: nothing is between.
    """
    rate, latency_s = float("inf"), 0.0
    if core.memory.channelled is None:
        return rate, latency_s
    own = LEVELS.index(core.level)
    for entry in machine.levels:
        if LEVELS.index("vault") < LEVELS.index(entry.level) <= own and entry.network is not None:
            links = 1 if entry.network.topology == "bus" else max(1, core.channels)
            rate = min(rate, entry.network.link.bytes_per_s * links)
            latency_s += entry.network.link.latency
    return rate, latency_s


def count_levels(low: Lowering, core: Core, outer: Level, moved_byte: int, inner: Level = "base") -> None:
    """Count bytes over the path of the core's memory from level `inner` to `outer`, both included.

    Bank states count what they move themselves, up to the vault edge; beyond it every level of the machine's path.
    """
    for entry in low.machine.levels:
        if LEVELS.index(inner) <= LEVELS.index(entry.level) <= LEVELS.index(outer):
            low.count(core.memory.owner, LEVEL_EVENT[entry.level], moved_byte)
