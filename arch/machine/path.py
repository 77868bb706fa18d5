"""The way between the channels of a memory and the cores that tap it: which links it takes, and how fast they are.

The path is a tree. A node of a level beyond the vaults has one link to the memory beneath it: a package has one at the
host, a stack one at its base die or on its board. It is the level's `link`. Where a level names none, a bus among its
nodes is the way too, one piece of hardware; beside any other network each channel has a link as fast as the network's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bankside.arch.machine.network_spec import LinkSpec, NetworkSpec
from bankside.arch.machine.once import once
from bankside.arch.machine.spec import LEVELS, OFF_STACK, CoreSpec, Level, PathLevelSpec


class Served(Protocol):
    """A memory: what its channels give at a level of the path."""

    @property
    def name(self) -> str: ...
    @property
    def stacks(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def channelled(self) -> object | None: ...
    def channel_peak(self, level: Level) -> float: ...


class Tapping(Protocol):
    """Cores at their tap."""

    @property
    def memory(self) -> Served: ...
    @property
    def level(self) -> Level: ...
    @property
    def nodes(self) -> int: ...


class CoreKind(Tapping, Protocol):
    """A kind of core, so many at each node, which has so many channels."""

    @property
    def spec(self) -> CoreSpec: ...
    @property
    def cores(self) -> int: ...
    @property
    def channels(self) -> int: ...


class Wired(Protocol):
    """A machine: its packages, and its path from the cells outward."""

    @property
    def packages(self) -> int: ...
    @property
    def levels(self) -> Sequence[PathLevelSpec]: ...


@dataclass(frozen=True)
class WayLink:
    """The links of one level to the memory beneath it: of `instances` nodes, all alike.

    `network` describes each as a bus; `named` tells that it is apart from the network among the nodes.
    """

    level: Level
    network: NetworkSpec
    instances: int
    named: bool


def way_links(machine: Wired, core: Tapping) -> tuple[WayLink, ...]:
    """Links between the vault edge and a core kind's nodes, from the cells outward.

    An SRAM store lies beside its core: nothing is between.
    """
    memory, level = core.memory, core.level
    return once(machine, ("way", memory.name, level), lambda: _way_links(machine, memory, level))


def _way_links(machine: Wired, memory: Served, level: Level) -> tuple[WayLink, ...]:
    if memory.channelled is None:
        return ()
    inner, own = LEVELS.index("vault"), LEVELS.index(level)
    found = (
        way_link(machine, memory, entry)
        for entry in machine.levels
        if inner < LEVELS.index(entry.level) <= own
    )
    return tuple(link for link in found if link is not None)


def way_link(machine: Wired, memory: Served, entry: PathLevelSpec) -> WayLink | None:
    """The links of one level of the path to a memory; None where nothing is said of them."""
    instances = machine.packages if entry.level == "host" else memory.stacks
    if entry.link is not None:
        link: LinkSpec = entry.link
        if not entry.link.rated:
            rate = memory.channels // instances * memory.channel_peak("vault")
            link = link.model_copy(update={"bandwidth": rate})
        return WayLink(entry.level, NetworkSpec(link=link), instances, named=True)
    if entry.network is None:
        return None
    if entry.network.topology == "bus":
        return WayLink(entry.level, entry.network, instances, named=False)
    together = entry.network.link.bytes_per_s * (memory.channels // instances)
    link = entry.network.link.model_copy(update={"bandwidth": together, "energy": None})
    bus = entry.network.model_copy(update={"topology": "bus", "link": link})
    return WayLink(entry.level, bus, instances, named=True)


def arrivals(machine: Wired) -> tuple[tuple[PathLevelSpec, bool], ...]:
    """Levels beyond the vaults whose logic is on a die, from the cells outward, and whether bytes enter it there from a
    memory off that die, through a controller and a PHY: the first time that they leave the stack."""
    edge, found = arrival_level(machine), []
    for entry in machine.levels:
        if LEVELS.index(entry.level) >= LEVELS.index("vault") and entry.die is not None:
            found.append((entry, entry.level == edge))
    return tuple(found)


def arrival_level(machine: Wired) -> Level:
    """The level that a bit reaches first when it leaves the stack of its memory: board, or host."""
    return next((entry.level for entry in machine.levels if entry.level in OFF_STACK), "host")


def way(machine: Wired, core: Tapping) -> tuple[float, float]:
    """Rate of the narrowest link [B/s] and summed latency [s] between the vault edge and a node of the core's level."""
    links = way_links(machine, core)
    rates = (link.network.link.bytes_per_s * (link.instances / core.nodes) for link in links)
    return min(rates, default=float("inf")), sum(link.network.link.latency for link in links)


def as_tapped(machine: Wired, core: CoreKind) -> CoreSpec:
    """What a core is at its tap: its units as large as the bytes ask for that it gets there in a cycle of its clock."""
    bytes_per_s = min(way(machine, core)[0], core.channels * core.memory.channel_peak(core.level))
    each = bytes_per_s / core.cores / core.spec.clock
    found = core.spec.model_copy(update={slot: unit.at_tap(each) for slot, unit in core.spec.units.items()})
    del found.__dict__["units"]
    return found
