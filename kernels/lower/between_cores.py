"""Activations from one core kind to another, and results to the memory that keeps them."""

from collections.abc import Sequence

from bankside.arch.causes import SRAM_BANDWIDTH
from bankside.arch.machine.machine import FS_PER_S, Core
from bankside.arch.machine.path import way_link
from bankside.arch.machine.spec import LEVELS, PathLevelSpec
from bankside.arch.noc.packet import Carrier, passage
from bankside.arch.noc.traffic import Step
from bankside.kernels.lower.exchange import exchange
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.memory import Tape
from bankside.kernels.operators import Tensor
from bankside.kernels.plan.placement import Placement

Moved = Sequence[tuple[Tensor, Placement]]
"""Tensors on their way, and how they lie where they come from."""


def hand_over(low: Lowering, source: Core, target: Core, moved: Moved, label: int) -> None:
    """Bring tensors from one core kind to every node of another; what rests in memory is read first."""
    if read := sum(tensor.bytes for tensor, lies in moved if lies.in_memory):
        for node in low.groups[source.name]:
            node.tail = Tape(low, source, node, label).move(read / source.nodes, node.tail) or node.tail
    arrived = carry(low, source, target, moved, label)
    low.set_tails(target, [*low.tails(target), *arrived])


def store(low: Lowering, source: Core, target: Core, moved: Moved, label: int) -> None:
    """Write results at cores whose memory keeps them: what is made beside flash, or keys and values that lie elsewhere.

    The results stay at `source` too: what comes next there does not wait.
    """
    arrived = low.tails(source) if source is target else carry(low, source, target, moved, label)
    byte = sum(tensor.bytes for tensor, _ in moved)
    for node in low.groups[target.name]:
        written = Tape(low, target, node, label, write=True).move(byte / target.nodes, [*node.tail, *arrived])
        node.tail = [*node.tail, *(written or arrived)]


def carry(low: Lowering, source: Core, target: Core, moved: Moved, label: int) -> list[int]:
    """Operations that move tensors between two core kinds; they pay every segment of the way.

    Cores at different levels: over every link from the inner to the outer one. Cores at the same level share a node
    where their memories have as many (two memories beside one die): after gathering what lies on other nodes the data
    passes from scratchpad to scratchpad at the slower one's ports. Otherwise up to the network that joins the level,
    and down again.
    """
    byte, deps = sum(tensor.bytes for tensor, _ in moved), low.tails(source)
    if source.level != target.level:
        return _over_levels(low, source, target, byte, label, deps)
    if source.nodes != target.nodes:
        return _over_network(low, source, target, byte, label, deps)
    if source.nodes > 1 and not all(lies.whole for _, lies in moved):
        exchange(low, source, label, "all_gather", byte / source.nodes)
        deps = low.tails(source)
    low.count_unit(source, "sram", {"sram_read": byte})
    low.count_unit(target, "sram", {"sram_write": byte})
    rate = min(source.fill_bytes_per_s, target.fill_bytes_per_s)
    costs = [(SRAM_BANDWIDTH, round(byte / rate * FS_PER_S))]
    return [low.builder.fixed(low.groups[target.name][0].path_delay, label, costs, deps)]


def _over_levels(
    low: Lowering, source: Core, target: Core, byte: int, label: int, deps: list[int]
) -> list[int]:
    inner, outer = sorted((source, target), key=lambda core: LEVELS.index(core.level))
    low.count_levels(inner.memory, LEVELS[LEVELS.index(inner.level) + 1], outer.level, byte)
    between = [
        entry
        for entry in low.machine.levels
        if LEVELS.index(inner.level) < LEVELS.index(entry.level) <= LEVELS.index(outer.level)
    ]
    for entry in between if source is inner else reversed(between):
        deps = _cross(low, inner, entry, byte, label, deps)
    return deps


def _cross(
    low: Lowering, inner: Core, entry: PathLevelSpec, byte: int, label: int, deps: list[int]
) -> list[int]:
    """From a level to the one beneath it, or back: over the ways to the memories, each with an even share, or through
    a port of the network among the nodes."""
    if entry.link is not None:
        way = way_link(low.machine, inner.memory, entry)
        assert way is not None
        low.count_link(way, byte)
        where, network, shares = low.way_unit(way), way.network, way.instances
    elif entry.network is not None:
        where, network, shares = low.network(entry.level, entry.network), entry.network, 1
    else:
        return deps
    return _pass(low, where, passage(network, inner.nodes, -(-byte // shares)), byte, label, deps)


def _over_network(
    low: Lowering, source: Core, target: Core, byte: int, label: int, deps: list[int]
) -> list[int]:
    level, network = low.machine.network(source.level)
    if network is None:
        low.warn(f"Nothing joins cores {source.name} and {target.name}: data passes between them for free.")
        return deps
    start = LEVELS[min(LEVELS.index(source.level) + 1, LEVELS.index(level))]
    for core in (source, target):
        low.count_levels(core.memory, start, level, byte)
    up_and_down = 2 * passage(network, source.nodes, byte)
    return _pass(low, low.network(level, network), up_and_down, byte, label, deps)


def _pass(
    low: Lowering, where: tuple[int, Carrier], steps: list[Step], byte: int, label: int, deps: list[int]
) -> list[int]:
    unit, carrier = where
    low.net_bytes["link"] += byte
    return [low.builder.op(unit, label, carrier.words(steps, 1), deps)]
