"""Norms, activations, residual adds: split over the nodes where the data lies, on the nearest core that runs them."""

from bankside.arch import events as ev
from bankside.arch.causes import FILL_DRAIN, NONLINEAR
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.cost import rowwise_cost
from bankside.kernels.lower.exchange import exchange
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.memory import Tape
from bankside.kernels.operators import FUNCTIONS, RowWise
from bankside.kernels.plan.split import Split

STATISTIC_BYTES = 4  # one fp32 partial sum or maximum per row and node


def rowwise_split(op: RowWise, nodes: int) -> Split:
    """Rows to nodes when there are enough of them, else a part of each row to each node."""
    return Split(op.rows, op.cols, nodes)


def lower_rowwise(low: Lowering, core: Core, op: RowWise, label: int, last: bool, spread: bool) -> None:
    """Lower one function; rows that lie on several nodes, because they are dealt so or because what made them left them
    `spread`, have their statistics summed over the network."""
    split = rowwise_split(op, core.nodes)
    from_memory = low.layout == "memory"
    for node in low.groups[core.name]:
        share = split.share(node.first)
        if share.items == 0:
            continue
        elements = share.items * share.inner
        fraction = elements / op.elements
        reads = (op.read_bytes if from_memory else 0) + op.weights_bytes
        if reads:
            arrived = Tape(low, core, node, label).move(reads * fraction, node.tail if from_memory else [])
            node.tail = [*node.tail, *arrived]
        rows, cols = _per_core(share.items, share.inner, core.cores)
        cycles, exposed, unit = rowwise_cost(core.spec, op.function, rows, cols, op.operands)
        costs = [(NONLINEAR, cycles - exposed), (FILL_DRAIN, exposed)]
        on = node.vector if unit == "vector" else node.nonlinear
        node.tail = [low.builder.fixed(on, label, costs, node.tail)]
        low.count(core.owner, ev.VECTOR_OP if unit == "vector" else ev.NONLINEAR_OP, elements * node.count)
        low.count(core.owner, ev.SRAM_READ, round(op.read_bytes * fraction) * node.count)
        low.count(core.owner, ev.SRAM_WRITE, round(op.out_bytes * fraction) * node.count)
        if last:
            node.tail = Tape(low, core, node, label, write=True).move(op.out_bytes * fraction, node.tail)
    if FUNCTIONS[op.function].reduces and (split.parts > 1 or spread):
        exchange(low, core, label, "all_reduce", op.rows * STATISTIC_BYTES)


def _per_core(rows: int, cols: int, cores: int) -> tuple[int, int]:
    """Largest share of one core: whole rows while there are enough, else parts of rows."""
    if rows >= cores:
        return -(-rows // cores), cols
    return 1, -(-cols // (cores // rows))
