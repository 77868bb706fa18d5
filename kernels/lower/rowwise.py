"""Norms, activations, residual adds: split over the nodes where the data lies, on the nearest core that runs them.

A function that passes over its rows more than once finds them again in scratchpads, a shared cache, or memory. Between
two passes over a row of its own every core goes over all rows that it has at work, and all cores do so at once. What is
gone over in the same order again and again lies in a store whole, or, where that replaces the oldest first, not at all.
A core without a scratchpad is taken to keep its rows.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from bankside.arch.causes import NONLINEAR, SRAM_BANDWIDTH
from bankside.arch.machine.machine import Core
from bankside.arch.pe.core import dealt
from bankside.arch.pe.nonlinear.functions import NORMS
from bankside.arch.pe.unit import TILE_CAUSES, Unit
from bankside.kernels.lower.exchange import exchange
from bankside.kernels.lower.lowering import Int64s, Lowering, NodeClass
from bankside.kernels.lower.memory import Tape
from bankside.kernels.lower.turning import turn, unit_of
from bankside.kernels.operators import FUNCTIONS, RowWise
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.split import Share

STATISTIC_BYTES = 4  # one fp32 partial sum or maximum per row and node
KIB: Final = 1024


class Again(NamedTuple):
    """Passes over operands after the first that read memory, and that read the cache of all cores; `at_work`: bytes of
    the rows that a core has at work."""

    memory: int = 0
    cache: int = 0
    at_work: int = 0


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
    rows, cols = _per_core(share.items, share.inner, core.cores)
    slot, unit = unit_of(core, op.function)
    element_byte = op.carried_bytes / op.elements
    again = read_again(core, unit, op.function, (rows, cols), element_byte) if from_memory else Again()
    carried = op.carried_bytes * (1 + again.memory) if from_memory else 0
    reads = carried + op.weights_bytes + op.kv_bytes
    if reads:
        arrived = Tape(low, core, node, label).move(reads * fraction, node.tail if from_memory else [])
        node.tail = [*node.tail, *arrived]
    if again.memory:
        low.warn(_sentence(op.label, core, again))
    repeated = round(op.carried_bytes * again.cache * fraction) * node.count
    low.count_delivered(core, repeated, repeated)
    alike = "function", core.name, op.function, op.operands, share
    costs, counted = low.once(alike, lambda: _work(core, op, share))
    if cached := cache_cycles(core, again, rows * cols * element_byte):
        costs = [*costs, (SRAM_BANDWIDTH, max(0, cached - sum(cycles for _, cycles in costs)))]
    node.tail = turn(low, core, node, label, op.turned_in * fraction, node.tail)
    node.tail = [low.builder.fixed(node.units[slot], label, costs, node.tail)]
    low.count_unit(core, slot, counted, node.count)
    node.tail = turn(low, core, node, label, op.out.turned * fraction, node.tail)
    taken = op.carried_bytes + op.kv_bytes
    moved = {"sram_read": round(taken * fraction), "sram_write": round(op.out_bytes * fraction)}
    low.count_unit(core, "sram", moved, node.count)
    if op.out.name in plan.streamed:
        node.tail = Tape(low, core, node, label, write=True).move(op.out_bytes * fraction, node.tail)


def _work(core: Core, op: RowWise, share: Share) -> tuple[list[tuple[int, int]], Mapping[str, int]]:
    """Costs of the function on the busiest core of a node, and what all its cores count."""
    _, unit = unit_of(core, op.function)
    shape = *_per_core(share.items, share.inner, core.cores), op.operands
    costs = function_costs(unit, op.function, shape, share.items * share.inner, core.cores)
    return costs, unit.events(tile(share.items, share.inner, op.operands), work=op.function)


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


def read_again(core: Core, unit: Unit, function: str, shape: tuple[int, int], element_byte: float) -> Again:
    """What passes read of rows that came from memory, where the busiest core has a `shape` (rows, columns) of them."""
    more = unit.row_passes(function) - 1
    sram = core.spec.sram
    if not more or sram is None:
        return Again()
    stated = core.spec.rows.norm if function in NORMS else core.spec.rows.softmax
    rows, cols = shape
    at_work = round(min(rows, stated) * cols * element_byte)
    if at_work * (core.cores if sram.shared else 1) <= sram.size:
        return Again(at_work=at_work)
    if core.cache is not None and at_work * core.cores <= core.cache.size:
        return Again(cache=more, at_work=at_work)
    return Again(memory=more, at_work=at_work)


def cache_cycles(core: Core, again: Again, byte: float) -> int:
    """Cycles in which the cache gives the busiest core what it reads again of `byte` bytes."""
    if not again.cache:
        return 0
    assert core.cache is not None
    return int(np.ceil(again.cache * byte / core.cache.rate(core.cores, core.spec.clock)))


def _sentence(label: str, core: Core, again: Again) -> str:
    """What a result says of rows that do not stay on chip."""
    return (
        f"{label}: the rows that a core of {core.name} has at work, {again.at_work / KIB:.6g} KiB, "
        f"do not stay on chip; memory is read {1 + again.memory} times."
    )
