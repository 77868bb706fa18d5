"""How many processors, in whole ranks, share a product or a vector.

More of them compute sooner and take longer to launch and to be sent their operands. Each choice is judged by what the
host takes for it and, of vectors, by the loop of the busiest processor; of products by a bound of it, that of its
pipeline, of its slowest tasklet and of its DMA engine.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from bankside.arch.machine.machine import Core
from bankside.arch.machine.offload import OffloadSpec
from bankside.arch.pe.processor.unit import Processor
from bankside.kernels.formats import Format
from bankside.kernels.lower.processors.offload import Elapsed
from bankside.kernels.plan.processor_tiling import Dealt, pair_of, result_byte, sent_byte

Formats = tuple[Format, Format, Format]
Shape = tuple[int, int, int, int]
"""Independent products, and rows, outputs and depth of each."""

FINE = 16
"""Ranks of which one more is not tried where there are many."""

TIMED = 1 << 18
"""Elements of a processor after which a loop goes on as before."""


def processor_of(core: Core) -> tuple[Processor, OffloadSpec]:
    """The unit, and what its host does."""
    unit, offload = core.spec.processor, core.spec.offload
    assert unit is not None and offload is not None
    return unit, offload


def deal_product(core: Core, hub: Core, shape: Shape, formats: Formats, kept_byte: float = 0.0) -> Dealt:
    """The deal that ends first, with results of `kept_byte` bytes that go back to banks; of equal ones that with the
    fewest processors and parts."""

    def time_s(deal: Dealt) -> float:
        return _product_s(Elapsed(core, hub), shape, deal, formats, kept_byte)

    return min(product_deals(core, shape), key=lambda deal: (time_s(deal), deal.processors))


def product_deals(core: Core, shape: Shape) -> Iterator[Dealt]:
    """Products to processors, their outputs and then their depth where there are more processors than products."""
    items, _, n, k = shape
    for used in ranks_of(core):
        if items >= used:
            yield Dealt(used, -(-items // used), n, k)
            continue
        together, parts = used // items, 1
        while parts <= min(together, k):
            over = min(n, together // parts)
            yield Dealt(items * over * parts, 1, -(-n // over), -(-k // parts), parts)
            parts *= 2


def deal_vector(core: Core, elements: int, elapsed: Callable[[Dealt], Elapsed]) -> Dealt:
    """Elements to processors: the deal that ends first by what `elapsed` says of each; of equal ones the smallest."""

    def time_s(deal: Dealt) -> float:
        timed = replace(deal, outputs=min(deal.outputs, TIMED))
        spent = elapsed(timed)
        return spent.host_s + spent.loop_s * deal.outputs / timed.outputs

    used = dict.fromkeys(min(count, elements) for count in all_ranks_of(core))
    deals = [Dealt(count, 1, -(-elements // count)) for count in used]
    return min(deals, key=lambda deal: (time_s(deal), deal.processors))


def ranks_of(core: Core) -> list[int]:
    """Processors of one rank, of twice as many, and so on; of all."""
    _, offload = processor_of(core)
    found, used = [], min(offload.rank, core.count)
    while used < core.count:
        found.append(used)
        used *= 2
    return [*found, core.count]


def all_ranks_of(core: Core) -> list[int]:
    """Processors of every number of ranks up to `FINE`, then in steps of 1 / `FINE` and less; of all."""
    _, offload = processor_of(core)
    found, ranks = [], 1
    while ranks * offload.rank < core.count:
        found.append(ranks * offload.rank)
        ranks += max(1, ranks // FINE)
    return [*found, core.count]


def _product_s(work: Elapsed, shape: Shape, deal: Dealt, formats: Formats, kept_byte: float) -> float:
    unit, (items, m, n, _), (a, b, out) = work.unit, shape, formats
    whole = deal.parts == 1 and items == 1
    work.move("broadcast" if whole else "scatter", deal.processors, sent_byte(m, deal, a))
    work.launch(deal.processors)
    work.move("gather", deal.processors, result_byte(m, deal, out))
    if deal.parts > 1:
        work.add_up(items * m * n * (deal.parts - 1))
    if kept_byte:
        work.move("scatter", deal.processors, kept_byte / deal.processors)
    mac = unit.macs(pair_of(unit, a, b))
    rows = deal.items * deal.outputs
    pipeline = rows * deal.depth * m * mac
    slowest = -(-rows // unit.tasklets) * deal.depth * m * mac * unit.interval
    row_byte = deal.depth * b.bits / 8
    engine = rows * (-(-row_byte // unit.block) * unit.dma.read + row_byte * unit.dma.byte)
    return work.host_s + max(pipeline, slowest, engine) / work.core.spec.clock
