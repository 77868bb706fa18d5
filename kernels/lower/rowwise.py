"""Norms, activations, residual adds: split over the nodes where the data lies, on the nearest core that runs them."""

from bankside.arch import events as ev
from bankside.arch.causes import FILL_DRAIN, NONLINEAR
from bankside.arch.machine.machine import Core
from bankside.kernels.lower.cost import rowwise_cost
from bankside.kernels.lower.exchange import exchange
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.memory import Tape
from bankside.kernels.operators import FUNCTIONS, RowWise
from bankside.kernels.plan.operator_plan import OperatorPlan

STATISTIC_BYTES = 4  # one fp32 partial sum or maximum per row and node


def lower_rowwise(low: Lowering, plan: OperatorPlan, op: RowWise, label: int) -> None:
    """Lower one function; rows that lie on several nodes, because they are dealt so or because what made them left them
    so, have their statistics summed over the network."""
    core, split = low.machine.cores[plan.core], plan.split
    lying = low.places.latest(op.carried, core.name)
    for node in low.groups[core.name]:
        if split.share(node.first).items:
            _lower_share(low, core, node, plan, op, label)
    spread = lying.width is not None and lying.width % op.cols > 0
    if FUNCTIONS[op.function].reduces and (split.parts > 1 or spread):
        exchange(low, core, label, "all_reduce", op.rows * STATISTIC_BYTES)


def _lower_share(
    low: Lowering, core: Core, node: NodeClass, plan: OperatorPlan, op: RowWise, label: int
) -> None:
    """What one node has of it: operands from memory and weights, the function, results to memory."""
    share = plan.split.share(node.first)
    elements = share.items * share.inner
    fraction = elements / op.elements
    from_memory = any(tensor.name in plan.streamed for tensor in op.carried)
    reads = (op.carried_bytes if from_memory else 0) + op.weights_bytes
    if reads:
        arrived = Tape(low, core, node, label).move(reads * fraction, node.tail if from_memory else [])
        node.tail = [*node.tail, *arrived]
    rows, cols = _per_core(share.items, share.inner, core.cores)
    cycles, exposed, unit = rowwise_cost(core.spec, op.function, rows, cols, op.operands)
    costs = [(NONLINEAR, cycles - exposed), (FILL_DRAIN, exposed)]
    on = node.vector if unit == "vector" else node.nonlinear
    node.tail = [low.builder.fixed(on, label, costs, node.tail)]
    low.count(core.owner, ev.VECTOR_OP if unit == "vector" else ev.NONLINEAR_OP, elements * node.count)
    low.count(core.owner, ev.SRAM_READ, round(op.carried_bytes * fraction) * node.count)
    low.count(core.owner, ev.SRAM_WRITE, round(op.out_bytes * fraction) * node.count)
    if op.out.name in plan.streamed:
        node.tail = Tape(low, core, node, label, write=True).move(op.out_bytes * fraction, node.tail)


def _per_core(rows: int, cols: int, cores: int) -> tuple[int, int]:
    """Largest share of one core: whole rows while there are enough, else parts of rows."""
    if rows >= cores:
        return -(-rows // cores), cols
    return 1, -(-cols // (cores // rows))
