"""Matrix products on cores that read through the tap: tile trains with two buffers per operand."""

from typing import cast

import numpy as np

from bankside.arch.machine.machine import Core
from bankside.arch.pe.product import ProductUnits, Turning
from bankside.kernels.lower.lowering import Lowering, NodeClass
from bankside.kernels.lower.operands import add_up, bring, send_home, write_back
from bankside.kernels.lower.product_tiles import Train, emit_train
from bankside.kernels.operators import MatMul
from bankside.kernels.plan.multipliers import turning_of, units_for
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.partition import Deal, problem_of
from bankside.kernels.plan.tiling import UNITS, Mapping, Problem, ProductTiling


def lower_matmul(low: Lowering, plan: OperatorPlan, op: MatMul, label: int) -> None:
    """Lower one product: operands to the nodes that need them, a tile train on each, results left where they are made.

    Node 0 has the largest share; the others, with at most one product, row, column or slice of depth less, take its
    mapping.
    """
    core, deal = low.machine.cores[plan.core], Deal.of(op, plan.split)
    mapping = cast(ProductTiling, plan.tiling).mapping
    bring(low, core, deal, low.places.latest((op.a,), core.name).placement, label)
    for node in low.groups[core.name]:
        problem = problem_of(core, deal, node.first, plan.streamed)
        if problem.batch == 0:
            continue
        own = mapping.within(problem)
        emit_train(low, core, node, label, Train(problem, own, brought_b=deal.weight_bytes > 0))
        _count(low, core, node, problem, own)
    add_up(low, core, deal, label)
    if deal.sum_bytes and op.out.name in plan.streamed:
        write_back(low, core, deal, label)
    send_home(low, core, deal, label)


def _count(low: Lowering, core: Core, node: NodeClass, problem: Problem, mapping: Mapping) -> None:
    """MACs, operand bytes through the scratchpad for each pass of a tile, and those that several cores share to each of
    them."""
    p, m = problem, mapping
    tile = np.array([[p.m], [p.n], [p.k]], dtype=np.int64)
    unit = UNITS.index(m.unit)
    units = units_for(core, *p.formats, pack=p.pack)
    for slot, counted in units.events(tile, unit).items():
        low.count_unit(core, slot, counted, p.batch * node.count)
    _, m_tiles, n_tiles, _ = m.counts(p)
    turning = turning_of(p.formats, pack=p.pack)
    if any(turning):
        again = Turning(turning.a * n_tiles * m.n_cores, turning.b * m_tiles * m.m_cores, turning.pair)
        counted = {"vector_op": round(float(again.operations(tile).sum()))}
        low.count_unit(core, "vector", counted, p.batch * node.count)
    a_reads, b_reads = _reads(units, p, m)
    read = p.batch * p.k * (p.m * p.a_bytes * a_reads + p.n * p.b_bytes * b_reads)
    low.count_unit(core, "sram", {"sram_read": round(read)}, node.count)
    multicast = core.cache.multicast if m.dealing is not None and core.cache is not None else 1
    further_a, further_b = m.n_cores / multicast - p.a_from_memory, m.m_cores / multicast - 1
    shared = p.batch * p.k * (p.m * p.a_bytes * max(0, further_a) + p.n * p.b_bytes * max(0, further_b))
    low.count_delivered(core, round(shared) * node.count)


def _reads(units: ProductUnits, problem: Problem, mapping: Mapping) -> tuple[int, int]:
    """Reads of an element of either operand at the scratchpads of all cores: the passes of all tiles that want it."""
    _, m_tiles, n_tiles, _ = mapping.counts(problem)
    rows, columns, _ = mapping.extents(problem)
    unit = UNITS.index(mapping.unit)
    whole = units.passes(mapping.mt, mapping.nt, unit)
    last = units.passes(rows - (m_tiles - 1) * mapping.mt, columns - (n_tiles - 1) * mapping.nt, unit)
    a_reads, b_reads = (
        (tiles - 1) * each + end for tiles, each, end in zip((n_tiles, m_tiles), whole, last, strict=True)
    )
    return a_reads * mapping.n_cores, b_reads * mapping.m_cores
