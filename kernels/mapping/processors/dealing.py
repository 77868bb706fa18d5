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

TIMED = 1 << 18
"""Elements of a processor after which a loop goes on as before."""


def processor_of(core: Core) -> tuple[Processor, OffloadSpec]:
    """The unit, and what its host does."""
    unit, offload = core.spec.processor, core.spec.offload
    assert unit is not None and offload is not None
    return unit, offload


def deal_product(core: Core, shape: Shape, formats: Formats) -> Dealt:
    """The deal that ends first; of equal ones that with the fewest processors and parts."""
    return min(
        product_deals(core, shape), key=lambda deal: (_product_s(core, shape, deal, formats), deal.processors)
    )


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

    used = dict.fromkeys(min(count, elements) for count in ranks_of(core))
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


def _product_s(core: Core, shape: Shape, deal: Dealt, formats: Formats) -> float:
    unit, offload = processor_of(core)
    m, (a, b, out) = shape[1], formats
    whole = deal.parts == 1 and shape[0] == 1
    way = offload.moved("broadcast" if whole else "scatter", deal.processors, sent_byte(m, deal, a))
    back = offload.moved("gather", deal.processors, result_byte(m, deal, out))
    mac = unit.macs(pair_of(unit, a, b))
    rows = deal.items * deal.outputs
    pipeline = rows * deal.depth * m * mac
    slowest = -(-rows // unit.tasklets) * deal.depth * m * mac * unit.interval
    row_byte = deal.depth * b.bits / 8
    engine = rows * (-(-row_byte // unit.block) * unit.dma.read + row_byte * unit.dma.byte)
    kernel_s = max(pipeline, slowest, engine) / core.spec.clock
    return (
        way.call_s + way.serial_s + offload.launch_s(deal.processors) + kernel_s + back.call_s + back.serial_s
    )
