"""How products and vectors are dealt to processors in the banks."""

from dataclasses import dataclass

from bankside.kernels.formats import Format

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


def sent_byte(m: int, deal: Dealt, a: Format) -> float:
    """Bytes of left operands of m rows that a processor gets."""
    return float(deal.items * m * deal.depth * a.bits / 8)


def result_byte(m: int, deal: Dealt, out: Format) -> float:
    """Bytes of results or partial sums of m rows that a processor gives."""
    return float(deal.items * m * deal.outputs * max(SUM_BITS, out.bits) / 8)
