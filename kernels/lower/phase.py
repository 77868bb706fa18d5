"""One phase of a kernel on one machine: which nodes are alike, and the program."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from bankside.arch.causes import LAUNCH
from bankside.arch.engine.program import Program, ProgramBuilder
from bankside.arch.machine.machine import FS_PER_S, Core, Machine, Memory
from bankside.kernels.lower.between_cores import hand_over, store
from bankside.kernels.lower.emitters import EMITTERS
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.operators import Attention, MatMul, Operator
from bankside.kernels.plan.operator_plan import PhasePlan, Step
from bankside.kernels.plan.parts import known
from bankside.kernels.plan.places import Places
from bankside.kernels.plan.split import classes


@dataclass(frozen=True)
class Before:
    """What earlier phases of a run leave: channels that may stand differently, and memory that is taken.

    edges: by memory, the channels at which classes of theirs begin; cursor: by core kind, the next free burst in each
    channel's address space; operations: how many they have.
    """

    edges: Mapping[str, frozenset[int]] = field(default_factory=dict)
    cursor: Mapping[str, int] = field(default_factory=dict)
    operations: int = 0


NOTHING: Final = Before()


@dataclass(frozen=True)
class Lowered:
    """A program and what lowering knows beside it."""

    program: Program
    state: Lowering
    cores: tuple[str, ...]

    def after(self, before: Before) -> Before:
        """What this phase leaves behind `before`, which it followed."""
        edges = {
            memory: frozenset(each.first for each in classes)
            for memory, classes in self.state.channel_classes.items()
        }
        cursor = {core: max(node.cursor for node in nodes) for core, nodes in self.state.groups.items()}
        operations = before.operations + self.program.n_ops
        return Before({**before.edges, **edges}, {**before.cursor, **cursor}, operations)


def lower_phase(
    machine: Machine,
    operators: Sequence[Operator],
    plan: PhasePlan,
    fold: bool,
    before: Before = NOTHING,
    lasting: dict[Hashable, object] | None = None,
) -> Lowered:
    """Emit the steps of a phase's plan; unfolded, every node and channel is simulated by itself, as they are where the
    values of each node's weights are known.

    Labels of the program are the lines of `operators`, of which the steps are parts, in the order of their lines.
    Channels that phases `before` told apart stay apart. `lasting`: what is known of the same machine at any clock of
    its logic, see `Lowering`.
    """
    fold = fold and not any(
        op.weight_matrix is not None and known(op.weight_matrix.format) for op in operators
    )
    low = Lowering(machine, Places(plan.start), ProgramBuilder(before.operations))
    low.lasting = {} if lasting is None else lasting
    used = _used(machine, plan)
    _declare(low, plan, used, before, fold)
    labels = [[low.builder.label(line.label) for line in op.lines] for op in operators]
    for step in plan.steps:
        label = labels[step.which][step.line]
        if step.op.launched:
            core, home = used[step.plan.core], used[step.plan.home]
            # what starts work inside the DRAM die is a kernel of its host
            _launch(low, core, home if core.in_dram_die else core, step.op, label)
        _bring_home(low, used, step, label)
        EMITTERS.of(step.op)(low, step.plan, step.op, label)
        low.places.apply(step.op, step.plan)
        for sentence in step.plan.notes:
            low.warn(sentence)
        if step.plan.store is not None:
            results = [(tensor, step.plan.tensors[tensor.name]) for tensor in step.op.outputs]
            store(low, used[results[0][1].core], used[step.plan.store], results, label)
    low.shared, low.lasting = {}, {}
    return Lowered(low.builder.build(), low, tuple(used))


def _used(machine: Machine, plan: PhasePlan) -> dict[str, Core]:
    """Core kinds that compute, keep activations or take results."""
    names = [step.plan.core for step in plan.steps] + [step.plan.home for step in plan.steps]
    names += [plan.start.core, *(step.plan.store for step in plan.steps if step.plan.store)]
    return {name: machine.cores[name] for name in names}


def _bring_home(low: Lowering, used: dict[str, Core], step: Step, label: int) -> None:
    """What an operator takes in comes to the core kind where its activations wait."""
    home = used[step.plan.home]
    for source, moved in low.places.missing(step.op.carried, home.name):
        hand_over(low, used[source], home, moved, label)
    low.places.arrive(step.op.carried, home.name, home.nodes)


def _declare(low: Lowering, plan: PhasePlan, used: dict[str, Core], before: Before, fold: bool) -> None:
    """Classes of nodes per core kind, and of channels per memory, from all splits of the phase."""
    ranges = {
        name: classes(core.nodes, [step.plan.split for step in plan.steps if step.plan.core == name], fold)
        for name, core in used.items()
    }
    while (
        fold
        and (finer := {core.name: _alike(core, used.values(), ranges, before) for core in used.values()})
        != ranges
    ):
        ranges = finer
    memories: dict[str, Memory] = {core.memory.name: core.memory for core in used.values()}
    for memory in memories.values():
        cuts = {0, memory.channels, *before.edges.get(memory.name, ())}
        for core in used.values():
            if core.memory is memory:
                cuts |= {edge * core.channels for edges in ranges[core.name] for edge in edges}
        if not fold:
            cuts = set(range(memory.channels + 1))
        edges = sorted(cuts)
        low.add_channels(memory, list(pairwise(edges)))
    for core in used.values():
        low.add_group(core, ranges[core.name])
        for node in low.groups[core.name]:
            node.cursor = before.cursor.get(core.name, 0)


def _alike(
    core: Core, used: Iterable[Core], ranges: dict[str, list[tuple[int, int]]], before: Before
) -> list[tuple[int, int]]:
    """Classes of a core kind's nodes, cut where another kind that taps the same memory or an earlier phase has unlike
    channels."""
    cuts = {edge for edges in ranges[core.name] for edge in edges}
    channels = set(before.edges.get(core.memory.name, ()))
    for other in used:
        if other.memory is core.memory:
            channels |= {edge * other.channels for edges in ranges[other.name] for edge in edges}
    cuts |= {cut for channel in channels for cut in (channel // core.channels, -(-channel // core.channels))}
    return list(pairwise(sorted(cut for cut in cuts if cut <= core.nodes)))


def _launch(low: Lowering, core: Core, starts: Core, op: Operator, label: int) -> None:
    """What comes before a kernel of `core`, at the nodes that begin it."""
    floor = core.spec.floor
    around_s = core.spec.launch + {MatMul: floor.product, Attention: floor.attention}.get(
        type(op), floor.rowwise
    )
    if around_s == 0:
        return
    for node in low.groups[starts.name]:
        cost = [(LAUNCH, round(around_s * FS_PER_S))]
        node.tail = [low.builder.fixed(node.path_delay, label, cost, node.tail)]
