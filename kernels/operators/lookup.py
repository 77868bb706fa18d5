"""Rows of tables that are looked up and added up: embeddings of sparse features."""

from dataclasses import dataclass, replace
from typing import Self

from bankside.kernels.formats.computed import Taken
from bankside.kernels.operators.operator import Operator
from bankside.kernels.operators.tensor import Tensor


@dataclass(frozen=True, slots=True)
class Lookup(Operator):
    """Sums of rows, a bag of them for each result; which rows is data that comes.

    Parameters
    ----------
    label
        The operator's name in reports.
    table
        Weights, shape (tables, rows, columns).
    indices
        Numbers of rows, shape (tables, bags, rows of a bag).
    out
        Sums, shape (tables, bags, columns).
    """

    label: str
    table: Tensor
    indices: Tensor
    out: Tensor

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """What is looked up, and where."""
        return self.table, self.indices

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """The sums."""
        return (self.out,)

    @property
    def tables(self) -> int:
        """Tables, each with bags of its own."""
        return self.table.shape[0]

    @property
    def columns(self) -> int:
        """Elements of a row."""
        return self.table.shape[2]

    @property
    def lookups(self) -> int:
        """Rows that are read of each table."""
        return self.indices.elements // self.tables

    @property
    def weights_bytes(self) -> int:
        """Rows that are read, each as often as it is looked up [byte]."""
        return round(self.tables * self.lookups * self.columns * self.table.format.bits / 8)

    @property
    def macs(self) -> int:
        """None."""
        return 0

    @property
    def flops(self) -> int:
        """An addition of each element that is read, but the first of a bag."""
        return self.tables * self.lookups * self.columns - self.out.elements

    def computed_in(self, taken: Taken) -> Self:
        """Rows as functions of elements read them, sums as they are written."""
        return replace(self, table=self.table.read_in(taken.read), out=self.out.read_in(taken.written))
