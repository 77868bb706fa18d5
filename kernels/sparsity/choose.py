"""The cheapest encoding of a matrix in the order in which a dataflow reads it.

A dataflow reads a matrix in strips: of rows (dot products along the depth), or of columns. An encoding that runs
along the strips is read once. One that runs across them says where the next value lies only to who has read all
before it, so every strip reads the metadata again; where a strip is one with all others there is no difference.
Alternatively each strip is encoded by itself, with a pointer to where it begins.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from bankside.kernels.sparsity.encoding import Encoding, Statistics, index_bits
from bankside.kernels.sparsity.pattern import Bools

Order = Literal["rows", "columns"]


@dataclass(frozen=True)
class Offer:
    """An encoding and how it lies: along which axis, whole or strip by strip.

    Attributes
    ----------
    stored_bits, read_bits
        What it takes in memory, and what one pass of the dataflow reads of it, values included [bit].
    cycles
        Steps of its decoder in one pass [cycle].
    """

    encoding: str
    along: str
    parts: str
    stored_bits: float
    read_bits: float
    cycles: float


def offers(
    encodings: list[Encoding], matrix: Bools | Statistics, bits: int, order: Order, strip: int
) -> list[Offer]:
    """Every encoding, whole and by strips of `strip` rows or columns, the cheapest to read first; of equal ones that
    which is smaller, then that which decodes sooner."""
    found = []
    for encoding in encodings:
        if order == "columns" and encoding.turns and encoding.order == "rows":
            turned = _turned(matrix)
            pair = (
                _whole(encoding, turned, bits, "rows", strip),
                *_parted(encoding, turned, bits, "rows", strip),
            )
            found += [replace(offer, along="columns") for offer in pair]
        else:
            found += [
                _whole(encoding, matrix, bits, order, strip),
                *_parted(encoding, matrix, bits, order, strip),
            ]
    return sorted(found, key=lambda offer: (offer.read_bits, offer.stored_bits, offer.cycles))


def _turned(matrix: Bools | Statistics) -> Bools | Statistics:
    if isinstance(matrix, Statistics):
        return Statistics(matrix.columns, matrix.rows, matrix.density)
    return matrix.T


def _size(encoding: Encoding, matrix: Bools | Statistics, bits: int) -> tuple[float, float, float]:
    """Bits of the metadata and of the values, and steps."""
    if isinstance(matrix, Statistics):
        return encoding.expected_bits(matrix, bits), matrix.nonzeros * bits, encoding.expected_steps(matrix)
    return encoding.metadata_bits(matrix, bits), int(matrix.sum()) * bits, encoding.steps(matrix)


def _lines(matrix: Bools | Statistics, order: Order) -> int:
    rows, columns = (matrix.rows, matrix.columns) if isinstance(matrix, Statistics) else matrix.shape
    return int(rows if order == "rows" else columns)


def _whole(encoding: Encoding, matrix: Bools | Statistics, bits: int, order: Order, strip: int) -> Offer:
    extra, values, steps = _size(encoding, matrix, bits)
    across = encoding.order not in (order, "any")
    passes = -(-_lines(matrix, order) // strip) if across else 1
    along = order if encoding.order == "any" else encoding.order
    return Offer(encoding.name, along, "whole", values + extra, values + passes * extra, passes * steps)


def _parted(
    encoding: Encoding, matrix: Bools | Statistics, bits: int, order: Order, strip: int
) -> list[Offer]:
    """Strips by themselves, each with a pointer; nothing where a strip is found without one, or is all there is."""
    lines = _lines(matrix, order)
    if encoding.order == "any" or strip >= lines:
        return []
    sizes = np.zeros(3)
    for part, count in _strips(matrix, order, strip):
        sizes += count * np.array(_size(encoding, part, bits))
    extra, values, steps = sizes
    total = values + extra
    pointers = -(-lines // strip) * index_bits(total + 1)
    return [Offer(encoding.name, order, "strips", total + pointers, total + pointers, float(steps))]


def _strips(matrix: Bools | Statistics, order: Order, strip: int) -> list[tuple[Bools | Statistics, int]]:
    """Strips of a matrix, each with how many are like it."""
    lines = _lines(matrix, order)
    if isinstance(matrix, Statistics):
        whole, rest = divmod(lines, strip)
        sizes = [(strip, whole)] + ([(rest, 1)] if rest else [])
        if order == "rows":
            return [(Statistics(size, matrix.columns, matrix.density), count) for size, count in sizes]
        return [(Statistics(matrix.rows, size, matrix.density), count) for size, count in sizes]
    cuts = range(0, lines, strip)
    if order == "rows":
        return [(matrix[cut : cut + strip], 1) for cut in cuts]
    return [(matrix[:, cut : cut + strip], 1) for cut in cuts]
