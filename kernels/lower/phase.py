"""One phase of a kernel on one machine: which nodes are alike, and the program."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from bankside.arch.causes import LAUNCH
from bankside.arch.engine.program import Program
from bankside.arch.machine.machine import FS_PER_S, Core, Machine, Memory
from bankside.kernels.lower.attention import lower_attention
from bankside.kernels.lower.between_cores import hand_over, store
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.matmul import lower_matmul
from bankside.kernels.lower.operands import spills
from bankside.kernels.lower.pim.lower import lower_attention_pim, lower_matmul_pim
from bankside.kernels.lower.rowwise import lower_rowwise
from bankside.kernels.mapping.plan import Run, plan, start_of
from bankside.kernels.operators import Attention, MatMul, Operator
from bankside.kernels.plan.partition import copied_bytes
from bankside.kernels.plan.split import classes


@dataclass(frozen=True)
class Lowered:
    """A program and what lowering knows beside it."""

    program: Program
    state: Lowering
    cores: tuple[str, ...]


def lower_phase(
    machine: Machine,
    operators: tuple[Operator, ...],
    fold: bool,
    room_byte: Mapping[str, float] | None = None,
) -> Lowered:
    """Lower `operators`, in order, on `machine`; unfolded, every node and channel is simulated by itself.

    `room_byte`: what the kernel leaves free of each memory; without it, what each operator by itself leaves.

    Raises
    ------
    ConfigError
        If no core can run an operator or no tile of it fits.
    """
    runs = plan(machine, operators, room_byte or {})
    used = {run.core.name: run.core for run in runs} | {run.home.name: run.home for run in runs}
    if any(core.memory.flash for core in used.values()):  # activations lie where they can be written
        used[machine.primary.name] = machine.primary
    low = Lowering(machine, where=start_of(machine, runs).name)
    _declare(low, runs, used, fold)
    labels = [low.builder.label(op.label) for op in operators]
    for i, run in enumerate(runs):
        op, core, label = run.op, run.core, labels[run.which]
        _launch(low, core, label)
        if low.where != run.home.name:
            hand_over(low, used[low.where], run.home, op, label)
        last = i == len(runs) - 1
        low.layout = run.layout
        _lower(low, run, label, last=last and not core.memory.flash)
        low.layout = run.after
        if run.deal and copied_bytes(core, run.deal) > (room_byte or {}).get(core.memory.name, float("inf")):
            low.warn(
                f"{op.label}: the copies of its operands at all nodes are more than memory {core.memory.name} has free."
            )
        if core.memory.flash and (last or _kept(core, op)):
            store(low, core, machine.primary, op.out_bytes, label)
    return Lowered(low.builder.build(), low, tuple(used))


def _declare(low: Lowering, runs: list[Run], used: dict[str, Core], fold: bool) -> None:
    """Classes of nodes per core kind, and of channels per memory, from all splits of the phase."""
    ranges = {
        core.name: classes(core.nodes, [run.split for run in runs if run.core is core], fold)
        for core in used.values()
    }
    while (
        fold
        and (finer := {core.name: _alike(core, used.values(), ranges) for core in used.values()}) != ranges
    ):
        ranges = finer
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


def _alike(
    core: Core, used: Iterable[Core], ranges: dict[str, list[tuple[int, int]]]
) -> list[tuple[int, int]]:
    """Classes of a core kind's nodes, cut where another kind that taps the same memory has unlike channels."""
    cuts = {edge for edges in ranges[core.name] for edge in edges}
    for other in used:
        if other.memory is core.memory:
            channels = {edge * other.channels for edges in ranges[other.name] for edge in edges}
            cuts |= {
                cut
                for channel in channels
                for cut in (channel // core.channels, -(-channel // core.channels))
            }
    return list(pairwise(sorted(cut for cut in cuts if cut <= core.nodes)))


def _launch(low: Lowering, core: Core, label: int) -> None:
    if core.spec.launch == 0:
        return
    for node in low.groups[core.name]:
        cost = [(LAUNCH, round(core.spec.launch * FS_PER_S))]
        node.tail = [low.builder.fixed(node.path_delay, label, cost, node.tail)]


def _kept(core: Core, op: Operator) -> bool:
    """Whether results are for later: keys and values of the cache, or more than the core holds."""
    return isinstance(op, MatMul) and (op.cached or spills(core, op, op.batch * op.m * op.n / core.nodes))


def _lower(low: Lowering, run: Run, label: int, last: bool) -> None:
    op, core = run.op, run.core
    if isinstance(op, MatMul):
        if run.deal is None:
            lower_matmul_pim(low, core, run.home, op, label)
        else:
            lower_matmul(low, core, run.deal, label, last)
    elif isinstance(op, Attention):
        if core.in_dram_die:
            lower_attention_pim(low, core, run.home, op, label)
        else:
            lower_attention(low, core, op, label, last)
    else:
        lower_rowwise(low, core, op, label, last, run.spread)
