"""What lowering carries along: the program under construction, its units, and where the tensors lie."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, TypeVar, cast

import numpy as np
import numpy.typing as npt

from bankside.arch.engine.hardware import Hardware
from bankside.arch.engine.kinds import DELAY
from bankside.arch.engine.program import ProgramBuilder, Stream
from bankside.arch.events import DELIVERED_BYTE, LINK_BYTE, N_EVENT, SERVED_BYTE
from bankside.arch.machine.channels import Remembered, channel_kind, channels_of
from bankside.arch.machine.machine import Core, Machine, Memory
from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.machine.path import WayLink
from bankside.arch.machine.spec import LEVELS, OFF_STACK, Level
from bankside.arch.noc.kind import NETWORK
from bankside.arch.noc.packet import Carrier, held_fs
from bankside.arch.noc.traffic import Step
from bankside.arch.technology.energy import LEVEL_EVENT
from bankside.kernels.lower.link import Chain, Way
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.places import Places

Traffic = Literal["read", "useful", "written"]

Int64s = npt.NDArray[np.int64]
T = TypeVar("T")


@dataclass(frozen=True)
class ChannelClass:
    """Channels of one memory, from `first` to before `end`, with equal streams: one is simulated for all."""

    unit: int
    first: int
    end: int


@dataclass
class NodeClass:
    """Nodes of one core kind with equal programs: one stands for `count`, from node `first` on.

    channels, matrix, vector, nonlinear, path_delay, port and panels are units of the program, `way` what a transfer
    passes after its channels, and `chains` the operations that it is with each such way. `slots` are the operations
    that last used the tile buffers, `tail` the operations that what comes next has to wait for, `shared` those on the
    matrix unit of which the vector lanes take a part, `cursor` the next free burst in each channel's address space.
    """

    first: int
    count: int
    channels: tuple[int, ...]
    matrix: int
    vector: int
    nonlinear: int
    path_delay: int
    port: int = -1
    panels: int = -1
    way: Way | None = None
    chains: dict[Way, Chain] = field(default_factory=dict, compare=False)
    slots: list[int] = field(default_factory=list)
    tail: list[int] = field(default_factory=list)
    shared: list[Int64s] = field(default_factory=list)
    cursor: int = 0

    @property
    def units(self) -> dict[str, int]:
        """Units of the program by the slot of the core's unit."""
        return {"matmul": self.matrix, "vector": self.vector, "nonlinear": self.nonlinear}

    def clear(self) -> None:
        """Nothing is on it any more; its units stay."""
        self.slots, self.tail, self.shared, self.cursor = [], [], [], 0

    def free_slot(self) -> list[int]:
        """The operation after which the next tile's buffer is free: the user two tiles before."""
        return self.slots[-2:-1]

    def free_slots(self, buffers: int) -> list[list[int]]:
        """The operations after which each of so many buffers is free; before them there were as many, or two that were
        larger."""
        held = [[user] for user in self.slots[-buffers:]]
        if len(held) == buffers:
            return held
        halves = [[], [], *held][-2:]
        return [halves[-(-2 * (buffer + 1) // buffers) - 1] for buffer in range(buffers)]


@dataclass
class Lowering:
    """One kernel phase on one machine, being lowered.

    channel_classes: by memory; channel_copies: how many real channels each simulated bank state stands for, and
    channel_memory its memory, in the order of the hardware's parts; events: int64[N_EVENT] by owner (memory or network
    level), without what channels count themselves; unit_events: what the units of all cores counted, by core kind, slot
    and name; traffic: bytes at the tap; networks: units and what they carry, by name and description, in the order of
    the hardware's parts after the channels; held_fs: for how long each link of a level's network is held; cuts: where
    the alike ones among the nodes of a level begin and end, by level and number of nodes; led: core kinds whose first
    node works for all; shared: what equal parts have in common, while it is lowered; lasting: the same of cores inside
    the DRAM die, in all phases and at all clocks of logic; places: where every tensor lies.
    """

    machine: Machine
    places: Places = field(default_factory=lambda: Places(Placement("")))
    builder: ProgramBuilder = field(default_factory=ProgramBuilder)
    groups: dict[str, list[NodeClass]] = field(default_factory=dict)
    channel_classes: dict[str, list[ChannelClass]] = field(default_factory=dict)
    channel_copies: list[int] = field(default_factory=list)
    channel_memory: list[str] = field(default_factory=list)
    events: dict[str, Int64s] = field(default_factory=dict)
    unit_events: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    traffic: Counter[Traffic] = field(default_factory=Counter)
    networks: dict[tuple[str, NetworkSpec], tuple[int, Carrier]] = field(default_factory=dict)
    cuts: dict[tuple[Level, int], set[int]] = field(default_factory=dict)
    net_bytes: Counter[str] = field(default_factory=Counter)
    held_fs: dict[str, Int64s] = field(default_factory=dict)
    led: set[str] = field(default_factory=set)
    warnings: dict[str, None] = field(default_factory=dict)
    shared: dict[Hashable, object] = field(default_factory=dict)
    lasting: dict[Hashable, object] = field(default_factory=dict)

    def once(self, key: Hashable, make: Callable[[], T], lasts: bool = False) -> T:
        """What equal parts of a phase have in common, or all phases where it lasts: it follows from the key, which
        begins with what it is."""
        known = self.lasting if lasts else self.shared
        if key not in known:
            known[key] = make()
        return cast(T, known[key])

    def add_channels(self, memory: Memory, ranges: Sequence[tuple[int, int]]) -> None:
        """Declare the channel classes of a memory."""
        units = []
        for first, end in ranges:
            name = f"{memory.name}[{first}]"
            if memory.channelled is None:
                unit = self.builder.unit(name, 1)
            else:
                part = len(self.channel_copies)
                unit = self.builder.unit(name, memory.channelled.slot_fs, channel_kind(memory), part)
                self.channel_copies.append(end - first)
                self.channel_memory.append(memory.name)
            units.append(ChannelClass(unit, first, end))
        self.channel_classes[memory.name] = units
        levels: tuple[Level, ...] = ("base", "board", "host")
        for level in levels:
            nodes = self.machine.packages if level == "host" else memory.stacks
            each, edges = memory.channels // nodes, {edge for pair in ranges for edge in pair}
            cuts = self.cuts.setdefault((level, nodes), set())
            cuts |= {edge // each for edge in edges} | {-(-edge // each) for edge in edges}

    def add_group(self, core: Core, ranges: Sequence[tuple[int, int]]) -> None:
        """Declare the units of a core kind for each class of its nodes."""
        self.groups[core.name] = [self._node_class(core, first, end) for first, end in ranges]

    def _node_class(self, core: Core, first: int, end: int) -> NodeClass:
        tag = f"{core.name}[{first}]"
        unit = self.builder.unit
        low, high = first * core.channels, end * core.channels
        return NodeClass(
            first=first,
            count=end - first,
            channels=tuple(
                c.unit for c in self.channel_classes[core.memory.name] if c.first < high and c.end > low
            ),
            matrix=unit(f"{tag}.matrix", core.period_fs),
            vector=unit(f"{tag}.vector", core.period_fs),
            nonlinear=unit(f"{tag}.nonlinear", core.period_fs),
            path_delay=unit(f"{tag}.path", 1, DELAY),
        )

    def port_unit(self, node: NodeClass) -> int:
        """The ports of the node's scratchpads, where they are narrower than the channels together."""
        if node.port < 0:
            node.port = self.builder.unit(f"ports[{node.first}]", 1)
        return node.port

    def panel_unit(self, node: NodeClass) -> int:
        """The controllers of the node's channels, as panels of many thread blocks keep them busy."""
        if node.panels < 0:
            node.panels = self.builder.unit(f"panels[{node.first}]", 1)
        return node.panels

    def network(self, level: Level, network: NetworkSpec) -> tuple[int, Carrier]:
        """The network among the nodes of a level: one unit, because its links are shared by all who use it at once."""
        return self._network(f"network.{level}", level, network)

    def way_unit(self, link: WayLink) -> tuple[int, Carrier]:
        """The links of a level to the memory beneath it; the network among the nodes, where that is the way too."""
        return self._network(f"{'link' if link.named else 'network'}.{link.level}", link.level, link.network)

    def _network(self, name: str, level: Level, network: NetworkSpec) -> tuple[int, Carrier]:
        found = self.networks.get((name, network))
        if found is None:
            part = len(self.channel_copies) + len(self.networks)
            off_stack = level in OFF_STACK or name.startswith("link")
            found = self.builder.unit(name, 1, NETWORK, part), Carrier(network, off_stack, self._alike(level))
            self.networks[name, network] = found
        return found

    def hold(self, level: Level, network: NetworkSpec, steps: Sequence[Step], nodes: int) -> None:
        """Note for how long steps hold each link of a network: int64[links] [fs]."""
        held = held_fs(network, steps, nodes)
        before = self.held_fs.get(f"network.{level}", np.zeros(0, dtype=np.int64))
        longer = np.zeros(max(len(held), len(before)), dtype=np.int64)
        longer[: len(before)] = before
        longer[: len(held)] += held
        self.held_fs[f"network.{level}"] = longer

    def leading(self, core: Core) -> NodeClass:
        """The first node of a core kind, whose operations stand for equal ones of all."""
        self.led.add(core.name)
        return self.groups[core.name][0]

    def segments(self, link: WayLink) -> list[tuple[int, int, int]]:
        """Number, first and end of each class of alike nodes of a level, of as many as the link is at."""
        known = sorted(key for key in self.cuts if key[0] == link.level)
        before = sum(len(self.cuts[key]) - 1 for key in known if key[1] < link.instances)
        edges = sorted(self.cuts[link.level, link.instances])
        return [(before + i, *pair) for i, pair in enumerate(pairwise(edges))]

    def hardware(
        self,
        refresh_multiplier: int = 1,
        before: Sequence[Int64s | None] = (),
        memory: Remembered | None = None,
    ) -> Hardware:
        """Channels and networks, as the units of the program number them; see `channels_of`.

        Networks are fresh: whoever used them before has ended.
        """
        networks = [(carrier.params(), carrier.state()) for _, carrier in self.networks.values()]
        return channels_of(self.machine, self.channel_memory, refresh_multiplier, before, networks, memory)

    def _alike(self, level: Level) -> int:
        """How many classes of alike nodes a level has."""
        return max(1, sum(len(cuts) - 1 for (at, _), cuts in self.cuts.items() if at == level))

    def stream(self, node: NodeClass, label: int, stream: Stream, deps: Sequence[int]) -> list[int]:
        """The same stream on every channel of a class."""
        return [self.builder.stream(channel, label, stream, deps) for channel in node.channels]

    def count_levels(self, memory: Memory, inner: Level, outer: Level, moved_byte: int) -> None:
        """Count bytes over the path of a memory from level `inner` to `outer`, both included.

        Bank states count what they move themselves, up to the vault edge; beyond it every level of the machine's path.
        """
        for entry in self.machine.levels:
            if LEVELS.index(inner) <= LEVELS.index(entry.level) <= LEVELS.index(outer):
                self.count(memory.owner, LEVEL_EVENT[entry.level], moved_byte)

    def count_delivered(self, core: Core, served: int, byte: int) -> None:
        """Count bytes that cores of a die share, beyond what comes from memory for the first of them: those that
        clusters take, and those that are written at every core."""
        if byte:
            self.count(f"delivery.{core.level}", SERVED_BYTE, served)
            self.count(f"delivery.{core.level}", DELIVERED_BYTE, byte)
            self.count_unit(core, "sram", {"sram_write": byte})

    def count_link(self, link: WayLink, moved_byte: int) -> None:
        """Count bytes over links to memory that state an energy of their own."""
        if link.named and link.network.link.energy is not None:
            self.count(f"link.{link.level}", LINK_BYTE, moved_byte)

    def program(
        self, node: NodeClass, label: int, words: Int64s, commands: int, deps: Sequence[int]
    ) -> list[int]:
        """The same PIM program of so many commands on every channel of a class."""
        return [self.builder.op(channel, label, words, deps, commands) for channel in node.channels]

    def count(self, owner: str, event: int, amount: int) -> None:
        """Count events of a memory's path or a network, all nodes together."""
        self.events.setdefault(owner, np.zeros(N_EVENT, dtype=np.int64))[event] += amount

    def count_unit(self, core: Core, slot: str, events: Mapping[str, int], times: int = 1) -> None:
        """Count what the unit in a slot of a core kind did, `times` over; nothing where the core has none there."""
        if slot in core.spec.units:
            counted = self.unit_events.setdefault(core.name, {}).setdefault(slot, Counter())
            counted.update({name: times * count for name, count in events.items()})

    def warn(self, sentence: str) -> None:
        """State an approximation or assumption that this result rests on, once."""
        self.warnings[sentence] = None

    def tails(self, core: Core) -> list[int]:
        """Operations that the whole of a core kind has to finish before its data can be exchanged."""
        return [op for node in self.groups[core.name] for op in node.tail]

    def set_tails(self, core: Core, ops: Iterable[int]) -> None:
        """Make every node of a core kind wait for `ops`."""
        held = list(ops)
        for node in self.groups[core.name]:
            node.tail = list(held)
