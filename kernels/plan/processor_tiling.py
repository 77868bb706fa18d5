"""How products and vectors are dealt to processors in the banks."""

from dataclasses import dataclass

from bankside.arch.pe.processor.instructions import BYTE, Pair
from bankside.arch.pe.processor.unit import Processor
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import Format
from bankside.kernels.formats.known import FORMATS

SUM_BITS = 32
"""Results of products leave in no fewer bits than their sums have."""


@dataclass(frozen=True)
class Dealt:
    """What the busiest of `processors` processors has.

    Parameters
    ----------
    processors
        Those with work.
    items
        Independent products, one after the other.
    outputs, depth
        Outputs of each, and how much of the sums; elements of a vector are outputs of depth 1.
    parts
        Processors that share the depth of a product.
    """

    processors: int
    items: int
    outputs: int
    depth: int = 1
    parts: int = 1


@dataclass(frozen=True)
class ProcessorTiling:
    """The deal of an operator, one for each of the launches that it takes."""

    deals: tuple[Dealt, ...]
    unit: str = "processor"

    def as_dict(self) -> dict[str, object]:
        """For results and pins."""
        first = self.deals[0]
        tile = {"n": first.outputs, "k": first.depth}
        return {"tile": tile, "processors": first.processors, "unit": self.unit}


def pair_of(unit: Processor, a: Format, b: Format) -> Pair:
    """Elements of two formats as a processor multiplies them, in the wider of those that it computes in. What is less
    than a byte is unpacked by its instructions; others are turned in one instruction each operation, and sums are
    scaled by routines.

    Raises
    ------
    ConfigError
        If one is of whole numbers and the other is not.
    """
    one, two = FORMATS[a.computed], FORMATS[b.computed]
    if one.kind != two.kind:
        sentence = (
            f"no routine of a processor multiplies {one.name} with {two.name}: give operands of one kind."
        )
        raise ConfigError([sentence])
    each = [fmt.conversion for fmt in (a, b) if fmt.conversion]
    turned = sum(fmt.conversion.per_element for fmt in (a, b) if fmt.conversion and fmt.bits >= BYTE)
    scaled = sum(how.per_pair for how in each)
    wider = max((one, two), key=lambda fmt: fmt.bits).name
    return Pair(wider, (float(a.bits), float(b.bits)), float(turned + scaled * unit.scaling))


def sent_byte(m: int, deal: Dealt, a: Format) -> float:
    """Bytes of left operands of m rows that a processor gets."""
    return float(deal.items * m * deal.depth * a.bits / 8)


def result_byte(m: int, deal: Dealt, out: Format) -> float:
    """Bytes of results or partial sums of m rows that a processor gives."""
    return float(deal.items * m * deal.outputs * max(SUM_BITS, out.bits) / 8)
