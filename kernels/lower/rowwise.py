"""Norms, activations, residual adds: split over the nodes where the data lies, on the nearest core that runs them."""

import numpy as np

from bankside.arch.causes import NONLINEAR
from bankside.arch.machine.machine import Core
from bankside.arch.pe.core import dealt
from bankside.arch.pe.unit import TILE_CAUSES, Unit
from bankside.kernels.lower.exchange import exchange
from bankside.kernels.lower.lowering import Int64s, Lowering, NodeClass
from bankside.kernels.lower.memory import Tape
from bankside.kernels.lower.turning import turn, unit_of
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
    reads = (op.carried_bytes if from_memory else 0) + op.weights_bytes + op.kv_bytes
    if reads:
        arrived = Tape(low, core, node, label).move(reads * fraction, node.tail if from_memory else [])
        node.tail = [*node.tail, *arrived]
    rows, cols = _per_core(share.items, share.inner, core.cores)
    slot, unit = unit_of(core, op.function)
    costs = function_costs(unit, op.function, (rows, cols, op.operands), elements, core.cores)
    node.tail = turn(low, core, node, label, op.turned_in * fraction, node.tail)
    node.tail = [low.builder.fixed(node.units[slot], label, costs, node.tail)]
    whole = tile(share.items, share.inner, op.operands)
    low.count_unit(core, slot, unit.events(whole, work=op.function), node.count)
    node.tail = turn(low, core, node, label, op.out.turned * fraction, node.tail)
    taken = op.carried_bytes + op.kv_bytes
    moved = {"sram_read": round(taken * fraction), "sram_write": round(op.out_bytes * fraction)}
    low.count_unit(core, "sram", moved, node.count)
    if op.out.name in plan.streamed:
        node.tail = Tape(low, core, node, label, write=True).move(op.out_bytes * fraction, node.tail)


def function_costs(
    unit: Unit, function: str, shape: tuple[int, int, int], together: int, cores: int
) -> list[tuple[int, int]]:
    """Pairs (cause, cycles) of a function on the busiest core's `shape` (rows, columns, operands), of `together`
    elements of `cores` cores."""
    busiest = tile(*shape)
    costs = unit.cycles(busiest, work=function)
    each, last = dealt(costs, busiest[0] * busiest[1], np.array([together]), cores)
    work, fill, *rest = each[0].tolist()
    return list(zip((NONLINEAR, *TILE_CAUSES), (work, fill + int(last[0]), *rest), strict=True))


def tile(rows: int, cols: int, operands: int) -> Int64s:
    """One tile as units take it."""
    return np.array([[rows], [cols], [operands]], dtype=np.int64)


def _per_core(rows: int, cols: int, cores: int) -> tuple[int, int]:
    """Largest share of one core: whole rows while there are enough, else parts of rows."""
    if rows >= cores:
        return -(-rows // cores), cols
    return 1, -(-cols // (cores // rows))
