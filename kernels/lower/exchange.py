"""Data between nodes: activations climb to the lowest network that joins them and come back.

A network on a die ends with its stack. Nodes of several stacks exchange in two steps: counterparts of all stacks over
the network between stacks, then the nodes of each stack among themselves.
"""

from fractions import Fraction
from math import ceil

from bankside.arch import events as ev
from bankside.arch.machine.machine import Core
from bankside.arch.machine.network_spec import NetworkSpec
from bankside.arch.machine.spec import LEVELS, OFF_STACK, Level
from bankside.arch.noc.overlap import chunked, operations
from bankside.arch.noc.protocol import Pattern
from bankside.arch.noc.traffic import Step
from bankside.kernels.lower.lowering import Lowering


def exchange(low: Lowering, core: Core, label: int, pattern: Pattern, node_byte: float) -> None:
    """One network operation among all nodes of a core kind, each with `node_byte` bytes of its own.

    It waits for every node and every node waits for it. A single node has nothing to exchange.
    """
    if core.nodes == 1:
        return
    level, network = low.machine.network(core.level)
    stacks = core.memory.stacks
    if network is None:
        low.warn(f"Nothing joins the {core.nodes} nodes of core {core.name}: their exchanges are free.")
        return
    if level in OFF_STACK or stacks == 1 or stacks == core.nodes:
        _over(low, core, label, pattern, (level, network), (core.nodes, node_byte), copies=1)
        return
    outer = next(
        ((e.level, e.network) for e in low.machine.levels if e.level in OFF_STACK and e.network), None
    )
    own = core.nodes // stacks
    # bytes of a stack as one node of the outer network, and of a node that holds what its counterparts sent
    together = {"all_gather": own, "all_to_all": own * own}.get(pattern, 1)
    held = stacks if pattern in ("all_gather", "all_to_all") else 1
    if outer is None:
        low.warn(f"Nothing joins the {stacks} stacks of {low.machine.name}: their exchanges are free.")
    else:
        _over(low, core, label, pattern, outer, (stacks, node_byte * together), copies=1)
    if own > 1:
        _over(low, core, label, pattern, (level, network), (own, node_byte * held), copies=stacks)


def _over(
    low: Lowering, core: Core, label: int, pattern: Pattern, where: tuple[Level, NetworkSpec],
    who: tuple[int, float], copies: int,
) -> None:  # fmt: skip
    """The pattern among `who` = (nodes, bytes of each) on one network, of which `copies` work side by side."""
    (level, network), (nodes, node_byte) = where, who
    climb(low, core, level, round(crossings(pattern, nodes) * node_byte) * copies)
    chunks = chunked(network, pattern, nodes, node_byte)
    low.set_tails(core, messages(low, label, where, (chunks, nodes), low.tails(core), copies))


def messages(
    low: Lowering, label: int, where: tuple[Level, NetworkSpec], what: tuple[list[list[Step]], int],
    deps: list[int], copies: int | Fraction = 1,
) -> list[int]:  # fmt: skip
    """Chunks of a collective, as many under way as the network says; the operations after which all are there."""
    chunks, nodes = what
    most, made = where[1].in_flight, list[int]()
    for i, steps in enumerate(operations(where[1], chunks, nodes) or [[]]):
        behind = made[i - most : i - most + 1] if i >= most else []
        made.append(message(low, label, where, (steps, nodes), [*deps, *behind], copies))
    return made[-most:]


def message(
    low: Lowering, label: int, where: tuple[Level, NetworkSpec], what: tuple[list[Step], int],
    deps: list[int], copies: int | Fraction = 1,
) -> int:  # fmt: skip
    """Steps among so many nodes of one network, of which `copies` work side by side; returns the operation.

    Bytes are counted on every link that carries them; of a network that is shared with others, the part `copies`.
    """
    (level, network), (steps, nodes) = where, what
    off_stack = level in OFF_STACK
    byte_hops = ceil(copies * sum(s.traffic.message_hops * s.message_byte * s.repeats for s in steps))
    low.count(f"network.{level}", ev.LINK_BYTE if off_stack else ev.NOC_BYTE_HOP, byte_hops)
    low.net_bytes["link" if off_stack else "noc"] += byte_hops
    unit, carrier = low.network(level, network)
    low.hold(level, network, steps, nodes)
    return low.builder.op(unit, label, carrier.words(steps, nodes), deps)


def crossings(pattern: Pattern, nodes: int) -> int:
    """How many times a node's bytes leave a node or enter one, all nodes together.

    all_gather: every node's go out once and into all others; all_to_all: a message for each ordered pair goes out and
    in; all_reduce: round a ring, 2 (n - 1) shares of a vector's n-th go out of and into each of n nodes.
    """
    return {
        "all_gather": nodes + nodes * (nodes - 1),
        "all_to_all": 2 * nodes * (nodes - 1),
        "all_reduce": 4 * (nodes - 1),
    }.get(pattern, 2 * nodes)


def climb(low: Lowering, core: Core, level: Level, moved_byte: int) -> None:
    """Bytes that leave the tap for an outer level, or come back from it, pay every segment between."""
    if core.level != level:
        low.count_levels(core.memory, LEVELS[LEVELS.index(core.level) + 1], level, moved_byte)
