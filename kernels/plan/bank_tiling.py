"""The tiling of products and attention inside the DRAM die."""

from collections.abc import Mapping
from dataclasses import dataclass

Piece = tuple[int, int]
"""Rows and depth of the operand that the buffer of a channel holds at a time."""


@dataclass(frozen=True)
class BankTiling:
    """Pieces of the operands of successive products on a channel, none where each head is one program of its own, and
    what results say of them."""

    pieces: tuple[Piece, ...]
    unit: str
    tile: Mapping[str, int]

    def as_dict(self) -> dict[str, object]:
        """For results and pins."""
        return {"tile": dict(self.tile), "unit": self.unit}
