"""Operators on processors in the banks."""

from typing import cast

from bankside.arch.machine.offload import Way
from bankside.arch.pe.processor import loops
from bankside.kernels.formats import Format
from bankside.kernels.lower.lowering import Lowering
from bankside.kernels.lower.pim.banks import Banks
from bankside.kernels.lower.pim.lower import softmax_at_hub
from bankside.kernels.lower.processors.offload import Offload, Offloaded
from bankside.kernels.operators import Attention, MatMul, RowWise, Traversal
from bankside.kernels.operators.attention import MERGE, SCORES, SOFTMAX, VALUES
from bankside.kernels.operators.traversal import TRANSFERS
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.processor_tiling import Dealt, ProcessorTiling, pair_of, result_byte, sent_byte

SUM_BYTE = 8
"""Of a sum of a vector that a processor gives."""


def product(low: Lowering, plan: OperatorPlan, op: MatMul, label: int) -> None:
    """Left operands go to the processors, who have the right ones, and results come back; partial sums are added."""
    ready, (deal,) = _start(low, plan, label)
    items = op.batch // op.shared_b
    shape = items, op.m * op.shared_b, op.n, op.k
    way: Way = "broadcast" if items == 1 and deal.parts == 1 else "scatter"
    _product(ready, way, shape, deal, (op.a.format, op.b.format, op.out.format))
    if deal.parts > 1:
        ready.add_up(items * op.m * op.shared_b * op.n * (deal.parts - 1))
    if op.cached:
        ready.move("scatter", deal.processors, op.out.bytes / deal.processors)
    ready.leave()


def attention(low: Lowering, plan: OperatorPlan, op: Attention, label: int) -> None:
    """Scores come to the host, go through its softmax, and back to the processors that have the values."""
    ready, (scores, sums) = _start(low, plan, label)
    banks = Banks(low, ready.core, ready.hub, label + SOFTMAX)
    items, rows = op.sequences * op.kv_heads, op.group * op.queries
    tokens = max(1, -(-op.score_elements // (items * rows)))
    formats = op.q.format, op.k.format, op.q.format
    ready.label = label + SCORES
    _product(ready, "scatter", (items, rows, tokens, op.d_qk), scores, formats)
    ready.tail = softmax_at_hub(banks, op, ready.tail)
    ready.label = label + VALUES
    _product(ready, "scatter", (items, rows, op.d_v, tokens), sums, formats)
    if sums.parts > 1:
        ready.label = label + MERGE
        ready.add_up(items * rows * op.d_v * (sums.parts - 1))
    ready.leave()


def rowwise(low: Lowering, plan: OperatorPlan, op: RowWise, label: int) -> None:
    """A loop over elements that rest; the host launches it and hears of its end."""
    ready, (deal,) = _start(low, plan, label)
    elementwise(ready, op, deal)
    ready.leave()


def elementwise(ready: Offloaded, op: RowWise, deal: Dealt) -> None:
    """Its launch and its loop."""
    ready.launch(deal.processors)
    done = loops.elementwise(ready.unit, op.function, op.operands, deal.outputs, _of(op.out.format))
    ready.run(done, op.elements / deal.outputs, op.kv_bytes)


def traversal(low: Lowering, plan: OperatorPlan, op: Traversal, label: int) -> None:
    """A loop over a vector that rests, and what comes back of it; or a transfer alone."""
    ready, (deal,) = _start(low, plan, label)
    if op.function in TRANSFERS:
        fmt = op.source.format if op.function == "gather" else op.out.format
        ready.move(cast(Way, op.function), deal.processors, deal.outputs * fmt.bits / 8)
    else:
        traverse(ready, op, deal)
    ready.leave()


def traverse(ready: Offloaded, op: Traversal, deal: Dealt) -> None:
    """Launches, loops, what comes back of all and what goes to all, and what the host adds up."""
    elements, fmt = deal.outputs, _of(op.source.format)
    as_many = op.elements / elements
    ready.launch(deal.processors)
    if op.function in ("select", "unique"):
        kept = {"select": loops.selected, "unique": loops.unique}[op.function]
        done = kept(ready.unit, elements, fmt, op.share)
    else:
        loop = {"sum": loops.summed, "prefix_sum": loops.scanned, "histogram": loops.counted}[op.function]
        done = loop(ready.unit, elements, fmt)
    ready.run(done, as_many, op.kv_bytes)
    back = op.out.bytes if op.function == "histogram" else SUM_BYTE
    ready.move("gather", deal.processors, back)
    if op.function in ("sum", "histogram"):
        ready.add_up(op.out.elements * deal.processors)
    if op.function == "prefix_sum":
        ready.move("scatter", deal.processors, SUM_BYTE)
        ready.launch(deal.processors)
        ready.run(loops.raised(ready.unit, elements, fmt), as_many, op.kv_bytes)


def _product(
    ready: Offload,
    way: Way,
    shape: tuple[int, int, int, int],
    deal: Dealt,
    formats: tuple[Format, Format, Format],
) -> None:
    """Left operands there, the loop of the busiest, results back."""
    items, m, n, k = shape
    a, b, out = formats
    ready.move(way, deal.processors, sent_byte(m, deal, a))
    ready.launch(deal.processors)
    sram = ready.core.spec.sram
    own = m, deal.items * deal.outputs, deal.depth
    done = loops.product(ready.unit, own, pair_of(ready.unit, a, b), sram.size if sram else 0)
    as_many = items * n * k / (deal.items * deal.outputs * deal.depth)
    ready.run(done, as_many, round(items * n * k * b.bits / 8))
    ready.move("gather", deal.processors, result_byte(m, deal, out))


def _start(low: Lowering, plan: OperatorPlan, label: int) -> tuple[Offload, tuple[Dealt, ...]]:
    core, hub = low.machine.cores[plan.core], low.machine.cores[plan.home]
    return Offload(core, hub, low, label), cast(ProcessorTiling, plan.tiling).deals


def _of(fmt: Format) -> tuple[str, float]:
    """Name of what is computed with, and bits of an element."""
    return fmt.computed, float(fmt.bits)
