"""Matrix products on cores that read through the tap: tile trains with two buffers per operand."""

from typing import NamedTuple, cast

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


class Counts(NamedTuple):
    """What one node counts: events by slot of its units, and bytes that its cores share (`_shared`)."""

    events: list[tuple[str, dict[str, int]]]
    served_byte: int
    delivered_byte: int


def _count(low: Lowering, core: Core, node: NodeClass, problem: Problem, mapping: Mapping) -> None:
    """Count what every node of a class does."""
    key = "counts of a product", core.name, problem, mapping
    counts = low.once(key, lambda: _counts(core, problem, mapping))
    for slot, counted in counts.events:
        low.count_unit(core, slot, counted, node.count)
    low.count_delivered(core, counts.served_byte * node.count, counts.delivered_byte * node.count)


def _counts(core: Core, problem: Problem, mapping: Mapping) -> Counts:
    """MACs, operand bytes through the scratchpad for each pass of a tile, and those that several cores share to each of
    them."""
    p, m = problem, mapping
    tile = np.array([[p.m], [p.n], [p.k]], dtype=np.int64)
    unit = UNITS.index(m.unit)
    units = units_for(core, *p.formats, pack=p.pack)
    found: list[tuple[str, dict[str, int]]] = [
        (slot, {name: p.batch * count for name, count in counted.items()})
        for slot, counted in units.events(tile, unit).items()
    ]
    _, m_tiles, n_tiles, _ = m.counts(p)
    turning = turning_of(p.formats, pack=p.pack)
    if any(turning):
        again = Turning(turning.a * n_tiles * m.n_cores, turning.b * m_tiles * m.m_cores, turning.pair)
        found.append(("vector", {"vector_op": p.batch * round(float(again.operations(tile).sum()))}))
    a_reads, b_reads = _reads(units, p, m)
    read = p.batch * p.k * (p.m * p.a_bytes * a_reads + p.n * p.b_bytes * b_reads)
    found.append(("sram", {"sram_read": round(read)}))
    return Counts(found, *map(round, _shared(core, p, m)))


def _shared(core: Core, problem: Problem, mapping: Mapping) -> tuple[float, float]:
    """Bytes of operands that clusters take from what the cores share, and that cores take, beyond those that memory
    brings. A cluster shares the larger side of its tiles, with as many cores as want it."""
    p, m = problem, mapping
    side_a, side_b = m.mt * p.a_bytes, m.nt * p.b_bytes
    multicast = core.cache.multicast if m.dealing is not None and core.cache is not None else 1
    together = (1, min(multicast, m.m_cores)) if side_b >= side_a else (min(multicast, m.n_cores), 1)
    from_memory = (m.dealing.a_reads, m.dealing.b_reads) if m.dealing is not None else (1.0, 1.0)
    served = delivered = 0.0
    for byte, cores, cluster, first in (
        (p.m * p.a_bytes, m.n_cores, together[0], from_memory[0] * p.a_from_memory),
        (p.n * p.b_bytes, m.m_cores, together[1], from_memory[1]),
    ):
        served += byte * max(0.0, cores / cluster - first)
        delivered += byte * max(0.0, cores - first)
    return p.batch * p.k * served, p.batch * p.k * delivered


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
