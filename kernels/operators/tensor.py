"""Named arrays that operators read and write."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Literal, TypeAlias

from bankside.kernels.formats import Format

Role: TypeAlias = Literal["weights", "kv", "activation"]
"""Model weights; keys and values of the cache; everything else, which is made and used once."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """An array of numbers in memory or on chip.

    Parameters
    ----------
    name
        What tells it from the other tensors of a phase: operators that name the same tensor share it.
    shape
        Elements along each axis, rows before columns.
    format
        Number format.
    role
        What it is, hence which memory keeps it.
    of
        The tensor that it is a part of (keys appended to a cache, the rows of an expert); a part lies where the whole
        lies, and takes no room of its own beside it.
    """

    name: str
    shape: tuple[int, ...]
    format: Format
    role: Role = "activation"
    of: str | None = None

    @property
    def elements(self) -> int:
        """How many numbers."""
        return prod(self.shape)

    @property
    def columns(self) -> int:
        """Elements of a row."""
        return self.shape[-1]

    @property
    def bytes(self) -> int:
        """Packed without padding [byte]."""
        return self.format.bytes_of(self.elements, self.row)

    @property
    def row(self) -> int:
        """Consecutive elements that blocks do not cross: the inputs of an output of weights, else the last axis."""
        deep = self.role == "weights" and len(self.shape) > 1
        return self.shape[-2 if deep else -1]

    @property
    def rows(self) -> int:
        """Such rows of one matrix."""
        deep = self.role == "weights" and len(self.shape) > 1
        return self.shape[-1] if deep else self.elements // self.row

    @property
    def turned(self) -> float:
        """Operations that turn all of it from its format or into it, where the core that reads or writes it has to."""
        how = self.format.conversion
        return float(how.per_element) * self.elements if how else 0.0

    def read_in(self, supported: Callable[[Format], Format]) -> "Tensor":
        """As a core reads or writes it that has `supported` formats for it, with exact bits an element."""
        return replace(self, format=supported(self.format).in_rows(self.row, self.rows))

    def part(self, name: str, shape: tuple[int, ...]) -> "Tensor":
        """Some of its elements, as an activation."""
        return Tensor(name, shape, self.format, "activation", self.name)
