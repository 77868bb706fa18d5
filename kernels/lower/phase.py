"""One phase of a kernel on one machine: who runs what, which nodes are alike, and the program."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bankside.arch.causes import LAUNCH
from bankside.arch.machine.machine import FS_PER_S, Core, Machine, Memory
from bankside.arch.program import Program
from bankside.kernels.lower.assign import core_for, hub_of
from bankside.kernels.lower.attention import attention_split, lower_attention, unfused
from bankside.kernels.lower.handover import hand_over, store
from bankside.kernels.lower.matmul import lower_matmul, spills
from bankside.kernels.lower.pim import lower_attention_pim, lower_matmul_pim
from bankside.kernels.lower.rowwise import lower_rowwise, rowwise_split
from bankside.kernels.lower.split import Split, classes
from bankside.kernels.lower.state import Lowering
from bankside.kernels.operators import Attention, MatMul, Operator

Run = tuple[int, Operator, Core]
"""An operator (or a part of one), which of the kernel's operators it belongs to, and the core that runs it."""


@dataclass(frozen=True)
class Lowered:
    """A program and what lowering knows beside it."""

    program: Program
    state: Lowering
    cores: tuple[str, ...]


def lower_phase(machine: Machine, operators: tuple[Operator, ...], fold: bool) -> Lowered:
    """Lower `operators`, in order, on `machine`; unfolded, every node and channel is simulated by itself.

    Raises
    ------
    ConfigError
        If no core can run an operator or no tile of it fits.
    """
    runs = list(_runs(machine, operators))
    hubs = {core.name: hub_of(machine, core) for _, _, core in runs if core.in_dram_die}
    used = {core.name: core for _, _, core in runs} | {hub.name: hub for hub in hubs.values()}
    first = hubs.get(runs[0][2].name, runs[0][2])
    if any(core.memory.flash for core in used.values()):  # activations lie where they can be written
        used[machine.primary.name] = machine.primary
        first = machine.primary if first.memory.flash else first
    low = Lowering(machine, where=first.name)
    _declare(low, runs, used, fold)
    labels = [low.builder.label(op.label) for op in operators]
    for i, (which, op, core) in enumerate(runs):
        label = labels[which]
        _launch(low, core, label)
        home = hubs.get(core.name, core)
        if low.where != home.name:
            hand_over(low, used[low.where], home, op, label)
        last = i == len(runs) - 1
        _lower(low, core, home, op, label, last=last and not core.memory.flash)
        if core.memory.flash and (last or _kept(core, op)):
            store(low, core, machine.primary, op.out_bytes, label)
    return Lowered(low.builder.build(), low, tuple(used))


def _runs(machine: Machine, operators: tuple[Operator, ...]) -> Iterator[Run]:
    """Operators with their cores; attention on a core without a softmax unit becomes its three parts."""
    for which, op in enumerate(operators):
        core = core_for(machine, op)
        if isinstance(op, Attention) and not core.in_dram_die and core.spec.nonlinear is None:
            for part in unfused(op):
                yield which, part, core_for(machine, part)
        else:
            yield which, op, core


def _declare(low: Lowering, runs: list[Run], used: dict[str, Core], fold: bool) -> None:
    """Classes of nodes per core kind, and of channels per memory, from all splits of the phase."""
    ranges = {
        core.name: classes(core.nodes, [split_of(op, c) for _, op, c in runs if c is core], fold)
        for core in used.values()
    }
    memories: dict[str, Memory] = {core.memory.name: core.memory for core in used.values()}
    for memory in memories.values():
        cuts = {0, memory.channels}
        for core in used.values():
            if core.memory is memory:
                cuts |= {edge * core.channels for edges in ranges[core.name] for edge in edges}
        if not fold:
            cuts = set(range(memory.channels + 1))
        edges = sorted(cuts)
        low.add_channels(memory, list(pairwise(edges)))
    for core in used.values():
        low.add_group(core, ranges[core.name])


def split_of(op: Operator, core: Core) -> Split:
    """How an operator is dealt to the nodes of a core kind."""
    if isinstance(op, MatMul):
        return Split(op.batch // op.shared_b if core.in_dram_die else op.batch, op.n, core.nodes)
    if isinstance(op, Attention):
        return attention_split(op, core.nodes)
    return rowwise_split(op, core.nodes)


def _launch(low: Lowering, core: Core, label: int) -> None:
    if core.spec.launch == 0:
        return
    for node in low.groups[core.name]:
        cost = [(LAUNCH, round(core.spec.launch * FS_PER_S))]
        node.tail = [low.builder.fixed(node.path_delay, label, cost, node.tail)]


def _kept(core: Core, op: Operator) -> bool:
    """Whether results are for later: keys and values of the cache, or more than the core holds."""
    return isinstance(op, MatMul) and (op.cached or spills(core, op, op.batch * op.n / core.nodes))


def _lower(low: Lowering, core: Core, home: Core, op: Operator, label: int, last: bool) -> None:
    if isinstance(op, MatMul):
        if core.in_dram_die:
            lower_matmul_pim(low, core, home, op, label)
        else:
            lower_matmul(low, core, op, label, last)
    elif isinstance(op, Attention):
        if core.in_dram_die:
            lower_attention_pim(low, core, home, op, label)
        else:
            lower_attention(low, core, op, label, last)
    else:
        lower_rowwise(low, core, op, label, last)
