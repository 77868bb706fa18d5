"""Who runs what, how each operator is dealt to nodes, and how its input lies and its results are left."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bankside.arch.machine.machine import Core, Machine
from bankside.arch.pe.unit import SOFTMAX_STEP
from bankside.kernels.lower.attention import attention_split, unfused
from bankside.kernels.lower.lowering import Layout
from bankside.kernels.lower.operands import held, left
from bankside.kernels.lower.rowwise import rowwise_split
from bankside.kernels.mapping.cores import core_for, hub_of
from bankside.kernels.mapping.partition import cheapest
from bankside.kernels.operators import Attention, MatMul, Operator, RowWise
from bankside.kernels.plan.partition import Deal
from bankside.kernels.plan.split import Split


@dataclass(frozen=True)
class Run:
    """An operator, or a part of number `which` of the kernel's.

    core, home: what computes it, and where its activations wait; layout, after: how its input lies there when it
    starts, and its results when it has ended; deal: of products outside the DRAM die; spread: whether each row of a
    row-wise function's input lies over several nodes.
    """

    which: int
    op: Operator
    core: Core
    home: Core
    layout: Layout = "memory"
    after: Layout = "full"
    deal: Deal | None = None
    spread: bool = False

    @property
    def split(self) -> Split:
        """How it is dealt to the nodes of its core kind."""
        op, nodes = self.op, self.core.nodes
        if self.deal is not None:
            return self.deal.split
        if isinstance(op, MatMul):
            return Split(op.batch // op.shared_b, op.n, nodes)
        return attention_split(op, nodes) if isinstance(op, Attention) else rowwise_split(op, nodes)


def plan(
    machine: Machine, operators: Sequence[Operator], room_byte: Mapping[str, float] | None = None
) -> list[Run]:
    """The runs of a phase, in order.

    `room_byte`: what is free of each memory [byte]; without it, what each operator by itself leaves.

    Raises
    ------
    ConfigError
        If no core can run an operator, no tile of it fits, or a pinned split is none that the core has.
    """
    runs = list(_runs(machine, operators))
    planned: list[Run] = []
    where = start_of(machine, runs)
    layout: Layout = "memory"  # of what the last operator left
    shared: Layout = "memory"  # of the last product's input
    width: int | None = None  # columns that a node has of whole rows that lie over several
    room = room_byte or {}
    for i, run in enumerate(runs):
        if where.name != run.home.name:
            where, layout, shared, width = run.home, "full", "full", None
        if isinstance(run.op, MatMul) and not run.core.in_dram_die:
            layout = shared if run.op.same_input else layout
            deal = cheapest(machine, run.core, list(_alike(runs, i)), layout, room.get(run.core.memory.name))
            planned.append(replace(run, layout=layout, after=left(deal), deal=deal))
            shared, width = held(deal, layout), _width(deal)
        elif isinstance(run.op, RowWise):
            spread = layout == "split" and width is not None and width % run.op.cols > 0
            planned.append(replace(run, layout=layout, after=_after(run, layout), spread=spread))
        else:
            planned.append(replace(run, layout=layout, after=_after(run, layout)))
            width = None
        layout = planned[-1].after
    return planned


def _width(deal: Deal) -> int | None:
    """Columns of a product's results that each node has, or one where they are not alike; None where rows are whole."""
    parts = deal.grid["n"]
    if parts == 1:
        return None
    return 1 if deal.op.n % parts else deal.op.n // parts


def start_of(machine: Machine, runs: Sequence[Run]) -> Core:
    """The core at whose memory the phase's input lies: one that can be written."""
    first = runs[0].home
    return machine.primary if first.memory.flash else first


def _runs(machine: Machine, operators: Sequence[Operator]) -> Iterator[Run]:
    """Operators with their cores; attention on a core without a softmax unit becomes its three parts."""
    for which, op in enumerate(operators):
        core = core_for(machine, op)
        parts: tuple[Operator, ...] = (op,)
        if isinstance(op, Attention) and not core.in_dram_die and not core.spec.can(SOFTMAX_STEP):
            parts = unfused(op)
        for part in parts:
            on = core_for(machine, part)
            yield Run(which, part, on, hub_of(machine, on) if on.in_dram_die else on)


def _alike(runs: Sequence[Run], i: int) -> Iterator[tuple[MatMul, bool]]:
    """Product `i` and those that follow on the same input, and whether each is the last of all."""
    for at in range(i, len(runs)):
        op = runs[at].op
        if not isinstance(op, MatMul) or (at > i and not (op.same_input and runs[at].core is runs[i].core)):
            return
        yield op, at == len(runs) - 1 and not runs[at].core.memory.flash


def _after(run: Run, layout: Layout) -> Layout:
    """How results lie of what is no product outside the DRAM die: at the hub of work inside it, split by the heads of
    attention, and of row-wise functions where their input is, or else in the rows that they were dealt."""
    if run.core.in_dram_die:
        return "full"
    if isinstance(run.op, RowWise):
        dealt: Layout = "rows" if run.split.parts == 1 else "split"
        return dealt if layout in ("memory", "full") else layout
    return "split"
