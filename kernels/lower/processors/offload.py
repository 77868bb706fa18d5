"""What a host does for processors in its memory, and what they do, as operations and counts or as a time."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from bankside.arch.causes import COMPUTE, DRAM_DATA, LAUNCH, LINK_LATENCY, LINK_SERIAL, REDUCE, SYNC
from bankside.arch.events import ACTIVATE
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.machine.offload import OffloadSpec, Way
from bankside.arch.pe.processor.loops import Done
from bankside.arch.pe.processor.unit import Processor
from bankside.arch.pe.unit import Unit
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.turning import unit_of


@dataclass
class Offloaded(ABC):
    """Processors of a core kind during one operator: transfers, launches and loops follow one another."""

    core: Core
    hub: Core

    @property
    def unit(self) -> Processor:
        """The processor."""
        unit = self.core.spec.processor
        assert unit is not None
        return unit

    @property
    def host(self) -> OffloadSpec:
        """What the host does for it."""
        assert self.core.spec.offload is not None
        return self.core.spec.offload

    def added(self, elements: int) -> tuple[str, Unit, int]:
        """Slot and unit of the host that adds up so many elements, and its cycles."""
        slot, unit = unit_of(self.hub, "add")
        busiest = np.array([[1], [-(-elements // self.hub.count)], [2]], dtype=np.int64)
        return slot, unit, int(unit.cycles(busiest, work="add").interval[0])

    @abstractmethod
    def move(self, way: Way, processors: int, byte: float) -> None:
        """So many bytes to or from each of the processors."""

    @abstractmethod
    def launch(self, processors: int) -> None:
        """From the call to the end of processors without work."""

    @abstractmethod
    def run(self, done: Done, processors: float, useful_byte: int) -> None:
        """The loop of the busiest processor; `processors` of it are as much as all do together."""

    @abstractmethod
    def add_up(self, elements: int) -> None:
        """Partial sums are added at the host."""


@dataclass
class Elapsed(Offloaded):
    """The time of it alone: of the host and of loops [s]."""

    host_s: float = 0.0
    loop_s: float = 0.0

    def move(self, way: Way, processors: int, byte: float) -> None:
        """Its calls and its bytes."""
        moved = self.host.moved(way, processors, byte)
        self.host_s += moved.call_s + moved.serial_s

    def launch(self, processors: int) -> None:
        """As the host states it."""
        self.host_s += self.host.launch_s(processors)

    def run(self, done: Done, processors: float, useful_byte: int) -> None:
        """All cycles of the busiest."""
        self.loop_s += done.time.total / self.core.spec.clock

    def add_up(self, elements: int) -> None:
        """Cycles of the host."""
        self.host_s += self.added(elements)[2] / self.hub.spec.clock


@dataclass
class Offload(Offloaded):
    """Operations of a lowering and what they count."""

    low: Lowering
    label: int

    def __post_init__(self) -> None:
        self.tail: list[int] = self.low.tails(self.hub)

    @property
    def node(self) -> NodeClass:
        """One node stands for all: the busiest processor says how long a loop takes."""
        return self.low.leading(self.core)

    def move(self, way: Way, processors: int, byte: float) -> None:
        """The time of calls and that of bytes, each of its own cause."""
        moved = self.host.moved(way, processors, byte)
        costs = [
            (LINK_LATENCY, round(moved.call_s * FS_PER_S)),
            (LINK_SERIAL, round(moved.serial_s * FS_PER_S)),
        ]
        self.tail = [self.low.builder.fixed(self.node.path_delay, self.label, costs, self.tail)]
        self.low.count_levels(self.core.memory, "bank", self.hub.level, moved.byte)
        self.low.net_bytes["link"] += moved.byte

    def launch(self, processors: int) -> None:
        """One operation of the host."""
        costs = [(LAUNCH, round(self.host.launch_s(processors) * FS_PER_S))]
        self.tail = [self.low.builder.fixed(self.node.path_delay, self.label, costs, self.tail)]

    def run(self, done: Done, processors: float, useful_byte: int) -> None:
        """One node's operation, and the counts of all."""
        issued, moving, waiting = done.time
        costs = [(COMPUTE, issued), (DRAM_DATA, moving), (SYNC, waiting)]
        self.tail = [self.low.builder.fixed(self.node.vector, self.label, costs, self.tail)]
        low, memory = self.low, self.core.memory
        read, written = round(done.read_byte * processors), round(done.written_byte * processors)
        low.count_unit(self.core, "vector", {"instruction": round(done.instructions * processors)})
        low.count_unit(self.core, "sram", {"sram_read": written, "sram_write": read})
        low.count_levels(memory, "bank", "bank", read + written)
        assert memory.standard is not None
        low.count(memory.owner, ACTIVATE, (read + written) // (memory.standard.columns * memory.burst_bytes))
        low.traffic["read"] += read
        low.traffic["useful"] += useful_byte
        low.traffic["written"] += written

    def add_up(self, elements: int) -> None:
        """The host's units add them, and count each."""
        slot, unit, cycles = self.added(elements)
        low, hub = self.low, self.hub
        low.count_unit(hub, slot, unit.events(np.array([[1], [elements], [2]], dtype=np.int64), work="add"))
        node = low.leading(hub)
        self.tail = [low.builder.fixed(node.units[slot], self.label, [(REDUCE, cycles)], self.tail)]

    def leave(self) -> None:
        """The host goes on when all has come."""
        self.low.set_tails(self.hub, self.tail)
        for node in self.low.groups[self.core.name]:
            node.tail = list(self.tail)
